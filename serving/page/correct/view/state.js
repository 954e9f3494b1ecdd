// State of the view: the article as the server last gave it, the queue, and where the user is.

const DOCUMENT_KEY = "yiwen_correct";

const NEXT_VERDICT = { no: "yes", yes: "edge", edge: "no" };

let themes = [];        // key and name of every theme of the model in use, as of the last reply
let state = null;       // the article as the server last gave it
let chars = [];         // its text by code points, as the server counts
let queue = { left: 0, waiting: [], queued: false };
let own = [];           // themes that people made and the model does not know yet, with their counts
let position = 0;       // number of the current sentence
let open = null;        // the figure in the form: {start, end}, or a draft
let draft = null;
let status = { kind: "", text: "" };
let events = null;
let trail = [];         // articles that were left, the last one last
let chain = Promise.resolve();
let drawn = [];

const slice = (start, end) => chars.slice(start, end).join("");

const verdict = (marked, theme) =>
  marked.themes.includes(theme) ? "yes" : marked.borderline.includes(theme) ? "edge" : "no";
const sentence = () => state?.sentences[position] ?? null;
const holds = (s, f) => s.start <= f.start && f.start < s.end;

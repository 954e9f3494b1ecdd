// The view of 校正. Text reaches the page as text only: everything is made by `h`.
const root = element.querySelector(".yc");
const language = document.documentElement.dataset.yiwen === "en" ? "en" : "zh";
const words = props.words[language];
const KEPT = "yiwen_correct";
const TYPING = "input, textarea, select, [contenteditable=true]";
const NEXT = { no: "yes", yes: "edge", edge: "no" };
const MARKS = { yes: "✓", edge: "?", no: "" };
const BOUNDS = ["", "≥", "≤", "~"];

let themes = [];        // key and name of every theme of the model in use, as of the last reply
let state = null;       // the article as the server last gave it
let chars = [];         // its text by code points, as the server counts
let queue = { left: 0, waiting: [], queued: false };
let at = 0;             // number of the current sentence
let open = null;        // the figure in the form: {start, end}, or a draft
let draft = null;
let status = { kind: "", text: "" };
let events = null;
let trail = [];         // articles that were left, the last one last
let chain = Promise.resolve();
let drawn = [];

function h(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

const fill = (key, values) => Object.entries(values).reduce(
  (text, [name, value]) => text.replace(`{${name}}`, value), words[key]);
const slice = (start, end) => chars.slice(start, end).join("");
const clock = (iso) => new Date(iso).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
const day = (iso) => `${new Date(iso).getMonth() + 1}/${new Date(iso).getDate()} ${clock(iso)}`;
const verdict = (marked, theme) =>
  marked.themes.includes(theme) ? "yes" : marked.borderline.includes(theme) ? "edge" : "no";
const sentence = () => state?.sentences[at] ?? null;
const holds = (s, f) => s.start <= f.start && f.start < s.end;

// One request after another, so that each is made from what the one before it left.
function send(make) {
  chain = chain.then(async () => {
    const ask = make();
    if (!ask) return;
    say("busy", words.saving);
    const reply = await server.correct_article(ask);
    if (!reply) say("bad", words.lost);
    else take(ask, reply);
  }).catch((error) => { say("bad", words.lost); console.error(error); });
  return chain;
}

function takeThemes(reply) {
  const entries = Object.entries(reply.themes);
  if (JSON.stringify(entries) === JSON.stringify(themes)) return;
  themes = entries;
  drawn = [];
  draw();
}

function take(ask, reply) {
  takeThemes(reply);
  if (reply.file) {
    window.yiwen.save(reply.file);
    return say("good", fill("exported", { n: reply.count }));
  }
  if (reply.history) { events = reply.history; settle(); return drawSide(); }
  if (reply.people) return fillExport(reply);
  if (reply.waiting) queue = { left: reply.left, waiting: reply.waiting, queued: reply.queued };
  if ("state" in reply) {
    const isOther = reply.state?.document !== state?.document;
    if (isOther && state && ask.do !== "undo") trail.push(state.document);
    state = reply.state;
    if (isOther) { at = 0; open = draft = events = null; drawn = []; }
    chars = state ? Array.from(state.text) : [];
    if (state) sessionStorage.setItem(KEPT, state.document);
    else sessionStorage.removeItem(KEPT);
  }
  if (reply.draft) { draft = reply.draft; open = reply.draft; }
  if (reply.pick) { draft = null; open = { start: reply.pick[0], end: reply.pick[1] }; }
  if (ask.change?.what === "figure" && !reply.error) draft = null;
  if (ask.change?.what === "drop" && !reply.error) open = draft = null;
  if (reply.error) say("bad", reply.error);
  else if (reply.state?.told) say("told", reply.state.told);
  else if (ask.do === "accept") say("good", fill("accepted", { time: clock(new Date().toISOString()) }));
  else if (ask.do === "leave") say("good", words.left_queue);
  else settle();
  events = ask.do === "open" ? null : events;
  if (ask.do === "open" && reply.error && ask.document) load(null);
  draw();
  if (reply.pick || reply.draft) root.querySelector(".yc-form input")?.focus();
}

function settle() {
  if (state?.at) say("good", fill(state.done ? "saved_done" : "saved", { time: clock(state.at) }));
  else say("", "");
}

const about = (more) => (state ? { document: state.document, seen: state.number, ...more } : null);
const load = (document) => send(() => ({ do: "open", document }));
const change = (make) => send(() => { const made = state && make(); return made && about({ do: "change", change: made }); });
const turnTheme = (theme, of) => change(() => {
  const marked = of === null ? state : state.sentences[of];
  return marked && { what: "theme", theme, answer: NEXT[verdict(marked, theme)], sentence: of === null ? null : marked.start };
});
const turnKey = (of) => change(() => {
  const marked = state.sentences[of];
  return marked && { what: "key", sentence: marked.start, key: !marked.key };
});
const turnPrimary = (theme) => change(() => ({ what: "primary", theme: state.primary === theme ? null : theme }));
const undo = () => send(() => about({ do: "undo" }));
const accept = () => send(() => about({ do: "accept" }));
const leave = () => send(() => state && !state.done && about({ do: queue.queued ? "leave" : "return" }));
const goBack = () => { const last = trail.pop(); if (last !== undefined) load(last).then(() => trail.pop()); };
const goOn = () => send(() => {
  const places = queue.waiting.map((w) => w.document);
  const next = places[places.indexOf(state?.document) + 1] ?? places[0];
  return next === undefined ? null : { do: "open", document: next };
});

function move(step) {
  if (!state) return;
  at = Math.min(Math.max(at + step, 0), state.sentences.length - 1);
  drawSentences();
}

// Offsets into the text, by code points, of what is selected in the article.
function selected() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  const ends = [[range.startContainer, range.startOffset], [range.endContainer, range.endOffset]].map(([node, offset]) => {
    const body = (node.nodeType === 1 ? node : node.parentElement)?.closest(".yc-body");
    if (!body || !root.contains(body)) return null;
    const before = document.createRange();
    before.setStart(body, 0);
    before.setEnd(node, offset);
    return Number(body.dataset.start) + Array.from(before.toString()).length;
  });
  return ends.includes(null) || ends[0] >= ends[1] ? null : { start: ends[0], end: ends[1] };
}

function addSelected() {
  const place = selected();
  if (!place) return say("bad", words.select_first);
  getSelection().removeAllRanges();
  send(() => about({ do: "figure", ...place }));
}

function say(kind, text) {
  status = { kind, text };
  const line = root.querySelector(".yc-status");
  if (line) { line.className = `yc-status yc-${kind}`; line.textContent = text; }
}

function press(act) {
  return (event) => { event.preventDefault(); act(); root.focus({ preventScroll: true }); };
}

function chip(marked, [key, name], number, act) {
  const answer = verdict(marked, key);
  return h("button", {
    type: "button", class: `yc-chip yc-${answer} yw-${number % 6}`, "data-theme": key, "data-answer": answer,
    title: `${name}：${words[answer]}`, "aria-label": `${name}：${words[answer]}`, onclick: press(act),
  }, h("kbd", {}, String(number + 1)), name, h("b", {}, MARKS[answer]));
}

function drawQueue() {
  const items = queue.waiting.map((w) => h("li", {},
    h("button", {
      type: "button", class: "yc-item", "aria-current": String(w.document === state?.document),
      onclick: press(() => load(w.document)),
    }, h("span", {}, w.title), h("small", {}, words[`reason_${w.reason}`] + (w.source ? ` · ${w.source}` : "")))));
  const more = queue.left - queue.waiting.length;
  return h("aside", { class: "yc-queue" },
    h("h3", {}, words.queue, h("b", { class: "yc-left" }, fill("left", { n: queue.left }))),
    h("ol", {}, items), more > 0 && h("p", { class: "yc-note" }, fill("more", { n: more })));
}

function drawHead() {
  const facts = [state.date, state.source, state.model].filter(Boolean).join(" · ");
  return h("header", { class: "yc-head" },
    h("div", { class: "yc-title" }, h("h2", {}, state.title || slice(0, 30)), h("p", { class: "yc-note" }, facts)),
    h("div", { class: "yc-acts" }, h("span", { class: "yc-note yc-count" }, fill("left", { n: queue.left })),
      h("button", { type: "button", disabled: !trail.length, onclick: press(goBack) }, words.back),
      h("button", { type: "button", onclick: press(goOn) }, words.skip),
      h("button", { type: "button", disabled: !state.number, onclick: press(undo) }, words.undo),
      !state.done && h("button", { type: "button", class: "yc-leave", onclick: press(leave) }, queue.queued ? words.leave : words.return),
      h("button", { type: "button", class: "yc-go", onclick: press(accept) }, words.accept)),
    h("div", { class: "yc-whole", role: "group", "aria-label": words.whole },
      themes.map((theme, n) => h("span", { class: "yc-theme" },
        chip(state, theme, n, () => turnTheme(theme[0], null)),
        h("small", { class: state.review.includes(theme[0]) ? "yc-band" : "" }, score(theme[0])),
        state.themes.includes(theme[0]) && h("button", {
          type: "button", class: "yc-primary", "aria-pressed": String(state.primary === theme[0]),
          onclick: press(() => turnPrimary(theme[0])),
        }, words.primary)))));
}

function score(key) {
  const value = state.scores[key];
  if (value === undefined) return "";
  const shown = `${Math.round(Math.min(Math.max(value, 0.01), 0.99) * 100)}%`;
  return state.review.includes(key) ? `${shown} ${words.in_band}` : shown;
}

function body(s) {
  const parts = [];
  let from = s.start;
  for (const f of state.figures.filter((one) => holds(s, one))) {
    parts.push(slice(from, f.start), h("mark", {
      class: open?.start === f.start ? "yc-figure yc-open" : "yc-figure",
      onclick: () => { open = f; draft = null; draw(); },
    }, slice(f.start, f.end)));
    from = f.end;
  }
  parts.push(slice(from, Math.max(s.end, from)));
  return h("p", { class: "yc-body", "data-start": s.start }, parts);
}

function drawSentence(s, n) {
  const isHere = n === at;
  const shown = themes.map((theme, i) => [theme, i]).filter(([theme]) => isHere || verdict(s, theme[0]) !== "no");
  return h("li", {
    class: `yc-sentence${isHere ? " yc-here" : ""}${s.key ? " yc-key" : ""}`, "data-n": n,
    onclick: (event) => {
      if (event.target.closest("button") || !getSelection().isCollapsed) return;
      if (at !== n) { at = n; drawSentences(); }
    },
  }, body(s), (isHere || shown.length > 0 || s.key) && h("div", { class: "yc-marks" },
    shown.map(([theme, i]) => chip(s, theme, i, () => { at = n; turnTheme(theme[0], n); })),
    (isHere || s.key) && h("button", {
      type: "button", class: "yc-chip yc-keybutton", "aria-pressed": String(s.key),
      onclick: press(() => { at = n; turnKey(n); }),
    }, h("kbd", {}, "S"), words.key, h("b", {}, s.key ? MARKS.yes : "")),
    isHere && h("button", { type: "button", class: "yc-chip yc-add", onmousedown: (e) => e.preventDefault(), onclick: addSelected },
      h("kbd", {}, "F"), words.add_figure)));
}

// Only sentences that look otherwise than before are made anew.
function drawSentences() {
  const list = root.querySelector(".yc-list");
  if (!list || !state) return;
  const looks = state.sentences.map((s, n) => JSON.stringify(
    [s, n === at, state.figures.filter((f) => holds(s, f)), holds(s, open ?? { start: -1 })]));
  looks.forEach((look, n) => {
    if (drawn[n] === look && list.children[n]) return;
    const made = drawSentence(state.sentences[n], n);
    if (list.children[n]) list.children[n].replaceWith(made);
    else list.append(made);
  });
  while (list.children.length > looks.length) list.lastChild.remove();
  drawn = looks;
  const here = list.children[at];
  const pane = root.querySelector(".yc-pane");
  if (!here) return;
  if (pane.scrollHeight > pane.clientHeight + 4) {
    const top = here.offsetTop - pane.offsetTop;
    if (top < pane.scrollTop) pane.scrollTop = top - 8;
    else if (top + here.offsetHeight > pane.scrollTop + pane.clientHeight) pane.scrollTop = top + here.offsetHeight - pane.clientHeight + 8;
  }
}

function figureForm(f) {
  const isDraft = draft !== null;
  const values = Object.fromEntries(["indicator", "value", "unit", "kind", "bound", "year"].map((name) => [name, f[name]]));
  const place = { start: f.start, end: f.end };
  const keep = (name) => (event) => {
    values[name] = event.target.value;
    if (draft) draft = { ...draft, ...values };
    if (!draft || values.value.trim()) change(() => ({ what: "figure", ...place, ...values }));
  };
  const input = (name, size) => h("label", {}, words[name],
    h("input", { value: f[name], size, name, autocomplete: "off", onchange: keep(name) }));
  const choose = (name, options) => {
    const box = h("select", { name, onchange: keep(name) }, options.map(([value, text]) => h("option", { value }, text)));
    box.value = f[name];
    return h("label", {}, words[name], box);
  };
  return h("div", { class: "yc-form", "data-start": f.start, "data-draft": isDraft },
    h("p", { class: "yc-note" }, isDraft ? words.fill_in : words.editing, h("b", {}, slice(f.start, f.end))),
    input("indicator", 18), input("value", 8), input("unit", 5),
    choose("kind", Object.entries(props.kinds).map(([value, text]) => [value, words[`kind_${value}`] ?? text])),
    choose("bound", BOUNDS.map((b) => [b, b || words.exact])), input("year", 4),
    h("div", { class: "yc-formacts" },
      h("button", { type: "button", class: "yc-drop", onclick: press(() => {
        if (isDraft) { open = draft = null; draw(); } else change(() => ({ what: "drop", ...place }));
      }) }, words.drop),
      h("button", { type: "button", onclick: press(() => { open = draft = null; draw(); }) }, words.close)));
}

const describe = (f) => [h("b", {}, slice(f.start, f.end)), h("span", {}, f.indicator || words.no_indicator),
  h("small", {}, [words[`kind_${f.kind}`], f.bound, f.year].filter(Boolean).join(" "))];

function drawFigures() {
  const rows = state.figures.map((f) => {
    const isOpen = !draft && open?.start === f.start && open?.end === f.end;
    const show = () => { open = isOpen ? null : f; draft = null; at = Math.max(0, state.sentences.findIndex((s) => holds(s, f))); draw(); };
    return h("li", {}, h("button", {
      type: "button", class: "yc-row", "data-start": f.start, "aria-expanded": String(isOpen), onclick: press(show),
    }, describe(f)), isOpen && figureForm(f));
  });
  const typed = h("input", {
    class: "yc-typed", placeholder: words.typed, "aria-label": words.typed,
    onkeydown: (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      const text = event.target.value;
      if (text.trim()) send(() => about({ do: "figure", typed: text, start: sentence()?.start ?? 0 }));
    },
  });
  return h("section", {}, h("h3", {}, fill("figures", { n: state.figures.length })),
    h("ol", { class: "yc-figures" }, rows), draft && figureForm(draft), typed);
}

function drawSummary() {
  const keys = state.sentences.filter((s) => s.key);
  const n = keys.reduce((sum, s) => sum + s.end - s.start, 0);
  return h("section", {}, h("h3", {}, words.summary, h("small", { class: n > 150 ? "yc-band" : "" }, fill("summary_chars", { n, of: keys.length }))),
    h("p", { class: "yc-summary" }, keys.map((s) => slice(s.start, s.end)).join("") || words.no_summary));
}

function drawHistory() {
  const list = (events ?? []).slice().reverse().map((e) => h("li", {}, `${day(e.at)} ${e.by} ${e.what}`));
  const box = h("details", { class: "yc-history", open: events !== null }, h("summary", {}, words.history), h("ol", {}, list));
  box.addEventListener("toggle", () => {
    if (box.open && events === null) send(() => about({ do: "history" }));
    if (!box.open) events = null;
  });
  return box;
}

function drawSide() {
  const side = root.querySelector(".yc-side");
  if (!side || !state) return;
  // A form in which somebody is typing stays as it is; what it saved shows in its row.
  const form = side.querySelector(".yc-form:focus-within:not([data-draft])");
  const held = form && !draft && state.figures.find((f) => f.start === open?.start && String(f.start) === form.dataset.start);
  if (held) return side.querySelector(`.yc-row[data-start="${held.start}"]`).replaceChildren(...describe(held));
  const focused = side.querySelector(".yc-form :focus")?.name;
  side.replaceChildren(drawFigures(), drawSummary(), drawHistory());
  if (focused) side.querySelector(`.yc-form [name=${focused}]`)?.focus();
}

const exporter = h("details", { class: "yc-export" });
function drawExport() {
  const person = h("select", { name: "by" }, h("option", { value: "*" }, words.everyone));
  const since = h("input", { type: "date", name: "since" });
  const all = h("input", { type: "checkbox", name: "unaccepted" });
  const ask = (format) => send(() => ({
    do: "export", format, by: person.value === "*" ? null : person.value, since: since.value, unaccepted: all.checked,
  }));
  exporter.append(h("summary", {}, words.export), h("p", { class: "yc-note yc-counts" }),
    h("div", { class: "yc-filters" }, h("label", {}, words.by, person), h("label", {}, words.since, since), h("label", {}, all, words.unaccepted)),
    h("div", { class: "yc-acts" }, [["jsonl", "JSON Lines"], ["doccano", "doccano"], ["labelstudio", "Label Studio"]].map(
      ([format, name]) => h("button", { type: "button", "data-format": format, onclick: press(() => ask(format)) }, name))));
  exporter.addEventListener("toggle", () => exporter.open && send(() => ({ do: "people" }))
    .then(() => exporter.scrollIntoView({ block: "end" })));
}

function fillExport(reply) {
  const person = exporter.querySelector("[name=by]");
  const chosen = person.value;
  person.replaceChildren(h("option", { value: "*" }, words.everyone),
    ...reply.people.map((name) => h("option", { value: name }, name || words.nobody)));
  if ([...person.options].some((option) => option.value === chosen)) person.value = chosen;
  exporter.querySelector(".yc-counts").textContent = fill("counts", { n: reply.accepted, open: reply.open });
  settle();
}

function drawEmpty() {
  return h("main", { class: "yc-main yc-empty" }, h("b", {}, trail.length ? words.all_done : words.empty),
    ["empty_1", "empty_2", "empty_3"].map((key) => h("p", {}, words[key])),
    h("button", { type: "button", class: "yc-go", onclick: () => {
      const add = document.querySelector("#correct-add");
      if (!add?.querySelector("#correct-run")?.offsetParent) add?.querySelector("button")?.click();
      add?.scrollIntoView({ behavior: "smooth" });
    } }, words.add),
    trail.length > 0 && h("button", { type: "button", onclick: press(goBack) }, words.back));
}

function draw() {
  if (state && root.dataset.document === String(state.document)) {
    root.querySelector(".yc-queue").replaceWith(drawQueue());
    root.querySelector(".yc-head").replaceWith(drawHead());
    drawSide();
    return drawSentences();
  }
  const bar = h("div", { class: "yc-bar" },
    h("span", { class: `yc-status yc-${status.kind}`, role: "status" }, status.text),
    state && h("span", { class: "yc-help" }, words.help));
  root.dataset.document = state?.document ?? "";
  drawn = [];
  if (state) {
    root.replaceChildren(drawQueue(), h("main", { class: "yc-main" }, drawHead(),
      h("div", { class: "yc-pane" }, h("ol", { class: "yc-list" })), bar), h("aside", { class: "yc-side" }), exporter);
  } else {
    root.replaceChildren(drawEmpty(), bar, exporter);
  }
  drawSide();
  drawSentences();
}

const KEYS = {
  KeyJ: () => move(1), ArrowDown: () => move(1), KeyK: () => move(-1), ArrowUp: () => move(-1),
  KeyS: () => turnKey(at), KeyF: addSelected, KeyZ: undo, Enter: accept, KeyX: leave, KeyN: goOn, KeyP: goBack,
};

function onKey(event) {
  if (!root.isConnected || root.offsetParent === null || !state) return;
  const target = event.target.closest ? event.target : document.body;
  if (target.closest(TYPING)) {
    if (event.key === "Escape" && root.contains(target)) root.focus({ preventScroll: true });
    return;
  }
  if (event.altKey || event.isComposing) return;
  if ((event.ctrlKey || event.metaKey) && event.code !== "KeyZ") return;
  if (["Enter", "Space"].includes(event.code) && target.closest("button:not([role=tab]), summary, a")) return;
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
  const theme = digit && themes[digit[1] - 1];
  const act = theme ? () => turnTheme(theme[0], event.shiftKey ? null : at) : KEYS[event.code];
  if (!act || (event.shiftKey && !digit) || (event.repeat && !["KeyJ", "KeyK", "ArrowDown", "ArrowUp"].includes(event.code))) return;
  event.preventDefault();
  root.focus({ preventScroll: true });
  act();
}

// The component may be made anew; what the one before it listened to ends with it.
window.yiwenCorrect?.abort();
window.yiwenCorrect = new AbortController();
const { signal } = window.yiwenCorrect;
const current = () => Number(sessionStorage.getItem(KEPT)) || null;
document.addEventListener("keydown", onKey, { signal });
window.addEventListener("yiwen-queue", () => load(current()).then(() => {
  root.scrollIntoView({ block: "start" });
  root.focus({ preventScroll: true });
}), { signal });
window.addEventListener("yiwen-correct", (event) => load(event.detail), { signal });
new IntersectionObserver((entries) => {
  if (entries.some((entry) => entry.isIntersecting) && !state) load(current());
}).observe(root);
drawExport();
draw();

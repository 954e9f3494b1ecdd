// Requests to the server, and the changes that a reply makes to the view.

// Requests run one after another, so that each is made from the state that its predecessor left.
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
  if (reply.kind === "export") {
    window.yiwen.save(reply.file);
    say("good", fill("exported", { n: reply.count }));
  } else if (reply.kind === "history") {
    events = reply.history;
    settle();
    drawSide();
  } else if (reply.kind === "people") {
    fillExport(reply);
  } else {
    if (reply.kind === "article") takeQueue(ask, reply);
    else if (reply.state) takeArticle(ask, reply.state);
    report(ask, reply);
    events = ask.do === "open" ? null : events;
    if (ask.do === "open" && reply.error && ask.document) load(null);
    draw();
    if (reply.pick || reply.draft) root.querySelector(".yc-form input")?.focus();
  }
}

function takeQueue(ask, reply) {
  queue = { left: reply.left, waiting: reply.waiting, queued: reply.queued };
  own = reply.own;
  takeArticle(ask, reply.state);
  if (reply.draft) { draft = reply.draft; open = reply.draft; }
  if (reply.pick) { draft = null; open = { start: reply.pick[0], end: reply.pick[1] }; }
  if (ask.change?.what === "figure") draft = null;
  if (ask.change?.what === "drop") open = draft = null;
}

function takeArticle(ask, article) {
  const isOther = article?.document !== state?.document;
  if (isOther && state && ask.do !== "undo") trail.push(state.document);
  state = article;
  if (isOther) { position = 0; open = draft = events = null; drawn = []; }
  chars = state ? Array.from(state.text) : [];
  if (state) sessionStorage.setItem(DOCUMENT_KEY, state.document);
  else sessionStorage.removeItem(DOCUMENT_KEY);
}

// Sets the status line after a reply.
function report(ask, reply) {
  if (reply.error) say("bad", reply.error);
  else if (reply.state?.notice) say("notice", reply.state.notice);
  else if (ask.do === "accept") say("good", fill("accepted", { time: clock(new Date().toISOString()) }));
  else if (ask.do === "leave") say("good", words.left_queue);
  else settle();
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
  return marked && { what: "theme", theme, answer: NEXT_VERDICT[verdict(marked, theme)], sentence: of === null ? null : marked.start };
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

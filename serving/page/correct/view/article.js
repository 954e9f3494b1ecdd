// Drawing of the queue, the head of the article and its sentences.

function drawQueue() {
  const items = queue.waiting.map((w) => h("li", {},
    h("button", {
      type: "button", class: "yc-item", "aria-current": String(w.document === state?.document),
      onclick: press(() => load(w.document)),
    }, h("span", {}, w.title), h("small", {}, words[`reason_${w.reason}`] + (w.source ? ` · ${w.source}` : "")))));
  const more = queue.left - queue.waiting.length;
  return h("aside", { class: "yc-queue" },
    h("h3", {}, words.queue, h("b", { class: "yc-left" }, fill("left", { n: queue.left }))),
    h("ol", {}, items), more > 0 && h("p", { class: "yc-note" }, fill("more", { n: more })), drawOwn());
}

// Themes that people made: how many of the articles confirmed since have them.
const drawOwn = () => own.length > 0 && h("div", { class: "yc-own" }, h("h3", {}, words.own_themes),
  own.map((theme) => h("p", { class: "yc-note" }, fill("own_progress", { name: theme.name, n: theme.n_with, asked: theme.n_asked }))));

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
  const isHere = n === position;
  const shown = themes.map((theme, i) => [theme, i]).filter(([theme]) => isHere || verdict(s, theme[0]) !== "no");
  return h("li", {
    class: `yc-sentence${isHere ? " yc-here" : ""}${s.key ? " yc-key" : ""}`, "data-n": n,
    onclick: (event) => {
      if (event.target.closest("button") || !getSelection().isCollapsed) return;
      if (position !== n) { position = n; drawSentences(); }
    },
  }, body(s), (isHere || shown.length > 0 || s.key) && h("div", { class: "yc-marks" },
    shown.map(([theme, i]) => chip(s, theme, i, () => { position = n; turnTheme(theme[0], n); })),
    (isHere || s.key) && h("button", {
      type: "button", class: "yc-chip yc-keybutton", "aria-pressed": String(s.key),
      onclick: press(() => { position = n; turnKey(n); }),
    }, h("kbd", {}, "S"), words.key, h("b", {}, s.key ? MARKS.yes : "")),
    isHere && h("button", { type: "button", class: "yc-chip yc-add", onmousedown: (e) => e.preventDefault(), onclick: addSelected },
      h("kbd", {}, "F"), words.add_figure)));
}

// Redraws only the sentences whose look has changed.
function drawSentences() {
  const list = root.querySelector(".yc-list");
  if (!list || !state) return;
  const looks = state.sentences.map((s, n) => JSON.stringify(
    [s, n === position, state.figures.filter((f) => holds(s, f)), holds(s, open ?? { start: -1 })]));
  looks.forEach((look, n) => {
    if (drawn[n] === look && list.children[n]) return;
    const made = drawSentence(state.sentences[n], n);
    if (list.children[n]) list.children[n].replaceWith(made);
    else list.append(made);
  });
  while (list.children.length > looks.length) list.lastChild.remove();
  drawn = looks;
  const here = list.children[position];
  const pane = root.querySelector(".yc-pane");
  if (!here) return;
  if (pane.scrollHeight > pane.clientHeight + 4) {
    const top = here.offsetTop - pane.offsetTop;
    if (top < pane.scrollTop) pane.scrollTop = top - 8;
    else if (top + here.offsetHeight > pane.scrollTop + pane.clientHeight) pane.scrollTop = top + here.offsetHeight - pane.clientHeight + 8;
  }
}

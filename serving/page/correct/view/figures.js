// Figures: adding one from a selection, the list beside the article, the form of one.

// Offsets of the selection into the text, in code points.
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
  send(() => about({ do: "add_selected", ...place }));
}

const BOUNDS = ["", "≥", "≤", "~"];

function figureForm(f) {
  const isDraft = draft !== null;
  const values = Object.fromEntries(["indicator", "value", "unit", "kind", "bound", "year", "body", "base", "official"].map((name) => [name, f[name]]));
  const place = { start: f.start, end: f.end };
  const keep = (name) => (event) => {
    values[name] = event.target.value;
    if (draft) draft = { ...draft, ...values };
    if (!draft || values.value.trim()) change(() => ({ what: "figure", ...place, ...values }));
  };
  const input = (name, size, list) => h("label", {}, words[name],
    h("input", { value: f[name], size, name, list, autocomplete: "off", onchange: keep(name) }));
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
    input("body", 14), input("base", 8), input("official", 14, "yc-officials"),
    h("datalist", { id: "yc-officials" }, props.officials.map((value) => h("option", { value }))),
    h("div", { class: "yc-formacts" },
      h("button", { type: "button", class: "yc-drop", onclick: press(() => {
        if (isDraft) { open = draft = null; draw(); } else change(() => ({ what: "drop", ...place }));
      }) }, words.drop),
      h("button", { type: "button", onclick: press(() => { open = draft = null; draw(); }) }, words.close)));
}

const describe = (f) => [h("b", {}, slice(f.start, f.end)), h("span", {}, f.indicator || words.no_indicator),
  h("small", {}, [f.body, words[`kind_${f.kind}`], f.bound, f.year].filter(Boolean).join(" "))];

function drawFigures() {
  const rows = state.figures.map((f) => {
    const isOpen = !draft && open?.start === f.start && open?.end === f.end;
    const show = () => { open = isOpen ? null : f; draft = null; position = Math.max(0, state.sentences.findIndex((s) => holds(s, f))); draw(); };
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
      if (text.trim()) send(() => about({ do: "add_typed", typed: text, near: sentence()?.start ?? 0 }));
    },
  });
  return h("section", {}, h("h3", {}, fill("figures", { n: state.figures.length })),
    h("ol", { class: "yc-figures" }, rows), draft && figureForm(draft), typed);
}

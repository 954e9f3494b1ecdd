// Drawing of the column beside the article: figures, summary, history.

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
  // A form with the focus is not redrawn, so that typing goes on; its row shows the saved values.
  const form = side.querySelector(".yc-form:focus-within:not([data-draft])");
  const edited = form && !draft && state.figures.find((f) => f.start === open?.start && String(f.start) === form.dataset.start);
  if (edited) return side.querySelector(`.yc-row[data-start="${edited.start}"]`).replaceChildren(...describe(edited));
  const focused = side.querySelector(".yc-form :focus")?.name;
  side.replaceChildren(drawFigures(), drawSummary(), drawHistory());
  if (focused) side.querySelector(`.yc-form [name=${focused}]`)?.focus();
}

// The frame of the view: its status line, and all of it drawn anew or where it changed.

function say(kind, text) {
  status = { kind, text };
  const line = root.querySelector(".yc-status");
  if (line) { line.className = `yc-status yc-${kind}`; line.textContent = text; }
}

function drawEmpty() {
  return h("div", { class: "yc-main yc-empty" }, h("b", {}, trail.length ? words.all_done : words.empty),
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
    root.replaceChildren(drawQueue(), h("div", { class: "yc-main" }, drawHead(),
      h("div", { class: "yc-pane" }, h("ol", { class: "yc-list" })), bar), h("aside", { class: "yc-side" }), exporter);
  } else {
    root.replaceChildren(drawEmpty(), bar, exporter);
  }
  drawSide();
  drawSentences();
}

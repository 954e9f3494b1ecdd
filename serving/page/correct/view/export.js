// The export of labels, below the view.

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
    h("div", { class: "yc-acts" }, [["xlsx", "Excel"], ["jsonl", "JSON Lines"], ["doccano", "doccano"], ["labelstudio", "Label Studio"]].map(
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

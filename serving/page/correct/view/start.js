// Start of the view. The component may be made anew; its predecessor's listeners end with it.

window.yiwenCorrect?.abort();
window.yiwenCorrect = new AbortController();
const { signal } = window.yiwenCorrect;
const rememberedDocument = () => Number(sessionStorage.getItem(DOCUMENT_KEY)) || null;
document.addEventListener("keydown", onKey, { signal });
window.addEventListener("yiwen-queue", () => load(rememberedDocument()).then(() => {
  root.scrollIntoView({ block: "start" });
  root.focus({ preventScroll: true });
}), { signal });
window.addEventListener("yiwen-correct", (event) => load(event.detail), { signal });
new IntersectionObserver((entries) => {
  if (entries.some((entry) => entry.isIntersecting) && !state) load(rememberedDocument());
}).observe(root);
drawExport();
draw();

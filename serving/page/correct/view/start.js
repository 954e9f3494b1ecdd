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
// A document that another tab asks for waits in `window.yiwen.wanted` until a view takes it.
function loadWanted() {
  const document_number = window.yiwen.wanted;
  window.yiwen.wanted = null;
  if (document_number) load(document_number);
  return Boolean(document_number);
}
window.addEventListener("yiwen-correct", () => { if (root.isConnected) loadWanted(); }, { signal });
new IntersectionObserver((entries) => {
  if (entries.some((entry) => entry.isIntersecting) && !loadWanted() && !state) load(rememberedDocument());
}).observe(root);
drawExport();
draw();

// Keyboard shortcuts.

const TEXT_FIELDS = "input, textarea, select, [contenteditable=true]";

function move(step) {
  if (!state) return;
  position = Math.min(Math.max(position + step, 0), state.sentences.length - 1);
  drawSentences();
}

const KEYS = {
  KeyJ: () => move(1), ArrowDown: () => move(1), KeyK: () => move(-1), ArrowUp: () => move(-1),
  KeyS: () => turnKey(position), KeyF: addSelected, KeyZ: undo, Enter: accept, KeyX: leave, KeyN: goOn, KeyP: goBack,
};

function onKey(event) {
  if (!root.isConnected || root.offsetParent === null || !state) return;
  const target = event.target.closest ? event.target : document.body;
  if (target.closest(TEXT_FIELDS)) {
    if (event.key === "Escape" && root.contains(target)) root.focus({ preventScroll: true });
    return;
  }
  if (event.altKey || event.isComposing) return;
  if ((event.ctrlKey || event.metaKey) && event.code !== "KeyZ") return;
  if (["Enter", "Space"].includes(event.code) && target.closest("button:not([role=tab]), summary, a")) return;
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
  const theme = digit && themes[digit[1] - 1];
  const act = theme ? () => turnTheme(theme[0], event.shiftKey ? null : position) : KEYS[event.code];
  if (!act || (event.shiftKey && !digit) || (event.repeat && !["KeyJ", "KeyK", "ArrowDown", "ArrowUp"].includes(event.code))) return;
  event.preventDefault();
  root.focus({ preventScroll: true });
  act();
}

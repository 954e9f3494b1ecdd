// 单篇 without the server: choosing a theme or a figure, sorting, copying, what is out of date.
(() => {
  const root = () => document.querySelector("#single-result");
  const box = () => document.querySelector("#article textarea");
  const all = (selector) => [...(root()?.querySelectorAll(selector) ?? [])];
  const picked = { theme: null, figure: null };

  const pressed = (button, isOn) => button.setAttribute("aria-pressed", String(isOn));

  // Restores the chosen theme and figure after the result was redrawn for another summary length.
  function showPicked() {
    all("[data-theme]").forEach((b) => pressed(b, b.dataset.theme === picked.theme));
    all("[data-of]").forEach((part) => { part.hidden = part.dataset.of !== picked.theme; });
    all("[data-whole]").forEach((part) => {
      part.hidden = all("[data-of]").some((own) => !own.hidden);
    });
    const chip = root()?.querySelector(`[data-theme="${picked.theme}"]`);
    all("[data-evidence]").forEach((mark) => {
      const isPicked = mark.dataset.evidence.split(" ").includes(picked.theme);
      mark.classList.toggle("yw-picked", isPicked);
      // A sentence of several themes is lit in the colour of the one that was chosen.
      ["--tone", "--ink"].forEach((name) => (isPicked && chip
        ? mark.style.setProperty(name, getComputedStyle(chip).getPropertyValue(name))
        : mark.style.removeProperty(name)));
    });
    all("[data-figure]").forEach((b) => {
      pressed(b, b.dataset.figure === picked.figure);
      b.closest("tr").classList.toggle("yw-picked", b.dataset.figure === picked.figure);
    });
    all("[data-at]").forEach((mark) =>
      mark.classList.toggle("yw-picked", mark.dataset.at === picked.figure));
  }

  // The article scrolls in its own pane on a wide screen, with the page on a phone.
  function scrollTo(mark) {
    if (!mark) return;
    const pane = mark.closest(".yw-text");
    if (pane.scrollHeight > pane.clientHeight + 4) {
      const offset = mark.getBoundingClientRect().top - pane.getBoundingClientRect().top;
      pane.scrollTo({ top: pane.scrollTop + offset - pane.clientHeight / 3, behavior: "smooth" });
      pane.scrollIntoView({ block: "nearest", behavior: "smooth" });
    } else {
      mark.scrollIntoView({ block: "center", behavior: "smooth" });
    }
  }

  function pick(kind, value) {
    picked[kind] = picked[kind] === value ? null : value;
    showPicked();
    const marks = kind === "theme" ? "[data-evidence].yw-picked" : "[data-at].yw-picked";
    if (picked[kind] !== null) scrollTo(all(marks)[0]);
  }

  // Text and HTML at once: Word takes the table, Excel the cells. Works without https too.
  function copy(name) {
    const source = root().querySelector(`[data-copy="${name}"]`);
    if (!source) return;
    document.addEventListener("copy", (event) => {
      event.clipboardData.setData("text/plain", source.value);
      event.clipboardData.setData("text/html", source.dataset.html);
      event.preventDefault();
    }, { once: true });
    document.execCommand("copy");
    document.querySelector("#yw-copied")?.classList.add("yw-shown");
    setTimeout(() => document.querySelector("#yw-copied")?.classList.remove("yw-shown"), 1500);
  }

  // A column up, down, and back into the order of the article.
  function sort(button) {
    const head = button.closest("th");
    const next = { none: "ascending", ascending: "descending", descending: "none" }[head.getAttribute("aria-sort")];
    head.parentElement.querySelectorAll("th").forEach((th) => th.setAttribute("aria-sort", "none"));
    head.setAttribute("aria-sort", next);
    const body = head.closest("table").tBodies[0];
    const key = (row) => (next === "none" ? row.dataset.row : row.cells[button.dataset.sort].dataset.key);
    const order = (a, b) => (key(a) !== "" && key(b) !== "" && !isNaN(key(a)) && !isNaN(key(b))
      ? key(a) - key(b) : key(a).localeCompare(key(b), "zh"));
    const sign = next === "descending" ? -1 : 1;
    [...body.rows].sort((a, b) => sign * order(a, b)).forEach((row) => body.append(row));
  }

  function filter(input) {
    const words = input.value.trim().toLowerCase().split(/\s+/);
    all(".yw-figure-table tbody tr").forEach((row) => {
      row.hidden = !words.every((word) => row.innerText.toLowerCase().includes(word)
        || [...row.cells].some((cell) => cell.title.toLowerCase().includes(word)));
    });
  }

  // The result is out of date as soon as the box holds another text than the one that it is of:
  // then nothing can be taken away. What cannot work now is off, whatever gradio draws.
  function switchTools() {
    if (!root() || !box() || !document.querySelector("#stop") || !document.querySelector("#clear")) return;
    const of = root().querySelector("[data-text]");
    const isStale = of !== null && box().value.replaceAll("\0", "\ufffd") !== of.value;
    root().classList.toggle("yw-stale", isStale);
    const isOff = of === null || isStale;
    document.querySelectorAll("#tools, #headline").forEach((part) => { part.inert = isOff; });
    document.querySelectorAll("#tools button").forEach((b) => { b.disabled = isOff && !("unfold" in b.dataset); });
    all("[data-copies]").forEach((b) => { b.disabled = isOff; });
    document.querySelector("#stop").disabled = !isBusy();
    document.querySelector("#clear").disabled = !box().value && !root().querySelector(".yw-lower, .yw-error");
    document.querySelector("#single").classList.toggle("yw-folded", isFolded && !isOff);
  }

  const isBusy = () => document.querySelector("#result [data-testid=status-tracker]:not(.hide)") !== null;

  // The box is folded away when its result comes, so that the reading has the page.
  let isFolded = false;
  let last = null;
  function takeResult() {
    const report = root()?.querySelector(".yw-lower") ?? null;
    if (report === last) return;
    last = report;
    isFolded = report !== null;
    picked.theme = picked.figure = null;
    const restored = report?.querySelector("[data-restored]");
    if (restored && !draft) restore(restored.value);
    if (report && !restored && innerWidth < 900) root().scrollIntoView({ behavior: "smooth" });
  }

  function unfold() {
    isFolded = false;
    switchTools();
    box().focus();
  }

  // The text in the box is kept for a refresh. Gradio empties the box once more while it starts, so
  // the text is put back until it has settled or the user acts.
  const KEPT_TEXT = "yiwen_text";
  const SETTLED_MS = 5000;
  let draft = sessionStorage.getItem(KEPT_TEXT) ?? "";
  let isSettled = false;
  let isForgotten = false;

  function restore(text) {
    if (isSettled && !box()?.value && !draft) isSettled = false;
    draft = text;
    setTimeout(settle, SETTLED_MS);
  }

  function settle() { isSettled = true; }

  function keepText() {
    if (!box() || isForgotten) return;
    if (!isSettled && draft && !box().value) {
      box().value = draft;
      box().dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (!isSettled || box().value === draft) return;
    draft = box().value;
    try {
      if (draft) sessionStorage.setItem(KEPT_TEXT, draft);
      else sessionStorage.removeItem(KEPT_TEXT);
    } catch {
      sessionStorage.removeItem(KEPT_TEXT);  // too long for the browser
    }
  }
  setTimeout(settle, SETTLED_MS);
  ["keydown", "pointerdown"].forEach((name) => document.addEventListener(name, settle, { once: true }));

  document.addEventListener("click", (event) => {
    const inside = (selector) => event.target.closest?.(selector);
    const row = inside("#single-result .yw-figure-table tbody tr");
    if (inside("[data-unfold]")) unfold();
    else if (inside("#single-result [data-theme]")) pick("theme", inside("[data-theme]").dataset.theme);
    else if (inside("[data-copies]")) copy(inside("[data-copies]").dataset.copies);
    else if (inside("#single-result [data-sort]")) sort(inside("[data-sort]"));
    else if (inside("[data-cuts]")) {
      pressed(inside("[data-cuts]"), inside(".yw-sum").classList.toggle("yw-with-cuts"));
    } else if (inside("#clear")) draft = "";
    else if (row) pick("figure", row.querySelector("[data-figure]").dataset.figure);
  });

  document.addEventListener("input", (event) => {
    if (event.target === box()) switchTools();
    else if (event.target.matches?.("[data-filter]")) filter(event.target);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target === box()) {
      event.preventDefault();
      document.querySelector("#run").click();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && event.target.matches?.("[data-figure]")) {
      const buttons = all("tr:not([hidden]) [data-figure]");
      const next = buttons[buttons.indexOf(event.target) + step];
      if (next) {
        event.preventDefault();
        next.focus();
        pick("figure", next.dataset.figure);
      }
    }
  });

  // A text that is pasted anywhere but into a box is the next article, and is read at once.
  document.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const isElsewhere = event.target.closest?.("input, textarea, [contenteditable=true]");
    if (isElsewhere || !text.trim() || !root()?.offsetParent || !box()) return;
    event.preventDefault();
    box().value = text;
    box().dispatchEvent(new Event("input", { bubbles: true }));
    switchTools();
    document.querySelector("#run").click();
  });

  // A file dropped on the text box is read like one dropped beside it.
  document.addEventListener("drop", (event) => {
    const input = document.querySelector("#file input[type=file]");
    if (!input || !event.dataTransfer?.files.length || !event.target.closest?.("#article")) return;
    event.preventDefault();
    event.stopPropagation();
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }, true);
  document.addEventListener("dragover", (event) => {
    if (event.target.closest?.("#article")) event.preventDefault();
  });

  function refresh() {
    takeResult();
    showPicked();
    keepText();
    switchTools();
  }
  new MutationObserver(refresh).observe(document.body, { childList: true, subtree: true });
  setInterval(() => { keepText(); switchTools(); }, 200);  // gradio sets the box without an event

  function forget() {
    isForgotten = true;
    sessionStorage.removeItem(KEPT_TEXT);
  }

  Object.assign(window.yiwen, { copy, keep: keepText, forget });
})();

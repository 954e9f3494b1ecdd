// Behaviour of the page without the server: choosing a theme or a figure, copying, saving, language.
(() => {
  const root = () => document.querySelector("#single-result");
  const all = (selector) => [...(root()?.querySelectorAll(selector) ?? [])];
  const picked = { theme: null, figure: null };

  function pressed(button, isOn) {
    button.setAttribute("aria-pressed", String(isOn));
  }

  // Restores the chosen theme and figure after the result was redrawn for another summary length.
  function apply() {
    all("[data-theme]").forEach((b) => pressed(b, b.dataset.theme === picked.theme));
    all("[data-of]").forEach((part) => { part.hidden = part.dataset.of !== picked.theme; });
    all("[data-whole]").forEach((part) => {
      part.hidden = all("[data-of]").some((own) => !own.hidden);
    });
    all("[data-evidence]").forEach((mark) =>
      mark.classList.toggle("yw-picked", mark.dataset.evidence.split(" ").includes(picked.theme)));
    all("[data-figure]").forEach((b) => {
      pressed(b, b.dataset.figure === picked.figure);
      b.closest("tr").classList.toggle("yw-picked", b.dataset.figure === picked.figure);
    });
    all("[data-at]").forEach((mark) =>
      mark.classList.toggle("yw-picked", mark.dataset.at === picked.figure));
  }

  // The article scrolls in its own pane on a wide screen, with the page on a phone.
  function show(mark) {
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
    apply();
    const marks = kind === "theme" ? "[data-evidence].yw-picked" : "[data-at].yw-picked";
    if (picked[kind] !== null) show(all(marks)[0]);
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

  function save(file) {
    if (!file) return;
    const bytes = Uint8Array.from(atob(file.content), (c) => c.charCodeAt(0));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes]));
    link.download = file.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  const KEPT_TEXT = "yiwen_text";
  const SETTLED_MS = 5000;
  const article = () => document.querySelector("#article textarea");

  function logOut() {
    const address = location.pathname.replace(/\/?$/, "/logout");
    fetch(address, { method: "POST" }).then(() => location.reload());
  }

  function switchLanguage() {
    const next = document.documentElement.dataset.yiwen === "en" ? "zh" : "en";
    document.cookie = `yiwen_language=${next}; path=/; max-age=31536000; SameSite=Lax`;
    if (article()?.value) sessionStorage.setItem(KEPT_TEXT, article().value);
    location.reload();
  }

  // An attribute holds one language: on an English page `data-en-NAME` takes the place of NAME.
  function translateAttributes() {
    if (document.documentElement.dataset.yiwen !== "en") return;
    for (const name of ["alt", "aria-label", "title"]) {
      document.querySelectorAll(`[data-en-${name}]`).forEach((marked) => {
        marked.setAttribute(name, marked.getAttribute(`data-en-${name}`));
        marked.removeAttribute(`data-en-${name}`);
      });
    }
  }

  // Gradio empties the box once more while it starts, so the text is put back until it has settled
  // or the user acts.
  function restoreText() {
    const text = sessionStorage.getItem(KEPT_TEXT);
    if (!text) return;
    let settling = null;
    const stop = () => {
      clearInterval(timer);
      sessionStorage.removeItem(KEPT_TEXT);
    };
    const timer = setInterval(() => {
      if (!article()) return;
      settling ??= setTimeout(stop, SETTLED_MS);
      if (article().value) return;
      article().value = text;
      article().dispatchEvent(new Event("input", { bubbles: true }));
    }, 100);
    ["keydown", "pointerdown"].forEach((name) => document.addEventListener(name, stop, { once: true }));
  }

  document.addEventListener("click", (event) => {
    const inside = (selector) => event.target.closest?.(selector);
    const row = inside("#single-result .yw-table tbody tr");
    if (inside("[data-language]")) switchLanguage();
    else if (inside("[data-logout]")) logOut();
    else if (inside("#single-result [data-theme]")) pick("theme", inside("[data-theme]").dataset.theme);
    else if (inside("[data-copies]")) copy(inside("[data-copies]").dataset.copies);
    else if (inside("[data-cuts]")) {
      const isOn = inside(".yw-sum").classList.toggle("yw-with-cuts");
      pressed(inside("[data-cuts]"), isOn);
    } else if (row) pick("figure", row.querySelector("[data-figure]").dataset.figure);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target === article()) {
      event.preventDefault();
      document.querySelector("#run").click();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && event.target.matches?.("[data-figure]")) {
      const buttons = all("[data-figure]");
      const next = buttons[buttons.indexOf(event.target) + step];
      if (next) {
        event.preventDefault();
        next.focus();
        pick("figure", next.dataset.figure);
      }
    }
  });

  // A file dropped on the text box is read like one dropped below it.
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

  // A file that is dropped anywhere else must not take the place of the page.
  ["dragover", "drop"].forEach((name) =>
    document.addEventListener(name, (event) => {
      if (!event.target.closest?.("#file, input, textarea")) event.preventDefault();
    }));

  let last = null;
  new MutationObserver(() => {
    translateAttributes();
    const report = root()?.querySelector(".yw-lower") ?? null;
    if (report !== last) {
      last = report;
      picked.theme = picked.figure = null;
      if (report && innerWidth < 900) root().scrollIntoView({ behavior: "smooth" });
    }
    apply();
  }).observe(document.body, { childList: true, subtree: true });

  restoreText();
  window.yiwen = { copy, save };
})();

// Behaviour of every tab without the server: language, logging out, saving files, dropped files.
window.yiwen = (() => {
  function save(file) {
    if (!file) return;
    const bytes = Uint8Array.from(atob(file.content), (c) => c.charCodeAt(0));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes]));
    link.download = file.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  // What a shared browser must not show to whoever logs in next goes with the session.
  function logOut() {
    const address = location.pathname.replace(/\/?$/, "/logout");
    window.yiwen.forget();
    sessionStorage.clear();
    fetch(address, { method: "POST" }).then(() => location.reload());
  }

  function switchLanguage() {
    const next = document.documentElement.dataset.yiwen === "en" ? "zh" : "en";
    document.cookie = `yiwen_language=${next}; path=/; max-age=31536000; SameSite=Lax`;
    window.yiwen.keep();
    location.reload();
  }

  // Opens a document in 校正, whether that tab has been drawn yet or not: its view takes the number
  // from `wanted` when it starts, or on the event if it is there already.
  function correct(document_number) {
    window.yiwen.wanted = document_number;
    document.getElementById("tab-correct-button")?.click();
    window.dispatchEvent(new Event("yiwen-correct"));
  }

  // An attribute holds one language: on an English page `data-en-NAME` takes the place of NAME.
  function translateAttributes() {
    if (document.documentElement.dataset.yiwen !== "en") return;
    for (const name of ["alt", "aria-label", "placeholder", "title"]) {
      document.querySelectorAll(`[data-en-${name}]`).forEach((marked) => {
        marked.setAttribute(name, marked.getAttribute(`data-en-${name}`));
        marked.removeAttribute(`data-en-${name}`);
      });
    }
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-language]")) switchLanguage();
    else if (event.target.closest?.("[data-logout]")) logOut();
  });

  // A file that is dropped outside a place for files must not take the place of the page.
  ["dragover", "drop"].forEach((name) =>
    document.addEventListener(name, (event) => {
      if (!event.target.closest?.("#file, input, textarea")) event.preventDefault();
    }));

  new MutationObserver(translateAttributes).observe(document.body, { childList: true, subtree: true });

  return { save, correct, wanted: null };
})();

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

  // On a page with users, the name stands beside the button that logs out.
  async function showUser() {
    const place = document.querySelector("[data-user]:empty");
    if (!place) return;
    place.textContent = " ";
    const answer = await fetch(location.pathname.replace(/\/?$/, "/gradio_api/user"));
    if (answer.ok) place.textContent = (await answer.json()) ?? "";
  }

  // Gradio names some parts in English whatever the language: the name that it puts behind stays.
  const OWN_NAMES = [[/^(?:number input|range slider) for /, ""]];
  function nameParts() {
    for (const [english, own] of OWN_NAMES) {
      document.querySelectorAll("input[aria-label]").forEach((part) => {
        const name = part.getAttribute("aria-label");
        if (english.test(name)) part.setAttribute("aria-label", name.replace(english, own));
      });
    }
    document.querySelectorAll(".block:has(> button[aria-dropeffect])").forEach((part) => {
      const name = part.querySelector("[data-testid=block-label]")?.innerText.trim();
      if (name) part.querySelectorAll("button[aria-dropeffect], input[type=file]").forEach((one) => one.setAttribute("aria-label", name));
    });
  }

  let lastSent = 0;
  function openSent() {
    const sent = [...document.querySelectorAll("[data-sent]")].sort((a, b) => b.dataset.mark - a.dataset.mark)[0];
    if (!sent || Number(sent.dataset.mark) <= lastSent) return;
    lastSent = Number(sent.dataset.mark);
    correct(Number(sent.dataset.sent));
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

  // Some messages of gradio are in English: ours stand in the header beside what theirs begin with.
  function translateMessages() {
    const shown = [...document.querySelectorAll("[class*=toast] *")].filter((part) => !part.childElementCount);
    if (!shown.length) return;
    const own = [...document.querySelectorAll("[data-english]")];
    const language = document.documentElement.dataset.yiwen === "en" ? ".yw-en" : ".yw-zh";
    for (const part of shown) {
      const found = own.find((one) => part.textContent.trim().startsWith(one.dataset.english));
      if (found) part.textContent = found.querySelector(language).textContent;
    }
  }

  // Holds the response to an event back until the page has seen the end of the stream of answers
  // that the server closed last (see `event_streams.py`): else the answer would go nowhere.
  const streams = new Map();
  const HOLD_MS = 2000;
  const fetchPlainly = window.fetch;
  function openStream(request) {
    const number = String(streams.size + 1);
    request.headers.set("X-Stream", number);
    streams.set(number, new Promise((seen) => request.signal.addEventListener("abort", seen)));
    return fetchPlainly(request);
  }
  window.fetch = async (input, init) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input, location.href);
    if (pathname.endsWith("/queue/data")) return openStream(new Request(input, init));
    const response = await fetchPlainly(input, init);
    const closed = pathname.endsWith("/queue/join") && streams.get(response.headers.get("X-Closed-Stream"));
    if (closed) await Promise.race([closed, new Promise((go) => setTimeout(go, HOLD_MS))]);
    return response;
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-language]")) switchLanguage();
    else if (event.target.closest?.("[data-logout]")) logOut();
  });

  // A file that is dropped outside a place for files must not take the place of the page.
  ["dragover", "drop"].forEach((name) =>
    document.addEventListener(name, (event) => {
      if (!event.target.closest?.("#file, input, textarea")) event.preventDefault();
    }));

  new MutationObserver(() => { translateAttributes(); translateMessages(); nameParts(); openSent(); showUser(); }).observe(document.body, { childList: true, subtree: true });

  return { save, correct, wanted: null };
})();

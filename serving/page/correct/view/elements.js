// Building blocks of the view. Text reaches the page as text only: every element is made by `h`.

const root = element.querySelector(".yc");
const language = document.documentElement.dataset.yiwen === "en" ? "en" : "zh";
const words = props.words[language];

const MARKS = { yes: "✓", edge: "?", no: "" };

function h(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

const fill = (key, values) => Object.entries(values).reduce(
  (text, [name, value]) => text.replace(`{${name}}`, value), words[key]);

const clock = (iso) => new Date(iso).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
const day = (iso) => `${new Date(iso).getMonth() + 1}/${new Date(iso).getDate()} ${clock(iso)}`;

function press(act) {
  return (event) => { event.preventDefault(); act(); root.focus({ preventScroll: true }); };
}

function chip(marked, [key, name], number, act) {
  const answer = verdict(marked, key);
  return h("button", {
    type: "button", class: `yc-chip yc-${answer} yw-${number % 6}`, "data-theme": key, "data-answer": answer,
    title: `${name}：${words[answer]}`, "aria-label": `${name}：${words[answer]}`, onclick: press(act),
  }, h("kbd", {}, String(number + 1)), name, h("b", {}, MARKS[answer]));
}

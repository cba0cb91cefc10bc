// @ts-check
/** The deck: keys, remotes and touch move it; the hash remembers the slide; a lost kernel is said plainly. */

/** @typedef {{[key: string]: any}} Words */

const WORDS = /** @type {{id: Words, en: Words}} */ (JSON.parse(text("kit-words")));
const body = document.body;
const root = document.documentElement;
const base = body.dataset.baseUrl ?? "/";
const notebook = body.dataset.notebook ?? "";
const paged = body.classList.contains("paged");
const slides = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("#deck > .slide")]);
const channel = "BroadcastChannel" in window ? new BroadcastChannel(`kit-deck-${notebook}`) : null;
const LOST_AFTER = 6000;

let at = 0;
let beat = 0;

/** @param {string} id */
function text(id) {
  return document.getElementById(id)?.textContent ?? "{}";
}

/** @param {string} path @param {{[name: string]: string | number}} [values] */
function say(path, values = {}) {
  const words = root.lang === "en" ? WORDS.en : WORDS.id;
  const found = path.split(".").reduce((node, key) => node?.[key], words);
  return String(found ?? path).replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** @param {string} tag @param {{[name: string]: any}} attributes @param {(Node | string)[]} children */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/* ---- moving ---- */

/** @param {number} index */
function show(index) {
  if (paged || !slides.length) return;
  at = Math.min(Math.max(index, 0), slides.length - 1);
  slides.forEach((slide, i) => { slide.hidden = i !== at; });
  fit(slides[at]);
  const number = `${at + 1} / ${slides.length}`;
  /** @type {HTMLOutputElement} */ (document.getElementById("number")).value = number;
  /** @type {HTMLElement} */ (document.querySelector("#bar .track i")).style.width = `${((at + 1) / slides.length) * 100}%`;
  history.replaceState(null, "", `${location.pathname}${location.search}#${at + 1}`);
  tell();
  window.dispatchEvent(new CustomEvent("kit:slide", { detail: { key: slides[at].dataset.key } }));
}

/** Shrink the type of a slide step by step until it fits; below six tenths it scrolls instead.
 * @param {HTMLElement} slide */
function fit(slide) {
  const content = /** @type {HTMLElement} */ (slide.querySelector(".content"));
  const look = getComputedStyle(slide);
  const room = slide.clientHeight - parseFloat(look.paddingTop) - parseFloat(look.paddingBottom);
  slide.classList.remove("long");
  slide.removeAttribute("tabindex");
  for (let scale = 1; scale >= 0.6; scale -= 0.05) {
    slide.style.setProperty("--fit", scale.toFixed(2));
    if (content.scrollHeight <= room + 1 && content.scrollWidth <= content.clientWidth + 1) return;
  }
  slide.classList.add("long");
  slide.tabIndex = 0;
}

function fromHash() {
  return (parseInt(location.hash.slice(1), 10) || 1) - 1;
}

/* ---- the facilitator's second window ---- */

function tell() {
  channel?.postMessage({ at: slides[at]?.dataset.key, number: at + 1, of: slides.length });
}

function openNotes() {
  window.open(`${base}kit/notes/${encodeURIComponent(notebook)}.ipynb`, `kit-notes-${notebook}`, "width=960,height=720");
}

channel?.addEventListener("message", ({ data }) => {
  if (data?.ask) tell();
  if (data?.go) show(at + data.go);
});

/* ---- looks ---- */

/** @param {"id" | "en"} language */
function setLanguage(language) {
  root.lang = language;
  remember("kit-language", language);
  for (const node of document.querySelectorAll("[data-say]")) node.textContent = say(node.getAttribute("data-say") ?? "");
  for (const node of document.querySelectorAll("[data-label]")) {
    const label = say(node.getAttribute("data-label") ?? "");
    node.setAttribute("aria-label", label);
    node.setAttribute("title", label);
  }
  label();
  if (slides[at] && !paged) fit(slides[at]);
}

function label() {
  slides.forEach((slide, i) => {
    const heading = slide.querySelector(`h1, h2, h3`)?.textContent?.trim() ?? "";
    if (!paged) slide.setAttribute("aria-label", say("deck.slide", { number: i + 1, of: slides.length, title: heading }));
  });
}

/** @param {string} key @param {string} value */
function remember(key, value) {
  try { localStorage.setItem(key, value); } catch { /* private mode: not remembered */ }
}

function toggleTheme() {
  root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
  remember("kit-theme", root.dataset.theme);
}

function toggleLanguage() {
  setLanguage(root.lang === "en" ? "id" : "en");
}

function toggleFullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else root.requestFullscreen?.().catch(() => {});
}

function toggleBlank() {
  const there = document.getElementById("blank");
  if (there) return there.remove();
  const cover = element("button", { id: "blank", "aria-label": say("deck.blank"), onclick: toggleBlank });
  body.append(cover);
  cover.focus();
}

/* ---- chrome ---- */

/** Lines of the icons in a 24 × 24 field: system fonts do not hold all of these signs. @type {{[name: string]: string}} */
const ICONS = {
  back: "M15 5l-7 7 7 7", on: "M9 5l7 7-7 7", notes: "M5 4h14v16H5zM8 9h8M8 13h8M8 17h4", theme: "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18",
  full: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5", help: "M9 9a3 3 0 1 1 4 3c-1 .5-1 1-1 2M12 18v.01", start: "M4 11l8-7 8 7M6 10v10h12V10",
};

/** @param {string} name @param {() => void} act */
function tool(name, act) {
  const button = element("button", { type: "button", "data-label": `deck.${name}`, onclick: act });
  if (ICONS[name]) button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
  else button.append(element("span", { "aria-hidden": "true" }, "ID/EN"));
  return button;
}

function drawBar() {
  const tools = element("div", { class: "tools" },
    tool("notes", openNotes), tool("language", toggleLanguage), tool("theme", toggleTheme), tool("full", toggleFullScreen), tool("help", openHelp),
    tool("start", () => { location.href = `${base}kit`; }));
  body.append(
    element("nav", { id: "bar", "data-label": "deck.bar" }, element("div", { class: "track" }, element("i")),
      tool("back", () => show(at - 1)), element("output", { id: "number", "data-label": "deck.number" }), tool("on", () => show(at + 1)),
      element("span", { class: "space" }), tools),
    element("button", { class: "edge back", tabindex: "-1", "aria-hidden": "true", onclick: () => show(at - 1) }, "‹"),
    element("button", { class: "edge on", tabindex: "-1", "aria-hidden": "true", onclick: () => show(at + 1) }, "›"));
}

const KEYS = [["→ PageDown", "deck.on"], ["← PageUp", "deck.back"], ["Home / End", "deck.ends"], ["F", "deck.full"], ["D", "deck.theme"],
  ["N", "deck.notes"], ["L", "deck.language"], ["B", "deck.blank"], ["?", "deck.help"]];

function openHelp() {
  const box = /** @type {HTMLDialogElement} */ (element("dialog", { class: "help", "aria-labelledby": "help-title" },
    element("h2", { id: "help-title" }, say("deck.help")),
    element("dl", {}, ...KEYS.flatMap(([keys, what]) => [element("dt", {}, element("kbd", {}, keys)), element("dd", {}, say(what))])),
    element("button", { type: "button", onclick: () => box.close() }, say("deck.close_help"))));
  box.addEventListener("close", () => box.remove());
  body.append(box);
  box.showModal();
}

let still = 0;
function moved() {
  body.classList.add("moving");
  clearTimeout(still);
  still = window.setTimeout(() => body.classList.remove("moving"), 2500);
}

/* ---- keys: the arrow keys, and what presenter remotes send (PageUp, PageDown, F5, b, .) ---- */

/** @type {{[key: string]: () => void}} */
const ACTIONS = {
  ArrowRight: () => show(at + 1), PageDown: () => show(at + 1), " ": () => show(at + 1),
  ArrowLeft: () => show(at - 1), PageUp: () => show(at - 1),
  Home: () => show(0), End: () => show(slides.length - 1),
  f: toggleFullScreen, F5: toggleFullScreen, d: toggleTheme, n: openNotes, l: toggleLanguage, b: toggleBlank, ".": toggleBlank, "?": openHelp,
};

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const target = /** @type {HTMLElement} */ (event.target);
  const typing = target.closest("input, textarea, select, [contenteditable]");
  const paging = event.key === "PageDown" || event.key === "PageUp";
  if (typing && !(paging && target.tagName === "INPUT")) return;
  if (event.key === " " && target.closest("button, a, summary")) return;
  if (event.key === "F5" && document.getElementById("banner")) return;
  const act = ACTIONS[event.key] ?? ACTIONS[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
}

/* ---- the kernel's pulse: stations send kit:beat about once a second ---- */

/** @param {"kernel" | "server"} what */
function warn(what) {
  let banner = document.getElementById("banner");
  if (banner?.dataset.what === what) return;
  banner?.remove();
  banner = element("div", { id: "banner", role: "alert", "data-what": what }, element("p", {}, element("strong", {}, say(`lost.${what}.title`)), " ", say(`lost.${what}.remedy`)),
    element("button", { type: "button", onclick: () => location.reload() }, say("lost.reload")));
  body.append(banner);
}

async function watch() {
  if (beat && Date.now() - beat > LOST_AFTER) {
    const kernel = JSON.parse(text("jupyter-config-data")).kernelId;
    const answer = await fetch(`${base}api/kernels/${kernel}`, { cache: "no-store" }).catch(() => null);
    if (Date.now() - beat > LOST_AFTER) warn(answer ? "kernel" : "server");
  }
}

window.addEventListener("kit:beat", () => {
  beat = Date.now();
  document.getElementById("banner")?.remove();
});

/* ---- start ---- */

function start() {
  document.getElementById("loading")?.remove();
  /** @type {HTMLElement} */ (document.getElementById("deck")).hidden = false;
  if (paged) slides.forEach((slide) => { slide.hidden = false; });
  else drawBar();
  setLanguage(root.lang === "en" ? "en" : "id");
  show(fromHash());
  if (!paged) {
    document.addEventListener("keydown", onKey);
    window.addEventListener("hashchange", () => show(fromHash()));
    window.addEventListener("resize", () => fit(slides[at]));
    document.addEventListener("pointermove", moved);
    const seen = new ResizeObserver(() => fit(slides[at]));
    slides.forEach((slide) => seen.observe(/** @type {Element} */ (slide.querySelector(".content"))));
  }
  setInterval(watch, 1000);
}

start();

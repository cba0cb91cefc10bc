/** The deck: keys, remotes and touch move it; the hash remembers the slide; a lost kernel is said plainly. */

import { advance, nextButton } from "./key.js";
import { openHelpWith } from "./help.js";
import { keepPulse } from "./pulse.js";
import { keepTelling, titleOf } from "./tell.js";

/** @typedef {{[key: string]: any}} Words */

const WORDS = /** @type {{id: Words, en: Words}} */ (JSON.parse(text("kit-words")));
const body = document.body;
const root = document.documentElement;
const base = body.dataset.baseUrl ?? "/";
const notebook = body.dataset.notebook ?? "";
const paged = body.classList.contains("paged");
const slides = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("#deck > .slide")]);

/** Slides of the chosen length: all of them until a session has one. */
let told = slides;
let minutes = 0;
let at = 0;

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

/**
 * Show a slide by its place in the notebook, which stays the same in a deck of any length; where it is left out,
 * the next one that is told.
 * @param {number} index
 */
function show(index) {
  if (paged || !slides.length) return;
  at = slides.indexOf(told.find((slide) => slides.indexOf(slide) >= index) ?? told[told.length - 1]);
  slides.forEach((slide, i) => {
    slide.hidden = i !== at;
  });
  fit(slides[at]);
  const number = `${place() + 1} / ${told.length}`;
  /** @type {HTMLOutputElement} */ (document.getElementById("number")).value = number;
  /** @type {HTMLElement} */ (document.querySelector("#bar .track i")).style.width =
    `${((place() + 1) / told.length) * 100}%`;
  history.replaceState(null, "", `${location.pathname}${location.search}#${at + 1}`);
  const name = keptName(`slide-${notebook}`);
  if (name) remember(name, String(at + 1));
  hint();
  telling();
}

/** What the one key will do, small at the bottom. */
function hint() {
  const line = document.getElementById("hint");
  if (!line || !slides[at]) return;
  const button = nextButton(slides[at]);
  const last = place() + 1 === told.length;
  const what = button?.textContent ?? (last ? "" : say("deck.on").toLowerCase());
  line.textContent = what ? say("deck.key", { what }) : "";
}

/** Where the slide on the screen stands among those that are told, from 0. */
function place() {
  return told.indexOf(slides[at]);
}

/** @param {number} step */
function move(step) {
  const next = told[Math.min(Math.max(place() + step, 0), told.length - 1)];
  show(slides.indexOf(next));
}

/** Leave out what a deck of so many minutes has no time for. @param {number} chosen 0 shows every slide */
function setMinutes(chosen) {
  if (paged || minutes === chosen) return;
  minutes = chosen;
  const fits = (/** @type {HTMLElement} */ slide) => !minutes || Number(slide.dataset.least) <= minutes;
  slides.forEach((slide) => slide.classList.toggle("left-out", !fits(slide)));
  told = slides.filter(fits);
  label();
  show(at);
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
  return (parseInt(location.hash.slice(1) || keptSlide(), 10) || 1) - 1;
}

/** Under which name this browser keeps something of the session in the address. @param {string} what */
function keptName(what) {
  const code = new URLSearchParams(location.search).get("session");
  return code && `kit-${what}/${code}`;
}

/** The slide of this deck that was on the screen when this session was left; a follow-up has a deck of its own. */
function keptSlide() {
  return recall(keptName(`slide-${notebook}`));
}

/** @param {?string} name @returns {string} */
function recall(name) {
  try {
    return (name && localStorage.getItem(name)) || "";
  } catch {
    return ""; // private mode: nothing is kept
  }
}

/* ---- the facilitator's second window, and the remote ---- */

const telling = keepTelling({
  notebook,
  session: () => body.dataset.session ?? "",
  where: () => ({ slides, told, at: slides[at], minutes }),
  move,
  act: () => advance(slides[at], () => move(1), false),
});

function openNotes() {
  window.open(
    `${base}kit/notes/${encodeURIComponent(notebook)}.ipynb`,
    `kit-notes-${notebook}`,
    "width=1180,height=760",
  );
}

/* ---- looks ---- */

/** @param {"id" | "en"} language */
function setLanguage(language) {
  root.lang = language;
  remember("kit-language", language);
  // The pages around the deck read it there.
  const kept = [`kit-language=${language}`, `path=${base}`, "max-age=31536000", "samesite=lax"];
  document.cookie = kept.join(";");
  document.title = titleOf(slides[0]) || document.title;
  for (const node of document.querySelectorAll("[data-say]"))
    node.textContent = say(node.getAttribute("data-say") ?? "");
  for (const node of document.querySelectorAll("[data-label]")) {
    const label = say(node.getAttribute("data-label") ?? "");
    node.setAttribute("aria-label", label);
    node.setAttribute("title", label);
  }
  label();
  hint();
  if (slides[at] && !paged) fit(slides[at]);
}

function label() {
  told.forEach((slide, i) => {
    const heading = slide.querySelector(`h1, h2, h3`)?.textContent?.trim() ?? "";
    if (!paged)
      slide.setAttribute("aria-label", say("deck.slide", { number: i + 1, of: told.length, title: heading }));
  });
}

/** @param {string} key @param {string} value */
function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    /* private mode: not remembered */
  }
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

/**
 * Lines of the icons in a 24 × 24 field: system fonts do not hold all of these signs.
 * @type {{[name: string]: string}}
 */
const ICONS = {
  back: "M15 5l-7 7 7 7",
  on: "M9 5l7 7-7 7",
  notes: "M5 4h14v16H5zM8 9h8M8 13h8M8 17h4",
  theme: "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18",
  full: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  help: "M9 9a3 3 0 1 1 4 3c-1 .5-1 1-1 2M12 18v.01",
  start: "M4 11l8-7 8 7M6 10v10h12V10",
};

/** @param {string} name @param {() => void} act */
function tool(name, act) {
  const press = (/** @type {MouseEvent} */ event) => {
    if (event.detail > 1) return; // a double click is one click
    if (event.detail) button.blur(); // or the one key would press it again
    act();
  };
  const button = element("button", { type: "button", "data-label": `deck.${name}`, onclick: press });
  if (ICONS[name])
    button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
  else button.append(element("span", { "aria-hidden": "true" }, "ID/EN"));
  return button;
}

/** @param {string} look @param {string} sign @param {number} step */
function edge(look, sign, step) {
  const press = (/** @type {MouseEvent} */ event) => event.detail < 2 && move(step);
  return element("button", { class: `edge ${look}`, tabindex: "-1", "aria-hidden": "true", onclick: press }, sign);
}

function drawBar() {
  const tools = element(
    "div",
    { class: "tools" },
    tool("notes", openNotes),
    tool("language", toggleLanguage),
    tool("theme", toggleTheme),
    tool("full", toggleFullScreen),
    tool("help", openHelp),
    tool("start", () => {
      location.href = `${base}kit`;
    }),
  );
  body.append(
    element(
      "nav",
      { id: "bar", "data-label": "deck.bar" },
      element("div", { class: "track" }, element("i")),
      tool("back", () => move(-1)),
      element("output", { id: "number", "data-label": "deck.number" }),
      tool("on", () => move(1)),
      element("div", { id: "strip" }),
      element("span", { class: "space" }),
      element("span", { id: "hint" }),
      tools,
    ),
    edge("back", "‹", -1),
    edge("on", "›", 1),
  );
}

function openHelp() {
  const box = openHelpWith(element, say);
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
  "]": () => move(1),
  "[": () => move(-1),
  ArrowLeft: () => move(-1),
  PageUp: () => move(-1),
  Home: () => show(0),
  End: () => show(slides.length - 1),
  f: toggleFullScreen,
  F5: toggleFullScreen,
  d: toggleTheme,
  n: openNotes,
  l: toggleLanguage,
  b: toggleBlank,
  ".": toggleBlank,
  "?": openHelp,
};

const ONE_KEY = ["ArrowRight", "PageDown", " "];

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const target = /** @type {HTMLElement} */ (event.target);
  const typing = target.closest("input, textarea, select, [contenteditable]");
  const paging = event.key === "PageDown" || event.key === "PageUp";
  if (typing && !(paging && target.tagName === "INPUT")) return;
  if (event.key === " " && target.closest("button:not([data-next]), a, summary")) return;
  if (event.key === "F5" && document.getElementById("banner")) return;
  if (ONE_KEY.includes(event.key)) {
    event.preventDefault();
    if (event.shiftKey) move(1);
    else advance(slides[at], () => move(1), event.repeat);
    return;
  }
  const act = ACTIONS[event.key] ?? ACTIONS[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
}

/* ---- what stations ask of the deck ---- */

window.addEventListener("kit:drawn", () => hint());
window.addEventListener("kit:where", () => !paged && telling());
window.addEventListener("kit:go", (event) => {
  const { runs, step } = /** @type {CustomEvent} */ (event).detail;
  if (step) move(step);
  const found = runs && document.querySelector(`[data-runs="${runs}"]`)?.closest(".slide");
  if (found) show(slides.indexOf(/** @type {HTMLElement} */ (found)));
});

/* ---- how long the deck is: the opening station says it ---- */

window.addEventListener("kit:minutes", (event) => {
  setMinutes(/** @type {CustomEvent} */ (event).detail);
});

/* ---- start ---- */

function start() {
  document.getElementById("loading")?.remove();
  /** @type {HTMLElement} */ (document.getElementById("deck")).hidden = false;
  if (paged)
    slides.forEach((slide) => {
      slide.hidden = false;
    });
  else drawBar();
  setLanguage(root.lang === "en" ? "en" : "id");
  at = fromHash();
  setMinutes(Number(recall(keptName("minutes"))));
  show(at);
  if (!paged) {
    document.addEventListener("keydown", onKey);
    window.addEventListener("hashchange", () => show(fromHash()));
    window.addEventListener("resize", () => fit(slides[at]));
    document.addEventListener("pointermove", moved);
    const seen = new ResizeObserver(() => fit(slides[at]));
    slides.forEach((slide) => seen.observe(/** @type {Element} */ (slide.querySelector(".content"))));
  }
  keepPulse({ say, base, kernel: JSON.parse(text("jupyter-config-data")).kernelId });
}

start();
export {};

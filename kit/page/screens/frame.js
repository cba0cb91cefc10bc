/**
 * The frame around every screen: what is shown, in which language, and what stands above and below it.
 *
 * @import { Part } from "../types"
 */

import { byId, h } from "../element.js";
import { keep } from "../link/keep.js";
import { page, hooks } from "../link/page.js";
import { say } from "../say.js";
import { WORDS } from "../words.js";

const main = byId("main");
const LARGE = 20; // pixels of a rem; 16 where nobody has changed anything

/**
 * What is on the screen: its name, how to draw it again in another language, how to follow new numbers, and how
 * to draw an item anew that another tab has answered. `turn` counts the screens that were asked for.
 */
export const view = {
  name: "",
  turn: 0,
  again() {},
  /** @type {?() => void} */
  refresh: null,
  /** @type {?(itemId: string) => void} */
  redrawItem: null,
};

/** The ways from screen to screen; route.js fills them in, so that no screen has to know the others. */
export const way = {
  /** Show the screen that belongs to the session's stage and this person. */
  async route() {},
  /**
   * Show a screen of the second half that is not bound to a stage.
   * @param {string} _name
   * @param {...any} _given
   */
  async door(_name, ..._given) {},
};

/**
 * A sentence in the reader's language, `{places}` filled.
 * @param {string} path
 * @param {Record<string, any>} [values]
 */
export function t(path, values) {
  return say(WORDS, page.language, path, values);
}

/**
 * Add sentences that come with another module.
 * @param {Record<string, any>} more
 */
export function addWords(more) {
  for (const language of Object.keys(WORDS)) Object.assign(WORDS[language], more[language]);
}

/**
 * Show a screen; a screen under the same name keeps scroll and focus (another language, new numbers).
 * @param {string} name
 * @param {...Part} parts
 */
export function show(name, ...parts) {
  const same = view.name === name;
  Object.assign(view, { name, refresh: null, redrawItem: null });
  hush();
  main.textContent = "";
  main.append(...parts.flat().filter(Boolean));
  noteSize();
  const heading = main.querySelector("h1");
  heading.tabIndex = -1;
  document.title = `${heading.textContent} · ${t("title")}`;
  drawWho();
  if (same) return;
  scrollTo(0, 0);
  if (byId("help").hidden) heading.focus({ preventScroll: true });
  dispatchEvent(new Event("kit-shown"));
}

/**
 * A button of the page.
 * @param {string} label
 * @param {() => void} onclick
 * @param {string} [look] a class beside `button`
 */
export function button(label, onclick, look = "") {
  return h("button", { type: "button", class: `button ${look}`, onclick }, label);
}

/**
 * One of the line drawings in index.html.
 * @param {"screen" | "rest" | "done" | "wait" | "lost" | "door"} name
 */
export function drawing(name) {
  const [svg, use] = ["svg", "use"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  svg.setAttribute("class", "drawing");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#draw-${name}`);
  svg.append(use);
  return svg;
}

/** The personal code, large enough to be photographed. */
export function codeCard() {
  return h(
    "div",
    { class: "card code-card" },
    h("p", { class: "aside" }, t("who.code")),
    h("p", { class: "big-code" }, page.me && page.me.personal_code),
    h("p", null, t("code.photo")),
  );
}

/**
 * A coloured line of text.
 * @param {string} text
 * @param {"" | "warn" | "good"} [look]
 */
export function strip(text, look = "") {
  return h("p", { class: `strip ${look && `strip-${look}`}` }, text);
}

/**
 * A text field with label, hint and error, all tied together for screen readers.
 * @param {string} name
 * @param {{label: string, hint: string, error: string, [attribute: string]: any}} given
 */
export function field(name, { label, hint, error, ...input }) {
  const told = error ? `${name}-error ${name}-hint` : `${name}-hint`;
  return h(
    "div",
    { class: error ? "field field-error" : "field" },
    h("label", { for: name }, label),
    h("p", { class: "aside", id: `${name}-hint` }, hint),
    error && h("p", { class: "error", id: `${name}-error` }, `✗ ${error}`),
    h("input", {
      id: name,
      type: "text",
      autocomplete: "off",
      autocapitalize: "characters",
      spellcheck: "false",
      "aria-describedby": told,
      "aria-invalid": error ? "true" : null,
      ...input,
    }),
  );
}

/**
 * Say something above the screen, to eyes and to screen readers; nothing wipes it but the next word.
 * @param {string} text
 * @param {"" | "warn" | "good"} [look]
 */
export function tell(text, look) {
  byId("connection").textContent = "";
  if (text) byId("connection").append(strip(text, look));
}

/**
 * Say how an answer stands; the line changes only when the state does, so that it is read out once.
 * @param {HTMLElement} line
 * @param {string} state
 * @param {string} [more]
 */
export function showStatus(line, state, more = "") {
  const text = state && `${t(state)}${more && ` ${more}`}`;
  if (line.textContent === text) return;
  line.textContent = text;
  line.className = `status status-${state}`;
}

/** The contact of the local office among the help numbers; a number can be dialled. */
export function drawOffice() {
  const contact = (page.state && page.state.office_contact) || "";
  const digits = contact.replace(/[^\d+]/g, "");
  const office = byId("office");
  office.hidden = !contact;
  office.textContent = "";
  if (!contact) return;
  const words = [h("b", null, contact), " ", h("span", null, t("help.office"))];
  office.append(digits.length > 4 ? h("a", { href: `tel:${digits}` }, words) : h("p", null, words));
}

/** The name of the screen below which the personal code stands. */
let shownOn = "";

/**
 * The personal code, for who asks for it: somebody beside a phone should not read it in passing.
 * Only the screen on which it was given shows it by itself.
 * @param {string} code
 */
function ownCode(code) {
  if (page.given) shownOn = view.name;
  page.given = false;
  if (main.querySelector(".big-code")) return "";
  if (shownOn === view.name) return h("p", { tabindex: -1 }, `${t("who.code")}: `, h("b", null, code));
  shownOn = "";
  const onclick = () => {
    shownOn = view.name;
    drawWho();
    byId("who").querySelector("p").focus();
  };
  return h("button", { type: "button", class: "link", id: "own-code", onclick }, t("who.show"));
}

function drawWho() {
  const who = byId("who");
  who.textContent = "";
  if (!page.me || ["left", "other"].includes(view.name)) return;
  const other = { type: "button", class: "link", id: "next-person", onclick: () => way.door("someoneElse") };
  const ask = { type: "button", class: "link", onclick: () => way.door("askScreen") };
  const mayAsk = page.state && page.state.questions && !view.name.startsWith("ask");
  who.append(
    ownCode(page.me.personal_code),
    /^(?!practice).*\/done$/.test(view.name) ? "" : h("button", other, t("who.other")), // a button of that screen
    mayAsk ? h("button", ask, t("who.ask")) : "",
  );
}

/** Put every fixed word of the page into the reader's language. */
export function translate() {
  document.documentElement.lang = page.language;
  for (const element of document.querySelectorAll("[data-t]")) {
    element.textContent = t(element.getAttribute("data-t") || "");
  }
  const toEnglish = page.language !== "en";
  const [name, short] = toEnglish ? ["English", "EN"] : ["Indonesia", "ID"];
  const words = [h("span", { class: "long" }, name), h("span", { class: "short", "aria-hidden": "true" }, short)];
  byId("language").textContent = "";
  byId("language").append(...words);
  byId("language").lang = toEnglish ? "en" : "id";
  offerVoice();
  drawOffice();
}

/** The other language, at once; what was typed stays. */
export function switchLanguage() {
  page.language = page.language === "en" ? "id" : "en";
  keep.set("kit.language", page.language);
  translate();
  const typed = main.querySelector("input[type=text]");
  view.again();
  const now = main.querySelector("input[type=text]");
  if (typed && now) now.value = typed.value;
}

/** Where the reader's type is large, nothing may stay in sight beside the text: it needs the room. */
function noteSize() {
  const size = parseFloat(getComputedStyle(document.documentElement).fontSize);
  document.documentElement.classList.toggle("large", size > LARGE);
}

/** @param {boolean} big */
export function setBig(big) {
  document.documentElement.classList.toggle("big", big);
  noteSize();
  byId("bigger").setAttribute("aria-pressed", String(big));
  keep.set("kit.big", big ? "1" : "");
}

/** @param {boolean} open */
export function showHelp(open) {
  byId("help").hidden = !open;
  byId("content").hidden = open;
  byId("forget-row").hidden = !page.me;
  byId("help-open").setAttribute("aria-expanded", String(open));
  hush();
  scrollTo(0, 0);
  byId(open ? "help-title" : "help-open").focus();
}

/** Stop reading this screen aloud. */
export function hush() {
  if (window.speechSynthesis) speechSynthesis.cancel();
  byId("speak").setAttribute("aria-pressed", String(isAloud()));
}

/** The key under which this phone keeps that it reads every screen aloud. */
export const ALOUD = "kit.aloud";

export function isAloud() {
  return keep.get(ALOUD) === "1";
}

/** A voice of this phone itself for the reader's language: what is on the screen is sent to nobody to be read. */
export function ownVoice() {
  const tongues = page.language === "en" ? ["en"] : ["id", "in"]; // Android has called Indonesian both
  const voices = window.speechSynthesis ? speechSynthesis.getVoices() : [];
  return voices.find(({ localService, lang }) => localService && tongues.includes(lang.slice(0, 2).toLowerCase()));
}

/** No button where no voice would answer. */
export function offerVoice() {
  byId("speak").hidden = !ownVoice();
}

hooks.asked = drawWho;

hooks.changed = () => {
  if (view.refresh) view.refresh();
};

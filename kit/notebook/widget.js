/**
 * What every widget of the kit does: draw in the language of the page, keep the focus over a redraw, tell the page
 * that its kernel lives.
 *
 * @typedef {object} Widget
 * @property {any} model
 * @property {HTMLElement} el
 * @property {string[]} traits that change what is drawn
 * @property {(language: "id" | "en") => ?HTMLElement} draw null when nothing is different
 */

import { h } from "../page/element.js";

/** The language of the kit's own page, else the kernel's: JupyterLab's page is English whatever was chosen.
 * @param {any} model @returns {"id" | "en"} */
export function languageOf(model) {
  const { lang } = document.documentElement;
  return document.getElementById("deck") && (lang === "en" || lang === "id") ? lang : model.get("language");
}

/**
 * Draw now and whenever a trait or the page's language changes.
 * @param {Widget} widget
 * @param {() => void} [onLanguage] when the language has changed
 * @returns {{draw: () => void, stop: () => void}}
 */
export function keepDrawn({ model, el, traits, draw }, onLanguage = () => {}) {
  const redraw = () => {
    const made = draw(languageOf(model));
    if (!made) return;
    const key = el.contains(document.activeElement) && document.activeElement?.getAttribute("data-key");
    el.replaceChildren(made);
    // Whoever has scrolled on stays there.
    if (key) focusOn(el, key, true);
  };
  for (const name of traits) model.on(`change:${name}`, redraw);
  const language = new MutationObserver(() => {
    redraw();
    onLanguage();
  });
  language.observe(document.documentElement, { attributes: true, attributeFilter: ["lang"] });
  redraw();
  return { draw: redraw, stop: () => language.disconnect() };
}

/** @param {HTMLElement} el @param {string} key @param {boolean} [still] without scrolling there */
export function focusOn(el, key, still = false) {
  /** @type {?HTMLElement} */ (el.querySelector(`[data-key="${key}"]`))?.focus({ preventScroll: still });
}

/** Pass the kernel's pulse on: from the first beat on, silence means a lost kernel. @param {any} model */
export function passBeats(model) {
  const beat = () => window.dispatchEvent(new CustomEvent("kit:beat"));
  model.on("msg:custom", (/** @type {any} */ message) => {
    if (message.beat) beat();
  });
  beat();
}

/** What the kernel could not do, in words. @param {any} model @param {"id" | "en"} language */
export function troubleNotice(model, language, tag = "div") {
  const trouble = model.get("trouble")?.[language];
  if (!trouble) return null;
  const [title, remedy] = trouble;
  return h(tag, { class: "notice bad", role: "alert" }, h("strong", null, `! ${title}`), ` ${remedy}`);
}

/**
 * A field with its label.
 * @param {string} id
 * @param {string} label
 * @param {any} input
 * @param {string} [look]
 */
export function labelled(id, label, input, look = "field") {
  return h("div", { class: look }, h("label", { for: id }, label), input);
}

/**
 * A box to tick, with its label and, if there is one, a hint under it.
 * @param {{id: string, key: string, label: string, on: boolean, hint?: string, change: (on: boolean) => void}} given
 */
export function tickBox({ id, key, label, on, hint, change }) {
  const input = h("input", {
    id,
    type: "checkbox",
    "data-key": key,
    "aria-describedby": hint ? `${id}-hint` : null,
    onchange: (/** @type {any} */ event) => change(event.target.checked),
  });
  input.checked = on;
  const small = hint && h("small", { id: `${id}-hint` }, hint);
  return h("div", { class: "tick" }, input, h("label", { for: id }, label), small);
}

/** A hand needs this long for a second click that it means. */
const MOMENT = 400;
let pressed = -MOMENT;

/** Take no click for what is left of a moment: a double click is one click. @param {HTMLElement} button */
export function settle(button) {
  const left = pressed + MOMENT - performance.now();
  if (left <= 0) return;
  button.setAttribute("aria-disabled", "true");
  setTimeout(() => button.removeAttribute("aria-disabled"), left);
}

/**
 * A button of a widget; drawn under a hand that has just clicked, it waits for a moment.
 * @param {string} key
 * @param {string} label
 * @param {() => void} onclick
 * @param {string} [look]
 * @param {boolean} [disabled]
 */
export function widgetButton(key, label, onclick, look = "main", disabled = false) {
  const press = () => {
    if (button.hasAttribute("aria-disabled")) return;
    pressed = performance.now();
    settle(button);
    onclick();
  };
  const button = h("button", { type: "button", class: look, "data-key": key, disabled, onclick: press }, label);
  settle(button);
  return button;
}

/** @param {...any} buttons */
export function actions(...buttons) {
  return h("div", { class: "actions" }, ...buttons);
}

/** A key of one request: the service does a request with the same key once. (Plain http has no `randomUUID`.) */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

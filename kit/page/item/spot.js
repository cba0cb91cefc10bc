/**
 * An item whose options are phrases of its scenario, to be tapped there.
 *
 * @import { ItemView } from "../types"
 */

import { h } from "../element.js";
import { STUDY } from "../study.js";
import { hintLine, saving, tellDraft, toggle } from "./draft.js";
import { marker } from "./marker.js";
import { scene } from "./scene.js";

/** @param {ItemView} view */
export function spotParts(view) {
  const stemId = `${view.id}-stem`;
  const hint = hintLine();
  /** @type {Map<string, HTMLElement>} */
  const buttons = new Map();
  /** @param {string} optionId */
  const press = (optionId) => {
    toggle(view, optionId);
    for (const [id, button] of buttons) button.setAttribute("aria-pressed", String(view.draft.has(id)));
    tellDraft(view, hint);
  };
  /** @type {(tag: string, optionId: string, look: object, ...inside: any[]) => HTMLElement} */
  const button = (tag, optionId, look, ...inside) => {
    const pressed = String(view.draft.has(optionId));
    const made = h(tag, { ...look, "aria-pressed": pressed, onclick: () => press(optionId) }, ...inside);
    buttons.set(optionId, made);
    return made;
  };
  // A real button never breaks across lines, a phrase in a message must.
  const phrase = { class: "phrase", role: "button", tabindex: 0, onkeydown: pressByKey };
  const message = scene(view, (id, text) => button("span", id, phrase, text), true);
  return [
    h("p", { class: "stem", id: stemId }, view.item.stem),
    h("p", { class: "aside" }, view.words.tap),
    h("div", { role: "group", "aria-labelledby": stemId }, message, unsureButton(view, button)),
    ...saving(view, hint),
  ];
}

/**
 * @param {ItemView} view
 * @param {(tag: string, optionId: string, look: object, ...inside: any[]) => HTMLElement} button
 */
function unsureButton(view, button) {
  const unsure = view.item.options.find((option) => option.option_id === STUDY.unsure);
  if (!unsure) return null;
  const words = h("span", { class: "words" }, unsure.text);
  return button("button", STUDY.unsure, { class: "option-press", type: "button" }, marker(0, STUDY.unsure), words);
}

/** @param {KeyboardEvent} event */
function pressByKey(event) {
  if (event.key !== "Enter" && event.key !== " ") return;
  event.preventDefault();
  /** @type {HTMLElement} */ (event.currentTarget).click();
}

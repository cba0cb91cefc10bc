/**
 * One item of a wave with its place in it and the ways on and back: on a phone, and at the kiosk.
 *
 * @import { Choice, Item, Say } from "../types"
 *
 * @typedef {object} OneItem
 * @property {Item} item
 * @property {Choice} choice
 * @property {string} language
 * @property {string} wave
 * @property {number} number from 1
 * @property {number} of
 * @property {Say} say
 * @property {(choice: Choice) => void} onChoice
 * @property {(unsaved: boolean) => void} [onDraft]
 * @property {() => void} onNext
 * @property {?() => void} onBack null on the first item
 */

import { bar, h } from "../element.js";
import "../item/kit_quiz.js";

/** @param {OneItem} given */
export function oneItem(given) {
  const { say, number, of, wave, language, onBack } = given;
  const quiz = h("kit-quiz", { class: "nav-follows" });
  /** Draw the item, again when another choice has come for it. @param {Choice} choice */
  const draw = (choice) => {
    const { item, onChoice, onDraft } = given;
    quiz.data = { item, choice, language, onChoice, onDraft };
  };
  const next = h("button", { type: "button", class: "button", "data-key": "on", onclick: given.onNext });
  const back = { type: "button", class: "button quiet", "data-key": "back", onclick: onBack };
  const status = h("p", { class: "status", role: "status" });
  const nav = h("div", { class: "nav" }, onBack && h("button", back, say("back")), status, next);
  const top = h(
    "div",
    { class: "item-top" },
    h("h1", null, say("item.of", { n: number, all: of })),
    h("p", { class: "kicker" }, say(`wave.${wave}`)),
  );
  draw(given.choice);
  return { parts: [top, bar(number / of, "progress"), quiz, nav], quiz, draw, next, nav, status };
}

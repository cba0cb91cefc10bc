/**
 * What practice tells of one offer: on a phone, and at the kiosk.
 *
 * @import { Choice, PracticeShown, Say } from "../types"
 */

import { h } from "../element.js";
import { STUDY } from "../study.js";
import { checksOf } from "./five_checks.js";

/**
 * Both errors are named, calmly: a fraud accepted, and a genuine offer refused.
 * @param {PracticeShown} shown
 * @param {Choice} choice
 */
export function outcome(shown, choice) {
  if (shown.correct === 1) return "right";
  if (choice[0] === STUDY.unsure) return "unsure";
  return shown.key[0] === "fraud" ? "accepted" : "refused";
}

/**
 * @param {HTMLElement} quiz the offer itself, which stands last
 * @param {PracticeShown} shown
 * @param {Choice} choice
 * @param {Say} say
 */
export function told(quiz, shown, choice, say) {
  const name = outcome(shown, choice);
  const reason = h("b", null, say("practice.letters"));
  return [
    h("p", { class: `strip strip-${name === "right" ? "good" : "warn"}` }, say(`practice.${name}`)),
    h("div", { class: "kit" }, h("div", { class: "rationale" }, reason, h("p", null, shown.rationale))),
    checksOf(shown.letters, say),
    quiz,
  ];
}

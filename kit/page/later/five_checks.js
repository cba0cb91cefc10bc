/**
 * The five checks that everybody takes home, and those of them that settle one offer.
 *
 * @import { OwnItem, Say } from "../types"
 */

import { h } from "../element.js";

const CHECKS = [..."CEKAL"];
const FEW = 3;
const FIRST = [..."CKA"]; // where a person's own answers say nothing else

/**
 * @param {string} letter
 * @param {...any} words
 */
function checkRow(letter, ...words) {
  return h("li", null, h("span", { class: "big-letter", "aria-hidden": "true" }, letter), h("div", null, ...words));
}

/**
 * @param {string} letter
 * @param {Say} say
 */
function checkName(letter, say) {
  return say(`cekal.${letter.toLowerCase()}`);
}

/** All five, each with what to do. @param {Say} say */
export function fiveChecks(say) {
  const rows = CHECKS.map((letter) =>
    checkRow(letter, h("b", null, checkName(letter, say)), h("p", null, say(`cekal.${letter.toLowerCase()}2`))),
  );
  return h("section", { class: "cekal" }, h("h2", null, say("cekal.title")), h("ol", null, rows));
}

/**
 * Those that settle an offer; nothing where its rationale names none.
 * @param {string[]} letters
 * @param {Say} say
 */
export function checksOf(letters, say) {
  if (!letters.length) return null;
  const rows = letters.map((letter) => checkRow(letter, h("b", null, checkName(letter, say))));
  return h("section", { class: "cekal" }, h("ol", null, rows));
}

/**
 * The checks that this person's own mistakes ask for most, as sentences to be remembered.
 * @param {OwnItem[]} items
 * @param {Say} say
 */
export function toTakeAlong(items, say) {
  const missed = items.filter(({ correct, wave }) => correct !== 1 && wave !== "poll");
  const times = (/** @type {string} */ letter) => missed.filter(({ letters }) => letters.includes(letter)).length;
  const asked = CHECKS.filter(times).sort((a, b) => times(b) - times(a));
  const few = [...asked, ...FIRST.filter((letter) => !asked.includes(letter))].slice(0, FEW);
  return CHECKS.filter((letter) => few.includes(letter)).map((letter) => checkName(letter, say));
}

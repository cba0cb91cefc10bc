import { h } from "../element.js";
import { STUDY } from "../study.js";

/**
 * The coloured mark of the n-th option (from 0): letter and shape; "don't know" has its own.
 * @param {number} index
 * @param {string} [optionId]
 */
export function marker(index, optionId) {
  if (optionId === STUDY.unsure) return h("span", { class: "mark mark-unsure" }, "?");
  const known = STUDY.marks[index];
  if (!known) return h("span", { class: "mark mark-f" }, String(index + 1));
  const [letter, shape] = known;
  return h("span", { class: `mark mark-${letter.toLowerCase()}` }, letter, h("i", { "aria-hidden": "true" }, shape));
}

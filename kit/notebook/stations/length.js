/**
 * How long the deck is. It is the projector's matter alone, so this browser keeps it by session: it may be changed in
 * the middle of a session, and no answer depends on it.
 *
 * @import { View } from "./types"
 */

import { h } from "../../page/element.js";

const LENGTHS = [45, 60, 90];
export const USUAL_LENGTH = 60;

/** @param {string} code */
const nameOf = (code) => `kit-minutes/${code}`;

/** The minutes chosen for a session. @param {string} code */
export function keptLength(code) {
  try {
    return Number(localStorage.getItem(nameOf(code))) || USUAL_LENGTH;
  } catch {
    return USUAL_LENGTH; // private mode: nothing is kept
  }
}

/** @param {string} code @param {number} minutes */
export function keepLength(code, minutes) {
  try {
    localStorage.setItem(nameOf(code), String(minutes));
  } catch {
    /* private mode: the usual length after a reload */
  }
  tellDeck(minutes);
}

/** Let the deck leave out what there is no time for; 0 shows every slide. @param {number} minutes */
export function tellDeck(minutes) {
  window.dispatchEvent(new CustomEvent("kit:minutes", { detail: minutes }));
}

/** @param {View} view @param {number} chosen @param {(minutes: number) => void} choose */
export function lengthField({ say }, chosen, choose) {
  const choices = LENGTHS.map((minutes) => {
    const key = `minutes-${minutes}`;
    const input = h("input", {
      id: `kit-${key}`,
      type: "radio",
      name: "kit-minutes",
      value: minutes,
      "data-key": key,
      onchange: () => choose(minutes),
    });
    input.checked = minutes === chosen;
    return h("label", null, input, h("span", null, say("open.minutes_choice", { minutes })));
  });
  return h("fieldset", { class: "field lengths" }, h("legend", null, say("open.minutes")), ...choices);
}

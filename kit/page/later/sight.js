/** An offer that somebody has heard of: one list a screen, no free text, nothing about who or where. */

import { h } from "../element.js";
import { call } from "../link/call.js";
import { persist } from "../link/persist.js";
import { failed } from "../screens/failed.js";
import { button, drawing, show, t, view, way } from "../screens/frame.js";
import { STUDY } from "../study.js";

/** @typedef {{told: Record<string, string>, signs: string[]}} Note */

const SIGN = "sign";

/** The lists in the order in which they are asked; `heard` last, the signs before it. */
function listSteps() {
  const names = Object.keys(STUDY.sighting).filter((name) => name !== SIGN);
  return [...names.slice(0, -1), SIGN, ...names.slice(-1)];
}

/** Ask from the beginning. */
export function sightScreen() {
  askStep({ told: {}, signs: [] }, 0);
}

/**
 * @param {Note} note
 * @param {number} at
 */
function askStep(note, at) {
  const names = listSteps();
  if (at === names.length) {
    sendNote(note);
    return;
  }
  view.again = () => askStep(note, at);
  const name = names[at];
  show(
    `sight/${name}`,
    h("p", { class: "kicker" }, `${t("sight.kicker")} · ${t("item.of", { n: at + 1, all: names.length })}`),
    h("h1", null, t(`sight.${name}`)),
    at === 0 && h("p", null, t("sight.lead")),
    name === SIGN && h("p", null, t("sight.signs")),
    name === SIGN ? signBoxes(note, at) : valueButtons(note, at, name),
    h("p", null, button(t("back"), at ? () => askStep(note, at - 1) : way.route, "quiet")),
  );
}

/**
 * @param {Note} note
 * @param {number} at
 * @param {string} name
 */
function valueButtons(note, at, name) {
  const take = (/** @type {string} */ value) => () => {
    askStep({ ...note, told: { ...note.told, [name]: value } }, at + 1);
  };
  return h(
    "div",
    { class: "choices choices-close" },
    STUDY.sighting[name].map((value) => button(t(`sighting.${name}.${value}`), take(value), "choice")),
  );
}

/**
 * @param {Note} note
 * @param {number} at
 */
function signBoxes(note, at) {
  const row = (/** @type {string} */ value) => {
    const input = h("input", { type: "checkbox", value, checked: note.signs.includes(value) });
    return h("label", { class: "tick-row" }, input, h("span", null, t(`sighting.sign.${value}`)));
  };
  const list = h("div", { class: "ticks", role: "group", "aria-label": t("sight.sign") }, STUDY.sighting.sign.map(row));
  const on = () => {
    const chosen = [...list.querySelectorAll("input:checked")].map((input) => input.value);
    askStep({ ...note, signs: chosen }, at + 1);
  };
  return h("div", null, list, h("p", null, button(t("next"), on)));
}

/** @param {Note} note */
async function sendNote({ told, signs: chosen }) {
  view.turn += 1;
  const { turn } = view;
  const { heard, ...rest } = told;
  try {
    const asked = { ...rest, when: heard, signs: chosen };
    await persist(() => call("POST", "/sightings", asked), () => turn === view.turn);
  } catch (caught) {
    failed(/** @type {import("../link/call.js").Problem} */ (caught));
    return;
  }
  view.again = thanks;
  thanks();
}

function thanks() {
  show(
    "sight/sent",
    drawing("done"),
    h("h1", null, t("sight.sent")),
    h("p", { class: "lead" }, t("sight.sent_text")),
    h("p", null, button(t("sight.back"), way.route)),
    h("p", null, button(t("sight.more"), sightScreen, "quiet")),
  );
}

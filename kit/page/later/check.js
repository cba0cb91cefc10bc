/**
 * After the last item: every item with its state, and the end of the wave.
 *
 * @import { Item } from "../types"
 */

import { h } from "../element.js";
import { outbox } from "../link/outbox.js";
import { page } from "../link/page.js";
import { goTo } from "../screens/answering.js";
import { failed } from "../screens/failed.js";
import { button, codeCard, drawing, show, strip, t, view, way } from "../screens/frame.js";
import { STUDY } from "../study.js";
import { resultsScreen } from "./results.js";

const SIGNS = { open: "○", optional: "○", answered: "✓", unsaved: "…" };

/** Every item with its state, each a way back to it. */
export function checkScreen() {
  if (!page.wave) return;
  const { wave, items } = page.wave;
  const missing = items.filter((item) => isOpen(item) && STUDY.kinds[item.kind].scored).length;
  const finish = () => {
    outbox.submit(wave);
    goTo("done");
  };
  const list = h(
    "ol",
    { class: "overview" },
    items.map(() => h("li")),
  );
  const draw = () => items.forEach((item, index) => drawState(list.children[index], wave, item, index));
  view.again = way.route;
  draw();
  show(
    `${wave}/check`,
    h("p", { class: "kicker" }, t(`wave.${wave}`)),
    h("h1", null, t("check.title")),
    missing ? strip(t("check.missing", { n: missing }), "warn") : strip(t("check.all"), "good"),
    !missing && wave === "followup" && h("p", null, t("check.last")),
    !missing && h("p", null, button(t("check.send"), finish)),
    list,
    h("p", null, button(t("back"), () => goTo(items.length - 1), "quiet")),
  );
  view.refresh = () => {
    if (page.wave) draw();
  };
}

/** @param {Item} item */
function isOpen(item) {
  return !page.wave || !page.wave.responses[item.item_id];
}

/**
 * @param {string} wave
 * @param {Item} item
 * @returns {keyof typeof SIGNS}
 */
function stateOf(wave, item) {
  if (isOpen(item)) return STUDY.kinds[item.kind].scored ? "open" : "optional";
  return outbox.status(wave, item.item_id) === "saved" ? "answered" : "unsaved";
}

/**
 * @param {HTMLElement} line
 * @param {string} wave
 * @param {Item} item
 * @param {number} index
 */
function drawState(line, wave, item, index) {
  const state = stateOf(wave, item);
  if (line.dataset.state === state) return;
  line.dataset.state = state;
  line.textContent = "";
  const row = h(
    "button",
    { type: "button", class: `row row-${state}`, onclick: () => goTo(index) },
    h("span", { class: "sign", "aria-hidden": "true" }, SIGNS[state]),
    h("b", null, t("check.number", { n: index + 1 })),
    " ",
    h("span", null, t(`check.${state}`)),
  );
  line.append(row);
}

/** After finishing: says plainly whether everything has arrived. */
export function finishedScreen() {
  if (!page.wave) return;
  const { wave } = page.wave;
  const waiting = outbox.entries(wave);
  const entries = waiting.length;
  const unsent = waiting.filter((entry) => entry.item).length;
  const followup = wave === "followup";
  view.again = way.route;
  show(
    `${wave}/done`,
    drawing(entries ? "wait" : "done"),
    h("h1", null, t("done.title")),
    h("div", { role: "status" }, entries ? strip(sendingWords(unsent), "warn") : strip(t("done.saved"), "good")),
    followup && !entries
      ? h("p", null, button(t("done.result"), ownResults))
      : h("p", { class: "lead" }, t("done.next")),
    codeCard(),
    !followup && h("p", null, button(t("done.change"), () => goTo(0), "quiet")),
    h("p", null, button(t("who.other"), () => way.door("someoneElse"), "quiet")),
  );
  view.refresh = () => {
    if (page.wave && outbox.entries(wave).length !== entries) finishedScreen();
  };
}

/** @param {number} unsent */
function sendingWords(unsent) {
  return unsent ? t("done.sending", { n: unsent }) : t("moment");
}

/** In the follow-up everybody goes at their own pace: the result is there as soon as one is finished. */
function ownResults() {
  const { turn } = view;
  resultsScreen(() => turn === view.turn).catch(failed);
}

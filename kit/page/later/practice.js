/**
 * Practice: one offer after the other, each with its reason as soon as the answer is stored. What was answered stays.
 *
 * @import { Choice, Wave } from "../types"
 */

import { bar, h } from "../element.js";
import { call } from "../link/call.js";
import { keep } from "../link/keep.js";
import { outbox } from "../link/outbox.js";
import { page } from "../link/page.js";
import { persist, spread } from "../link/persist.js";
import { fetchWave, goTo, placeKey } from "../screens/answering.js";
import { button, drawing, show, showStatus, strip, t, view, way } from "../screens/frame.js";
import { lanterns } from "./lanterns.js";
import { outcome, told } from "./practised.js";

const WAVE = "practice";

/** @param {() => boolean} alive */
export async function practiceScreen(alive) {
  if (!page.wave || page.wave.wave !== WAVE || page.wave.language !== page.language) {
    const fetched = await fetchWave(WAVE, alive);
    if (!alive()) return;
    page.wave = fetched;
  }
  view.again = way.route;
  const { items } = page.wave;
  const at = placeIn(page.wave);
  if (!items.length) nothingHere();
  else if (at < items.length) offerScreen(page.wave, at);
  else await roomToo(page.wave, alive);
}

/**
 * The end of a round; how the room did is asked for once the last own answer has arrived.
 * @param {Wave} wave
 * @param {() => boolean} alive
 */
async function roomToo(wave, alive) {
  allDone(wave);
  if (wave.room) return;
  if (outbox.entries(WAVE).length) {
    view.refresh = () => {
      if (!outbox.entries(WAVE).length) way.route();
    };
    return;
  }
  await spread();
  const { room = {} } = await persist(() => call("GET", `/waves/${WAVE}?language=${page.language}`), alive);
  if (!alive()) return;
  wave.room = room;
  allDone(wave);
}

/** Where this person is: kept over a reload, else the first offer that is open. @param {Wave} wave */
function placeIn({ items, responses }) {
  const kept = keep.get(placeKey(WAVE));
  if (kept !== null) return Number(kept);
  const open = items.findIndex((item) => !responses[item.item_id]);
  return open < 0 ? items.length : open;
}

/** Another audience practises just now. */
function nothingHere() {
  show(`${WAVE}/none`, drawing("screen"), h("h1", null, t("practice.none")), h("p", { class: "lead" }, t("done.next")));
}

/** @param {Wave} wave */
function allDone({ items, shown = {}, room = {} }) {
  const right = items.filter((item) => shown[item.item_id] && shown[item.item_id].correct === 1).length;
  show(
    `${WAVE}/done`,
    lanterns(items, room, t) || drawing("done"),
    h("h1", null, t("practice.done")),
    strip(t("practice.count", { right, all: items.length }), "good"),
    h("p", { class: "lead" }, t("done.next")),
    h("p", null, button(t("practice.again"), () => goTo(0), "quiet")),
  );
}

/**
 * @param {Wave} wave
 * @param {number} at
 */
function offerScreen(wave, at) {
  const item = wave.items[at];
  const known = wave.responses[item.item_id];
  const shown = wave.shown && wave.shown[item.item_id];
  const status = h("p", { class: "status", role: "status" });
  const quiz = h("kit-quiz");
  quiz.data = {
    item,
    choice: known ? known.choice : [],
    language: page.language,
    readOnly: Boolean(known),
    feedback: shown ? { key: shown.key } : null, // the reason stands above, before anybody turns the page
    onChoice: (/** @type {Choice} */ choice) => {
      outbox.answer(WAVE, item.item_id, choice);
      offerScreen(wave, at);
    },
  };
  const place = t("item.of", { n: at + 1, all: wave.items.length });
  show(
    `${WAVE}/${item.item_id}/${shown ? "shown" : "asked"}`,
    h("p", { class: "kicker" }, shown ? `${t("wave.practice")} · ${place}` : t("wave.practice")),
    h("h1", null, shown ? t(`practice.${outcome(shown, known.choice)}_title`) : place),
    bar((at + 1) / wave.items.length, "progress"),
    ...(shown ? told(quiz, shown, known.choice, t) : [quiz, h("div", { class: "poll-status" }, status)]),
    shown && h("div", { class: "nav nav-answered" }, button(t("next"), () => goTo(at + 1))),
  );
  view.redrawItem = (itemId) => {
    if (itemId === item.item_id) offerScreen(wave, at);
  };
  view.refresh = () => follow(wave, at, status, Boolean(shown));
  if (!shown) view.refresh();
}

/**
 * The reason comes with the confirmation; if another tab got that, it is fetched.
 * @param {Wave} wave
 * @param {number} at
 * @param {HTMLElement} status
 * @param {boolean} told whether the reason is on the screen
 */
function follow(wave, at, status, told) {
  if (told || wave !== page.wave) return;
  const { item_id } = wave.items[at];
  if (wave.shown && wave.shown[item_id]) {
    offerScreen(wave, at);
    return;
  }
  const state = outbox.status(WAVE, item_id);
  showStatus(status, state === "saved" ? "saving" : state);
  if (state !== "saved") return;
  page.wave = null;
  way.route();
}

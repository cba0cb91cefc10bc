/**
 * A wave: before it is opened, while it runs, afterwards.
 *
 * @import { Draw, View } from "./types"
 */

import { h } from "../../page/element.js";
import { actions } from "../widget.js";
import { go, meter, next, notNow, past, through } from "./parts.js";

/** Where a wave leads when it is closed. @type {Record<string, string>} */
const AFTER = { pre: "lesson", post: "results" };

/** @type {Draw} */
export function drawWave(view) {
  const { options, live, say } = view;
  const { wave } = options;
  const heading = h("h2", null, say(`stages.${wave}`));
  if (live.stage === wave) return [heading, ...running(view)];
  if (past(live, wave)) return [heading, ...over(view)];
  return [heading, ...ahead(view)];
}

/** @type {Draw} */
function ahead(view) {
  const { options, live, say, sure, ask } = view;
  const { wave } = options;
  const start = () => sure("start", say("wave.start_sure"), say("wave.start"), () => ask("move", { stage: wave }));
  return [
    lead(view),
    wave === "pre" && h("dl", { class: "numbers" }, ...cameFigures(view)),
    actions(live.moves.includes(wave) ? next(start()) : closeFirst(view)),
  ];
}

/** A poll that was forgotten is closed on the way; before its time a wave says why. @param {View} view */
function closeFirst(view) {
  const way = view.options.wave === "post" ? through(view, "post", view.say("wave.start")) : null;
  return way ? next(way) : notNow(view, "wave.not_now");
}

/** @type {Draw} */
function running(view) {
  const { options, live, say, sure, ask } = view;
  const { wave } = options;
  const finished = live.finished[wave];
  const left = Math.max(live.joined - finished, 0);
  const question = left ? say("wave.stop_sure", { n: left }) : say("wave.stop_done");
  const label = say(wave === "post" ? "wave.stop_and_show" : "wave.stop");
  return [
    lead(view),
    ...numbers(view, finished),
    actions(
      next(sure("stop", question, label, () => ask("move", { stage: AFTER[wave] }))),
      wave === "post" && go(view, "lesson", say("poll.over"), "plain"),
    ),
  ];
}

/** @type {Draw} */
function over(view) {
  const { options, live, say } = view;
  const { wave } = options;
  const line = say("wave.over_line", { finished: live.finished[wave], joined: live.joined });
  return [
    h("p", { class: "lead" }, say("wave.over")),
    h("p", { class: "big" }, line),
    live.moves.includes(wave) && actions(go(view, wave, say("wave.undo"), "plain")),
  ];
}

/** @param {View} view */
function lead({ options, say }) {
  return h("p", { class: "lead" }, say(`wave.lead_${options.wave}`));
}

/** @param {View} view @param {number} finished */
function numbers(view, finished) {
  const { live, say } = view;
  const text = say("wave.progress", { finished, joined: live.joined });
  return [
    h("dl", { class: "numbers" }, ...cameFigures(view), figure(finished, say("wave.finished"), "lit")),
    meter(live, finished, text),
    h("p", { class: "muted" }, text),
    live.groups.phones > 0 && h("p", { class: "muted" }, say("wave.groups", groupsOf(live, view.options.wave))),
  ];
}

/** Groups with one phone stand apart from persons. @param {any} live @param {string} wave */
function groupsOf({ groups }, wave) {
  return { finished: groups.finished[wave], phones: groups.phones, people: groups.people };
}

/** @param {View} view */
function cameFigures({ live, say }) {
  // A phone on which nobody has joined yet follows too.
  const connected = Math.min(live.connected, live.joined + live.groups.phones);
  return [figure(live.joined, say("wave.joined")), figure(connected, say("wave.connected"))];
}

/** @param {number} value @param {string} word @param {string} [look] */
export function figure(value, word, look = "") {
  return h("div", { class: look }, h("dt", null, word), h("dd", null, String(value)));
}

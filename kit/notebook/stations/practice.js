/**
 * Practice: who is through while it runs; afterwards each offer with the room's split, what settles it and its letter.
 *
 * @import { Item } from "../../page/types"
 * @import { Draw, View } from "./types"
 */

import { h } from "../../page/element.js";
import { LATER_WORDS } from "../../page/later/words.js";
import { actions, widgetButton } from "../widget.js";
import { go, meter, next, notNow, past, through } from "./parts.js";
import { choice, sceneOf } from "./poll.js";
import { figure } from "./wave.js";

/** @type {Draw} */
export function drawPractice(view) {
  const { model, options, live, say } = view;
  const heading = h("h2", null, say("practice.title"));
  if (!options.items.length) return [heading, h("p", { class: "lead" }, say("practice.none"))];
  if (live.stage === "practice") return [heading, ...practiceRunning(view)];
  if (model.get("reveal")) return practisedOffer(view);
  return [heading, h("p", { class: "lead" }, say("practice.lead")), practiceAhead(view)];
}

/** @param {View} view */
function practiceAhead(view) {
  const { live, memory } = view;
  const start = go(view, "practice", view.say("practice.start"));
  if (live.moves.includes("practice")) return memory.ran ? nobodyPractised(view) : actions(next(start));
  const way = past(live, "practice") ? null : through(view, "practice", view.say("practice.start"));
  if (way) return actions(next(way));
  if (!past(live, "practice")) return notNow(view, "practice.not_now");
  return h("p", { class: "muted" }, view.say("practice.left_out"));
}

/** It ran and nobody answered: the one key goes on, and does not start it again. @param {View} view */
function nobodyPractised(view) {
  const words = h("p", { class: "muted" }, view.say("practice.nobody"));
  return h("div", null, words, actions(go(view, "practice", view.say("wave.undo"), "plain")));
}

/** @type {Draw} */
function practiceRunning(view) {
  const { live, say, sure, ask, memory } = view;
  memory.ran = true;
  const { finished } = live.practice;
  const text = say("wave.progress", { finished, joined: live.joined });
  const left = Math.max(live.joined - finished, 0);
  const question = left ? say("practice.stop_sure", { n: left }) : say("practice.stop_done");
  return [
    h("p", { class: "lead" }, say("practice.lead")),
    h(
      "dl",
      { class: "numbers" },
      figure(live.joined, say("wave.joined")),
      figure(live.connected, say("wave.connected")),
      figure(finished, say("wave.finished"), "lit"),
    ),
    meter(live, finished, text),
    h("p", { class: "muted" }, text),
    actions(next(sure("stop", question, say("practice.stop"), () => ask("move", { stage: "lesson" })))),
  ];
}

/** One offer after the practice. @type {Draw} */
function practisedOffer(view) {
  const { model, options, live, say, language, memory } = view;
  const at = memory.at || 0;
  /** @type {Item} */
  const item = options.items[at][language];
  const reveal = model.get("reveal")[item.item_id];
  const room = live.practice.items.find((/** @type {any} */ one) => one.item_id === item.item_id);
  const split = room && room.split;
  const answers = room ? room.answered : 0;
  const rows = item.options.map((option, index) => choice(view, option, index, { reveal, split, answers }));
  const few = h("p", { class: "muted" }, say("practice.few"));
  const left = h("div", null, sceneOf(view, item, reveal), whatSettles(view, reveal), offerMoves(view, at));
  const right = [h("h2", { class: "stem" }, item.stem), h("ol", { class: "choices" }, rows), !split && few];
  const title = say("practice.offer", { n: at + 1, of: options.items.length });
  return [
    h("p", { class: "muted" }, title),
    h("div", { class: "poll practice" }, left, h("div", null, ...right, errorWords(view, reveal))),
  ];
}

/** What settles it, and the checks that find it. @param {View} view @param {any} reveal */
function whatSettles({ say, language }, reveal) {
  const checks = reveal.letters.map((/** @type {string} */ letter) =>
    h("b", { class: "letter" }, `${letter} · ${LATER_WORDS[language].cekal[letter.toLowerCase()]}`),
  );
  return h("p", { class: "why" }, h("b", null, `${say("poll.why")}: `), reveal.rationale[language], ...checks);
}

/** Both errors have a name: a fraud accepted, a genuine offer refused. @param {View} view @param {any} reveal */
function errorWords({ say }, reveal) {
  const name = reveal.key[0] === "fraud" ? "accepted" : "refused";
  return h("p", { class: "error-words" }, h("b", null, say(`practice.${name}`)), ` ${say(`practice.${name}_line`)}`);
}

/** @param {View} view @param {number} at */
function offerMoves(view, at) {
  const { options, live, say, memory, redraw } = view;
  /** @param {number} to */
  const turn = (to) => () => {
    memory.at = to;
    redraw();
  };
  const more = at + 1 < options.items.length;
  return actions(
    more && next(widgetButton("next", say("practice.next"), turn(at + 1))),
    at > 0 && widgetButton("back", say("practice.back"), turn(at - 1), "plain"),
    !more && live.moves.includes("practice") && go(view, "practice", say("wave.undo"), "plain"),
  );
}

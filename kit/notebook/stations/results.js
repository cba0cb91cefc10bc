/**
 * The room before and after.
 *
 * @import { Draw, View } from "./types"
 */

import { h } from "../../page/element.js";
import { actions } from "../widget.js";
import { next } from "./parts.js";

const FEW = 20; // fewer people than this have no 0 or 100 in their shares

/** @type {Draw} */
export function drawResults(view) {
  const { live, say, language } = view;
  const title = h("h2", { class: "small" }, say("results.title"));
  const room = live.results;
  if (!room) return [title, notYet(view)];
  if (room.suppressed) {
    return [title, h("p", { class: "lead" }, say("results.few")), h("p", { class: "muted" }, say("results.few_line"))];
  }
  const { told } = live;
  if (!told) return [title, h("p", { class: "lead", role: "status" }, say("results.reckoning"))];
  const pairs =
    told.hit_pre === null
      ? h("p", { class: "muted" }, say("results.no_offers"))
      : h("div", { class: "pairs" }, pair(view, "hit", told), pair(view, "false_alarm", told));
  const people = told.n_pairs === null ? "" : say("results.pairs", { n: told.n_pairs });
  return [
    title,
    h("p", { class: "headline" }, told.change[language]),
    told.hit_pre !== null && h("p", { class: "verdict" }, told.verdict[language]),
    pairs,
    h("p", { class: "muted" }, people, " ", say("results.own")),
  ];
}

/** @param {View} view */
function notYet({ live, say, sure, ask }) {
  if (!live.moves.includes("results")) return h("p", { class: "lead" }, say("results.waiting"));
  const show = () => ask("move", { stage: "results" });
  return actions(next(sure("show", say("results.show_sure"), say("results.show"), show)));
}

/** @param {View} view @param {"hit" | "false_alarm"} name @param {any} room */
function pair(view, name, room) {
  if (room[`${name}_pre`] === null) return null;
  const title = h("h3", null, view.say(`results.${name}`));
  const rows = ["pre", "post"].map((wave) => pairRow(view, wave, room[`${name}_${wave}`], room.n_pairs));
  return h("section", { class: `pair pair-${name}` }, title, ...rows);
}

/** @param {View} view @param {string} wave @param {number} share @param {number} people */
function pairRow({ say }, wave, share, people) {
  const n = Math.round(share * 100);
  return h(
    "div",
    { class: `row row-${wave}` },
    h("span", null, say(wave === "pre" ? "results.before" : "results.after")),
    h("span", { class: "track" }, h("i", { style: `width:${n}%` })),
    h("b", null, say("results.of100", { n: shareWords(share, people) })),
  );
}

/**
 * All or none of a few people would speak of every single one: as in the report.
 * @param {number} share
 * @param {number} people
 */
function shareWords(share, people) {
  if (people >= FEW || (share !== 0 && share !== 1)) return Math.round(share * 100);
  return share ? "≥ 90" : "≤ 10";
}

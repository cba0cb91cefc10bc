/**
 * One scenario for the room: the question, then how all chose, the key and the reason.
 *
 * @import { Item, Option } from "../../page/types"
 * @import { Draw, View } from "./types"
 */

import { h } from "../../page/element.js";
import { renderItem } from "../../page/item/item.js";
import { marker } from "../../page/item/marker.js";
import { STUDY } from "../../page/study.js";
import { actions } from "../widget.js";
import { besidePhones, handButtons, handField, handsOf, isTyping } from "./hands.js";
import { go, next, notNow, past, through } from "./parts.js";

const SPLIT_FROM = 5;

/** @typedef {{reveal: any, split: ?Record<string, number>, answers: number, hands?: ?Record<string, number>}} Room */

/** @type {Draw} */
export function drawPoll(view) {
  const { model, options, live, say, language } = view;
  /** @type {Item} */
  const item = options.item[language];
  const asked = live.stage === `poll:${item.item_id}`;
  const reveal = live.stage === `reveal:${item.item_id}` ? model.get("reveal") : null;
  const all = live.splits[item.item_id] ?? {};
  const answers = live.answered?.[item.item_id] ?? countAnswers(item, all);
  // Fewer than five could be known by what they chose.
  const split = answers < SPLIT_FROM ? null : all;
  const hands = handsOf(view, item);
  const count = h("p", { class: "answers" }, h("b", null, String(answers)), ` ${say("poll.answers")}`);
  const buttons = pollMoves(view, item.item_id, asked, Boolean(reveal));
  const beside = asked || reveal ? [count, ...besidePhones(view, item)] : [];
  const below = actions(...beside, ...buttons, ...(asked || reveal ? handButtons(view, item) : []));
  const few = reveal && !split && answers > 0 && h("p", { class: "muted" }, say("practice.few"));
  const why = reveal && h("p", { class: "why" }, h("b", null, `${say("poll.why")}: `), reveal.rationale[language]);
  return [layOut(view, item, { reveal, split, answers, hands }, [why, few, below])];
}

/**
 * An item for the room in two columns: the scene beside stem and choices, or without one the stem beside the choices.
 * @param {View} view
 * @param {Item} item
 * @param {Room} room
 * @param {any[]} [below] what stands below the left column
 */
export function layOut(view, item, room, below = []) {
  const typing = view.kind === "poll" && isTyping(view);
  const rows = item.options.map((option, index) => {
    const row = choice(view, option, index, typing ? { ...room, split: null, hands: null } : room);
    if (typing) row.append(handField(view, item, option));
    return row;
  });
  const choices = h("ol", { class: "choices" }, ...rows);
  const stem = h("h2", { class: "stem" }, item.stem);
  const scene = sceneOf(view, item, room.reveal);
  const left = scene ? [scene, ...below] : [stem, ...below];
  return h("div", { class: "poll" }, h("div", null, ...left), h("div", null, scene && stem, choices));
}

/**
 * How many answered: where several options may be chosen, at least as many as chose the most frequent one.
 * @param {Item} item
 * @param {Record<string, number>} split
 */
function countAnswers(item, split) {
  const counts = Object.values(split);
  return STUDY.kinds[item.kind].several ? Math.max(0, ...counts) : counts.reduce((sum, n) => sum + n, 0);
}

/**
 * The scenario as phones show it: drawn by the shared item modules, of which only the scene is taken.
 * @param {View} view
 * @param {Item} item
 * @param {any} reveal
 */
export function sceneOf({ options, language }, item, reveal) {
  const box = h("div");
  const feedback = reveal && { key: reveal.key, rationale: "", correct: null };
  renderItem(box, { item, language, readOnly: true, feedback, asset: (name) => options.assets?.[name] ?? "" });
  const drawn = box.querySelector(".scene");
  return drawn && h("div", { class: "kit" }, drawn);
}

/**
 * @param {View} view
 * @param {Option} option
 * @param {number} index
 * @param {Room} room without `split` no numbers are shown
 */
export function choice({ say }, option, index, { reveal, split, answers, hands }) {
  const n = (split && split[option.option_id]) || 0;
  const right = reveal?.key.includes(option.option_id);
  const raised = reveal && hands && h("small", null, say("poll.raised", { n: hands[option.option_id] ?? 0 }));
  const share = answers ? Math.round((n / answers) * 100) : 0;
  return h(
    "li",
    { class: right ? "right" : "" },
    h("span", { class: "kit" }, marker(index, option.option_id)),
    h("span", { class: "words" }, option.text, raised),
    right && h("b", { class: "key" }, `✓ ${say("poll.key")}`),
    reveal && split && h("b", { class: "n" }, String(n)),
    reveal && split && h("span", { class: "bar" }, h("i", { style: `width:${share}%` })),
  );
}

/** Asked before: the one key does not ask it again. @param {any} live @param {string} id */
function wasAsked(live, id) {
  return Object.values(live.splits[id] ?? {}).some((n) => n > 0);
}

/** @param {View} view @param {string} id @param {boolean} asked @param {boolean} revealed */
function pollMoves(view, id, asked, revealed) {
  const { live, say } = view;
  if (asked) {
    const hidden = h("p", { class: "muted" }, say("poll.hidden"));
    return [next(go(view, `reveal:${id}`, say("poll.reveal"))), go(view, "lesson", say("poll.over"), "plain"), hidden];
  }
  if (revealed) return [next(go(view, "lesson", say("poll.over")), "turn")];
  const wanted = wasAsked(live, id) ? (/** @type {any} */ button) => button : next;
  if (live.moves.includes(`poll:${id}`)) return [wanted(go(view, `poll:${id}`, say("poll.start")))];
  const way = past(live, "lesson") ? null : through(view, `poll:${id}`, say("poll.start"));
  return [way ? wanted(way) : notNow(view, "poll.not_now")];
}

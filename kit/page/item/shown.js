/**
 * An item afterwards: key, rationale, own choice and the split of a room.
 *
 * @import { ItemView, Option } from "../types"
 */

import { bar, h } from "../element.js";
import { STUDY } from "../study.js";
import { marker } from "./marker.js";
import { scene } from "./scene.js";

/** @param {ItemView} view */
export function shownParts(view) {
  const { item, feedback, words } = view;
  const keyed = new Set(feedback ? feedback.key : []);
  const rationale = feedback && feedback.rationale;
  return [
    scene(view, (id, text) => spotted(view, id, text, keyed)),
    h("p", { class: "stem" }, item.stem),
    feedback && verdict(view),
    h(
      "ul",
      { class: "shown" },
      item.options.map((option, index) => shownRow(view, option, index, keyed)),
    ),
    rationale && h("div", { class: "rationale" }, h("b", null, words.why), h("p", null, rationale)),
  ];
}

/**
 * @param {ItemView} view
 * @param {string} id
 * @param {string} text
 * @param {Set<string>} keyed
 */
function spotted({ item }, id, text, keyed) {
  const place = item.options.findIndex((option) => option.option_id === id);
  const look = keyed.has(id) ? "spotted spotted-key" : "spotted";
  if (!STUDY.kinds[item.kind].phrases) return h("span", { class: look }, text);
  // No line ends between the mark and what it marks.
  const [first] = text.split(" ", 1);
  const start = h("span", { class: "unbroken" }, marker(place, id), first);
  return h("span", { class: look }, start, text.slice(first.length));
}

/** @param {ItemView} view */
function verdict({ words, choice, feedback }) {
  const correct = feedback && feedback.correct;
  if (correct === 1) return h("p", { class: "verdict verdict-right" }, `✓ ${words.right}`);
  if (!choice.length) return h("p", { class: "verdict" }, `– ${words.none}`);
  if (choice[0] === STUDY.unsure) return h("p", { class: "verdict" }, `– ${words.unsure}`);
  return correct === 0 ? h("p", { class: "verdict verdict-wrong" }, `✗ ${words.wrong}`) : null;
}

/**
 * @param {ItemView} view
 * @param {Option} option
 * @param {number} index
 * @param {Set<string>} keyed
 */
function shownRow(view, { option_id, text }, index, keyed) {
  const { words, split } = view;
  const own = view.choice.includes(option_id);
  const key = keyed.has(option_id);
  const tag = ownOrKey(words, own, key);
  const row = h(
    "li",
    { class: `${own ? "own " : ""}${key ? "is-key" : ""}` },
    marker(index, option_id),
    h("span", { class: "words" }, text, tag && h("small", { class: "tag" }, `${key ? "✓ " : ""}${tag}`)),
  );
  if (split) row.append(...splitBar(view, split, split[option_id] || 0));
  return row;
}

/**
 * @param {any} words
 * @param {boolean} own
 * @param {boolean} key
 */
function ownOrKey(words, own, key) {
  if (key) return own ? words.own_key : words.right_answer;
  return own ? words.own : "";
}

/**
 * A bar with its number. Who may choose several options counts more than once, so those have no per cent.
 * @param {ItemView} view
 * @param {Record<string, number>} split
 * @param {number} count
 */
function splitBar({ item, words }, split, count) {
  const counts = Object.values(split);
  const several = item.several || STUDY.kinds[item.kind].several;
  const whole = several ? Math.max(0, ...counts) : counts.reduce((sum, n) => sum + n, 0);
  const percent = Math.round((100 * count) / Math.max(1, whole));
  const people = `${count} ${count === 1 ? words.person : words.people}`;
  return [bar(percent / 100), h("span", { class: "count" }, several ? people : `${people} · ${percent}%`)];
}

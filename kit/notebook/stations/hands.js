/**
 * Raised hands: counted by the officer, typed beside the options of a poll, shown beside the phones and never added to
 * them.
 *
 * @import { Item, Option } from "../../page/types"
 * @import { View } from "./types"
 */

import { h } from "../../page/element.js";
import { focusOn, widgetButton } from "../widget.js";

const MOST = 10_000;

/** What was typed for a poll; empty while nobody raised a hand. @param {View} view @param {Item} item */
export function handsOf({ live }, item) {
  return live.hands?.[item.item_id] ?? null;
}

/** Whether the counts are being typed. @param {View} view */
export function isTyping({ memory }) {
  return Boolean(memory.hands);
}

/** The field beside an option. @param {View} view @param {Item} item @param {Option} option */
export function handField({ memory, say }, item, option) {
  const input = h("input", {
    type: "number",
    class: "hand",
    min: "0",
    max: String(MOST),
    inputmode: "numeric",
    "data-key": `hand-${option.option_id}`,
    "aria-label": say("poll.hands_of", { option: option.text }),
    oninput: (/** @type {any} */ event) => {
      memory.hands[option.option_id] = event.target.value;
    },
  });
  input.value = memory.hands[option.option_id] ?? "";
  return input;
}

/** The way to type the counts, and out of it. @param {View} view @param {Item} item */
export function handButtons(view, item) {
  const { memory, say, ask, redraw, busy, live } = view;
  if (live.stage === "closed") return [];
  if (!isTyping(view)) {
    const begin = () => {
      const known = Object.entries(handsOf(view, item) ?? {});
      memory.hands = Object.fromEntries(known.map(([option, n]) => [option, String(n)]));
      redraw();
      focusOn(document.body, `hand-${item.options[0].option_id}`);
    };
    return [widgetButton("hands", say("poll.hands"), begin, "plain", busy)];
  }
  const end = () => {
    memory.hands = null;
    redraw();
  };
  const keep = () => {
    const typed = Object.entries(memory.hands).map(([option, n]) => [option, Math.round(Number(n) || 0)]);
    ask("hands", { item_id: item.item_id, counts: Object.fromEntries(typed) });
    end();
  };
  return [
    widgetButton("hands-keep", say("poll.hands_keep"), keep, "main", busy),
    widgetButton("hands-cancel", say("cancel"), end, "plain"),
  ];
}

/**
 * How many raised a hand, and groups that answered: each beside its own number.
 * @param {View} view
 * @param {Item} item
 */
export function besidePhones(view, item) {
  const { live, say } = view;
  const hands = Object.values(handsOf(view, item) ?? {}).reduce((sum, n) => sum + n, 0);
  const split = live.groups?.splits[item.item_id];
  const groups = split ? Math.max(...Object.values(split)) : 0;
  return [
    hands > 0 && h("p", { class: "muted" }, say("poll.hands_all", { n: hands })),
    groups > 0 && h("p", { class: "muted" }, say("poll.groups", { n: live.groups.phones })),
  ];
}

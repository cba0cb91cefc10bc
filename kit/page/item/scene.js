/**
 * The scenario of an item, drawn as what it is: a chat, a poster, an advertisement.
 *
 * @import { ItemView } from "../types"
 * @typedef {(id: string, words: string) => Node} DrawPhrase
 */

import { h } from "../element.js";
import { channelIcon } from "./channel.js";

const PHRASE = /\[\[([^|[\]]+)\|([^[\]]+)\]\]/g;
const FIRST_SYMBOL = /[\p{L}\p{N}]/u;

/**
 * @param {ItemView} view
 * @param {?DrawPhrase} [drawPhrase] draws the phrases marked in the text; without it they stay plain words
 * @param {boolean} [tap] phrases are there to be tapped
 */
export function scene(view, drawPhrase, tap = false) {
  const { scenario } = view.item;
  if (!scenario) return null;
  const { channel, image, alt } = scenario;
  const picture = image && h("img", { src: view.asset(image), alt: alt || "", loading: "lazy" });
  return h(
    "figure",
    { class: `scene scene-${channel}${tap ? " scene-tap" : ""}` },
    h(
      "figcaption",
      null,
      channelIcon(channel),
      h("span", { class: "made-up" }, view.words.made_up),
      " · ",
      view.words.channels[channel] || channel,
    ),
    h(
      "div",
      { class: "scene-body" },
      sender(view),
      picture,
      h("div", { class: "scene-text" }, phrases(scenario.text, drawPhrase)),
    ),
  );
}

/** @param {ItemView} view */
function sender(view) {
  const { words } = view;
  const { scenario } = view.item;
  if (!scenario || !scenario.from) return null;
  const [symbol] = scenario.from.match(FIRST_SYMBOL) || ["•"];
  return h(
    "p",
    { class: "scene-from" },
    h("span", { class: "avatar", "aria-hidden": "true" }, symbol.toUpperCase()),
    scenario.channel === "email" && h("span", { class: "scene-field" }, `${words.subject}: `),
    h("b", null, scenario.from),
  );
}

/**
 * Split `[[a|words]]` marks out of a text.
 * @param {string} text
 * @param {?DrawPhrase} [drawPhrase]
 */
function phrases(text, drawPhrase) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(PHRASE)) {
    const [whole, id, words] = match;
    const start = match.index || 0;
    parts.push(text.slice(end, start), drawPhrase ? drawPhrase(id, words) : words);
    end = start + whole.length;
  }
  return [...parts, text.slice(end)];
}

/**
 * A text without its marks.
 * @param {string} text
 */
export function withoutMarks(text) {
  return text.replace(PHRASE, "$2");
}

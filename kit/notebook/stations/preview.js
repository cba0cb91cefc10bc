/**
 * A station before there is a session: what the room will see, to leaf through beforehand.
 *
 * @import { Draw, View } from "./types"
 */

import { h } from "../../page/element.js";
import { layOut } from "./poll.js";

// Nobody has answered, so nothing is counted or shown.
const NOBODY = { reveal: null, split: null, answers: 0 };

/** @type {Draw} */
export function drawPreview(view) {
  const { kind, options, say } = view;
  const said = h("p", { class: "muted" }, say("no_session"), " ", say("no_session_remedy"));
  if (kind === "poll") return [layOut(view, options.item[view.language], NOBODY), said];
  if (kind === "practice" && options.items.length) return [...previewPractice(view), said];
  const heading = kind === "wave" ? say(`stages.${options.wave}`) : say(`${kind}.title`);
  const lead = kind === "wave" ? say(`wave.lead_${options.wave}`) : say(`preview.${kind}`);
  return [h("h2", null, heading), h("p", { class: "lead" }, lead), said];
}

/** The first of the offers; the others are on the phones. @param {View} view */
function previewPractice(view) {
  const { options, language, say } = view;
  const title = say("practice.offer", { n: 1, of: options.items.length });
  return [h("p", { class: "muted" }, title), layOut(view, options.items[0][language], NOBODY)];
}

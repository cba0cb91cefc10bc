/**
 * The room's practice as one picture: a lantern for each offer, as bright as the room decided. Nobody is in it alone.
 *
 * @import { Item, Say } from "../types"
 */

import { h } from "../element.js";
import { svgPart } from "../item/channel.js";

const [STEP, LAMP, TALL, SAG] = [56, 34, 44, 26];
const TENTHS = 10;

/**
 * Nothing where too few have practised.
 * @param {Item[]} items
 * @param {Record<string, number>} room tenths by offer
 * @param {Say} say
 */
export function lanterns(items, room, say) {
  const tenths = items.map((item) => room[item.item_id]);
  const known = tenths.filter((one) => one !== undefined);
  if (!known.length) return null;
  const mean = Math.round(known.reduce((sum, one) => sum + one, 0) / known.length);
  const across = STEP * items.length;
  const hung = tenths.map((one, n) => lantern(n, one, items.length));
  const rope = svgPart("path", { d: `M0 4Q${across / 2} ${2 * SAG} ${across} 4`, class: "rope" });
  const svg = svgPart("svg", { viewBox: `0 0 ${across} 100`, class: "lanterns", "aria-hidden": "true" }, rope, ...hung);
  return h("figure", { class: "room" }, svg, h("figcaption", null, say("practice.room", { n: mean, all: TENTHS })));
}

/**
 * @param {number} n from 0
 * @param {number | undefined} tenths
 * @param {number} of
 */
function lantern(n, tenths, of) {
  const middle = (n + 0.5) / of;
  const top = 14 + 2 * SAG * 2 * middle * (1 - middle);
  const left = n * STEP + (STEP - LAMP) / 2;
  const box = { x: left, width: LAMP, rx: 8 };
  const high = (TALL * (tenths || 0)) / TENTHS;
  const light = { ...box, y: top + TALL - high, height: high, class: "light" };
  return svgPart(
    "g",
    { class: tenths === undefined ? "lantern lantern-few" : "lantern" },
    svgPart("path", { d: `M${left + LAMP / 2} ${top - 8}v8` }),
    high > 0 && lit(n, svgPart("rect", light)),
    svgPart("rect", { ...box, y: top, height: TALL, class: "shell" }),
  );
}

/**
 * One after the other, where motion is wanted.
 * @param {number} n
 * @param {SVGElement} light
 */
function lit(n, light) {
  light.style.animationDelay = `${n * 0.15}s`;
  return light;
}

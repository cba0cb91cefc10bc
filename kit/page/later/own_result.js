/**
 * A person's own result, drawn: scores, every item with key and rationale. On a phone and at the kiosk.
 *
 * @import { OwnItem, Say, Scores } from "../types"
 */

import { bar, h } from "../element.js";
import "../item/kit_quiz.js";
import { withoutMarks } from "../item/scene.js";
import { STUDY } from "../study.js";
import { checksOf } from "./five_checks.js";

const HEADING_LENGTH = 80;
const ORDER = ["followup", "post", "practice", "poll", "pre"];
const HIGH = 0.85; // from this share of the items on, nothing is said of room for more

/**
 * A bar for each wave that was answered.
 * @param {Scores} scores
 * @param {Say} say
 */
export function scoreBars(scores, say) {
  const waves = STUDY.waves.filter((wave) => scores[wave]);
  if (!waves.length) return null;
  return h(
    "dl",
    { class: "scores" },
    waves.map((wave) => scoreBar(wave, scores[wave], say)),
  );
}

/**
 * @param {string} wave
 * @param {{score: number, max: number}} result
 * @param {Say} say
 */
function scoreBar(wave, { score, max }, say) {
  const words = h("b", null, say("result.of", { score, max }));
  return h(
    "div",
    { class: `score score-${wave}` },
    h("dt", null, say(`result.${wave}`)),
    h("dd", null, words, bar(max ? score / max : 0)),
  );
}

/**
 * Kind whatever the score: what counts is the next offer, not the number.
 * @param {Scores} scores
 * @param {boolean} answered
 * @param {Say} say
 */
export function kindWords({ pre, post, followup }, answered, say) {
  const last = followup || post;
  if (!answered) return say("result.none");
  if (!pre || !last) return say("result.one");
  if (last.score > pre.score) return say("result.up");
  return say(last.score >= HIGH * last.max ? "result.high" : "result.level");
}

/**
 * All items in groups, each folded: to be read again, right already, practised, talked about.
 * @param {OwnItem[]} items
 * @param {string} language
 * @param {Say} say
 */
export function itemGroups(items, language, say) {
  const of = (/** @type {string} */ wave) => items.filter((item) => item.wave === wave);
  const scored = items.filter((item) => STUDY.waves.includes(item.wave));
  const groups = {
    reread: scored.filter((item) => item.correct !== 1),
    right: scored.filter((item) => item.correct === 1),
    practised: of("practice"),
    talked: of("poll"),
  };
  return Object.entries(groups)
    .filter(([, some]) => some.length)
    .map(([name, some]) => fold(say(`result.${name}`, { n: some.length }), group(some, language, say)));
}

/**
 * Something to be opened when it is wanted, and on paper.
 * @param {string} title
 * @param {...any} content
 */
export function fold(title, ...content) {
  const details = h(
    "details",
    { class: "fold" },
    h("summary", null, h("h2", { class: "words" }, title)),
    h("div", { class: "fold-body" }, ...content),
  );
  details.drawForPrint = () => {
    details.open = true;
  };
  return details;
}

/**
 * @param {OwnItem[]} items
 * @param {string} language
 * @param {Say} say
 */
function group(items, language, say) {
  const sorted = [...items].sort((a, b) => ORDER.indexOf(a.wave) - ORDER.indexOf(b.wave));
  return h(
    "section",
    { class: "group" },
    sorted.map((item) => itemDetails(item, language, say)),
  );
}

/**
 * One item, folded; drawn when it is opened or printed, since thirty at once take a cheap phone a second.
 * @param {OwnItem} item
 * @param {string} language
 * @param {Say} say
 */
function itemDetails(item, language, say) {
  const body = h("div", { class: "details-body" });
  const draw = () => {
    if (body.firstChild) return;
    const quiz = h("kit-quiz");
    const { key, rationale, correct } = item;
    quiz.data = { item, choice: item.choice, language, feedback: { key, rationale, correct } };
    body.append(...[quiz, checksOf(item.letters, say)].filter(Boolean));
  };
  const wave = STUDY.waves.includes(item.wave) && h("small", { class: "tag" }, say(`result.${item.wave}`));
  const summary = h(
    "summary",
    null,
    h("span", { class: "sign", "aria-hidden": "true" }, signOf(item)),
    h("span", { class: "words" }, headingOf(item), wave),
  );
  const details = h("details", null, summary, body);
  details.addEventListener("toggle", draw);
  details.drawForPrint = () => {
    draw();
    details.open = true;
  };
  return details;
}

/** @param {OwnItem} item */
function signOf(item) {
  if (item.correct === 1) return "✓";
  return item.correct === 0 && item.choice[0] !== STUDY.unsure ? "✗" : "–";
}

/** @param {OwnItem} item */
function headingOf({ scenario, stem }) {
  const plain = scenario ? withoutMarks(scenario.text) : stem;
  const heading = scenario && scenario.from ? `${scenario.from}: ${plain}` : plain;
  return heading.length > HEADING_LENGTH ? `${heading.slice(0, HEADING_LENGTH - 2)}…` : heading;
}

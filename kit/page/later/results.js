/** Own result, what to take along, help and the personal code on the first screen; everything else is folded. */

import { h } from "../element.js";
import { planCard } from "../item/plan.js";
import { call } from "../link/call.js";
import { outbox } from "../link/outbox.js";
import { page } from "../link/page.js";
import { persist, spread } from "../link/persist.js";
import { button, show, strip, t, view, way } from "../screens/frame.js";
import { fiveChecks, toTakeAlong } from "./five_checks.js";
import { helpLines, helpNumbers } from "./help_numbers.js";
import { fold, itemGroups, kindWords, scoreBars } from "./own_result.js";
import { pictureOf } from "./picture.js";

/** @param {() => boolean} alive */
export async function resultsScreen(alive) {
  await spread();
  /** @type {import("../types").OwnFeedback} */
  const own = await persist(() => call("GET", `/feedback?language=${page.language}`), alive);
  if (!alive()) return;
  const closed = page.state && page.state.stage === "closed";
  const late = h("div");
  const few = toTakeAlong(own.items, t);
  show(
    "results",
    h("h1", null, t("result.title")),
    late,
    scoreBars(own.scores, t),
    h("p", { class: "kind" }, kindWords(own.scores, own.items.length > 0, t)),
    h(
      "ul",
      { class: "take-along" },
      few.map((words) => h("li", null, words)),
    ),
    shortHelp(),
    h("p", { class: "own-code" }, `${t("who.code")} `, h("b", { class: "big-code" }, page.me && page.me.personal_code)),
    planCard(own.plan, t),
    !closed && h("p", { class: "no-print" }, button(t("sight.open"), () => way.door("sightScreen"), "quiet")),
    h("p", { class: "no-print" }, button(t("result.picture"), () => pictureScreen(own, few), "quiet")),
    fold(t("cekal.title"), fiveChecks(t)),
    itemGroups(own.items, page.language, t),
    fold(t("help.title"), helpNumbers()),
    fold(t("result.more"), ...further(Boolean(closed))),
  );
  view.refresh = () => {
    const n = outbox.count().late;
    if (n && !late.firstChild) late.append(strip(t("unsent", { n }), "warn"));
  };
  view.refresh();
}

/** What else can be done now. @param {boolean} closed */
function further(closed) {
  return [
    closed && h("p", null, t("result.closed")),
    h("p", null, t("code.photo")),
    h("p", { class: "no-print" }, h("a", { class: "way", href: "/latihan" }, t("result.practise"))),
    ...[
      button(t("result.print"), () => print(), "quiet"),
      closed && button(t("over.other"), () => way.door("otherSession"), "quiet"),
      button(t("forget.ask"), () => way.door("forgetMine"), "quiet"),
    ]
      .filter(Boolean)
      .map((pressed) => h("p", { class: "no-print" }, pressed)),
  ];
}

/** The numbers alone, to be tapped; what each is for stands further down. */
function shortHelp() {
  const links = helpLines()
    .slice(0, 3)
    .map(({ href, number, words }) => h("a", { href, "aria-label": `${number} ${words}` }, `☎ ${number}`));
  return h("p", { class: "short-help no-print" }, links);
}

/**
 * The first screen as one picture to keep: held down on it is saved, also where a browser has no downloads.
 * @param {import("../types").OwnFeedback} own
 * @param {string[]} few what to take along
 */
function pictureScreen(own, few) {
  view.again = () => pictureScreen(own, few);
  const told = { few, plan: own.plan, code: page.me ? page.me.personal_code : "", help: helpLines().slice(0, 4) };
  const address = pictureOf({ scores: own.scores, ...told }, t);
  show(
    "results/picture",
    h("h1", null, t("picture.title")),
    h("p", null, t("picture.text")),
    h("p", null, h("a", { class: "button save-link", href: address, download: t("picture.file") }, t("picture.save"))),
    h("img", { class: "own-picture", src: address, alt: t("picture.alt") }),
    h("p", null, button(t("back"), way.route, "quiet")),
  );
}

/** Unfold everything: paper cannot be tapped. */
export function drawForPrint() {
  for (const details of document.querySelectorAll("details")) {
    const { drawForPrint: draw } = /** @type {any} */ (details);
    if (draw) draw();
  }
}

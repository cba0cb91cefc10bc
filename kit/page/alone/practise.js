/**
 * Practising alone: offers that nobody is scored by, a few at a time, each with its key at once. Nothing is sent and
 * nothing is kept; only the list of offers is fetched.
 *
 * @import { Practice } from "./types"
 */

import { h } from "../element.js";
import "../item/kit_quiz.js";
import { speak } from "../later/aloud.js";
import { fiveChecks } from "../later/five_checks.js";
import { page } from "../link/page.js";
import { drawFrame, leaveFor } from "../screens/buttons.js";
import { addWords, button, drawing, show, t, view } from "../screens/frame.js";
import { ALONE_WORDS } from "./words.js";

const ROUND = 6;

/** @type {Practice[]} */
let offers = [];
/** What has not come yet in this round of the list. @type {Practice[]} */
let waiting = [];
const round = {
  /** @type {Practice[]} */
  offers: [],
  at: 0,
  right: 0,
  /** @type {string[]} */
  choice: [],
};

/** @param {() => void} draw a screen, now and in another language */
function go(draw) {
  view.again = draw;
  draw();
}

/** @template T @param {T[]} list @returns {T[]} the same in another order */
function shuffled(list) {
  return list
    .map((one) => ({ one, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ one }) => one);
}

/** Whom the offers speak to. */
function door() {
  const audiences = [...new Set(offers.map((one) => one.audiences[0]))];
  const choose = (/** @type {string} */ name) => {
    waiting = shuffled(offers.filter((one) => one.audiences[0] === name));
    next();
  };
  show(
    "door",
    h("h1", null, t("practise.title")),
    h("p", { class: "lead" }, t("practise.lead")),
    h("p", null, t("practise.nothing_kept")),
    audiences.map((name) => h("p", null, button(t(`audiences.${name}`), () => choose(name)))),
  );
}

function next() {
  Object.assign(round, { offers: waiting.splice(0, ROUND), at: 0, right: 0, choice: [] });
  go(offer);
}

function offer() {
  const { item, key, rationale } = round.offers[round.at];
  const { choice } = round;
  const correct = choice.length ? Number(key.includes(choice[0])) : null;
  const quiz = h("kit-quiz");
  const feedback = { key, rationale: rationale[page.language === "en" ? "en" : "id"], correct };
  const onChoice = (/** @type {string[]} */ chosen) => {
    round.choice = chosen;
    round.right += Number(key.includes(chosen[0]));
    offer();
  };
  quiz.data = {
    item: item[page.language === "en" ? "en" : "id"],
    choice,
    language: page.language,
    ...(choice.length ? { feedback } : { onChoice }),
  };
  show(
    `offer ${round.at} ${choice.join()}`,
    h("p", { class: "kicker" }, t("practise.title")),
    h("h1", null, t("item.of", { n: round.at + 1, all: round.offers.length })),
    quiz,
    choice.length > 0 && h("p", null, button(t("next"), on)),
  );
}

function on() {
  round.choice = [];
  round.at += 1;
  go(round.at < round.offers.length ? offer : done);
}

function done() {
  const again = () => {
    if (waiting.length) next();
    else go(door);
  };
  show(
    "done",
    drawing("done"),
    h("h1", null, t("practise.done", { n: round.right, all: round.offers.length })),
    h("p", { class: "lead" }, t("practise.both_errors")),
    h("p", null, button(t(waiting.length ? "practise.more" : "practise.again"), again)),
    fiveChecks(t),
  );
}

function nothing() {
  show("nothing", h("h1", null, t("practise.title")), h("p", null, t("practise.none")));
}

function lost() {
  const again = button(t("again"), () => location.reload());
  show("lost", drawing("lost"), h("h1", null, t("problem")), h("p", null, again));
}

addWords(ALONE_WORDS);
document.head.append(h("link", { rel: "stylesheet", href: new URL("more.css", import.meta.url).href }));
drawFrame(() => leaveFor(new URL("blank.html", import.meta.url).href), speak);
fetch("/api/practice")
  .then((answer) => answer.json())
  .then((told) => {
    offers = told.offers;
    go(offers.length ? door : nothing);
  })
  .catch(() => go(lost));

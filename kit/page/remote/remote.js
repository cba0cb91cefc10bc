/**
 * The officer's remote: turn the deck, start and stop what the phones answer, read what people ask.
 *
 * @import { Question, Refusal, Shown } from "./ask.js"
 * @typedef {{to: string, label: string, sure: string}} Act
 */

import { byId, h } from "../element.js";
import { keep } from "../link/keep.js";
import { say } from "../say.js";
import { ask, forget, language, pair } from "./ask.js";
import { REMOTE_WORDS } from "./words.js";

const LOOK = 1500;
const MEASURED = ["pre", "post"];

/** @type {{shown: ?Shown, questions: Question[], asking: string, trouble: string, over: string, busy: boolean}} */
const view = { shown: null, questions: [], asking: "", trouble: "", over: "", busy: false };

/** @param {string} path @param {Record<string, any>} [values] */
const t = (path, values) => say(REMOTE_WORDS, language(), path, values);

/** The stage without its item. @param {string} stage */
const nameOf = (stage) => stage.split(":")[0];

/** @param {string} label @param {() => void} act @param {string} [look] @param {string} [key] */
function button(label, act, look = "", key = label) {
  return h("button", { type: "button", class: look, "data-key": key, disabled: view.busy, onclick: act }, label);
}

/**
 * What may be started or stopped now: what runs can be ended; else what the slide on the projector is there for, or
 * where there is none, the next wave.
 * @param {Shown} shown
 * @returns {Act[]}
 */
function actsOf({ stage, moves, slide, joined, finished, practised }) {
  const name = nameOf(stage);
  const end = name === "post" ? "results" : "lesson";
  const done = name === "practice" ? practised : (finished[name] ?? joined);
  const values = { name: t(`stages.${name}`), n: Math.max(joined - done, 0) };
  if (name === "poll") {
    return [
      { to: stage.replace("poll", "reveal"), label: t("reveal"), sure: "" },
      { to: "lesson", label: t("end_poll"), sure: "" },
    ];
  }
  if (name === "reveal") return [{ to: "lesson", label: t("end_poll"), sure: "" }];
  if (["pre", "practice", "post"].includes(name)) {
    const sure = t(values.n ? "stop_sure" : "stop_done", values);
    return [{ to: end, label: t(name === "post" ? "stop_show" : "stop", values), sure }];
  }
  const wanted = slide && moves.includes(slide.runs) ? slide.runs : (name === "lobby" ? "pre" : "post");
  if (!moves.includes(wanted)) return [];
  const start = { name: t(`stages.${nameOf(wanted)}`) };
  const sure = MEASURED.includes(wanted) ? t("start_sure", start) : "";
  return [{ to: wanted, label: t("start", start), sure }];
}

/** Do one thing and show what came of it. @param {() => Promise<any>} work */
async function act(work) {
  if (view.busy) return;
  view.busy = true;
  view.trouble = view.asking = "";
  draw();
  try {
    await work();
    await look();
  } catch (error) {
    refused(/** @type {Refusal} */ (error));
  }
  view.busy = false;
  draw();
}

/** @param {Refusal} refusal */
function refused({ status, message }) {
  if (status === 401 || (status === 404 && !view.shown)) view.over = message;
  else view.trouble = status ? message : t("lost");
}

/** @param {Act} wanted */
function actButtons(wanted) {
  const { to, label, sure } = wanted;
  const go = () => act(() => ask("PUT", "/stage", { stage: to }));
  if (view.asking !== to || !sure) {
    const first = () => {
      view.asking = to;
      draw();
    };
    return button(label, sure ? first : go, "main", `act-${to}`);
  }
  const no = () => {
    view.asking = "";
    draw();
  };
  return h("div", { class: "sure" }, h("p", null, sure), button(t("yes"), go, "main", "yes"), button(t("no"), no));
}

/** @param {Shown} shown */
function slideBox({ slide, deck, stage, rehearsal }) {
  const runs = nameOf(stage);
  return h(
    "div",
    { class: "slide" },
    h(
      "p",
      { class: "row" },
      h("span", { class: "runs" }, t(`stages.${runs}`)),
      slide && h("span", { class: "number" }, `${slide.number} / ${slide.of}`),
    ),
    h("h1", null, (slide && slide.title) || t("title")),
    slide && slide.next && h("p", { class: "muted" }, t("next", { title: slide.next })),
    !deck && h("p", { class: "note", role: "status" }, t("no_deck")),
    rehearsal && h("p", { class: "note" }, t("rehearsal")),
  );
}

/** @param {Shown} shown */
function numbers({ stage, joined, connected, finished, answered, practised, by_audience }) {
  const name = nameOf(stage);
  const polled = stage.split(":")[1];
  const done = polled ? answered[polled] : name === "practice" ? practised : finished[name];
  /** @param {string} word @param {number} n */
  const one = (word, n) => h("div", null, h("dt", null, t(word)), h("dd", null, String(n)));
  const groups = Object.entries(by_audience).filter(([, n]) => n > 0);
  const parts = groups.map(([audience, n]) => `${t(`audiences.${audience}`)} ${n}`);
  return [
    h(
      "dl",
      { class: "numbers" },
      one("joined", joined),
      one("connected", connected),
      done !== undefined && one(polled ? "answered" : "finished", done),
    ),
    groups.length > 1 && h("p", { class: "muted" }, parts.join(" · ")),
  ];
}

/** @param {Question} question */
function questionRow({ question_id: id, text, state }) {
  /** @param {string} to */
  const judge = (to) => () => act(() => ask("PUT", `/questions/${id}`, { state: to }));
  const shown = state === "shown";
  return h(
    "li",
    { class: shown ? "shown" : "" },
    h("p", null, text),
    shown && h("p", { class: "muted" }, t("on_screen")),
    !shown && button(t("show"), judge("shown"), "main", `show-${id}`),
    button(t("answered_it"), judge("answered"), "", `answered-${id}`),
    !shown && button(t("hide"), judge("hidden"), "", `hide-${id}`),
  );
}

/** @param {Shown} shown */
function questionsBox({ questions }) {
  const waiting = view.questions.filter(({ state }) => ["new", "shown"].includes(state));
  const label = t(questions.open ? "close_questions" : "open_questions");
  const change = () => act(() => ask("PUT", "/questions", { open: !questions.open }));
  return [
    h("h2", null, t("questions", { n: questions.waiting })),
    h("ul", { class: "asked" }, ...waiting.map(questionRow)),
    button(label, change, "", "door"),
  ];
}

function foot() {
  const turn = () => {
    keep.set("kit.language", language() === "en" ? "id" : "en");
    draw();
  };
  const part = () =>
    act(async () => {
      await ask("DELETE", "");
      forget();
      view.over = t("left");
    });
  const tongue = button(t("language"), turn, "", "language");
  return h("p", { class: "row foot" }, tongue, button(t("leave"), part, "", "leave"));
}

function parts() {
  const { shown, over, trouble } = view;
  if (over) return [h("h1", null, t("over.title")), h("p", { role: "alert" }, over)];
  if (!shown) return [h("h1", null, t("title")), h("p", { role: "status" }, trouble || t("pairing"))];
  /** @param {number} step */
  const turn = (step) => () => act(() => ask("POST", "/turn", { step }));
  return [
    slideBox(shown),
    trouble && h("p", { class: "note", role: "alert" }, trouble),
    h(
      "div",
      { class: "turn" },
      h("button", { type: "button", "data-key": "back", "aria-label": t("back"), onclick: turn(-1) }, "←"),
      h("button", { type: "button", "data-key": "on", "aria-label": t("forward"), onclick: turn(1) }, "→"),
    ),
    h("div", { class: "acts" }, ...actsOf(shown).map(actButtons)),
    ...numbers(shown),
    ...questionsBox(shown),
    foot(),
  ];
}

/**
 * Whether two elements hold the same, to the last attribute and word.
 * @param {Element} one
 * @param {Element} other
 */
function sameChildren(one, other) {
  const [mine, theirs] = [[...one.childNodes], [...other.childNodes]];
  return mine.length === theirs.length && mine.every((node, place) => node.isEqualNode(theirs[place]));
}

/** Draw what is different; the focus stays where it was. */
function draw() {
  document.documentElement.lang = language();
  const main = byId("main");
  const made = h("div", null, ...parts());
  if (sameChildren(main, made)) return;
  const active = document.activeElement;
  const key = active && active.getAttribute("data-key");
  while (main.firstChild) main.removeChild(main.firstChild);
  main.append(...made.childNodes);
  const again = key && /** @type {?HTMLElement} */ (document.querySelector(`[data-key="${key}"]`));
  if (again) again.focus();
}

async function look() {
  if (view.over) return;
  view.shown = await ask("GET", "");
  if (view.shown && (view.shown.questions.waiting || view.shown.questions.shown || view.questions.length)) {
    view.questions = (await ask("GET", "/questions")).questions;
  }
}

/** Look again and again; a look that fails is told, and the next one may succeed. */
async function follow() {
  try {
    if (!view.busy) {
      await (view.shown ? look() : start());
      if (view.trouble === t("lost")) view.trouble = "";
    }
  } catch (error) {
    refused(/** @type {Refusal} */ (error));
  }
  draw();
  if (!view.over) setTimeout(follow, LOOK);
}

async function start() {
  view.shown = await pair();
}

draw();
follow();

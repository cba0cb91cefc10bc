/** Coming back with the personal code, and leaving the phone to somebody else. */

import { byId, h } from "../element.js";
import { call } from "../link/call.js";
import { unfollow } from "../link/follow.js";
import { keep } from "../link/keep.js";
import { outbox } from "../link/outbox.js";
import { page, remember } from "../link/page.js";
import { persist } from "../link/persist.js";
import { failed } from "../screens/failed.js";
import { button, drawing, field, show, strip, t, view, way } from "../screens/frame.js";
import { STUDY } from "../study.js";
import { helpNumbers } from "./help_numbers.js";

/**
 * Ask for the personal code.
 * @param {"resume" | "followup" | "over" | "stale" | "unkept"} [why] names a title and a text
 * @param {string} [error]
 * @param {string} [typed]
 */
export function resume(why = "resume", error = "", typed = "") {
  view.again = () => resume(why);
  /** @param {Event} event */
  const send = (event) => {
    event.preventDefault();
    const code = byId("personal").value.trim();
    if (/[a-z].*\d/i.test(code)) comeBack(why, code);
    else resume(why, t("resume.empty"), code);
  };
  const known = page.me ? page.me.personal_code : "";
  const personal = field("personal", {
    label: t("who.code"),
    hint: t("resume.hint"),
    error,
    value: typed || known,
    maxlength: 24,
  });
  const form = h(
    "form",
    { onsubmit: send, novalidate: true },
    h("h1", null, t(`${why}.title`)),
    why !== "resume" && h("p", { class: "lead" }, t(`${why}.text`)),
    personal,
    h("p", null, h("button", { class: "button" }, t("resume.go"))),
  );
  const mayJoin = page.state && !STUDY.key_stages.includes(page.state.stage);
  const onward = mayJoin ? button(t("resume.new"), joinAnew, "quiet") : button(t("over.other"), otherSession, "quiet");
  show(`resume/${why}`, form, h("p", null, onward));
  if (error) byId("personal").focus();
}

/** Leave this session's page for that of another code; who somebody is here stays known. */
export function otherSession() {
  unfollow();
  Object.assign(page, { code: "", state: null, me: null, wave: null });
  history.replaceState(null, "", "/");
  way.route();
}

function joinAnew() {
  remember(null);
  way.route();
}

/**
 * @param {"resume" | "followup" | "over" | "stale" | "unkept"} why
 * @param {string} code
 */
async function comeBack(why, code) {
  const { turn } = view;
  const asked = { personal_code: code };
  try {
    remember(await persist(() => call("POST", "/participants/resume", asked), () => turn === view.turn));
    keep.drop(`kit.left/${page.code}`);
    way.route();
    outbox.flush();
  } catch (caught) {
    const problem = /** @type {import("../link/call.js").Problem} */ (caught);
    if (problem.code === "unknown_code") failed(problem);
    else if (!problem.passing) resume(why, `${problem.body.title || ""} ${problem.body.detail || ""}`, code);
  }
}

/** Somebody has used this person's code on another phone: told, and never thrown out unasked. */
export function elsewhere() {
  view.again = elsewhere;
  show(
    "elsewhere",
    h("h1", null, t("elsewhere.title")),
    h("p", { class: "lead" }, t("elsewhere.text")),
    h("p", null, button(t("elsewhere.stay"), stayHere)),
    h("p", null, button(t("elsewhere.moved"), () => resume("stale"), "quiet")),
  );
}

async function stayHere() {
  const { turn } = view;
  try {
    await persist(() => call("POST", "/participants/stay"), () => turn === view.turn);
    way.route();
    outbox.flush();
  } catch (caught) {
    const problem = /** @type {import("../link/call.js").Problem} */ (caught);
    if (problem.code === "stale_token") resume("stale");
    else failed(problem);
  }
}

/** Before the next person takes this phone: the code must be noted and everything delivered. */
export function someoneElse() {
  view.again = someoneElse;
  const waiting = leftToSend();
  show(
    "other",
    h("h1", null, t("other.title")),
    h("p", null, t("other.text")),
    h("p", { class: "card big-code" }, page.me && page.me.personal_code),
    waiting
      ? h("div", { role: "status" }, strip(waitingWords(), "warn"))
      : h("p", null, button(t("other.yes"), forgetMe)),
    h("p", null, button(t("other.no"), way.route, "quiet")),
  );
  view.refresh = () => {
    if (leftToSend() !== waiting) someoneElse();
  };
  outbox.flush();
}

/** Answers and wishes to finish that may still arrive; what came too late for its wave never will. */
function leftToSend() {
  return outbox.entries().filter(({ wave }) => !outbox.held.has(wave)).length;
}

function waitingWords() {
  const { unsent } = outbox.count();
  return unsent ? t("other.unsent", { n: unsent }) : t("moment");
}

function forgetMe() {
  if (leftToSend()) {
    someoneElse();
    return;
  }
  forgetHere();
  way.route();
}

/** Leave nothing of this person on the phone. */
function forgetHere() {
  const kinds = /** @type {const} */ (["out", "seq", "at"]);
  for (const key of kinds.flatMap((kind) => keep.keys(outbox.prefix(kind)))) keep.drop(key);
  keep.drop(`kit.left/${page.code}`);
  remember(null);
  dispatchEvent(new Event("kit-forgotten"));
}

/** Withdrawing is as easy as consenting: one question, then every answer of this person is deleted. */
export function forgetMine() {
  view.again = forgetMine;
  show(
    "forget",
    h("h1", null, t("forget.title")),
    h("p", { class: "lead" }, t("forget.text")),
    h("p", null, t("forget.counts")),
    h("p", null, button(t("forget.yes"), deleteMine)),
    h("p", null, button(t("forget.no"), way.route, "quiet")),
  );
}

async function deleteMine() {
  const { turn } = view;
  try {
    await persist(() => call("DELETE", "/participants/me"), () => turn === view.turn);
  } catch (caught) {
    const problem = /** @type {import("../link/call.js").Problem} */ (caught);
    // A lost answer: the first request has deleted everything already.
    if (problem.code !== "stale_token") {
      failed(problem);
      return;
    }
  }
  forgetHere();
  view.again = way.route;
  show("forgotten", h("h1", null, t("forget.done")), h("p", { class: "lead" }, t("forget.done_text")));
}

/** Somebody does not want to take part: thanked, given the help numbers, and noted nowhere. */
export function notTaking() {
  view.again = notTaking;
  show(
    "not-taking",
    h("h1", null, t("not_taking.title")),
    h("p", { class: "lead" }, t("not_taking.text")),
    h("h2", null, t("help.title")),
    helpNumbers(),
    h("p", null, button(t("not_taking.back"), way.route, "quiet")),
  );
}

/** After a quick exit nothing is shown before the person asks for it. */
export function welcomeBack() {
  view.again = welcomeBack;
  /** @param {() => void} then */
  const back = (then) => () => {
    keep.drop(`kit.left/${page.code}`);
    then();
  };
  show(
    "left",
    drawing("door"),
    h("h1", null, t("left.title")),
    h("p", { class: "lead" }, t("left.text")),
    h("p", null, button(t("left.go"), back(way.route))),
    h("p", null, button(t("left.other"), back(someoneElse), "quiet")),
  );
}

/**
 * The strip under every slide: what runs on the phones, how many have answered, the minutes left; one click leads
 * there.
 *
 * @import { View } from "./types"
 */

import { h } from "../../page/element.js";
import { settle, widgetButton } from "../widget.js";
import { drawAsked } from "./asked.js";
import { next, stageOf } from "./parts.js";

const LOOK = 10_000;

/**
 * Keep the strip of the deck as the session is.
 * @param {any} model of the station that opens the session
 * @param {(language: "id" | "en") => View} viewIn
 * @returns {() => void} how to stop
 */
export function keepStrip(model, viewIn) {
  const memory = { leaving: false, shown: "" };
  const draw = () => {
    const view = viewIn(languageHere());
    drawStrip(view, memory, draw);
    drawAsked(view);
  };
  const leave = () => {
    memory.leaving = true;
    draw();
  };
  const stay = () => {
    memory.leaving = false;
    draw();
  };
  const language = new MutationObserver(draw);
  language.observe(document.documentElement, { attributes: true, attributeFilter: ["lang"] });
  for (const trait of ["live", "busy"]) model.on(`change:${trait}`, draw);
  window.addEventListener("kit:leave", leave);
  window.addEventListener("kit:slide", stay);
  const timer = setInterval(draw, LOOK);
  draw();
  return () => {
    clearInterval(timer);
    language.disconnect();
    window.removeEventListener("kit:leave", leave);
    window.removeEventListener("kit:slide", stay);
  };
}

/** @returns {"id" | "en"} */
function languageHere() {
  return document.documentElement.lang === "en" ? "en" : "id";
}

/** @param {View} view @param {{leaving: boolean, shown: string}} memory @param {() => void} redraw */
function drawStrip(view, memory, redraw) {
  const strip = document.getElementById("strip");
  if (!strip) return;
  const { live } = view;
  const open = live && openStage(live);
  if (open) strip.dataset.left = open;
  else delete strip.dataset.left;
  if (!open) memory.leaving = false;
  const parts = live ? [stripLead(view), memory.leaving && leaveQuestion(view, memory, redraw)] : [];
  const made = h("div", null, ...parts);
  if (made.innerHTML === memory.shown && strip.childElementCount) return;
  memory.shown = made.innerHTML;
  strip.replaceChildren(...made.childNodes);
  window.dispatchEvent(new CustomEvent("kit:drawn"));
}

/** What is open on the phones, by the stage that its slide is there for; empty otherwise. @param {any} live */
function openStage(live) {
  const name = stageOf(live);
  if (["poll", "reveal"].includes(name)) return live.stage.replace(/^reveal/, "poll");
  return ["pre", "post", "practice", "followup"].includes(name) ? name : "";
}

/** @param {View} view */
function stripLead(view) {
  const { live } = view;
  const to = openStage(live) || (live.stage === "lesson" ? "lobby" : live.stage);
  const goThere = () => window.dispatchEvent(new CustomEvent("kit:go", { detail: { runs: to } }));
  const look = openStage(live) ? "runs" : "";
  const button = h("button", { type: "button", class: look, onclick: goThere }, stripLine(view, to));
  settle(button);
  return button;
}

/** @param {View} view @param {string} to */
function stripLine({ live, say }, to) {
  const name = say(`stages.${stageOf(live)}`);
  const { joined } = live;
  if (stageOf(live) === "poll") return say("strip.poll", { name, n: live.answered[to.slice(5)] ?? 0, joined });
  if (live.stage in live.finished || live.stage === "practice") {
    const n = live.stage === "practice" ? live.practice.finished : live.finished[live.stage];
    const left = minutesLeft(live, to);
    return say("strip.wave", { name, n, joined }) + (left > 0 ? ` · ${say("strip.left", { n: left })}` : "");
  }
  return live.stage === "closed" ? say("strip.closed") : say("strip.joined", { name, joined });
}

/**
 * By the plan of its slide, counted from when this browser saw the stage begin.
 * @param {any} live
 * @param {string} to
 */
function minutesLeft(live, to) {
  const slide = /** @type {?HTMLElement} */ (document.querySelector(`[data-runs="${to}"]`)?.closest(".slide"));
  const planned = Number(slide?.dataset.minutes ?? 0);
  return planned && Math.ceil(planned - (Date.now() - seenSince(live)) / 60_000);
}

/** @param {any} live */
function seenSince(live) {
  const name = `kit-since/${live.code}/${live.version}`;
  try {
    const kept = Number(sessionStorage.getItem(name));
    if (kept) return kept;
    sessionStorage.setItem(name, String(Date.now()));
  } catch {
    /* private mode: the plan begins anew after a reload */
  }
  return Date.now();
}

/**
 * Going on while something is open: a poll is closed, a wave is led to; after a question.
 * @param {View} view
 * @param {{leaving: boolean}} memory
 * @param {() => void} redraw
 */
function leaveQuestion(view, memory, redraw) {
  const { live, say, ask, busy } = view;
  const wave = live.stage in live.finished;
  const name = say(`stages.${stageOf(live)}`);
  const yes = () => {
    memory.leaving = false;
    if (!wave) ask("move", { stage: "lesson" });
    window.dispatchEvent(new CustomEvent("kit:go", { detail: wave ? { runs: live.stage } : { step: 1 } }));
    redraw();
  };
  const no = () => {
    memory.leaving = false;
    redraw();
  };
  const words = say(wave ? "strip.leave_wave" : "strip.leave", { name });
  return h(
    "div",
    { class: "station sure", role: "alertdialog", "aria-label": words },
    h("p", null, words),
    next(widgetButton("leave-yes", say("strip.leave_yes"), yes, "main", busy)),
    widgetButton("leave-no", say("cancel"), no, "plain"),
  );
}

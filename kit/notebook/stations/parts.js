/**
 * What several stations show: where the session stands, the ways on, who has come.
 *
 * @import { View } from "./types"
 */

import { h } from "../../page/element.js";
import { STUDY } from "../../page/study.js";
import { widgetButton } from "../widget.js";

/** The stage without its item. @param {any} live @returns {string} */
export function stageOf(live) {
  return live.stage.split(":")[0];
}

/** Whether a session is beyond a stage; a poll belongs to the lesson. @param {any} live @param {string} name */
export function past(live, name) {
  const now = stageOf(live).replace(/poll|reveal/, "lesson");
  return STUDY.stages.indexOf(now) > STUDY.stages.indexOf(name);
}

/** @param {View} view @param {string} to @param {string} label @param {string} [look] */
export function go({ ask, busy }, to, label, look = "main") {
  return widgetButton(`go-${to}`, label, () => ask("move", { stage: to }), look, busy);
}

/** @param {View} view @param {string} path */
export function notNow({ say, live }, path) {
  return h("p", { class: "muted" }, say(path, { stage: say(`stages.${stageOf(live)}`) }));
}

/** The QR code. @param {View} view */
export function picture({ model, say, live }) {
  const box = h("div", { class: "qr", role: "img", "aria-label": say("lobby.qr", { url: live.join_url }) });
  const qr = model.get("qr");
  if (qr) {
    const drawn = new DOMParser().parseFromString(qr, "image/svg+xml");
    box.append(document.importNode(drawn.documentElement, true));
  }
  return h("div", null, box, h("p", { class: "muted center" }, say("lobby.scan")));
}

/** The address and the join code. @param {View} view */
export function address({ say, live }) {
  const whole = live.join_url.replace(/^https?:\/\//, "");
  return [
    h("p", { class: "muted" }, say("lobby.or")),
    h("p", { class: "address" }, whole.slice(0, whole.lastIndexOf("/"))),
    h("p", { class: "muted" }, say("lobby.code")),
    h("p", { class: "code" }, live.code),
  ];
}

/** How many of those who joined. @param {any} live @param {number} finished @param {string} text */
export function meter(live, finished, text) {
  const share = live.joined ? finished / live.joined : 0;
  const values = { "aria-valuemin": "0", "aria-valuemax": live.joined, "aria-valuenow": finished };
  return h(
    "div",
    { class: "meter", role: "progressbar", "aria-label": text, ...values },
    h("i", { style: `width:${Math.round(share * 100)}%` }),
  );
}

/** @param {View} view */
export function reportLink({ live, say }) {
  const base = document.body.dataset.baseUrl ?? "/";
  const href = `${base}kit/reports/${encodeURIComponent(live.bundle)}/report.html`;
  return h("a", { class: "main", href, target: "_blank", rel: "noopener" }, say("close.report"));
}

/** Where sheets are printed, uploaded and looked through. @param {View} view */
export function paperLink({ live, say }) {
  const href = `${document.body.dataset.baseUrl ?? "/"}kit/paper/${encodeURIComponent(live.code)}`;
  return h("a", { class: "second", href, target: "_blank", rel: "noopener" }, say("lobby.paper"));
}

/** Write the report once more, when that has failed. @param {View} view */
export function writeAgain({ ask, live, say, memory }) {
  const write = () => {
    memory.closing = true;
    ask("close", { text: live.notes ?? "" });
  };
  return widgetButton("again", say("close.again"), write);
}

/**
 * Mark what the one key presses: the button itself, or the yes to its question.
 * @param {any} button
 * @param {"" | "turn"} [then] `turn`: the slide is done with it
 */
export function next(button, then = "") {
  const target = button.querySelector('[data-key$="-yes"]') ?? button;
  target.setAttribute("data-next", then);
  return button;
}

/** Whether something on the phones would be left open by going on. @param {any} live */
export function isLeftOpen(live) {
  return ["poll", "reveal", "practice", "pre"].includes(stageOf(live));
}

/**
 * A way to a stage that closes what is still open on the phones, after a question; null where there is none.
 * @param {View} view
 * @param {string} to
 * @param {string} label
 */
export function through(view, to, label) {
  const { live, say, sure, ask } = view;
  if (!isLeftOpen(live)) return null;
  const left = Math.max(live.joined - (live.finished[live.stage] ?? live.joined), 0);
  const name = say(`stages.${stageOf(live)}`);
  const question = left ? say("strip.through_left", { name, n: left }) : say("strip.through", { name });
  return sure(`through-${to}`, question, label, () => ask("move", { stage: to, via: "lesson" }));
}

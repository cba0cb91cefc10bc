/**
 * The follow-up, weeks after the session: those who were there come back with their personal code.
 *
 * @import { Draw, View } from "./types"
 */

import { h } from "../../page/element.js";
import { actions } from "../widget.js";
import { address, meter, next, picture, reportLink, stageOf, writeAgain } from "./parts.js";

/** @type {Draw} */
export function drawFollowup(view) {
  const { live, say } = view;
  if (!live) return absent(view);
  if (isClosing(view)) {
    return [title(view), h("p", { class: "lead", role: "status" }, say("close.closing"))];
  }
  if (live.purged_at) return gone(view);
  if (live.stage === "followup") return open(view);
  if (live.stage !== "closed") {
    const line = say("followup.not_now", { stage: say(`stages.${stageOf(live)}`) });
    return [title(view), h("p", { class: "lead" }, line), actions(home(view))];
  }
  return live.finished.followup ? done(view) : ready(view);
}

/**
 * From the click until the kernel has been busy and is so no longer: the stage is closed before the report is
 * written.
 * @param {View} view
 */
function isClosing({ model, busy, memory }) {
  memory.seen = true;
  if (memory.closing === "busy" && !busy) memory.unwritten = Boolean(model.get("trouble"));
  if (memory.closing) memory.closing = busy ? "busy" : memory.closing === true;
  return Boolean(memory.closing);
}

/** @param {View} view */
function title({ say }) {
  return h("h2", null, say("followup.title"));
}

/** No session in the address, or one that does not exist any more. @type {Draw} */
function absent(view) {
  const { model, memory, say } = view;
  const expected = new URLSearchParams(location.search).has("session") && !memory.seen && !model.get("trouble");
  if (expected) return [title(view), h("p", { class: "lead", role: "status" }, say("followup.fetching"))];
  return [h("h2", null, say("no_session")), h("p", { class: "lead" }, say("followup.choose")), actions(home(view))];
}

/** @param {View} view */
function home({ say }) {
  return h("a", { class: "plain", href: `${document.body.dataset.baseUrl ?? "/"}kit` }, say("followup.home"));
}

/** Which session this is. @param {View} view */
function which({ live }) {
  const words = [live.event, live.site.name, live.held_on].filter(Boolean).join(" · ");
  return h("p", { class: "lead" }, words);
}

/** Before it is opened: what people need, and until when. @type {Draw} */
function ready(view) {
  const { live, say } = view;
  if (!live.joined) return [title(view), which(view), h("p", null, say("followup.nobody_joined")), actions(home(view))];
  const needs = ["code", "lost", "others"].map((name) => h("li", null, say(`followup.need_${name}`)));
  return [
    title(view),
    which(view),
    h("ul", { class: "needs" }, ...needs),
    h("p", { class: "muted" }, say("followup.when", { day: live.followup_until })),
    actions(next(start(view, "followup.start", "main")), home(view)),
  ];
}

/** While it is open: how to come back, and who has. @type {Draw} */
function open(view) {
  const { say } = view;
  const own = [say("followup.then"), " ", h("b", null, say("followup.example"))];
  const way = h(
    "div",
    null,
    ...address(view),
    h("p", { class: "own" }, ...own),
    h("p", { class: "muted" }, say("followup.lost")),
  );
  return [
    h("h2", { class: "small" }, say("followup.title")),
    h("div", { class: "lobby followup" }, picture(view), way),
    h("div", { class: "came" }, cameBack(view), next(end(view))),
  ];
}

/** @param {View} view */
function cameBack({ live, say }) {
  const { joined, connected } = live;
  const finished = live.finished.followup;
  const back = finished
    ? [h("b", null, String(finished)), ` ${say("followup.back", { joined })}`]
    : say("followup.nobody_yet", { joined });
  return h(
    "div",
    null,
    h("p", { class: "joined" }, h("span", null, back), h("small", null, say("followup.connected", { n: connected }))),
    meter(live, finished, say("wave.progress", { finished, joined })),
  );
}

/** @param {View} view */
function end({ live, say, sure, ask, memory, redraw }) {
  const finished = live.finished.followup;
  const { connected } = live;
  const question = finished
    ? say("followup.end_sure", { n: finished, connected })
    : say("followup.undo_sure", { connected });
  const act = () => {
    memory.closing = true;
    ask("move", { stage: "closed" });
    redraw();
  };
  return sure("end", question, say("followup.end"), act);
}

/** @type {Draw} */
function done(view) {
  const { live, memory, say } = view;
  const unwritten = memory.unwritten || !live.bundle || live.report === "unwritten";
  return [
    h("h2", null, say("followup.done")),
    h("p", { class: "big" }, say("followup.done_line", { n: live.finished.followup, joined: live.joined })),
    h("p", { class: "lead" }, say(unwritten ? "followup.done_unwritten" : "followup.done_report")),
    actions(unwritten ? writeAgain(view) : reportLink(view), start(view, "followup.again", "plain"), home(view)),
  ];
}

/** @type {Draw} */
function gone(view) {
  const { live, say } = view;
  return [
    h("h2", null, say("followup.gone")),
    which(view),
    h("p", null, say("followup.gone_line", { day: live.purged_at.slice(0, 10) })),
    actions(live.bundle && reportLink(view), home(view)),
  ];
}

/** @param {View} view @param {string} label @param {string} look */
function start({ say, sure, ask }, label, look) {
  return sure("start", say("followup.start_sure"), say(label), () => ask("move", { stage: "followup" }), look);
}

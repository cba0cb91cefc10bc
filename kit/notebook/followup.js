// @ts-check
/** The follow-up, weeks after the session: those who were there come back with their personal code. */

import { h } from "./dom.js";
import { address, meter, picture, reportLink, stage, writeAgain } from "./stations.js";

/** @typedef {import("./station.js").View} View */

/** @param {View} view */
export function drawFollowup(view) {
  const { model, live, busy, memory, say } = view;
  if (!live) return absent(view);
  memory.seen = true;
  // From the click until the kernel has been busy and is so no longer: the stage is closed before the report is written.
  if (memory.closing === "busy" && !busy) memory.unwritten = Boolean(model.get("trouble"));
  if (memory.closing) memory.closing = busy ? "busy" : memory.closing === true;
  if (memory.closing) return [h("h2", null, say("followup.title")), h("p", { class: "lead", role: "status" }, say("close.closing"))];
  if (live.purged_at) return gone(view);
  if (live.stage === "followup") return open(view);
  if (live.stage !== "closed") {
    return [h("h2", null, say("followup.title")), h("p", { class: "lead" }, say("followup.not_now", { stage: say(`stages.${stage(live)}`) })), actions(home(view))];
  }
  return live.finished.followup ? done(view) : ready(view);
}

/** No session in the address, or one that does not exist any more. @param {View} view */
function absent(view) {
  const { model, memory, say } = view;
  const expected = new URLSearchParams(location.search).has("session") && !memory.seen && !model.get("trouble");
  if (expected) return [h("h2", null, say("followup.title")), h("p", { class: "lead", role: "status" }, say("followup.fetching"))];
  return [h("h2", null, say("no_session")), h("p", { class: "lead" }, say("followup.choose")), actions(home(view))];
}

/** @param {...any} buttons */
function actions(...buttons) {
  return h("div", { class: "actions" }, ...buttons);
}

/** @param {View} view */
function home({ say }) {
  return h("a", { class: "plain", href: `${document.body.dataset.baseUrl ?? "/"}kit` }, say("followup.home"));
}

/** Which session this is. @param {View} view */
function which({ live }) {
  return [live.event, live.site.name, live.held_on].filter(Boolean).join(" · ");
}

/** Before it is opened: what people need, and until when. @param {View} view */
function ready(view) {
  const { live, say } = view;
  if (!live.joined) return [h("h2", null, say("followup.title")), h("p", { class: "lead" }, which(view)), h("p", null, say("followup.nobody_joined")), actions(home(view))];
  return [
    h("h2", null, say("followup.title")), h("p", { class: "lead" }, which(view)),
    h("ul", { class: "needs" }, ...["code", "lost", "others"].map((name) => h("li", null, say(`followup.need_${name}`)))),
    h("p", { class: "muted" }, say("followup.when", { day: live.followup_until })),
    actions(start(view, "followup.start", "main"), home(view)),
  ];
}

/** While it is open: how to come back, and who has. @param {View} view */
function open(view) {
  const { live, say, sure, ask, memory, redraw } = view;
  const finished = live.finished.followup;
  const end = () => { memory.closing = true; ask("move", { stage: "closed" }); redraw(); };
  const back = finished ? [h("b", null, String(finished)), ` ${say("followup.back", { joined: live.joined })}`] : say("followup.nobody_yet", { joined: live.joined });
  return [
    h("h2", { class: "small" }, say("followup.open_title")),
    h("div", { class: "lobby followup" }, picture(view),
      h("div", null, ...address(view),
        h("p", { class: "own" }, say("followup.then"), " ", h("b", null, say("followup.example"))),
        h("p", { class: "muted" }, say("followup.lost")))),
    h("div", { class: "came" }, h("div", null, h("p", { class: "joined" }, h("span", null, back), h("small", null, say("followup.connected", { n: live.connected }))), meter(live, finished, say("wave.progress", { finished, joined: live.joined }))),
      sure("end", finished ? say("followup.end_sure", { n: finished, connected: live.connected }) : say("followup.undo_sure", { connected: live.connected }), say("followup.end"), end)),
  ];
}

/** @param {View} view */
function done(view) {
  const { live, memory, say } = view;
  const unwritten = memory.unwritten || !live.bundle;
  return [
    h("h2", null, say("followup.done")),
    h("p", { class: "big" }, say("followup.done_line", { n: live.finished.followup, joined: live.joined })),
    h("p", { class: "lead" }, say(unwritten ? "followup.done_unwritten" : "followup.done_report")),
    actions(unwritten ? writeAgain(view) : reportLink(view), start(view, "followup.again", "plain"), home(view)),
  ];
}

/** @param {View} view */
function gone(view) {
  const { live, say } = view;
  return [
    h("h2", null, say("followup.gone")), h("p", { class: "lead" }, which(view)),
    h("p", null, say("followup.gone_line", { day: live.purged_at.slice(0, 10) })),
    actions(live.bundle && reportLink(view), home(view)),
  ];
}

/** @param {View} view @param {string} label @param {string} look */
function start({ say, sure, ask }, label, look) {
  return sure("start", say("followup.start_sure"), say(label), () => ask("move", { stage: "followup" }), look);
}

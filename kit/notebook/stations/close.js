/**
 * The officer's notes, and the end of the session.
 *
 * @import { Draw, View } from "./types"
 */

import { h } from "../../page/element.js";
import { actions } from "../widget.js";
import { next, notNow, reportLink, stageOf, writeAgain } from "./parts.js";

/** @type {Draw} */
export function drawClose(view) {
  const { live, say, memory, busy } = view;
  const title = h("h2", null, say(live.stage === "closed" ? "close.closed" : "close.title"));
  if (busy && memory.closing) return [title, h("p", { class: "lead", role: "status" }, say("close.closing"))];
  if (live.stage !== "closed") return [title, ...notesForm(view)];
  memory.closing = false;
  keepDraft(live.code, "");
  const written = live.bundle && live.report !== "unwritten";
  const where = written ? say("close.bundle", { bundle: live.bundle }) : say("close.unwritten");
  return [
    title,
    h("p", { class: "lead" }, where),
    h("p", { class: "muted" }, say("close.later"), " ", live.bundle && say("close.backup_hint")),
    actions(written ? reportLink(view) : writeAgain(view), ...takeAway(view), remove(view)),
  ];
}

/** The day of the follow-up for a calendar, and all of the session for a stick. @param {View} view */
function takeAway({ live, say }) {
  if (!live.bundle) return [];
  const base = `${document.body.dataset.baseUrl ?? "/"}kit`;
  const bundle = encodeURIComponent(live.bundle);
  return [
    h("a", { class: "second", href: `${base}/followup/${bundle}.ics`, download: true }, say("close.calendar")),
    h("a", { class: "second", href: `${base}/backup/${bundle}.zip`, download: true }, say("close.backup")),
  ];
}

/** @type {Draw} */
function notesForm(view) {
  const { live, say, sure, ask, memory } = view;
  memory.notes ??= draftOf(live.code) || (live.notes ?? "");
  const area = h("textarea", {
    id: "kit-notes",
    rows: "5",
    maxlength: "20000",
    "data-key": "notes",
    "aria-describedby": "kit-notes-hint",
    oninput: (/** @type {any} */ event) => {
      memory.notes = event.target.value;
      keepDraft(live.code, memory.notes);
    },
  });
  area.value = memory.notes;
  const close = () => {
    memory.closing = true;
    ask("close", { text: memory.notes });
  };
  return [
    h("label", { for: "kit-notes" }, say("close.notes")),
    h("p", { class: "muted", id: "kit-notes-hint" }, say("close.notes_hint")),
    area,
    stageOf(live) !== "results" && notNow(view, "close.not_now"),
    actions(next(sure("close", say("close.sure"), say("close.submit"), close)), remove(view)),
  ];
}

/** Notes not yet sent lie in this browser, so that a reload loses none; closing the session takes them away. */
const DRAFT = "kit-draft-";

/** @param {string} code @returns {string} */
function draftOf(code) {
  try {
    return localStorage.getItem(DRAFT + code) ?? "";
  } catch {
    return "";
  }
}

/** @param {string} code @param {string} text */
function keepDraft(code, text) {
  try {
    if (text) localStorage.setItem(DRAFT + code, text);
    else localStorage.removeItem(DRAFT + code);
  } catch {
    // A browser that keeps nothing: they stay on the page.
  }
}

/** A rehearsal can be thrown away. @param {View} view */
function remove({ live, say, sure, ask }) {
  if (!live.rehearsal) return null;
  return sure("delete", say("close.delete_sure"), say("close.delete"), () => ask("delete"), "plain");
}

/**
 * The state of this page, and what its parts tell each other.
 *
 * @import { Me, PublicState, Wave } from "../types"
 * @import { Problem } from "./call.js"
 */

import { keep } from "./keep.js";

/**
 * `me` is who this phone is in this session, `wave` the open wave with own responses, `moved` whether the stage
 * has changed since the page was opened, `given` whether the next screen shows a personal code that was just given.
 */
export const page = {
  language: keep.get("kit.language") || "id",
  code: "",
  /** @type {?PublicState} */
  state: null,
  /** @type {?string} */
  etag: null,
  /** @type {?Me} */
  me: null,
  /** @type {?Wave} */
  wave: null,
  offline: false,
  moved: false,
  given: false,
};

/** What the screens want to hear; they fill these in. */
export const hooks = {
  state() {},
  connection() {},
  /** @param {Problem} _problem */
  trouble(_problem) {},
  changed() {},
  asked() {},
  unknown() {},
  silent() {},
  /** @param {Problem} _problem */
  stale(_problem) {},
  /** @param {Problem} _problem */
  failed(_problem) {},
  newer() {},
  /** @param {string} _wave */
  incomplete(_wave) {},
};

/**
 * Read who this phone is in a session.
 * @param {string} code
 * @returns {?Me}
 */
export function recall(code) {
  return JSON.parse(keep.get(`kit.me/${code}`) || "null");
}

/**
 * Note who this phone is from now on; null forgets.
 * @param {?Me} me
 */
export function remember(me) {
  page.me = me;
  page.wave = null;
  page.given = Boolean(me);
  if (me) keep.set(`kit.me/${page.code}`, JSON.stringify(me));
  else keep.drop(`kit.me/${page.code}`);
  // Where nothing is kept, only the name of the window outlives a reload.
  if (!keep.lasts()) window.name = me ? windowName() : "";
}

/** Whether somebody joined in this window of a browser that keeps nothing: a reload has forgotten who. */
export function isForgotten() {
  return !page.me && window.name === windowName();
}

function windowName() {
  return `kit/${page.code}`;
}

/**
 * Take the token that another tab has fetched for the same person; whether there was one.
 * @param {?string} used the token that was refused
 */
export function adopt(used) {
  const kept = recall(page.code);
  if (!kept || !page.me) return false;
  if (kept.token === used || kept.participant_id !== page.me.participant_id) return false;
  page.me = kept;
  return true;
}

/** @param {boolean} offline */
export function setOffline(offline) {
  if (page.offline === offline) return;
  page.offline = offline;
  hooks.connection();
  if (!offline) dispatchEvent(new Event("kit-wake"));
}

/** Where the public state and the routes of this session's participants are. */
export function sessionAddress() {
  return `/api/sessions/${encodeURIComponent(page.code)}`;
}

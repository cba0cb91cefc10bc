/**
 * Following the stage: a stream, and plain requests where the stream does not get through.
 *
 * @import { PublicState } from "../types"
 * @import { Problem } from "./call.js"
 */

import { call } from "./call.js";
import { outbox } from "./outbox.js";
import { hooks, page, recall, sessionAddress, setOffline } from "./page.js";
import { pause } from "./persist.js";

const PATIENCE = 4000; // a stream that says nothing for so long is asked about by a plain request
const SILENCE = 40000; // the stream beats every 15 s; without two beats the connection is dead, whatever it claims

/** @type {?EventSource} */
let stream = null;
let fails = 0;
let timer = 0;

/**
 * @param {number} ms
 * @param {() => void} then
 */
function wait(ms, then) {
  clearTimeout(timer);
  timer = window.setTimeout(then, ms);
}

/** Open the stream; its first event is the state, which spares a request. */
export function follow() {
  unfollow();
  const mine = new EventSource(`${sessionAddress()}/stream`);
  /** @param {any} event */
  const heard = (event) => {
    if (mine !== stream) return;
    fails = 0;
    wait(SILENCE * (1 + Math.random() / 4), follow);
    setOffline(false);
    if (event.type === "state") receive(JSON.parse(event.data));
  };
  stream = mine;
  mine.addEventListener("state", heard);
  mine.addEventListener("beat", heard);
  mine.onerror = () => {
    if (mine !== stream) return;
    unfollow();
    ask();
  };
  wait(PATIENCE, ask);
}

/**
 * Take up a session: who this phone is in it, and its stage from now on.
 * @param {string} code
 * @param {?PublicState} [state] the one that the page came with
 */
export function begin(code, state) {
  Object.assign(page, { code, state: null, etag: null, me: recall(code), wave: null });
  if (state && state.code === code) receive(state);
  follow();
}

/** Stop following. */
export function unfollow() {
  if (stream) stream.close();
  stream = null;
  clearTimeout(timer);
}

/** Ask for the state by a plain request. @throws {Problem} */
export async function fetchState() {
  /** @type {Record<string, string>} */
  const known = page.state && page.etag ? { "If-None-Match": page.etag } : {};
  const state = await call("GET", "", null, known);
  if (state) receive(state);
}

/** The stream failed or is silent: learn why by a plain request, then open it again, later each time. */
async function ask() {
  const { code } = page;
  let reached = true;
  let wish = 0;
  try {
    await fetchState();
  } catch (caught) {
    const problem = /** @type {Problem} */ (caught);
    if (code !== page.code) return;
    if (problem.status === 404) {
      unfollow();
      hooks.unknown();
      return;
    }
    if (problem.status) hooks.trouble(problem);
    if (!page.state) hooks.silent();
    reached = problem.status > 0;
    wish = problem.wait;
  }
  if (code !== page.code) return;
  fails += 1;
  // Two looks by a plain request for each new stream: the network may let only those through.
  if (stream && reached && fails % 3) wait(2 * PATIENCE * (1 + Math.random()), ask);
  else wait(pause(Math.min(fails, 4), wish), follow);
}

/** Begin anew at once: the phone is back on the network or was woken up, and its old stream may be dead. */
export function refollow() {
  if (!page.code) return;
  fails = 0;
  follow();
  outbox.flush();
}

/** @param {PublicState} state */
function receive(state) {
  const before = page.state;
  if (before && state.version < before.version) return;
  page.state = state;
  if (before && before.stage === state.stage) {
    hooks.asked();
    return;
  }
  page.moved = Boolean(before);
  hooks.state();
  outbox.reopen();
}

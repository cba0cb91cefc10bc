/** Trying again: later each time, spread out at random, and at once when the network is back. */

import { hooks, page } from "./page.js";

/**
 * How long to wait before the n-th retry: the service's wish, else doubling.
 * @param {number} tries
 * @param {number} [seconds] that the service asked for
 */
export function pause(tries, seconds = 0) {
  if (seconds) return seconds * 1000 * (1 + Math.random() / 2);
  return Math.min(15000, 700 * 2 ** tries) * (0.5 + Math.random());
}

/**
 * Wait; where the network is the trouble, only until it is back or the person does something.
 * @param {number} ms
 * @param {boolean} [wakeable]
 * @returns {Promise<void>}
 */
export function sleep(ms, wakeable = false) {
  return new Promise((done) => {
    const events = wakeable ? ["online", "kit-wake"] : [];
    const sleeping = setTimeout(wake, ms);
    function wake() {
      clearTimeout(sleeping);
      for (const name of events) removeEventListener(name, wake);
      done();
    }
    for (const name of events) addEventListener(name, wake);
  });
}

/**
 * Repeat a task while its trouble is a passing one and the screen that wants it is still there.
 * @template T
 * @param {() => Promise<T>} task
 * @param {() => boolean} [alive]
 * @returns {Promise<T>}
 */
export async function persist(task, alive = () => true) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await task();
    } catch (caught) {
      const problem = /** @type {import("./call.js").Problem} */ (caught);
      if (!problem.passing || !alive()) throw problem;
      if (problem.status) hooks.trouble(problem);
      await sleep(pause(tries, problem.wait), !problem.status);
      if (!alive()) throw problem;
    }
  }
}

/** After a stage change a thousand phones want the same: come spread over a quarter of a second. */
export async function spread() {
  if (page.moved) await sleep(250 * Math.random());
  page.moved = false;
}

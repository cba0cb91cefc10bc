/**
 * The outbox: an answer leaves it only when the service has confirmed it.
 *
 * Entries are single keys, so that two tabs never overwrite each other's list.
 *
 * @import { Choice, Entry, Wave } from "../types"
 */

import { Problem, call } from "./call.js";
import { keep } from "./keep.js";
import { hooks, page } from "./page.js";
import { pause, sleep } from "./persist.js";

export const outbox = {
  failing: false,
  running: false,
  again: false,

  /** How many answers and wishes were confirmed: what was asked before one of them does not know it yet. */
  confirmed: 0,

  /** Waves that were closed before all their answers had arrived. @type {Set<string>} */
  held: new Set(),

  /**
   * Where this person's keys of a kind begin: `out` waiting answers, `seq` counters, `at` places.
   * @param {"out" | "seq" | "at"} kind
   */
  prefix: (kind) => `kit.${kind}/${page.me ? page.me.participant_id : ""}/`,

  /**
   * What waits, of one wave or of all; wishes to finish a wave last.
   * @param {string} [wanted]
   * @returns {Entry[]}
   */
  entries(wanted) {
    if (!page.me) return [];
    const prefix = outbox.prefix("out");
    const entries = keep.keys(prefix).map((key) => {
      const [wave, item] = key.slice(prefix.length).split("/");
      return { key, wave, item, ...JSON.parse(keep.get(key) || "{}") };
    });
    return entries
      .filter(({ wave }) => !wanted || wave === wanted)
      .sort((a, b) => Number(!a.item) - Number(!b.item));
  },

  /** How many answers are on their way, and how many came too late for their wave. */
  count() {
    const answers = outbox.entries().filter((entry) => entry.item);
    const late = answers.filter((entry) => outbox.held.has(entry.wave)).length;
    return { unsent: answers.length - late, late };
  },

  /**
   * Keep an answer, then send it. Its counter never goes back: not on reload, not in a second tab.
   * @param {string} wave
   * @param {string} item
   * @param {Choice} choice
   */
  answer(wave, item, choice) {
    const counter = `${outbox.prefix("seq")}${wave}/${item}`;
    const open = page.wave && page.wave.wave === wave ? page.wave : null;
    const known = open && open.responses[item];
    const seq = Math.max(Number(keep.get(counter)) || 0, known ? known.seq : 0) + 1;
    keep.set(counter, seq);
    keep.set(`${outbox.prefix("out")}${wave}/${item}`, JSON.stringify({ choice, seq }));
    if (open) open.responses[item] = { choice, seq };
    outbox.flush();
  },

  /**
   * Keep the wish to finish a wave; it is sent after the wave's answers.
   * @param {string} wave
   */
  submit(wave) {
    keep.set(`${outbox.prefix("out")}${wave}/`, "{}");
    outbox.flush();
  },

  /**
   * Put own unconfirmed answers over what the service sent; what it already has leaves the outbox.
   * @param {Wave} wave
   */
  merge(wave) {
    for (const { key, item, choice, seq } of outbox.entries(wave.wave)) {
      const stored = wave.responses[item];
      if (item && stored && stored.seq >= seq) keep.drop(key);
      else if (item) wave.responses[item] = { choice, seq };
    }
  },

  /** Try again what came too late: a new stage may have opened its wave once more. */
  reopen() {
    outbox.held.clear();
    outbox.flush();
  },

  /**
   * @param {string} wave
   * @param {string} item
   * @returns {"" | "saving" | "saved" | "waiting" | "held"}
   */
  status(wave, item) {
    if (!page.me || !keep.get(`${outbox.prefix("out")}${wave}/${item}`)) {
      return page.wave && page.wave.responses[item] ? "saved" : "";
    }
    if (outbox.held.has(wave)) return "held";
    return outbox.failing || page.offline ? "waiting" : "saving";
  },

  /** Send what waits until nothing does; a second call only makes the first one hurry. */
  async flush() {
    hooks.changed();
    outbox.again = true;
    if (outbox.running) {
      dispatchEvent(new Event("kit-wake"));
      return;
    }
    outbox.running = true;
    for (let tries = 0; page.me && outbox.again; tries += 1) {
      outbox.again = false;
      const trouble = await outbox.sendAll();
      outbox.failing = Boolean(trouble);
      hooks.changed();
      if (trouble) {
        await sleep(pause(tries, trouble.wait), !trouble.status);
        outbox.again = true;
      } else {
        tries = -1;
      }
    }
    outbox.running = false;
  },

  /**
   * Send everything once.
   * @returns {Promise<?Problem>} a passing trouble, if there was one
   */
  async sendAll() {
    for (const entry of outbox.entries().filter(({ wave }) => !outbox.held.has(wave))) {
      try {
        await (entry.item ? outbox.send(entry) : outbox.sendSubmission(entry));
      } catch (caught) {
        const problem = /** @type {Problem} */ (caught);
        if (problem.passing) return problem;
        if (problem.status === 401) {
          hooks.stale(problem);
          return null;
        }
        outbox.refused(entry, problem);
      }
      hooks.changed();
    }
    return null;
  },

  /** @param {Entry} entry */
  async send({ key, wave, item, choice, seq }) {
    // Practice answers with a reason, in the language that is read now.
    const query = wave === "practice" ? `?language=${page.language}` : "";
    const path = `/waves/${wave}/responses/${encodeURIComponent(item)}${query}`;
    const reply = await call("PUT", path, { choice, seq });
    if (reply.shown && page.wave && page.wave.wave === wave) {
      page.wave.shown = { ...page.wave.shown, [item]: reply.shown };
    }
    outbox.confirmed += 1;
    const now = JSON.parse(keep.get(key) || "{}");
    if (now.seq <= Math.max(seq, reply.seq)) keep.drop(key);
    if (reply.seq > seq) hooks.newer(); // another tab or phone answered later: that answer counts
  },

  /** @param {Entry} entry */
  async sendSubmission({ key, wave }) {
    if (outbox.entries(wave).some((entry) => entry.item)) return; // an answer came in between: it goes first
    await call("POST", `/waves/${wave}/submit`);
    outbox.confirmed += 1;
    keep.drop(key);
    if (page.wave && page.wave.wave === wave) page.wave.submitted = true;
  },

  /**
   * @param {Entry} entry
   * @param {Problem} problem
   */
  refused(entry, problem) {
    if (problem.code === "practice_answered") {
      keep.drop(entry.key); // another tab or phone was quicker: that answer counts
      hooks.newer();
      return;
    }
    if (problem.status === 409) {
      outbox.held.add(entry.wave);
      if (page.state && page.state.stage === "closed") keep.drop(entry.key);
      return;
    }
    keep.drop(entry.key); // the service will never take this one
    if (entry.item) hooks.failed(problem);
    else hooks.incomplete(entry.wave);
  },
};

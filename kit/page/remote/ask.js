/**
 * What the remote asks of the laptop, with a secret of its own making that only this phone knows.
 *
 * @typedef {{number: number, of: number, title: string, next: string, runs: string}} Slide
 * @typedef {{question_id: string, text: string, state: string}} Question
 * @typedef {{code: string, stage: string, version: number, moves: string[], rehearsal: boolean, joined: number,
 *   connected: number, by_audience: Record<string, number>, finished: Record<string, number>,
 *   answered: Record<string, number>, practised: number, slide: ?Slide, deck: boolean, seconds: number,
 *   questions: {open: boolean, waiting: number, shown: ?string}}} Shown
 */

import { keep } from "../link/keep.js";

const KEPT = "kit.remote/";
const PATIENCE = 8000;
const key = location.pathname.split("/").pop() ?? "";

/** The secret of this phone for this key, made at the first opening. (Plain http has no `randomUUID`.) */
function secret() {
  const known = keep.get(KEPT + key);
  if (known) return known;
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  const made = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  keep.set(KEPT + key, made);
  return made;
}

/** What the laptop refuses with; `status` 0 where nobody answers. */
export class Refusal extends Error {
  /** @param {number} status @param {{title?: string, detail?: string}} problem */
  constructor(status, { title = "", detail = "" }) {
    super(`${title} ${detail}`.trim());
    this.status = status;
  }
}

/**
 * @param {string} method
 * @param {string} path behind `/api/remote`
 * @param {object} [body]
 * @param {Record<string, string>} [more] headers
 * @returns {Promise<any>} throws a Refusal
 */
async function send(method, path, body, more = {}) {
  const cut = new AbortController();
  const timer = setTimeout(() => cut.abort(), PATIENCE);
  const headers = { "Content-Type": "application/json", "Accept-Language": language(), ...more };
  const options = { method, headers, cache: /** @type {RequestCache} */ ("no-store"), signal: cut.signal };
  try {
    const answer = await fetch(`/api/remote${path}`, body ? { ...options, body: JSON.stringify(body) } : options);
    const told = await answer.json();
    if (!answer.ok) throw new Refusal(answer.status, told);
    return told;
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal(0, {});
  } finally {
    clearTimeout(timer);
  }
}

/** @returns {"id" | "en"} */
export function language() {
  return keep.get("kit.language") === "en" ? "en" : "id";
}

/** Become the remote, or be it again after a reload. @returns {Promise<Shown>} */
export function pair() {
  return send("POST", "", { key, token: secret() });
}

/** @param {string} method @param {string} path @param {object} [body] */
export function ask(method, path, body) {
  return send(method, path, body, { Authorization: `Bearer ${secret()}` });
}

/** Forget the secret: whoever opens this address on this phone again is nobody. */
export function forget() {
  keep.drop(KEPT + key);
}

/** One request to the service. Works on plain http and never reads a clock: phones in a hall disagree about it. */

import { adopt, page, sessionAddress, setOffline } from "./page.js";

const TIMEOUTS = [5000, 15000]; // first short, since pooled connections may be dead; longer each time nothing came

/** What the service refused, or status 0 when it was not reached. `passing` troubles are worth another try. */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {{title?: string, detail?: string, code?: string}} [body] the service's own words
   * @param {number} [seconds] that the service asks to wait
   */
  constructor(status, body = {}, seconds = 0) {
    super(body.title || String(status));
    this.status = status;
    this.body = body;
    this.wait = seconds;
    this.code = body.code || "";
    this.passing = status === 0 || status === 429 || status >= 500;
  }
}

let timeout = TIMEOUTS[0];

/** Whether this browser lets a PUT outlive the page. @type {?boolean} */
let keepalive = null;

/**
 * Answers outlive the page where the browser can do that; Chrome 80 refuses such a PUT although it claims it can.
 * @param {string} address
 * @param {RequestInit} asked
 */
async function send(address, asked) {
  if (asked.method !== "PUT" || keepalive === false) return fetch(address, asked);
  try {
    const answer = await fetch(address, { ...asked, keepalive: true });
    keepalive = true;
    return answer;
  } catch (refused) {
    if (keepalive || (asked.signal && asked.signal.aborted)) throw refused;
    const answer = await fetch(address, asked);
    keepalive = false;
    return answer;
  }
}

/**
 * One request below `/api/sessions/{code}`; null for "not modified".
 * @param {string} method
 * @param {string} path
 * @param {?object} [body]
 * @param {Record<string, string>} [headers]
 * @returns {Promise<any>}
 * @throws {Problem}
 */
export async function call(method, path, body, headers = {}) {
  const token = page.me && page.me.token;
  const { answer, data } = await exchange(method, path, body, { ...headersOf(token, body), ...headers });
  [timeout] = TIMEOUTS;
  setOffline(false);
  if (path === "" && answer.ok) page.etag = answer.headers.get("ETag");
  if (answer.status === 304 || answer.ok) return data;
  // Another tab may have fetched a newer token for the same person: adopt it instead of asking for the code.
  if (answer.status === 401 && adopt(token)) return call(method, path, body, headers);
  throw new Problem(answer.status, data, Number(answer.headers.get("Retry-After")) || 0);
}

/**
 * @param {?string} token
 * @param {?object} [body]
 * @returns {Record<string, string>}
 */
function headersOf(token, body) {
  return {
    "Accept-Language": page.language,
    ...(body ? { "Content-Type": "application/json" } : {}),
    ...(token ? { Authorization: `Bearer ${token}` } : {}),
  };
}

/**
 * Send and read one answer; whatever is not one is a Problem.
 * @param {string} method
 * @param {string} path
 * @param {?object | undefined} body
 * @param {Record<string, string>} headers
 */
async function exchange(method, path, body, headers) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeout);
  let answer = null;
  try {
    answer = await send(`${sessionAddress()}${path}`, {
      method,
      headers,
      body: body ? JSON.stringify(body) : null,
      signal: stop.signal,
      cache: "no-store",
    });
    return { answer, data: answer.status === 304 ? null : await answer.json() };
  } catch {
    if (answer && !stop.signal.aborted) throw new Problem(502); // something between us and the service answered
    if (stop.signal.aborted) timeout = Math.min(TIMEOUTS[1], timeout * 1.7);
    setOffline(true);
    throw new Problem(0);
  } finally {
    clearTimeout(timer);
  }
}

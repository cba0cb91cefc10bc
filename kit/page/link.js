/**
 * What this phone keeps, how it talks to the service, and the outbox: no screens.
 *
 * Works on plain http: no service worker, crypto.randomUUID, clipboard or locks. Never reads a clock: phones in a
 * hall disagree about the time. Syntax floor: Chrome 80 (February 2020).
 */

const TIMEOUTS = [5000, 15000]; // first short, since pooled connections may be dead; longer each time nothing came
const PATIENCE = 4000; // a stream that says nothing for so long is asked about by a plain request
const SILENCE = 40000; // the stream beats every 15 s; without two beats the connection is dead, whatever it claims

const memory = new Map(); // where the browser forbids storage, the page still works until it is closed

/** localStorage that never throws. */
export const keep = {
  get(key) {
    try { return localStorage.getItem(key) ?? memory.get(key) ?? null; } catch { return memory.get(key) ?? null; }
  },
  set(key, value) {
    try { localStorage.setItem(key, value); } catch { memory.set(key, String(value)); }
  },
  drop(key) {
    memory.delete(key);
    try { localStorage.removeItem(key); } catch { /* nothing was kept there */ }
  },
  keys(prefix) {
    let kept = [];
    try { kept = Object.keys(localStorage); } catch { /* only memory then */ }
    return [...new Set([...kept, ...memory.keys()])].filter((key) => key.startsWith(prefix));
  },
};

/** The state of this page. `me` is who this phone is in this session, `wave` the open wave with own responses. */
export const page = {
  language: keep.get("kit.language") || "id", code: "", state: null, me: null, wave: null, offline: false, moved: false,
};

/** What the screens want to hear; app.js fills these in. */
export const hooks = {
  state() {}, connection() {}, trouble() {}, changed() {}, unknown() {}, silent() {}, stale() {}, failed() {}, newer() {}, incomplete() {},
};

/** Read who this phone is in a session. */
export function recall(code) {
  return JSON.parse(keep.get(`kit.me/${code}`) || "null");
}

/** Note who this phone is from now on; null forgets. */
export function remember(me) {
  page.me = me;
  page.wave = null;
  if (me) keep.set(`kit.me/${page.code}`, JSON.stringify(me));
  else keep.drop(`kit.me/${page.code}`);
}

/* ---- requests ---- */

/** What the service refused, or status 0 when it was not reached. `passing` troubles are worth another try. */
export class Problem extends Error {
  constructor(status, body = {}, wait = 0) {
    super(body.title || String(status));
    Object.assign(this, { status, body, wait, code: body.code || "" });
    this.passing = status === 0 || status === 429 || status >= 500;
  }
}

let timeout = TIMEOUTS[0], keepalive = null;

/** Answers outlive the page where the browser can do that; Chrome 80 refuses such a PUT although it claims it can. */
async function send(address, asked) {
  if (asked.method !== "PUT" || keepalive === false) return fetch(address, asked);
  try {
    const answer = await fetch(address, { ...asked, keepalive: true });
    keepalive = true;
    return answer;
  } catch (refused) {
    if (keepalive || asked.signal.aborted) throw refused;
    const answer = await fetch(address, asked);
    keepalive = false;
    return answer;
  }
}

/** One request below `/api/sessions/{code}`; null for "not modified". @throws {Problem} */
export async function call(method, path, body, headers = {}) {
  const token = page.me && page.me.token;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeout);
  let answer, data;
  try {
    answer = await send(`/api/sessions/${encodeURIComponent(page.code)}${path}`, {
      method, signal: stop.signal, cache: "no-store", body: body && JSON.stringify(body),
      headers: {
        "Accept-Language": page.language, ...(body ? { "Content-Type": "application/json" } : {}),
        ...(token ? { Authorization: `Bearer ${token}` } : {}), ...headers,
      },
    });
    data = answer.status === 304 ? null : await answer.json();
  } catch {
    if (answer && !stop.signal.aborted) throw new Problem(502); // something between us and the service answered
    if (stop.signal.aborted) timeout = Math.min(TIMEOUTS[1], timeout * 1.7);
    setOffline(true);
    throw new Problem(0);
  } finally {
    clearTimeout(timer);
  }
  [timeout] = TIMEOUTS;
  setOffline(false);
  if (path === "" && answer.ok) page.etag = answer.headers.get("ETag");
  if (answer.status === 304 || answer.ok) return data;
  // Another tab may have fetched a newer token for the same person: adopt it instead of asking for the code.
  if (answer.status === 401 && adopt(token)) return call(method, path, body, headers);
  throw new Problem(answer.status, data, Number(answer.headers.get("Retry-After")) || 0);
}

function adopt(used) {
  const kept = recall(page.code);
  if (!kept || kept.token === used || !page.me || kept.participant_id !== page.me.participant_id) return false;
  page.me = kept;
  return true;
}

function setOffline(offline) {
  if (page.offline === offline) return;
  page.offline = offline;
  hooks.connection();
  if (!offline) dispatchEvent(new Event("kit-wake"));
}

addEventListener("offline", () => setOffline(true));

/** How long to wait before the n-th retry: the service's wish, else doubling; always spread out at random. */
function pause(tries, wait = 0) {
  if (wait) return wait * 1000 * (1 + Math.random() / 2);
  return Math.min(15000, 700 * 2 ** tries) * (0.5 + Math.random());
}

/** Wait; where the network is the trouble, only until it is back or the person does something. */
function sleep(ms, wakeable) {
  return new Promise((done) => {
    const events = wakeable ? ["online", "kit-wake"] : [];
    const timer = setTimeout(wake, ms);
    function wake() {
      clearTimeout(timer);
      for (const name of events) removeEventListener(name, wake);
      done();
    }
    for (const name of events) addEventListener(name, wake);
  });
}

/** Repeat a task while its trouble is a passing one and the screen that wants it is still there. */
export async function persist(task, alive = () => true) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await task();
    } catch (problem) {
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

/* ---- following the stage: a stream, and plain requests where the stream does not get through ---- */

let stream = null, fails = 0, timer = 0;

function wait(ms, then) {
  clearTimeout(timer);
  timer = setTimeout(then, ms);
}

/** Open the stream; its first event is the state, which spares a request. */
export function follow() {
  unfollow();
  const mine = new EventSource(`/api/sessions/${encodeURIComponent(page.code)}/stream`);
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

/** Take up a session: who this phone is in it, and its stage from now on; the page came with the first `state`. */
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
  const state = await call("GET", "", null, page.state && page.etag ? { "If-None-Match": page.etag } : {});
  if (state) receive(state);
}

/** The stream failed or is silent: learn why by a plain request, then open it again, later each time. */
async function ask() {
  const { code } = page;
  let reached = true, wish = 0;
  try {
    await fetchState();
  } catch (problem) {
    if (code !== page.code) return;
    if (problem.status === 404) { unfollow(); hooks.unknown(); return; }
    if (problem.status) hooks.trouble(problem);
    if (!page.state) hooks.silent();
    reached = problem.status > 0;
    wish = problem.wait;
  }
  if (code !== page.code) return;
  fails += 1;
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

function receive(state) {
  const before = page.state;
  if (before && state.version < before.version) return;
  page.state = state;
  if (before && before.stage === state.stage) return;
  page.moved = Boolean(before);
  hooks.state();
  outbox.reopen();
}

/* ---- the outbox: an answer leaves it only when the service has confirmed it ---- */

/** Entries are single keys, so that two tabs never overwrite each other's list. `item` "" is the submission. */
export const outbox = {
  failing: false, running: false, again: false, held: new Set(),

  prefix: (kind) => `kit.${kind}/${page.me.participant_id}/`,

  /** @returns {{key: string, wave: string, item: string, choice: string[], seq: number}[]} submissions last */
  entries(wanted) {
    if (!page.me) return [];
    const prefix = outbox.prefix("out");
    const entries = keep.keys(prefix).map((key) => {
      const [wave, item] = key.slice(prefix.length).split("/");
      return { key, wave, item, ...JSON.parse(keep.get(key) || "{}") };
    });
    return entries.filter(({ wave }) => !wanted || wave === wanted).sort((a, b) => Number(!a.item) - Number(!b.item));
  },

  /** How many answers are on their way, and how many came too late for their wave. */
  count() {
    const answers = outbox.entries().filter((entry) => entry.item);
    const late = answers.filter((entry) => outbox.held.has(entry.wave)).length;
    return { unsent: answers.length - late, late };
  },

  /** Keep an answer, then send it. Its counter never goes back: not on reload, not in a second tab. */
  answer(wave, item, choice) {
    const counter = `${outbox.prefix("seq")}${wave}/${item}`;
    const known = page.wave && page.wave.wave === wave && page.wave.responses[item];
    const seq = Math.max(Number(keep.get(counter)) || 0, known ? known.seq : 0) + 1;
    keep.set(counter, seq);
    keep.set(`${outbox.prefix("out")}${wave}/${item}`, JSON.stringify({ choice, seq }));
    if (page.wave && page.wave.wave === wave) page.wave.responses[item] = { choice, seq };
    outbox.flush();
  },

  /** Keep the wish to finish a wave; it is sent after the wave's answers. */
  submit(wave) {
    keep.set(`${outbox.prefix("out")}${wave}/`, "{}");
    outbox.flush();
  },

  /** Put own unconfirmed answers over what the service sent; what it already has leaves the outbox. */
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

  /** @returns {""|"saving"|"saved"|"waiting"|"held"} */
  status(wave, item) {
    const kept = page.me && keep.get(`${outbox.prefix("out")}${wave}/${item}`);
    if (kept) return outbox.held.has(wave) ? "held" : outbox.failing || page.offline ? "waiting" : "saving";
    return page.wave && page.wave.responses[item] ? "saved" : "";
  },

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
      if (!trouble) { tries = -1; continue; }
      await sleep(pause(tries, trouble.wait), !trouble.status);
      outbox.again = true;
    }
    outbox.running = false;
  },

  /** Send everything once. @returns {Promise<?Problem>} a passing trouble, if there was one */
  async sendAll() {
    for (const entry of outbox.entries().filter(({ wave }) => !outbox.held.has(wave))) {
      try {
        await (entry.item ? outbox.send(entry) : outbox.sendSubmission(entry));
      } catch (problem) {
        if (problem.passing) return problem;
        if (problem.status === 401) { hooks.stale(problem); return null; }
        outbox.refused(entry, problem);
      }
      hooks.changed();
    }
    return null;
  },

  async send({ key, wave, item, choice, seq }) {
    const reply = await call("PUT", `/waves/${wave}/responses/${encodeURIComponent(item)}`, { choice, seq });
    const now = JSON.parse(keep.get(key) || "{}");
    if (now.seq <= Math.max(seq, reply.seq)) keep.drop(key);
    if (reply.seq > seq) hooks.newer(); // another tab or phone answered later: that answer counts
  },

  async sendSubmission({ key, wave }) {
    if (outbox.entries(wave).some((entry) => entry.item)) return; // an answer came in between: it goes first
    await call("POST", `/waves/${wave}/submit`);
    keep.drop(key);
    if (page.wave && page.wave.wave === wave) page.wave.submitted = true;
  },

  refused(entry, problem) {
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

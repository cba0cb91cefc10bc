/**
 * The participant page: what this phone keeps, how it talks to the service, and the screens up to the last item.
 * Everything after that (check, finished, polls, results) is in more.js, fetched while the first item is read, so
 * that a phone needs few requests to its first item: page, two styles, two scripts, stream, join, wave.
 *
 * Syntax floor: Chrome 80 (February 2020). Works on plain http: no service worker, crypto.randomUUID, clipboard or
 * locks. Never reads a clock: phones in a hall disagree about the time.
 */
import { h } from "./quiz.js";

const WAVES = ["pre", "post", "followup"];
const OVER = ["results", "closed"];
const ALPHABET = /^[ACDEFGHJKMNPQRTUVWXY34679]*$/; // kit/session/codes.py
const TIMEOUT = 12000;
const PATIENCE = 4000; // a stream that says nothing for so long is asked about by a plain request
const SAFETY = 60000; // a half-dead connection is noticed at the latest after this
const words = JSON.parse(document.getElementById("words").textContent);
const main = document.getElementById("main");
const $ = (id) => document.getElementById(id);

/* ---- what this phone keeps ---- */

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

/** The state of this page; `alive` of a route turns false when another screen takes over. */
export const page = {
  language: keep.get("kit.language") || "id", code: "", state: null, me: null, wave: null,
  screen: "", turn: 0, refresh: null, offline: false, trouble: null, quiz: null,
};

/** A sentence in the reader's language, `{places}` filled. */
export function t(key, values = {}) {
  const pair = words[key] || [key, key];
  return pair[page.language === "en" ? 1 : 0].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** Add sentences that come with another module: `{key: [id, en]}`. */
export function addWords(more) {
  Object.assign(words, more);
}

function remember(me) {
  page.me = me;
  page.wave = null;
  if (me) keep.set(`kit.me/${page.code}`, JSON.stringify(me));
  else keep.drop(`kit.me/${page.code}`);
}

/* ---- talking to the service ---- */

/** What the service refused, or status 0 when it was not reached. `passing` troubles are worth another try. */
export class Problem extends Error {
  constructor(status, body = {}, wait = 0) {
    super(body.title || String(status));
    Object.assign(this, { status, body, wait, code: body.code || "" });
    this.passing = status === 0 || status === 429 || status >= 500;
  }
}

/** One request below `/api/sessions/{code}`. @throws {Problem} */
export async function call(method, path, body, headers = {}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), TIMEOUT);
  const token = page.me && page.me.token;
  let answer, data;
  try {
    answer = await fetch(`/api/sessions/${encodeURIComponent(page.code)}${path}`, {
      method, signal: stop.signal, cache: "no-store", keepalive: method === "PUT", body: body && JSON.stringify(body),
      headers: {
        "Accept-Language": page.language, ...(body ? { "Content-Type": "application/json" } : {}),
        ...(token ? { Authorization: `Bearer ${token}` } : {}), ...headers,
      },
    });
    data = answer.status === 304 ? null : await answer.json().catch(() => ({}));
  } catch {
    setOffline(true);
    throw new Problem(0);
  } finally {
    clearTimeout(timer);
  }
  setOffline(false);
  if (answer.status === 304 || answer.ok) return data;
  const problem = new Problem(answer.status, data, Number(answer.headers.get("Retry-After")) || 0);
  // Another tab may have fetched a newer token for the same person: adopt it instead of asking for the code.
  if (problem.status === 401 && adopt(token)) return call(method, path, body, headers);
  throw problem;
}

function adopt(used) {
  const kept = JSON.parse(keep.get(`kit.me/${page.code}`) || "null");
  if (!kept || kept.token === used || !page.me || kept.participant_id !== page.me.participant_id) return false;
  page.me = kept;
  return true;
}

/** How long to wait before the n-th retry: the service's wish, else doubling; always spread out at random. */
function pause(tries, wait = 0) {
  if (wait) return wait * 1000 * (1 + Math.random() / 2);
  return Math.min(15000, 700 * 2 ** tries) * (0.5 + Math.random());
}

/** Wait, or until the phone is back on the network. */
function sleep(ms) {
  return new Promise((done) => {
    const timer = setTimeout(wake, ms);
    function wake() { clearTimeout(timer); removeEventListener("online", wake); done(); }
    addEventListener("online", wake);
  });
}

/** Repeat a task while its trouble is a passing one and the screen that wants it is still there. */
export async function persist(task, alive = () => true) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await task();
    } catch (problem) {
      if (!problem.passing || !alive()) throw problem;
      if (problem.status) setTrouble(problem);
      await sleep(pause(tries, problem.wait));
      if (!alive()) throw problem;
    }
  }
}

/* ---- following the stage: a stream, and plain requests where the stream does not get through ---- */

let stream = null, streamFails = 0, streamTimer = 0, safetyTimer = 0;

function follow() {
  clearTimeout(streamTimer);
  if (stream) stream.close();
  stream = new EventSource(`/api/sessions/${encodeURIComponent(page.code)}/stream`);
  const mine = stream;
  stream.addEventListener("state", (event) => {
    if (mine !== stream) return;
    streamFails = 0;
    clearTimeout(streamTimer);
    setOffline(false);
    receive(JSON.parse(event.data));
  });
  stream.onerror = () => { if (mine === stream) { stream.close(); stream = null; ask(); } };
  streamTimer = setTimeout(ask, PATIENCE);
  clearTimeout(safetyTimer);
  safetyTimer = setTimeout(check, SAFETY * (1 + Math.random()));
}

function unfollow() {
  if (stream) stream.close();
  stream = null;
  clearTimeout(streamTimer);
  clearTimeout(safetyTimer);
}

async function fetchState() {
  const state = await call("GET", "", null, page.state ? { "If-None-Match": `"${page.state.version}"` } : {});
  if (state && state.version !== undefined) receive(state);
}

/** The stream failed or is silent: learn why by a plain request, then open it again, later each time. */
async function ask() {
  clearTimeout(streamTimer);
  const code = page.code;
  try {
    await fetchState();
  } catch (problem) {
    if (code !== page.code) return;
    if (problem.status === 404) return unknownCode();
    if (problem.status) setTrouble(problem);
    else if (!page.state) opening();
  }
  if (code !== page.code) return;
  if (stream) streamTimer = setTimeout(ask, 2 * PATIENCE * (1 + Math.random()));
  else streamTimer = setTimeout(follow, pause(Math.min(streamFails++, 4)));
}

/** A safety net: when the plain request knows more than the stream told, the stream is dead. */
async function check() {
  if (!page.code || !stream) return;
  clearTimeout(safetyTimer);
  const known = page.state && page.state.version;
  await fetchState().catch(() => {});
  if (page.state && page.state.version !== known) follow();
  else safetyTimer = setTimeout(check, SAFETY * (1 + Math.random()));
}

function receive(state) {
  const before = page.state;
  if (before && state.version < before.version && state.code === before.code) return;
  page.state = state;
  $("rehearsal").hidden = !state.rehearsal;
  drawOffice();
  if (before && before.stage === state.stage) return;
  outbox.reopen();
  route();
}

/* ---- the outbox: an answer leaves it only when the service has confirmed it ---- */

/** Entries are single keys, so that two tabs never overwrite each other's list. `item` "" is the submission. */
export const outbox = {
  failing: false, running: false, again: false, held: new Set(),

  prefix: (kind) => `kit.${kind}/${page.me.participant_id}/`,

  /** @returns {{key: string, wave: string, item: string, choice: string[], seq: number}[]} submissions last */
  entries(wave) {
    if (!page.me) return [];
    const prefix = outbox.prefix("out");
    const entries = keep.keys(prefix).map((key) => {
      const [name, item] = key.slice(prefix.length).split("/");
      return { key, wave: name, item, ...JSON.parse(keep.get(key) || "{}") };
    });
    return entries.filter((entry) => !wave || entry.wave === wave).sort((a, b) => Number(!a.item) - Number(!b.item));
  },

  /** Keep an answer, then send it. The counter never goes back: not on reload, not in a second tab. */
  answer(wave, item, choice) {
    const counter = `${outbox.prefix("seq")}${wave}/${item}`;
    const known = page.wave && page.wave.responses[item];
    const seq = Math.max(Number(keep.get(counter)) || 0, known ? known.seq : 0) + 1;
    keep.set(counter, seq);
    keep.set(`${outbox.prefix("out")}${wave}/${item}`, JSON.stringify({ choice, seq }));
    if (page.wave && page.wave.wave === wave) page.wave.responses[item] = { choice, seq };
    outbox.flush();
  },

  submit(wave) {
    keep.set(`${outbox.prefix("out")}${wave}/`, "{}");
    outbox.flush();
  },

  /** Own answers not yet confirmed are newer than what the service sent; confirmed ones leave the outbox. */
  merge(wave) {
    for (const { key, item, choice, seq } of outbox.entries(wave.wave)) {
      const stored = wave.responses[item];
      if (!item) continue;
      if (stored && stored.seq >= seq) keep.drop(key);
      else wave.responses[item] = { choice, seq };
    }
  },

  /** A new stage may have opened a wave again; a closed session takes nothing any more. */
  reopen() {
    outbox.held.clear();
    outbox.flush();
  },

  status(wave, item) {
    const kept = page.me && keep.get(`${outbox.prefix("out")}${wave}/${item}`);
    if (kept) return outbox.held.has(wave) ? "held" : outbox.failing || page.offline ? "waiting" : "saving";
    return page.wave && page.wave.responses[item] ? "saved" : "";
  },

  async flush() {
    if (outbox.running) { outbox.again = true; return; }
    outbox.running = true;
    for (let tries = 0; page.me; tries += 1) {
      outbox.again = false;
      const trouble = await outbox.sendAll();
      outbox.failing = Boolean(trouble);
      redraw();
      if (!trouble && !outbox.again) break;
      if (trouble) await sleep(pause(tries, trouble.wait));
      else tries = -1;
    }
    outbox.running = false;
  },

  /** Send everything once. @returns {Promise<?Problem>} a passing trouble, if there was one */
  async sendAll() {
    for (const entry of outbox.entries()) {
      if (outbox.held.has(entry.wave)) continue;
      try {
        await (entry.item ? outbox.send(entry) : outbox.sendSubmission(entry));
      } catch (problem) {
        if (problem.passing) return problem;
        if (problem.status === 401) { stale(problem); return null; }
        outbox.refused(entry, problem);
      }
      redraw();
    }
    return null;
  },

  async send({ key, wave, item, choice, seq }) {
    const reply = await call("PUT", `/waves/${wave}/responses/${encodeURIComponent(item)}`, { choice, seq });
    const now = JSON.parse(keep.get(key) || "{}");
    if (now.seq <= Math.max(seq, reply.seq)) keep.drop(key);
    if (reply.seq > seq) { // another tab or phone answered later: show that answer
      say(t("newer"));
      page.wave = null;
      route();
    }
  },

  async sendSubmission({ key, wave }) {
    if (outbox.entries(wave).some((entry) => entry.item)) return; // first its answers
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
    if (!entry.item) { keep.set(placeKey(entry.wave), "check"); route(); } else failed(problem);
  },
};

/* ---- the frame ---- */

/** Show a screen; a screen under the same name keeps scroll and focus (another language, new numbers). */
export function show(name, ...parts) {
  const same = page.screen === name;
  page.screen = name;
  page.refresh = null;
  page.quiz = null;
  hush();
  main.textContent = "";
  main.append(...parts.flat().filter(Boolean));
  const heading = main.querySelector("h1");
  if (heading) heading.tabIndex = -1;
  document.title = `${heading ? heading.textContent : ""} · ${t("title")}`;
  drawWho();
  if (same) return;
  scrollTo(0, 0);
  if (heading && $("help").hidden) heading.focus({ preventScroll: true });
}

function redraw() {
  if (page.refresh) page.refresh();
}

export function button(label, onclick, look = "") {
  return h("button", { type: "button", class: `button ${look}`, onclick }, label);
}

export function drawing(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "drawing");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#draw-${name}`);
  svg.append(use);
  return svg;
}

export function codeCard() {
  return h("div", { class: "card code-card" }, h("p", { class: "aside" }, t("who.code")),
    h("p", { class: "big-code" }, page.me.personal_code), h("p", null, t("code.photo")));
}

/** Say something once, to eyes and to screen readers. */
export function say(text, look = "") {
  $("connection").textContent = "";
  if (text) $("connection").append(h("p", { class: `strip ${look}` }, text));
}

function setOffline(offline) {
  if (page.offline === offline && !(page.trouble && !offline)) return;
  page.offline = offline;
  page.trouble = null;
  say(offline ? t("offline") : t("online"), offline ? "strip-warn" : "strip-good");
  if (!offline) setTimeout(() => { if (!page.offline && !page.trouble) say(""); }, 3000);
  redraw();
}

function setTrouble(problem) {
  page.trouble = problem;
  say(problem.body.title ? `${problem.body.title} ${problem.body.detail || ""}` : t("busy"), "strip-warn");
}

function drawOffice() {
  const contact = page.state && page.state.office_contact;
  const digits = (contact || "").replace(/[^\d+]/g, "");
  const inside = contact && [h("b", null, contact), " ", h("span", null, t("help.office"))];
  $("office").hidden = !contact;
  $("office").textContent = "";
  if (contact) $("office").append(digits.length > 4 ? h("a", { href: `tel:${digits}` }, inside) : h("div", null, inside));
}

function drawWho() {
  $("who").textContent = "";
  if (!page.me || page.screen === "left") return;
  $("who").append(h("p", null, `${t("who.code")}: `, h("b", null, page.me.personal_code)),
    h("button", { type: "button", class: "link", onclick: someoneElse }, t("who.other")));
}

function translate() {
  document.documentElement.lang = page.language;
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  const other = page.language === "en" ? "id" : "en";
  $("language").textContent = other === "en" ? "English" : "Indonesia";
  $("language").lang = other;
  drawOffice();
}

function setLanguage(language) {
  page.language = language;
  keep.set("kit.language", language);
  translate();
  if (page.screen === "entry" || page.screen.startsWith("join")) keepTyped(again);
  else again();
}

function keepTyped(task) {
  const typed = main.querySelector("input[type=text]");
  task();
  const now = main.querySelector("input[type=text]");
  if (typed && now) now.value = typed.value;
}

let again = () => route();

function showHelp(open) {
  $("help").hidden = !open;
  $("content").hidden = open;
  $("help-open").setAttribute("aria-expanded", String(open));
  hush();
  if (open) { scrollTo(0, 0); $("help-title").focus(); } else $("help-open").focus();
}

/**
 * Leave for a harmless page. The page's own history entry is replaced (all screens share one), the token stays,
 * answers on their way are still delivered (keepalive), and on return nothing is shown before a tap on "continue".
 */
function leave() {
  if (page.code) keep.set(`kit.left/${page.code}`, "1");
  document.body.textContent = "";
  document.title = "…";
  unfollow();
  hush();
  location.replace(new URL("blank.html", import.meta.url).href);
}

function hush() {
  if (window.speechSynthesis) speechSynthesis.cancel();
  $("speak").setAttribute("aria-pressed", "false");
}

function speak() {
  const speaking = $("speak").getAttribute("aria-pressed") === "true";
  hush();
  if (speaking) return;
  const text = main.cloneNode(true);
  for (const silent of text.querySelectorAll("[aria-hidden], .nav, .save-row")) silent.remove();
  const blocks = [...text.querySelectorAll("h1, h2, p, legend, label, li, .scene-text, button")];
  const leaves = blocks.filter((block) => !block.querySelector("h1, h2, p, legend, label, li, .scene-text"));
  const voice = new SpeechSynthesisUtterance(leaves.map((block) => block.textContent.trim()).filter(Boolean).join(". "));
  voice.lang = page.language === "en" ? "en-GB" : "id-ID";
  voice.rate = 0.95;
  voice.onend = () => $("speak").setAttribute("aria-pressed", "false");
  speechSynthesis.speak(voice);
  $("speak").setAttribute("aria-pressed", "true");
}

/* ---- the screens up to the last item ---- */

function field(name, { hint, error, ...input }, label) {
  const described = [hint && `${name}-hint`, error && `${name}-error`].filter(Boolean).join(" ");
  return h("div", { class: error ? "field field-error" : "field" },
    h("label", { for: name }, label),
    hint && h("p", { class: "aside", id: `${name}-hint` }, hint),
    error && h("p", { class: "error", id: `${name}-error`, role: "alert" }, error),
    h("input", {
      id: name, type: "text", autocomplete: "off", autocapitalize: "characters", spellcheck: "false",
      "aria-describedby": described, "aria-invalid": error ? "true" : null, ...input,
    }));
}

function entry(error, typed = "") {
  again = () => entry();
  page.screen = error ? "" : page.screen;
  const send = (event) => {
    event.preventDefault();
    const raw = $("code").value.toUpperCase().replace(/[^0-9A-Z]/g, "");
    if (raw.length !== 6) return entry(t("entry.length"), raw);
    if (!ALPHABET.test(raw)) return entry(t("entry.lookalike", { symbols: [...new Set(raw)].filter((s) => !ALPHABET.test(s)).join(" ") }), raw);
    return open(raw);
  };
  show("entry", h("form", { onsubmit: send, novalidate: true },
    h("h1", null, t("entry.title")),
    field("code", { hint: t("entry.hint"), error, value: typed, class: "code-input", maxlength: 12, inputmode: "text" }, t("entry.title")),
    h("p", null, h("button", { class: "button" }, t("entry.go")))));
  if (error) $("code").focus();
}

function unknownCode() {
  const code = page.code;
  unfollow();
  page.code = "";
  page.state = null;
  history.replaceState(null, "", "/");
  entry(t("entry.unknown", { code }), code);
}

/** Take up a session: its code goes into the address, so that a reload comes back here. */
function open(code) {
  Object.assign(page, { code, state: null, wave: null, me: JSON.parse(keep.get(`kit.me/${code}`) || "null") });
  history.replaceState(null, "", `/${code}`);
  setTimeout(() => { if (page.code === code && !page.state) opening(); }, 500);
  follow();
}

function opening() {
  again = opening;
  show("opening", drawing(page.offline ? "lost" : "wait"), h("h1", null, t("loading")), h("p", null, t("loading.hint")),
    page.offline && button(t("again"), () => follow(), "quiet"));
}

function joinScreens() {
  const { audiences } = page.state;
  if (audiences.length === 1) return consent(audiences[0]);
  again = joinScreens;
  return show("join", h("h1", null, t("audience.title")),
    h("div", { class: "choices" }, audiences.map((name) => button(t(`audience.${name}`), () => consent(name), "choice"))),
    h("p", null, button(t("consent.before"), () => resume(), "quiet")));
}

function consent(audience) {
  again = () => consent(audience);
  const { minors, audiences } = page.state;
  const points = ["consent.1", "consent.2", "consent.3", minors && audience === "student" && "consent.minors"];
  const yes = button(t("consent.yes"), () => join(audience, yes));
  show("join/consent", h("p", { class: "kicker" }, page.state.title[page.language]),
    h("h1", null, t("consent.title")),
    h("ul", { class: "plain-list" }, points.filter(Boolean).map((key) => h("li", null, t(key)))),
    h("p", null, yes),
    h("p", { class: "pair" }, audiences.length > 1 && button(t("back"), joinScreens, "quiet"), button(t("consent.before"), () => resume(), "quiet")));
}

async function join(audience, pressed) {
  if (pressed.disabled) return;
  pressed.disabled = true;
  pressed.textContent = t("moment");
  const turn = page.turn;
  try {
    const joined = await persist(() => call("POST", "/participants", { audience, consent: true, language: page.language }), () => turn === page.turn);
    remember({ ...joined, audience });
    route();
  } catch (problem) {
    if (!problem.passing) failed(problem);
  }
}

/** Ask for the personal code; `why` is the prefix of a title and a text (followup, over, stale). */
export function resume(why = "resume", error = "", typed = "") {
  again = () => resume(why);
  page.screen = error ? "" : page.screen;
  const send = async (event) => {
    event.preventDefault();
    const code = $("personal").value.trim();
    if (!/\w.*\d/.test(code)) return resume(why, t("resume.empty"), code);
    const turn = page.turn;
    try {
      const me = await persist(() => call("POST", "/participants/resume", { personal_code: code }), () => turn === page.turn);
      remember(me);
      return route();
    } catch (problem) {
      return problem.passing ? null : resume(why, `${problem.body.title || ""} ${problem.body.detail || ""}`, code);
    }
  };
  const mayJoin = page.state && ![...OVER, "followup"].includes(page.state.stage);
  show(`join/${why}`, h("form", { onsubmit: send, novalidate: true },
    h("h1", null, t(`${why}.title`)), why !== "resume" && h("p", null, t(`${why}.text`)),
    field("personal", { hint: t("resume.hint"), error, value: typed, maxlength: 24 }, t("who.code")),
    h("p", null, h("button", { class: "button" }, t("resume.go")))),
    mayJoin && h("p", null, button(t("resume.new"), () => { remember(null); route(); }, "quiet")));
  if (error) $("personal").focus();
}

export function stale(problem) {
  page.turn += 1;
  resume(problem.code && problem.code !== "stale_token" ? "resume" : "stale");
}

function someoneElse() {
  again = someoneElse;
  const unsent = outbox.entries().filter((entry) => entry.item && !outbox.held.has(entry.wave)).length;
  const forget = () => {
    for (const kind of ["out", "seq", "at"]) for (const key of keep.keys(outbox.prefix(kind))) keep.drop(key);
    keep.drop(`kit.left/${page.code}`);
    remember(null);
    route();
  };
  show("other", h("h1", null, t("other.title")), h("p", null, t("other.text")), codeCard(),
    unsent ? h("p", { class: "strip strip-warn" }, t("other.unsent", { n: unsent })) : h("p", null, button(t("other.yes"), forget)),
    h("p", null, button(t("other.no"), () => route(), "quiet")));
}

function welcomeBack() {
  again = welcomeBack;
  const back = () => { keep.drop(`kit.left/${page.code}`); route(); };
  show("left", drawing("door"), h("h1", null, t("left.title")), h("p", null, t("left.text")),
    h("p", null, button(t("left.go"), back)), h("p", null, button(t("left.other"), () => { keep.drop(`kit.left/${page.code}`); someoneElse(); }, "quiet")));
}

function waiting(stage) {
  const unsent = outbox.entries().filter((entry) => entry.item && outbox.held.has(entry.wave)).length;
  show(stage, drawing(stage === "lobby" ? "screen" : "rest"), h("h1", null, t(`${stage}.title`)), h("p", { class: "lead" }, t(`${stage}.text`)),
    unsent > 0 && h("p", { class: "strip strip-warn" }, t("unsent", { n: unsent })), codeCard());
  page.refresh = () => { if (page.screen === stage) waiting(stage); };
}

/** Something definite went wrong: the service's own words, and a way on. */
export function failed(problem) {
  if (problem.status === 401) return stale(problem);
  if (problem.status === 404 && problem.code === "unknown_code") return unknownCode();
  if (problem.code === "session_over") return resume("over");
  show("problem", drawing("lost"), h("h1", null, problem.body.title || t("problem")), h("p", null, problem.body.detail || ""),
    button(t("again"), () => { page.wave = null; fetchState().catch(() => {}); route(); }));
  return undefined;
}

export const placeKey = (wave) => `${outbox.prefix("at")}${wave}`;

async function openWave(wave, alive) {
  if (!page.wave || page.wave.wave !== wave || page.wave.language !== page.language) {
    const got = await fetchWave(wave, alive);
    if (!alive()) return;
    page.wave = got;
  }
  const sent = page.wave.submitted || outbox.entries(wave).some((entry) => !entry.item);
  const place = keep.get(placeKey(wave)) ?? (sent ? "done" : "0");
  if (place !== "done" && place !== "check") { itemScreen(Number(place)); loadMore(() => false).catch(() => {}); return; }
  const more = await loadMore(alive);
  if (!alive()) return;
  if (place === "check") more.checkScreen(); else more.finishedScreen();
}

/** Items and own answers of the open wave, unconfirmed ones included. */
export async function fetchWave(wave, alive) {
  const slow = setTimeout(() => { if (alive()) opening(); again = route; }, 600);
  try {
    const got = await persist(() => call("GET", `/waves/${wave}?language=${page.language}`), alive);
    got.language = page.language;
    outbox.merge(got);
    return got;
  } finally {
    clearTimeout(slow);
  }
}

/** Go to a place of the wave (an item's number, "check", "done") and stay there over a reload. */
export function goTo(place) {
  keep.set(placeKey(page.wave.wave), place);
  route();
}

function itemScreen(index) {
  const { wave, items, responses } = page.wave;
  const at = Math.max(0, Math.min(items.length - 1, index || 0));
  const item = items[at];
  const status = h("p", { class: "status", role: "status" });
  const next = button("", () => { page.quiz.commit(); goTo(at + 1 < items.length ? at + 1 : "check"); });
  const fill = h("span", { class: "bar-fill" });
  fill.style.width = `${(100 * (at + 1)) / items.length}%`;
  const quiz = h("kit-quiz");
  const draw = () => {
    const known = page.wave.responses[item.item_id];
    quiz.data = { item, choice: known ? known.choice : [], language: page.language, onChoice: (choice) => outbox.answer(wave, item.item_id, choice) };
  };
  draw();
  show(`${wave}/${item.item_id}`,
    h("p", { class: "kicker" }, t(`wave.${wave}`)),
    h("h1", { class: "count-of" }, t("item.of", { n: at + 1, all: items.length })),
    h("span", { class: "bar progress", "aria-hidden": "true" }, fill), quiz,
    h("div", { class: "nav" }, at > 0 ? button(t("back"), () => goTo(at - 1), "quiet") : h("span"), status, next));
  page.quiz = quiz;
  page.redrawItem = (id) => { if (id === item.item_id) draw(); };
  let shown = null;
  page.refresh = () => {
    const answered = page.wave && page.wave.responses[item.item_id];
    next.textContent = !answered ? t("item.skip") : at + 1 < items.length ? t("next") : t("item.check");
    next.classList.toggle("quiet", !answered);
    const state = outbox.status(wave, item.item_id);
    if (state === shown) return;
    shown = state;
    status.textContent = state && t(state);
    status.className = `status status-${state}`;
  };
  page.refresh();
}

/* ---- which screen now ---- */

let moreLoading = null, moreTries = 0;

/** The second half of the page; a failed fetch is tried again under a new address, since browsers keep failures. */
function loadMore(alive) {
  const load = () => {
    moreLoading = moreLoading || import(`./more.js${moreTries ? `?again=${moreTries}` : ""}`);
    return moreLoading.catch(() => { moreLoading = null; moreTries += 1; throw new Problem(0); });
  };
  return persist(load, alive);
}

/** Show the screen that belongs to the session's stage and this person. */
export async function route() {
  page.turn += 1;
  const turn = page.turn;
  const alive = () => turn === page.turn;
  const { state, me, code } = page;
  again = route;
  if (!code) return entry();
  if (!state) return opening();
  if (keep.get(`kit.left/${code}`) && me) return welcomeBack();
  const stage = state.stage.split(":")[0];
  if (!me) return stage === "followup" ? resume("followup") : OVER.includes(stage) ? resume("over") : joinScreens();
  if (stage === "lobby" || stage === "lesson") return waiting(stage);
  try {
    if (WAVES.includes(stage)) return await openWave(stage, alive);
    const more = await loadMore(alive);
    if (alive()) await (OVER.includes(stage) ? more.resultsScreen(alive) : more.pollScreen(alive));
  } catch (problem) {
    if (!alive()) return undefined;
    if (!(problem instanceof Problem)) throw problem;
    // The stage moved on while we asked: the next state tells where to.
    if (problem.code === "wave_closed") { opening(); setTimeout(() => fetchState().catch(() => {}), pause(1)); } else failed(problem);
  }
  return undefined;
}

addEventListener("storage", ({ key, newValue, oldValue }) => {
  if (!key || !page.code) return;
  if (key === `kit.me/${page.code}`) {
    page.me = JSON.parse(newValue || "null");
    page.wave = null;
    route();
    return;
  }
  if (!page.me || !page.wave || !key.startsWith(outbox.prefix("out"))) return;
  const [wave, item] = key.slice(outbox.prefix("out").length).split("/");
  if (wave !== page.wave.wave) return;
  if (!item) { page.wave = null; route(); return; }
  const { choice, seq } = JSON.parse(newValue || oldValue || "{}");
  const known = page.wave.responses[item];
  if (seq && (!known || known.seq < seq)) {
    page.wave.responses[item] = { choice, seq };
    if (page.redrawItem) page.redrawItem(item);
  }
  redraw();
});
addEventListener("online", () => { if (page.code) { streamFails = 0; follow(); outbox.flush(); } });
addEventListener("offline", () => setOffline(true));
document.addEventListener("visibilitychange", () => { if (!document.hidden && page.code) { check(); outbox.flush(); } });
$("help-open").onclick = () => showHelp($("help").hidden);
$("help-close").onclick = () => showHelp(false);
$("leave").onclick = leave;
$("language").onclick = () => setLanguage(page.language === "en" ? "id" : "en");
$("speak").onclick = speak;
$("speak").hidden = !window.speechSynthesis;
$("bigger").onclick = () => setBig(!document.documentElement.classList.contains("big"));

function setBig(big) {
  document.documentElement.classList.toggle("big", big);
  $("bigger").setAttribute("aria-pressed", String(big));
  keep.set("kit.big", big ? "1" : "");
}

setBig(keep.get("kit.big") === "1");
translate();
const addressed = decodeURIComponent(location.pathname.slice(1)).toUpperCase().replace(/[^0-9A-Z]/g, "");
if (addressed) open(addressed); else route();

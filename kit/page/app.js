/**
 * The participant page: the frame and the screens up to the last item. What comes after that is in more.js, fetched
 * while the first item is read. A phone needs eight requests to its first item: page, style, three scripts, stream,
 * join, wave. Syntax floor: Chrome 80 (February 2020).
 */
import { h } from "./quiz.js";
import { Problem, begin, call, fetchState, hooks, keep, outbox, page, persist, refollow, remember, spread, unfollow } from "./link.js";

const WAVES = ["pre", "post", "followup"];
const OVER = ["results", "closed"];
const SHUT = [...OVER, "followup"]; // nobody new is admitted
const ALPHABET = /[ACDEFGHJKMNPQRTUVWXY34679]/; // kit/session/codes.py
const words = JSON.parse(document.getElementById("words").textContent);
const main = document.getElementById("main");
const $ = (id) => document.getElementById(id);

/** What is on the screen: its name, how to draw it again in another language, and how to follow new numbers. */
export const view = { name: "", turn: 0, again: () => route(), refresh: null, redrawItem: null };

/** A sentence in the reader's language, `{places}` filled. */
export function t(key, values = {}) {
  const pair = words[key] || [key, key];
  return pair[page.language === "en" ? 1 : 0].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** Add sentences that come with another module: `{key: [id, en]}`. */
export function addWords(more) {
  Object.assign(words, more);
}

/* ---- the frame ---- */

/** Show a screen; a screen under the same name keeps scroll and focus (another language, new numbers). */
export function show(name, ...parts) {
  const same = view.name === name;
  Object.assign(view, { name, refresh: null, redrawItem: null });
  hush();
  main.textContent = "";
  main.append(...parts.flat().filter(Boolean));
  const heading = main.querySelector("h1");
  heading.tabIndex = -1;
  document.title = `${heading.textContent} · ${t("title")}`;
  drawWho();
  if (same) return;
  scrollTo(0, 0);
  if ($("help").hidden) heading.focus({ preventScroll: true });
}

/** A button of the page; `look` adds a class. */
export function button(label, onclick, look = "") {
  return h("button", { type: "button", class: `button ${look}`, onclick }, label);
}

/** One of the line drawings in index.html. */
export function drawing(name) {
  const [svg, use] = ["svg", "use"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  svg.setAttribute("class", "drawing");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#draw-${name}`);
  svg.append(use);
  return svg;
}

/** The personal code, large enough to be photographed. */
export function codeCard() {
  return h("div", { class: "card code-card" }, h("p", { class: "aside" }, t("who.code")),
    h("p", { class: "big-code" }, page.me.personal_code), h("p", null, t("code.photo")));
}

/** A coloured line of text: warn, good or plain. */
export function strip(text, look = "") {
  return h("p", { class: `strip ${look && `strip-${look}`}` }, text);
}

/** Say something above the screen, to eyes and to screen readers; nothing wipes it. */
function say(text, look) {
  $("connection").textContent = "";
  if (text) $("connection").append(strip(text, look));
}

hooks.connection = () => {
  say(t(page.offline ? "offline" : "online"), page.offline ? "warn" : "good");
  if (!page.offline) setTimeout(() => { if (!page.offline) say(""); }, 3000);
  hooks.changed();
};
hooks.trouble = ({ body }) => {
  say(body.title ? `${body.title} ${body.detail || ""}` : t("busy"), "warn");
  setTimeout(() => { if (!page.offline) say(""); }, 8000);
};
hooks.changed = () => { if (view.refresh) view.refresh(); };
hooks.state = () => {
  $("rehearsal").hidden = !page.state.rehearsal;
  drawOffice();
  // Somebody at the door (choosing an audience, typing a code) is not disturbed while joining is still possible.
  const atTheDoor = !page.me && page.moved && /^(join|resume)/.test(view.name);
  if (!atTheDoor || SHUT.includes(page.state.stage)) route();
};
hooks.unknown = () => {
  const { code } = page;
  Object.assign(page, { code: "", state: null, me: null });
  history.replaceState(null, "", "/");
  entry(t("entry.unknown", { code }), code);
};
hooks.silent = () => opening();
hooks.failed = failed;
hooks.newer = () => {
  say(t("newer"), "warn");
  page.wave = null;
  route();
};
hooks.incomplete = (wave) => {
  keep.set(placeKey(wave), "check");
  page.wave = null;
  route();
};

function drawOffice() {
  const contact = page.state && page.state.office_contact;
  const digits = (contact || "").replace(/[^\d+]/g, "");
  const inside = () => [h("b", null, contact), " ", h("span", null, t("help.office"))];
  $("office").hidden = !contact;
  $("office").textContent = "";
  if (contact) $("office").append(digits.length > 4 ? h("a", { href: `tel:${digits}` }, inside()) : h("p", null, inside()));
}

function drawWho() {
  $("who").textContent = "";
  if (!page.me || ["left", "other"].includes(view.name)) return;
  $("who").append(h("p", null, `${t("who.code")}: `, h("b", null, page.me.personal_code)),
    h("button", { type: "button", class: "link", onclick: () => door("someoneElse") }, t("who.other")));
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
  const typed = main.querySelector("input[type=text]");
  view.again();
  const now = main.querySelector("input[type=text]");
  if (typed && now) now.value = typed.value;
}

function setBig(big) {
  document.documentElement.classList.toggle("big", big);
  $("bigger").setAttribute("aria-pressed", String(big));
  keep.set("kit.big", big ? "1" : "");
}

function showHelp(open) {
  $("help").hidden = !open;
  $("content").hidden = open;
  $("help-open").setAttribute("aria-expanded", String(open));
  hush();
  scrollTo(0, 0);
  $(open ? "help-title" : "help-open").focus();
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
  if (window.speechSynthesis) speechSynthesis.cancel();
  location.replace(new URL("blank.html", import.meta.url).href);
}

/** Stop reading aloud. */
export function hush() {
  if (window.speechSynthesis) speechSynthesis.cancel();
  $("speak").setAttribute("aria-pressed", "false");
}

/* ---- into the session ---- */

/** A text field with label, hint and error, all tied together for screen readers. */
export function field(name, { label, hint, error, ...input }) {
  return h("div", { class: error ? "field field-error" : "field" },
    h("label", { for: name }, label),
    h("p", { class: "aside", id: `${name}-hint` }, hint),
    error && h("p", { class: "error", id: `${name}-error` }, `✗ ${error}`),
    h("input", {
      id: name, type: "text", autocomplete: "off", autocapitalize: "characters", spellcheck: "false",
      "aria-describedby": error ? `${name}-error ${name}-hint` : `${name}-hint`, "aria-invalid": error ? "true" : null, ...input,
    }));
}

function entry(error = "", typed = "") {
  view.again = () => entry();
  const send = (event) => {
    event.preventDefault();
    const code = $("code").value.toUpperCase().replace(/[^0-9A-Z]/g, "");
    const strange = [...new Set(code)].filter((symbol) => !ALPHABET.test(symbol)).join(" ");
    if (strange) entry(t("entry.lookalike", { symbols: strange }), code);
    else if (code.length !== 6) entry(t("entry.length"), code);
    else open(code);
  };
  show("entry", h("form", { onsubmit: send, novalidate: true },
    h("h1", null, t("entry.title")),
    field("code", { label: t("entry.label"), hint: t("entry.hint"), error, value: typed, class: "code-input", maxlength: 14 }),
    h("p", null, h("button", { class: "button" }, t("entry.go")))));
  if (error) $("code").focus();
}

/** Take up a session: its code goes into the address, so that a reload comes back here. */
function open(code, state) {
  history.replaceState(null, "", `/${code}`);
  begin(code, state);
  setTimeout(() => { if (page.code === code && !page.state) opening(); }, 600);
}

function opening() {
  view.again = opening;
  show("opening", drawing(page.offline ? "lost" : "wait"), h("h1", null, t("loading")), h("p", { class: "lead" }, t("loading.hint")),
    h("p", null, button(t("again"), refollow, "quiet")));
}

function joinScreen() {
  const { audiences } = page.state;
  if (audiences.length === 1) return consent(audiences[0]);
  view.again = joinScreen;
  return show("join", h("h1", null, t("audience.title")),
    h("div", { class: "choices" }, audiences.map((name) => button(t(`audience.${name}`), () => consent(name), "choice"))),
    h("p", null, button(t("consent.before"), () => door("resume"), "quiet")));
}

function consent(audience) {
  view.again = () => consent(audience);
  const { minors, audiences, title } = page.state;
  const points = ["consent.1", "consent.2", "consent.3", minors && audience === "student" && "consent.minors"];
  const yes = button(t("consent.yes"), () => join(audience, yes));
  show("join/consent", h("p", { class: "kicker" }, title[page.language]), h("h1", null, t("consent.title")),
    h("ul", { class: "plain-list" }, points.filter(Boolean).map((key) => h("li", null, t(key)))),
    h("p", null, yes),
    h("p", { class: "pair" }, audiences.length > 1 && button(t("back"), joinScreen, "quiet"), button(t("consent.before"), () => door("resume"), "quiet")));
}

/** Sent with each try at joining: a try whose answer was lost joins no second person. */
let joining = "";

async function join(audience, pressed) {
  if (pressed.getAttribute("aria-disabled")) return;
  pressed.setAttribute("aria-disabled", "true");
  pressed.textContent = t("moment");
  if (!joining) crypto.getRandomValues(new Uint8Array(16)).forEach((byte) => { joining += (byte + 256).toString(16).slice(1); });
  const { turn } = view;
  try {
    const asked = { audience, consent: true, language: page.language, request_id: joining };
    remember(await persist(() => call("POST", "/participants", asked), () => turn === view.turn));
    joining = "";
    route();
  } catch (problem) {
    if (!problem.passing) failed(problem);
  }
}

/* ---- taking part ---- */

function waiting(stage) {
  const { late } = outbox.count();
  show(stage, drawing(stage === "lobby" ? "screen" : "rest"), h("h1", null, t(`${stage}.title`)), h("p", { class: "lead" }, t(`${stage}.text`)),
    late > 0 && strip(t("unsent", { n: late }), "warn"), codeCard());
  view.refresh = () => { if (outbox.count().late !== late) waiting(stage); };
}

const placeKey = (wave) => `${outbox.prefix("at")}${wave}`;

/** Go to a place of the wave (an item's number, "check", "done") and stay there over a reload. */
export function goTo(place) {
  keep.set(placeKey(page.wave.wave), place);
  route();
}

/** Items and own answers of the open wave, unconfirmed ones included. */
export async function fetchWave(wave, alive) {
  const slow = setTimeout(() => { if (alive()) { opening(); view.again = route; } }, 800);
  try {
    await spread();
    const got = await persist(() => call("GET", `/waves/${wave}?language=${page.language}`), alive);
    outbox.merge(got);
    return { ...got, language: page.language };
  } finally {
    clearTimeout(slow);
  }
}

async function openWave(wave, alive) {
  if (!page.wave || page.wave.wave !== wave || page.wave.language !== page.language) {
    const got = await fetchWave(wave, alive);
    if (!alive()) return;
    page.wave = got;
  }
  const finished = page.wave.submitted || outbox.entries(wave).some((entry) => !entry.item);
  const place = keep.get(placeKey(wave)) ?? (finished ? "done" : "0");
  if (/^\d+$/.test(place)) {
    itemScreen(Number(place));
    loadMore(() => false).catch(() => {}); // so that the last item needs no network
    return;
  }
  const more = await loadMore(alive);
  if (alive()) more[place === "check" ? "checkScreen" : "finishedScreen"]();
}

function itemScreen(index) {
  const { wave, items } = page.wave;
  const at = Math.min(items.length - 1, index);
  const item = items[at];
  const known = () => page.wave.responses[item.item_id];
  const quiz = h("kit-quiz");
  let unsaved = false;
  const draw = () => {
    unsaved = false;
    quiz.data = {
      item, choice: known() ? known().choice : [], language: page.language,
      onChoice: (choice) => outbox.answer(wave, item.item_id, choice),
      onDraft: (waits) => { unsaved = waits; hooks.changed(); },
    };
  };
  const status = h("p", { class: "status", role: "status" });
  const next = button("", () => { quiz.commit(); goTo(at + 1 < items.length ? at + 1 : "check"); });
  const back = at > 0 && button(t("back"), () => { quiz.commit(); goTo(at - 1); }, "quiet");
  const nav = h("div", { class: "nav" }, back, status, next);
  const fill = h("span", { class: "bar-fill" });
  fill.style.width = `${(100 * (at + 1)) / items.length}%`;
  draw();
  view.again = route;
  show(`${wave}/${item.item_id}`,
    h("div", { class: "item-top" }, h("h1", null, t("item.of", { n: at + 1, all: items.length })), h("p", { class: "kicker" }, t(`wave.${wave}`))),
    h("span", { class: "bar progress", "aria-hidden": "true" }, fill), quiz,
    nav);
  view.redrawItem = (itemId) => { if (itemId === item.item_id) draw(); };
  view.refresh = () => {
    if (!page.wave) return;
    const onward = at + 1 < items.length ? "next" : "item.check";
    next.textContent = t(unsaved ? "item.keep" : known() ? onward : "item.skip");
    next.classList.toggle("quiet", !known() && !unsaved);
    nav.classList.toggle("nav-answered", Boolean(known() || unsaved)); // in sight only then: nobody skips unread options
    showStatus(status, unsaved ? "" : outbox.status(wave, item.item_id));
  };
  view.refresh();
}

/** Say how an answer stands; the line changes only when the state does, so that it is read out once. */
export function showStatus(line, state, more = "") {
  const text = state && `${t(state)}${more && ` ${more}`}`;
  if (line.textContent === text) return;
  line.textContent = text;
  line.className = `status status-${state}`;
}

/** Something definite went wrong: the service's own words, and a way on. */
export function failed(problem) {
  if (problem.status === 401) return hooks.stale(problem);
  if (problem.code === "unknown_code") return hooks.unknown();
  if (problem.code === "session_over") return door("resume", "over");
  view.again = () => failed(problem);
  return show("problem", drawing("lost"), h("h1", null, problem.body.title || t("problem")), h("p", { class: "lead" }, problem.body.detail || ""),
    h("p", null, button(t("again"), () => { page.wave = null; fetchState().catch(() => {}); route(); })));
}

hooks.stale = (problem) => {
  if (!keep.get(`kit.left/${page.code}`)) door("resume", problem.code === "stale_token" ? "stale" : "resume");
};

/* ---- which screen now ---- */

let moreLoading = null, moreTries = 0;

/** The second half of the page; a failed fetch is tried again under a new address, since browsers keep failures. */
function loadMore(alive) {
  return persist(() => {
    moreLoading = moreLoading || import(`./more.js${moreTries ? `?again=${moreTries}` : ""}`);
    return moreLoading.catch(() => { moreLoading = null; moreTries += 1; throw new Problem(0); });
  }, alive);
}

/** A screen of more.js that is not bound to a stage. */
async function door(name, ...args) {
  const turn = view.turn += 1;
  const more = await loadMore(() => turn === view.turn);
  if (turn === view.turn) more[name](...args);
}

/** Show the screen that belongs to the session's stage and this person. */
export async function route() {
  const turn = view.turn += 1;
  const alive = () => turn === view.turn;
  const { state, me, code } = page;
  view.again = route;
  if (!code) return entry();
  if (!state) return opening();
  if (me && keep.get(`kit.left/${code}`)) return door("welcomeBack");
  const stage = state.stage.split(":")[0];
  if (!me) return stage === "followup" ? door("resume", "followup") : OVER.includes(stage) ? door("resume", "over") : joinScreen();
  if (stage === "lobby" || stage === "lesson") return waiting(stage);
  try {
    if (WAVES.includes(stage)) return await openWave(stage, alive);
    const more = await loadMore(alive);
    if (alive()) await (OVER.includes(stage) ? more.resultsScreen(alive) : more.pollScreen(alive));
  } catch (problem) {
    if (!alive()) return undefined;
    if (!(problem instanceof Problem)) throw problem;
    if (problem.code === "wave_closed") setTimeout(() => fetchState().catch(() => {}), 1000); // the stage has moved on
    else failed(problem);
  }
  return undefined;
}

addEventListener("online", refollow);
document.addEventListener("visibilitychange", () => { if (!document.hidden) refollow(); });
$("help-open").onclick = () => showHelp($("help").hidden);
$("help-close").onclick = () => showHelp(false);
$("leave").onclick = leave;
$("language").onclick = () => setLanguage(page.language === "en" ? "id" : "en");
$("speak").onclick = () => loadMore(() => true).then((more) => more.speak());
$("speak").hidden = !window.speechSynthesis;
$("bigger").onclick = () => setBig(!document.documentElement.classList.contains("big"));
setBig(keep.get("kit.big") === "1");
translate();
const addressed = decodeURIComponent(location.pathname.slice(1)).toUpperCase().replace(/[^0-9A-Z]/g, "");
if (addressed) open(addressed, JSON.parse(document.getElementById("state").textContent || "null"));
else route();

/** Into the session: the code, who somebody is here as, consent. */

import { CODE_ALPHABET } from "../code.js";
import { byId, h } from "../element.js";
import { call } from "../link/call.js";
import { begin, refollow } from "../link/follow.js";
import { keep } from "../link/keep.js";
import { page, recall, remember } from "../link/page.js";
import { persist } from "../link/persist.js";
import { failed } from "./failed.js";
import { button, drawing, field, show, strip, t, view, way } from "./frame.js";

const CODE_LENGTH = 6;

/**
 * Ask for the session's code.
 * @param {string} [error]
 * @param {string} [typed]
 */
export function entry(error = "", typed = "") {
  view.again = () => entry();
  /** @param {Event} event */
  const send = (event) => {
    event.preventDefault();
    take(onlyCode(byId("code").value));
  };
  const code = field("code", {
    label: t("entry.label"),
    hint: t("entry.hint"),
    error,
    value: typed,
    class: "code-input",
    maxlength: 14,
  });
  const go = h("p", null, h("button", { class: "button" }, t("entry.go")));
  show("entry", h("form", { onsubmit: send, novalidate: true }, h("h1", null, t("entry.title")), code, go));
  if (error) byId("code").focus();
}

/**
 * What of a typed or addressed text can be a code.
 * @param {string} text
 */
export function onlyCode(text) {
  return text.toUpperCase().replace(/[^0-9A-Z]/g, "");
}

/** @param {string} code */
function take(code) {
  const strange = [...new Set(code)].filter((symbol) => !CODE_ALPHABET.includes(symbol)).join(" ");
  if (strange) entry(t("entry.lookalike", { symbols: strange }), code);
  else if (code.length !== CODE_LENGTH) entry(t("entry.length"), code);
  else open(code);
}

/**
 * Take up a session: its code goes into the address, so that a reload comes back here.
 * @param {string} code
 * @param {?import("../types").PublicState} [state]
 */
export function open(code, state) {
  history.replaceState(null, "", `/${code}`);
  begin(code, state);
  setTimeout(() => {
    if (page.code === code && !page.state) opening();
  }, 600);
}

/** Nothing has come from the service yet. */
export function opening() {
  view.again = opening;
  show(
    "opening",
    drawing(page.offline ? "lost" : "wait"),
    h("h1", null, t("loading.title")),
    h("p", { class: "lead" }, t("loading.hint")),
    h("p", null, button(t("again"), refollow, "quiet")),
  );
}

/** Who somebody is here as; nobody is asked where there is one answer only. */
export function joinScreen() {
  if (!page.state) return;
  const { audiences } = page.state;
  if (audiences.length === 1) {
    consent(audiences[0]);
    return;
  }
  view.again = joinScreen;
  const choices = audiences.map((name) => button(t(`audiences.${name}`), () => consent(name), "choice"));
  show(
    "join",
    h("h1", null, t("join.title")),
    h("div", { class: "choices" }, choices),
    h("p", { class: "pair" }, hereBefore(), shared()),
  );
}

/**
 * @param {string} audience
 * @param {string} [error] what is wrong with the earlier code
 */
function consent(audience, error = "") {
  if (!page.state) return;
  view.again = () => consent(audience);
  const { minors, audiences, office_contact, kept_days } = page.state;
  const values = { contact: office_contact || t("consent.no_contact"), days: kept_days };
  const points = ["who", "why", "kept", "basis", "long", "rights"];
  if (minors && audience === "student") points.push("minors");
  const yes = button(t("consent.yes"), () => join(audience, yes), "close");
  show(
    "join/consent",
    h("h1", { class: "close" }, t("consent.title")),
    h(
      "ul",
      { class: "plain-list close" },
      points.map((point) => h("li", null, t(`consent.${point}`, values))),
    ),
    people > 1 && strip(t("consent.people", { n: people }), "warn"),
    !keep.lasts() && strip(t("consent.unkept"), "warn"),
    page.state.visited_before && people === 1 && earlierCode(error),
    h("p", { class: "side-by-side" }, yes, button(t("consent.no"), () => way.door("notTaking"), "quiet")),
    h("p", { class: "pair" }, audiences.length > 1 && button(t("back"), joinScreen, "quiet"), hereBefore(), shared()),
  );
}

/** For people who were at this place before: a code from then makes them known again. @param {string} error */
function earlierCode(error) {
  const asked = { label: t("earlier.label"), hint: t("earlier.hint"), error, value: earlier, maxlength: 24 };
  const title = h("summary", null, t("earlier.title"));
  const folded = h("details", { open: Boolean(error) }, title, field("earlier", asked));
  folded.addEventListener("input", (/** @type {any} */ { target }) => {
    earlier = target.value;
  });
  return folded;
}

function hereBefore() {
  return button(t("consent.before"), () => way.door("resume"), "quiet");
}

/** One phone for several people: they answer together and are counted apart. */
function shared() {
  return button(t("consent.share"), () => way.door("together"), "quiet");
}

/** How many share this phone; one is a person. */
let people = 1;

/** Go on for so many people with this phone. @param {number} n */
export function shareWith(n) {
  people = n;
  joinScreen();
}

/** A code of an earlier meeting here, as it was typed. */
let earlier = "";
addEventListener("kit-forgotten", () => {
  earlier = "";
});

/**
 * @param {string} audience
 * @param {HTMLElement} pressed
 */
async function join(audience, pressed) {
  if (pressed.getAttribute("aria-disabled")) return;
  pressed.setAttribute("aria-disabled", "true");
  pressed.textContent = t("moment");
  const joined = recall(page.code);
  if (joined) {
    // Another tab of this phone was faster: here it is the same person.
    page.me = joined;
    return way.route();
  }
  // Sent with each try at joining, from whichever tab: a try whose answer was lost joins no second person.
  const tried = `kit.joining/${page.code}`;
  const joining = keep.get(tried) || randomNumber();
  keep.set(tried, joining);
  const { turn } = view;
  const consent_text = t("consent.version");
  const who = { audience, language: page.language, request_id: joining, earlier_code: earlier, people };
  const asked = { ...who, consent: true, consent_text };
  try {
    remember(await persist(() => call("POST", "/participants", asked), () => turn === view.turn));
    keep.drop(tried);
    earlier = "";
    people = 1;
    return way.route();
  } catch (caught) {
    const problem = /** @type {import("../link/call.js").Problem} */ (caught);
    if (problem.code === "unknown_earlier_code") consent(audience, `${problem.body.title} ${problem.body.detail}`);
    else if (!problem.passing) failed(problem);
    return undefined;
  }
}

/** 128 bits in hexadecimal; `crypto.randomUUID` is not to be had on plain http. */
function randomNumber() {
  const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
  return bytes.map((byte) => (byte + 256).toString(16).slice(1)).join("");
}

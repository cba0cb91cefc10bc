/**
 * The form that opens a session, and the offer to resume one.
 *
 * @import { Draw, View } from "./types"
 * @typedef {{hint?: string, inputmode?: string}} FieldLook
 */

import { h } from "../../page/element.js";
import { actions, focusOn, labelled, newKey, tickBox, widgetButton } from "../widget.js";
import { keepLength, keptLength, lengthField, tellDeck, USUAL_LENGTH } from "./length.js";
import { stageOf } from "./parts.js";

const MOST_OFFERED = 4;

/** @type {Draw} */
export function drawOpen(view) {
  const { live, model, memory, say } = view;
  remember(live, memory);
  if (live) {
    const choose = (/** @type {number} */ minutes) => keepLength(live.code, minutes);
    return [
      h("h2", null, say("open.opened", { code: live.code })),
      h("p", { class: "lead" }, line(view, live)),
      lengthField(view, keptLength(live.code), choose),
      live.dates_differ && h("p", { class: "notice bad", role: "alert" }, datesLine(view, live)),
      h("p", { class: "muted" }, say("open.opened_next")),
    ];
  }
  const resumable = model.get("resumable");
  if (resumable.length && !memory.fresh) return offer(view, resumable);
  return [h("h2", { class: "small" }, say("open.title")), form(view)];
}

/** The day that was typed and the laptop's clock disagree: one is wrong. @param {View} view @param {any} one */
function datesLine({ say }, one) {
  return say("open.dates_differ", { held_on: one.held_on, clock: one.opened_at.slice(0, 10) });
}

/**
 * Keep the session's code in the address, so that a reload goes on with it, and its deck as long as it was chosen.
 * @param {any} live
 * @param {Record<string, any>} memory
 */
function remember(live, memory) {
  const search = new URLSearchParams(location.search);
  if (live && memory.chosen) keepLength(live.code, memory.chosen);
  if (live && !memory.chosen) tellDeck(keptLength(live.code));
  if (!live && !search.has("session")) tellDeck(0);
  if (live) memory.chosen = memory.form = null;
  if (!live || !document.body.dataset.notebook || search.get("session") === live.code) return;
  search.set("session", live.code);
  history.replaceState(null, "", `${location.pathname}?${search}${location.hash}`);
}

/** @param {View} view @param {any} one */
function line({ say }, one) {
  const words = { event: one.event, site: one.site.name, held_on: one.held_on };
  return say("open.opened_line", words).replace(/^ · /, "");
}

/** @param {View} view @param {any[]} resumable */
function offer(view, resumable) {
  const { memory, say, redraw } = view;
  const fresh = () => {
    memory.fresh = true;
    redraw();
  };
  return [
    h("h2", null, say("open.resume_title")),
    h("ul", { class: "sessions" }, ...resumable.slice(0, MOST_OFFERED).map((one) => offered(view, one))),
    actions(widgetButton("fresh", say("open.fresh"), fresh, "plain")),
  ];
}

/** @param {View} view @param {any} one */
function offered(view, one) {
  const { memory, say, ask } = view;
  const about = one.event ? line(view, { ...one, event: "" }) : one.held_on;
  const words = h(
    "div",
    null,
    h("b", null, one.event || one.site.name),
    one.rehearsal && h("span", { class: "rehearsal" }, say("rehearsal")),
    h("p", { class: "muted" }, `${about} · ${say(`stages.${stageOf(one)}`)}`),
  );
  const resume = () => {
    memory.chosen = null;
    ask("attach", { code: one.code });
  };
  return h("li", null, words, widgetButton(`resume-${one.code}`, say("open.resume", { code: one.code }), resume));
}

/** @param {View} view */
function form(view) {
  const { memory, say, busy } = view;
  memory.form ??= emptyForm();
  const send = (/** @type {Event} */ event) => {
    event.preventDefault();
    submit(view);
  };
  const main = h(
    "div",
    { class: "fields" },
    field(view, "site", "text"),
    knownPlaces(view),
    field(view, "held_on", "date"),
    field(view, "event", "text", { hint: "event_hint" }),
    lengthField(view, memory.form.minutes, (minutes) => {
      memory.form.minutes = minutes;
    }),
    ...others(view),
    minors(view) && tick(view, "minors_consent", "minors_hint"),
    tick(view, "rehearsal", "rehearsal_hint"),
  );
  const label = say(busy ? "open.opening" : "open.submit");
  const open = actions(h("button", { class: "main", disabled: busy, "data-key": "submit" }, label));
  const look = { class: "open", novalidate: true, onsubmit: send };
  const made = h("form", look, faultList(view), main, more(view), open);
  markReady(made, memory);
  return made;
}

/** The one key opens a session once a place is named; until then it leafs. @param {any} made @param {any} memory */
function markReady(made, memory) {
  made?.querySelector('[data-key="submit"]').toggleAttribute("data-next", Boolean(memory.form.site.trim()));
  window.dispatchEvent(new CustomEvent("kit:drawn"));
}

function emptyForm() {
  return {
    event: "",
    site: "",
    district: "",
    city: "",
    province: "",
    held_on: today(),
    target: "",
    expected: "",
    minors_consent: false,
    minors_consent_by: "",
    minors_consent_on: "",
    minors_consent_document: "",
    rehearsal: false,
    minutes: USUAL_LENGTH,
    also: [],
  };
}

/** What is missing, each a way to its field. @param {View} view */
function faultList({ memory, say }) {
  /** @type {[string, string][]} */
  const faults = memory.faults ?? [];
  if (!faults.length) return null;
  const rows = faults.map(([name, key]) => {
    const lead = (/** @type {Event} */ event) => {
      event.preventDefault();
      document.getElementById(`kit-${name}`)?.focus();
    };
    return h("li", null, h("a", { href: `#kit-${name}`, onclick: lead }, say(`open.${key}`)));
  });
  return h(
    "div",
    { class: "notice bad", role: "alert", tabindex: "-1", "data-key": "faults" },
    h("strong", null, say("open.fault_title")),
    h("ul", null, ...rows),
  );
}

/** @param {View} view */
function more(view) {
  const { memory, say } = view;
  const ontoggle = (/** @type {any} */ event) => {
    memory.more = event.target.open;
  };
  const fields = h(
    "div",
    { class: "fields" },
    minors(view) && field(view, "minors_consent_by", "text", { hint: "minors_by_hint" }),
    minors(view) && field(view, "minors_consent_on", "date"),
    minors(view) && field(view, "minors_consent_document", "text", { hint: "minors_document_hint" }),
    field(view, "expected", "text", { hint: "expected_hint", inputmode: "numeric" }),
    field(view, "district", "text"),
    field(view, "city", "text"),
    field(view, "province", "text"),
    field(view, "target", "text", { hint: "target_hint", inputmode: "decimal" }),
  );
  return h("details", { open: memory.more, ontoggle }, h("summary", null, say("open.more")), fields);
}

/** Places that had a meeting, to choose from while the name is typed. @param {View} view */
function knownPlaces({ model }) {
  const places = model.get("places").map((/** @type {any} */ { name, district, city, province }) => {
    return h("option", { value: name }, [district, city, province].filter(Boolean).join(", "));
  });
  return h("datalist", { id: "kit-places" }, ...places);
}

/** A known name brings what lies around it, where nothing was typed yet. @param {View} view @param {string} typed */
function fillPlace({ model, memory }, typed) {
  const found = model.get("places").filter((/** @type {any} */ place) => place.name === typed);
  for (const name of found.length === 1 ? ["district", "city", "province"] : []) {
    if (memory.form[name]) continue;
    memory.form[name] = found[0][name];
    const input = /** @type {?HTMLInputElement} */ (document.getElementById(`kit-${name}`));
    if (input) input.value = found[0][name];
  }
}

/** @param {View} view @param {string} name @param {string} type @param {FieldLook} [look] */
function field(view, name, type, { hint, inputmode } = {}) {
  const { memory, say } = view;
  const id = `kit-${name}`;
  const faulty = (memory.faults ?? []).some((/** @type {string[]} */ [at]) => at === name);
  const input = h("input", {
    id,
    type,
    maxlength: "200",
    inputmode,
    "data-key": name,
    list: name === "site" ? "kit-places" : null,
    autocomplete: "off",
    "aria-invalid": faulty ? "true" : null,
    "aria-describedby": hint ? `${id}-hint` : null,
    oninput: (/** @type {any} */ event) => {
      memory.form[name] = event.target.value;
      if (name === "site") {
        fillPlace(view, event.target.value);
        markReady(event.target.form, memory);
      }
    },
  });
  input.value = memory.form[name];
  const made = labelled(id, say(`open.${name}`), input, `field field-${name}`);
  if (hint) made.append(h("small", { id: `${id}-hint` }, say(`open.${hint}`)));
  return made;
}

/** @param {View} view @param {string} name @param {string} hint */
function tick({ memory, say }, name, hint) {
  const change = (/** @type {boolean} */ on) => {
    memory.form[name] = on;
  };
  const words = { label: say(`open.${name}`), hint: say(`open.${hint}`) };
  return tickBox({ id: `kit-${name}`, key: name, on: memory.form[name], change, ...words });
}

/** Whether somebody under 18 may take part. @param {View} view */
function minors({ options, memory }) {
  const along = (options.others ?? []).filter((/** @type {any} */ other) => memory.form.also.includes(other.quiz_id));
  return options.minors || along.some((/** @type {any} */ other) => other.minors);
}

/** A mixed hall: the quizzes of other audiences, under the same code. @param {View} view */
function others(view) {
  const { options, memory, say, redraw } = view;
  return (options.others ?? []).map((/** @type {any} */ { quiz_id, audience }) => {
    const change = (/** @type {boolean} */ on) => {
      const rest = memory.form.also.filter((/** @type {string} */ quiz) => quiz !== quiz_id);
      memory.form.also = on ? [...rest, quiz_id] : rest;
      redraw();
    };
    const audiences = audience.map((/** @type {string} */ name) => say(`audiences.${name}`)).join(", ");
    const key = `also-${quiz_id}`;
    const on = memory.form.also.includes(quiz_id);
    return tickBox({ id: `kit-${key}`, key, label: say("open.also", { audiences }), on, change });
  });
}

/** @param {View} view */
function submit(view) {
  const { memory, model, ask, redraw } = view;
  const { also, event, site, district, city, province, held_on, minors_consent, rehearsal, target } = memory.form;
  const expected = Number(memory.form.expected.trim()) || null;
  const points = target.trim().replace(",", ".");
  memory.faults = faultsOf(view, points);
  if (memory.faults.length && model.get("trouble")) {
    // What the service said of an earlier try would stand above what is wrong with this one.
    model.set("trouble", null);
    model.save_changes();
  }
  redraw();
  if (memory.faults.length) {
    focusOn(document.body, "faults");
    return;
  }
  const place = { name: site, district, city, province };
  const notebook = document.body.dataset.notebook ?? "";
  const goal = points ? Number(points) : null;
  const session = { event, site: place, held_on, minors_consent, rehearsal, notebook, target: goal, expected };
  if (minors(view)) {
    const { minors_consent_by, minors_consent_on, minors_consent_document } = memory.form;
    Object.assign(session, { minors_consent_by, minors_consent_on, minors_consent_document });
  }
  memory.chosen = memory.form.minutes;
  memory.form.key ??= newKey();
  ask("open", { also, session, key: memory.form.key });
}

/** @param {View} view @param {string} points @returns {[string, string][]} field and what is wrong with it */
function faultsOf(view, points) {
  const { site, held_on, minors_consent } = view.memory.form;
  /** @type {[string, string][]} */
  const faults = [];
  if (!site.trim()) faults.push(["site", "missing_site"]);
  if (!/^\d{4}-\d\d-\d\d$/.test(held_on)) faults.push(["held_on", "missing_date"]);
  if (isFar(held_on) && view.memory.doubted !== held_on) {
    view.memory.doubted = held_on; // asked once: the same date again is meant
    faults.push(["held_on", "far_date"]);
  }
  if (minors(view) && !minors_consent) faults.push(["minors_consent", "missing_consent"]);
  if (!/^\d{0,5}$/.test(view.memory.form.expected.trim())) faults.push(["expected", "bad_expected"]);
  if (points && !(Number(points) >= 0 && Number(points) <= 100)) faults.push(["target", "bad_target"]);
  return faults;
}

/** Whether a date lies more than a year from today. @param {string} held_on */
function isFar(held_on) {
  return Math.abs(Date.parse(held_on) - Date.now()) > 366 * 86_400_000;
}

/** Today by this laptop's clock, not by Greenwich's. */
function today() {
  const now = new Date();
  const [month, day] = [now.getMonth() + 1, now.getDate()].map((n) => String(n).padStart(2, "0"));
  return `${now.getFullYear()}-${month}-${day}`;
}

// @ts-check
/** The form that opens a session, and the offer to resume one. */

import { h } from "./dom.js";

/** @typedef {import("./station.js").View} View */

/** @param {View} view */
export function drawOpen(view) {
  const { live, model, memory, say, ask, redraw } = view;
  remember(live);
  if (live) {
    return [h("h2", null, say("open.opened", { code: live.code })), h("p", { class: "lead" }, line(view, live)), h("p", { class: "muted" }, say("open.opened_next"))];
  }
  const open = model.get("resumable");
  if (open.length && !memory.fresh) {
    return [h("h2", null, say("open.resume_title")),
      h("ul", { class: "sessions" }, ...open.slice(0, 4).map((one) => h("li", null, h("div", null, h("b", null, one.event || one.site.name), one.rehearsal && h("span", { class: "rehearsal" }, say("rehearsal")), h("p", { class: "muted" }, `${one.event ? line(view, { ...one, event: "" }) : one.held_on} · ${say(`stages.${one.stage.split(":")[0]}`)}`)),
        h("button", { type: "button", class: "main", "data-key": `resume-${one.code}`, onclick: () => ask("attach", { code: one.code }) }, say("open.resume", { code: one.code }))))),
      h("div", { class: "actions" }, h("button", { type: "button", class: "plain", "data-key": "fresh", onclick: () => { memory.fresh = true; redraw(); } }, say("open.fresh")))];
  }
  return [h("h2", { class: "small" }, say("open.title")), form(view)];
}

/** Keep the session's code in the address, so that a reload goes on with it. @param {any} live */
function remember(live) {
  const search = new URLSearchParams(location.search);
  if (!live || !document.body.dataset.notebook || search.get("session") === live.code) return;
  search.set("session", live.code);
  history.replaceState(null, "", `${location.pathname}?${search}${location.hash}`);
}

/** @param {View} view @param {any} one */
function line({ say }, one) {
  return say("open.opened_line", { event: one.event, site: one.site.name, held_on: one.held_on }).replace(/^ · /, "");
}

/** @param {View} view */
function form(view) {
  const { options, memory, say, busy } = view;
  memory.form ??= { event: "", site: "", district: "", city: "", province: "", held_on: today(), target: "", minors_consent: false, rehearsal: false, also: [] };
  const faults = memory.faults ?? [];
  return h("form", { class: "open", novalidate: true, onsubmit: (event) => { event.preventDefault(); submit(view); } },
    faults.length > 0 && h("div", { class: "notice bad", role: "alert", tabindex: "-1", "data-key": "faults" }, h("strong", null, say("open.fault_title")),
      h("ul", null, ...faults.map(([name, key]) => h("li", null, h("a", { href: `#kit-${name}`, onclick: (event) => { event.preventDefault(); document.getElementById(`kit-${name}`)?.focus(); } }, say(`open.${key}`)))))),
    h("div", { class: "fields" },
      field(view, "site", "text"), field(view, "held_on", "date"),
      field(view, "event", "text", { hint: "event_hint" }), minors(view) && tick(view, "minors_consent", "minors_hint"), tick(view, "rehearsal", "rehearsal_hint")),
    h("details", { open: memory.more, ontoggle: (event) => { memory.more = event.target.open; } }, h("summary", null, say("open.more")), ...others(view),
      h("div", { class: "fields" }, field(view, "district", "text"), field(view, "city", "text"), field(view, "province", "text"), field(view, "target", "text", { hint: "target_hint", inputmode: "decimal" }))),
    h("div", { class: "actions" }, h("button", { class: "main", disabled: busy, "data-key": "submit" }, say(busy ? "open.opening" : "open.submit"))));
}

/** @param {View} view @param {string} name @param {string} type @param {{hint?: string, inputmode?: string}} [more] */
function field({ memory, say }, name, type, { hint, inputmode } = {}) {
  const fault = (memory.faults ?? []).find(([at]) => at === name);
  const input = h("input", { id: `kit-${name}`, type, maxlength: "200", inputmode, "data-key": name, autocomplete: "off", "aria-invalid": fault ? "true" : null,
    "aria-describedby": hint ? `kit-${name}-hint` : null, oninput: (event) => { memory.form[name] = event.target.value; } });
  input.value = memory.form[name];
  return h("div", { class: `field field-${name}` }, h("label", { for: `kit-${name}` }, say(`open.${name}`)), input, hint && h("small", { id: `kit-${name}-hint` }, say(`open.${hint}`)));
}

/** @param {View} view @param {string} name @param {string} hint */
function tick({ memory, say }, name, hint) {
  const input = h("input", { id: `kit-${name}`, type: "checkbox", "data-key": name, "aria-describedby": `kit-${name}-hint`, onchange: (event) => { memory.form[name] = event.target.checked; } });
  input.checked = memory.form[name];
  return h("div", { class: "tick" }, input, h("label", { for: `kit-${name}` }, say(`open.${name}`)), h("small", { id: `kit-${name}-hint` }, say(`open.${hint}`)));
}

/** Whether somebody under 18 may take part. @param {View} view */
function minors({ options, memory }) {
  return options.minors || (options.others ?? []).some((other) => memory.form.also.includes(other.quiz_id) && other.audience.includes("student"));
}

/** A mixed hall: the quizzes of other audiences, under the same code. @param {View} view */
function others({ options, memory, say, redraw }) {
  return (options.others ?? []).map((other) => {
    const name = `also-${other.quiz_id}`;
    const input = h("input", { id: `kit-${name}`, type: "checkbox", "data-key": name, onchange: (event) => {
      memory.form.also = memory.form.also.filter((quiz) => quiz !== other.quiz_id).concat(event.target.checked ? [other.quiz_id] : []);
      redraw();
    } });
    input.checked = memory.form.also.includes(other.quiz_id);
    const audiences = other.audience.map((audience) => say(`audiences.${audience}`)).join(", ");
    return h("div", { class: "tick" }, input, h("label", { for: `kit-${name}` }, say("open.also", { audiences })));
  });
}

/** @param {View} view */
function submit(view) {
  const { memory, ask, redraw } = view;
  const given = memory.form;
  const target = given.target.trim().replace(",", ".");
  /** @type {[string, string][]} */
  const faults = [];
  if (!given.site.trim()) faults.push(["site", "missing_site"]);
  if (!/^\d{4}-\d\d-\d\d$/.test(given.held_on)) faults.push(["held_on", "missing_date"]);
  if (minors(view) && !given.minors_consent) faults.push(["minors_consent", "missing_consent"]);
  if (target && !(Number(target) >= 0 && Number(target) <= 100)) faults.push(["target", "bad_target"]);
  memory.faults = faults;
  redraw();
  if (faults.length) { document.querySelector("[data-key=faults]")?.focus(); return; }
  const site = { name: given.site, district: given.district, city: given.city, province: given.province };
  ask("open", { also: given.also, session: { event: given.event, site, held_on: given.held_on, minors_consent: given.minors_consent, rehearsal: given.rehearsal, target: target ? Number(target) : null } });
}

/** Today by this laptop's clock, not by Greenwich's. */
function today() {
  const now = new Date();
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`;
}

/**
 * The list to choose from, its filters, and how the report is to be.
 *
 * @import { View } from "./view"
 * @import { Listed } from "./choosing.js"
 */

import { h } from "../../page/element.js";
import { actions, labelled, tickBox, widgetButton } from "../widget.js";
import { choiceOf, listedOf } from "./choosing.js";

const COLUMNS = ["held_on", "event", "site", "audience", "joined", "pairs"];
const GROUPS = ["site", "audience", "session", "event"];

/** @param {View} view */
export function choose(view) {
  const { say, state, all } = view;
  if (!all.length) {
    const remedy = h("p", { class: "lead" }, say("evaluation.none_remedy"));
    return h("section", null, h("h2", null, say("evaluation.none")), remedy);
  }
  const listed = listedOf(state, all);
  const chosen = choiceOf(state, all).sessions.length;
  const title = say("evaluation.choose");
  const samples = all.some((one) => one.sample);
  return h(
    "section",
    { class: "choose" },
    h("h2", null, title),
    samples && sampleTick(view),
    state.sample && h("p", { class: "notice" }, say("evaluation.sample_line")),
    filters(view),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, list(view, listed)),
    h("p", { class: "muted", role: "status" }, say("evaluation.chosen", { n: chosen, all: listed.length })),
  );
}

/** @param {View} view */
function sampleTick(view) {
  const change = (/** @type {boolean} */ on) => view.set(() => (view.state.sample = on));
  const label = view.say("evaluation.sample");
  return tickBox({ id: "evaluation-sample", key: "sample", on: view.state.sample, label, change });
}

/** @param {View} view */
function filters(view) {
  const { say, state, all } = view;
  const mine = all.filter((one) => one.sample === state.sample);
  const sites = new Map(mine.map((one) => [one.site_id, one.site]));
  const audiences = [...new Set(mine.flatMap((one) => one.audiences))].sort();
  const events = [...new Set(mine.map((one) => one.event))].filter(Boolean).sort();
  const change = (/** @type {boolean} */ on) => view.set(() => (state.rehearsals = on));
  const label = say("evaluation.rehearsals");
  const rehearsals = mine.some((one) => one.rehearsal && !one.sample);
  return h(
    "div",
    { class: "filters" },
    field(view, "only", "search", say("evaluation.filter")),
    field(view, "from", "date", say("evaluation.from")),
    field(view, "to", "date", say("evaluation.to")),
    picker(view, "site", say("evaluation.site"), [...sites].sort((a, b) => a[1].localeCompare(b[1]))),
    picker(view, "audience", say("evaluation.audience"), audiences.map((name) => [name, say(`audiences.${name}`)])),
    events.length > 0 && picker(view, "event", say("evaluation.event"), events.map((name) => [name, name])),
    rehearsals && tickBox({ id: "evaluation-rehearsals", key: "rehearsals", on: state.rehearsals, label, change }),
  );
}

/** @param {View} view @param {string} name @param {string} type @param {string} label */
function field(view, name, type, label) {
  // A date is whole only when it is chosen; a number changes nothing that is drawn, and a redraw as it is left
  // would take the button away from under the hand.
  const quiet = type === "number";
  const heard = (/** @type {any} */ event) => view.set(() => (view.state.filter[name] = event.target.value), quiet);
  const id = `evaluation-${name}`;
  const listen = type === "date" ? "onchange" : "oninput";
  const input = h("input", { id, type, "data-key": name, autocomplete: "off", [listen]: heard });
  input.value = view.state.filter[name];
  return labelled(id, label, input, `field ${type}`);
}

/** @param {View} view @param {string} name @param {string} label @param {string[][]} options value and words */
function picker(view, name, label, options) {
  const id = `evaluation-${name}`;
  const onchange = (/** @type {any} */ event) => view.set(() => (view.state.filter[name] = event.target.value));
  const every = h("option", { value: "" }, view.say("evaluation.every"));
  const made = options.map(([value, words]) => h("option", { value }, words));
  const select = h("select", { id, "data-key": name, onchange }, every, ...made);
  select.value = view.state.filter[name];
  return labelled(id, label, select);
}

/** @param {View} view @param {Listed[]} listed */
function list(view, listed) {
  const heads = COLUMNS.map((name) => h("th", { scope: "col" }, view.say(`evaluation.${name}`)));
  const head = h("thead", null, h("tr", null, h("td"), ...heads));
  return h("table", null, head, h("tbody", null, ...listed.map((one) => listRow(view, one))));
}

/** @param {View} view @param {Listed} one */
function listRow(view, one) {
  const audiences = one.audiences.map((name) => view.say(`audiences.${name}`)).join(", ");
  const kind = one.sample ? "sample_tag" : one.rehearsal ? "rehearsal_tag" : "";
  const tag = kind && h("span", { class: "tag" }, view.say(`evaluation.${kind}`));
  return h(
    "tr",
    null,
    h("td", null, rowTick(view, one)),
    h("td", null, one.held_on),
    h("td", { class: "words" }, one.event || "–", tag),
    h("td", { class: "words" }, one.site),
    h("td", null, audiences),
    h("td", { class: "number" }, String(one.joined)),
    h("td", { class: "number" }, String(one.pairs ?? "–")),
  );
}

/** @param {View} view @param {Listed} one */
function rowTick({ state, set }, one) {
  const onchange = (/** @type {any} */ event) =>
    set(() => (event.target.checked ? state.without.delete(one.folder) : state.without.add(one.folder)));
  const label = `${one.held_on} ${one.site} ${one.code}`;
  const input = h("input", { type: "checkbox", "data-key": one.folder, "aria-label": label, onchange });
  input.checked = !state.without.has(one.folder);
  return input;
}

/** How the report is to be, and the button that makes it. @param {View} view */
export function options(view) {
  const { say, state, all } = view;
  const sites = [...new Set(listedOf(state, all).map((one) => one.site))].sort();
  const named = (/** @type {string} */ name) => say(`evaluation.${name}`);
  const open = state.by.size > 0 || state.compare.size > 0 || state.public || Boolean(state.filter.target);
  const change = (/** @type {boolean} */ on) => view.set(() => (state.public = on));
  const tick = { id: "evaluation-public", key: "public", on: state.public, change };
  return h(
    "section",
    { class: "options" },
    h(
      "details",
      { open: open || view.memory.options, ontoggle: (/** @type {any} */ e) => (view.memory.options = e.target.open) },
      h("summary", { "data-key": "options" }, say("evaluation.options")),
      h("div", { class: "fields" }, ticks(view, "by", say("evaluation.by"), GROUPS, named),
        sites.length > 1 && ticks(view, "compare", say("evaluation.compare"), sites, (name) => name),
        field(view, "target", "number", say("evaluation.target")),
        tickBox({ ...tick, label: say("evaluation.public"), hint: say("evaluation.public_line") })),
    ),
    view.memory.needed && h("p", { class: "notice", role: "alert" }, say("evaluation.pick_one")),
    actions(widgetButton("show", say("evaluation.show"), view.show, "main", view.busy)),
  );
}

/**
 * @param {View} view
 * @param {"by" | "compare"} name
 * @param {string} title
 * @param {string[]} values
 * @param {(value: string) => string} words
 */
function ticks({ state, set }, name, title, values, words) {
  const box = (/** @type {string} */ value, /** @type {number} */ place) => {
    const change = (/** @type {boolean} */ on) => set(() => (on ? state[name].add(value) : state[name].delete(value)));
    const id = `evaluation-${name}-${place}`;
    return tickBox({ id, key: `${name}-${value}`, label: words(value), on: state[name].has(value), change });
  };
  return h("fieldset", { class: "pick" }, h("legend", null, title), ...values.map(box));
}

/**
 * Pages beside the report: all villages of the office, items to replace, people needed.
 *
 * @import { View } from "./view"
 */

import { h } from "../../page/element.js";
import { actions, labelled, widgetButton } from "../widget.js";
import { pandas, tableOf } from "./article.js";

/** @param {View} view @param {string} name @returns {any} the page's content, when it is there */
function contentOf(view, name) {
  const page = view.model.get("page");
  return page && page.name === name ? page : null;
}

/** @param {View} view */
export function villages(view) {
  const { say } = view;
  const page = contentOf(view, "villages");
  const title = say("evaluation.villages_title");
  const parts = [h("h2", null, title), h("p", { class: "lead" }, say("evaluation.villages_line"))];
  if (!page) return h("section", null, ...parts);
  if (!page.rows.length) return h("section", null, ...parts, h("p", null, say("evaluation.villages_none")));
  const names = ["site", "visits", "last", "joined", "pairs", "before", "after", "change", "range", "followup"];
  const columns = names.map((name) => say(`evaluation.village_${name}`));
  const rows = page.rows.map((/** @type {any} */ row) => [
    h("div", null, h("b", null, row.site), row.around && h("small", null, row.around), openButton(view, row)),
    String(row.folders.length),
    row.last,
    ...row.told,
    say(row.followed_up ? "evaluation.yes" : "evaluation.no"),
  ]);
  return h("section", { class: "page" }, ...parts, tableOf(title, columns, rows));
}

/** A village over its visits: its report, the visits first. @param {View} view @param {any} row */
function openButton({ say, state, set, show }, row) {
  const open = () => {
    const kept = { only: "", from: "", to: "", audience: "", event: "", target: "", site: row.site_id };
    const fresh = { without: new Set(), by: new Set() };
    set(() => Object.assign(state, { view: "report", filter: kept, first: "visits", ...fresh }));
    show();
  };
  const button = widgetButton(`village-${row.site_id}`, say("evaluation.open"), open, "plain");
  button.setAttribute("aria-label", `${say("evaluation.open")}: ${row.site}`);
  return button;
}

/** @param {View} view */
export function items(view) {
  const { say } = view;
  const page = contentOf(view, "items");
  const parts = [h("h2", null, say("evaluation.items_title")), h("p", { class: "lead" }, say("evaluation.items_line"))];
  if (!page) return h("section", null, ...parts);
  const groups = page.groups.map((/** @type {any} */ group) => {
    const title = say(`evaluation.items_${group.code}`, { n: group.rows.length });
    const rule = h("p", { class: "muted" }, say(`evaluation.items_${group.code}_rule`));
    const shown = group.rows.length > 0 && tableOf(title, page.columns, group.rows);
    return h("div", { class: "group" }, h("h3", null, title), rule, shown);
  });
  const rest = page.unjudged > 0 && h("p", null, say("evaluation.items_unjudged", { n: page.unjudged }));
  return h("section", { class: "page" }, ...parts, ...groups, rest, page.lines.length > 0 && pandas(view, page.lines));
}

const ASKED = ["change", "spread", "share"];

/** @param {View} view */
export function planning(view) {
  const { say, memory, ask } = view;
  const page = contentOf(view, "planning");
  const title = say("evaluation.planning_title");
  const parts = [h("h2", null, title), h("p", { class: "lead" }, say("evaluation.planning_line"))];
  if (!page) return h("section", null, ...parts);
  const count = () => ask("planning", { ...memory.plan, choice: planned(view) });
  const columns = [say("evaluation.plan_change"), say("evaluation.plan_measured"), say("evaluation.plan_invited")];
  const rows = page.rows.map((/** @type {any[]} */ [change, needed]) => [
    String(change),
    String(needed?.measured ?? "–"),
    String(needed?.invited ?? "–"),
  ]);
  return h(
    "section",
    { class: "page" },
    ...parts,
    h("div", { class: "fields" }, ...ASKED.map((name) => number(view, page, name))),
    actions(widgetButton("plan", say("evaluation.plan"), count, "main", view.busy)),
    page.needed
      ? h("p", { class: "headline", role: "status" }, say("evaluation.plan_answer", { ...page, ...page.needed }))
      : h("p", { class: "notice", role: "alert" }, say("evaluation.plan_bad")),
    tableOf(title, columns, rows),
    h("p", { class: "muted" }, say("evaluation.plan_note")),
  );
}

/** The report whose spread is taken: the one that is shown last. @param {{model: any}} view */
export function planned({ model }) {
  const made = model.get("reports");
  return made.length ? made[made.length - 1].choice : null;
}

/** @param {View} view @param {any} page @param {string} name */
function number({ say, memory }, page, name) {
  const id = `evaluation-plan-${name}`;
  const oninput = (/** @type {any} */ event) => (memory.plan[name] = event.target.value);
  const input = h("input", { id, type: "number", min: "1", max: "100", step: "any", "data-key": id, oninput });
  input.value = memory.plan[name] ?? page[name];
  return labelled(id, say(`evaluation.plan_${name}_field`), input);
}

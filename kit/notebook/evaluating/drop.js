/**
 * A table from outside: dropped in, its columns matched from lists (guessed first), and who in it will be counted.
 *
 * @import { View } from "./view"
 */

import { h } from "../../page/element.js";
import { actions, labelled, widgetButton } from "../widget.js";

const KINDS = ".csv,.tsv,.txt,.xlsx,.xlsm,.parquet";
const MOST = 8_000_000;
const WIDE = ["participant", "pre", "post", "followup", "site", "session", "audience"];
const LONG = ["participant", "wave", "item", "correct", "choice", "signal", "site", "session", "audience", "arm"];

/** @param {View} view */
export function drop(view) {
  const { say, model } = view;
  const table = model.get("table");
  const parts = [h("h2", null, say("evaluation.table_title")), h("p", { class: "lead" }, say("evaluation.table_line"))];
  return h("section", { class: "page" }, ...parts, zone(view), table && matching(view, table));
}

/** @param {View} view */
function zone(view) {
  const { say } = view;
  const id = "evaluation-file";
  const input = h("input", {
    id,
    type: "file",
    accept: KINDS,
    "data-key": id,
    onchange: (/** @type {any} */ event) => event.target.files[0] && send(view, event.target.files[0]),
  });
  const over = (/** @type {any} */ event) => event.preventDefault();
  const ondrop = (/** @type {any} */ event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) send(view, event.dataTransfer.files[0]);
  };
  const large = view.memory.needed && h("p", { class: "notice bad", role: "alert" }, say("evaluation.table_large"));
  return h("div", { class: "drop", ondragover: over, ondrop }, labelled(id, say("evaluation.table_drop"), input),
    large);
}

/** @param {View} view @param {File} file */
async function send(view, file) {
  view.memory.needed = file.size > MOST;
  view.memory.matched = {};
  view.memory.most = "";
  if (file.size > MOST) view.set(() => {});
  else view.ask("table", { name: file.name }, [await file.arrayBuffer()]);
}

/** @param {View} view @param {any} table */
function matching(view, table) {
  const { say, memory, ask } = view;
  const matched = { ...texts(table.matched), ...memory.matched };
  const long = memory.matched.shape ? memory.matched.shape === "long" : "item" in table.matched;
  const fields = long ? LONG : WIDE;
  const wanted = () => {
    const chosen = fields.filter((name) => matched[name]).map((name) => [name, Number(matched[name])]);
    ask("match", { id: table.id, matched: Object.fromEntries(chosen), max_score: memory.most || null });
  };
  const onchange = (/** @type {any} */ event) => view.set(() => (memory.matched.shape = event.target.value));
  const shapes = ["wide", "long"].map((name) => h("option", { value: name }, say(`evaluation.table_${name}`)));
  const shape = h("select", { id: "evaluation-shape", "data-key": "shape", onchange }, ...shapes);
  shape.value = long ? "long" : "wide";
  const count = say("evaluation.table_rows", { name: table.name, n: table.rows });
  return h(
    "div",
    null,
    h("h3", null, count),
    h(
      "div",
      { class: "fields" },
      labelled("evaluation-shape", say("evaluation.table_shape"), shape),
      ...fields.map((name) => columnOf(view, table, name, matched[name])),
      !long && mostField(view),
    ),
    actions(widgetButton("match", say("evaluation.table_count"), wanted, "main", view.busy)),
    table.preview && preview(view, table),
  );
}

/** @param {Record<string, number>} matched */
function texts(matched) {
  return Object.fromEntries(Object.entries(matched).map(([name, place]) => [name, String(place)]));
}

/** @param {View} view @param {any} table @param {string} name @param {string} [chosen] */
function columnOf({ say, memory, set }, table, name, chosen = "") {
  const id = `evaluation-column-${name}`;
  const onchange = (/** @type {any} */ event) => set(() => (memory.matched[name] = event.target.value));
  const none = h("option", { value: "" }, say("evaluation.table_none"));
  const options = table.columns.map((/** @type {any} */ { title, examples }, /** @type {number} */ place) =>
    h("option", { value: String(place) }, examples.length ? `${title} (${examples.join(", ")})` : title),
  );
  const select = h("select", { id, "data-key": id, onchange }, none, ...options);
  select.value = chosen;
  return labelled(id, say(`evaluation.fields.${name}`), select);
}

/** @param {View} view */
function mostField({ say, memory }) {
  const id = "evaluation-most";
  const oninput = (/** @type {any} */ event) => (memory.most = event.target.value);
  const input = h("input", { id, type: "number", min: "1", step: "1", "data-key": id, oninput });
  input.value = memory.most;
  return labelled(id, say("evaluation.table_most"), input);
}

/** Who will be counted, who not, and why. @param {View} view @param {any} table */
function preview(view, table) {
  const { say } = view;
  const { counts, remarks, sites } = table.preview;
  const language = say("evaluation.language");
  const rows = ["people", "pairs", "only_pre", "only_post", "followup"].map((name) =>
    h("div", null, h("dt", null, say(`evaluation.count_${name}`)), h("dd", null, String(counts[name]))),
  );
  const said = remarks[language].map((/** @type {string} */ line) => h("li", null, line));
  const choice = { sessions: [], table: table.counted, audience: "", by: [], compare: [], target: null, public: false };
  const make = () => {
    view.set(() => (view.state.view = "report"));
    view.showAll([...view.state.beside, choice]);
  };
  return h(
    "div",
    { class: "preview", role: "status" },
    h("h3", null, say("evaluation.table_preview")),
    h("dl", { class: "numbers" }, ...rows),
    sites > 0 && h("p", null, say("evaluation.table_sites", { n: sites })),
    said.length > 0 && h("ul", null, ...said),
    actions(widgetButton("table-report", say("evaluation.show"), make, "main", view.busy)),
  );
}

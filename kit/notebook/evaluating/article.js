/**
 * Reports as they are read: page one, then heading after heading words, pictures with their pandas, tables.
 *
 * @import { Part } from "../../page/types"
 * @import { View } from "./view"
 * @import { Choice } from "./choosing.js"
 */

import { h } from "../../page/element.js";
import { widgetButton } from "../widget.js";

export const FORMATS = ["html", "pdf", "xlsx", "json"];

/** All reports that were made, side by side. @param {View} view */
export function reports(view) {
  const made = view.model.get("reports");
  if (!made.length) return null;
  const several = made.length > 1;
  const articles = made.map((/** @type {any} */ one) => reportArticle(view, one, several));
  return h(
    "section",
    { class: `reports${several ? " several" : ""}`, "aria-busy": view.busy ? "true" : null },
    several && comparison(view, made),
    h("div", { class: "articles" }, ...articles),
  );
}

/** One line a report: who, how many, what changed, what it means. @param {View} view @param {any[]} made */
function comparison({ say: words }, made) {
  const title = words("evaluation.side_by_side");
  const columns = ["report", "counted", "change", "verdict"].map((name) => words(`evaluation.column_${name}`));
  const rows = made.map(({ summary }) => [
    [summary.title, summary.place].join("\n"),
    summary.counted,
    summary.change,
    [`${summary.verdict_mark} ${summary.verdict}`, ...summary.pair].join("\n"),
  ]);
  return h("div", { class: "beside" }, h("h2", null, title), tableOf(title, columns, rows));
}

/** @param {View} view @param {any} made @param {boolean} several */
function reportArticle(view, made, several) {
  const { summary, choice, key } = made;
  const first = (/** @type {any} */ one) => (one.name === choice.first ? 0 : 1);
  const sections = [...made.sections].sort((a, b) => first(a) - first(b));
  return h(
    "article",
    { class: "report", "data-report": key },
    ...summaryParts(view, summary),
    downloads(view, choice, key),
    keeping(view, choice, key),
    ...sections.map((one) => section(view, one, !several || one.name === choice.first)),
    h("p", { class: "muted" }, `${summary.fingerprint} · ${summary.date}`),
  );
}

/** Keep it while others are made, or put it away. @param {View} view @param {Choice} choice @param {string} key */
function keeping({ say: words, state, showAll, set, model }, choice, key) {
  const kept = state.beside.some((one) => same(one, choice));
  const shown = model.get("reports").map((/** @type {any} */ one) => one.choice);
  const away = () => {
    state.beside = state.beside.filter((one) => !same(one, choice));
    showAll(shown.filter((/** @type {Choice} */ one) => !same(one, choice)));
  };
  const keep = () => set(() => state.beside.push(choice));
  return h(
    "div",
    { class: "actions" },
    !kept && widgetButton(`keep-${key}`, words("evaluation.keep"), keep, "plain"),
    kept && h("p", { class: "muted" }, words("evaluation.kept")),
    widgetButton(`away-${key}`, words("evaluation.away"), away, "plain"),
  );
}

/** @param {Choice} one @param {Choice} other */
export function same(one, other) {
  const plain = (/** @type {Choice} */ { sessions, table, audience, by = [], compare = [], target, public: open }) =>
    JSON.stringify([[...sessions].sort(), table || "", audience || "", by, compare, target ?? null, Boolean(open)]);
  return plain(one) === plain(other);
}

/** @param {View} view @param {any} summary @returns {Part[]} */
function summaryParts({ say: words }, summary) {
  const place = [summary.place, summary.target].filter(Boolean).join(" · ");
  return [
    h("header", null, h("h2", null, summary.title), h("p", { class: "muted" }, place)),
    ...summary.flags.map((/** @type {string} */ line) => h("p", { class: "headline" }, h("b", null, line))),
    h("p", { class: "headline" }, summary.change),
    summary.compared && h("p", null, summary.compared),
    summary.verdict && verdictBox(summary),
    h("p", null, summary.counted),
    h(
      "div",
      { class: "lists" },
      lines(words("evaluation.understood"), summary.understood),
      lines(words("evaluation.wrong"), summary.wrong),
      lines(words("evaluation.next_steps"), summary.next_steps),
    ),
    lines(words("evaluation.unknown"), summary.unknown),
  ];
}

/** @param {any} summary */
function verdictBox(summary) {
  const mark = h("span", { "aria-hidden": "true" }, `${summary.verdict_mark} `);
  return h(
    "div",
    { class: "verdict-box" },
    h("p", { class: "big" }, mark, h("b", null, summary.verdict)),
    h("p", null, summary.verdict_text),
    ...summary.pair.map((/** @type {string} */ line) => h("p", null, line)),
  );
}

/** @param {string} title @param {string[]} said */
function lines(title, said) {
  if (!said.length) return null;
  return h("div", null, h("h3", null, title), h("ul", null, ...said.map((line) => h("li", null, line))));
}

/** @param {View} view @param {Choice} choice @param {string} key */
function downloads({ say: words, ask }, choice, key) {
  const title = words("evaluation.download");
  const buttons = FORMATS.map((format) =>
    widgetButton(`file-${format}-${key}`, format.toUpperCase(), () => ask("download", { format, choice }), "plain"),
  );
  return h("div", { class: "actions", role: "group", "aria-label": title }, h("b", null, `${title}:`), ...buttons);
}

/** @param {View} view @param {any} one @param {boolean} open */
function section(view, { title, lines: said, charts, tables }, open) {
  return h(
    "details",
    { class: "heading", open },
    h("summary", null, h("h3", null, title)),
    ...said.map((/** @type {string} */ line) => h("p", null, line)),
    h("div", { class: "charts" }, ...charts.map((/** @type {any} */ one) => picture(view, one))),
    ...tables.map((/** @type {any} */ one) => folded(one)),
  );
}

/** @param {View} view @param {{svg: string, title: string, alt: string, lines: string[]}} chart */
function picture(view, { svg, title, alt, lines: code }) {
  const address = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  const parts = [h("figcaption", null, title), h("img", { src: address, alt }), code.length > 0 && pandas(view, code)];
  return h("figure", null, ...parts);
}

/** The same figures for an analyst. @param {View} view @param {string[]} code */
export function pandas({ say: words }, code) {
  const title = words("evaluation.pandas");
  const shown = h("pre", { tabindex: "0", role: "region", "aria-label": title }, h("code", null, code.join("\n")));
  return h("details", { class: "pandas" }, h("summary", null, title), shown);
}

/** @param {{title: string, columns: string[], rows: string[][]}} given */
function folded({ title, columns, rows }) {
  return h("details", { class: "table" }, h("summary", null, title), tableOf(title, columns, rows));
}

/** @param {string} title @param {string[]} columns @param {Part[][]} rows */
export function tableOf(title, columns, rows) {
  const head = h("thead", null, h("tr", null, ...columns.map((name) => h("th", { scope: "col" }, name))));
  const body = rows.map((row) => h("tr", null, ...row.map((cell) => h("td", { class: "words" }, cell))));
  const scroll = { class: "scroll", tabindex: "0", role: "region", "aria-label": title };
  return h("div", scroll, h("table", null, head, h("tbody", null, ...body)));
}

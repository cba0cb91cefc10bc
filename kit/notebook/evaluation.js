// @ts-check
/** The evaluation as an anywidget: a list to choose from, the report, and its files to take away. */

import { h, speak } from "./dom.js";

const FORMATS = ["html", "pdf", "xlsx", "json"];
const TYPES = { html: "text/html", pdf: "application/pdf", json: "application/json", xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" };

/** @typedef {{model: any, say: (path: string, values?: object) => string, ask: (what: string, details?: object) => void, chosen: Set<string>, memory: any, draw: () => void, audience: (name: string) => string}} View */

/** @param {{model: any, el: HTMLElement}} given */
function render({ model, el }) {
  const root = document.documentElement;
  const memory = { rehearsals: false, only: "", needed: false };
  const chosen = new Set(model.get("bundles").filter((one) => !one.rehearsal).map((one) => one.folder));

  function draw() {
    const language = root.lang === "en" || root.lang === "id" ? root.lang : model.get("language");
    const words = model.get("words");
    const view = { model, chosen, memory, draw,
      say: (path, values) => speak(words, language, `evaluation.${path}`, values),
      audience: (name) => speak(words, language, `station.audiences.${name}`),
      ask: (what, details = {}) => model.send({ do: what, language, ...details }) };
    const trouble = model.get("trouble")?.[language];
    const focused = el.contains(document.activeElement) ? document.activeElement?.getAttribute("data-key") : null;
    el.replaceChildren(h("div", { class: "station evaluation", lang: language }, choose(view),
      trouble && h("div", { class: "notice bad", role: "alert" }, h("strong", null, `! ${trouble[0]}`), ` ${trouble[1]}`),
      model.get("busy") && h("p", { class: "lead", role: "status" }, view.say("working")),
      model.get("report") && !model.get("busy") && report(view, model.get("report"))));
    const keep = focused && el.querySelector(`[data-key="${focused}"]`);
    if (keep) /** @type {HTMLElement} */ (keep).focus();
  }

  for (const name of ["bundles", "report", "busy", "trouble"]) model.on(`change:${name}`, draw);
  model.on("msg:custom", (message, buffers) => { if (message.file) save(message.file, buffers[0]); });
  const language = new MutationObserver(() => {
    draw();
    if (model.get("report")) model.send({ do: "report", language: root.lang === "en" ? "en" : "id", folders: [...chosen] });
  });
  language.observe(root, { attributes: true, attributeFilter: ["lang"] });
  draw();
  return () => language.disconnect();
}

/** @param {View} view */
function choose(view) {
  const { model, say, ask, chosen, memory, draw, audience } = view;
  const all = model.get("bundles");
  if (!all.length) return h("section", null, h("h2", null, say("none")), h("p", { class: "lead" }, say("none_remedy")));
  const listed = all.filter((one) => (memory.rehearsals || !one.rehearsal) && matches(one, memory.only));
  const filter = h("input", { id: "evaluation-only", type: "search", "data-key": "only", autocomplete: "off", oninput: (event) => { memory.only = event.target.value; draw(); } });
  filter.value = memory.only;
  const go = () => {
    const folders = listed.filter((one) => chosen.has(one.folder)).map((one) => one.folder);
    memory.needed = !folders.length;
    if (folders.length) ask("report", { folders });
    else draw();
  };
  return h("section", { class: "choose" }, h("h2", null, say("choose")),
    h("div", { class: "filters" }, h("div", { class: "field" }, h("label", { for: "evaluation-only" }, say("filter")), filter),
      all.some((one) => one.rehearsal) && check("rehearsals", memory.rehearsals, say("rehearsals"), (on) => { memory.rehearsals = on; draw(); })),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": say("choose") }, h("table", null,
      h("thead", null, h("tr", null, h("td"), ...["held_on", "event", "site", "audience", "joined", "pairs"].map((name) => h("th", { scope: "col" }, say(name))))),
      h("tbody", null, ...listed.map((one) => h("tr", null,
        h("td", null, tick(one, chosen, draw)), h("td", null, one.held_on), h("td", { class: "words" }, one.event || "–"), h("td", { class: "words" }, one.site),
        h("td", null, one.audiences.map(audience).join(", ")), h("td", { class: "number" }, String(one.joined)), h("td", { class: "number" }, String(one.finished))))))),
    memory.needed && h("p", { class: "notice", role: "alert" }, say("pick_one")),
    h("div", { class: "actions" }, h("button", { type: "button", class: "main", "data-key": "show", disabled: model.get("busy"), onclick: go }, say("show"))));
}

/** @param {any} one @param {string} only */
function matches(one, only) {
  const text = `${one.held_on} ${one.event} ${one.site} ${one.code} ${one.audiences.join(" ")}`.toLowerCase();
  return only.toLowerCase().split(/\s+/).every((part) => text.includes(part));
}

/** @param {any} one @param {Set<string>} chosen @param {() => void} draw */
function tick(one, chosen, draw) {
  const input = h("input", { type: "checkbox", "data-key": one.folder, "aria-label": `${one.held_on} ${one.site} ${one.code}`, onchange: (event) => {
    if (event.target.checked) chosen.add(one.folder); else chosen.delete(one.folder);
    draw();
  } });
  input.checked = chosen.has(one.folder);
  return input;
}

/** @param {string} name @param {boolean} on @param {string} label @param {(on: boolean) => void} change */
function check(name, on, label, change) {
  const input = h("input", { type: "checkbox", id: `evaluation-${name}`, "data-key": name, onchange: (event) => change(event.target.checked) });
  input.checked = on;
  return h("div", { class: "tick" }, input, h("label", { for: `evaluation-${name}` }, label));
}

/** @param {View} view @param {any} report */
function report({ say, ask }, { summary, charts, tables }) {
  const list = (title, lines) => lines.length > 0 && h("div", null, h("h3", null, title), h("ul", null, ...lines.map((line) => h("li", null, line))));
  return h("article", { class: "report" },
    h("header", null, h("h2", null, summary.title), h("p", { class: "muted" }, [summary.place, summary.target].filter(Boolean).join(" · "))),
    ...summary.flags.map((line) => h("p", { class: "headline" }, h("b", null, line))),
    h("p", { class: "headline" }, summary.change),
    summary.verdict && h("div", { class: "verdict-box" }, h("p", { class: "big" }, h("span", { "aria-hidden": "true" }, `${summary.verdict_mark} `), h("b", null, summary.verdict)), h("p", null, summary.verdict_text), ...summary.pair.map((line) => h("p", null, line))),
    h("p", null, summary.counted),
    h("div", { class: "lists" }, list(say("understood"), summary.understood), list(say("wrong"), summary.wrong), list(say("next_steps"), summary.next_steps)),
    list(say("unknown"), summary.unknown),
    h("div", { class: "actions", role: "group", "aria-label": say("download") }, h("b", null, `${say("download")}:`), ...FORMATS.map((format) => h("button", { type: "button", class: "plain", "data-key": `file-${format}`, onclick: () => ask("download", { format }) }, format.toUpperCase()))),
    charts.length > 0 && h("h3", null, say("charts")), h("div", { class: "charts" }, ...charts.map(picture)),
    tables.length > 0 && h("h3", null, say("tables")), ...tables.map(table),
    h("p", { class: "muted" }, `${summary.fingerprint} · ${summary.date}`));
}

/** @param {{svg: string, title: string, alt: string}} chart */
function picture({ svg, title, alt }) {
  const address = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  return h("figure", null, h("figcaption", null, title), h("img", { src: address, alt }));
}

/** @param {{title: string, columns: string[], rows: string[][]}} given */
function table({ title, columns, rows }) {
  return h("details", { class: "table" }, h("summary", null, title), h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title },
    h("table", null, h("thead", null, h("tr", null, ...columns.map((name) => h("th", { scope: "col" }, name)))), h("tbody", null, ...rows.map((row) => h("tr", null, ...row.map((cell) => h("td", null, cell))))))));
}

/** Offer a file that the kernel sent as bytes. @param {string} name @param {DataView} bytes */
function save(name, bytes) {
  const type = TYPES[name.split(".").pop() ?? "json"];
  const address = URL.createObjectURL(new Blob([bytes], { type }));
  const link = h("a", { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export default { render };

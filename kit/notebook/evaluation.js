/**
 * The evaluation as an anywidget: what to choose from, reports side by side, and pages beside them.
 *
 * @import { View } from "./evaluating/view"
 * @import { Choice } from "./evaluating/choosing.js"
 */

import { h } from "../page/element.js";
import { say } from "../page/say.js";
import { reports } from "./evaluating/article.js";
import { choose, options } from "./evaluating/choose.js";
import { VIEWS, choiceOf, keepInAddress, onOwnPage, stateOf } from "./evaluating/choosing.js";
import { drop } from "./evaluating/drop.js";
import { items, planned, planning, villages } from "./evaluating/pages.js";
import { keepDrawn, languageOf, troubleNotice, widgetButton } from "./widget.js";
import { WIDGET_WORDS } from "./words.js";

/** @type {Record<string, string>} */
const TYPES = {
  html: "text/html",
  pdf: "application/pdf",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  json: "application/json",
};
const TRAITS = ["bundles", "reports", "page", "table", "busy", "trouble"];

/** @param {{model: any, el: HTMLElement}} given */
function render({ model, el }) {
  const memory = { needed: false, options: false, matched: {}, most: "", plan: {} };
  const state = stateOf(onOwnPage() ? location.search : "", model.get("bundles"));

  /** @type {View["ask"]} */
  const ask = (what, details = {}, buffers = []) =>
    model.send({ do: what, language: languageOf(model), ...details }, undefined, buffers);

  /** @param {() => unknown} change @param {boolean} [quiet] */
  function set(change, quiet = false) {
    change();
    keepInAddress(state);
    if (!quiet) drawn.draw();
  }

  /** @param {Choice[]} choices */
  const showAll = (choices) => ask("reports", { choices });

  function show() {
    const choice = choiceOf(state, model.get("bundles"));
    memory.needed = !choice.sessions.length;
    set(() => (state.shown = !memory.needed));
    if (!memory.needed) showAll([...state.beside, choice]);
  }

  /** Ask for what a page shows. @param {string} name */
  function fill(name) {
    const choice = choiceOf(state, model.get("bundles"));
    if (name === "villages") ask("villages", { sample: state.sample });
    if (name === "items" && choice.sessions.length) ask("items", { choice });
    if (name === "planning") ask("planning", { choice: planned({ model }) });
  }

  /** @param {string} name */
  function go(name) {
    memory.needed = false;
    set(() => (state.view = name));
    fill(name);
  }

  /** @param {"id" | "en"} language */
  function draw(language) {
    /** @type {View} */
    const view = {
      model,
      state,
      memory,
      ask,
      set,
      show,
      showAll,
      go,
      all: model.get("bundles"),
      busy: model.get("busy"),
      say: (path, values) => say(WIDGET_WORDS, language, path, values),
    };
    return h(
      "div",
      { class: "station evaluation", lang: language },
      tabs(view),
      ...content(view),
      troubleNotice(model, language),
      view.busy && h("p", { class: "lead working", role: "status" }, view.say("evaluation.working")),
      state.view === "report" && reports(view),
    );
  }

  /** In the other language: the same reports, the same page. */
  const again = () => {
    const shown = model.get("reports").map((/** @type {any} */ one) => one.choice);
    if (shown.length) showAll(shown);
    if (state.view !== "report") fill(state.view);
  };
  const drawn = keepDrawn({ model, el, traits: TRAITS, draw }, again);
  model.on("msg:custom", (/** @type {any} */ message, /** @type {DataView[]} */ buffers) => {
    if (message.file) save(message.file, buffers[0]);
  });
  if (state.shown && !model.get("reports").length) show();
  else if (state.view !== "report") fill(state.view);
  else model.send({ do: "hello" });
  return drawn.stop;
}

/** @param {View} view */
function tabs({ say: words, state, go }) {
  const buttons = VIEWS.map((name) => {
    const button = widgetButton(`view-${name}`, words(`evaluation.view_${name}`), () => go(name), "tab");
    if (state.view === name) button.setAttribute("aria-current", "page");
    return button;
  });
  return h("nav", { class: "tabs", "aria-label": words("evaluation.views") }, ...buttons);
}

/** @param {View} view */
function content(view) {
  if (view.state.view === "villages") return [villages(view)];
  if (view.state.view === "items") return [items(view)];
  if (view.state.view === "planning") return [planning(view)];
  if (view.state.view === "table") return [drop(view)];
  return [choose(view), view.all.length > 0 && options(view)];
}

/** Offer a file that the kernel sent as bytes. @param {string} name @param {DataView} bytes */
function save(name, bytes) {
  const type = TYPES[name.split(".").pop() ?? "json"];
  const address = URL.createObjectURL(new Blob([/** @type {any} */ (bytes)], { type }));
  const link = h("a", { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export default { render };

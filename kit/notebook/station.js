// @ts-check
/** A station of the hall as an anywidget: draws what the kernel knows of the session, asks the kernel to move it. */

import { h, speak } from "./dom.js";
import { drawClose, drawLobby, drawPoll, drawResults, drawWave } from "./stations.js";
import { drawFollowup } from "./followup.js";
import { drawOpen } from "./open.js";

/**
 * @typedef {object} View
 * @property {any} model
 * @property {string} kind
 * @property {any} options
 * @property {any} live the session as the service tells it, or null
 * @property {"id" | "en"} language
 * @property {boolean} busy
 * @property {(path: string, values?: {[name: string]: any}) => string} say
 * @property {(what: string, details?: object) => void} ask
 * @property {(key: string, question: string, label: string, act: () => void, look?: string) => HTMLElement} sure
 * @property {{[key: string]: any}} memory what must outlive a redraw: form fields, an open question
 * @property {() => void} redraw
 */

/** @type {{[kind: string]: (view: View) => (Node | null | false)[]}} */
const DRAW = { open: drawOpen, lobby: drawLobby, wave: drawWave, poll: drawPoll, results: drawResults, close: drawClose, followup: drawFollowup, trouble: () => [] };
const NEEDS_SESSION = ["lobby", "wave", "poll", "results", "close"];

/** @param {{model: any, el: HTMLElement}} given */
function render({ model, el }) {
  const root = document.documentElement;
  const memory = {};
  let shown = "";
  el.classList.add("station-root", `station-${model.get("kind")}`);

  /** @returns {View} */
  function view() {
    const language = root.lang === "en" || root.lang === "id" ? root.lang : model.get("language");
    const say = (path, values) => speak(model.get("words"), language, path.startsWith("stages.") ? path : `station.${path}`, values);
    const ask = (what, details = {}) => { memory.asking = null; model.send({ do: what, language, ...details }); };
    return { model, kind: model.get("kind"), options: model.get("options"), live: model.get("live"), language, busy: model.get("busy"), say, ask,
      sure: (key, question, label, act, look = "") => sure(key, question, label, act, look), memory, redraw: draw };
  }

  /** A button that asks before it acts, in its own place: a dialog of the browser would leave full screen.
   * @param {string} key @param {string} question @param {string} label @param {() => void} act @param {string} look */
  function sure(key, question, label, act, look) {
    const { say, busy } = view();
    if (memory.asking !== key) {
      return h("button", { type: "button", class: look || "main", "data-key": key, disabled: busy, onclick: () => { memory.asking = key; draw(); el.querySelector(`[data-key="${key}-yes"]`)?.focus(); } }, label);
    }
    return h("div", { class: "sure", role: "group", "aria-label": question }, h("p", null, question),
      h("button", { type: "button", class: "main", "data-key": `${key}-yes`, disabled: busy, onclick: act }, say("yes")),
      h("button", { type: "button", class: "plain", "data-key": `${key}-no`, onclick: () => { memory.asking = null; draw(); } }, say("cancel")));
  }

  function draw() {
    const now = view();
    const main = NEEDS_SESSION.includes(now.kind) && !now.live ? noSession(now) : DRAW[now.kind](now);
    const next = h("div", { class: "station" }, ...notices(now, model), ...main.filter(Boolean));
    const html = next.innerHTML.replace(/\bitem-\d+\b/g, ""); // ids that are new at every drawing
    if (html === shown) return;
    shown = html;
    const focused = el.contains(document.activeElement) ? document.activeElement?.getAttribute("data-key") : null;
    el.replaceChildren(next);
    if (focused) /** @type {HTMLElement | null} */ (el.querySelector(`[data-key="${focused}"]`))?.focus();
  }

  const listen = ["live", "resumable", "qr", "reveal", "reachable", "busy", "trouble", "options"];
  listen.forEach((name) => model.on(`change:${name}`, draw));
  model.on("msg:custom", (message) => { if (message.beat) window.dispatchEvent(new CustomEvent("kit:beat")); });
  const language = new MutationObserver(draw);
  language.observe(root, { attributes: true, attributeFilter: ["lang"] });
  resume(model);
  draw();
  window.dispatchEvent(new CustomEvent("kit:beat")); // from now on silence means a lost kernel
  return () => language.disconnect();
}

/** The address names the session, after a reload too: go on with it. @param {any} model */
function resume(model) {
  if (!["open", "followup"].includes(model.get("kind")) || model.get("live")) return;
  const code = new URLSearchParams(location.search).get("session");
  if (code) model.send({ do: "attach", code });
}

/** @param {View} view */
function noSession({ say }) {
  return [h("h2", null, say("no_session")), h("p", { class: "lead" }, say("no_session_remedy"))];
}

/** @param {View} view @param {any} model */
function notices({ say, live, language }, model) {
  const trouble = model.get("trouble")?.[language];
  return [
    live?.rehearsal && h("p", { class: "rehearsal" }, say("rehearsal")),
    !model.get("reachable") && h("div", { class: "notice", role: "alert" }, h("strong", null, `… ${say("service_lost")}`), ` ${say("service_lost_remedy")}`),
    live?.alarm && h("div", { class: "notice bad", role: "alert" }, h("strong", null, say("alarm", { alarm: live.alarm }))),
    trouble && h("div", { class: "notice bad", role: "alert" }, h("strong", null, `! ${trouble[0]}`), ` ${trouble[1]}`),
  ].filter(Boolean);
}

export default { render };

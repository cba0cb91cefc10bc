/**
 * A station of the hall as an anywidget: draws what the kernel knows of the session, asks the kernel to move it.
 *
 * @import { Draw, View } from "./types"
 */

import { h } from "../../page/element.js";
import { say } from "../../page/say.js";
import { focusOn, keepDrawn, newKey, passBeats, troubleNotice, widgetButton } from "../widget.js";
import { WIDGET_WORDS } from "../words.js";
import { drawClose } from "./close.js";
import { drawFollowup } from "./followup.js";
import { drawLobby } from "./lobby.js";
import { drawOpen } from "./open.js";
import { drawPoll } from "./poll.js";
import { drawPractice } from "./practice.js";
import { drawPreview } from "./preview.js";
import { drawResults } from "./results.js";
import { followRemote } from "./remote.js";
import { keepStrip } from "./strip.js";
import { drawWave } from "./wave.js";

/** @type {Record<string, Draw>} */
const DRAW = {
  open: drawOpen,
  lobby: drawLobby,
  wave: drawWave,
  poll: drawPoll,
  practice: drawPractice,
  results: drawResults,
  close: drawClose,
  followup: drawFollowup,
  trouble: () => [],
};
const NEEDS_SESSION = ["lobby", "wave", "poll", "practice", "results", "close"];
/** One of these is in every deck: it draws for all of it what runs. */
const LEADS = ["open", "followup"];
/** Asked once more within this time is the same request. */
const SAME = 1500;
const TRAITS = ["live", "resumable", "places", "qr", "reveal", "reachable", "busy", "trouble", "options"];

/** @param {{model: any, el: HTMLElement}} given */
function render({ model, el }) {
  /** @type {Record<string, any>} */
  const memory = {};
  let shown = "";
  let told = "null";
  let asked = { words: "", at: -SAME };
  el.classList.add("station-root", `station-${model.get("kind")}`);
  el.dataset.runs = runsOf(model);

  /** @param {"id" | "en"} language @returns {View} */
  function viewIn(language) {
    /** @type {View["say"]} */
    const words = (path, values) => {
      const area = /^(stages|audiences)\./.test(path) ? path : `station.${path}`;
      return say(WIDGET_WORDS, language, area, values);
    };
    const busy = model.get("busy");
    return {
      model,
      kind: model.get("kind"),
      options: model.get("options"),
      live: model.get("live"),
      language,
      busy,
      say: words,
      ask: (what, details = {}) => {
        memory.asking = null;
        const words = JSON.stringify([what, details]);
        if (asked.words === words && performance.now() - asked.at < SAME) return;
        asked = { words, at: performance.now() };
        model.send({ do: what, language, key: newKey(), ...details });
      },
      sure: (key, question, label, act, look = "main") => {
        if (memory.asking === key) return askedHere({ key, question, act, busy, say: words });
        const askFirst = () => {
          memory.asking = key;
          drawn.draw();
          focusOn(el, `${key}-yes`);
        };
        return widgetButton(key, label, askFirst, look, busy);
      },
      memory,
      redraw: () => drawn.draw(),
    };
  }

  /**
   * Asked in its own place: a dialog of the browser would leave full screen.
   * @param {{key: string, question: string, act: () => void, busy: boolean, say: View["say"]}} given
   */
  function askedHere({ key, question, act, busy, say: words }) {
    const cancel = () => {
      memory.asking = null;
      drawn.draw();
    };
    return h(
      "div",
      { class: "sure", role: "group", "aria-label": question },
      h("p", null, question),
      widgetButton(`${key}-yes`, words("yes"), act, "main", busy),
      widgetButton(`${key}-no`, words("cancel"), cancel, "plain"),
    );
  }

  /** @param {"id" | "en"} language */
  function draw(language) {
    // What came to nothing may be asked again at once.
    if (model.get("trouble")) asked = { words: "", at: -SAME };
    const view = viewIn(language);
    const parts = NEEDS_SESSION.includes(view.kind) && !view.live ? drawPreview(view) : DRAW[view.kind](view);
    const next = h("div", { class: "station" }, ...notices(view), ...parts.filter(Boolean));
    // Ids that are new at every drawing, and buttons that wait for a moment: a redraw would lose a click.
    const html = next.innerHTML.replace(/\bitem-\d+\b| aria-disabled="true"/g, "");
    if (html === shown) return null;
    shown = html;
    const trouble = JSON.stringify(model.get("trouble") ?? null);
    // A long form is scrolled down where its button is: what is said stands at its head.
    if (trouble !== told) setTimeout(() => el.querySelector(".notice.bad")?.scrollIntoView({ block: "nearest" }));
    told = trouble;
    setTimeout(() => window.dispatchEvent(new CustomEvent("kit:drawn")));
    return next;
  }

  resume(model);
  const drawn = keepDrawn({ model, el, traits: TRAITS, draw });
  passBeats(model);
  const leads = LEADS.includes(model.get("kind"));
  const stops = leads ? [keepStrip(model, viewIn), followRemote(model)] : [];
  return () => {
    stops.forEach((stop) => stop());
    drawn.stop();
  };
}

/** The stage that a station is there for. @param {any} model @returns {string} */
function runsOf(model) {
  const { wave, item } = model.get("options");
  const kind = model.get("kind");
  if (kind === "poll") return `poll:${item.id.item_id}`;
  return wave ?? (kind === "close" ? "closed" : kind);
}

/** The address names the session, after a reload too: go on with it. @param {any} model */
function resume(model) {
  if (!["open", "followup"].includes(model.get("kind")) || model.get("live")) return;
  const code = new URLSearchParams(location.search).get("session");
  if (code) model.send({ do: "attach", code });
}

/** @type {Draw} */
function notices({ model, say: words, live, language }) {
  const lost = [h("strong", null, `… ${words("service_lost")}`), ` ${words("service_lost_remedy")}`];
  const alarm = live?.alarm && h("strong", null, words("alarm", { alarm: live.alarm }));
  return [
    live?.rehearsal && h("p", { class: "rehearsal" }, words("rehearsal")),
    !model.get("reachable") && h("div", { class: "notice", role: "alert" }, ...lost),
    alarm && h("div", { class: "notice bad", role: "alert" }, alarm),
    live?.guessed && h("div", { class: "notice", role: "alert" }, words("guessed")),
    troubleNotice(model, language),
  ].filter(Boolean);
}

/** @type {any} */ (window).kitStation = render;
window.dispatchEvent(new Event("kit:station"));

export default { render };

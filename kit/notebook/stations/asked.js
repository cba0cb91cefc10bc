/**
 * The question from the room that the officer has put on the projector: over any slide, as text, until it is taken
 * away here or in the notes window.
 *
 * @import { View } from "./types"
 */

import { h } from "../../page/element.js";
import { widgetButton } from "../widget.js";

/** Show it, or take it away; the deck tells the notes window whose questions it is to list. @param {View} view */
export function drawAsked({ live, say, ask, busy }) {
  if (!document.getElementById("strip")) return;
  document.body.dataset.session = live?.code ?? "";
  const text = live?.questions?.shown ?? "";
  const there = document.getElementById("asked");
  const label = say("strip.asked");
  const drawn = JSON.stringify([text, label, busy]);
  if (!text) there?.remove();
  if (!text || there?.dataset.drawn === drawn) return;
  const words = h("div", { class: "words", role: "status" }, h("p", { class: "muted" }, label), h("p", null, text));
  const done = widgetButton("asked-done", say("strip.asked_done"), () => ask("question_answered"), "main", busy);
  const box = h("section", { id: "asked", class: "station", "aria-label": label, "data-drawn": drawn }, words, done);
  if (there) there.replaceWith(box);
  else document.body.append(box);
}

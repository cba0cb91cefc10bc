/**
 * An item with a list of options, to be answered.
 *
 * @import { ItemView, Option } from "../types"
 */

import { h } from "../element.js";
import { STUDY } from "../study.js";
import { hintLine, saving, tellDraft, toggle } from "./draft.js";
import { marker } from "./marker.js";
import { scene } from "./scene.js";

/** @param {ItemView} view */
export function askedParts(view) {
  const { item, words } = view;
  const several = Boolean(item.several) || STUDY.kinds[item.kind].several;
  const hint = hintLine();
  const rows = item.options.map((option, index) => optionRow(view, option, index, several));
  const list = h(
    "div",
    { class: `options options-${item.kind}` },
    rows.map((row) => row.label),
  );
  // The scenario is part of the group, so that the options can stay at the lower edge while it is read.
  const group = h(
    "div",
    { role: "group", "aria-labelledby": `${view.id}-stem` },
    scene(view),
    h("p", { class: "stem", id: `${view.id}-stem` }, item.stem),
    several && h("p", { class: "aside" }, words.several),
    list,
  );
  list.addEventListener("change", (/** @type {any} */ { target }) => {
    if (!several) {
      view.onChoice([target.value]);
      return;
    }
    toggle(view, target.value);
    for (const { input } of rows) input.checked = view.draft.has(input.value);
    tellDraft(view, hint);
  });
  return [group, ...(several ? saving(view, hint) : [])];
}

/**
 * @param {ItemView} view
 * @param {Option} option
 * @param {number} index
 * @param {boolean} several
 */
function optionRow(view, { option_id, text }, index, several) {
  const input = h("input", {
    type: several ? "checkbox" : "radio",
    name: view.id,
    value: option_id,
    checked: view.draft.has(option_id),
  });
  // A statement of attitude has degrees, not options to be named by a letter.
  const mark = STUDY.kinds[view.item.kind].scored
    ? marker(index, option_id)
    : h("span", { class: "ring", "aria-hidden": "true" });
  const face = h(
    "span",
    { class: "face" },
    mark,
    h("span", { class: "words" }, text),
    h("span", { class: "tick", "aria-hidden": "true" }, "✓"),
  );
  const look = option_id === STUDY.unsure ? "option option-unsure" : "option";
  return { input, label: h("label", { class: look }, input, face) };
}

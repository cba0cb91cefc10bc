/**
 * A selection of several options: not yet the answer until it is saved.
 *
 * @import { ItemView } from "../types"
 */

import { h } from "../element.js";
import { STUDY } from "../study.js";

/**
 * Put an option into the selection or take it out; "don't know" stands alone.
 * @param {ItemView} view
 * @param {string} optionId
 */
export function toggle(view, optionId) {
  const { draft } = view;
  if (draft.delete(optionId)) return;
  if (optionId === STUDY.unsure) draft.clear();
  draft.delete(STUDY.unsure);
  draft.add(optionId);
}

/**
 * The save button and the line under it that says what is not saved yet.
 * @param {ItemView} view
 * @param {HTMLElement} hint
 */
export function saving(view, hint) {
  const save = () => {
    if (!view.draft.size) {
      const { scored } = STUDY.kinds[view.item.kind];
      hint.textContent = scored ? view.words.choose_first : view.words.choose_one;
      return false;
    }
    view.choice = view.item.options.map((option) => option.option_id).filter((id) => view.draft.has(id));
    tellDraft(view, hint);
    view.onChoice(view.choice);
    return true;
  };
  view.commit = () => isDirty(view) && view.draft.size > 0 && save();
  const button = h("button", { type: "button", class: "button", onclick: save }, view.words.save);
  return [h("p", { class: "save-row" }, button), hint];
}

/**
 * @param {ItemView} view
 * @param {HTMLElement} hint
 */
export function tellDraft(view, hint) {
  const unsaved = isDirty(view) && view.draft.size > 0;
  hint.textContent = unsaved ? view.words.unsaved : "";
  view.onDraft(unsaved);
}

/** The line that `tellDraft` writes to. */
export function hintLine() {
  return h("p", { class: "hint", role: "status" });
}

/** @param {ItemView} view */
function isDirty(view) {
  return view.draft.size !== view.choice.length || view.choice.some((id) => !view.draft.has(id));
}

/**
 * One item, drawn: scenario, stem, options; afterwards key, rationale and the split of a room.
 *
 * No network, no page state: the participant page, the kiosk and the poll widgets share these modules.
 * Syntax floor: Chrome 80 (February 2020). Styles: page.css under `.kit`, tokens from theme.css.
 *
 * @import { Drawing, ItemView } from "../types"
 */

import { STUDY } from "../study.js";
import { askedParts } from "./asked.js";
import { shownParts } from "./shown.js";
import { spotParts } from "./spot.js";
import { ITEM_WORDS } from "./words.js";

let drawn = 0; // makes ids unique when several items stand on one page

/**
 * Draw one item into `root`.
 * @param {HTMLElement} root
 * @param {Drawing} drawing
 * @returns {{commit: () => boolean}} `commit` saves a selection that waits for its save button
 */
export function renderItem(root, drawing) {
  drawn += 1;
  const choice = drawing.choice || [];
  /** @type {ItemView} */
  const view = {
    item: drawing.item,
    choice,
    language: drawing.language || "id",
    onChoice: drawing.onChoice || ignore,
    onDraft: drawing.onDraft || ignore,
    asset: drawing.asset || fromTheService,
    readOnly: Boolean(drawing.readOnly),
    feedback: drawing.feedback || null,
    split: drawing.split || null,
    words: ITEM_WORDS[drawing.language || "id"] || ITEM_WORDS.id,
    id: `item-${drawn}`,
    draft: new Set(choice),
    commit: () => false,
  };
  root.textContent = "";
  root.classList.add("kit");
  root.append(...parts(view).filter(Boolean));
  return { commit: () => view.commit() };
}

/** @param {ItemView} view */
function parts(view) {
  if (view.feedback || view.split || view.readOnly) return shownParts(view);
  return STUDY.kinds[view.item.kind].phrases ? spotParts(view) : askedParts(view);
}

function ignore() {}

/** @param {string} name */
function fromTheService(name) {
  return `/images/${encodeURIComponent(name)}`;
}

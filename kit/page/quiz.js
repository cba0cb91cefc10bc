/** An item as an anywidget: traits item, choice, language, read_only, feedback, split and assets {name: address}. */

import { h } from "./element.js";
import { renderItem } from "./item/item.js";

const TRAITS = ["item", "language", "read_only", "feedback", "split", "assets"];

/** @param {{model: any, el: HTMLElement}} given */
function render({ model, el }) {
  const root = h("div");
  const draw = () => {
    const item = model.get("item");
    root.textContent = "";
    if (item && item.item_id) renderItem(root, drawingOf(model));
  };
  for (const trait of TRAITS) model.on(`change:${trait}`, draw);
  el.append(root);
  draw();
  return () => TRAITS.forEach((trait) => model.off(`change:${trait}`, draw));
}

/** @param {any} model */
function drawingOf(model) {
  const assets = model.get("assets");
  return {
    item: model.get("item"),
    choice: model.get("choice") || [],
    language: model.get("language"),
    readOnly: model.get("read_only"),
    feedback: model.get("feedback"),
    split: model.get("split"),
    ...(assets ? { asset: (/** @type {string} */ name) => assets[name] || "" } : {}),
    onChoice: (/** @type {string[]} */ choice) => {
      model.set("choice", choice);
      model.save_changes();
    },
  };
}

export default { render };

/** Other tabs of the same phone: who they joined as and what they answered is true here too. */

import { outbox } from "../link/outbox.js";
import { hooks, page, recall } from "../link/page.js";
import { view, way } from "../screens/frame.js";

/** @param {StorageEvent} event */
export function hearOtherTab({ key, newValue, oldValue }) {
  if (!key || !page.code) return;
  if (key === `kit.me/${page.code}`) {
    Object.assign(page, { me: recall(page.code), wave: null });
    way.route();
  }
  if (!page.me || !page.wave || !key.startsWith(outbox.prefix("out"))) return;
  const [wave, item] = key.slice(outbox.prefix("out").length).split("/");
  if (wave !== page.wave.wave) return;
  if (!item) {
    page.wave = null;
    way.route();
    return;
  }
  takeAnswer(item, JSON.parse(newValue || oldValue || "{}"));
  hooks.changed();
}

/**
 * @param {string} item
 * @param {import("../types").Response} answer
 */
function takeAnswer(item, { choice, seq }) {
  if (!page.wave) return;
  const known = page.wave.responses[item];
  if (!seq || (known && known.seq >= seq)) return;
  page.wave.responses[item] = { choice, seq };
  if (view.redrawItem) view.redrawItem(item);
}

/** The keys of the deck, on a page of their own. */

const KEYS = [
  ["→ PageDown Spasi", "deck.next_act"],
  ["Shift + →", "deck.on"],
  ["← PageUp", "deck.back"],
  ["Home / End", "deck.ends"],
  ["F", "deck.full"],
  ["D", "deck.theme"],
  ["N", "deck.notes"],
  ["L", "deck.language"],
  ["B", "deck.blank"],
  ["?", "deck.help"],
];

/**
 * @param {(tag: string, attributes?: any, ...children: any[]) => HTMLElement} element
 * @param {(path: string) => string} say
 * @returns {HTMLDialogElement}
 */
export function openHelpWith(element, say) {
  const rows = KEYS.flatMap(([keys, what]) => [
    element("dt", {}, element("kbd", {}, keys)),
    element("dd", {}, say(what)),
  ]);
  const look = { class: "help", "aria-labelledby": "help-title" };
  const title = element("h2", { id: "help-title" }, say("deck.help"));
  const close = element("button", { type: "button", onclick: () => box.close() }, say("deck.close_help"));
  const box = /** @type {HTMLDialogElement} */ (element("dialog", look, title, element("dl", {}, ...rows), close));
  box.addEventListener("close", () => box.remove());
  return box;
}

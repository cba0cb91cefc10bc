/** How an offer reaches people, as one small line drawing each. */

const LINES = {
  whatsapp: "M4 5h16v11H10l-5 4v-4H4z",
  telegram: "M21 4 3 11l6 2 2 6 3-4 5 3zM9 13l8-6",
  instagram: "M4 7h4l2-3h4l2 3h4v12H4zM12 10a3 3 0 1 0 .1 0z",
  facebook: "M4 4h16v16H4zM16 9h-1c-2 0-2 1-2 2v9M10 13h6",
  tiktok: "M14 4v11a4 4 0 1 1-4-4M14 4c0 3 2 5 5 5",
  marketplace: "M4 10v10h16V10M3 10l2-6h14l2 6zM9 20v-6h6v6",
  email: "M3 6h18v13H3zM3 7l9 7 9-7",
  poster: "M5 3h14v14H5zM8 7h8M8 11h5M12 17v5",
  talk: "M3 4h11v8H8l-3 3v-3H3zM18 9h3v8h-2v3l-3-3h-5v-2",
  document: "M6 3h9l4 4v14H6zM9 11h7M9 15h7",
};

/**
 * An element of a drawing.
 * @param {string} tag
 * @param {Record<string, any>} looks
 * @param {...(Node | false)} inside
 */
export function svgPart(tag, looks, ...inside) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(looks)) element.setAttribute(name, String(value));
  for (const part of inside) if (part) element.append(part);
  return element;
}

/**
 * The drawing of a channel; none for a channel that has none.
 * @param {string} channel
 */
export function channelIcon(channel) {
  const d = /** @type {Record<string, string>} */ (LINES)[channel];
  const looks = { class: "channel", viewBox: "0 0 24 24", "aria-hidden": "true" };
  return d ? svgPart("svg", looks, svgPart("path", { d })) : null;
}

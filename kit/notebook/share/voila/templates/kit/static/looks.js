/** How a slide looks, drawn small in the notes window with the deck's own style sheets. */

const WIDE = 1280;
const OWN = ["theme.css", "page.css", "widgets.css"].map((name) => `kit/assets/${name}`);
const DECKS = ["deck.css", "looks.css"].map((name) => `voila/templates/kit/static/${name}`);

/**
 * @param {HTMLElement} box
 * @param {string} base
 * @returns {(html: string) => void} draw another slide
 */
export function keepLook(box, base) {
  const root = box.attachShadow({ mode: "open" });
  for (const name of [...OWN, ...DECKS]) {
    const link = document.createElement("link");
    Object.assign(link, { rel: "stylesheet", href: base + name });
    root.append(link);
  }
  const field = document.createElement("div");
  field.className = "deck slides";
  field.inert = true;
  root.append(field);
  const scale = () => {
    field.style.transform = `scale(${box.clientWidth / WIDE})`;
  };
  new ResizeObserver(scale).observe(box);
  return (html) => {
    box.hidden = !html;
    // Made by the deck on this laptop from its own slides; no script in it would run.
    field.innerHTML = html;
    scale();
  };
}

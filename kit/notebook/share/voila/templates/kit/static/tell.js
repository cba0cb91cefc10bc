/**
 * What the deck tells of itself: to the notes window how this slide and the next one look, to the stations, and
 * through them to the officer's remote, what the slide is called. The notes window may turn the deck.
 *
 * @typedef {{slides: HTMLElement[], told: HTMLElement[], at: HTMLElement | undefined, minutes: number}} Where
 * @typedef {{notebook: string, session: () => string, where: () => Where, move: (step: number) => void,
 *   act: () => void}} Deck
 */

/** Stations redraw about once a second: often enough for a second window. */
const PAUSE = 400;

/** What a slide is called in the language of the page. @param {HTMLElement | undefined} slide */
export function titleOf(slide) {
  const headings = /** @type {HTMLElement[]} */ ([...(slide?.querySelectorAll("h1, h2, h3") ?? [])]);
  const { lang } = document.documentElement;
  const shown = headings.find((one) => (one.closest(".content [lang]")?.getAttribute("lang") ?? lang) === lang);
  return (shown ?? headings[0])?.textContent?.trim().slice(0, 300) ?? "";
}

/**
 * A slide as it looks, without what only works in place: ids, scripts, the English or the Indonesian half.
 * @param {HTMLElement | undefined} slide
 */
function lookOf(slide) {
  if (!slide) return "";
  const copy = /** @type {HTMLElement} */ (slide.cloneNode(true));
  copy.hidden = false;
  const other = document.documentElement.lang === "en" ? "id" : "en";
  for (const one of copy.querySelectorAll(`script, style, [lang="${other}"]`)) one.remove();
  for (const one of copy.querySelectorAll("[id], [for], [data-next]"))
    for (const name of ["id", "for", "data-next"]) one.removeAttribute(name);
  return copy.outerHTML;
}

/** @param {Deck} deck @returns {() => void} to be called when another slide is on the screen */
export function keepTelling({ notebook, session, where, move, act }) {
  const channel = "BroadcastChannel" in window ? new BroadcastChannel(`kit-deck-${notebook}`) : null;
  let sent = "";
  let timer = 0;

  function tellNotes() {
    const { told, at, minutes } = where();
    if (!at || !channel) return;
    const place = told.indexOf(at);
    const rest = told.slice(place + 1);
    const keys = rest.map((slide) => slide.dataset.key);
    const words = { at: at.dataset.key, number: place + 1, of: told.length, next: keys[0], rest: keys, minutes };
    channel.postMessage(words);
    const looks = JSON.stringify([lookOf(at), lookOf(rest[0])]);
    if (looks !== sent) channel.postMessage({ looks: JSON.parse(looks) });
    sent = looks;
  }

  /** Soon, and not for every redraw. */
  function soon() {
    clearTimeout(timer);
    timer = window.setTimeout(tellNotes, PAUSE);
  }

  function tell() {
    const { told, at } = where();
    if (!at) return;
    const place = told.indexOf(at);
    const runs = /** @type {?HTMLElement} */ (at.querySelector("[data-runs]"))?.dataset.runs ?? "";
    const titles = { title: titleOf(at), next: titleOf(told[place + 1]) };
    const slide = { number: place + 1, of: told.length, runs, ...titles };
    window.dispatchEvent(new CustomEvent("kit:slide", { detail: { key: at.dataset.key, slide } }));
    tellNotes();
  }

  channel?.addEventListener("message", ({ data }) => {
    if (data?.ask) {
      sent = "";
      tellNotes();
    }
    if (data?.who) channel.postMessage({ session: session() });
    if (data?.go) move(data.go);
    if (data?.advance) act();
  });
  window.addEventListener("kit:drawn", soon);
  return tell;
}

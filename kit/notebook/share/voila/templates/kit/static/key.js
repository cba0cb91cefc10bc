/**
 * One key: the next right thing of the slide on the screen, else the next slide.
 *
 * A station marks its next button with `data-next`; `turn` there means that the slide is done with it.
 */

/** A second press within this time is the same press: of a tired hand, or of a remote that bounces. */
const MOMENT = 900;
let acted = -MOMENT;
let turned = -MOMENT;

/** What the key would press now. @param {HTMLElement} slide @returns {?HTMLButtonElement} */
export function nextButton(slide) {
  return document.querySelector("#strip [data-next]") ?? slide.querySelector(".station [data-next]");
}

/**
 * Do it, or turn; a moment after an act nothing happens, and a moment after turning nothing is acted.
 * @param {HTMLElement} slide
 * @param {() => void} turn
 * @param {boolean} held the key has been down for a while
 */
export function advance(slide, turn, held) {
  const now = performance.now();
  if (now - acted < MOMENT) return;
  const button = nextButton(slide);
  const left = document.getElementById("strip")?.dataset.left;
  if (!button && !(left && !slide.querySelector(`[data-runs="${left}"]`))) {
    turned = now;
    turn();
    return;
  }
  if (held || now - turned < MOMENT || button?.disabled || button?.ariaDisabled === "true") return;
  acted = now;
  if (!button) {
    window.dispatchEvent(new CustomEvent("kit:leave"));
    return;
  }
  const done = button.dataset.next === "turn";
  button.click();
  if (done) turn();
}

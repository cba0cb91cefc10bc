/** The open wave, item by item, and the waiting between the waves. */

import { h } from "../element.js";
import { planCard } from "../item/plan.js";
import { call } from "../link/call.js";
import { keep } from "../link/keep.js";
import { outbox } from "../link/outbox.js";
import { hooks, page } from "../link/page.js";
import { persist, spread } from "../link/persist.js";
import { opening } from "./door.js";
import { codeCard, drawing, show, showStatus, strip, t, view, way } from "./frame.js";
import { oneItem } from "./one_item.js";

/**
 * Between the waves: look to the front.
 * @param {string} stage `lobby` or `lesson`
 */
export function waiting(stage) {
  const { late } = outbox.count();
  show(
    stage,
    drawing(stage === "lobby" ? "screen" : "rest"),
    h("h1", null, t(`${stage}.title`)),
    h("p", { class: "lead" }, t(`${stage}.text`)),
    late > 0 && strip(t("unsent", { n: late }), "warn"),
    codeCard(),
  );
  view.refresh = () => {
    if (outbox.count().late !== late) waiting(stage);
  };
}

/**
 * Where this person is in a wave, kept over a reload: an item's number from 0, `check` or `done`.
 * @param {string} wave
 */
export function placeKey(wave) {
  return `${outbox.prefix("at")}${wave}`;
}

/**
 * Go to a place of the open wave and stay there over a reload.
 * @param {number | string} place
 */
export function goTo(place) {
  if (page.wave) keep.set(placeKey(page.wave.wave), place);
  way.route();
}

/**
 * Items and own answers of the open wave, unconfirmed ones included.
 * @param {string} wave
 * @param {() => boolean} alive
 * @returns {Promise<import("../types").Wave>}
 */
export async function fetchWave(wave, alive) {
  const slow = setTimeout(() => {
    if (!alive()) return;
    opening();
    view.again = way.route;
  }, 800);
  try {
    await spread();
    for (;;) {
      const { confirmed } = outbox;
      const got = await persist(() => call("GET", `/waves/${wave}?language=${page.language}`), alive);
      // An answer that was confirmed meanwhile may be missing here, and nothing waits any more that could show it.
      if (confirmed !== outbox.confirmed) continue;
      outbox.merge(got);
      return { ...got, language: page.language };
    }
  } finally {
    clearTimeout(slow);
  }
}

/**
 * One item of the open wave.
 * @param {number} index
 */
export function itemScreen(index) {
  if (!page.wave) return;
  const { wave, items } = page.wave;
  const at = Math.min(items.length - 1, index);
  const item = items[at];
  const known = () => (page.wave ? page.wave.responses[item.item_id] : undefined);
  const choice = () => (known() || { choice: [] }).choice;
  let unsaved = false;
  /** @param {number | string} place */
  const leaveFor = (place) => {
    drawn.quiz.commit();
    goTo(place);
  };
  const drawn = oneItem({
    item,
    choice: choice(),
    language: page.language,
    wave,
    number: at + 1,
    of: items.length,
    say: t,
    onChoice: (chosen) => outbox.answer(wave, item.item_id, chosen),
    onDraft: (waits) => {
      unsaved = waits;
      hooks.changed();
    },
    onNext: () => leaveFor(at + 1 < items.length ? at + 1 : "check"),
    onBack: at > 0 ? () => leaveFor(at - 1) : null,
  });
  view.again = way.route;
  const [top, progress, ...rest] = drawn.parts;
  show(`${wave}/${item.item_id}`, top, progress, at === 0 && planCard(page.wave.plan, t), ...rest);
  view.redrawItem = (itemId) => {
    if (itemId !== item.item_id) return;
    unsaved = false;
    drawn.draw(choice());
  };
  view.refresh = () => {
    if (!page.wave) return;
    const answered = Boolean(known());
    drawn.next.textContent = t(wordOn(unsaved, answered, at + 1 === items.length));
    drawn.quiz.classList.toggle("answered", answered || unsaved);
    drawn.next.classList.toggle("quiet", !answered && !unsaved);
    drawn.nav.classList.toggle("nav-answered", answered || unsaved); // in sight only then: nobody skips unread options
    showStatus(drawn.status, unsaved ? "" : outbox.status(wave, item.item_id));
  };
  view.refresh();
}

/**
 * What the button that goes on says.
 * @param {boolean} unsaved
 * @param {boolean} answered
 * @param {boolean} last
 */
function wordOn(unsaved, answered, last) {
  if (unsaved) return "item.keep";
  if (!answered) return "item.skip";
  return last ? "item.check" : "next";
}

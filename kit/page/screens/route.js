/** Which screen now: by the session's stage and by what this phone knows of its person. */

import { Problem } from "../link/call.js";
import { fetchState } from "../link/follow.js";
import { keep } from "../link/keep.js";
import { outbox } from "../link/outbox.js";
import { hooks, isForgotten, page } from "../link/page.js";
import { persist } from "../link/persist.js";
import { STUDY } from "../study.js";
import { fetchWave, itemScreen, placeKey, waiting } from "./answering.js";
import { entry, joinScreen, opening } from "./door.js";
import { failed } from "./failed.js";
import { drawOffice, t, tell, view, way } from "./frame.js";
import { byId } from "../element.js";

// Nobody new is admitted once the key may be seen; the follow-up is a wave again.
const SHUT = STUDY.key_stages;
const OVER = SHUT.filter((stage) => !STUDY.waves.includes(stage));

/** The second half of the page, once it has come. @type {?Promise<any>} */
let moreLoading = null;
let moreTries = 0;

/**
 * Fetch the second half; a failed fetch is tried again under a new address, since browsers keep failures.
 * @param {() => boolean} alive
 */
export function loadMore(alive) {
  return persist(() => {
    moreLoading = moreLoading || import(`./more.js${moreTries ? `?again=${moreTries}` : ""}`);
    return moreLoading.catch(() => {
      moreLoading = null;
      moreTries += 1;
      throw new Problem(0);
    });
  }, alive);
}

way.door = async (name, ...given) => {
  view.turn += 1;
  const { turn } = view;
  const more = await loadMore(() => turn === view.turn);
  if (turn === view.turn) more[name](...given);
};

way.route = async () => {
  view.turn += 1;
  const { turn } = view;
  const alive = () => turn === view.turn;
  view.again = way.route;
  if (!page.code) return entry();
  if (!page.state) return opening();
  if (page.me && keep.get(`kit.left/${page.code}`)) return way.door("welcomeBack");
  const stage = page.state.stage.split(":")[0];
  if (!page.me) return atTheDoor(stage);
  if (stage === "lobby" || stage === "lesson") return waiting(stage);
  try {
    return await stageScreen(stage, alive);
  } catch (problem) {
    if (!alive()) return undefined;
    if (!(problem instanceof Problem)) throw problem;
    if (problem.code === "code_elsewhere") return way.door("elsewhere");
    if (problem.code !== "wave_closed") return failed(problem);
    setTimeout(() => fetchState().catch(() => {}), 1000); // the stage has moved on
    return undefined;
  }
};

/** @param {string} stage */
function atTheDoor(stage) {
  if (isForgotten()) return way.door("resume", "unkept");
  if (!SHUT.includes(stage)) return joinScreen();
  return way.door("resume", OVER.includes(stage) ? "over" : stage);
}

/**
 * @param {string} stage
 * @param {() => boolean} alive
 */
async function stageScreen(stage, alive) {
  if (STUDY.waves.includes(stage)) return openWave(stage, alive);
  const more = await loadMore(alive);
  if (!alive()) return undefined;
  if (stage === "practice") return more.practiceScreen(alive);
  return OVER.includes(stage) ? more.resultsScreen(alive) : more.pollScreen(alive);
}

/**
 * @param {string} wave
 * @param {() => boolean} alive
 */
async function openWave(wave, alive) {
  let open = page.wave;
  if (!open || open.wave !== wave || open.language !== page.language) {
    open = await fetchWave(wave, alive);
    if (!alive()) return;
    page.wave = open;
  }
  const finished = open.submitted || outbox.entries(wave).some((waits) => !waits.item);
  const place = keep.get(placeKey(wave)) ?? (finished ? "done" : "0");
  if (/^\d+$/.test(place)) {
    itemScreen(Number(place));
    loadMore(() => false).catch(() => {}); // so that the last item needs no network
    return;
  }
  const more = await loadMore(alive);
  if (alive()) more[place === "check" ? "checkScreen" : "finishedScreen"]();
}

hooks.connection = () => {
  tell(t(page.offline ? "offline" : "online"), page.offline ? "warn" : "good");
  if (!page.offline) silenceIn(3000);
  hooks.changed();
};

hooks.trouble = ({ body }) => {
  tell(body.title ? `${body.title} ${body.detail || ""}` : t("busy"), "warn");
  silenceIn(8000);
};

/** @param {number} ms */
function silenceIn(ms) {
  setTimeout(() => {
    if (!page.offline) tell("");
  }, ms);
}

hooks.state = () => {
  if (!page.state) return;
  byId("rehearsal").hidden = !page.state.rehearsal;
  drawOffice();
  // Somebody at the door (choosing an audience, typing a code) is not disturbed while joining is still possible.
  const choosing = !page.me && page.moved && /^(join|resume)/.test(view.name);
  if (!choosing || SHUT.includes(page.state.stage)) way.route();
};

hooks.unknown = () => {
  const { code } = page;
  Object.assign(page, { code: "", state: null, me: null });
  history.replaceState(null, "", "/");
  entry(t("entry.unknown", { code }), code);
};

hooks.silent = opening;
hooks.failed = failed;

hooks.newer = () => {
  tell(t("newer"), "warn");
  page.wave = null;
  way.route();
};

hooks.incomplete = (wave) => {
  keep.set(placeKey(wave), "check");
  page.wave = null;
  way.route();
};

hooks.stale = (problem) => {
  if (keep.get(`kit.left/${page.code}`)) return;
  if (problem.code === "code_elsewhere") way.door("elsewhere");
  else way.door("resume", problem.code === "stale_token" ? "stale" : "resume");
};

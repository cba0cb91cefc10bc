/** The item under discussion; at `reveal` own choice and the room's split, the key stays on the projector. */

import { h } from "../element.js";
import { outbox } from "../link/outbox.js";
import { page } from "../link/page.js";
import { fetchWave } from "../screens/answering.js";
import { show, showStatus, strip, t, view } from "../screens/frame.js";

/** @param {() => boolean} alive */
export async function pollScreen(alive) {
  const stage = page.state ? page.state.stage : "";
  const revealed = stage.startsWith("reveal:");
  const wave = await fetchWave("poll", alive);
  if (!alive()) return;
  page.wave = wave;
  const [item] = wave.items;
  const known = wave.responses[item.item_id];
  const status = h("p", { class: "status", role: "status" });
  const quiz = h("kit-quiz");
  quiz.data = {
    item,
    choice: known ? known.choice : [],
    language: page.language,
    split: revealed ? wave.split || {} : null,
    onChoice: (/** @type {string[]} */ choice) => outbox.answer("poll", item.item_id, choice),
  };
  show(
    stage,
    h("p", { class: "kicker" }, t("poll.kicker")),
    h("h1", null, t(revealed ? "reveal.title" : "poll.title")),
    revealed && strip(t("reveal.look")),
    quiz,
    !revealed && h("div", { class: "poll-status" }, status),
  );
  view.refresh = () => {
    const state = outbox.status("poll", item.item_id);
    showStatus(status, state, state === "saved" ? t("poll.look") : "");
  };
  view.refresh();
}

/** The page that tries a phone out: it came this far, and says so to the officer. Its clock goes along. */

import { h } from "../element.js";
import { speak } from "../later/aloud.js";
import { drawFrame, leaveFor } from "../screens/buttons.js";
import { addWords, show, strip, t, view } from "../screens/frame.js";
import { ALONE_WORDS } from "./words.js";

/** What is shown: `waiting` while the service is asked, then `reached` or `failed`. */
let outcome = "waiting";

function drawTrial() {
  const told = t(`trial.${outcome}`);
  const line = outcome === "reached" ? strip(`✓ ${told}`, "good") : h("p", { class: "lead" }, told);
  const next = outcome !== "waiting" && h("p", null, t("trial.next"));
  show(`trial-${outcome}`, h("h1", null, t("trial.title")), line, next);
}

async function callLaptop() {
  try {
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify({ clock: new Date().toISOString() });
    const answer = await fetch("/api/trial", { method: "POST", headers, body });
    outcome = answer.ok ? "reached" : "failed";
  } catch (lost) {
    outcome = "failed";
  }
  drawTrial();
}

addWords(ALONE_WORDS);
drawFrame(() => leaveFor(new URL("blank.html", import.meta.url).href), speak);
view.again = drawTrial;
drawTrial();
callLaptop();

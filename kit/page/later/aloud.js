/** The screen read aloud with the phone's own voice: once asked, each new screen by itself until asked again. */

import { byId } from "../element.js";
import { keep } from "../link/keep.js";
import { page } from "../link/page.js";
import { ALOUD, hush, isAloud, ownVoice, view } from "../screens/frame.js";

const KINDS = "h1, h2, p, legend, label, li, summary, .scene-text, button";
const SILENT = "[aria-hidden], .mark, .nav, .save-row";
const HOLDERS = "p, label, .scene-text, button, summary";

/** Read this screen and those that follow; again stops. */
export function speak() {
  keep.set(ALOUD, isAloud() ? "" : "1");
  hush();
  readOn();
}

/** Read the screen, where that was asked for and a voice of this phone is there. */
function readOn() {
  const voice = ownVoice();
  if (!isAloud() || !voice) return;
  const told = new SpeechSynthesisUtterance(spokenText());
  Object.assign(told, { voice, lang: page.language === "en" ? "en-GB" : "id-ID" });
  speechSynthesis.speak(told);
}

addEventListener("kit-shown", readOn);
if (view.name) readOn(); // the screen was there before this module

/** Everything that is there to be read, each block once. */
function spokenText() {
  const screen = byId("main").cloneNode(true);
  for (const silent of screen.querySelectorAll(SILENT)) silent.remove();
  /** @type {HTMLElement[]} */
  const blocks = [...screen.querySelectorAll(KINDS)];
  return blocks
    .filter((block) => !block.parentElement || !block.parentElement.closest(HOLDERS))
    .filter((block) => block.tagName !== "LI" || !block.querySelector(KINDS))
    .map((block) => (block.textContent || "").trim())
    .filter(Boolean)
    .join(". ");
}

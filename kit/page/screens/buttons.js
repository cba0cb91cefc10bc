/** The buttons around every screen: help, language, larger type, reading aloud, and leaving at once. */

import { byId } from "../element.js";
import { keep } from "../link/keep.js";
import { offerVoice, setBig, showHelp, switchLanguage, translate } from "./frame.js";

/**
 * Leave for a harmless page. The page's own history entry is replaced (all screens share one).
 * @param {string} blank the address of that page
 */
export function leaveFor(blank) {
  document.body.textContent = "";
  document.title = "…";
  if (window.speechSynthesis) speechSynthesis.cancel();
  location.replace(blank);
}

/**
 * Be there for the buttons, and show the page as this phone last had it: language, size of type.
 * @param {() => void} leave
 * @param {() => void} speak
 */
export function drawFrame(leave, speak) {
  byId("help-open").onclick = () => showHelp(byId("help").hidden);
  byId("help-close").onclick = () => showHelp(false);
  byId("leave").onclick = leave;
  byId("language").onclick = switchLanguage;
  byId("speak").onclick = speak;
  if (window.speechSynthesis) speechSynthesis.onvoiceschanged = offerVoice;
  byId("bigger").onclick = () => setBig(!document.documentElement.classList.contains("big"));
  setBig(keep.get("kit.big") === "1");
  translate();
}

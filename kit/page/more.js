/**
 * The screens after the last item (check, finished, polls, practice, results) and beside the way (coming back, leaving
 * the phone to somebody else). Fetched while the first item is read. Syntax floor: Chrome 80 (February 2020).
 */

import { h } from "./element.js";
import { speak } from "./later/aloud.js";
import { askScreen } from "./later/ask.js";
import { checkScreen, finishedScreen } from "./later/check.js";
import {
  elsewhere,
  forgetMine,
  notTaking,
  otherSession,
  resume,
  someoneElse,
  welcomeBack,
} from "./later/coming_back.js";
import { hearOtherTab } from "./later/other_tabs.js";
import { pollScreen } from "./later/poll.js";
import { practiceScreen } from "./later/practice.js";
import { drawForPrint, resultsScreen } from "./later/results.js";
import { sightScreen } from "./later/sight.js";
import { together } from "./later/together.js";
import { LATER_WORDS } from "./later/words.js";
import { addWords } from "./screens/frame.js";

addWords(LATER_WORDS);
addEventListener("storage", hearOtherTab);
addEventListener("beforeprint", drawForPrint);
document.head.append(h("link", { rel: "stylesheet", href: new URL("more.css", import.meta.url).href }));

// Quick exit must not wait for the network: keep its page and style in the browser's cache. Not by a link to
// prefetch: to browsers before 2023 that is no `connect-src`, and the service forbids it.
for (const name of ["blank.html", "blank.css"]) {
  fetch(new URL(name, import.meta.url).href)
    .then((kept) => kept.text())
    .catch(() => {});
}

export {
  askScreen,
  notTaking,
  checkScreen,
  elsewhere,
  finishedScreen,
  forgetMine,
  otherSession,
  pollScreen,
  practiceScreen,
  resultsScreen,
  resume,
  sightScreen,
  someoneElse,
  speak,
  together,
  welcomeBack,
};

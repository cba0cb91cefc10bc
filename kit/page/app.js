/**
 * The participant page: the frame and the screens up to the last item. What comes after that is in more.js, fetched
 * while the first item is read. Syntax floor: Chrome 80 (February 2020); no secure context, no clock, no markup.
 */

import { byId } from "./element.js";
import { refollow, unfollow } from "./link/follow.js";
import { keep } from "./link/keep.js";
import { page, setOffline } from "./link/page.js";
import { drawFrame, leaveFor } from "./screens/buttons.js";
import { onlyCode, open } from "./screens/door.js";
import { isAloud, showHelp, way } from "./screens/frame.js";
import { loadMore } from "./screens/route.js";

/**
 * Leave at once. The token stays, answers on their way are still delivered (keepalive), and on return nothing is
 * shown before a tap on "continue".
 */
function leave() {
  if (page.code) keep.set(`kit.left/${page.code}`, "1");
  unfollow();
  leaveFor(new URL("blank.html", import.meta.url).href);
}

/** Be there for a phone that sleeps and wakes. */
function listen() {
  addEventListener("offline", () => setOffline(true));
  addEventListener("online", refollow);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) refollow();
  });
  byId("forget").onclick = () => {
    showHelp(false);
    way.door("forgetMine");
  };
}

/** What stands behind the host's name; an address that cannot be decoded is taken as it is. */
function addressedText() {
  const text = location.pathname.slice(1);
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

listen();
drawFrame(leave, () => loadMore(() => true).then((more) => more.speak()));
if (isAloud()) loadMore(() => true).catch(() => {});
const addressed = onlyCode(addressedText());
if (addressed) open(addressed, JSON.parse(byId("state").textContent || "null"));
else way.route();

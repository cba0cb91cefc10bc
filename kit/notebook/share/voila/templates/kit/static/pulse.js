/**
 * The kernel's pulse: stations send kit:beat about once a second; silence is said plainly.
 *
 * @typedef {{say: (path: string) => string, base: string, kernel: string}} Deck
 */

const LOST_AFTER = 6000;
let beat = 0;

/** @param {Deck} deck @param {"kernel" | "server"} what */
function warn({ say }, what) {
  if (document.getElementById("banner")?.dataset.what === what) return;
  document.getElementById("banner")?.remove();
  const banner = document.createElement("div");
  Object.assign(banner, { id: "banner", role: "alert" });
  banner.dataset.what = what;
  const title = document.createElement("strong");
  title.textContent = say(`lost.${what}.title`);
  const words = document.createElement("p");
  words.append(title, " ", say(`lost.${what}.remedy`));
  const reload = document.createElement("button");
  Object.assign(reload, { type: "button", textContent: say("lost.reload"), onclick: () => location.reload() });
  banner.append(words, reload);
  document.body.append(banner);
}

/** @param {Deck} deck */
async function watch(deck) {
  if (!beat || Date.now() - beat <= LOST_AFTER) return;
  const answer = await fetch(`${deck.base}api/kernels/${deck.kernel}`, { cache: "no-store" }).catch(() => null);
  if (Date.now() - beat > LOST_AFTER) warn(deck, answer ? "kernel" : "server");
}

/** Look every second whether the kernel is still there. @param {Deck} deck */
export function keepPulse(deck) {
  window.addEventListener("kit:beat", () => {
    beat = Date.now();
    document.getElementById("banner")?.remove();
  });
  setInterval(() => watch(deck), 1000);
}

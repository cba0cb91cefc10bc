// @ts-check
/** The facilitator's second window: follows the deck over a BroadcastChannel, keeps time, moves the deck. */

const main = /** @type {HTMLElement} */ (document.querySelector("main.notes"));
const words = JSON.parse(/** @type {HTMLElement} */ (document.getElementById("words")).textContent ?? "{}").notes;
const slides = /** @type {HTMLTemplateElement[]} */ ([...document.querySelectorAll("template[data-key]")]);
const channel = new BroadcastChannel(`kit-deck-${main.dataset.notebook}`);

let current = -1;
let slideFrom = Date.now();
let totalFrom = Date.now();

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {number} from */
function clock(from) {
  const seconds = Math.floor((Date.now() - from) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function minutes() {
  return Number(slides[current]?.dataset.minutes ?? 0);
}

function tick() {
  byId("slide-clock").textContent = clock(slideFrom);
  byId("total-clock").textContent = clock(totalFrom);
  byId("slide-clock").classList.toggle("late", minutes() > 0 && Date.now() - slideFrom > minutes() * 60_000);
}

/** @param {{at: string, number: number, of: number}} where */
function follow({ at, number, of }) {
  const index = slides.findIndex((slide) => slide.dataset.key === at);
  if (index !== current) slideFrom = Date.now();
  current = index;
  const slide = slides[index];
  byId("lead").hidden = true;
  byId("title").textContent = slide?.dataset.title ?? "";
  byId("text").replaceChildren(slide?.content.textContent?.trim() ? slide.content.cloneNode(true) : words.none);
  byId("number").textContent = `${number} / ${of}`;
  byId("planned").textContent = minutes() ? words.planned.replace("{minutes}", String(minutes())) : "";
  byId("next").textContent = number === of ? words.last : slides[index + 1]?.dataset.title ?? "–";
  tick();
}

channel.addEventListener("message", ({ data }) => { if (data?.of) follow(data); });
byId("back").addEventListener("click", () => channel.postMessage({ go: -1 }));
byId("on").addEventListener("click", () => channel.postMessage({ go: 1 }));
byId("restart").addEventListener("click", () => { totalFrom = Date.now(); tick(); });
document.addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[event.key];
  if (step) { event.preventDefault(); channel.postMessage({ go: step }); }
});
channel.postMessage({ ask: true });
setInterval(tick, 1000);

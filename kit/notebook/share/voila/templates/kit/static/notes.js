/**
 * The facilitator's second window: this slide and the next, notes, clocks and plan, what the phones show, what people
 * ask, and the QR code of the remote. It follows the deck over a BroadcastChannel and moves it.
 */

import { keepLook } from "./looks.js";
import { followRemote } from "./pairing.js";
import { fill, followPhones } from "./phones.js";
import { followQuestions } from "./questions.js";

const LOOK = 2000;
const main = /** @type {HTMLElement} */ (document.querySelector("main.notes"));
const words = JSON.parse(/** @type {HTMLElement} */ (document.getElementById("words")).textContent ?? "{}");
const slides = /** @type {HTMLTemplateElement[]} */ ([...document.querySelectorAll("template[data-key]")]);
const channel = new BroadcastChannel(`kit-deck-${main.dataset.notebook}`);
const base = main.dataset.baseUrl ?? "/";
const token = main.dataset.xsrf ?? "";

let current = -1;
let slideFrom = Date.now();
let totalFrom = Date.now();
/** Keys of the slides that are still to come. @type {string[]} */
let rest = [];
let session = "";

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const drawNow = keepLook(byId("look-now"), base);
const drawNext = keepLook(byId("look-next"), base);

/** @param {number} from */
function clock(from) {
  const seconds = Math.floor((Date.now() - from) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** @param {number} time */
function planned(time) {
  return time ? fill(words.notes.planned, { minutes: time }) : "";
}

/** The plan for a slide. @param {HTMLTemplateElement | undefined} slide */
function minutesOf(slide) {
  return Number(slide?.dataset.minutes ?? 0);
}

function tick() {
  const spent = (Date.now() - slideFrom) / 60_000;
  const own = minutesOf(slides[current]);
  byId("slide-clock").textContent = clock(slideFrom);
  byId("total-clock").textContent = clock(totalFrom);
  byId("slide-clock").classList.toggle("late", own > 0 && spent > own);
  const ahead = slides.filter((slide) => rest.includes(slide.dataset.key ?? ""));
  const left = Math.ceil(ahead.reduce((sum, slide) => sum + minutesOf(slide), Math.max(own - spent, 0)));
  const end = new Date(Date.now() + left * 60_000);
  const time = `${String(end.getHours()).padStart(2, "0")}.${String(end.getMinutes()).padStart(2, "0")}`;
  byId("left").textContent = left ? fill(words.notes.left, { minutes: left, time }) : "";
}

/** @param {{at: string, number: number, of: number, next?: string, rest: string[], minutes: number}} where */
function follow({ at, number, of, next, rest: keys, minutes: whole }) {
  const index = slides.findIndex((slide) => slide.dataset.key === at);
  if (index !== current) slideFrom = Date.now();
  rest = keys;
  byId("lead").hidden = true;
  const slide = slides[index];
  if (index !== current) {
    byId("title").textContent = slide?.dataset.title ?? "";
    byId("text").replaceChildren(slide?.content.textContent?.trim() ? slide.content.cloneNode(true) : words.notes.none);
  }
  current = index;
  byId("number").textContent = `${number} / ${of}`;
  byId("planned").textContent = planned(minutesOf(slide));
  byId("whole").textContent = planned(whole);
  const following = slides.find((one) => one.dataset.key === next);
  byId("next").textContent = number === of ? words.notes.last : (following?.dataset.title ?? "–");
  tick();
}

/** Ask this laptop. @param {string} method @param {string} path */
function ask(method, path) {
  const headers = { "X-XSRFToken": token };
  return fetch(`${base}kit/${path}`, { method, headers, cache: "no-store" })
    .then((answer) => answer.json())
    .catch(() => ({ trouble: words.notes.asked.lost }));
}

const lookAtPhones = followPhones({ words, of: (code) => ask("GET", `live/${code}`) });
const lookAtRemote = followRemote({
  words: words.notes,
  ask: (method, code) => ask(method, `remote/${code}`),
});

async function look() {
  await Promise.all([lookAtPhones(session), lookAtRemote(session)]);
}

channel.addEventListener("message", ({ data }) => {
  if (data?.of) follow(data);
  if (data?.looks) {
    drawNow(data.looks[0]);
    drawNext(data.looks[1]);
  }
  if (typeof data?.session === "string" && data.session !== session) {
    session = data.session;
    look();
  }
});
byId("back").addEventListener("click", () => channel.postMessage({ go: -1 }));
byId("on").addEventListener("click", () => channel.postMessage({ go: 1 }));
byId("restart").addEventListener("click", () => {
  totalFrom = Date.now();
  tick();
});
document.addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    channel.postMessage({ go: step });
  }
});
channel.postMessage({ ask: true });
setInterval(tick, 1000);
setInterval(look, LOOK);
followQuestions({ words: words.notes, channel, base, token });
export {};

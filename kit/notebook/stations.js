// @ts-check
/** What each station shows. Every function takes a view (station.js) and returns nodes. */

import { h } from "./dom.js";
import { marker, renderItem } from "../page/quiz.js";

/** @typedef {import("./station.js").View} View */

const ORDER = ["lobby", "pre", "lesson", "post", "results", "closed", "followup"];

/** @param {any} live */
export function stage(live) {
  return live.stage.split(":")[0];
}

/** @param {any} live @param {string} name */
function past(live, name) {
  const now = stage(live).replace(/poll|reveal/, "lesson");
  return ORDER.indexOf(now) > ORDER.indexOf(name);
}

/** @param {View} view @param {string} to @param {string} label @param {string} [look] */
function go({ ask, busy }, to, label, look = "main") {
  return h("button", { type: "button", class: look, "data-key": `go-${to}`, disabled: busy, onclick: () => ask("move", { stage: to }) }, label);
}

/** @param {View} view @param {string} path */
function notNow({ say, live }, path) {
  return h("p", { class: "muted" }, say(path, { stage: say(`stages.${stage(live)}`) }));
}

/* ---- lobby ---- */

/** The QR code. @param {View} view */
export function picture({ model, say, live }) {
  const box = h("div", { class: "qr", role: "img", "aria-label": say("lobby.qr", { url: live.join_url }) });
  if (model.get("qr")) box.append(document.importNode(new DOMParser().parseFromString(model.get("qr"), "image/svg+xml").documentElement, true));
  return h("div", null, box, h("p", { class: "muted center" }, say("lobby.scan")));
}

/** The address and the join code. @param {View} view */
export function address({ say, live }) {
  const whole = live.join_url.replace(/^https?:\/\//, "");
  return [h("p", { class: "muted" }, say("lobby.or")), h("p", { class: "address" }, whole.slice(0, whole.lastIndexOf("/"))),
    h("p", { class: "muted" }, say("lobby.code")), h("p", { class: "code" }, live.code)];
}

/** @param {View} view */
export function drawLobby(view) {
  const { say, live } = view;
  const audiences = Object.entries(live.by_audience).filter(([, n]) => n > 0);
  return [
    h("h2", { class: "small" }, say("lobby.title")),
    h("div", { class: "lobby" }, picture(view),
      h("div", null, ...address(view),
        h("p", { class: "joined" }, live.joined ? [h("b", null, String(live.joined)), ` ${say("lobby.joined")}`] : say("lobby.joined_none")),
        audiences.length > 1 && h("p", { class: "muted" }, audiences.map(([name, n]) => `${say(`audiences.${name}`)} ${n}`).join(" · ")),
        h("p", { class: "muted" }, say("lobby.one_network")))),
  ];
}

/* ---- waves ---- */

/** @param {View} view */
export function drawWave(view) {
  const { options, live, say, sure, ask } = view;
  const wave = options.wave;
  const finished = live.finished[wave];
  const heading = h("h2", null, say(`wave.title_${wave}`));
  if (live.stage === wave) {
    const left = Math.max(live.joined - finished, 0);
    const next = { pre: "lesson", post: "results" }[wave];
    return [heading, h("p", { class: "lead" }, say(`wave.lead_${wave}`)), ...numbers(view, finished),
      h("div", { class: "actions" },
        sure("stop", left ? say("wave.stop_sure", { n: left }) : say("wave.stop_done"), say(wave === "post" ? "wave.stop_and_show" : "wave.stop"), () => ask("move", { stage: next })),
        wave === "post" && go(view, "lesson", say("poll.over"), "plain"))];
  }
  if (past(live, wave)) {
    return [heading, h("p", { class: "lead" }, say("wave.over")), h("p", { class: "big" }, say("wave.over_line", { finished, joined: live.joined })),
      live.moves.includes(wave) && h("div", { class: "actions" }, go(view, wave, say("wave.undo"), "plain"))];
  }
  return [heading, h("p", { class: "lead" }, say(`wave.lead_${wave}`)), ...(wave === "pre" ? joinedOnly(view) : []),
    live.moves.includes(wave) ? h("div", { class: "actions" }, sure("start", say("wave.start_sure"), say("wave.start"), () => ask("move", { stage: wave }))) : notNow(view, "wave.not_now")];
}

/** @param {View} view @param {number} finished */
function numbers({ live, say }, finished) {
  const text = say("wave.progress", { finished, joined: live.joined });
  return [
    h("dl", { class: "numbers" }, figure(live.joined, say("wave.joined")), figure(live.connected, say("wave.connected")), figure(finished, say("wave.finished"), "lit")),
    meter(live, finished, text), h("p", { class: "muted" }, text),
  ];
}

/** How many of those who joined. @param {any} live @param {number} finished @param {string} text */
export function meter(live, finished, text) {
  const share = live.joined ? finished / live.joined : 0;
  return h("div", { class: "meter", role: "progressbar", "aria-label": text, "aria-valuemin": "0", "aria-valuemax": String(live.joined), "aria-valuenow": String(finished) },
    h("i", { style: `width:${Math.round(share * 100)}%` }));
}

/** @param {View} view */
function joinedOnly({ live, say }) {
  return [h("dl", { class: "numbers" }, figure(live.joined, say("wave.joined")), figure(live.connected, say("wave.connected")))];
}

/** @param {number} value @param {string} word @param {string} [look] */
function figure(value, word, look = "") {
  return h("div", { class: look }, h("dt", null, word), h("dd", null, String(value)));
}

/* ---- polls ---- */

/** @param {View} view */
export function drawPoll(view) {
  const { model, options, live, say, language } = view;
  const item = options.item[language];
  const asked = live.stage === `poll:${item.item_id}`;
  const reveal = live.stage === `reveal:${item.item_id}` ? model.get("reveal") : null;
  const split = live.splits[item.item_id] ?? {};
  const several = item.kind === "multi" || item.kind === "spot";
  const counts = /** @type {number[]} */ (Object.values(split));
  const answers = live.answered?.[item.item_id] ?? (several ? Math.max(0, ...counts) : counts.reduce((sum, n) => sum + n, 0));
  const count = asked || reveal ? h("p", { class: "answers" }, h("b", null, String(answers)), ` ${say("poll.answers")}`) : null;
  const actions = h("div", { class: "actions" }, count, ...pollMoves(view, item.item_id, asked, Boolean(reveal)));
  const why = reveal && h("p", { class: "why" }, h("b", null, `${say("poll.why")}: `), reveal.rationale[language]);
  const choices = h("ol", { class: "choices" }, ...item.options.map((option, index) => choice(view, option, index, reveal, split, answers)));
  const drawn = scene(view, item, reveal);
  const stem = h("h2", { class: "stem" }, item.stem);
  if (!drawn) return [stem, choices, why, actions];
  return [h("div", { class: "poll" }, h("div", null, drawn, why, actions), h("div", null, stem, choices))];
}

/** The scenario as phones show it: drawn by the shared item element, of which only the scene is taken.
 * @param {View} view @param {any} item @param {any} reveal */
function scene({ options, language }, item, reveal) {
  const box = h("div");
  const feedback = reveal && { key: reveal.key, rationale: "", correct: null };
  renderItem(box, { item, language, readOnly: true, feedback, asset: (name) => options.assets?.[name] ?? "" });
  const drawn = box.querySelector(".scene");
  return drawn && h("div", { class: "kit" }, drawn);
}

/** @param {View} view @param {any} option @param {number} index @param {any} reveal @param {any} split @param {number} answers */
function choice({ say }, option, index, reveal, split, answers) {
  const n = split[option.option_id] ?? 0;
  const right = reveal?.key.includes(option.option_id);
  return h("li", { class: right ? "right" : "" }, h("span", { class: "kit" }, marker(index, option.option_id)),
    h("span", { class: "words" }, option.text), right && h("b", { class: "key" }, `✓ ${say("poll.key")}`), reveal && h("b", { class: "n" }, String(n)),
    reveal && h("span", { class: "bar" }, h("i", { style: `width:${answers ? Math.round((n / answers) * 100) : 0}%` })));
}

/** @param {View} view @param {string} id @param {boolean} asked @param {boolean} revealed */
function pollMoves(view, id, asked, revealed) {
  const { live, say } = view;
  if (asked) return [go(view, `reveal:${id}`, say("poll.reveal")), go(view, "lesson", say("poll.over"), "plain"), h("p", { class: "muted" }, say("poll.hidden"))];
  if (revealed) return [go(view, "lesson", say("poll.over"))];
  if (live.moves.includes(`poll:${id}`)) return [go(view, `poll:${id}`, say("poll.start"))];
  return [notNow(view, "poll.not_now")];
}

/* ---- results ---- */

/** @param {View} view */
export function drawResults(view) {
  const { live, say, sure, ask } = view;
  const title = h("h2", { class: "small" }, say("results.title"));
  const room = live.results;
  if (!room) {
    const may = live.moves.includes("results");
    return [title, may ? h("div", { class: "actions" }, sure("show", say("results.show_sure"), say("results.show"), () => ask("move", { stage: "results" }))) : h("p", { class: "lead" }, say("results.waiting"))];
  }
  if (room.suppressed) return [title, h("p", { class: "lead" }, say("results.few")), h("p", { class: "muted" }, say("results.few_line"))];
  const points = Math.round(((room.mean_post - room.mean_pre) / room.max) * 100);
  const change = points > 0 ? say("results.up", { n: points }) : points < 0 ? say("results.down", { n: -points }) : say("results.same");
  return [title, h("p", { class: "headline" }, change),
    room.hit_pre === null ? h("p", { class: "muted" }, say("results.no_offers")) : h("div", { class: "pairs" }, pair(view, "hit", room), pair(view, "false_alarm", room)),
    h("p", { class: "muted" }, say("results.pairs", { n: room.n_pairs }), " ", say("results.own"))];
}

/** @param {View} view @param {"hit" | "false_alarm"} name @param {any} room */
function pair({ say }, name, room) {
  if (room[`${name}_pre`] === null) return null;
  return h("section", { class: `pair pair-${name}` }, h("h3", null, say(`results.${name}`)),
    ...["pre", "post"].map((wave) => {
      const n = Math.round(room[`${name}_${wave}`] * 100);
      const words = say("results.of100", { n });
      return h("div", { class: `row row-${wave}` }, h("span", null, say(wave === "pre" ? "results.before" : "results.after")),
        h("span", { class: "track" }, h("i", { style: `width:${n}%` })), h("b", null, words));
    }));
}

/* ---- close ---- */

/** @param {View} view */
export function drawClose(view) {
  const { live, say, sure, ask, memory, busy } = view;
  const title = h("h2", null, say(live.stage === "closed" ? "close.closed" : "close.title"));
  const remove = live.rehearsal && sure("delete", say("close.delete_sure"), say("close.delete"), () => ask("delete"), "plain");
  if (live.stage === "closed" && !(busy && memory.closing)) {
    memory.closing = false;
    return [title, h("p", { class: "lead" }, live.bundle ? say("close.bundle", { bundle: live.bundle }) : say("close.unwritten")), h("p", { class: "muted" }, say("close.later")),
      h("div", { class: "actions" }, live.bundle ? reportLink(view) : writeAgain(view), remove)];
  }
  if (busy && memory.closing) return [title, h("p", { class: "lead", role: "status" }, say("close.closing"))];
  memory.notes ??= live.notes ?? "";
  const area = h("textarea", { id: "kit-notes", rows: "5", maxlength: "20000", "data-key": "notes", "aria-describedby": "kit-notes-hint",
    oninput: (event) => { memory.notes = event.target.value; } });
  /** @type {HTMLTextAreaElement} */ (area).value = memory.notes;
  return [title, h("label", { for: "kit-notes" }, say("close.notes")), h("p", { class: "muted", id: "kit-notes-hint" }, say("close.notes_hint")), area,
    stage(live) !== "results" && notNow(view, "close.not_now"),
    h("div", { class: "actions" }, sure("close", say("close.sure"), say("close.submit"), () => { memory.closing = true; ask("close", { text: memory.notes }); }), remove)];
}

/** @param {View} view */
export function reportLink({ live, say }) {
  const base = document.body.dataset.baseUrl ?? "/";
  const href = `${base}kit/reports/${encodeURIComponent(live.bundle)}/report.html`;
  return h("a", { class: "main", href, target: "_blank", rel: "noopener" }, say("close.report"));
}

/** Write the report once more, when that has failed. @param {View} view */
export function writeAgain({ ask, live, say, memory }) {
  const write = () => { memory.closing = true; ask("close", { text: live.notes ?? "" }); };
  return h("button", { type: "button", class: "main", "data-key": "again", onclick: write }, say("close.again"));
}

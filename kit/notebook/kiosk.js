// @ts-check
/** The kiosk as an anywidget: one screen at a time, sent by the kernel. */

import { h, speak } from "./dom.js";
import { renderItem } from "../page/quiz.js";

/** @typedef {{model: any, screen: any, say: (path: string, values?: object) => string, send: (what: string, details?: object) => void, memory: any, draw: () => void}} View */

/** @type {{[name: string]: (view: View) => (Node | string | null | false)[]}} */
const SCREENS = {
  none: ({ say }) => [h("h2", null, say("none")), h("p", { class: "lead" }, say("none_remedy"))],
  lost: ({ say }) => [h("p", { class: "notice", role: "alert" }, `… ${say("lost")}`)],
  join: drawJoin,
  item: drawItem,
  wait: drawWait,
  result: drawResult,
};

/** @param {{model: any, el: HTMLElement}} given */
function render({ model, el }) {
  const root = document.documentElement;
  const memory = { form: { audience: "", code: "", personal_code: "", consent: false } };
  let shown = "";

  function draw() {
    const screen = model.get("screen");
    if (!screen.name) return;
    const language = screen.language ?? (root.lang === "en" || root.lang === "id" ? root.lang : model.get("language"));
    const say = (path, values) => speak(model.get("words"), language, `kiosk.${path}`, values);
    const send = (what, details = {}) => { memory.asking = null; model.send({ do: what, language, ...details }); };
    const trouble = model.get("trouble")?.[language];
    const key = JSON.stringify([screen, language, trouble, memory.asking, memory.hint, memory.form.code, memory.form.audience, memory.faults]);
    if (key === shown) return;
    shown = key;
    const focused = el.contains(document.activeElement) ? document.activeElement?.getAttribute("data-key") : null;
    el.replaceChildren(h("div", { class: "station kiosk", lang: language },
      trouble && h("p", { class: "notice bad", role: "alert" }, h("strong", null, `! ${trouble[0]}`), ` ${trouble[1]}`),
      ...SCREENS[screen.name]({ model, screen, say, send, memory, draw })));
    const keep = focused && el.querySelector(`[data-key="${focused}"]`);
    if (keep) /** @type {HTMLElement} */ (keep).focus();
  }

  model.on("change:screen", draw);
  model.on("change:trouble", draw);
  model.on("msg:custom", (message) => { if (message.beat) window.dispatchEvent(new CustomEvent("kit:beat")); });
  const language = new MutationObserver(draw);
  language.observe(root, { attributes: true, attributeFilter: ["lang"] });
  draw();
  window.dispatchEvent(new CustomEvent("kit:beat")); // from now on silence means a lost kernel
  return () => language.disconnect();
}

/** @param {View} view */
function drawJoin({ screen, say, send, memory, model, draw }) {
  const form = memory.form;
  const sessions = screen.sessions;
  if (!sessions.some((one) => one.code === form.code)) form.code = sessions[0].code;
  const session = sessions.find((one) => one.code === form.code);
  if (!session.audiences.includes(form.audience)) form.audience = session.audiences.length === 1 ? session.audiences[0] : "";
  const audience = (name) => speak(model.get("words"), document.documentElement.lang || "id", `station.audiences.${name}`);
  const consent = h("input", { type: "checkbox", id: "kiosk-consent", "data-key": "consent", onchange: (event) => { form.consent = event.target.checked; } });
  consent.checked = form.consent;
  const personal = h("input", { id: "kiosk-code", "data-key": "personal", autocomplete: "off", oninput: (event) => { form.personal_code = event.target.value; } });
  personal.value = form.personal_code;
  const join = () => {
    const personal_code = form.personal_code.trim();
    memory.faults = personal_code ? [] : [
      !form.audience && say("audience_missing", { audiences: session.audiences.map(audience).join(", ") }),
      !form.consent && say("consent_missing")].filter(Boolean);
    if (memory.faults.length) draw();
    else send("join", { code: form.code, audience: form.audience, consent: form.consent, personal_code });
  };
  const faults = memory.faults ?? [];
  return [
    h("h2", null, say("title")),
    h("form", { onsubmit: (event) => { event.preventDefault(); join(); } },
      sessions.length > 1 && choices("session", say("choose"), sessions.map((one) => [one.code, `${one.title || one.code} (${one.code})`]), form.code, (code) => { form.code = code; memory.faults = []; draw(); }),
      session.audiences.length > 1 && choices("audience", say("audience"), session.audiences.map((name) => [name, audience(name)]), form.audience, (name) => { form.audience = name; memory.faults = []; draw(); }),
      h("div", { class: "tick" }, consent, h("label", { for: "kiosk-consent" }, say("consent"))),
      h("details", { open: memory.coded, ontoggle: (event) => { memory.coded = event.target.open; } }, h("summary", null, say("have_code")), h("div", { class: "field" }, h("label", { for: "kiosk-code" }, say("code")), personal)),
      faults.length > 0 && h("div", { class: "notice bad", role: "alert" }, ...faults.map((line) => h("p", null, `! ${line}`))),
      h("div", { class: "actions" }, h("button", { class: "main", "data-key": "join" }, say("begin")))),
  ];
}

/** @param {string} name @param {string} legend @param {string[][]} options @param {string} chosen @param {(value: string) => void} choose */
function choices(name, legend, options, chosen, choose) {
  return h("fieldset", { class: "pick" }, h("legend", null, legend), ...options.map(([value, label]) => {
    const radio = h("input", { type: "radio", name: `kiosk-${name}`, id: `kiosk-${name}-${value}`, value, "data-key": `${name}-${value}`, onchange: () => choose(value) });
    radio.checked = value === chosen;
    return h("div", { class: "tick" }, radio, h("label", { for: `kiosk-${name}-${value}` }, label));
  }));
}

/** @param {View} view */
function drawItem({ screen, say, send, memory, draw }) {
  const last = screen.number === screen.of;
  const answered = screen.choice.length > 0;
  const box = h("div");
  const item = renderItem(box, { item: screen.item, choice: screen.choice, language: screen.language, onChoice: (choice) => { memory.sent = screen.item.item_id; send("choose", { item_id: screen.item.item_id, choice }); } });
  const go = () => {
    const saved = item.commit() || answered || memory.sent === screen.item.item_id;
    if (!saved) { memory.hint = true; draw(); return; }
    memory.hint = false;
    if (last) send("submit"); else send("go", { step: 1 });
  };
  const onward = h("button", { type: "button", class: "main", "data-key": "on", onclick: go }, say(last ? "submit" : "on"));
  return [
    h("p", { class: "muted" }, `${say(`wave_${screen.wave}`)} · ${say("item", { number: screen.number, of: screen.of })}`),
    h("div", { class: "meter", "aria-hidden": "true" }, h("i", { style: `width:${Math.round((screen.number / screen.of) * 100)}%` })),
    box,
    h("p", { class: memory.hint && !answered ? "notice" : "muted", role: "status" }, answered ? `✓ ${say("saved")}` : say("answer_first")),
    h("div", { class: "actions" }, screen.number > 1 && h("button", { type: "button", class: "plain", "data-key": "back", onclick: () => send("go", { step: -1 }) }, say("back")), onward),
    foot({ screen, say, send, memory, draw }),
  ];
}

/** @param {View} view */
function drawWait(view) {
  const { screen, say } = view;
  const reading = ["lesson", "poll", "reveal", "done"].includes(screen.stage);
  const text = { lobby: "wait_lobby", lesson: "wait_lesson", poll: "wait_lesson", reveal: "wait_lesson", done: "wait_done" }[screen.stage] ?? "wait_lobby";
  return [
    h("p", { class: "lead", role: "status" }, say(text)),
    reading && h("section", null, h("h2", null, say("reading.title")),
      h("ol", { class: "cekal" }, ...["c", "e", "k", "a", "l"].map((letter) => h("li", null, h("b", null, letter.toUpperCase()), ` ${say(`reading.${letter}`)}`)))),
    foot(view),
  ];
}

/** @param {View} view */
function drawResult(view) {
  const { screen, say } = view;
  const { scores, items } = screen.feedback;
  const waves = ["pre", "post", "followup"].filter((wave) => scores[wave]);
  return [
    h("h2", null, say("result")),
    ...waves.map((wave) => h("p", { class: "big" }, say("score", { wave: say(`wave_${wave}`), ...scores[wave] }))),
    ownCode(screen, say, true),
    h("div", { class: "actions" }, leave(view)),
    ...items.map((one) => {
      const box = h("div", { class: "told" });
      renderItem(box, { item: one, choice: one.choice, language: document.documentElement.lang === "en" ? "en" : "id", feedback: { key: one.key, rationale: one.rationale, correct: one.correct } });
      return box;
    }),
  ];
}

/** @param {any} screen @param {(path: string) => string} say @param {boolean} [large] */
function ownCode(screen, say, large = false) {
  return h("p", { class: large ? "lead" : "muted" }, `${say("code")}: `, h("b", { class: "own-code" }, screen.personal_code), large && ` – ${say("code_line")}`);
}

/** @param {any} view */
function foot(view) {
  return h("div", { class: "foot" }, ownCode(view.screen, view.say), leave(view));
}

/** Ask before making room for the next person. @param {{say: any, send: any, memory: any, draw: () => void}} view */
function leave({ say, send, memory, draw }) {
  if (memory.asking !== "leave") return h("button", { type: "button", class: "plain", "data-key": "leave", onclick: () => { memory.asking = "leave"; draw(); } }, say("next_person"));
  return h("div", { class: "sure" }, h("p", null, say("next_sure")), h("button", { type: "button", class: "main", "data-key": "leave", onclick: () => { memory.form = { audience: "", code: memory.form.code, personal_code: "", consent: false }; memory.faults = []; memory.coded = false; send("leave"); } }, say("next_person")),
    h("button", { type: "button", class: "plain", onclick: () => { memory.asking = null; draw(); } }, say("cancel")));
}

export default { render };

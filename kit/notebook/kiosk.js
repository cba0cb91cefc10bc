/**
 * The kiosk as an anywidget: one screen at a time, sent by the kernel. Items and results are the participant page's
 * own modules in its own style.
 *
 * @import { Language, Part, Say } from "../page/types"
 *
 * @typedef {{audience: string, code: string, personal_code: string, consent: boolean}} Form
 *
 * @typedef {object} Memory what must outlive a redraw
 * @property {Form} form
 * @property {boolean} asking whether it is asked if the next person may come
 * @property {boolean} hint whether somebody wanted to go on without an answer
 * @property {boolean} coded whether the field for the personal code is open
 * @property {string} sent the item that was answered last
 * @property {string[]} faults
 *
 * @typedef {object} View
 * @property {any} screen
 * @property {Language} language
 * @property {Say} say the kiosk's words
 * @property {Say} page the participant page's words
 * @property {(what: string, details?: object) => void} send
 * @property {Memory} memory
 * @property {() => void} redraw
 */

import { h } from "../page/element.js";
import { planCard } from "../page/item/plan.js";
import { fiveChecks, toTakeAlong } from "../page/later/five_checks.js";
import { fold, itemGroups, kindWords, scoreBars } from "../page/later/own_result.js";
import { outcome, told } from "../page/later/practised.js";
import { LATER_WORDS } from "../page/later/words.js";
import { say } from "../page/say.js";
import { oneItem } from "../page/screens/one_item.js";
import { WORDS } from "../page/words.js";
import { actions, keepDrawn, labelled, passBeats, tickBox, troubleNotice, widgetButton } from "./widget.js";
import { WIDGET_WORDS } from "./words.js";

/** @type {Record<string, (view: View) => Part[]>} */
const SCREENS = {
  none: noSession,
  lost: ({ say: words }) => [h("p", { class: "notice", role: "alert" }, `… ${words("lost")}`)],
  join: joinForm,
  item: itemScreen,
  practice: practiceScreen,
  practised: practisedScreen,
  poll: pollScreen,
  wait: waitScreen,
  result: resultScreen,
};
const TRAITS = ["screen", "trouble"];

/** Which words a waiting person reads, by stage. @type {Record<string, string>} */
const WAITING = {
  lesson: "wait_lesson",
  done: "wait_done",
};

/** @returns {Form} */
function emptyForm(code = "") {
  return { audience: "", code, personal_code: "", consent: false };
}

/** @param {{model: any, el: HTMLElement}} given */
function render({ model, el }) {
  /** @type {Memory} */
  const memory = { form: emptyForm(), asking: false, hint: false, coded: false, sent: "", faults: [] };
  let shown = "";

  /** @param {Language} pageLanguage */
  function draw(pageLanguage) {
    const screen = model.get("screen");
    if (!screen.name) return null;
    const language = screen.language ?? pageLanguage;
    const { asking, hint, faults, form } = memory;
    const trouble = model.get("trouble")?.[language];
    const key = JSON.stringify([screen, language, trouble, asking, hint, form.code, form.audience, faults]);
    if (key === shown) return null;
    shown = key;
    const view = { screen, language, memory, redraw: () => drawn.draw(), ...speech(language), send };
    /** @param {string} what @param {object} [details] */
    function send(what, details = {}) {
      memory.asking = false;
      model.send({ do: what, language, ...details });
    }
    return h(
      "div",
      { class: `kiosk kiosk-${screen.name}`, lang: language },
      h("div", { class: "station" }, troubleNotice(model, language, "p")),
      ...SCREENS[screen.name](view),
    );
  }

  const drawn = keepDrawn({ model, el, traits: TRAITS, draw });
  passBeats(model);
  return drawn.stop;
}

/** @param {Language} language @returns {{say: Say, page: Say}} */
function speech(language) {
  const page = { ...WORDS[language], ...LATER_WORDS[language] };
  return {
    say: (path, values) => {
      const area = /^(stages|audiences)\./.test(path) ? path : `kiosk.${path}`;
      return say(WIDGET_WORDS, language, area, values);
    },
    page: (path, values) => say({ id: page }, "id", path, values),
  };
}

/** @param {...Part} parts */
function station(...parts) {
  return h("div", { class: "station" }, ...parts);
}

/** @param {...Part} parts */
function asOnPhones(...parts) {
  return h("div", { class: "page" }, ...parts);
}

/** @param {View} view */
function noSession({ say: words }) {
  return [station(h("h2", null, words("none")), h("p", { class: "lead" }, words("none_remedy")))];
}

/** @param {View} view */
function joinForm(view) {
  const { screen, say: words, memory, send, redraw } = view;
  const { form } = memory;
  const session = chosenSession(screen.sessions, form);
  const join = (/** @type {Event} */ event) => {
    event.preventDefault();
    const personal_code = form.personal_code.trim();
    memory.faults = personal_code ? [] : faultsOf(view, session);
    if (memory.faults.length) redraw();
    else send("join", { code: form.code, audience: form.audience, consent: form.consent, personal_code });
  };
  const consent = (/** @type {boolean} */ on) => {
    form.consent = on;
  };
  const parts = [
    screen.sessions.length > 1 && sessionChoice(view),
    session.audiences.length > 1 && audienceChoice(view, session),
    tickBox({ id: "kiosk-consent", key: "consent", label: words("consent"), on: form.consent, change: consent }),
    codeField(view),
    faultNotice(memory.faults),
    actions(h("button", { class: "main", "data-key": "join" }, words("begin"))),
  ];
  return [station(h("h2", null, words("title")), h("form", { onsubmit: join }, ...parts))];
}

/**
 * The session that is chosen, the newest at first; its only audience is chosen too.
 * @param {any[]} sessions
 * @param {Form} form
 */
function chosenSession(sessions, form) {
  const session = sessions.find((one) => one.code === form.code) ?? sessions[0];
  form.code = session.code;
  if (!session.audiences.includes(form.audience)) {
    form.audience = session.audiences.length === 1 ? session.audiences[0] : "";
  }
  return session;
}

/** @param {View} view @param {any} session */
function faultsOf({ say: words, memory }, session) {
  const faults = [];
  const audiences = session.audiences.map((/** @type {string} */ name) => words(`audiences.${name}`)).join(", ");
  if (!memory.form.audience) faults.push(words("audience_missing", { audiences }));
  if (!memory.form.consent) faults.push(words("consent_missing"));
  return faults;
}

/** @param {string[]} faults */
function faultNotice(faults) {
  if (!faults.length) return null;
  const lines = faults.map((line) => h("p", null, `! ${line}`));
  return h("div", { class: "notice bad", role: "alert" }, ...lines);
}

/** @param {View} view */
function codeField({ say: words, memory }) {
  const personal = h("input", {
    id: "kiosk-code",
    "data-key": "personal",
    autocomplete: "off",
    oninput: (/** @type {any} */ event) => {
      memory.form.personal_code = event.target.value;
    },
  });
  personal.value = memory.form.personal_code;
  const ontoggle = (/** @type {any} */ event) => {
    memory.coded = event.target.open;
  };
  const summary = h("summary", null, words("have_code"));
  return h("details", { open: memory.coded, ontoggle }, summary, labelled("kiosk-code", words("code"), personal));
}

/** @param {View} view */
function sessionChoice(view) {
  const { screen, say: words, memory } = view;
  const options = screen.sessions.map((/** @type {any} */ one) => [
    one.code,
    `${one.title || one.code} (${one.code})`,
  ]);
  const choose = (/** @type {string} */ code) => {
    memory.form.code = code;
  };
  return choices(view, { name: "session", legend: words("choose"), options, chosen: memory.form.code, choose });
}

/** @param {View} view @param {any} session */
function audienceChoice(view, session) {
  const { say: words, memory } = view;
  const options = session.audiences.map((/** @type {string} */ name) => [name, words(`audiences.${name}`)]);
  const choose = (/** @type {string} */ name) => {
    memory.form.audience = name;
  };
  return choices(view, { name: "audience", legend: words("audience"), options, chosen: memory.form.audience, choose });
}

/**
 * @param {View} view
 * @param {{name: string, legend: string, options: string[][], chosen: string, choose: (value: string) => void}} given
 */
function choices({ memory, redraw }, { name, legend, options, chosen, choose }) {
  const rows = options.map(([value, label]) => {
    const id = `kiosk-${name}-${value}`;
    const onchange = () => {
      choose(value);
      memory.faults = [];
      redraw();
    };
    const looks = { type: "radio", name: `kiosk-${name}`, id, value, "data-key": `${name}-${value}` };
    const radio = h("input", { ...looks, onchange });
    radio.checked = value === chosen;
    return h("div", { class: "tick" }, radio, h("label", { for: id }, label));
  });
  return h("fieldset", { class: "pick" }, h("legend", null, legend), ...rows);
}

/** @param {View} view */
function itemScreen(view) {
  const { screen, say: words, page, language, memory, send, redraw } = view;
  const { item, choice, wave, number, of } = screen;
  const answered = choice.length > 0;
  const goOn = () => {
    const saved = drawn.quiz.commit() || answered || memory.sent === item.item_id;
    memory.hint = !saved;
    if (!saved) redraw();
    else if (number === of) send("submit");
    else send("go", { step: 1 });
  };
  const drawn = oneItem({
    item,
    choice,
    language,
    wave,
    number,
    of,
    say: page,
    onChoice: (chosen) => {
      memory.sent = item.item_id;
      send("choose", { item_id: item.item_id, choice: chosen });
    },
    onNext: goOn,
    onBack: number > 1 ? () => send("go", { step: -1 }) : null,
  });
  drawn.next.textContent = words(number === of ? "submit" : "on");
  drawn.status.textContent = answered ? page("saved") : words("answer_first");
  drawn.status.className = `status ${answered ? "status-saved" : memory.hint ? "status-waiting" : ""}`;
  drawn.nav.classList.toggle("nav-answered", answered);
  return [asOnPhones(planCard(screen.plan, page), ...drawn.parts), foot(view)];
}

/** One offer to practise on; its reason follows when the answer is stored. @param {View} view */
function practiceScreen(view) {
  const { screen, page, send } = view;
  const { choice, shown, number, of } = screen;
  const quiz = answered(view, { readOnly: choice.length > 0, feedback: shown ? { key: shown.key } : null });
  const place = page("item.of", { n: number, all: of });
  const goOn = widgetButton("on", page("next"), () => send("go", { step: 1 }));
  return [
    asOnPhones(
      h("p", { class: "kicker" }, shown ? `${page("wave.practice")} · ${place}` : page("wave.practice")),
      h("h1", null, shown ? page(`practice.${outcome(shown, choice)}_title`) : place),
      ...(shown ? told(quiz, shown, choice, page) : [quiz]),
    ),
    shown && station(actions(goOn)),
    foot(view),
  ];
}

/** @param {View} view */
function practisedScreen(view) {
  const { screen, page } = view;
  const count = page("practice.count", { right: screen.right, all: screen.of });
  return [
    asOnPhones(h("h1", null, page("practice.done")), h("p", { class: "strip strip-good" }, count), fiveChecks(page)),
    foot(view),
  ];
}

/** What is discussed in the room; once it is revealed, how people chose. @param {View} view */
function pollScreen(view) {
  const { screen, page } = view;
  const { choice, split } = screen;
  const look = split ? page("reveal.look") : choice.length ? `${page("saved")} ${page("poll.look")}` : "";
  return [
    asOnPhones(
      h("p", { class: "kicker" }, page("poll.kicker")),
      h("h1", null, page(split ? "reveal.title" : "poll.title")),
      answered(view, { split }),
      h("p", { class: "status", role: "status" }, look),
    ),
    foot(view),
  ];
}

/**
 * The item on the screen; what is chosen is sent.
 * @param {View} view
 * @param {object} looks more of a Drawing
 */
function answered({ screen, language, send }, looks) {
  const { item, choice } = screen;
  const quiz = h("kit-quiz");
  const onChoice = (/** @type {string[]} */ chosen) => send("choose", { item_id: item.item_id, choice: chosen });
  quiz.data = { item, choice, language, onChoice, ...looks };
  return quiz;
}

/** @param {View} view */
function waitScreen(view) {
  const { screen, say: words, page } = view;
  const text = WAITING[screen.stage] ?? "wait_lobby";
  const lead = h("p", { class: "lead", role: "status" }, words(text));
  return [station(lead), text !== "wait_lobby" && asOnPhones(fiveChecks(page)), foot(view)];
}

/** @param {View} view */
function resultScreen(view) {
  const { screen, page, language } = view;
  const { scores, items, plan } = screen.feedback;
  return [
    asOnPhones(
      h("h1", null, page("result.title")),
      scoreBars(scores, page),
      h("p", { class: "lead" }, kindWords(scores, items.length > 0, page)),
      h("ul", { class: "take-along" }, ...toTakeAlong(items, page).map((words) => h("li", null, words))),
      planCard(plan, page),
    ),
    station(h("p", { class: "lead" }, ...ownCode(view), ` – ${view.say("code_line")}`), actions(leave(view))),
    asOnPhones(fold(page("cekal.title"), fiveChecks(page)), ...itemGroups(items, language, page)),
  ];
}

/** @param {View} view */
function ownCode({ screen, say: words }) {
  return [`${words("code")}: `, h("b", { class: "own-code" }, screen.personal_code)];
}

/** @param {View} view */
function foot(view) {
  return station(h("div", { class: "foot" }, h("p", { class: "muted" }, ...ownCode(view)), leave(view)));
}

/** Ask before making room for the next person. @param {View} view */
function leave(view) {
  const { say: words, send, memory, redraw } = view;
  const ask = (/** @type {boolean} */ asking) => () => {
    memory.asking = asking;
    redraw();
  };
  if (!memory.asking) return widgetButton("leave", words("next_person"), ask(true), "plain");
  const makeRoom = () => {
    Object.assign(memory, { form: emptyForm(memory.form.code), faults: [], coded: false });
    send("leave");
  };
  return h(
    "div",
    { class: "sure" },
    h("p", null, words("next_sure")),
    h("p", { class: "lead" }, ...ownCode(view)),
    widgetButton("leave-yes", words("next_person"), makeRoom),
    widgetButton("leave-no", words("cancel"), ask(false), "plain"),
  );
}

export default { render };

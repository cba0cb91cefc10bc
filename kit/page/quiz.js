/**
 * One item, drawn: scenario, stem, options; afterwards key, rationale and the split of a room.
 *
 * No imports, no network, no page state: the participant page, the kiosk and the poll widgets share this file.
 * Syntax floor: Chrome 80 (February 2020). Styles: page.css under `.kit`, tokens from theme.css.
 *
 * @typedef {{option_id: string, text: string}} Option
 * @typedef {{channel: string, from: string, text: string, image?: ?string, alt?: ?string}} Scenario
 * @typedef {{item_id: string, kind: string, scenario: ?Scenario, stem: string, options: Option[]}} Item
 * @typedef {{key: string[], rationale?: ?string, correct?: ?number}} Feedback
 * @typedef {object} Drawing
 * @property {Item} item
 * @property {string[]} [choice] option ids chosen so far
 * @property {string} [language] `id` or `en`
 * @property {(choice: string[]) => void} [onChoice] never called with an empty choice
 * @property {(unsaved: boolean) => void} [onDraft] a multi or spot selection waits for its save button, or no longer
 * @property {boolean} [readOnly]
 * @property {?Feedback} [feedback] draw key and rationale
 * @property {?Object<string, number>} [split] draw how many chose each option
 * @property {(name: string) => string} [asset] address of a scenario image
 */

const WORDS = {
  id: {
    made_up: "Contoh rekaan", save: "Simpan pilihan", several: "Boleh pilih lebih dari satu.",
    tap: "Ketuk bagian itu, lalu tekan “Simpan pilihan”.", choose_first: "Pilih dulu, atau pilih “Tidak tahu”.",
    unsaved: "Pilihan ini belum disimpan.", key: "Jawaban tepat", own: "Pilihan Anda", own_key: "Pilihan Anda, tepat",
    right: "Tepat", wrong: "Belum tepat", unsure: "Anda menjawab: tidak tahu", none: "Tidak dijawab", why: "Mengapa?",
    people: "orang", person: "orang", subject: "Dari", marketplace: "Iklan di lapak daring", email: "Surel", poster: "Poster", talk: "Obrolan",
    document: "Dokumen", tiktok: "Komentar TikTok", instagram: "Instagram", facebook: "Facebook",
    whatsapp: "WhatsApp", telegram: "Telegram",
  },
  en: {
    made_up: "Made-up example", save: "Save selection", several: "You may choose more than one.",
    tap: "Tap those parts, then press “Save selection”.", choose_first: "Choose first, or choose “Don't know”.",
    unsaved: "This selection is not saved yet.", key: "Right answer", own: "Your choice", own_key: "Your choice, right",
    right: "Right", wrong: "Not right yet", unsure: "You answered: don't know", none: "Not answered", why: "Why?",
    people: "people", person: "person", subject: "From", marketplace: "Marketplace ad", email: "E-mail", poster: "Poster", talk: "Conversation",
    document: "Document", tiktok: "TikTok comment", instagram: "Instagram", facebook: "Facebook",
    whatsapp: "WhatsApp", telegram: "Telegram",
  },
};

/** Letter and shape of the options, in order: read without colour. */
export const MARKS = [["A", "▲"], ["B", "●"], ["C", "■"], ["D", "◆"], ["E", "★"], ["F", "⬟"]];
const PHRASE = /\[\[([^|[\]]+)\|([^[\]]+)\]\]/g;
const UNSURE = "unsure";
let drawn = 0; // makes ids unique when several items stand on one page

/**
 * Make an element; `on…` properties become listeners, strings become text, never markup.
 * @param {string} tag
 * @param {?Object<string, any>} [props]
 * @param {...any} children
 * @returns {HTMLElement}
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/**
 * The coloured mark of the n-th option (from 0); `unsure` has its own.
 * @param {number} index
 * @param {string} [optionId]
 */
export function marker(index, optionId) {
  const [letter, shape] = optionId === UNSURE ? ["?", ""] : MARKS[index] || [String(index + 1), ""];
  const look = optionId === UNSURE ? "unsure" : MARKS[index] ? letter.toLowerCase() : "f";
  return h("span", { class: `mark mark-${look}` }, letter, shape && h("i", { "aria-hidden": "true" }, shape));
}

/**
 * Draw one item into `root`.
 * @param {HTMLElement} root
 * @param {Drawing} drawing
 * @returns {{commit: () => boolean}} `commit` saves a selection that waits for its save button
 */
export function renderItem(root, drawing) {
  const d = { choice: [], language: "id", onChoice: () => {}, onDraft: () => {}, asset: fromTheService, ...drawing };
  const words = WORDS[d.language] || WORDS.id;
  const view = { ...d, words, id: `item-${++drawn}`, draft: new Set(d.choice), commit: () => false };
  root.textContent = "";
  root.classList.add("kit");
  const parts = d.feedback || d.split || d.readOnly ? shownParts(view) : d.item.kind === "spot" ? spotParts(view) : askedParts(view);
  root.append(...parts.filter(Boolean));
  return { commit: () => view.commit() };
}

function fromTheService(name) {
  return `/images/${encodeURIComponent(name)}`;
}

/* ---- the scenario, drawn as what it is ---- */

function scene(view, drawPhrase, tap = false) {
  const { scenario } = view.item;
  if (!scenario) return null;
  const { words } = view;
  const text = h("div", { class: "scene-text" }, phrases(scenario.text, drawPhrase));
  const from = scenario.from && h("p", { class: "scene-from" },
    h("span", { class: "avatar", "aria-hidden": "true" }, (scenario.from.match(/[\p{L}\p{N}]/u) || ["•"])[0].toUpperCase()),
    scenario.channel === "email" && h("span", { class: "scene-field" }, `${words.subject}: `),
    h("b", null, scenario.from));
  const picture = scenario.image && h("img", { src: view.asset(scenario.image), alt: scenario.alt || "", loading: "lazy" });
  return h("figure", { class: `scene scene-${scenario.channel}${tap ? " scene-tap" : ""}` },
    h("figcaption", null, h("span", { class: "made-up" }, words.made_up), " · ", words[scenario.channel] || scenario.channel),
    h("div", { class: "scene-body" }, from, picture, text));
}

/** Split `[[a|words]]` marks out of a text; without a way to draw them the words stay plain. */
function phrases(text, drawPhrase) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(PHRASE)) {
    parts.push(text.slice(end, match.index), drawPhrase ? drawPhrase(match[1], match[2]) : match[2]);
    end = match.index + match[0].length;
  }
  return [...parts, text.slice(end)];
}

/* ---- answering ---- */

function askedParts(view) {
  const several = view.item.kind === "multi";
  const hint = h("p", { class: "hint", role: "status" });
  const rows = view.item.options.map((option, index) => optionRow(view, option, index, several));
  const list = h("div", { class: `options options-${view.item.kind}` }, rows.map((row) => row.label));
  const fieldset = h("fieldset", null,
    h("legend", { class: "stem" }, view.item.stem),
    several && h("p", { class: "aside" }, view.words.several), list);
  const inputs = rows.map((row) => row.input);
  list.addEventListener("change", (event) => {
    if (several) toggle(view, inputs, event.target, hint);
    else view.onChoice([event.target.value]);
  });
  return [scene(view), fieldset, ...(several ? saving(view, hint) : [])];
}

function optionRow(view, option, index, several) {
  const input = h("input", {
    type: several ? "checkbox" : "radio", name: view.id, value: option.option_id,
    checked: view.draft.has(option.option_id),
  });
  const scale = view.item.kind === "likert";
  const face = h("span", { class: "face" },
    scale ? h("span", { class: "ring", "aria-hidden": "true" }) : marker(index, option.option_id),
    h("span", { class: "words" }, option.text),
    h("span", { class: "tick", "aria-hidden": "true" }, "✓"));
  const look = option.option_id === UNSURE ? "option option-unsure" : "option";
  return { input, label: h("label", { class: look }, input, face) };
}

function toggle(view, inputs, changed, hint) {
  for (const input of inputs) {
    const excluded = changed.checked && input !== changed && (changed.value === UNSURE || input.value === UNSURE);
    if (excluded) input.checked = false;
  }
  view.draft = new Set(inputs.filter((input) => input.checked).map((input) => input.value));
  tellDraft(view, hint);
}

function spotParts(view) {
  const stemId = `${view.id}-stem`;
  const hint = h("p", { class: "hint", role: "status" });
  const buttons = new Map();
  const press = (optionId) => {
    if (view.draft.has(optionId)) view.draft.delete(optionId);
    else {
      if (optionId === UNSURE) view.draft.clear();
      view.draft.delete(UNSURE);
      view.draft.add(optionId);
    }
    for (const [id, button] of buttons) button.setAttribute("aria-pressed", String(view.draft.has(id)));
    tellDraft(view, hint);
  };
  const button = (tag, optionId, look, ...inside) => {
    const made = h(tag, { ...look, "aria-pressed": String(view.draft.has(optionId)), onclick: () => press(optionId) }, ...inside);
    buttons.set(optionId, made);
    return made;
  };
  // A real button never breaks across lines, a phrase in a message must.
  const drawPhrase = (id, text) => button("span", id, { class: "phrase", role: "button", tabindex: 0, onkeydown: pressByKey }, text);
  const unsure = view.item.options.find((option) => option.option_id === UNSURE);
  return [
    h("p", { class: "stem", id: stemId }, view.item.stem),
    h("p", { class: "aside" }, view.words.tap),
    h("div", { role: "group", "aria-labelledby": stemId }, scene(view, drawPhrase, true),
      unsure && button("button", UNSURE, { class: "option-press", type: "button" }, marker(0, UNSURE), h("span", { class: "words" }, unsure.text))),
    ...saving(view, hint),
  ];
}

function pressByKey(event) {
  if (event.key !== "Enter" && event.key !== " ") return;
  event.preventDefault();
  event.currentTarget.click();
}

/** The save button of the kinds where one tap is not yet the answer. */
function saving(view, hint) {
  const save = () => {
    if (!view.draft.size) {
      hint.textContent = view.words.choose_first;
      return false;
    }
    const order = view.item.options.map((option) => option.option_id).filter((id) => view.draft.has(id));
    view.choice = order;
    tellDraft(view, hint);
    view.onChoice(order);
    return true;
  };
  view.commit = () => isDirty(view) && view.draft.size > 0 && save();
  return [h("p", { class: "save-row" }, h("button", { type: "button", class: "button", onclick: save }, view.words.save)), hint];
}

function isDirty(view) {
  return view.draft.size !== view.choice.length || view.choice.some((id) => !view.draft.has(id));
}

function tellDraft(view, hint) {
  const unsaved = isDirty(view) && view.draft.size > 0;
  hint.textContent = unsaved ? view.words.unsaved : "";
  view.onDraft(unsaved);
}

/* ---- afterwards: key, rationale, split ---- */

function shownParts(view) {
  const { item, feedback, split, words } = view;
  const spot = item.kind === "spot";
  const keyed = new Set(feedback ? feedback.key : []);
  const drawPhrase = (id, text) => h("span", { class: keyed.has(id) ? "spotted spotted-key" : "spotted" },
    spot && marker(item.options.findIndex((option) => option.option_id === id), id), text);
  const rows = item.options.map((option, index) => shownRow(view, option, index, keyed));
  return [
    scene(view, drawPhrase),
    h("p", { class: "stem" }, item.stem),
    feedback && verdict(view),
    h("ul", { class: "shown" }, rows),
    feedback && feedback.rationale && h("div", { class: "rationale" }, h("b", null, words.why), h("p", null, feedback.rationale)),
  ];
}

function verdict(view) {
  const { words, choice, feedback } = view;
  if (feedback.correct === 1) return h("p", { class: "verdict verdict-right" }, `✓ ${words.right}`);
  if (!choice.length) return h("p", { class: "verdict" }, `– ${words.none}`);
  if (choice[0] === UNSURE) return h("p", { class: "verdict" }, `– ${words.unsure}`);
  return feedback.correct === 0 ? h("p", { class: "verdict verdict-wrong" }, `✗ ${words.wrong}`) : null;
}

function shownRow(view, option, index, keyed) {
  const { words, split } = view;
  const own = view.choice.includes(option.option_id);
  const key = keyed.has(option.option_id);
  const label = key && own ? words.own_key : key ? words.key : own ? words.own : "";
  const row = h("li", { class: `${own ? "own " : ""}${key ? "is-key" : ""}` },
    marker(index, option.option_id),
    h("span", { class: "words" }, option.text, label && h("small", { class: "tag" }, `${key ? "✓ " : ""}${label}`)));
  if (split) row.append(...splitBar(view, split[option.option_id] || 0));
  return row;
}

/** A bar with its number. Who may choose several options counts more than once, so those have no per cent. */
function splitBar({ item, words, split }, count) {
  const counts = Object.values(split);
  const several = item.kind === "multi" || item.kind === "spot";
  const whole = several ? Math.max(1, ...counts) : Math.max(1, counts.reduce((sum, n) => sum + n, 0));
  const percent = Math.round((100 * count) / whole);
  const fill = h("span", { class: "bar-fill" });
  fill.style.width = `${percent}%`;
  return [h("span", { class: "bar", "aria-hidden": "true" }, fill),
    h("span", { class: "count" }, `${count} ${count === 1 ? words.person : words.people}${several ? "" : ` · ${percent}%`}`)];
}

/** `<kit-quiz>`: set `.data` to a Drawing; the choice comes back as an event `choice`. */
export class KitQuiz extends HTMLElement {
  /** @param {Drawing} drawing */
  set data(drawing) {
    const onChoice = (choice) => {
      if (drawing.onChoice) drawing.onChoice(choice);
      this.dispatchEvent(new CustomEvent("choice", { detail: choice }));
    };
    this.drawing = renderItem(this, { ...drawing, onChoice });
  }

  /** Save a selection that waits for its save button. */
  commit() {
    return Boolean(this.drawing && this.drawing.commit());
  }
}
if (!customElements.get("kit-quiz")) customElements.define("kit-quiz", KitQuiz);

/** The anywidget: traits item, choice, language, read_only, feedback, split and, optionally, assets {name: address}. */
function render({ model, el }) {
  const root = h("div");
  const draw = () => {
    const item = model.get("item");
    root.textContent = "";
    if (!item || !item.item_id) return;
    const assets = model.get("assets");
    renderItem(root, {
      item, choice: model.get("choice") || [], language: model.get("language"), readOnly: model.get("read_only"),
      feedback: model.get("feedback"), split: model.get("split"),
      ...(assets ? { asset: (name) => assets[name] || "" } : {}),
      onChoice: (choice) => { model.set("choice", choice); model.save_changes(); },
    });
  };
  const traits = ["item", "language", "read_only", "feedback", "split", "assets"].map((name) => `change:${name}`);
  for (const trait of traits) model.on(trait, draw);
  el.append(root);
  draw();
  return () => traits.forEach((trait) => model.off(trait, draw));
}

export default { render };

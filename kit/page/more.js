/**
 * The screens after the last item (check, finished, polls, results) and beside the way (coming back, leaving the phone
 * to somebody else). Fetched while the first item is read. Syntax floor: Chrome 80 (February 2020).
 */
import { h } from "./quiz.js";
import { addWords, button, codeCard, drawing, failed, fetchWave, field, goTo, hush, route, show, showStatus, strip, t, view } from "./app.js";
import { call, hooks, keep, outbox, page, persist, recall, remember, spread } from "./link.js";

addWords({
  "resume.title": ["Masukkan kode pribadi", "Enter your personal code"],
  "resume.hint": ["Satu kata dan empat angka, misalnya RUSA-4821", "One word and four digits, such as RUSA-4821"],
  "resume.go": ["Lanjutkan", "Continue"],
  "resume.empty": ["Tulis kode pribadi Anda: satu kata dan empat angka.", "Write your personal code: one word and four digits."],
  "resume.new": ["Saya belum punya kode", "I have no code yet"],
  "followup.title": ["Kuis lanjutan", "Follow-up quiz"],
  "followup.text": ["Bagi yang ikut penyuluhan beberapa waktu lalu. Masukkan kode pribadi yang Anda foto waktu itu.", "For people who were at the talk some time ago. Enter the personal code you photographed then."],
  "over.title": ["Sesi ini sudah selesai", "This session is over"],
  "over.text": ["Pernah ikut? Masukkan kode pribadi untuk melihat hasil dan penjelasan.", "Did you take part? Enter your personal code to see your result and the explanations."],
  "stale.title": ["Kode pribadi Anda dipakai di tempat lain", "Your personal code is in use elsewhere"],
  "stale.text": ["Satu kode hanya untuk satu ponsel. Untuk melanjutkan di ponsel ini, masukkan kode pribadi. Jawaban yang belum terkirim tetap aman di sini.", "One code works on one phone. To continue on this phone, enter the personal code. Answers not sent yet stay safe here."],
  "left.title": ["Lanjutkan?", "Continue?"],
  "left.text": ["Anda tadi keluar. Jawaban Anda masih tersimpan.", "You left before. Your answers are still saved."],
  "left.go": ["Lanjutkan", "Continue"],
  "left.other": ["Orang lain", "Someone else"],
  "other.title": ["Ponsel ini untuk orang lain?", "Is this phone for someone else?"],
  "other.text": ["Catat atau foto dulu kode pribadi Anda. Dengan kode itu Anda dapat kembali.", "First write down or photograph your personal code. With it you can come back."],
  "other.unsent": ["Belum terkirim: {n} jawaban. Tunggu sampai semua tersimpan.", "Answers not sent yet: {n}. Wait until all are saved."],
  "other.yes": ["Sudah, ganti orang", "Done, someone else"],
  "other.no": ["Batal", "Cancel"],
  "check.title": ["Periksa jawaban", "Check your answers"],
  "check.all": ["Semua soal sudah dijawab.", "Every question is answered."],
  "check.missing": ["Belum dijawab: {n}. Ketuk untuk menjawab; “Tidak tahu” juga jawaban.", "Not answered: {n}. Tap one to answer; “Don't know” is an answer too."],
  "check.number": ["Soal {n}", "Question {n}"],
  "check.open": ["belum dijawab", "not answered"],
  "check.answered": ["sudah dijawab", "answered"],
  "check.optional": ["boleh dilewati", "may be skipped"],
  "check.unsaved": ["belum tersimpan", "not saved yet"],
  "check.send": ["Selesai", "Finish"],
  "check.last": ["Setelah selesai, jawaban tidak bisa diubah lagi.", "Once you finish, answers cannot be changed any more."],
  "done.title": ["Terima kasih", "Thank you"],
  "done.saved": ["Semua jawaban tersimpan ✓", "All answers are saved ✓"],
  "done.sending": ["Belum tersimpan: {n}. Biarkan halaman ini terbuka; jawaban dikirim sendiri begitu tersambung.", "Not saved yet: {n}. Leave this page open; answers are sent as soon as it is connected."],
  "done.next": ["Lihat ke layar depan. Halaman ini berganti sendiri.", "Look at the screen in front. This page changes by itself."],
  "done.change": ["Ubah jawaban", "Change answers"],
  "done.result": ["Lihat hasil saya", "See my result"],
  "poll.kicker": ["Dibahas bersama", "Discussed together"],
  "poll.title": ["Bagaimana menurut Anda?", "What do you think?"],
  "poll.look": ["Lihat ke layar depan. Jawaban masih boleh diubah.", "Look at the screen in front. You may still change it."],
  "reveal.title": ["Pilihan kita bersama", "How we all chose"],
  "reveal.look": ["Mana yang tepat? Lihat ke layar depan.", "Which one is right? Look at the screen in front."],
  "result.title": ["Hasil Anda", "Your result"],
  "result.pre": ["Sebelum", "Before"],
  "result.post": ["Sesudah", "After"],
  "result.followup": ["Lanjutan", "Follow-up"],
  "result.of": ["{score} dari {max}", "{score} of {max}"],
  "result.up": ["Anda makin jeli. Ajarkan lima langkah di bawah kepada satu orang di rumah.", "You have grown sharper. Teach the five steps below to one person at home."],
  "result.high": ["Anda sudah jeli. Ajarkan lima langkah di bawah kepada satu orang di rumah.", "You see clearly. Teach the five steps below to one person at home."],
  "result.level": ["Soal-soal ini memang tidak mudah. Baca penjelasannya; lima langkah di bawah selalu bisa dipakai.", "These questions are not easy. Read the explanations; the five steps below always work."],
  "result.one": ["Terima kasih sudah ikut. Baca penjelasannya; lima langkah di bawah selalu bisa dipakai.", "Thank you for taking part. Read the explanations; the five steps below always work."],
  "result.none": ["Belum ada jawaban dari ponsel ini. Lima langkah di bawah tetap untuk Anda.", "There are no answers from this phone. The five steps below are for you all the same."],
  "result.reread": ["Baca lagi ({n})", "Read again ({n})"],
  "result.right": ["Sudah tepat ({n})", "Right already ({n})"],
  "result.talked": ["Dibahas bersama ({n})", "Discussed together ({n})"],
  "result.retry": ["Selesaikan kuis lanjutan dulu untuk melihat hasil.", "Finish the follow-up quiz first to see your result."],
  "result.keep": ["Kode pribadi Anda", "Your personal code"],
  "result.print": ["Cetak atau simpan", "Print or save"],
  "result.closed": ["Sesi ini sudah ditutup. Hasil Anda tetap bisa dibaca.", "This session is closed. You can still read your result."],
  "cekal.title": ["Ada tawaran? CEKAL dulu", "Got an offer? Five checks first"],
  "cekal.c": ["Cari perusahaannya", "Look up the company"],
  "cekal.c2": ["Nama P3MI dan lowongannya ada di SISKOP2MI? Tanya Disnaker atau BP3MI.", "Are the placement company (P3MI) and its job order in SISKOP2MI? Ask Disnaker or BP3MI."],
  "cekal.e": ["Evaluasi kontrak", "Evaluate the contract"],
  "cekal.e2": ["Dalam bahasa yang Anda pahami, dibaca sebelum berangkat, salinannya ada pada keluarga.", "In a language you understand, read before leaving, with a copy for the family."],
  "cekal.k": ["Kenali visanya", "Know the visa"],
  "cekal.k2": ["Visa kerja ada sebelum berangkat. Visa turis atau ziarah bukan untuk bekerja.", "A work visa before you leave. A tourist or pilgrim visa is not for working."],
  "cekal.a": ["Ajak bicara keluarga dan lurah", "Talk to family and the village head"],
  "cekal.a2": ["Tawaran yang harus dirahasiakan patut dicurigai.", "An offer that must be kept secret deserves suspicion."],
  "cekal.l": ["Lapor bila ragu", "Report when in doubt"],
  "cekal.l2": ["KP2MI 0800-1000 · Kantor Imigrasi · bahaya 110 · perempuan dan anak 129.", "KP2MI 0800-1000 · immigration office · danger 110 · women and children 129."],
});

document.head.append(h("link", { rel: "stylesheet", href: new URL("more.css", import.meta.url).href }));
// Quick exit must not wait for the network: keep its page and style in the browser's cache. Not by a link to prefetch:
// to browsers before 2023 that is no `connect-src`, and the service forbids it.
for (const name of ["blank.html", "blank.css"]) fetch(new URL(name, import.meta.url)).then((kept) => kept.text()).catch(() => {});

/* ---- reading aloud, and other tabs of the same phone ---- */

/** Read the screen aloud with the phone's own voice; again stops. */
export function speak() {
  const pressed = document.getElementById("speak");
  const speaking = pressed.getAttribute("aria-pressed") === "true";
  hush();
  if (speaking) return;
  const text = document.getElementById("main").cloneNode(true);
  for (const silent of text.querySelectorAll("[aria-hidden], .mark, .nav, .save-row")) silent.remove();
  const kinds = "h1, h2, p, legend, label, li, summary, .scene-text, button";
  const blocks = [...text.querySelectorAll(kinds)].filter((block) => !block.parentElement.closest("p, label, .scene-text, button, summary"));
  const spoken = blocks.filter((block) => block.tagName !== "LI" || !block.querySelector(kinds)).map((block) => block.textContent.trim());
  const voice = new SpeechSynthesisUtterance(spoken.filter(Boolean).join(". "));
  voice.lang = page.language === "en" ? "en-GB" : "id-ID";
  voice.onend = () => pressed.setAttribute("aria-pressed", "false");
  speechSynthesis.speak(voice);
  pressed.setAttribute("aria-pressed", "true");
}

function heardFromOtherTab({ key, newValue, oldValue }) {
  if (!key || !page.code) return;
  if (key === `kit.me/${page.code}`) {
    Object.assign(page, { me: recall(page.code), wave: null });
    route();
  }
  if (!page.me || !page.wave || !key.startsWith(outbox.prefix("out"))) return;
  const [wave, item] = key.slice(outbox.prefix("out").length).split("/");
  if (wave !== page.wave.wave) return;
  if (!item) {
    page.wave = null;
    route();
    return;
  }
  const { choice, seq } = JSON.parse(newValue || oldValue || "{}");
  const known = page.wave.responses[item];
  if (seq && (!known || known.seq < seq)) {
    page.wave.responses[item] = { choice, seq };
    if (view.redrawItem) view.redrawItem(item);
  }
  hooks.changed();
}

addEventListener("storage", heardFromOtherTab);

/* ---- coming back, and leaving the phone to somebody else ---- */

/** Ask for the personal code; `why` names a title and a text (resume, followup, over, stale). */
export function resume(why = "resume", error = "", typed = "") {
  view.again = () => resume(why);
  const send = (event) => {
    event.preventDefault();
    const code = document.getElementById("personal").value.trim();
    if (/[a-z].*\d/i.test(code)) comeBack(why, code);
    else resume(why, t("resume.empty"), code);
  };
  const known = page.me ? page.me.personal_code : "";
  const mayJoin = page.state && !["results", "closed", "followup"].includes(page.state.stage);
  const joinAnew = () => { remember(null); route(); };
  show(`resume/${why}`, h("form", { onsubmit: send, novalidate: true },
    h("h1", null, t(`${why}.title`)), why !== "resume" && h("p", { class: "lead" }, t(`${why}.text`)),
    field("personal", { label: t("who.code"), hint: t("resume.hint"), error, value: typed || known, maxlength: 24 }),
    h("p", null, h("button", { class: "button" }, t("resume.go")))),
  mayJoin && h("p", null, button(t("resume.new"), joinAnew, "quiet")));
  if (error) document.getElementById("personal").focus();
}

async function comeBack(why, code) {
  const { turn } = view;
  try {
    remember(await persist(() => call("POST", "/participants/resume", { personal_code: code }), () => turn === view.turn));
    keep.drop(`kit.left/${page.code}`);
    route();
    outbox.flush();
  } catch (problem) {
    if (problem.code === "unknown_code") failed(problem);
    else if (!problem.passing) resume(why, `${problem.body.title || ""} ${problem.body.detail || ""}`, code);
  }
}

/** Before the next person takes this phone: the code must be noted and every answer delivered. */
export function someoneElse() {
  view.again = someoneElse;
  const { unsent } = outbox.count();
  const forget = () => {
    const kept = ["out", "seq", "at"].flatMap((kind) => keep.keys(outbox.prefix(kind)));
    [...kept, `kit.left/${page.code}`].forEach(keep.drop);
    remember(null);
    route();
  };
  show("other", h("h1", null, t("other.title")), h("p", { class: "lead" }, t("other.text")), codeCard(),
    unsent ? strip(t("other.unsent", { n: unsent }), "warn") : h("p", null, button(t("other.yes"), forget)),
    h("p", null, button(t("other.no"), route, "quiet")));
  view.refresh = () => { if (outbox.count().unsent !== unsent) someoneElse(); };
}

/** After a quick exit nothing is shown before the person asks for it. */
export function welcomeBack() {
  view.again = welcomeBack;
  const back = (then) => () => { keep.drop(`kit.left/${page.code}`); then(); };
  show("left", drawing("door"), h("h1", null, t("left.title")), h("p", { class: "lead" }, t("left.text")),
    h("p", null, button(t("left.go"), back(route))), h("p", null, button(t("left.other"), back(someoneElse), "quiet")));
}

/* ---- check and submit ---- */

const isOpen = (item) => !page.wave.responses[item.item_id];

/** Every item with its state, each a way back to it. */
export function checkScreen() {
  const { wave, items } = page.wave;
  const missing = items.filter((item) => isOpen(item) && item.kind !== "likert").length;
  const finish = () => { outbox.submit(wave); goTo("done"); };
  const list = h("ol", { class: "overview" }, items.map(() => h("li")));
  const draw = () => items.forEach((item, index) => drawState(list.children[index], wave, item, index));
  view.again = route;
  draw();
  show(`${wave}/check`, h("p", { class: "kicker" }, t(`wave.${wave}`)), h("h1", null, t("check.title")),
    missing ? strip(t("check.missing", { n: missing }), "warn") : strip(t("check.all"), "good"),
    !missing && wave === "followup" && h("p", null, t("check.last")),
    !missing && h("p", null, button(t("check.send"), finish)), list,
    h("p", null, button(t("back"), () => goTo(items.length - 1), "quiet")));
  view.refresh = () => { if (page.wave) draw(); };
}

function drawState(line, wave, item, index) {
  const answered = outbox.status(wave, item.item_id) === "saved" ? "answered" : "unsaved";
  const state = !isOpen(item) ? answered : item.kind === "likert" ? "optional" : "open";
  if (line.dataset.state === state) return;
  line.dataset.state = state;
  line.textContent = "";
  const sign = { open: "○", optional: "○", answered: "✓", unsaved: "…" }[state];
  line.append(h("button", { type: "button", class: `row row-${state}`, onclick: () => goTo(index) },
    h("span", { class: "sign", "aria-hidden": "true" }, sign), h("b", null, t("check.number", { n: index + 1 })), " ",
    h("span", null, t(`check.${state}`))));
}

/** After finishing: says plainly whether everything has arrived. */
export function finishedScreen() {
  const { wave } = page.wave;
  const entries = outbox.entries(wave).length;
  const unsent = outbox.entries(wave).filter((entry) => entry.item).length;
  view.again = route;
  show(`${wave}/done`, drawing(entries ? "wait" : "done"), h("h1", null, t("done.title")),
    h("div", { role: "status" }, entries ? strip(unsent ? t("done.sending", { n: unsent }) : t("moment"), "warn") : strip(t("done.saved"), "good")),
    wave === "followup" && !entries ? h("p", null, button(t("done.result"), ownResults)) : h("p", { class: "lead" }, t("done.next")),
    codeCard(), wave !== "followup" && h("p", null, button(t("done.change"), () => goTo(0), "quiet")));
  view.refresh = () => { if (page.wave && outbox.entries(wave).length !== entries) finishedScreen(); };
}

/** In the follow-up everybody goes at their own pace: the result is there as soon as one is finished. */
function ownResults() {
  const { turn } = view;
  resultsScreen(() => turn === view.turn).catch(failed);
}

/* ---- polls ---- */

/** The item under discussion; at `reveal` own choice and the room's split, the key stays on the projector. */
export async function pollScreen(alive) {
  const { stage } = page.state;
  const revealed = stage.startsWith("reveal:");
  const wave = await fetchWave("poll", alive);
  if (!alive()) return;
  page.wave = wave;
  const [item] = wave.items;
  const known = page.wave.responses[item.item_id];
  const status = h("p", { class: "status", role: "status" });
  const quiz = h("kit-quiz");
  quiz.data = {
    item, choice: known ? known.choice : [], language: page.language, split: revealed ? wave.split || {} : null,
    onChoice: (choice) => outbox.answer("poll", item.item_id, choice),
  };
  show(stage, h("p", { class: "kicker" }, t("poll.kicker")), h("h1", null, t(revealed ? "reveal.title" : "poll.title")),
    revealed && strip(t("reveal.look")), quiz, !revealed && h("div", { class: "poll-status" }, status));
  view.refresh = () => {
    const state = outbox.status("poll", item.item_id);
    showStatus(status, state, state === "saved" ? t("poll.look") : "");
  };
  view.refresh();
}

/* ---- results ---- */

/** Own result, every item with key and rationale, the five checks, the personal code. */
export async function resultsScreen(alive) {
  await spread();
  const { scores, items, personal_code } = await persist(() => call("GET", `/feedback?language=${page.language}`), alive);
  if (!alive()) return;
  page.me.personal_code = personal_code;
  const scored = items.filter((item) => item.wave !== "poll");
  const late = h("div");
  show("results", h("h1", null, t("result.title")), page.state.stage === "closed" && h("p", { class: "aside" }, t("result.closed")),
    late, scoreBars(scores), h("p", { class: "lead" }, kindWords(scores, items.length > 0)),
    group("result.reread", scored.filter((item) => item.correct !== 1), true),
    group("result.right", scored.filter((item) => item.correct === 1)),
    group("result.talked", items.filter((item) => item.wave === "poll")),
    fiveChecks(), h("h2", null, t("help.title")), helpNumbers(), h("h2", null, t("result.keep")), codeCard(),
    h("p", { class: "no-print" }, button(t("result.print"), () => print(), "quiet")));
  view.refresh = () => {
    const n = outbox.count().late;
    if (n && !late.firstChild) late.append(strip(t("unsent", { n }), "warn"));
  };
  view.refresh();
}

function scoreBars(scores) {
  const waves = ["pre", "post", "followup"].filter((wave) => scores[wave]);
  return waves.length > 0 && h("dl", { class: "scores" }, waves.map((wave) => {
    const { score, max } = scores[wave];
    const fill = h("span", { class: "bar-fill" });
    fill.style.width = `${max ? (100 * score) / max : 0}%`;
    return h("div", { class: `score score-${wave}` }, h("dt", null, t(`result.${wave}`)),
      h("dd", null, h("b", null, t("result.of", { score, max })), h("span", { class: "bar", "aria-hidden": "true" }, fill)));
  }));
}

/** Kind whatever the score: what counts is the next offer, not the number. */
function kindWords({ pre, post, followup }, answered) {
  const last = followup || post;
  if (!answered) return t("result.none");
  if (!pre || !last) return t("result.one");
  if (last.score > pre.score) return t("result.up");
  return t(last.score >= 0.85 * last.max ? "result.high" : "result.level");
}

function group(key, items, first = false) {
  if (!items.length) return null;
  const order = ["followup", "post", "poll", "pre"];
  const sorted = [...items].sort((a, b) => order.indexOf(a.wave) - order.indexOf(b.wave));
  return h("section", { class: "group" }, h("h2", null, t(key, { n: items.length })),
    sorted.map((item, index) => itemDetails(item, first && index === 0)));
}

/** One item, folded; drawn when it is opened or printed, since thirty at once take a cheap phone a second. */
function itemDetails(item, open) {
  const wrong = item.correct === 0 && item.choice[0] !== "unsure";
  const sign = item.correct === 1 ? "✓" : wrong ? "✗" : "–";
  const plain = item.scenario ? item.scenario.text.replace(/\[\[[^|[\]]+\||\]\]/g, "") : item.stem;
  const heading = item.scenario && item.scenario.from ? `${item.scenario.from}: ${plain}` : plain;
  const body = h("div", { class: "details-body" });
  const draw = () => {
    if (body.firstChild) return;
    const quiz = h("kit-quiz");
    const { key, rationale, correct } = item;
    quiz.data = { item, choice: item.choice, language: page.language, feedback: { key, rationale, correct } };
    body.append(quiz);
  };
  const details = h("details", { open }, h("summary", null, h("span", { class: "sign", "aria-hidden": "true" }, sign),
    h("span", { class: "words" }, heading.length > 80 ? `${heading.slice(0, 78)}…` : heading,
      item.wave !== "poll" && h("small", { class: "tag" }, t(`result.${item.wave}`)))), body);
  details.addEventListener("toggle", draw);
  details.drawForPrint = () => { draw(); details.open = true; };
  if (open) draw();
  return details;
}

addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.drawForPrint();
});

function helpNumbers() {
  const list = document.querySelector("#help .numbers").cloneNode(true);
  list.querySelector("#office").removeAttribute("id");
  return list;
}

function fiveChecks() {
  const check = (letter) => h("li", null, h("span", { class: "big-letter", "aria-hidden": "true" }, letter.toUpperCase()),
    h("div", null, h("b", null, t(`cekal.${letter}`)), h("p", null, t(`cekal.${letter}2`))));
  return h("section", { class: "cekal" }, h("h2", null, t("cekal.title")), h("ol", null, [..."cekal"].map(check)));
}

/**
 * The screens after the last item: check and submit, finished, polls, results. Loaded while the first item is read.
 * Syntax floor: Chrome 80 (February 2020).
 */
import { h } from "./quiz.js";
import { addWords, button, call, codeCard, drawing, fetchWave, goTo, outbox, page, persist, show, t } from "./app.js";

addWords({
  "check.title": ["Periksa jawaban", "Check your answers"],
  "check.all": ["Semua soal sudah dijawab.", "Every question is answered."],
  "check.missing": ["{n} soal belum dijawab. Ketuk untuk menjawab; “Tidak tahu” juga jawaban.", "{n} questions are not answered. Tap one to answer; “Don't know” is an answer too."],
  "check.number": ["Soal {n}", "Question {n}"],
  "check.open": ["belum dijawab", "not answered"],
  "check.answered": ["sudah dijawab", "answered"],
  "check.optional": ["boleh dilewati", "may be skipped"],
  "check.unsaved": ["belum tersimpan", "not saved yet"],
  "check.send": ["Selesai", "Finish"],
  "done.title": ["Terima kasih", "Thank you"],
  "done.saved": ["Semua jawaban tersimpan ✓", "All answers are saved ✓"],
  "done.sending": ["{n} jawaban belum tersimpan. Biarkan halaman ini terbuka; dikirim sendiri begitu tersambung.", "{n} answers are not saved yet. Leave this page open; they are sent as soon as it is connected."],
  "done.next": ["Lihat ke layar depan. Halaman ini berganti sendiri.", "Look at the screen in front. This page changes by itself."],
  "done.later": ["Di bawah ini hasil Anda.", "Your result is below."],
  "done.change": ["Ubah jawaban", "Change answers"],
  "done.result": ["Lihat hasil saya", "See my result"],
  "poll.kicker": ["Dibahas bersama", "Discussed together"],
  "poll.title": ["Bagaimana menurut Anda?", "What do you think?"],
  "poll.look": ["Jawaban tersimpan. Lihat ke layar depan; Anda masih boleh mengubahnya.", "Answer saved. Look at the screen in front; you may still change it."],
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

/* ---- check and submit ---- */

const isOpen = (item) => !page.wave.responses[item.item_id];

/** Every item with its state; open ones first come to mind, so they are links like all others but louder. */
export function checkScreen() {
  const { wave, items } = page.wave;
  const missing = items.filter((item) => isOpen(item) && item.kind !== "likert");
  const send = () => { outbox.submit(wave); goTo("done"); };
  show(`${wave}/check`,
    h("p", { class: "kicker" }, t(`wave.${wave}`)),
    h("h1", null, t("check.title")),
    h("p", { class: missing.length ? "strip strip-warn" : "strip strip-good" }, missing.length ? t("check.missing", { n: missing.length }) : t("check.all")),
    !missing.length && h("p", null, button(t("check.send"), send)),
    h("ol", { class: "overview" }, items.map((item, index) => h("li", null, overviewRow(wave, item, index)))),
    h("p", null, button(t("back"), () => goTo(items.length - 1), "quiet")));
  page.refresh = () => { if (page.screen === `${wave}/check`) redrawStates(wave, items); };
}

function itemState(wave, item) {
  if (isOpen(item)) return item.kind === "likert" ? "optional" : "open";
  return outbox.status(wave, item.item_id) === "saved" ? "answered" : "unsaved";
}

function overviewRow(wave, item, index) {
  const state = itemState(wave, item);
  const sign = { open: "○", optional: "○", answered: "✓", unsaved: "…" }[state];
  return h("button", { type: "button", class: `row row-${state}`, onclick: () => goTo(index) },
    h("span", { class: "sign", "aria-hidden": "true" }, sign), h("b", null, t("check.number", { n: index + 1 })), " ",
    h("span", null, t(`check.${state}`)));
}

function redrawStates(wave, items) {
  [...document.querySelectorAll(".overview li")].forEach((line, index) => {
    const focused = line.contains(document.activeElement);
    line.textContent = "";
    line.append(overviewRow(wave, items[index], index));
    if (focused) line.firstChild.focus();
  });
}

/** After submitting: says plainly whether everything has arrived. */
export function finishedScreen() {
  const { wave } = page.wave;
  const draw = () => {
    const unsent = outbox.entries(wave).length;
    const answers = outbox.entries(wave).filter((entry) => entry.item).length;
    const own = wave === "followup" && !unsent;
    show(`${wave}/done`,
      drawing(unsent ? "wait" : "done"), h("h1", null, t("done.title")),
      h("p", { class: `strip ${unsent ? "strip-warn" : "strip-good"}`, role: "status" }, unsent ? t("done.sending", { n: Math.max(1, answers) }) : t("done.saved")),
      own ? h("p", null, button(t("done.result"), () => resultsScreen(() => page.screen.startsWith("followup")))) : h("p", { class: "lead" }, t("done.next")),
      codeCard(), h("p", null, button(t("done.change"), () => goTo(0), "quiet")));
    page.refresh = () => { if (unsent !== outbox.entries(wave).length) draw(); };
  };
  draw();
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
  const known = () => page.wave && page.wave.responses[item.item_id];
  const status = h("p", { class: "status", role: "status" });
  const quiz = h("kit-quiz");
  quiz.data = {
    item, choice: known() ? known().choice : [], language: page.language, split: revealed ? wave.split || {} : null,
    onChoice: (choice) => outbox.answer("poll", item.item_id, choice),
  };
  show(stage, h("p", { class: "kicker" }, t("poll.kicker")), h("h1", null, t(revealed ? "reveal.title" : "poll.title")),
    revealed && h("p", { class: "strip" }, t("reveal.look")), quiz, !revealed && h("div", { class: "nav nav-status" }, status));
  page.quiz = quiz;
  page.refresh = () => {
    const state = outbox.status("poll", item.item_id);
    status.className = `status status-${state}`;
    const text = !state ? "" : state === "saved" ? `${t("saved")} ${t("poll.look")}` : t(state);
    if (status.textContent !== text) status.textContent = text;
  };
  page.refresh();
}

/* ---- results ---- */

/** Own result, every item with key and rationale, the five checks, the personal code. */
export async function resultsScreen(alive) {
  const feedback = await persist(() => call("GET", `/feedback?language=${page.language}`), alive);
  if (!alive()) return;
  const { scores, items } = feedback;
  page.me.personal_code = feedback.personal_code || page.me.personal_code;
  const closed = page.state.stage === "closed";
  show("results", h("h1", null, t("result.title")), closed && h("p", { class: "aside" }, t("result.closed")),
    scoreBars(scores), h("p", { class: "lead" }, kindWords(scores)),
    h("p", { class: "no-print" }, button(t("result.print"), () => print(), "quiet")),
    group("result.reread", items.filter((item) => item.wave !== "poll" && item.kind !== "likert" && item.correct !== 1), true),
    group("result.right", items.filter((item) => item.wave !== "poll" && item.correct === 1)),
    group("result.talked", items.filter((item) => item.wave === "poll")),
    fiveChecks(), h("h2", null, t("result.keep")), codeCard());
}

function scoreBars(scores) {
  const waves = ["pre", "post", "followup"].filter((wave) => scores[wave]);
  return h("dl", { class: "scores" }, waves.map((wave) => {
    const { score, max } = scores[wave];
    const fill = h("span", { class: "bar-fill" });
    fill.style.width = `${max ? (100 * score) / max : 0}%`;
    return h("div", { class: `score score-${wave}` }, h("dt", null, t(`result.${wave}`)),
      h("dd", null, h("b", null, t("result.of", { score, max })), h("span", { class: "bar", "aria-hidden": "true" }, fill)));
  }));
}

/** Kind whatever the score: what counts is the next offer, not the number. */
function kindWords({ pre, post, followup }) {
  const last = followup || post;
  if (!pre && !last) return t("result.none");
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

function itemDetails(item, open) {
  const sign = item.correct === 1 ? "✓" : item.correct === 0 && item.choice.length && item.choice[0] !== "unsure" ? "✗" : "–";
  const body = h("div", { class: "details-body" });
  const when = item.wave === "poll" ? "" : t(`result.${item.wave}`);
  const opening = item.scenario ? `${item.scenario.from}: ${item.scenario.text.replace(/\[\[[^|[\]]+\||\]\]/g, "").slice(0, 70)}…` : item.stem;
  const details = h("details", { open }, h("summary", null, h("span", { class: "sign", "aria-hidden": "true" }, sign),
    h("span", { class: "words" }, opening, when && h("small", { class: "tag" }, when))), body);
  const draw = () => {
    if (body.firstChild) return;
    const quiz = h("kit-quiz");
    quiz.data = { item, choice: item.choice || [], language: page.language, feedback: { key: item.key || [], rationale: item.rationale, correct: item.correct } };
    body.append(quiz);
  };
  details.addEventListener("toggle", draw);
  addEventListener("beforeprint", () => { if (details.isConnected) { draw(); details.open = true; } });
  if (open) draw();
  return details;
}

function fiveChecks() {
  return h("section", { class: "cekal" }, h("h2", null, t("cekal.title")),
    h("ol", null, [..."cekal"].map((letter) => h("li", null, h("span", { class: "big-letter", "aria-hidden": "true" }, letter.toUpperCase()),
      h("div", null, h("b", null, t(`cekal.${letter}`)), h("p", null, t(`cekal.${letter}2`)))))));
}

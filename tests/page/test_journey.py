"""What a person lives through, from the QR code to the own result."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kit.quiz.model import Quiz
from kit.quiz.read import load_quiz

pytestmark = pytest.mark.browser
QUIZ: Quiz = load_quiz(Path(__file__).resolve().parents[2] / "quizzes" / "students.yaml")


def poll_of_kind(kind: str) -> str:
    return next(item_id for item_id in QUIZ.polls if QUIZ.item(item_id).kind == kind)


def test_a_phone_goes_from_the_qr_code_to_its_own_result(service: Any, phone: Any, code: str) -> None:
    phone.join()
    phone.wait_heading("Anda sudah masuk")
    assert phone.page.locator(".big-code").inner_text() == phone.personal_code

    service.control.move(code, "pre")
    phone.wait_heading(f"1 dari {len(QUIZ.forms['A']) + len(QUIZ.likert)}")
    phone.answer_wave()
    phone.wait_heading("Terima kasih")
    assert service.control.session(code)["finished"]["pre"] == 1

    service.control.move(code, "lesson")
    phone.wait_heading("Letakkan ponsel")
    service.control.move(code, "post")
    phone.answer_wave(index=1)
    service.control.move(code, "results")
    phone.wait_heading("Hasil Anda")
    scores = phone.page.locator(".score dd b").all_inner_texts()
    assert len(scores) == 2
    assert all(score.endswith(f"dari {len(QUIZ.forms['A'])}") for score in scores)
    assert phone.outbox == []


def test_nothing_sent_before_the_results_holds_a_key_or_a_rationale(
    service: Any, phone: Any, code: str
) -> None:
    bodies: list[str] = []
    phone.context.on(
        "requestfinished",
        lambda request: None if request.url.endswith("/stream") else bodies.append(request.response().text()),
    )
    phone.join()
    service.control.move(code, "pre")
    phone.answer_wave()
    service.control.move(code, "lesson")
    for stage in (f"poll:{QUIZ.polls[0]}", f"reveal:{QUIZ.polls[0]}"):
        service.control.move(code, stage)
        phone.page.wait_for_selector("kit-quiz")
    phone.page.wait_for_selector(".shown")
    seen = "\n".join(bodies)
    assert "kit-quiz" in seen
    assert "responses" in seen
    for item in QUIZ.items:
        if item.rationale:
            assert item.rationale.id[:40] not in seen
    for name in ('"key":', '"rationale":', '"signal":', '"twin":', '"sources":'):
        assert name not in seen


def test_results_show_wrong_items_first_with_key_and_rationale(service: Any, phone: Any, code: str) -> None:
    phone.join()
    service.control.move(code, "pre")
    phone.answer_wave()
    service.control.move(code, "lesson")
    service.control.move(code, "post")
    phone.answer_wave()
    service.control.move(code, "results")
    phone.wait_heading("Hasil Anda")
    assert phone.page.locator("details[open]").count() == 0, "the first screen is not pushed away"
    groups = phone.page.locator(".fold:has(.group)")
    assert groups.locator("h2").first.inner_text().startswith("Baca lagi")
    groups.first.locator("summary").first.click()
    first = groups.first.locator(".group details").first
    first.locator("summary").click()
    assert first.locator(".verdict").inner_text() == "✗ Belum tepat"
    assert first.locator(".is-key .tag").inner_text().startswith("✓ Jawaban tepat")
    assert first.locator(".own .tag").inner_text() == "Pilihan Anda"
    shown = first.locator(".rationale p").inner_text()
    assert shown in {item.rationale.id for item in QUIZ.items if item.rationale}
    assert phone.page.locator(".fold-body > .cekal li").count() == 5
    assert phone.page.locator("main .numbers a").count() >= 6
    assert phone.page.locator(".big-code").inner_text() == phone.personal_code


def test_printing_unfolds_every_item(service: Any, phone: Any, code: str) -> None:
    phone.join()
    service.control.move(code, "pre")
    phone.answer_wave()
    for stage in ("lesson", "post", "results"):
        service.control.move(code, stage)
    phone.wait_heading("Hasil Anda")
    phone.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    phone.page.emulate_media(media="print")
    folded = phone.page.locator("details:not([open])").count()
    rationales = phone.page.locator(".rationale:visible").count()
    assert folded == 0
    assert rationales == len(QUIZ.forms["A"])
    assert not phone.page.locator("#leave").is_visible()


def test_the_first_sheet_of_paper_holds_all_that_is_kept(service: Any, phone: Any, code: str) -> None:
    phone.join()
    for stage in ("pre", "lesson", "post"):
        service.control.move(code, stage)
        if stage != "lesson":
            phone.answer_wave()
    service.control.move(code, "results")
    phone.wait_heading("Hasil Anda")
    phone.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    phone.page.emulate_media(media="print")
    phone.page.set_viewport_size({"width": 718, "height": 1046})  # A4 at 96 dpi within margins of 1 cm
    for part in (".scores", ".take-along", ".own-code", ".plan"):
        box = phone.page.locator(part).bounding_box()
        assert box["y"] + box["height"] <= 1046, part
    kept, folded = phone.page.evaluate(
        "['.plan', '.fold'].map(one => getComputedStyle(document.querySelector(one)).breakBefore)"
    )
    assert (kept, folded) == ("auto", "page")
    shot = phone.page.pdf(format="A4")
    assert shot.count(b"/Type /Page\n") >= 2


def test_the_result_is_one_picture_made_on_the_phone(service: Any, phone: Any, code: str) -> None:
    phone.join()
    for stage in ("pre", "lesson", "post", "results"):
        service.control.move(code, stage)
    phone.wait_heading("Hasil Anda")
    asked = len(phone.requests)
    phone.page.get_by_text("Simpan sebagai gambar").click()
    phone.wait_heading("Gambar untuk disimpan")
    picture = "document.querySelector('.own-picture')"
    wide, high = phone.page.evaluate(f"[{picture}.naturalWidth, {picture}.naturalHeight]")
    assert wide == 1080
    assert wide / 2 < high < 2 * wide
    with phone.page.expect_download() as saved:
        phone.page.get_by_text("Unduh gambar").click()
    assert saved.value.suggested_filename == "hasil-saya.png"
    assert [one.url for one in phone.requests[asked:] if one.method != "GET"] == [], "it is sent nowhere"


def test_a_poll_keeps_its_key_and_shows_the_split_when_revealed(service: Any, phone: Any, code: str) -> None:
    poll = poll_of_kind("choice")
    phone.join()
    for _ in range(3):
        person = service.join(code)
        service_stage = service.control.session(code)["stage"]
        if service_stage == "lobby":
            for stage in ("pre", "lesson", f"poll:{poll}"):
                service.control.move(code, stage)
        person.put("poll", poll, [QUIZ.item(poll).options[1].option_id])
    phone.wait_heading("Bagaimana menurut Anda?")
    phone.choose(0)
    phone.page.wait_for_selector(".status-saved")
    assert "Lihat ke layar depan" in phone.page.locator(".status-saved").inner_text()
    service.control.move(code, f"reveal:{poll}")
    phone.wait_heading("Pilihan kita bersama")
    assert phone.page.locator(".shown .count").all_inner_texts()[:2] == ["1 orang · 25%", "3 orang · 75%"]
    assert phone.page.locator(".shown .own").count() == 1
    assert phone.page.locator(".is-key, .rationale").count() == 0


def test_an_open_item_can_be_skipped_but_not_left_out_unseen(service: Any, phone: Any, code: str) -> None:
    phone.join()
    service.control.move(code, "pre")
    phone.page.wait_for_selector(".nav")
    assert phone.next.inner_text() == "Lewati dulu"
    phone.next.click()
    phone.wait_heading(f"2 dari {len(QUIZ.forms['A']) + len(QUIZ.likert)}")
    while phone.page.locator(".nav").count():
        phone.choose(0)
        phone.wait_saved()
        phone.next.click()
        phone.page.wait_for_timeout(20)
    phone.wait_heading("Periksa jawaban")
    assert "Belum dijawab: 1" in phone.page.locator("main .strip-warn").inner_text()
    phone.page.locator(".row-open").click()
    phone.page.wait_for_selector(".option-unsure")
    phone.page.locator(".option-unsure").click()
    phone.wait_saved()
    assert service.control.session(code)["finished"]["pre"] == 0


def test_attitude_items_may_be_left_out(service: Any, phone: Any, code: str) -> None:
    phone.join()
    service.control.move(code, "pre")
    phone.page.wait_for_selector(".nav")
    while phone.page.locator(".nav").count():
        if not phone.page.locator(".options-likert").count():
            phone.choose(0)
            phone.wait_saved()
        phone.next.click()
        phone.page.wait_for_timeout(20)
    assert phone.page.locator(".row-optional").count() == len(QUIZ.likert)
    phone.page.locator("main .button").first.click()
    phone.wait_heading("Terima kasih")
    phone.page.wait_for_selector(".strip-good")


def test_several_choices_wait_for_their_save_button_and_next_saves_them_too(
    service: Any, phone: Any, code: str
) -> None:
    poll = poll_of_kind("spot")
    phone.join()
    for stage in ("pre", "lesson", f"poll:{poll}"):
        service.control.move(code, stage)
    phrases = phone.page.locator(".phrase")
    phrases.nth(0).click()
    phrases.nth(1).click()
    assert phone.page.locator(".hint").inner_text() == "Pilihan ini belum disimpan."
    assert service.control.session(code)["splits"][poll] == dict.fromkeys(
        (option.option_id for option in QUIZ.item(poll).options), 0
    )
    phone.page.locator(".option-press").click()
    assert [mark.get_attribute("aria-pressed") for mark in phrases.all()[:2]] == ["false", "false"]
    phrases.nth(1).click()
    assert phone.page.locator(".option-press").get_attribute("aria-pressed") == "false"
    phone.page.locator(".save-row button").click()
    phone.page.wait_for_selector(".status-saved")
    chosen = {name for name, people in service.control.session(code)["splits"][poll].items() if people}
    assert chosen == {QUIZ.item(poll).options[1].option_id}


def test_words_and_items_change_their_language_at_any_time(service: Any, phone: Any, code: str) -> None:
    phone.join()
    service.control.move(code, "pre")
    phone.page.wait_for_selector("kit-quiz")
    stem = phone.page.locator(".stem").inner_text()
    item = next(item for item in QUIZ.items if item.stem.id == stem)
    phone.page.locator("#language").click()
    phone.page.wait_for_selector("main h1:text-matches('^1 of')")
    assert phone.page.locator(".stem").inner_text() == item.stem.en
    assert phone.page.evaluate("document.documentElement.lang") == "en"
    phone.page.reload()
    phone.page.wait_for_selector("main h1:text-matches('^1 of')")


def test_an_offer_is_drawn_as_what_it_is_and_labelled_as_made_up(service: Any, phone: Any, code: str) -> None:
    phone.join()
    service.control.move(code, "pre")
    phone.page.wait_for_selector("kit-quiz")
    item = next(i for i in QUIZ.items if i.stem.id == phone.page.locator(".stem").inner_text())
    assert item.scenario is not None
    assert phone.page.locator(f".scene-{item.scenario.channel}").count() == 1
    assert "Contoh rekaan" in phone.page.locator("figcaption").inner_text()
    assert item.scenario.sender.id in phone.page.locator(".scene-from").inner_text()


def test_several_audiences_are_asked_for_and_one_is_not(
    start: Callable[..., Any], browser: Any, write_quiz: Callable[..., Path]
) -> None:
    folder = write_quiz(quiz_id="pupils", audience=["student"])
    write_quiz(quiz_id="staff", audience=["teacher", "principal"])
    service = start("two-quizzes", KIT_QUIZZES=str(folder))
    code = service.open_session("pupils", "staff")
    page = browser.new_page()
    page.goto(f"{service.url}/{code}")
    page.wait_for_selector("h1:text-is('Anda ikut sebagai siapa?')")
    assert page.locator(".choice").all_inner_texts() == ["Siswa", "Guru", "Kepala sekolah"]
    page.locator(".choice").nth(1).click()
    page.locator("main .button").first.click()
    page.wait_for_selector("h1:text-is('Anda sudah masuk')")
    assert service.control.session(code)["by_audience"]["teacher"] == 1
    page.context.close()


def test_a_latecomer_joins_in_the_middle(service: Any, phone: Any, code: str) -> None:
    for stage in ("pre", "lesson"):
        service.control.move(code, stage)
    phone.join()
    phone.wait_heading("Letakkan ponsel")


def test_who_did_not_finish_still_sees_the_answers_given(service: Any, phone: Any, code: str) -> None:
    phone.join()
    service.control.move(code, "pre")
    phone.page.wait_for_selector(".nav")
    phone.choose()
    phone.wait_saved()
    for stage in ("lesson", "post", "results"):
        service.control.move(code, stage)
    phone.wait_heading("Hasil Anda")
    assert phone.page.locator(".group details").count() == 1
    assert "Belum ada jawaban" not in phone.page.locator("main").inner_text()


def test_a_rehearsal_says_so_on_every_phone(service: Any, new_phone: Callable[..., Any]) -> None:
    phone = new_phone(service.open_session("students", rehearsal=True))
    phone.join()
    assert phone.page.locator("#rehearsal").is_visible()


def test_help_numbers_are_one_tap_away_and_include_the_local_office(
    start: Callable[..., Any], browser: Any
) -> None:
    service = start("office", KIT_OFFICE_CONTACT="(021) 555-0199")
    code = service.open_session("students")
    page = browser.new_page()
    page.goto(f"{service.url}/{code}")
    page.wait_for_selector("main .button")
    page.locator("#help-open").click()
    links = [link.get_attribute("href") for link in page.locator("#help a").all()]
    assert links == [
        "tel:110", "tel:129", "tel:08111129129", "tel:08001000", "tel:08118080141", "tel:+622129244800",
        "tel:0215550199",
    ]  # fmt: skip
    page.locator("#help-close").click()
    assert page.locator("main h1").is_visible()
    page.context.close()


def test_the_same_item_is_a_notebook_widget(service: Any, phone: Any, code: str) -> None:
    phone.join()
    item = QUIZ.item(poll_of_kind("choice")).public("id")
    chosen = phone.page.evaluate(
        """async (item) => {
            const { default: widget } = await import("/static/quiz.js");
            const traits = { item, choice: [], language: "id", read_only: false, feedback: null };
            const heard = {};
            const model = {
                get: (name) => traits[name], set: (name, value) => { traits[name] = value; },
                save_changes() {}, on: (name, task) => { heard[name] = task; }, off() {},
            };
            const el = document.createElement("div");
            document.body.append(el);
            const end = widget.render({ model, el });
            el.querySelectorAll("input")[1].click();
            const choice = [...traits.choice];
            traits.feedback = { key: [item.options[0].option_id], rationale: "Sebab", correct: 0 };
            heard["change:feedback"]();
            const verdict = el.querySelector(".verdict").textContent;
            const rationale = el.querySelector(".rationale p").textContent;
            end();
            return { choice, verdict, rationale };
        }""",
        item,
    )
    assert chosen == {
        "choice": [item["options"][1]["option_id"]],
        "verdict": "✗ Belum tepat",
        "rationale": "Sebab",
    }

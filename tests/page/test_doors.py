"""Coming in, coming back, leaving: codes, tokens, quick exit, a phone that is passed on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.page.test_journey import QUIZ

pytestmark = pytest.mark.browser
HAND_ON = "Sudah difoto, serahkan ponsel"


def enter(phone: Any, typed: str) -> None:
    phone.page.fill("#code", typed)
    phone.page.keyboard.press("Enter")


@pytest.mark.parametrize("spelling", ["{0}{1}{2}{3}{4}{5}", "{0}{1}{2} {3}{4}{5}", "{0}{1}-{2}{3}-{4}{5} "])
def test_a_typed_code_may_have_blanks_hyphens_and_small_letters(phone: Any, code: str, spelling: str) -> None:
    phone.visit("")
    enter(phone, spelling.format(*code.lower()))
    phone.wait_heading("Sebelum mulai")
    assert phone.page.url.endswith(f"/{code}")


def test_a_mistyped_code_says_what_to_look_for(phone: Any) -> None:
    phone.visit("")
    enter(phone, "ABC")
    assert "tidak pernah memakai B" in phone.page.locator(".error").inner_text()
    enter(phone, "ACD")
    assert "6 huruf" in phone.page.locator(".error").inner_text()
    assert phone.page.evaluate("document.activeElement.id") == "code"
    enter(phone, "ACDEFG")
    phone.page.wait_for_selector(".error:text-matches('ACDEFG')")
    assert phone.page.input_value("#code") == "ACDEFG"


def test_an_unknown_code_in_the_address_leads_to_the_entry(phone: Any) -> None:
    phone.visit("ACDEFG")
    phone.page.wait_for_selector(".error:text-matches('tidak ditemukan')")
    assert phone.page.url.endswith("/")


def test_the_personal_code_brings_a_person_to_a_new_phone(
    service: Any, phone: Any, new_phone: Callable[..., Any], code: str
) -> None:
    phone.join()
    service.control.move(code, "pre")
    phone.page.wait_for_selector(".nav")
    phone.choose(1)
    phone.wait_saved()
    second = new_phone(code)
    second.visit()
    second.page.locator("button:text-is('Saya sudah pernah ikut')").click()
    second.page.fill("#personal", phone.personal_code.lower().replace("-", " "))
    second.page.keyboard.press("Enter")
    second.page.wait_for_selector(".nav")
    second.wait_saved()
    assert second.options.nth(1).locator("input").is_checked()
    assert service.control.session(code)["joined"] == 1


def test_the_first_phone_is_told_and_keeps_its_unsent_answer(
    service: Any, phone: Any, new_phone: Callable[..., Any], code: str
) -> None:
    phone.join()
    service.control.move(code, "pre")
    phone.page.wait_for_selector(".nav")
    service.phone().post(
        f"/api/sessions/{code}/participants/resume", json={"personal_code": phone.personal_code}
    )
    phone.choose(0)
    phone.wait_heading("Kode pribadi Anda dipakai di ponsel lain")
    assert len(phone.outbox) == 1
    phone.shot("elsewhere")
    phone.page.locator("main button:text-is('Tetap di ponsel ini')").click()
    phone.page.wait_for_selector(".nav")
    phone.wait_saved()
    phone.wait_delivered()


def test_a_wrong_personal_code_is_refused_in_words(phone: Any) -> None:
    phone.visit()
    phone.page.locator("button:text-is('Saya sudah pernah ikut')").click()
    phone.page.fill("#personal", "TIDAK-0000")
    phone.page.keyboard.press("Enter")
    phone.page.wait_for_selector(".error")
    assert phone.page.input_value("#personal") == "TIDAK-0000"


def test_a_stage_change_does_not_disturb_somebody_at_the_door(service: Any, phone: Any, code: str) -> None:
    phone.visit()
    phone.page.locator("button:text-is('Saya sudah pernah ikut')").click()
    phone.page.fill("#personal", "RUSA-48")
    for stage in ("pre", "lesson"):
        service.control.move(code, stage)
        phone.page.wait_for_timeout(600)
        assert phone.page.input_value("#personal") == "RUSA-48"
    service.control.move(code, "post")
    service.control.move(code, "results")
    phone.wait_heading("Sesi ini sudah selesai")


def test_a_token_of_another_tab_is_adopted_without_asking(service: Any, phone: Any, code: str) -> None:
    phone.join()
    service.control.move(code, "pre")
    phone.page.wait_for_selector(".nav")
    fresh = service.phone().post(
        f"/api/sessions/{code}/participants/resume", json={"personal_code": phone.personal_code}
    )
    phone.page.evaluate("([code, me]) => localStorage.setItem(`kit.me/${code}`, me)", [code, fresh.text])
    phone.choose(0)
    phone.wait_saved()


def test_quick_exit_leaves_nothing_to_see_and_nothing_to_go_back_to(
    service: Any, phone: Any, code: str
) -> None:
    phone.page.goto("about:blank")
    phone.visit("")
    enter(phone, code)
    phone.page.locator("main .button").first.click()
    phone.page.wait_for_selector("#who > *")
    service.control.move(code, "pre")
    phone.page.wait_for_selector(".nav")
    phone.choose(0)
    phone.wait_saved()
    phone.page.locator("#leave").click()
    phone.page.wait_for_selector("table")
    assert phone.page.title() == "Takaran dapur"
    assert code not in phone.page.url
    phone.page.go_back()
    assert phone.page.url == "about:blank"
    phone.visit()
    phone.wait_heading("Lanjutkan?")
    assert phone.page.locator("kit-quiz, #who > *").count() == 0
    phone.page.locator("main button:text-is('Lanjutkan')").click()
    phone.page.wait_for_selector(".nav")
    phone.wait_saved()


def test_an_answer_on_its_way_survives_the_quick_exit(service: Any, phone: Any, code: str) -> None:
    phone.join()
    service.control.move(code, "pre")
    phone.page.wait_for_selector(".nav")
    phone.choose(0)
    phone.page.locator("#leave").click()
    phone.page.wait_for_selector("table")
    phone.visit()
    phone.page.locator("main button:text-is('Lanjutkan')").click()
    phone.wait_saved()
    phone.wait_delivered()


def test_quick_exit_works_without_a_network(service: Any, phone: Any, code: str) -> None:
    phone.join()
    service.control.move(code, "pre")
    with phone.page.expect_response("**/blank.css"):
        phone.page.wait_for_selector(".nav")
    phone.page.wait_for_timeout(300)
    phone.context.set_offline(True)
    phone.page.locator("#leave").click()
    phone.page.wait_for_selector("table")
    phone.context.set_offline(False)


def test_a_phone_can_be_passed_on_once_everything_is_delivered(service: Any, phone: Any, code: str) -> None:
    phone.join()
    first = phone.personal_code
    service.control.move(code, "pre")
    phone.page.wait_for_selector(".nav")
    phone.page.route("**/responses/*", lambda route: route.abort())
    phone.choose(0)
    phone.page.wait_for_selector(".status-waiting")
    phone.page.locator("#next-person").click()
    phone.wait_heading("Peserta berikutnya?")
    assert phone.page.locator("main .big-code").inner_text() == first
    assert "Belum terkirim: 1" in phone.page.locator("main .strip-warn").inner_text()
    assert phone.page.locator(f"main button:text-is('{HAND_ON}')").count() == 0
    phone.page.unroute("**/responses/*")
    phone.page.locator(f"main button:text-is('{HAND_ON}')").click()
    phone.wait_heading("Sebelum mulai")
    assert not [
        key for key in phone.kept if first in phone.kept[key] or key.startswith(("kit.me", "kit.seq"))
    ]
    phone.page.locator("main .button").first.click()
    phone.page.wait_for_selector(".nav")
    assert phone.personal_code != first
    assert phone.page.locator("input:checked").count() == 0


def test_the_wish_to_finish_arrives_before_the_phone_is_passed_on(
    service: Any, phone: Any, code: str
) -> None:
    token = {"Authorization": f"Bearer {service.environment['KIT_CONTROL_TOKEN']}"}
    path = f"/api/control/sessions/{code}/questions"
    assert service.phone().put(path, headers=token, json={"open": True}).status_code == 200
    phone.join()
    service.control.move(code, "pre")
    phone.page.wait_for_selector(".nav")
    phone.page.get_by_text("Tanya petugas").click()
    phone.page.fill("#question", "Saya Budi")
    phone.page.locator("main").get_by_text("Kembali").click()
    phone.page.route("**/submit", lambda route: route.abort())
    for number in range(len(QUIZ.wave_items("A", "pre"))):
        phone.page.wait_for_selector(f"main h1:text-matches('^{number + 1} ')")
        phone.choose(0)
        phone.wait_saved()
        phone.next.click()
    phone.page.locator("main .button").first.click()
    phone.page.locator("main").get_by_text("Peserta berikutnya").click()
    phone.wait_heading("Peserta berikutnya?")
    assert phone.page.locator(f"main button:text-is('{HAND_ON}')").count() == 0
    phone.page.unroute("**/submit")
    phone.page.locator(f"main button:text-is('{HAND_ON}')").click()
    phone.wait_heading("Sebelum mulai")
    assert service.control.session(code)["finished"]["pre"] == 1
    phone.page.locator("main .button").first.click()
    phone.page.wait_for_selector(".nav")
    phone.page.get_by_text("Tanya petugas").click()
    assert phone.page.input_value("#question") == "", "what was typed went with who typed it"


def test_the_page_is_opened_again_without_a_network(service: Any, phone: Any, code: str) -> None:
    phone.join()
    service.control.move(code, "pre")
    phone.page.wait_for_selector(".nav")
    phone.page.close()
    phone.context.set_offline(True)
    phone.page = phone.open_tab()
    phone.visit()
    phone.page.wait_for_selector("#connection .strip-warn")
    assert "Jangan muat ulang" in phone.page.locator("#connection").inner_text()
    assert phone.page.locator(".big-code").inner_text() == phone.personal_code
    phone.context.set_offline(False)
    phone.page.wait_for_selector(".nav")


def test_a_session_that_is_over_leads_to_another_code(service: Any, phone: Any, code: str) -> None:
    for stage in ("pre", "lesson", "post", "results"):
        service.control.move(code, stage)
    phone.visit()
    phone.wait_heading("Sesi ini sudah selesai")
    phone.page.get_by_text("Masukkan kode sesi lain").click()
    phone.wait_heading("Masukkan kode sesi")
    phone.page.fill("#code", service.open_session("students"))
    phone.page.keyboard.press("Enter")
    phone.wait_heading("Sebelum mulai")


def test_joining_after_the_end_offers_only_the_personal_code(service: Any, phone: Any, code: str) -> None:
    for stage in ("pre", "lesson", "post", "results"):
        service.control.move(code, stage)
    phone.visit()
    phone.wait_heading("Sesi ini sudah selesai")
    assert phone.page.locator("button:text-is('Saya belum punya kode')").count() == 0


def test_weeks_later_the_follow_up_starts_from_the_personal_code(
    service: Any, phone: Any, new_phone: Callable[..., Any], code: str
) -> None:
    phone.join()
    for stage in ("pre", "lesson", "post", "results", "closed", "followup"):
        service.control.move(code, stage)
    later = new_phone(code)
    later.visit()
    later.wait_heading("Tindak lanjut")
    later.page.fill("#personal", phone.personal_code)
    later.page.keyboard.press("Enter")
    later.answer_wave()
    later.page.locator("button:text-is('Lihat hasil saya')").wait_for()
    assert later.page.locator("button:text-is('Ubah jawaban')").count() == 0, "the keys are a tap away"
    later.page.locator("button:text-is('Lihat hasil saya')").click()
    later.wait_heading("Hasil Anda")
    assert later.page.locator(".score dt").all_inner_texts() == ["Tindak lanjut"]


def test_a_deleted_session_sends_its_phones_to_the_entry(service: Any, phone: Any, code: str) -> None:
    phone.join()
    service.control.delete(code)
    phone.page.wait_for_selector(".error:text-matches('tidak ditemukan')", timeout=60_000)


def test_a_phone_without_a_stream_follows_by_plain_requests(service: Any, phone: Any, code: str) -> None:
    phone.page.route("**/stream", lambda route: route.abort())
    phone.join()
    service.control.move(code, "pre")
    phone.page.wait_for_selector(".nav", timeout=30_000)
    asked = [request for request in phone.requests if request.url.endswith(f"/api/sessions/{code}")]
    assert asked[-1].headers.get("if-none-match") or asked[1].headers["if-none-match"]


def test_a_browser_that_keeps_nothing_still_takes_part(
    service: Any, new_phone: Callable[..., Any], code: str
) -> None:
    phone = new_phone(code)
    phone.context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no') }})"
    )
    phone.join()
    service.control.move(code, "pre")
    phone.page.wait_for_selector(".nav")
    phone.choose(0)
    phone.wait_saved()


def test_a_browser_that_keeps_nothing_says_so_and_asks_for_the_code_after_a_reload(
    service: Any, new_phone: Callable[..., Any], code: str
) -> None:
    phone = new_phone(code)
    phone.context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no') }})"
    )
    phone.visit()
    phone.page.locator(".strip-warn", has_text="foto kode pribadi").wait_for()
    phone.join()
    personal_code = phone.page.locator(".big-code").inner_text()
    phone.page.reload()
    phone.wait_heading("Anda sudah masuk tadi")
    phone.page.fill("#personal", personal_code)
    phone.page.locator("form .button").click()
    phone.page.wait_for_selector("#who > *")
    assert phone.page.locator(".big-code").inner_text() == personal_code
    assert service.control.session(code)["joined"] == 1


def test_two_tabs_at_the_door_are_one_person(service: Any, phone: Any, code: str) -> None:
    """Both stand at the door, and both are pressed before either has its answer."""
    phone.visit()
    other = phone.open_tab()
    other.goto(phone.page.url)
    tabs = (phone.page, other)
    for tab in tabs:
        tab.wait_for_selector("main .button")
    held: list[Any] = []
    phone.context.route("**/participants", lambda route: held.append(route))
    for tab in tabs:
        tab.locator("main .button").first.click(no_wait_after=True)
    other.wait_for_timeout(500)
    assert len(held) == 2
    for route in held:
        route.continue_()
    for tab in tabs:
        tab.wait_for_selector("#who > *")
    assert len({tab.locator(".big-code").inner_text() for tab in tabs}) == 1
    assert service.control.session(code)["joined"] == 1


def test_a_lost_answer_to_joining_makes_no_second_person(service: Any, phone: Any, code: str) -> None:
    """The first request reaches the service, its answer does not reach the phone."""
    lost = []

    def lose_the_first(route: Any) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    phone.context.route("**/participants", lose_the_first)
    phone.join()
    assert lost == [201]
    assert service.control.session(code)["joined"] == 1


def test_a_person_deletes_their_answers_after_one_question(service: Any, phone: Any, code: str) -> None:
    phone.join()
    service.control.move(code, "pre")
    phone.page.wait_for_selector(".nav")
    phone.choose(0)
    phone.wait_saved()
    phone.page.click("#help-open")
    phone.page.click("#forget")
    phone.wait_heading("Hapus semua jawaban Anda?")
    phone.shot("forget")
    phone.page.locator("main button:text-is('Batal')").click()
    phone.page.wait_for_selector(".nav")
    assert service.control.session(code)["joined"] == 1
    phone.page.click("#help-open")
    phone.page.click("#forget")
    phone.page.locator("main button:text-is('Ya, hapus jawaban saya')").click()
    phone.wait_heading("Jawaban Anda sudah dihapus")
    assert service.control.session(code)["joined"] == 0
    assert phone.page.evaluate("code => localStorage.getItem(`kit.me/${code}`)", code) is None


def test_the_personal_code_stands_where_it_was_given_and_where_somebody_asks_for_it(
    service: Any, phone: Any, new_phone: Any, code: str
) -> None:
    phone.join()
    first = phone.page.locator(".big-code").inner_text()
    assert first == phone.personal_code
    assert first not in phone.page.locator("#who").inner_text()
    service.control.move(code, "pre")
    phone.page.wait_for_selector(".nav")
    assert first not in phone.page.locator("body").inner_text()
    phone.page.locator("#own-code").click()
    assert first in phone.page.locator("#who").inner_text()
    phone.choose(0)
    phone.wait_saved()
    assert first in phone.page.locator("#who").inner_text()
    phone.next.click()
    phone.page.wait_for_selector("h1:text-matches('^2 dari')")
    assert first not in phone.page.locator("body").inner_text()
    late = new_phone(code)
    late.join()
    late.page.wait_for_selector(".nav")
    assert late.personal_code in late.page.locator("#who").inner_text()
    late.page.reload()
    late.page.wait_for_selector(".nav")
    assert late.personal_code not in late.page.locator("body").inner_text()

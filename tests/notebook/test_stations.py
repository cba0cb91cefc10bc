"""A whole session from the projector, and what happens when something dies in the middle."""

from __future__ import annotations

import time
from collections.abc import Callable
from html import unescape

import psutil
import pytest

from tests.axe import Axe
from tests.notebook.conftest import Desk

pytestmark = [pytest.mark.notebook, pytest.mark.browser]
NARROW = "slide => slide.scrollWidth <= slide.clientWidth"
LOST_AFTER = 6000  # milliseconds, as in deck.js


def test_the_form_lists_what_is_missing_and_takes_it_when_it_is_there(desk: Desk) -> None:
    page = desk.show("session_students")
    desk.station("station-open")
    page.wait_for_timeout(500)
    if desk.slide.locator("[data-key=fresh]").count():
        desk.press("fresh", sure=False)
    desk.press("submit", sure=False)
    faults = desk.slide.locator("[data-key=faults]")
    assert faults.locator("li").all_inner_texts() == [
        "Isi nama sekolah, desa, atau kelurahan.",
        "Centang persetujuan sekolah/orang tua. Tanpa itu siswa tidak boleh menjawab.",
    ]
    assert Axe().run(page).violations_count == 0
    faults.locator("a").first.click()
    assert page.evaluate("document.activeElement.id") == "kit-site"
    assert page.locator("#kit-event-hint").inner_text().startswith("Tidak wajib.")
    label = page.locator("label[for=kit-minors_consent]").bounding_box()
    hint = page.locator("#kit-minors_consent-hint").bounding_box()
    assert label is not None
    assert hint is not None
    assert hint["y"] - (label["y"] + label["height"]) < 8, "the hint belongs to its tick"
    desk.shot("station-open-faults")
    code = desk.open_session()
    opened = desk.laptop.service.control.session(code)
    assert (opened["event"], opened["site"]["name"]) == ("Pekan Contoh", "SMA Contoh")
    assert opened["stage"] == "lobby"


def test_a_session_needs_no_event(desk: Desk) -> None:
    page = desk.show("session_students")
    code = desk.open_session(event="")
    assert desk.laptop.service.control.session(code)["event"] == ""
    desk.slide.get_by_text("SMA Contoh · ").wait_for()
    page.goto(f"{desk.laptop.url}/kit")
    page.locator(f"a.button[href*='/voila/'][href*='{code}']").wait_for()


def test_a_session_from_opening_to_report(desk: Desk) -> None:
    page, service = desk.show("session_students"), desk.laptop.service
    code = desk.open_session(rehearsal=True)
    people = [service.join(code) for _ in range(6)]
    desk.station("station-lobby")
    desk.slide.locator(".joined b:text-is('6')").wait_for()
    assert desk.slide.locator(".code").inner_text() == code
    assert desk.slide.locator(".qr svg").is_visible()
    assert f":{service.port}" in desk.slide.locator(".address").inner_text()
    desk.shot("station-lobby")

    desk.station("station-pre")
    desk.press("start")
    desk.slide.locator(".numbers .lit").wait_for()
    for person in people[:4]:
        person.answer("pre", 5)
    desk.slide.locator(".lit dd:text-is('4')").wait_for()
    desk.shot("station-pre-running")
    for person in people[4:]:
        person.answer("pre", 5)
    desk.slide.locator(".lit dd:text-is('6')").wait_for()
    desk.press("stop")
    desk.slide.locator("[data-key=go-pre]").wait_for()
    assert service.control.session(code)["stage"] == "lesson"

    desk.station("station-poll-poll-02")
    desk.press("go-poll:poll-02".replace(":", "\\:"), sure=False)
    desk.slide.locator(".answers").wait_for()
    for person in people:
        assert person.put("poll", "poll-02", ["a"]).status_code == 200
    desk.slide.locator(".answers b:text-is('6')").wait_for()
    assert not desk.slide.locator(".n, .right, .why").count()
    rationale = people[0].quiz.item("poll-02").rationale
    assert rationale is not None
    assert rationale.id[:40] not in page.content()
    desk.press("go-reveal:poll-02".replace(":", "\\:"), sure=False)
    desk.slide.locator(".right").wait_for()
    assert rationale.id in desk.slide.locator(".why").inner_text()
    assert desk.slide.locator(".n").first.inner_text() == "6"
    desk.shot("station-poll-revealed")
    desk.press("go-lesson", sure=False)

    desk.station("station-post")
    desk.press("start")
    desk.slide.locator(".numbers .lit").wait_for()
    for person in people:
        person.answer("post", 9)
    desk.slide.locator(".lit dd:text-is('6')").wait_for()
    desk.press("stop")
    desk.station("station-results")
    desk.slide.locator(".headline").wait_for(timeout=60_000)
    headline = desk.slide.locator(".headline").inner_text()
    suspected = desk.slide.locator(".pair-false_alarm b").all_inner_texts()
    assert suspected == ["≤ 10 dari 100"] * 2, "nobody of six: that would speak of each of them"
    desk.shot("station-results")

    desk.station("station-close")
    page.fill("#kit-notes", "Banyak yang bertanya tentang magang.")
    desk.press("close")
    desk.slide.locator("a.main").wait_for(timeout=120_000)
    desk.shot("station-closed")
    bundle = service.control.session(code)["bundle"]
    assert (service.results / bundle / "session.json").exists()
    report = unescape((service.results / bundle / "report.html").read_text(encoding="utf-8"))
    assert headline in report, "the projector says what the report says"
    assert page.request.get(desk.slide.locator("a.main").evaluate("link => link.href")).status == 200
    desk.press("delete")
    desk.slide.get_by_text("Belum ada sesi.").wait_for()
    deadline = time.monotonic() + 30
    while code in {one["code"] for one in service.control.sessions()} and time.monotonic() < deadline:
        time.sleep(0.1)
    assert code not in {one["code"] for one in service.control.sessions()}
    while (service.results / bundle).exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not (service.results / bundle).exists()


def test_few_people_see_no_result_of_the_room(desk: Desk) -> None:
    desk.show("session_students")
    code = desk.open_session()
    for stage in ("pre", "lesson", "post", "results"):
        desk.laptop.service.control.move(code, stage)
    desk.station("station-results")
    desk.slide.get_by_text("Kurang dari lima orang").wait_for()


def test_a_reload_goes_on_where_it_was(desk: Desk) -> None:
    page = desk.show("session_students")
    code = desk.open_session()
    number = desk.station("station-lobby")
    page.reload()
    page.wait_for_selector("#number")
    assert page.url.endswith(f"?session={code}#{number}")
    desk.slide.locator(f".code:text-is('{code}')").wait_for()


def test_a_killed_kernel_is_said_and_a_reload_brings_the_session_back(desk: Desk) -> None:
    page = desk.show("session_students")
    code = desk.open_session()
    desk.station("station-lobby")
    desk.slide.locator(".code").wait_for()
    for kernel in desk.laptop.kernels():
        kernel.kill()
    page.wait_for_selector("#banner", timeout=60_000)
    assert "Muat ulang halaman ini" in page.locator("#banner").inner_text()
    assert Axe().run(page).violations_count == 0
    desk.shot("kernel-lost")
    page.click("#banner button")
    desk.slide.locator(f".code:text-is('{code}')").wait_for(timeout=60_000)
    assert not page.locator("#banner").count()


def test_a_kernel_ends_with_its_page(desk: Desk) -> None:
    page = desk.show("session_students")
    desk.station("station-open")
    own = desk.laptop.kernel_of(page)
    desk.leave()
    for _ in range(50):
        if not own.is_running():
            return
        page.wait_for_timeout(200)
    raise AssertionError("the kernel outlived its page")


def test_a_service_that_restarts_is_said_and_found_again(desk: Desk) -> None:
    desk.show("session_students")
    code = desk.open_session()
    desk.station("station-lobby")
    desk.slide.locator(".code").wait_for()
    desk.laptop.service.process.kill()
    desk.slide.get_by_text("Layanan tidak terjangkau – mencoba lagi.").wait_for()
    desk.shot("service-lost")
    desk.laptop.service.restart(kill=True)
    desk.slide.get_by_text("Layanan tidak terjangkau – mencoba lagi.").wait_for(state="detached")
    assert desk.slide.locator(".code").inner_text() == code


def test_a_request_that_reached_no_service_is_said_until_it_answers_again(desk: Desk) -> None:
    page = desk.show("session_students")
    code = desk.open_session()
    desk.station("station-pre")
    # However soon it is pressed again: not taken for the second half of a double click.
    page.evaluate("performance.now = () => 1e6")
    desk.slide.locator("[data-key=start]").click()
    desk.laptop.service.process.kill()
    desk.slide.locator("[data-key=start-yes]").click()
    trouble = desk.slide.get_by_text("tidak menjawab.")
    trouble.wait_for()
    assert "Tunggu sebentar, lalu coba lagi." in desk.slide.locator(".notice.bad").inner_text()
    desk.laptop.service.restart(kill=True)
    trouble.wait_for(state="detached")
    desk.press("start")
    desk.slide.locator(".numbers .lit").wait_for()
    assert desk.laptop.service.control.session(code)["stage"] == "pre"


def test_a_service_that_hangs_is_not_taken_for_a_dead_kernel(desk: Desk) -> None:
    page = desk.show("session_students")
    desk.open_session()
    desk.station("station-lobby")
    desk.slide.locator(".code").wait_for()
    page.evaluate(
        """() => {
          window.kitGap = window.kitBeats = 0;
          let last = Date.now();
          window.addEventListener("kit:beat", () => {
            window.kitGap = Math.max(window.kitGap, Date.now() - last);
            last = Date.now();
            window.kitBeats += 1;
          });
        }"""
    )
    hung = psutil.Process(desk.laptop.service.process.pid)
    hung.suspend()
    try:
        desk.slide.get_by_text("Layanan tidak terjangkau – mencoba lagi.").wait_for()
        page.evaluate("() => { window.kitBeats = 0; }")
        page.wait_for_function("window.kitBeats >= 4")
        assert not page.locator("#banner").count()
        assert page.evaluate("window.kitGap") < LOST_AFTER
        desk.shot("service-hangs")
    finally:
        hung.resume()
    desk.slide.get_by_text("Layanan tidak terjangkau – mencoba lagi.").wait_for(state="detached")


def test_a_report_that_is_missing_is_said_on_the_closing_slide(desk: Desk) -> None:
    desk.show("session_students")
    code = desk.open_session()
    desk.station("station-close")
    held_on = desk.laptop.service.control.session(code)["held_on"]
    in_the_way = desk.laptop.service.results / f".{held_on}-sma-contoh-{code}.new"
    in_the_way.write_text("")
    for stage in ("pre", "lesson", "post", "results"):
        desk.laptop.service.control.move(code, stage)
    desk.slide.locator("[data-key=close]").wait_for()
    desk.press("close")
    desk.slide.get_by_text("Laporannya belum ditulis.").wait_for(timeout=120_000)
    desk.shot("station-close-unwritten")
    desk.page.reload()
    desk.slide.get_by_text("Laporannya belum ditulis.").wait_for(timeout=60_000)
    in_the_way.unlink()
    desk.press("again", sure=False)
    desk.slide.get_by_text("Buka laporan").wait_for(timeout=120_000)
    assert not desk.slide.get_by_text("Laporannya belum ditulis.").count()


def test_a_long_word_does_not_widen_a_slide(desk: Desk) -> None:
    long = "W" * 140
    service = desk.laptop.service
    code = service.open_session("students", event=long, site=long)
    desk.show("session_students")
    desk.station("station-open")
    desk.slide.locator(f"[data-key=resume-{code}]").wait_for()
    assert desk.slide.evaluate(NARROW)
    desk.press(f"resume-{code}", sure=False)
    desk.slide.get_by_text(f"Sesi {code} terbuka.").wait_for()
    assert desk.slide.evaluate(NARROW)
    service.control.close(code)
    desk.show("followup", query=f"?session={code}")
    desk.slide.get_by_text(long).first.wait_for()
    assert desk.slide.evaluate(NARROW)
    desk.shot("followup-long-word")


def test_what_the_service_refuses_is_said_in_the_language_of_the_projector(
    new_desk: Callable[..., Desk],
) -> None:
    desk = new_desk(language="en")
    desk.show("session_students")
    code = desk.open_session()
    desk.station("station-pre")
    desk.slide.locator("[data-key=start]").click()
    yes = desk.slide.locator("[data-key=start-yes]:not([aria-disabled])").element_handle()
    for stage in ("pre", "lesson", "post", "results"):
        desk.laptop.service.control.move(code, stage)
    # The finger was on its way when somebody else moved on, whether or not the slide has followed by now.
    yes.evaluate("button => button.click()")
    assert "!" in desk.slide.locator(".notice.bad strong").inner_text()


def test_text_that_people_enter_stays_text(desk: Desk) -> None:
    page = desk.show("session_students")
    evil = "<img src=x onerror=document.title='evil'>"
    code = desk.laptop.service.open_session("students", site=evil, event=evil)
    desk.show("session_students", query=f"?session={code}")
    desk.station("station-open")
    desk.slide.get_by_text(evil).first.wait_for()
    assert page.title() != "evil"
    page.goto(f"{desk.laptop.url}/kit")
    assert page.get_by_text(evil).count()
    assert page.title() != "evil"


def test_everybody_can_use_the_stations(new_desk: Callable[..., Desk]) -> None:
    for theme in ("light", "dark"):
        desk = new_desk(theme=theme)
        page = desk.show("session_students")
        code = desk.open_session()
        control = desk.laptop.service.control
        for stage, station in [
            ("lobby", "station-lobby"),
            ("pre", "station-pre"),
            ("lesson", "station-poll-poll-01"),
            ("poll:poll-01", "station-poll-poll-01"),
            ("reveal:poll-01", "station-poll-poll-01"),
            ("post", "station-post"),
            ("results", "station-results"),
            ("results", "station-close"),
        ]:
            if control.session(code)["stage"] != stage:
                control.move(code, stage)
            desk.station(station)
            page.wait_for_timeout(1500)
            result = Axe().run(page)
            assert result.violations_count == 0, f"{stage}: {result.generate_report()}"
            desk.shot(f"{station}-{stage.replace(':', '-')}-{theme}")


def test_a_mixed_hall_takes_other_audiences_along_under_one_code(desk: Desk) -> None:
    page = desk.show("session_residents")
    desk.station("station-open")
    if page.locator("[data-key=fresh]").count():
        desk.press("fresh", sure=False)
    assert not page.locator("[data-key=minors_consent]").count()
    page.locator("[data-key=also-students]").check()
    assert page.locator("[data-key=minors_consent]").count(), (
        "students bring the question of consent with them"
    )
    code = desk.open_session()
    opened = desk.laptop.service.control.session(code)
    assert [quiz["quiz_id"] for quiz in opened["quizzes"]] == ["residents", "students"]

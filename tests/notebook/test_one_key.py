"""One key runs a session; what runs stands under every slide; double clicks are one click."""

from __future__ import annotations

import pytest

from tests.notebook.conftest import Desk

pytestmark = [pytest.mark.notebook, pytest.mark.browser]
MOMENT = 1000  # milliseconds; a little more than in key.js


def press(desk: Desk, key: str = "PageDown") -> None:
    """Press the one key as a calm hand does."""
    desk.page.wait_for_timeout(MOMENT)
    desk.page.keyboard.press(key)


def stage(desk: Desk, code: str, expected: str) -> None:
    """Wait until the session is where it should be."""
    for _ in range(80):
        if desk.laptop.service.control.session(code)["stage"] == expected:
            return
        desk.page.wait_for_timeout(100)
    raise AssertionError(desk.laptop.service.control.session(code)["stage"])


def hint(desk: Desk, words: str) -> None:
    desk.page.locator("#hint", has_text=words).wait_for()


def test_the_next_thing_is_one_key_away_and_stands_at_the_bottom(desk: Desk) -> None:
    page = desk.show("session_students")
    code = desk.open_session()
    people = [desk.laptop.service.join(code) for _ in range(5)]
    desk.station("station-pre")
    hint(desk, "Mulai")
    press(desk)
    hint(desk, "Ya")
    press(desk, " ")
    stage(desk, code, "pre")
    hint(desk, "Tutup kuis")
    for person in people:
        person.answer("pre", 5)
    desk.slide.locator(".lit dd:text-is('5')").wait_for()
    press(desk, "ArrowRight")
    press(desk)
    stage(desk, code, "lesson")
    hint(desk, "slide berikutnya")
    number = page.locator("#number").inner_text()
    press(desk)
    assert page.locator("#number").inner_text() != number
    desk.station("station-poll-poll-01")
    press(desk)
    stage(desk, code, "poll:poll-01")
    desk.slide.locator("[data-key='go-reveal:poll-01']").wait_for()
    press(desk)
    stage(desk, code, "reveal:poll-01")
    desk.slide.locator("[data-key=go-lesson]").wait_for()
    number = page.locator("#number").inner_text()
    press(desk)
    stage(desk, code, "lesson")
    assert page.locator("#number").inner_text() != number, "done with the poll, the deck goes on"


def test_a_second_press_within_a_moment_does_nothing(desk: Desk) -> None:
    page = desk.show("session_students")
    code = desk.open_session()
    for to in ("pre", "lesson"):
        desk.laptop.service.control.move(code, to)
    desk.station("station-poll-poll-01")
    desk.slide.locator("[data-key='go-poll:poll-01']").wait_for()
    page.wait_for_timeout(MOMENT)
    for _ in range(4):
        page.keyboard.press("PageDown")
        page.wait_for_timeout(120)
    stage(desk, code, "poll:poll-01")
    page.wait_for_timeout(1500)
    assert desk.laptop.service.control.session(code)["stage"] == "poll:poll-01"


def test_shift_only_turns(desk: Desk) -> None:
    page = desk.show("session_students")
    code = desk.open_session()
    number = desk.station("station-pre")
    desk.slide.locator("[data-key=start]").wait_for()
    page.wait_for_timeout(MOMENT)
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_function("number => location.hash === `#${number + 1}`", arg=number)
    page.keyboard.press("]")
    page.wait_for_function("number => location.hash === `#${number + 2}`", arg=number)
    assert desk.laptop.service.control.session(code)["stage"] == "lobby"


def test_every_slide_says_what_runs_and_leads_to_it(desk: Desk) -> None:
    page = desk.show("session_students")
    code = desk.open_session()
    people = [desk.laptop.service.join(code) for _ in range(3)]
    desk.laptop.service.control.move(code, "pre")
    people[0].answer("pre", 5)
    desk.go(1)
    strip = page.locator("#strip > button")
    page.locator("#strip", has_text="Kuis awal: 1 dari 3 selesai").wait_for()
    assert "menit lagi" in strip.inner_text()
    desk.shot("strip-pre")
    number = desk.station("station-pre")
    desk.go(1)
    strip.click()
    page.wait_for_function("number => location.hash === `#${number}`", arg=number)


def test_a_forgotten_poll_is_closed_by_going_on_after_a_question(desk: Desk) -> None:
    page = desk.show("session_students")
    code = desk.open_session()
    for to in ("pre", "lesson", "poll:poll-01"):
        desk.laptop.service.control.move(code, to)
    desk.go(1)
    page.locator("#strip", has_text="Diskusi skenario").wait_for()
    press(desk)
    page.locator("#strip .sure", has_text="Tutup lalu lanjut?").wait_for()
    desk.shot("strip-forgotten")
    assert desk.laptop.service.control.session(code)["stage"] == "poll:poll-01"
    press(desk)
    stage(desk, code, "lesson")
    page.wait_for_function("location.hash === '#2'")


def test_the_last_quiz_starts_over_a_forgotten_poll_after_a_question(desk: Desk) -> None:
    desk.show("session_students")
    code = desk.open_session()
    for to in ("pre", "lesson", "poll:poll-01"):
        desk.laptop.service.control.move(code, to)
    desk.station("station-post")
    desk.press("through-post")
    stage(desk, code, "post")


def test_a_double_click_opens_one_session_and_starts_nothing_else(desk: Desk) -> None:
    page = desk.show("session_students")
    before = len(desk.laptop.service.control.sessions())
    desk.station("station-open")
    page.wait_for_timeout(300)
    if desk.slide.locator("[data-key=fresh]").count():
        desk.press("fresh", sure=False)
    page.fill("#kit-site", "SMA Ganda")
    page.check("#kit-minors_consent")
    desk.slide.locator("[data-key=submit]").dblclick()
    page.wait_for_function("new URLSearchParams(location.search).has('session')")
    page.wait_for_timeout(1500)
    assert len(desk.laptop.service.control.sessions()) == before + 1
    code = page.evaluate("new URLSearchParams(location.search).get('session')")
    desk.station("station-pre")
    desk.slide.locator("[data-key=start]").dblclick()
    desk.slide.locator("[data-key=start-yes]").wait_for()
    page.wait_for_timeout(1000)
    assert desk.laptop.service.control.session(code)["stage"] == "lobby", "the second click said no yes"


def test_a_session_comes_back_in_its_own_deck_at_its_own_slide(desk: Desk) -> None:
    page = desk.show("session_residents")
    desk.station("station-open")
    page.wait_for_timeout(300)
    if page.locator("[data-key=fresh]").count():
        desk.press("fresh", sure=False)
    page.locator("[data-key=also-students]").check()
    code = desk.open_session()
    number = desk.station("station-pre")
    page.goto(f"{desk.laptop.url}/kit")
    page.locator(f"a.button[href*='{code}']").click()
    page.wait_for_selector("#number")
    assert "session_residents" in page.url
    page.wait_for_function("number => location.hash === `#${number}`", arg=number)

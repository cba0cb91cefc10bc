"""A deck is as long as the officer chose for its session: 45, 60 or 90 minutes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.notebook.conftest import Desk

pytestmark = [pytest.mark.notebook, pytest.mark.browser]
LEAST = "[...document.querySelectorAll('#deck > .slide')].map(slide => Number(slide.dataset.least))"
SHOWN = "[...document.querySelectorAll('#deck > .slide')].findIndex(slide => !slide.hidden)"


def leafed_through(page: Page) -> list[int]:
    """The places of all slides that turning comes by, from the first to the last."""
    page.keyboard.press("Home")
    of = int(page.locator("#number").inner_text().split(" / ")[1])
    places = [page.evaluate(SHOWN)]
    for number in range(2, of + 1):
        page.keyboard.press("Shift+PageDown")
        assert page.locator("#number").inner_text() == f"{number} / {of}"
        places.append(page.evaluate(SHOWN))
    page.keyboard.press("End")
    assert page.evaluate(SHOWN) == places[-1]
    return places


def test_without_a_session_every_slide_can_be_leafed_through(desk: Desk) -> None:
    page = desk.show("session_students")
    least = page.evaluate(LEAST)
    assert {0, 60, 90} == set(least)
    assert leafed_through(page) == list(range(len(least)))


@pytest.mark.parametrize("minutes", [45, 60, 90])
def test_a_session_leaves_out_what_it_has_no_time_for_and_a_reload_too(desk: Desk, minutes: int) -> None:
    page = desk.show("session_students")
    least = page.evaluate(LEAST)
    if minutes == 60:
        desk.open_session()  # nothing chosen: the usual length
    else:
        desk.open_session(**{f"minutes-{minutes}": True})
    told = [place for place, one in enumerate(least) if one <= minutes]
    assert leafed_through(page) == told
    page.reload()
    page.wait_for_selector("#number")
    assert page.locator("#number").inner_text() == f"{len(told)} / {len(told)}"
    assert leafed_through(page) == told
    page.emulate_media(media="print")
    assert page.locator("#deck > .slide:visible").count() == len(told)


def test_another_length_in_the_middle_of_a_session_stays_on_a_slide_that_is_told(desk: Desk) -> None:
    page = desk.show("session_students")
    least = page.evaluate(LEAST)
    desk.open_session(**{"minutes-90": True})
    page.check("#kit-minutes-45")
    desk.shot("station-open-length")
    page.locator("#kit-minutes-45").blur()
    assert leafed_through(page) == [place for place, one in enumerate(least) if one == 0]
    left_out = least.index(60)
    page.evaluate("number => { location.hash = `#${number}` }", left_out + 1)
    page.wait_for_function(f"{SHOWN} > {left_out}")
    assert least[page.evaluate(SHOWN)] == 0


def test_the_notes_follow_the_chosen_deck_and_say_its_plan(desk: Desk) -> None:
    page = desk.show("session_students")
    desk.open_session(**{"minutes-45": True})
    with desk.context.expect_page() as opened:
        page.keyboard.press("n")
    notes = opened.value
    notes.locator("#whole", has_text="rencana 45 menit").wait_for()
    of = page.locator("#number").inner_text().split(" / ")[1]
    assert notes.locator("#number").inner_text().endswith(f"/ {of}")
    desk.station("station-pre")
    notes.locator("#planned", has_text="rencana 8 menit").wait_for()
    following = notes.locator("#next").inner_text()
    notes.locator("#on").click()
    notes.wait_for_function("title => document.querySelector('#title').textContent === title", arg=following)

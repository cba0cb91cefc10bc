"""Practice on the projector: it runs, it ends, and then each offer is told with both errors named."""

from __future__ import annotations

import pytest

from kit.notebook.facilitator import Hall
from tests.notebook.conftest import Desk

pytestmark = [pytest.mark.notebook, pytest.mark.browser]
NARROW = "slide => slide.scrollWidth <= slide.clientWidth && slide.scrollHeight <= slide.clientHeight + 1"


def test_the_room_practises_and_then_sees_what_settles_each_offer(desk: Desk) -> None:
    page, service = desk.show("session_students"), desk.laptop.service
    code = desk.open_session(rehearsal=True)
    people = [service.join(code) for _ in range(6)]
    first, second = people[0].quiz.practice[:2]
    desk.station("station-practice")
    assert "Sekarang tahap" in desk.slide.inner_text()
    for stage in ("pre", "lesson"):
        service.control.move(code, stage)
    desk.slide.locator("[data-key=go-practice]").wait_for()
    desk.press("go-practice", sure=False)
    desk.slide.locator(".numbers .lit").wait_for()
    for person in people:
        assert person.put("practice", first, ["genuine"]).status_code == 200
    for person in people[:4]:
        assert person.put("practice", second, ["fraud"]).status_code == 200
    for item_id in people[0].quiz.practice[2:]:
        people[0].put("practice", item_id, ["unsure"])
    desk.slide.locator(".lit dd:text-is('1')").wait_for()
    rationale = people[0].quiz.item(first).rationale
    assert rationale is not None
    assert rationale.id[:40] not in page.content(), "nothing is told while somebody may still answer"
    desk.shot("station-practice-running")
    desk.press("stop")
    desk.slide.locator(".right").wait_for()
    assert rationale.id in desk.slide.locator(".why").inner_text()
    assert desk.slide.locator(".letter").inner_text().startswith("E · ")
    assert desk.slide.locator(".n").all_inner_texts() == ["0", "6", "0"]
    assert "Salah bila diterima." in desk.slide.locator(".error-words").inner_text()
    desk.shot("station-practice-fraud")
    assert desk.slide.evaluate(NARROW)
    desk.press("next", sure=False)
    desk.slide.get_by_text("Latihan 2 dari 6").wait_for()
    assert "Jangan semua dicurigai" in desk.slide.locator(".error-words").inner_text()
    assert desk.slide.locator(".n").count() == 0, "four people are too few to be shown"
    desk.shot("station-practice-genuine")
    assert desk.slide.evaluate(NARROW)
    service.control.close(code)


def test_a_practice_that_nobody_answered_is_not_started_again_by_the_one_key(desk: Desk) -> None:
    page, service = desk.show("session_students"), desk.laptop.service
    code = desk.open_session(rehearsal=True)
    service.join(code)
    for stage in ("pre", "lesson"):
        service.control.move(code, stage)
    number = desk.station("station-practice")
    desk.slide.locator("[data-key=go-practice]").wait_for()
    desk.press("go-practice", sure=False)
    desk.press("stop")
    desk.slide.get_by_text("Belum ada yang menjawab").wait_for()
    page.locator("#hint", has_text="slide berikutnya").wait_for()
    page.wait_for_timeout(1000)  # a little more than in key.js
    page.keyboard.press("PageDown")
    page.wait_for_function("number => location.hash === `#${number + 1}`", arg=number)
    assert service.control.session(code)["stage"] == "lesson"
    service.control.close(code)


def test_a_deck_without_practice_offers_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    # Following a session would start a service of its own, which outlives the test.
    monkeypatch.setattr(Hall, "beside", lambda *_: None)
    station = Hall().practice()
    assert (station.kind, station.options["items"]) == ("practice", [])

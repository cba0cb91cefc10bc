"""No acknowledged answer is lost, and no unacknowledged one is called saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser
RESPONSES = "**/responses/*"


@pytest.fixture
def answering(service: Any, phone: Any, code: str) -> Any:
    """A phone on the first item before the talk."""
    phone.join()
    service.control.move(code, "pre")
    phone.page.wait_for_selector(".nav")
    return phone


def answer_unsent(phone: Any, index: int) -> None:
    """Answer the item on the screen while no answer reaches the service."""
    phone.page.route(RESPONSES, lambda route: route.abort())
    phone.choose(index)
    phone.page.wait_for_selector(".status-waiting")


def stored(phone: Any, service: Any) -> dict[str, Any]:
    """What the service has from this phone."""
    token = phone.page.evaluate(
        "JSON.parse(localStorage.getItem('kit.me/' + location.pathname.slice(1))).token"
    )
    reply = service.phone().get(
        f"/api/sessions/{phone.code}/waves/pre", headers={"Authorization": f"Bearer {token}"}
    )
    return dict(reply.json()["responses"])


def test_saved_is_said_only_after_the_answer_is_stored(service: Any, answering: Any) -> None:
    held: list[Any] = []
    answering.page.route(RESPONSES, lambda route: held.append(route))
    answering.choose(0)
    answering.page.wait_for_selector(".status-saving")
    assert answering.page.locator(".status").inner_text() == "Menyimpan…"
    assert len(answering.outbox) == 1
    held[0].continue_()
    answering.wait_saved()
    assert answering.page.locator(".status").inner_text() == "Tersimpan ✓"
    assert answering.outbox == []
    assert len(stored(answering, service)) == 1


def test_answers_given_offline_survive_and_are_sent_when_the_network_is_back(
    service: Any, answering: Any
) -> None:
    answering.choose(0)
    answering.wait_saved()
    answering.next.click()
    answering.context.set_offline(True)
    for number in (2, 3, 4):
        answering.page.wait_for_selector(f"h1:text-matches('^{number} dari')")
        answering.choose(1)
        answering.page.wait_for_selector(".status-waiting")
        assert answering.page.locator(".status").inner_text() == "Belum tersimpan – mencoba lagi"
        answering.next.click()
    assert answering.page.locator("#connection .strip-warn").is_visible()
    answering.shot("offline")
    assert len(answering.outbox) == 3
    assert len(stored(answering, service)) == 1
    answering.context.set_offline(False)
    answering.wait_delivered()
    assert len(stored(answering, service)) == 4
    assert answering.page.locator("#connection .strip-good").is_visible()


def test_a_phone_that_reloads_with_unsent_answers_sends_them_afterwards(service: Any, answering: Any) -> None:
    answer_unsent(answering, 0)
    answering.next.click()
    answering.choose(1)
    answering.page.wait_for_selector(".status-waiting")
    assert len(answering.outbox) == 2
    answering.page.unroute(RESPONSES)
    answering.page.reload()
    answering.page.wait_for_selector("h1:text-matches('^2 dari')")
    answering.wait_saved()
    answering.wait_delivered()
    assert len(stored(answering, service)) == 2
    assert answering.options.nth(1).locator("input").is_checked()


def test_an_answer_confirmed_while_the_wave_was_asked_for_is_shown_as_given(
    service: Any, answering: Any
) -> None:
    answer_unsent(answering, 1)
    answering.page.unroute(RESPONSES)
    puts: list[Any] = []
    gets: list[Any] = []

    def hold_first(route: Any) -> None:
        if gets:
            route.continue_()
        else:
            gets.append((route, route.fetch()))

    answering.page.route(RESPONSES, lambda route: puts.append(route))
    answering.page.route("**/waves/pre?*", hold_first)
    answering.page.reload()
    while not (puts and gets):
        answering.page.wait_for_timeout(20)
    answering.page.unroute(RESPONSES)
    puts[0].continue_()
    answering.wait_delivered()
    early, without = gets[0]
    assert without.json()["responses"] == {}
    early.fulfill(response=without)
    answering.page.wait_for_selector("h1:text-matches('^1 dari')")
    answering.wait_saved()
    assert answering.options.nth(1).locator("input").is_checked()


def test_a_killed_service_costs_no_answer(service: Any, answering: Any) -> None:
    service.process.kill()
    service.process.wait(15)
    answering.choose(0)
    answering.page.wait_for_selector(".status-waiting")
    answering.next.click()
    answering.choose(1)
    service.restart()
    answering.wait_saved()
    answering.wait_delivered()
    assert len(stored(answering, service)) == 2
    service.control.move(answering.code, "lesson")
    answering.wait_heading("Letakkan ponsel")


def test_an_acknowledgement_lost_on_the_way_is_asked_for_again(service: Any, answering: Any) -> None:
    lost: list[str] = []

    def lose_once(route: Any) -> None:
        if lost:
            route.continue_()
            return
        route.fetch()
        lost.append(route.request.post_data)
        route.abort()

    answering.page.route(RESPONSES, lose_once)
    answering.choose(0)
    answering.wait_saved()
    assert list(stored(answering, service).values()) == [{"choice": ["fraud"], "seq": 1}]


def test_the_last_of_many_taps_counts(service: Any, answering: Any) -> None:
    for index in (0, 1, 2, 1, 0, 2, 1):
        answering.choose(index)
    answering.wait_saved()
    answering.wait_delivered()
    (only,) = stored(answering, service).values()
    assert only["choice"] == ["genuine"]


def test_counters_go_on_after_a_reload(service: Any, answering: Any) -> None:
    for index in (0, 1):
        answering.choose(index)
        answering.wait_saved()
    answering.page.reload()
    answering.wait_saved()
    answering.choose(0)
    answering.wait_saved()
    answering.wait_delivered()
    (only,) = stored(answering, service).values()
    assert only == {"choice": ["fraud"], "seq": 3}


def test_two_tabs_follow_each_other_and_never_undo_a_later_answer(service: Any, answering: Any) -> None:
    other = answering.open_tab()
    other.goto(answering.page.url)
    other.wait_for_selector(".nav")
    answering.choose(0)
    answering.wait_saved()
    other.wait_for_function("() => document.querySelector('input[value=fraud]').checked")
    other.locator(".option").nth(1).click()
    other.wait_for_selector(".status-saved")
    answering.page.wait_for_function("() => document.querySelector('input[value=genuine]').checked")
    answering.choose(2)
    answering.wait_saved()
    other.wait_for_function("() => document.querySelector('input[value=unsure]').checked")
    (only,) = stored(answering, service).values()
    assert only == {"choice": ["unsure"], "seq": 3}


def test_a_newer_answer_from_elsewhere_is_shown_instead_of_an_older_one(service: Any, answering: Any) -> None:
    token = answering.page.evaluate(f"JSON.parse(localStorage.getItem('kit.me/{answering.code}')).token")
    http = service.phone()
    http.headers["Authorization"] = f"Bearer {token}"
    wave = http.get(f"/api/sessions/{answering.code}/waves/pre").json()
    item = wave["items"][0]["item_id"]
    url = f"/api/sessions/{answering.code}/waves/pre/responses/{item}"
    http.put(url, json={"choice": ["unsure"], "seq": 9})
    answering.choose(0)
    answering.page.wait_for_selector("#connection .strip-warn")
    answering.page.wait_for_function("() => document.querySelector('input[value=unsure]').checked")
    assert stored(answering, service)[item] == {"choice": ["unsure"], "seq": 9}


def test_a_full_queue_is_waited_for_as_long_as_the_service_asks(service: Any, answering: Any) -> None:
    refusals: list[str] = []

    def refuse_once(route: Any) -> None:
        if refusals:
            route.continue_()
            return
        refusals.append(route.request.url)
        route.fulfill(status=503, headers={"Retry-After": "1"}, json={"title": "Sibuk.", "detail": "Tunggu."})

    answering.page.route(RESPONSES, refuse_once)
    answering.choose(0)
    answering.page.wait_for_selector(".status-waiting")
    answering.wait_saved()
    assert len(stored(answering, service)) == 1


def test_an_answer_too_late_for_its_wave_is_named_and_sent_when_the_wave_opens_again(
    service: Any, answering: Any
) -> None:
    answer_unsent(answering, 0)
    service.control.move(answering.code, "lesson")
    answering.wait_heading("Letakkan ponsel")
    answering.page.unroute(RESPONSES)
    answering.page.wait_for_selector("main .strip-warn", timeout=30_000)
    assert "1 jawaban" in answering.page.locator("main .strip-warn").inner_text()
    service.control.move(answering.code, "pre")
    answering.wait_saved()
    assert len(stored(answering, service)) == 1


def test_finishing_offline_is_delivered_later_and_said_so(service: Any, answering: Any) -> None:
    while answering.page.locator(".nav").count():
        heading = answering.heading
        answering.choose(0)
        answering.wait_saved()
        answering.next.click()
        answering.page.wait_for_function(
            "was => document.querySelector('h1').textContent !== was", arg=heading
        )
    answering.context.set_offline(True)
    answering.page.locator("main .button").first.click()
    answering.wait_heading("Terima kasih")
    assert answering.page.locator("main .strip-warn").count() == 1
    assert service.control.session(answering.code)["finished"]["pre"] == 0
    answering.context.set_offline(False)
    answering.page.wait_for_selector("main .strip-good")
    assert service.control.session(answering.code)["finished"]["pre"] == 1


def test_a_reload_anywhere_comes_back_to_the_same_place(service: Any, phone: Any, code: str) -> None:
    places: list[tuple[str, Callable[[], None]]] = [
        ("pre", lambda: None),
        ("pre", lambda: phone.next.click()),
        ("lesson", lambda: None),
    ]
    phone.join()
    for stage, act in places:
        service.control.move(code, stage)
        phone.page.wait_for_timeout(500)
        act()
        phone.page.wait_for_timeout(300)
        heading = phone.heading
        phone.page.reload()
        phone.page.wait_for_function(
            "text => document.querySelector('main h1').textContent === text", arg=heading
        )

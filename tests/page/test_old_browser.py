"""The oldest browser the page promises to serve, a Chromium 80 of February 2020, lives through a session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kit.quiz.read import load_quiz
from tests.conftest import QUIZZES, RunningService
from tests.page.old_browser import RUNS_HERE, VERSION, OldBrowser, OldPhone, running_browser
from tests.phone import ARTIFACTS

pytestmark = pytest.mark.browser
# The old browser exists for this system alone; elsewhere there is nothing to collect.
__test__ = RUNS_HERE
QUIZ = load_quiz(QUIZZES / "students.yaml")
ALL = len(QUIZ.forms["A"]) + len(QUIZ.likert)
KINDS = {"offer", "choice", "multi", "spot", "likert"}
WITH_PLAN = KINDS | {"plan"}
DELIVERED = "!Object.keys(localStorage).some(key => key.startsWith('kit.out/'))"


@pytest.fixture(scope="module")
def old_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OldBrowser]:
    with running_browser(tmp_path_factory.mktemp("old")) as browser:
        yield browser


@pytest.fixture
def old_phone(old_browser: OldBrowser, service: RunningService) -> Iterator[OldPhone]:
    """A phone on the LAN address; no script may fail on it and nothing may be asked of another host."""
    phone = OldPhone(old_browser, service.lan_url)
    yield phone
    faults, foreign = phone.faults(), phone.foreign_requests()
    phone.close()
    assert faults == []
    assert foreign == []


def join(phone: OldPhone, code: str) -> None:
    phone.visit(code)
    phone.wait_for("main .button")
    phone.tap("main .button")
    phone.wait_for("#who > *")


def join_and_start(service: RunningService, phone: OldPhone, code: str) -> None:
    join(phone, code)
    service.control.move(code, "pre")
    phone.wait_for(".nav")


def check_layout(phone: OldPhone) -> None:
    """Nothing stands out at the side, and what is there to be tapped is big enough for a thumb."""
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = phone.evaluate(
        "[...document.querySelectorAll('button, label.option, a')].filter(one => one.offsetParent)"
        ".filter(one => one.offsetHeight < 40 && !one.matches('.skip, .phrase')).map(one => one.outerHTML)"
    )
    assert small == []


def kind_on_screen(phone: OldPhone) -> str:
    return str(
        phone.evaluate(
            """(() => {
              const list = document.querySelector('kit-quiz .options');
              return list ? list.className.split('options-')[1] : 'spot';
            })()"""
        )
    )


def choose(phone: OldPhone, index: int = 0) -> None:
    """Answer the item on the screen, whatever its kind."""
    phone.tap(".phrase" if kind_on_screen(phone) == "spot" else ".option", index)
    if phone.count(".save-row button"):
        phone.tap(".save-row button")


def answer_wave(phone: OldPhone, index: int, shots: str = "") -> set[str]:
    """Answer every item of the open wave and finish; the kinds that were seen."""
    phone.wait_for(".nav")
    seen: set[str] = set()
    while phone.count(".nav"):
        heading = phone.text("main h1")
        kind = kind_on_screen(phone)
        check_layout(phone)
        choose(phone, index)
        phone.wait_for(".status-saved")
        if shots and kind not in seen:
            phone.shot(ARTIFACTS / f"old-{shots}-{kind}.png")
        seen.add(kind)
        phone.tap(".nav .button:last-child")
        phone.wait(f"document.querySelector('main h1').innerText !== '{heading}'")
    check_layout(phone)
    phone.tap("main .button")
    phone.wait_for("main .strip-good")
    return seen


def stored(service: RunningService, phone: OldPhone, code: str) -> dict[str, Any]:
    """What the service has from this phone in the wave before the talk."""
    token = phone.evaluate(f"JSON.parse(localStorage.getItem('kit.me/{code}')).token")
    http = service.phone()
    http.headers["Authorization"] = f"Bearer {token}"
    return dict(http.get(f"/api/sessions/{code}/waves/pre").json()["responses"])


def test_the_browser_is_as_old_as_it_says(old_browser: OldBrowser, old_phone: OldPhone) -> None:
    assert old_browser.version == VERSION
    assert old_phone.evaluate("[''.replaceAll, [].at, self.structuredClone].every(one => !one)")
    with pytest.raises(AssertionError, match="SyntaxError"):
        old_phone.evaluate("let young; young ??= 1")


def test_a_whole_session_of_every_item_kind(service: RunningService, old_phone: OldPhone, code: str) -> None:
    join(old_phone, code)
    old_phone.wait_heading("Anda sudah masuk")
    check_layout(old_phone)
    old_phone.shot(ARTIFACTS / "old-lobby.png")
    personal_code = old_phone.text(".big-code")
    service.control.move(code, "pre")
    assert answer_wave(old_phone, 0, "pre") == KINDS
    old_phone.wait_heading("Terima kasih")
    assert service.control.session(code)["finished"]["pre"] == 1
    service.control.move(code, "lesson")
    old_phone.wait_heading("Letakkan ponsel")
    for item_id in QUIZ.polls:
        service.control.move(code, f"poll:{item_id}")
        old_phone.wait_heading("Bagaimana menurut Anda?")
        choose(old_phone)
        old_phone.wait_for(".status-saved")
        service.control.move(code, f"reveal:{item_id}")
        old_phone.wait_heading("Pilihan kita bersama")
        assert old_phone.count(".shown .own") == 1
        check_layout(old_phone)
        service.control.move(code, "lesson")
        old_phone.wait_heading("Letakkan ponsel")
    service.control.move(code, "post")
    assert answer_wave(old_phone, 1) == WITH_PLAN
    service.control.move(code, "results")
    old_phone.wait_heading("Hasil Anda")
    old_phone.wait_for(".score dd b")
    scores = old_phone.evaluate("[...document.querySelectorAll('.score dd b')].map(one => one.innerText)")
    assert [score.split(" dari ")[1] for score in scores] == [str(len(QUIZ.forms["A"]))] * 2
    assert old_phone.count("section.group details") == 2 * len(QUIZ.forms["A"]) + len(QUIZ.polls)
    assert old_phone.text(".big-code") == personal_code
    old_phone.tap(".fold summary", 1)
    for number in (0, 1):
        old_phone.tap("section.group summary", number)
        old_phone.wait(f"document.querySelectorAll('details[open] .rationale p').length === {number + 1}")
    check_layout(old_phone)
    old_phone.shot(ARTIFACTS / "old-results.png")


def test_answers_given_offline_are_sent_when_the_network_is_back(
    service: RunningService, old_phone: OldPhone, code: str
) -> None:
    join_and_start(service, old_phone, code)
    choose(old_phone)
    old_phone.wait_for(".status-saved")
    old_phone.set_offline(True)
    for number in (2, 3, 4):
        old_phone.tap(".nav .button:last-child")
        old_phone.wait_heading(f"{number} dari {ALL}")
        choose(old_phone, 1)
        old_phone.wait_for(".status-waiting")
    old_phone.wait_for("#connection .strip-warn")
    old_phone.shot(ARTIFACTS / "old-offline.png")
    assert len(stored(service, old_phone, code)) == 1
    old_phone.set_offline(False)
    old_phone.wait(DELIVERED)
    assert len(stored(service, old_phone, code)) == 4


def test_a_reload_comes_back_to_the_same_item_and_answer(
    service: RunningService, old_phone: OldPhone, code: str
) -> None:
    join_and_start(service, old_phone, code)
    old_phone.tap(".nav .button:last-child")
    old_phone.wait_heading(f"2 dari {ALL}")
    choose(old_phone, 1)
    old_phone.wait_for(".status-saved")
    old_phone.evaluate("window.before = true")
    old_phone.call("Page.reload")
    old_phone.wait("!window.before")
    old_phone.wait_heading(f"2 dari {ALL}")
    old_phone.wait("document.querySelectorAll('.option input')[1].checked")
    assert list(stored(service, old_phone, code).values()) == [{"choice": ["genuine"], "seq": 1}]


def test_help_language_large_text_and_a_quick_exit_without_a_network(
    service: RunningService, old_phone: OldPhone, code: str
) -> None:
    join(old_phone, code)
    old_phone.tap("#language")
    old_phone.wait_heading("You are in")
    old_phone.tap("#bigger")
    check_layout(old_phone)
    old_phone.tap("#help-open")
    old_phone.wait("!document.getElementById('help').hidden")
    check_layout(old_phone)
    old_phone.tap("#help-close")
    service.control.move(code, "pre")
    old_phone.wait_for(".nav")
    fetched = "performance.getEntriesByType('resource').filter(one => /blank/.test(one.name)).length === 2"
    old_phone.wait(fetched)
    old_phone.set_offline(True)
    old_phone.tap("#leave")
    old_phone.wait("document.title === 'Takaran dapur' && document.querySelector('table') !== null")
    old_phone.set_offline(False)
    old_phone.visit(code)
    old_phone.wait_heading("Continue?")


def test_an_answer_on_its_way_survives_the_quick_exit(
    service: RunningService, old_phone: OldPhone, code: str
) -> None:
    join_and_start(service, old_phone, code)
    choose(old_phone)
    old_phone.tap("#leave")
    old_phone.wait("document.title === 'Takaran dapur'")
    old_phone.visit(code)
    old_phone.wait_heading("Lanjutkan?")
    old_phone.tap("main .button")
    old_phone.wait_for(".status-saved")
    old_phone.wait(DELIVERED)
    assert list(stored(service, old_phone, code).values()) == [{"choice": ["fraud"], "seq": 1}]


def test_a_person_comes_back_with_the_personal_code(
    service: RunningService, old_phone: OldPhone, code: str
) -> None:
    person = service.join(code)
    old_phone.visit(code)
    old_phone.wait_for("main .pair .quiet")
    old_phone.tap("main .pair .quiet")
    old_phone.wait_for("#personal")
    old_phone.tap("#personal")
    old_phone.call("Input.insertText", text=person.personal_code)
    old_phone.tap("form .button")
    old_phone.wait_for("#who > *")
    assert old_phone.text(".big-code") == person.personal_code

"""Usable by all: axe, targets, keyboard, focus, live regions, large text, dark mode, reduced motion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kit.quiz.read import load_quiz
from tests.axe import Axe

pytestmark = pytest.mark.browser
QUIZ = load_quiz(Path(__file__).resolve().parents[2] / "quizzes" / "students.yaml")
SPOT = next(item_id for item_id in QUIZ.polls if QUIZ.item(item_id).kind == "spot")
CHOICE = next(item_id for item_id in QUIZ.polls if QUIZ.item(item_id).kind == "choice")
DOUBLE = "addEventListener('DOMContentLoaded', () => { document.documentElement.style.fontSize = '200%' })"
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "double": {},
    "desktop": {"viewport": {"width": 1280, "height": 800}},
}
# The machine of the tests has no voice: one that notes what it is given to read.
VOICES = """window.spoken = [];
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
speechSynthesis.getVoices = () => [{ lang: "id-ID", localService: LOCAL }];
speechSynthesis.speak = told => spoken.push([told.lang, told.text]);"""
# A phrase inside a message is an inline target: each line of it must still be high enough.
SMALL_TARGETS = """() => [...document.querySelectorAll(
    'main button, main a, main summary, main label.option, main input[type=text], main .phrase, '
    + '.top button, .tools button, #help button, #help a, .who button')]
  .filter(element => element.offsetParent !== null && !element.closest('.drawings'))
  .flatMap(element => [...element.getClientRects()].map(box => [element, box]))
  .filter(([element, box]) => box.width > 0
    && (box.height < 43.5 || (box.width < 43.5 && !element.matches('.phrase'))))
  .map(([element, box]) => `${element.className} ${element.textContent.slice(0, 30)} ${box.height}`)"""

TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? []
  : [...document.querySelectorAll('body *')]
  .filter(element => element.getBoundingClientRect().right > innerWidth + 1)
  .map(element => `${element.tagName}.${element.className} ${element.textContent.slice(0, 30)}`)"""


def states(service: Any, phone: Any) -> Iterator[str]:
    """Walk through everything a participant can see; yields the name of each screen."""
    page, code, control = phone.page, phone.code, service.control
    phone.visit("")
    page.wait_for_selector("#code")
    yield "entry"
    page.fill("#code", "AB")
    page.keyboard.press("Enter")
    yield "entry-error"
    phone.visit()
    page.wait_for_selector(".plain-list")
    yield "consent"
    page.locator("#help-open").click()
    yield "help"
    page.locator("#help-close").click()
    page.locator("button:text-is('Saya sudah pernah ikut')").click()
    page.wait_for_selector("#personal")
    yield "resume"
    phone.join()
    yield "lobby"
    control.move(code, "pre")
    page.wait_for_selector(".nav")
    kinds: set[str] = set()
    while page.locator(".nav").count():
        item = page.evaluate(
            "() => (document.querySelector('.options') || document.querySelector('.phrase')).className"
        )
        if item not in kinds:
            kinds.add(item)
            yield f"item-{item.split('-')[-1]}"
        before = phone.heading
        phone.choose(0)
        phone.wait_saved()
        if len(kinds) == 1:
            yield "item-saved"
            kinds.add("saved")
        phone.next.click()
        page.wait_for_function("was => document.querySelector('main h1').textContent !== was", arg=before)
    yield "check"
    page.locator("main .button").first.click()
    page.wait_for_selector("main .strip-good")
    yield "finished"
    control.move(code, "lesson")
    phone.wait_heading("Letakkan ponsel")
    yield "lesson"
    for poll in (SPOT, CHOICE):
        control.move(code, f"poll:{poll}")
        phone.wait_heading("Bagaimana menurut Anda?")
        phone.choose(0)
        page.wait_for_selector(".status-saved")
        yield f"poll-{QUIZ.item(poll).kind}"
        control.move(code, f"reveal:{poll}")
        phone.wait_heading("Pilihan kita bersama")
        yield f"reveal-{QUIZ.item(poll).kind}"
        control.move(code, "lesson")
        phone.wait_heading("Letakkan ponsel")
    page.locator("#next-person").click()
    phone.wait_heading("Peserta berikutnya?")
    yield "someone-else"
    control.move(code, "post")
    phone.answer_wave(1)
    control.move(code, "results")
    phone.wait_heading("Hasil Anda")
    page.locator("summary").nth(1).click()
    yield "results"
    phone.context.set_offline(True)
    page.wait_for_selector("#connection .strip-warn")
    yield "offline"
    phone.context.set_offline(False)
    page.locator("#leave").click()
    page.wait_for_selector("table")
    phone.visit()
    phone.wait_heading("Lanjutkan?")
    yield "left"


@pytest.mark.parametrize("look", LOOKS)
def test_every_screen_is_accessible(
    service: Any, new_phone: Callable[..., Any], code: str, look: str
) -> None:
    phone = new_phone(code, **LOOKS[look], reduced_motion="reduce")
    if look == "double":
        phone.context.add_init_script(DOUBLE)
    faults: dict[str, Any] = {}
    for state in states(service, phone):
        phone.shot(f"{look}-{state}")
        found = Axe().run(phone.page).response["violations"]
        for fault in found:
            faults[f"{state}: {fault['id']}"] = [node["html"][:160] for node in fault["nodes"]][:3]
        if small := phone.page.evaluate(SMALL_TARGETS):
            faults[f"{state}: small targets"] = small
        if wide := phone.page.evaluate(TOO_WIDE):
            faults[f"{state}: scrolls sideways"] = wide
    assert faults == {}


def focused(page: Any) -> str:
    return str(page.evaluate("() => document.activeElement.textContent.trim() || document.activeElement.id"))


def tab_to(page: Any, selector: str) -> None:
    """Press Tab until an element matching the selector has the focus."""
    for _ in range(60):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {selector}")


def test_a_whole_wave_is_answered_by_keyboard_alone(service: Any, phone: Any, code: str) -> None:
    page = phone.page
    phone.visit()
    page.wait_for_selector(".plain-list")
    tab_to(page, "main .button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#who > *")
    service.control.move(code, "pre")
    page.wait_for_selector(".nav")
    while page.locator(".nav").count():
        before = phone.heading
        assert focused(page) == before, "a new screen takes the focus to its heading"
        if page.locator(".phrase").count():
            tab_to(page, ".phrase")
            page.keyboard.press("Space")
            tab_to(page, ".save-row button")
            page.keyboard.press("Enter")
        elif page.locator("input[type=checkbox]").count():
            tab_to(page, "input")
            page.keyboard.press("Space")
            tab_to(page, ".save-row button")
            page.keyboard.press("Enter")
        else:
            tab_to(page, "input")
            page.keyboard.press("ArrowDown")
        phone.wait_saved()
        tab_to(page, ".nav .button:last-child")
        page.keyboard.press("Enter")
        page.wait_for_function("was => document.querySelector('main h1').textContent !== was", arg=before)
    tab_to(page, "main .button")
    page.keyboard.press("Enter")
    page.wait_for_selector("main .strip-good")
    assert service.control.session(code)["finished"]["pre"] == 1


def test_screen_readers_hear_saved_and_the_next_stage(service: Any, phone: Any, code: str) -> None:
    phone.join()
    assert focused(phone.page) == "Anda sudah masuk"
    service.control.move(code, "pre")
    phone.page.wait_for_selector(".nav")
    group = phone.page.get_by_role("group", name=phone.page.locator(".stem").inner_text())
    assert group.get_by_role("radio").count() == 3
    assert group.get_by_role("radio", name="Belum tahu").count() == 1
    status = phone.page.locator(".nav [role=status]")
    assert status.count() == 1
    assert status.inner_text() == ""
    phone.choose(0)
    phone.wait_saved()
    assert status.inner_text() == "Tersimpan ✓"
    service.control.move(code, "lesson")
    phone.wait_heading("Letakkan ponsel")
    assert focused(phone.page) == "Letakkan ponsel"


def test_a_stage_change_does_not_pull_anybody_out_of_the_help(service: Any, phone: Any, code: str) -> None:
    phone.join()
    phone.page.locator("#help-open").click()
    service.control.move(code, "pre")
    phone.page.wait_for_selector(".nav", state="attached")
    assert phone.page.locator("#help").is_visible()
    assert focused(phone.page) == "Bantuan"
    phone.page.locator("#help-close").click()
    assert phone.page.locator(".nav").is_visible()


def test_large_text_is_one_tap_and_stays(phone: Any) -> None:
    phone.visit()
    size = "() => parseFloat(getComputedStyle(document.querySelector('main li')).fontSize)"
    phone.page.wait_for_selector(".plain-list")
    before = phone.page.evaluate(size)
    phone.page.locator("#bigger").click()
    assert phone.page.evaluate(size) == pytest.approx(1.5 * before)
    phone.page.reload()
    phone.page.wait_for_selector(".plain-list")
    assert phone.page.evaluate(size) == pytest.approx(1.5 * before)
    assert phone.page.locator("#bigger").get_attribute("aria-pressed") == "true"


def test_read_aloud_speaks_the_item_in_its_language_and_stops_on_demand(
    service: Any, phone: Any, code: str
) -> None:
    phone.context.add_init_script(VOICES.replace("LOCAL", "true"))
    phone.join()
    service.control.move(code, "pre")
    phone.page.wait_for_selector(".nav")
    phone.page.locator("#speak").click()
    phone.page.wait_for_function("() => window.spoken.length === 1")
    language, text = phone.page.evaluate("() => window.spoken[0]")
    assert language == "id-ID"
    for part in (".stem", ".scene-text"):
        assert phone.page.locator(part).inner_text().split("\n")[0][:40] in text
    assert "Belum tahu" in text
    assert "Lewati" not in text
    phone.choose(0)
    phone.wait_saved()
    phone.next.click()
    phone.page.wait_for_function("() => window.spoken.length === 2")
    assert phone.page.locator(".stem").inner_text()[:40] in phone.page.evaluate("window.spoken[1][1]")
    phone.page.reload()
    phone.page.wait_for_function("() => window.spoken.length === 1")
    phone.page.locator("#speak").click()
    assert phone.page.locator("#speak").get_attribute("aria-pressed") == "false"
    phone.choose(0)
    phone.wait_saved()
    phone.next.click()
    phone.page.wait_for_selector("main h1:text-matches('^3 ')")
    assert phone.page.evaluate("window.spoken.length") == 1


def test_a_voice_from_the_net_is_not_offered(phone: Any) -> None:
    phone.context.add_init_script(VOICES.replace("LOCAL", "false"))
    phone.join()
    assert not phone.page.locator("#speak").is_visible()


def test_nothing_moves_for_those_who_ask_for_rest(new_phone: Callable[..., Any], code: str) -> None:
    phone = new_phone(code, reduced_motion="reduce")
    phone.join()
    moving = phone.page.evaluate(
        "() => [...document.querySelectorAll('*')].map(element => getComputedStyle(element))"
        ".filter(style => style.transitionDuration !== '0s' || style.animationName !== 'none').length"
    )
    assert moving == 0


def test_choice_and_verdict_are_told_without_colour(service: Any, phone: Any, code: str) -> None:
    phone.join()
    service.control.move(code, "pre")
    phone.page.wait_for_selector(".nav")
    marks = phone.page.locator("main .mark").all_inner_texts()
    assert [mark.replace("\n", "") for mark in marks] == ["A▲", "B●", "?"]
    phone.choose(0)
    phone.wait_saved()
    assert phone.page.locator(".tick").nth(0).is_visible()
    assert not phone.page.locator(".tick").nth(1).is_visible()


def test_what_comes_into_a_document_later_is_looked_at_too(browser: Any) -> None:
    page = browser.new_page()
    whole = "<html lang=id><title>x</title><main><h1>x</h1></main></html>"
    page.set_content(whole)
    assert Axe().run(page).violations_count == 0
    page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    assert [one["id"] for one in Axe().run(page).response["violations"]] == ["button-name"]
    page.set_content(whole.replace("</main>", "<img src=data:,></main>"))
    assert [one["id"] for one in Axe().run(page).response["violations"]] == ["image-alt"]
    page.close()

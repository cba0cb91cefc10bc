"""One whole session as in a hall: `kit serve`, the projector in Voila, phones on the network address."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from kit.quiz.read import load_quiz
from kit.session.client import Control
from tests.conftest import QUIZZES, ROOT, RunningService, free_port
from tests.phone import Phone, keep_picture, phones_at

ARTIFACTS = ROOT / "artifacts" / "session"
QUIZ = load_quiz(QUIZZES / "students.yaml")
TOKEN = "token-of-the-end-to-end-test-0123"
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


class Hall:
    """`kit serve` as an officer starts it, and the browser on the projector."""

    def __init__(self, results: Path) -> None:
        self.results = results
        self.port, self.jupyter_port = free_port(), free_port()
        environment = {**os.environ, "KIT_RESULTS": str(results), "KIT_CONTROL_TOKEN": TOKEN, "KIT_STORE": ""}
        command = [sys.executable, "-c", "from kit.cli import main; main()", "serve", "--no-browser"]
        command += ["--port", str(self.port), "--jupyter-port", str(self.jupyter_port)]
        self.output = (results / "kit-serve.log").open("wb")
        self.process = subprocess.Popen(
            command, env=environment, cwd=ROOT, stdout=self.output, stderr=self.output
        )
        self.control = Control(f"http://127.0.0.1:{self.port}", TOKEN, timeout=30)

    def wait(self) -> None:
        deadline = time.monotonic() + 90
        while not self.door.exists():
            assert self.process.poll() is None, (self.results / "kit-serve.log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.1)

    @property
    def door(self) -> Path:
        return self.results / ".kit" / "jupyter" / "open.html"

    @property
    def lan_url(self) -> str:
        return RunningService.lan_url.fget(self)  # type: ignore[attr-defined]

    def stop(self) -> None:
        self.control.close_connection()
        self.process.terminate()
        self.process.wait(30)
        self.output.close()


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    running = Hall(tmp_path)
    try:
        running.wait()
        yield running
    finally:
        running.stop()


class Projector:
    """The facilitator's browser: every request off this machine is refused and counted."""

    def __init__(self, browser: Browser, hall: Hall) -> None:
        self.context: BrowserContext = browser.new_context(viewport={"width": 1280, "height": 720})
        self.context.set_default_timeout(PATIENCE)
        self.foreign: list[str] = []
        self.context.route(re.compile(r"^https?://"), self._only_here)
        self.page: Page = self.context.new_page()
        self.page.goto(hall.door.as_uri())
        self.page.wait_for_url(f"http://127.0.0.1:{hall.jupyter_port}/kit")
        self.shot("00-start")

    def _only_here(self, route: Any) -> None:
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            self.foreign.append(route.request.url)
            route.abort()

    def shot(self, name: str) -> None:
        keep_picture(self.page, ARTIFACTS / f"{name}.png")

    def open_deck(self, notebook: str) -> None:
        self.page.locator(f"a[href*='{notebook}']").first.click()
        self.page.wait_for_selector("#deck:not([hidden])", state="attached")

    def turn_to(self, selector: str) -> None:
        """Only turn slides, whatever the one key would do, until something is in sight."""
        for _ in range(40):
            if self.page.locator(selector).locator("visible=true").count():
                return
            self.page.keyboard.press("Shift+PageDown")
            self.page.wait_for_timeout(120)
        raise AssertionError(f"{selector} is on no slide")

    def press(self, *keys: str) -> None:
        """Click the visible buttons with these `data-key`s, one after the other."""
        for key in keys:
            self.page.locator(f"[data-key='{key}']").locator("visible=true").first.click()


@pytest.fixture
def phones(browser: Browser, hall: Hall) -> Iterator[Callable[..., Phone]]:
    with phones_at(browser, hall.lan_url, PATIENCE) as make:
        yield partial(make, has_touch=True)


@pytest.mark.browser
def test_a_session_from_the_start_page_to_the_report(
    browser: Browser, hall: Hall, phones: Callable[..., Phone], request: pytest.FixtureRequest
) -> None:
    projector = Projector(browser, hall)
    deck = projector.page
    projector.open_deck("session_students")
    code = open_session(projector, hall)

    projector.turn_to(".lobby .code")
    expect(deck.locator(".lobby .code")).to_have_text(code)
    assert deck.locator(".lobby .qr svg").is_visible()
    steady = phones(code)
    shaky = phones(code)
    english = phones(code, locale="en-GB")
    english.visit()
    english.page.locator("#language").click()
    for phone in (steady, shaky, english):
        phone.join()
    expect(deck.locator(".lobby .joined b")).to_have_text("3")
    projector.shot("01-lobby")

    projector.turn_to("[data-key='start']")
    projector.press("start", "start-yes")
    steady.answer_wave(0)
    shaky_wave(shaky)
    assert "Do not go on" in english.page.locator("main").inner_text()
    english.answer_wave(1)
    projector.page.wait_for_function(
        "() => /\\b3\\b/.test(document.querySelector('.numbers .lit dd')?.textContent)"
    )
    projector.shot("02-pre")
    projector.press("stop", "stop-yes")
    late = phones(code)
    late.join()

    poll = QUIZ.polls[0]
    projector.turn_to(f"[data-key='go-poll:{poll}']")
    projector.press(f"go-poll:{poll}")
    for phone in (steady, shaky):
        phone.page.wait_for_selector(".option, .phrase")
        phone.choose(0)
        phone.wait_saved()
    rationale = QUIZ.item(poll).rationale
    assert rationale is not None
    assert rationale.id not in deck.content(), "the reason waits for the reveal, on the projector too"
    projector.shot("03-poll")
    projector.press(f"go-reveal:{poll}")
    deck.get_by_text(rationale.id[:40]).first.wait_for()
    projector.shot("04-reveal")
    projector.press("go-lesson")

    deck.reload()
    deck.wait_for_selector("#deck:not([hidden])", state="attached")
    projector.turn_to("[data-key='start']")
    projector.press("start", "start-yes")
    for place, phone in enumerate((steady, shaky, english, late)):
        phone.answer_wave(place % 2)
    projector.press("stop", "stop-yes")
    for phone in (steady, shaky, english, late):
        phone.page.wait_for_selector(".nav", state="detached")
    steady.page.wait_for_selector("text=Hasil Anda")
    steady.shot("../session/05-own-result")
    projector.turn_to(".station-results .station")
    projector.shot("06-results")
    projector.turn_to("textarea")
    deck.locator("textarea").fill("Ditanya: apakah magang boleh berbayar?")
    projector.press("close")
    close_is_confirmed(projector)
    bundle = bundle_of(hall, code)
    projector.shot("07-closed")
    deck.goto(f"http://127.0.0.1:{hall.jupyter_port}/kit")
    deck.locator("a", has_text="Laporan").first.wait_for()
    projector.shot("08-start-after")

    report = json.loads((bundle / "report.json").read_text(encoding="utf-8"))
    assert report["flow"]["n_joined"] == 4
    assert report["flow"]["n_pairs"] == 3
    session = json.loads((bundle / "session.json").read_text(encoding="utf-8"))
    assert session["notes"].startswith("Ditanya")
    assert projector.foreign == []
    report_pictures(browser, bundle)


def open_session(projector: Projector, hall: Hall) -> str:
    deck = projector.page
    deck.wait_for_selector("form.open", state="attached")
    projector.turn_to("form.open")
    for name, value in (("event", "Kunjungan sekolah"), ("site", "SMA Contoh")):
        deck.locator(f"[data-key='{name}']").fill(value)
    deck.locator("[data-key='minors_consent']").check()
    projector.shot("00-open")
    projector.press("submit")
    deck.wait_for_selector("form.open", state="detached")
    (session,) = hall.control.sessions()
    return str(session["code"])


def shaky_wave(phone: Phone) -> None:
    """Loses its network in the middle, answers on, comes back and reloads."""
    phone.page.wait_for_selector(".nav")
    for _ in range(4):
        phone.choose(0)
        phone.wait_saved()
        phone.next.click()
    phone.context.set_offline(True)
    phone.choose(1)
    phone.page.wait_for_function("() => Object.keys(localStorage).some(key => key.startsWith('kit.out/'))")
    phone.shot("../session/02-offline")
    place = phone.heading
    phone.context.set_offline(False)
    phone.page.reload()
    phone.wait_delivered()
    phone.page.wait_for_selector(".nav")
    assert phone.heading == place
    phone.answer_wave(0)


def close_is_confirmed(projector: Projector) -> None:
    sure = projector.page.locator("[data-key='close-yes']").locator("visible=true")
    if sure.count():
        sure.first.click()


def bundle_of(hall: Hall, code: str) -> Path:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if (session := hall.control.session(code))["bundle"]:
            return hall.results / session["bundle"]
        time.sleep(0.2)
    raise AssertionError("no bundle")


def report_pictures(browser: Browser, bundle: Path) -> None:
    context = browser.new_context(viewport={"width": 900, "height": 1270}, offline=True)
    page = context.new_page()
    page.goto((bundle / "report.html").as_uri())
    keep_picture(page, ARTIFACTS / "09-report.png", full_page=True)
    context.close()

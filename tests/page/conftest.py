"""A real phone for the tests: Chromium at 360 × 640, on the LAN address, against a running service."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, sync_playwright

from tests.conftest import RunningService, start_service

ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts" / "page"
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


class Phone:
    """One participant's browser, and the steps a person takes."""

    def __init__(self, context: BrowserContext, base: str, code: str) -> None:
        self.context = context
        self.base = base
        self.code = code
        self.errors: list[str] = []
        self.requests: list[Request] = []
        context.on("request", lambda request: self.requests.append(request))
        self.page = self.open_tab()

    def open_tab(self) -> Page:
        """Another tab of the same phone."""
        tab = self.context.new_page()
        tab.on("pageerror", lambda error: self.errors.append(str(error)))
        return tab

    def visit(self, path: str | None = None) -> None:
        """Open the page as a QR code does."""
        self.page.goto(f"{self.base}/{self.code if path is None else path}")

    def join(self) -> None:
        """Give consent on a session with one audience."""
        self.visit()
        self.page.locator("main .button").first.click()
        self.page.wait_for_selector("#who b")

    @property
    def heading(self) -> str:
        return self.page.locator("h1:visible").inner_text()

    def wait_heading(self, text: str) -> None:
        """Wait until a screen with this heading is there."""
        self.page.wait_for_selector(f"main h1:text-is('{text}')")

    @property
    def personal_code(self) -> str:
        return self.page.locator("#who b").inner_text()

    @property
    def kept(self) -> dict[str, str]:
        """Everything in this phone's localStorage."""
        return json.loads(self.page.evaluate("JSON.stringify({...localStorage})"))

    @property
    def outbox(self) -> list[str]:
        return sorted(key.split("/", 2)[2] for key in self.kept if key.startswith("kit.out/"))

    @property
    def options(self) -> Locator:
        return self.page.locator("main .option")

    @property
    def next(self) -> Locator:
        return self.page.locator(".nav .button").last

    def choose(self, index: int = 0) -> None:
        """Answer the item on the screen, whatever its kind."""
        if self.options.count():
            self.options.nth(index).click()
        else:
            self.page.locator(".phrase").nth(index).click()
        save = self.page.locator(".save-row button")
        if save.count():
            save.click()

    def wait_saved(self) -> None:
        self.page.wait_for_selector(".status-saved")

    def wait_delivered(self) -> None:
        """Wait until the outbox is empty."""
        self.page.wait_for_function(
            "() => !Object.keys(localStorage).some(key => key.startsWith('kit.out/'))"
        )

    def answer_wave(self, index: int = 0) -> None:
        """Answer every item of the open wave and finish."""
        self.page.wait_for_selector(".nav")
        while self.page.locator(".nav").count():
            before = self.page.locator("main h1").inner_text()
            self.choose(index)
            self.wait_saved()
            self.next.click()
            self.page.wait_for_function(
                "before => document.querySelector('main h1').textContent !== before", arg=before
            )
        self.page.locator("main .button").first.click()
        self.page.wait_for_selector(".strip-good")

    def shot(self, name: str) -> None:
        """Keep a picture for people to judge."""
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(ARTIFACTS / f"{name}.png"), full_page=True)

    def foreign_requests(self) -> list[str]:
        """Requests that left the service."""
        host = urlsplit(self.base).netloc
        urls = [request.url for request in self.requests]
        return [url for url in urls if urlsplit(url).scheme not in ("data",) and urlsplit(url).netloc != host]


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A Chromium of this module's own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """One service for a module: each test has a session of its own in it."""
    running = start_service(tmp_path_factory.mktemp("service") / "results")
    yield running
    running.stop()


@pytest.fixture
def new_phone(browser: Browser, service: RunningService) -> Iterator[Callable[..., Phone]]:
    """Phones that must not raise script errors nor ask any other host."""
    phones: list[Phone] = []

    def make(code: str, **look: Any) -> Phone:
        viewport = look.pop("viewport", {"width": 360, "height": 640})
        context = browser.new_context(viewport=viewport, **look)
        context.set_default_timeout(15_000)
        phones.append(Phone(context, service.lan_url, code))
        return phones[-1]

    yield make
    for phone in phones:
        phone.context.close()
    assert [error for phone in phones for error in phone.errors] == []
    assert [url for phone in phones for url in phone.foreign_requests()] == []


@pytest.fixture
def code(service: RunningService) -> str:
    """A session for students."""
    return str(service.open_session("students"))


@pytest.fixture
def phone(new_phone: Callable[..., Phone], code: str) -> Phone:
    """A phone at the door of a session."""
    return new_phone(code)


@pytest.fixture
def write_quiz(tmp_path: Path) -> Callable[..., Path]:
    """Write a small quiz with texts of the test's own; answers the folder."""

    def write(quiz_id: str = "small", audience: list[str] | None = None, text: str = "Teks") -> Path:
        both = {"id": text, "en": text}
        options = [{"option_id": name, "text": both} for name in ("a", "b")]
        shared: dict[str, Any] = {"topic": "scam-job", "stem": both, "rationale": both, "sources": ["L01"]}
        scenario = {"channel": "whatsapp", "from": both, "text": both}
        spot = {**scenario, "text": {"id": f"[[a|{text}]] x [[b|y]]", "en": f"[[a|{text}]] x [[b|y]]"}}
        offer = {"item_id": "offer-01", "kind": "offer", "signal": "fraud", "scenario": scenario, **shared}
        multi = {"item_id": "know-01", "kind": "multi", "options": options, "key": ["a", "b"], **shared}
        tap = {"item_id": "know-02", "kind": "spot", "scenario": spot, "key": ["a"], **shared}
        poll = {"item_id": f"{quiz_id}-poll", "kind": "choice", "options": options, "key": ["a"], **shared}
        quiz = {
            "quiz_id": quiz_id, "title": both, "audience": audience or ["resident"],
            "reviewed_on": "2026-11-23", "design": "same",
            "forms": {"A": ["offer-01", "know-01", "know-02"]}, "polls": [f"{quiz_id}-poll"],
            "items": [offer, multi, tap, poll],
        }  # fmt: skip
        folder = tmp_path / "quizzes"
        folder.mkdir(exist_ok=True)
        dumper = yaml.SafeDumper
        dumper.ignore_aliases = lambda self, data: True  # type: ignore[method-assign]  # the loader refuses them
        (folder / f"{quiz_id}.yaml").write_text(yaml.dump(quiz, Dumper=dumper, allow_unicode=True))
        return folder

    return write

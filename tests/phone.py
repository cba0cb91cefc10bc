"""A participant's phone, for every test that needs one: Chromium at 360 × 640, and a person's steps."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request

ARTIFACTS: Final = Path(__file__).resolve().parents[1] / "artifacts" / "page"
PICTURES: Final = "PICTURES_OF_TESTS"
"""A variable that is set where somebody asked for pictures (`--pictures`)."""
QUIET: Final = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


def keep_picture(page: Page, path: Path, *, full_page: bool = False) -> None:
    """Keep a picture for people to judge, where they asked for it: it takes longer than a step of a test."""
    if PICTURES in os.environ:
        path.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(path), full_page=full_page)


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
        self.page.wait_for_selector("#who > *")

    def come_back(self, personal_code: str) -> None:
        """Open the page on a phone that does not know this person, with the personal code."""
        self.visit()
        self.page.fill("#personal", personal_code)
        self.page.locator("main .button").first.click()
        self.page.wait_for_selector("#who > *")

    @property
    def heading(self) -> str:
        return self.page.locator("h1:visible").inner_text()

    def wait_heading(self, text: str) -> None:
        """Wait until a screen with this heading is there."""
        self.page.wait_for_selector(f"main h1:text-is('{text}')")

    @property
    def personal_code(self) -> str:
        """What the phone holds; the page shows it when it is given and when it is asked for."""
        return str(json.loads(self.kept[f"kit.me/{self.code}"])["personal_code"])

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
        """Keep a picture of the whole page."""
        keep_picture(self.page, ARTIFACTS / f"{name}.png", full_page=True)

    def foreign_requests(self) -> list[str]:
        """Requests that left the service."""
        host = urlsplit(self.base).netloc
        urls = [request.url for request in self.requests]
        return [url for url in urls if urlsplit(url).scheme not in ("data",) and urlsplit(url).netloc != host]


@contextlib.contextmanager
def phones_at(browser: Browser, base: str, patience: float = 60_000) -> Iterator[Callable[..., Phone]]:
    """Phones at a service's address that must not raise script errors nor ask any other host."""
    phones: list[Phone] = []

    def make(code: str, **look: Any) -> Phone:
        viewport = look.pop("viewport", {"width": 360, "height": 640})
        context = browser.new_context(viewport=viewport, **look)
        context.set_default_timeout(patience)
        phones.append(Phone(context, base, code))
        return phones[-1]

    yield make
    for phone in phones:
        phone.context.close()
    assert [error for phone in phones for error in phone.errors] == []
    assert [url for phone in phones for url in phone.foreign_requests()] == []

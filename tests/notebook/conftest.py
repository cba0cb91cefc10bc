"""A real facilitator's laptop for the tests: service, Jupyter with Voila, kernels, and a Chromium."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page

from kit.config import Settings
from kit.notebook.jupyter import jupyter_command, jupyter_folder, open_file
from tests.conftest import QUIZZES, ROOT, TOKEN, RunningService, free_port, start_service
from tests.phone import Phone, keep_picture, phones_at

ARTIFACTS = ROOT / "artifacts" / "notebook"


@dataclass
class Laptop:
    """Both processes of `kit serve`, with folders of the test's own."""

    settings: Settings
    service: RunningService
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ticket_url(self) -> str:
        """The address that the owner's private page leads to."""
        found = re.search(r'url=([^"]+)"', open_file(self.settings).read_text())
        assert found is not None
        return found[1]

    def kernels(self) -> list[psutil.Process]:
        """The kernels that run now."""
        found = []
        for child in psutil.Process(self.process.pid).children(recursive=True):
            try:
                if "ipykernel_launcher" in " ".join(child.cmdline()):
                    found.append(child)
            except (psutil.ZombieProcess, psutil.NoSuchProcess):
                continue  # it has just ended
        return found

    def kernel_of(self, page: Page) -> psutil.Process:
        """The kernel of an open page."""
        found = re.search(r'"kernelId": ?"([0-9a-f-]{36})"', page.content())
        assert found is not None
        return next(one for one in self.kernels() if found[1] in " ".join(one.cmdline()))

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        assert self.process.stdin is not None
        self.process.stdin.close()

    def sign_in(self) -> httpx.Client:
        """A client with the login cookie of a browser."""
        client = httpx.Client(base_url=self.url, trust_env=False, follow_redirects=True, timeout=30)
        assert client.get(self.ticket_url).url.path == "/kit"
        return client


def start_laptop(folder: Path, service: RunningService, *, lab: bool = False) -> Laptop:
    """Start Jupyter as the supervisor does; notebooks are copies, so tests may put files beside them."""
    notebooks = folder / "notebooks"
    shutil.copytree(ROOT / "notebooks", notebooks)
    chosen = Settings(
        store="",
        results=service.results,
        quizzes=QUIZZES,
        notebooks=notebooks,
        url=service.url,
        control_token=TOKEN,
        language="id",
        office_contact="",
    )
    port = free_port()
    command, environment = jupyter_command(chosen, port=port, lab=lab)
    log = folder / "jupyter.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=jupyter_folder(chosen) / "work",
            stdin=subprocess.PIPE,
            stdout=sink,
            stderr=sink,
        )
    laptop = Laptop(chosen, service, port, process, log)
    _wait(laptop)
    return laptop


def _wait(laptop: Laptop) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and laptop.process.poll() is None:
        try:
            httpx.get(f"{laptop.url}/login", trust_env=False)
            return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError(laptop.log.read_text())


@dataclass
class Desk:
    """The facilitator's browser at that laptop; requests to any other host are refused and counted."""

    laptop: Laptop
    context: BrowserContext
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.route("**/*", self._only_here)
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(self.laptop.ticket_url)

    def _only_here(self, route: object, request: object) -> None:
        url = request.url  # type: ignore[attr-defined]
        if url.startswith((self.laptop.url, "data:", "blob:")):
            route.continue_()  # type: ignore[attr-defined]
        else:
            self.foreign.append(url)
            route.abort()  # type: ignore[attr-defined]

    def leave(self) -> None:
        """Leave the page, which ends its kernel."""
        self.context.unroute_all()  # a farewell held up by the test would never arrive
        self.page.goto("about:blank")
        self.page.wait_for_timeout(200)

    def show(self, name: str, slide: int = 1, query: str = "") -> Page:
        """Open a notebook and wait until its widgets are there."""
        self.leave()
        self.context.route("**/*", self._only_here)
        self.page.goto(f"{self.laptop.url}/voila/render/{name}.ipynb{query}#{slide}")
        self.page.wait_for_selector("#deck:not([hidden])", state="attached", timeout=60_000)
        return self.page

    def go(self, slide: int) -> None:
        """Go to a slide by its number, from 1."""
        self.page.evaluate("number => { location.hash = `#${number}` }", slide)
        self.page.wait_for_function(
            "number => !document.querySelectorAll('#deck > .slide')[number - 1].hidden", arg=slide
        )

    def station(self, key: str) -> int:
        """Go to the slide of a station by its cell id and return its number."""
        keys: list[str] = self.page.evaluate(
            "[...document.querySelectorAll('#deck > .slide')].map(slide => slide.dataset.key)"
        )
        number = keys.index(f"{key}-0") + 1
        self.go(number)
        self.page.wait_for_selector("#deck > .slide:not([hidden]) .station")
        return number

    @property
    def slide(self) -> Locator:
        return self.page.locator("#deck > .slide:not([hidden])")

    def press(self, key: str, *, sure: bool = True) -> None:
        """Press a button of the station on the screen, and say yes where it asks."""
        self.slide.locator(f"[data-key={key}]").click()
        if sure:
            self.slide.locator(f"[data-key={key}-yes]").click()

    def open_session(self, event: str = "Pekan Contoh", **ticks: bool) -> str:
        """Fill in the form on the opening slide; the join code."""
        self.station("station-open")
        self.page.wait_for_timeout(300)
        if self.slide.locator("[data-key=fresh]").count():
            self.press("fresh", sure=False)
        self.page.fill("#kit-event", event)
        self.page.fill("#kit-site", "SMA Contoh")
        self.page.check("#kit-minors_consent")
        for name, on in ticks.items():
            self.page.set_checked(f"#kit-{name}", on)
        self.press("submit", sure=False)
        self.page.wait_for_function("new URLSearchParams(location.search).has('session')")
        return self.page.evaluate("new URLSearchParams(location.search).get('session')")

    def shot(self, name: str) -> None:
        """Keep a picture of what the projector shows."""
        keep_picture(self.page, ARTIFACTS / f"{name}.png")


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """Service and Jupyter for a module."""
    folder = tmp_path_factory.mktemp("laptop")
    service = start_service(folder / "results")
    running = start_laptop(folder, service)
    yield running
    running.stop()
    service.stop()


@pytest.fixture
def new_desk(browser: Browser, laptop: Laptop) -> Iterator[Callable[..., Desk]]:
    """Desks that must neither raise script errors nor ask any other host."""
    desks: list[Desk] = []

    def make(width: int = 1280, height: int = 720, theme: str = "light", language: str = "id") -> Desk:
        context = browser.new_context(viewport={"width": width, "height": height})
        context.set_default_timeout(60_000)
        context.add_init_script(
            f"""if (location.protocol === "http:") {{
              localStorage["kit-theme"] = localStorage["kit-theme"] || "{theme}";
              localStorage["kit-language"] = localStorage["kit-language"] || "{language}";
            }}"""
        )
        desks.append(Desk(laptop, context))
        return desks[-1]

    yield make
    for desk in desks:
        desk.leave()
        desk.context.close()
    assert [error for desk in desks for error in desk.errors] == []
    assert [url for desk in desks for url in desk.foreign] == []


@pytest.fixture
def desk(new_desk: Callable[..., Desk]) -> Desk:
    """The facilitator at a projector of 1280 × 720."""
    return new_desk()


@pytest.fixture
def new_phone(browser: Browser, laptop: Laptop) -> Iterator[Callable[..., Phone]]:
    """Phones on the network of that laptop."""
    with phones_at(browser, laptop.service.lan_url) as make:
        yield make


@pytest.fixture
def visitor(laptop: Laptop) -> Iterator[httpx.Client]:
    """Somebody at the laptop's address without a login."""
    with httpx.Client(base_url=laptop.url, trust_env=False) as client:
        yield client


@pytest.fixture
def owner(laptop: Laptop) -> Iterator[httpx.Client]:
    """The owner's browser, signed in."""
    client = laptop.sign_in()
    yield client
    client.close()

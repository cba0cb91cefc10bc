"""Light enough for a cheap phone, old syntax enough for a five-year-old one, and text stays text."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

PAGE = Path(__file__).resolve().parents[2] / "kit" / "page"
SCRIPTS = sorted(PAGE.rglob("*.js"))
# What Chrome 80 (February 2020) does not know, with the version that brought it.
YOUNGER_SYNTAX = {
    r"\?\?=|\|\|=|&&=": "85 logical assignment",
    r"\.replaceAll\(": "85",
    r"\.replaceChildren\(": "86",
    r"Promise\.any": "85",
    r"\.at\(-?\d": "92",
    r"structuredClone": "98",
    r"\bObject\.hasOwn\b": "93",
    r"\.findLast|\.toSorted|\.toReversed|\.with\(": "97 and later",
    r"AbortSignal\.timeout|AbortSignal\.any": "103",
    r"(?m)^await |^  static \{": "89 top-level await, 94 static blocks",
    r"\bthis\.#|#\w+ in |^\s+#\w+": "84 private methods",
    r"\d_\d{3}": "75 but unreadable to older tools",
    r"\.showModal\(|\.inert\b|\bpopover\b": "dialog on iPhones, inert 102, popover 114",
    r"import .* with \{|assert \{": "91 and later",
    r"\bWeakRef\b": "84",
}
NOT_ON_PLAIN_HTTP = r"crypto\.(randomUUID|subtle)|serviceWorker|navigator\.(clipboard|locks|wakeLock|share)\b"
MARKUP = (
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment"
    r"|\beval\(|new Function"
)
CLOCK = r"Date\.now|new Date|performance\.now"
YOUNGER_STYLES = {
    r":has\(|:is\(|:where\(|:focus-visible": "86 and later",
    r"(?<!-)\binset:|aspect-ratio|@container|@layer|color-mix|accent-color|\bdvh\b|\bsvh\b": "87 and later",
    r"(?<![\w-])gap:|(?<!grid-)(?:row|column)-gap:": "84 in flex boxes",
    r"margin-inline:|margin-block:|padding-inline:|padding-block:": "87",
    r"^\s*&": "112 nesting",
}


def without_comments(text: str) -> str:
    return re.sub(r"(?m)(?<!:)//.*$", "", re.sub(r"/\*.*?\*/", "", text, flags=re.S))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_keep_to_what_chrome_80_knows(script: Path) -> None:
    source = without_comments(script.read_text(encoding="utf-8"))
    assert {why for pattern, why in YOUNGER_SYNTAX.items() if re.search(pattern, source)} == set()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_need_no_secure_context_no_clock_and_write_no_markup(script: Path) -> None:
    source = without_comments(script.read_text(encoding="utf-8"))
    # The phone test tells the laptop what time the phone has: that is what it is for.
    clock = () if script.name == "trial.js" else (CLOCK,)
    for pattern in (NOT_ON_PLAIN_HTTP, MARKUP, *clock):
        assert re.search(pattern, source) is None


@pytest.mark.parametrize("sheet", sorted(PAGE.glob("*.css")), ids=lambda path: path.name)
def test_styles_keep_to_what_chrome_80_knows(sheet: Path) -> None:
    source = without_comments(sheet.read_text(encoding="utf-8"))
    assert {why for pattern, why in YOUNGER_STYLES.items() if re.search(pattern, source, flags=re.M)} == set()


def test_the_pattern_of_forbidden_syntax_finds_what_it_should() -> None:
    for young in ("a ??= b", "x.replaceAll('a', 'b')", "list.at(-1)", "this.#secret()", "await go()"):
        assert any(re.search(pattern, young) for pattern in YOUNGER_SYNTAX), young
    for young in ("a:has(b) {}", "gap: 4px;", "inset: 0;", "aspect-ratio: 1;", "  & b {}"):
        assert any(re.search(pattern, young, flags=re.M) for pattern in YOUNGER_STYLES), young


def first_item(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("main .button").first.click()
    page.wait_for_selector("kit-quiz .option")


@pytest.mark.browser
def test_the_first_item_takes_six_requests_and_thirty_kilobytes(
    browser: Browser, service: Any, code: str
) -> None:
    service.control.move(code, "pre")
    page = browser.new_page()
    sizes: list[tuple[str, int]] = []

    def weigh(response: Any) -> None:
        is_stream = response.url.endswith("/stream")
        body = response.body() if not is_stream else json.dumps({"state": "x" * 400}).encode()
        sizes.append((response.url, len(gzip.compress(body, 5 if "/api/" in response.url else 9))))

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    answers: list[Any] = []
    page.on("response", lambda response: answers.append(response))
    first_item(page, f"{service.lan_url}/{code}")
    # The second half of the page is fetched behind the first item: it is not on the way to it.
    behind = ("/more.js", "/more.css", "/blank.html", "/blank.css")
    before = [url for url in asked if not url.endswith(behind) and not url.startswith("data:")]
    assert len(before) <= 6, before
    for answer in answers:
        if answer.url in before:
            weigh(answer)
    assert len(sizes) == len(before)
    assert sum(size for _, size in sizes) <= 30_000, sizes
    page.context.close()


@pytest.mark.browser
def test_static_files_are_sent_compressed_and_kept(browser: Browser, service: Any, code: str) -> None:
    page = browser.new_page()
    answers: list[Any] = []
    page.on("response", lambda response: answers.append(response))
    page.goto(f"{service.lan_url}/{code}")
    page.wait_for_selector("main .button")
    static = [answer for answer in answers if "/static/" in answer.url]
    assert len(static) == 2
    for answer in static:
        assert answer.headers["content-encoding"] == "gzip"
        assert "immutable" in answer.headers["cache-control"]
    page.context.close()


@pytest.mark.browser
def test_hostile_text_stays_text_on_every_screen(
    start: Callable[..., Any], browser: Browser, write_quiz: Callable[..., Path]
) -> None:
    hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'>{{7*7}}"
    folder = write_quiz(text=hostile)
    service = start("hostile", KIT_QUIZZES=str(folder), KIT_OFFICE_CONTACT=hostile)
    code = service.open_session("small", site=hostile, event=hostile)
    page = browser.new_page()
    alarms: list[str] = []
    page.on("dialog", lambda dialog: (alarms.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: alarms.append(str(error)))
    page.goto(f"{service.url}/{code}")
    page.wait_for_selector(".plain-list")
    assert hostile in page.locator(".plain-list").inner_text()
    page.locator("main .button").first.click()
    page.wait_for_selector("#who > *")
    seen: list[str] = []
    for stage in ("pre", "lesson", "poll:small-poll", "reveal:small-poll", "post", "results"):
        service.control.move(code, stage)
        page.wait_for_timeout(600)
        if stage in ("pre", "post"):
            while page.locator(".nav").count():
                before = page.locator("main h1").inner_text()
                page.locator(".option, .phrase").first.click()
                page.locator(".nav .button").last.click()
                page.wait_for_function(
                    "was => document.querySelector('main h1').textContent !== was", arg=before
                )
            page.locator("main .button").first.click()
            page.wait_for_selector("main .strip-good")
        page.evaluate("document.querySelectorAll('main details').forEach(folded => { folded.open = true; })")
        seen.append(page.locator("main").inner_text())
        assert page.locator("main img, main script, #help img, #help script").count() == 0
    assert hostile in seen[2]
    assert hostile in seen[3]
    assert hostile in seen[-1]
    assert alarms == []
    page.context.close()

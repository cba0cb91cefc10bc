"""What the deck costs: bytes of its first load, a warm load, and from the last click to the report.

    uv run python -m tests.bench.deck [--runs 3]

First load: everything that a browser with an empty cache is sent until every station stands there. Warm: the
same browser again, from the address to the stations. Closing: a session of 40 people, report included.
To compare with an earlier commit, run this file in a work tree of it.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.conftest import start_service
from tests.notebook.conftest import Laptop, start_laptop
from tests.phone import QUIET

PEOPLE = 40
READS = 6.0
"""Seconds between two pages: nobody opens the next one in the very moment the last one stands."""
READY = "document.querySelectorAll('#deck .station').length >= 10 && !document.querySelector('#deck').hidden"


def load(laptop: Laptop, context: BrowserContext) -> tuple[float, Counter[str]]:
    """Seconds until every station stands, and bytes on the wire by address."""
    page = context.new_page()
    cdp = context.new_cdp_session(page)
    sent: Counter[str] = Counter()
    urls: dict[str, str] = {}
    cdp.send("Network.enable")
    cdp.on("Network.requestWillBeSent", lambda e: urls.update({e["requestId"]: e["request"]["url"]}))
    cdp.on(
        "Network.loadingFinished",
        lambda e: sent.update({urls.get(e["requestId"], "?"): int(e["encodedDataLength"])}),
    )
    began = time.perf_counter()
    page.goto(f"{laptop.url}/voila/render/session_students.ipynb", timeout=120_000)
    page.wait_for_function(READY, timeout=120_000)
    seconds = time.perf_counter() - began
    page.close()
    return seconds, sent


def visit(laptop: Laptop, browser: Browser) -> tuple[Counter[str], float]:
    """Bytes of a first load, and seconds of a second one."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.goto(laptop.ticket_url)
    page.close()
    _, sent = load(laptop, context)
    time.sleep(READS)
    seconds, _ = load(laptop, context)
    context.close()
    return sent, seconds


def close(laptop: Laptop) -> float:
    """Seconds from closing a session of 40 people to its report."""
    service = laptop.service
    code = service.open_session()
    people = [service.join(code) for _ in range(PEOPLE)]
    service.control.move(code, "pre")
    for number, person in enumerate(people):
        person.answer("pre", 3 + number % 6)
    service.control.move(code, "lesson")
    service.control.move(code, "post")
    for number, person in enumerate(people):
        person.answer("post", 7 + number % 5)
    service.control.move(code, "results")
    time.sleep(20)  # the officer reads the results to the room
    began = time.perf_counter()
    service.control.close(code)
    return time.perf_counter() - began


def main() -> None:
    """Print the medians."""
    parser = argparse.ArgumentParser()
    # Each load keeps a kernel for a while, and their number is capped: three runs are six of them.
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--all", action="store_true", help="list every address with its bytes")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        service = start_service(Path(name) / "results")
        laptop = start_laptop(Path(name), service)
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        visits = [visit(laptop, browser) for _ in range(given.runs)]
        closings = [close(laptop) for _ in range(given.runs)]
        browser.close()
        laptop.stop()
        service.stop()
    if given.all:
        for url, n in visits[-1][0].most_common():
            print(f"{n:>9}  {url.partition('/voila')[2] or url}")
    first = statistics.median(sum(sent.values()) for sent, _ in visits)
    print(f"first load {first / 1e6:.2f} MB in {len(visits[-1][0])} requests")
    print(f"warm load {statistics.median(seconds for _, seconds in visits):.2f} s")
    print(f"closing {PEOPLE} people to the report {statistics.median(closings):.2f} s")


if __name__ == "__main__":
    main()

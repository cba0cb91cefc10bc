"""What the participant page costs a phone: requests, bytes, and time on a throttled connection.

    uv run python -m tests.bench.page_weight

Profiles: `slow 3G` is 400 kbit/s with 400 ms round trips (WebPageTest's), `2 s round trips` the harsher
preset of Chrome's developer tools, `hall Wi-Fi` 1.5 Mbit/s with 80 ms; the processor is slowed four times.
Usable = the button of the consent screen stands there; first item = from the tap on it to the item's options.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.conftest import spawn_service, start_service

PROFILES = {"slow 3G": (400, 400), "2 s round trips": (400, 2000), "hall Wi-Fi": (1500, 80)}
CPU_SLOWER = 4
BEHIND = ("/more.js", "/more.css", "/blank.html", "/blank.css")  # fetched behind the first item


@dataclass
class Weight:
    """Requests and bytes of one visit, by address."""

    urls: dict[str, str] = field(default_factory=dict)
    body: dict[str, int] = field(default_factory=dict)
    total: dict[str, int] = field(default_factory=dict)

    def watch(self, cdp: Any) -> None:
        """Count what the network delivers, compressed as it is."""
        cdp.send("Network.enable")
        cdp.on("Network.requestWillBeSent", lambda e: self.urls.update({e["requestId"]: e["request"]["url"]}))
        cdp.on("Network.responseReceived", self._length)
        cdp.on("Network.dataReceived", self._data)
        cdp.on(
            "Network.loadingFinished", lambda e: self.total.update({e["requestId"]: e["encodedDataLength"]})
        )

    def _length(self, event: dict[str, Any]) -> None:
        if length := event["response"]["headers"].get("content-length"):
            self.body[event["requestId"]] = int(length)

    def _data(self, event: dict[str, Any]) -> None:
        if self.urls[event["requestId"]].endswith("/stream"):
            received = self.body.get(event["requestId"], 0)
            self.body[event["requestId"]] = received + event["dataLength"]

    def rows(self) -> list[tuple[str, int, int]]:
        """(path, body bytes, bytes with headers) of the requests on the way to the first item."""
        rows = []
        for request, url in self.urls.items():
            if url.startswith("http") and not url.endswith(BEHIND):
                total = self.total.get(request, self.body.get(request, 0))
                rows.append(("/" + url.split("/", 3)[3], self.body.get(request, 0), total))
        return rows


def visit(browser: Browser, address: str, profile: str | None) -> tuple[float, float, Weight]:
    """Open the page and go to the first item: (seconds to usable, seconds to the item, weight)."""
    context = browser.new_context(viewport={"width": 360, "height": 640})
    page = context.new_page()
    cdp = context.new_cdp_session(page)
    weight = Weight()
    weight.watch(cdp)
    if profile:
        kbit, latency = PROFILES[profile]
        speed = {"downloadThroughput": kbit * 125, "uploadThroughput": kbit * 125, "latency": latency}
        cdp.send("Network.emulateNetworkConditions", {"offline": False, **speed})
        cdp.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})
    started = time.monotonic()
    page.goto(address, wait_until="commit")
    page.wait_for_selector(".plain-list")
    usable = time.monotonic() - started
    started = time.monotonic()
    page.locator("main .button").first.click()
    page.wait_for_selector("kit-quiz .option")
    item = time.monotonic() - started
    page.wait_for_timeout(300)
    context.close()
    return usable, item, weight


def report(browser: Browser, address: str) -> None:
    """Print the weight by request, then the times by profile."""
    rows = visit(browser, address, None)[2].rows()
    for path, body, total in rows:
        print(f"{path[:58]:58} {body:7} {total:7}")
    print(f"{len(rows)} requests to the first item; body bytes and with headers:", end=" ")
    print(f"{sum(body for _, body, _ in rows)}, {sum(total for *_, total in rows)}")
    for profile in PROFILES:
        runs = [visit(browser, address, profile) for _ in range(3)]
        usable, item = (sorted(run[place] for run in runs)[1] for place in (0, 1))
        print(
            f"{profile:16} CPU x{CPU_SLOWER}: usable {usable:.2f} s, "
            f"then first item {item:.2f} s (median of 3)"
        )


def main() -> None:
    """Measure against a service of its own."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        service = start_service(Path(folder) / "results", begin=spawn_service)
        try:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            code = service.open_session("students")
            service.control.move(code, "pre")
            report(browser, f"{service.lan_url}/{code}")
            browser.close()
        finally:
            service.stop()


if __name__ == "__main__":
    main()

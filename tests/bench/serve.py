"""Start and memory of `kit serve`, beside stock Voila with a kernel for each visitor."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import psutil
from playwright.sync_api import Page, sync_playwright

from tests.bench.hall import TOKEN, show
from tests.conftest import ROOT, free_port
from tests.phone import QUIET

VISITORS = 10
STOCK_QUIZ = (
    "import ipywidgets as w\n"
    "w.VBox([w.RadioButtons(options=['asli', 'palsu'], description=f'Soal {n}') for n in range(14)])"
)


def memory(root: psutil.Process) -> tuple[float, float, list[str]]:
    """Proportional and resident megabytes of a process and all its children, and each one's share."""
    everyone = [root, *root.children(recursive=True)]
    pss = rss = 0.0
    shares = []
    for process in everyone:
        full = process.memory_full_info()
        pss += full.pss / 2**20
        rss += full.rss / 2**20
        name = " ".join(process.cmdline())
        kind = next(
            (k for k in ("kit.session.server", "kit.notebook.deck_server", "ipykernel") if k in name),
            "kit serve",
        )
        shares.append(
            f"{kind.rpartition('.')[2] if kind.startswith('kit.') else kind}={full.rss / 2**20:.0f}"
        )
    return pss, rss, shares


def forget_files() -> bool:
    """Drop the page cache for a cold start, where this is allowed."""
    try:
        Path("/proc/sys/vm/drop_caches").write_text("3")
    except OSError:
        return False
    return True


def start_to_lobby(page: Page, folder: Path) -> None:
    """From the command to a lobby with its QR code on the projector."""
    port, jupyter_port = free_port(), free_port()
    environment = {**os.environ, "KIT_RESULTS": str(folder), "KIT_CONTROL_TOKEN": TOKEN, "KIT_STORE": ""}
    command = [sys.executable, "-c", "from kit.cli import main; main()", "serve", "--no-browser"]
    start = time.perf_counter()
    serving = subprocess.Popen(
        [*command, "--port", str(port), "--jupyter-port", str(jupyter_port)],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        door = folder / ".kit" / "jupyter" / "open.html"
        while not door.exists():
            time.sleep(0.05)
        page.goto(door.as_uri())
        page.wait_for_url("**/kit")
        started = time.perf_counter() - start
        page.locator("a[href*='session_students']").first.click()
        page.wait_for_selector("form.open", state="attached")
        drawn = time.perf_counter() - start
        page.keyboard.press("PageDown")
        for name in ("event", "site"):
            page.locator(f"[data-key='{name}']").fill("Bench")
        page.locator("[data-key='minors_consent']").check()
        page.locator("[data-key='submit']").click()
        page.wait_for_selector(".lobby .qr svg", state="attached")
        lobby = time.perf_counter() - start
        pss, rss, shares = memory(psutil.Process(serving.pid))
        show(
            "kit serve",
            start_page_s=f"{started:.1f}",
            deck_s=f"{drawn:.1f}",
            lobby_s=f"{lobby:.1f}",
            memory_pss_mb=f"{pss:.0f}",
            memory_rss_mb=f"{rss:.0f}",
        )
        show("  of which resident MB", shares=" ".join(shares))
    finally:
        serving.terminate()
        serving.wait(30)


def stock_voila(page: Page, folder: Path) -> None:
    """Ten visitors of a plain Voila quiz: a kernel, seconds and megabytes each; weight of its page."""
    cell = {"cell_type": "code", "id": "quiz", "metadata": {}, "outputs": [], "execution_count": None}
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": kernel,
        "cells": [{**cell, "source": STOCK_QUIZ}],
    }
    (folder / "quiz.ipynb").write_text(json.dumps(notebook))
    port = free_port()
    serving = subprocess.Popen(
        [sys.executable, "-m", "voila", "quiz.ipynb", "--no-browser", f"--port={port}"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with httpx.Client(trust_env=False, timeout=120) as http:
            url = f"http://127.0.0.1:{port}/"
            while True:
                try:
                    http.get(f"{url}static/nothing")
                    break
                except httpx.HTTPError:
                    time.sleep(0.1)
            process = psutil.Process(serving.pid)
            before = memory(process)[0]
            took = []
            for _ in range(VISITORS):
                start = time.perf_counter()
                http.get(url).raise_for_status()
                took.append(time.perf_counter() - start)
            each = (memory(process)[0] - before) / VISITORS
        took.sort()
        median = took[len(took) // 2]
        show(
            "stock Voila, a kernel per visitor",
            visitors=VISITORS,
            median_s=f"{median:.2f}",
            memory_pss_mb_each=f"{each:.0f}",
            extrapolated_1000=f"{each:.0f} GB and {1000 * median / 60:.0f} min one after the other",
        )
        weigh(page, "stock Voila page", url)
    finally:
        serving.terminate()
        serving.wait(30)


def weigh(page: Page, name: str, url: str) -> None:
    """Bytes over the wire and requests of one page, hosts off the machine refused."""
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    client.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sizes: list[float] = []
    client.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(url)
    page.wait_for_timeout(6_000)
    show(name, kilobytes=f"{sum(sizes) / 1024:.0f}", requests=len(sizes))
    client.detach()


def main() -> None:
    """Print the table."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.set_default_timeout(120_000)
        print(
            "cold:",
            "page cache dropped" if forget_files() else "page cache could not be dropped: see the first run",
        )
        for _ in range(2):
            with tempfile.TemporaryDirectory() as folder:
                start_to_lobby(page, Path(folder))
            print("warm:")
        with tempfile.TemporaryDirectory() as folder:
            stock_voila(page, Path(folder))
        browser.close()


if __name__ == "__main__":
    main()

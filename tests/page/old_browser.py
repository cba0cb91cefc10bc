"""A real Chromium 80 of February 2020: fetched once from the npm registry, driven by its own protocol.

No driver of today speaks to a browser that old, so this one speaks the few commands a phone needs.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import platformdirs
import pyarrow
from websockets.sync.client import ClientConnection, connect

from tests.phone import PICTURES

RUNS_HERE: Final = sys.platform == "linux" and platform.machine() == "x86_64"
VERSION: Final = "80.0.3987.0"
PACKAGE: Final = "chrome-aws-lambda/-/chrome-aws-lambda-2.1.1.tgz"
SHA512: Final = "Wer2QuygxsCov5bM2+8CLa6qYpNsc5AxYTlgTne00aFoxFP491LGJRxOQtGnYtsJP6UG4pB0SfrwTyPnLys1Lw=="
FLAGS: Final = (
    "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --mute-audio "
    "--disable-sync --disable-component-update --remote-debugging-port=0"
).split()
PATIENCE: Final = 60.0
SCREEN: Final = {"width": 360, "height": 640, "deviceScaleFactor": 2, "mobile": True}


def old_chromium() -> Path:
    """The folder with the browser and the libraries it came with; fetched and checked the first time."""
    folder = platformdirs.user_cache_path("desa-binaan-kit-tests") / f"chromium-{VERSION}"
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        rough = Path(tempfile.mkdtemp(dir=folder.parent))
        _unpack(_fetch(f"{registry()}/{PACKAGE}"), rough)
        try:
            rough.rename(folder)
        except OSError:  # another run was quicker
            shutil.rmtree(rough)
    return folder


def registry() -> str:
    """The npm registry that npm itself would use here."""
    variables = {name.lower(): value for name, value in os.environ.items()}
    named = variables.get("npm_config_registry")
    settings = Path.home() / ".npmrc"
    if not named and settings.is_file():
        found = re.search(r"(?m)^\s*registry\s*=\s*(\S+)", settings.read_text(encoding="utf-8"))
        named = found[1] if found else None
    return (named or "https://registry.npmjs.org").rstrip("/")


def _fetch(url: str) -> bytes:
    """The package. Proxies and certificates are those of the environment, as for every httpx client."""
    content = httpx.get(url, follow_redirects=True, timeout=300).raise_for_status().content
    assert base64.b64encode(hashlib.sha512(content).digest()).decode() == SHA512, f"{url} is another file"
    return content


def _unpack(package: bytes, folder: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(package)) as outer:
        for name in ("chromium", "aws.tar"):
            packed = outer.extractfile(f"package/bin/{name}.br")
            assert packed is not None
            content = pyarrow.input_stream(io.BytesIO(packed.read()), compression="brotli").read()
            if name == "chromium":
                (folder / name).write_bytes(content)
                (folder / name).chmod(0o755)
            else:
                with tarfile.open(fileobj=io.BytesIO(content)) as inner:
                    # Python before 3.11.4 knows no filters for `extractall`.
                    for member in inner:
                        if (packed_file := inner.extractfile(member)) is not None:
                            place = folder / member.name
                            place.parent.mkdir(parents=True, exist_ok=True)
                            place.write_bytes(packed_file.read())


@contextlib.contextmanager
def running_browser(home: Path) -> Iterator[OldBrowser]:
    """Start the browser with an empty home, and end it."""
    folder = old_chromium()
    with (home / "chromium.log").open("wb+") as log:
        process = subprocess.Popen(
            [folder / "chromium", *FLAGS, f"--user-data-dir={home / 'profile'}", "about:blank"],
            env={**os.environ, "HOME": str(home), "LD_LIBRARY_PATH": str(folder / "lib")},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            address = _address(process, home / "chromium.log")
            with connect(address, max_size=None, compression=None, proxy=None, ping_interval=None) as socket:
                yield OldBrowser(socket)
        finally:
            process.terminate()
            process.wait(15)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + PATIENCE
    while not (found := re.search(r"DevTools listening on (\S+)", log.read_text(errors="replace"))):
        assert process.poll() is None, log.read_text(errors="replace")
        assert time.monotonic() < deadline, log.read_text(errors="replace")
        time.sleep(0.05)
    return found[1]


class OldBrowser:
    """The one connection to the browser."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.events: list[dict[str, Any]] = []
        self._asked = 0

    def call(self, method: str, session: str = "", /, **params: Any) -> dict[str, Any]:
        """One command of the protocol and its result; events that come meanwhile are kept."""
        self._asked += 1
        asked = {"id": self._asked, "method": method, "params": params}
        self.socket.send(json.dumps(asked | ({"sessionId": session} if session else {})))
        while True:
            message = json.loads(self.socket.recv(timeout=PATIENCE))
            if "id" not in message:
                self.events.append(message)
            elif message["id"] == self._asked:
                assert "error" not in message, f"{method}: {message['error']}"
                return dict(message["result"])

    @property
    def version(self) -> str:
        return str(self.call("Browser.getVersion")["product"]).partition("/")[2]


class OldPhone:
    """One participant's tab, with storage of its own."""

    def __init__(self, browser: OldBrowser, base: str) -> None:
        self.browser = browser
        self.base = base
        self.context = browser.call("Target.createBrowserContext")["browserContextId"]
        opened = browser.call("Target.createTarget", url="about:blank", browserContextId=self.context)
        self.target = opened["targetId"]
        attached = browser.call("Target.attachToTarget", targetId=self.target, flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", **SCREEN)
        self.call("Emulation.setTouchEmulationEnabled", enabled=True)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        return self.browser.call(method, self.session, **params)

    def visit(self, path: str) -> None:
        self.call("Page.navigate", url=f"{self.base}/{path}")

    def evaluate(self, script: str) -> Any:
        """The value of an expression in the page."""
        told = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, f"{script}: {told['exceptionDetails']}"
        return told["result"].get("value")

    def wait(self, script: str) -> Any:
        """Wait until an expression is true; its value."""
        deadline = time.monotonic() + PATIENCE
        while not (value := self.evaluate(script)):
            assert time.monotonic() < deadline, f"{script}\nOn the screen: {self.text()}"
            time.sleep(0.02)
        return value

    def wait_for(self, selector: str) -> None:
        self.wait(f"document.querySelector({json.dumps(selector)}) !== null")

    def wait_heading(self, text: str) -> None:
        headings = "[...document.querySelectorAll('main h1')].map(one => one.textContent)"
        self.wait(f"{headings}.includes({json.dumps(text)})")

    def count(self, selector: str) -> int:
        return int(self.evaluate(f"document.querySelectorAll({json.dumps(selector)}).length"))

    def text(self, selector: str = "body") -> str:
        return str(self.evaluate(f"document.querySelector({json.dumps(selector)}).innerText"))

    def tap(self, selector: str, index: int = 0) -> None:
        """Tap the middle of what is seen of an element with a finger; whatever lies on top gets the tap."""
        where = self.evaluate(
            f"""(() => {{
              const one = [...document.querySelectorAll({json.dumps(selector)})].slice({index})[0];
              one.scrollIntoView({{block: 'center'}});
              const box = one.getClientRects()[0];
              return [box.left + box.width / 2, box.top + box.height / 2];
            }})()"""
        )
        finger = [{"x": where[0], "y": where[1]}]
        self.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=finger)
        self.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def set_offline(self, offline: bool) -> None:
        speed = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self.call("Network.emulateNetworkConditions", offline=offline, **speed)

    def shot(self, path: Path) -> None:
        """Keep a picture for people to judge, where they asked for it."""
        if PICTURES in os.environ:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))

    def _told(self, method: str) -> list[dict[str, Any]]:
        self.evaluate("1")  # everything said before this answer has then arrived
        mine = [event for event in self.browser.events if event.get("sessionId") == self.session]
        return [event["params"] for event in mine if event["method"] == method]

    def faults(self) -> list[str]:
        """Scripts that failed and what the browser itself complained of.

        Two complaints belong to a session: a network that is away, and the refused `keepalive` that the page
        then does without.
        """
        thrown = [json.dumps(event) for event in self._told("Runtime.exceptionThrown")]
        entries = [event["entry"] for event in self._told("Log.entryAdded")]
        errors = [e["text"] for e in entries if e["level"] == "error" and e["source"] != "network"]
        return thrown + [text for text in errors if "request with keepalive" not in text]

    def foreign_requests(self) -> list[str]:
        """Requests that left the service."""
        urls = [event["request"]["url"] for event in self._told("Network.requestWillBeSent")]
        own = urlsplit(self.base).netloc
        return [url for url in urls if not url.startswith("data:") and urlsplit(url).netloc != own]

    def close(self) -> None:
        self.browser.call("Target.disposeBrowserContext", browserContextId=self.context)

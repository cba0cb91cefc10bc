"""Bad Wi-Fi: a small proxy between phone and service delays, cuts and freezes connections."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.browser


class Air:
    """A TCP proxy that can behave like the air in a crowded hall."""

    def __init__(self, port: int) -> None:
        self.target = ("127.0.0.1", port)
        self.delay = 0.0
        self.pairs: list[tuple[socket.socket, socket.socket, threading.Event]] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.threads: list[threading.Thread] = []
        self._run(self._accept)

    def _run(self, task: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=task, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.create_connection(self.target)
                frozen = threading.Event()
                self.pairs.append((near, far, frozen))
                for source, sink in ((near, far), (far, near)):
                    self._run(self._carry, source, sink, frozen)

    def _carry(self, source: socket.socket, sink: socket.socket, frozen: threading.Event) -> None:
        with contextlib.suppress(OSError), source:
            while data := source.recv(65536):
                if frozen.is_set():
                    continue
                time.sleep(self.delay)
                sink.sendall(data)
            sink.shutdown(socket.SHUT_RDWR)

    def freeze(self) -> None:
        """Everything connected now goes silent without being closed: out of range, or asleep."""
        for _, _, frozen in self.pairs:
            frozen.set()

    def cut(self) -> None:
        """Reset everything connected now."""
        for near, far, _ in self.pairs:
            for end in (near, far):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        self.pairs.clear()

    def close(self) -> None:
        """End the proxy."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut()
        for thread in self.threads:
            thread.join(5)


@pytest.fixture
def air(service: Any) -> Iterator[Air]:
    """The air between the phones of a test and the service."""
    proxy = Air(service.port)
    yield proxy
    proxy.close()


@pytest.fixture
def far_phone(new_phone: Callable[..., Any], code: str, air: Air) -> Any:
    """A phone that reaches the service only through the air."""
    phone = new_phone(code)
    phone.base = air.url
    return phone


def test_a_wave_is_answered_over_connections_that_keep_breaking(
    service: Any, far_phone: Any, air: Air, code: str
) -> None:
    far_phone.join()
    service.control.move(code, "pre")
    far_phone.page.wait_for_selector(".nav")
    count = 0
    while far_phone.page.locator(".nav").count():
        before = far_phone.page.locator("main h1").inner_text()
        air.delay = 0.05 * (count % 3)
        if count % 2:
            air.cut()
        far_phone.choose(count % 2)
        if count % 3 == 0:
            air.cut()
        count += 1
        far_phone.next.click()
        far_phone.page.wait_for_function(
            "was => document.querySelector('main h1').textContent !== was", arg=before
        )
    far_phone.page.locator("main .button").first.click()
    far_phone.page.wait_for_selector("main .strip-good", timeout=30_000)
    assert far_phone.outbox == []
    assert service.control.session(code)["finished"]["pre"] == 1


def test_a_phone_woken_up_with_a_dead_connection_learns_the_stage_by_itself(
    service: Any, far_phone: Any, air: Air, code: str
) -> None:
    far_phone.join()
    far_phone.wait_heading("Anda sudah masuk")
    air.freeze()
    service.control.move(code, "pre")
    far_phone.page.wait_for_timeout(1500)
    assert far_phone.page.locator(".nav").count() == 0
    far_phone.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    far_phone.page.wait_for_selector(".nav", timeout=60_000)


def test_a_stream_that_stops_beating_is_opened_again(
    service: Any, far_phone: Any, air: Air, code: str
) -> None:
    far_phone.context.add_init_script(
        "const later = window.setTimeout;"
        "window.setTimeout = (task, ms) => later(task, ms > 30000 ? 1500 : ms);"
    )
    far_phone.join()
    far_phone.wait_heading("Anda sudah masuk")
    air.freeze()
    service.control.move(code, "pre")
    far_phone.page.wait_for_selector(".nav", timeout=60_000)


def test_the_stream_beats_so_that_silence_can_be_noticed(service: Any, code: str) -> None:
    client = service.phone()
    with client.stream("GET", f"/api/sessions/{code}/stream") as events:
        lines = []
        for line in events.iter_lines():
            lines.append(line)
            if line == "event: beat":
                break
    assert "event: state" in lines

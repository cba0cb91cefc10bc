"""Bodies, heads and patience end somewhere."""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kit.session.acts import open as opening
from kit.session.http.connections import Doors
from tests.session.conftest import OPENING
from tests.session.http.lines import raw


def seconds_until_cut(line: socket.socket, parts: Iterator[bytes], pause: float) -> float:
    """Send slowly; how long the service puts up with it."""
    began = time.monotonic()
    line.settimeout(pause)
    for part in parts:
        try:
            line.sendall(part)
            if line.recv(65_536) == b"":
                break
        except TimeoutError:
            continue
        except (ConnectionResetError, BrokenPipeError):
            break
    return time.monotonic() - began


def test_a_body_without_length_ends_at_the_limit(service: Any) -> None:
    code = service.open_session()
    head = f"POST /api/sessions/{code}/participants HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    chunk = b"1000\r\n" + b"x" * 4096 + b"\r\n"
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as line:
        line.sendall(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n")
        sent = 0
        try:
            for _ in range(10_000):
                line.sendall(chunk)
                sent += 4096
        except (ConnectionResetError, BrokenPipeError):
            pass
    assert sent < 20_000_000
    answer = raw(service.port, head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 17)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in answer.lower()
    both = head.encode() + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    assert raw(service.port, both).startswith(b"HTTP/1.1 400"), "two lengths are a smuggler's trick"


def test_slow_heads_and_bodies_are_cut(
    in_process: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kit.session.http.connections.HEADER_SECONDS", 0.6)
    monkeypatch.setattr("kit.session.http.connections.MESSAGE_SECONDS", 1.2)
    monkeypatch.setattr("kit.session.http.limits.BODY_SECONDS", 0.6)
    hall = in_process()
    address = ("127.0.0.1", hall.port)
    endless = itertools.repeat(b"x")
    with socket.create_connection(address) as line:
        assert seconds_until_cut(line, iter([b""] * 100), 0.1) < 4, "a silent connection"
    with socket.create_connection(address) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        assert seconds_until_cut(line, endless, 0.1) < 4, "a head letter by letter"
    with socket.create_connection(address) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        line.recv(65_536)
        line.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        assert seconds_until_cut(line, endless, 0.1) < 4, "a slow second head"
    with socket.create_connection(address) as line:
        line.sendall(b"GET /api/health HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        assert seconds_until_cut(line, endless, 0.1) < 5, "a body that nobody reads"
    code = hall.service.writer.run(opening.open_session, OPENING)
    head = f"POST /api/sessions/{code}/participants HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    slow = raw(hall.port, head.encode() + b"Content-Length: 60\r\n\r\n{")
    assert slow.startswith(b"HTTP/1.1 408")
    assert b'"slow_body"' in slow
    assert hall.http.get("/api/health").status_code == 200


def test_a_head_must_end_somewhere(service: Any) -> None:
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        sent = 0
        try:
            for _ in range(100_000):
                line.sendall(b"X-Long: " + b"y" * 1000 + b"\r\n")
                sent += 1010
        except (ConnectionResetError, BrokenPipeError):
            pass
    assert sent < 20_000_000
    assert service.phone().get("/api/health").status_code == 200


def test_who_takes_nothing_in_is_let_go(
    in_process: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kit.session.http.connections.UNHEARD_SECONDS", 1)
    doors = Doors()
    hall = in_process(doors)
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        line.connect(("127.0.0.1", hall.port))
        line.settimeout(0.5)
        try:
            while True:
                line.sendall(b"GET /static/app.js HTTP/1.1\r\nHost: x\r\n\r\n" * 50)
        except OSError:
            pass
        deadline = time.monotonic() + 20
        while doors._open and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not doors._open

"""Crowds of connections leave room for phones."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from kit.session.http import connections
from kit.session.http.connections import Doors, Paces


def test_three_hundred_idle_connections_leave_room_for_phones(service: Any) -> None:
    idle = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(300)]
    code = service.open_session()
    waits = []
    for _ in range(10):
        began = time.monotonic()
        service.join(code)
        waits.append(time.monotonic() - began)
    for line in idle:
        line.close()
    assert max(waits) < 3


def are_cut(lines: list[socket.socket]) -> int:
    """How many of some connections were ended by the other side."""
    cut = 0
    for line in lines:
        line.settimeout(0.01)
        try:
            cut += line.recv(1) == b""
        except TimeoutError:
            continue
        except ConnectionResetError:
            cut += 1
    return cut


class TurnsCounted(Doors):
    """Notes in which turn of the event loop each connection was let in."""

    def __init__(self) -> None:
        super().__init__()
        self.turn, self.let_in_at = 0, list[int]()

    def enter(self, address: str, who: object, end: Callable[[], object]) -> bool:
        self.loop = asyncio.get_running_loop()
        self.let_in_at.append(self.turn)
        return super().enter(address, who, end)

    def hold(self, held: threading.Event, until: threading.Event) -> None:
        held.set()
        until.wait(30)
        self._count_turn()

    def _count_turn(self) -> None:
        self.turn += 1
        if len(self.let_in_at) <= 401:
            self.loop.call_soon(self._count_turn)


def test_hundreds_of_lines_opened_at_once_are_not_let_in_one_a_turn(in_process: Callable[..., Any]) -> None:
    doors, held, until = TurnsCounted(), threading.Event(), threading.Event()
    hall = in_process(doors)
    assert hall.http.get("/api/health").status_code == 200
    doors.loop.call_soon_threadsafe(doors.hold, held, until)
    assert held.wait(30)
    flood = [socket.create_connection(("127.0.0.1", hall.port)) for _ in range(400)]
    until.set()
    # Let in after all others: the queue of the system knows no precedence.
    assert httpx.get(f"{hall.url}/api/health", timeout=30).status_code == 200
    for line in flood:
        line.close()
    assert len(doors.let_in_at) == 1 + 400 + 1
    assert doors.let_in_at[400] - doors.let_in_at[1] < 100


def test_one_address_cannot_take_every_connection(in_process: Callable[..., Any]) -> None:
    hall = in_process(Doors(most=60))
    flood = [
        socket.create_connection(("127.0.0.1", hall.port), source_address=("127.0.0.7", 0)) for _ in range(80)
    ]
    time.sleep(0.5)
    assert are_cut(flood) == 80 - 45
    assert hall.http.get("/api/health").status_code == 200
    for line in flood:
        line.close()


def test_two_addresses_give_way_to_a_third_and_never_keep_out_the_officer() -> None:
    doors, ended = Doors(most=100, reserved=4), []
    for address in ("10.0.0.1", "10.0.0.2"):
        for number in range(100):
            doors.enter(address, (address, number), lambda one=(address, number): ended.append(one))
    assert {name for name, _ in ended} == {"10.0.0.1"}, "the second flood shares with the first"
    assert doors.enter("10.0.0.3", "phone", list)
    assert [doors._count(f"10.0.0.{n}") for n in (1, 2, 3)] in ([49, 50, 1], [50, 49, 1])
    assert all(doors.enter("127.0.0.1", number, ended.clear) for number in range(4))


def test_who_holds_all_of_an_address_keeps_out_nobody_behind_the_same_router() -> None:
    doors, ended = Doors(most=1_000), set[int]()
    for number in range(2_000):
        assert doors.enter("10.0.0.1", number, lambda one=number: ended.add(one))
    assert doors.enter("10.0.0.1", "phone", ended.clear)
    held = set(range(2_000)) - ended
    assert (len(held), doors._count("10.0.0.1")) == (749, 750)
    assert held & set(range(1_000)), "not always the first, nor always the last"
    assert held & set(range(1_000, 2_000))


def test_a_cap_follows_the_real_limit_of_files() -> None:
    assert Doors(most=776).most_of_address == 582


def test_a_connection_counted_out_twice_leaves_no_room_that_is_not_there() -> None:
    doors = Doors(most=2, reserved=0)
    doors.enter("10.0.0.1", "a", list)
    for _ in range(3):
        doors.leave("10.0.0.1", "a")
    assert [doors.enter(f"10.0.0.{n}", n, list) for n in range(2, 6)] == [True, True, False, False]


def test_an_address_over_its_pace_is_read_later_and_nobody_else() -> None:
    moment = [0.0]
    paces = Paces(lambda: moment[0])
    assert sum(paces.wait("10.0.0.1") for _ in range(4_000)) < 0.001, "a hall behind one router opens a wave"
    assert paces.wait("10.0.0.1", 300) > 0.9
    assert paces.wait("10.0.0.2") == 0
    assert paces.wait("127.0.0.1", 10**6) == 0
    moment[0] += 60
    assert paces.wait("10.0.0.1") == 0


def test_a_reader_of_a_byte_now_and_then_is_let_go(
    in_process: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "UNREAD_SECONDS", 1.0)
    doors = Doors()
    hall = in_process(doors)
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    line.bind(("127.0.0.8", 0))
    line.connect(("127.0.0.1", hall.port))
    line.settimeout(5)
    with contextlib.suppress(OSError):
        line.sendall(b"GET /api/practice HTTP/1.1\r\nHost: x\r\n\r\n" * 30)
    until = time.monotonic() + 15
    while "127.0.0.8" in doors._open and time.monotonic() < until:
        time.sleep(0.3)
        with contextlib.suppress(OSError):
            line.recv(1)
    line.close()
    assert "127.0.0.8" not in doors._open


def test_whoever_asks_far_ahead_and_goes_writes_nothing_into_the_log(service: Any) -> None:
    asked = b"GET /api/practice HTTP/1.1\r\nHost: x\r\n\r\n" * 150
    for number in range(20):
        with (
            socket.create_connection(("127.0.0.1", service.port), source_address=("127.0.0.8", 0)) as line,
            contextlib.suppress(OSError),
        ):
            line.settimeout(5)
            line.sendall(asked)
            while number % 2 and line.recv(65_536):
                continue
    assert service.control.healthy()
    service.stop()
    assert (service.results / "service-of-test.log").read_text() == ""


def test_whoever_asks_far_ahead_is_let_go(in_process: Callable[..., Any]) -> None:
    hall = in_process()
    with socket.create_connection(("127.0.0.1", hall.port), source_address=("127.0.0.8", 0)) as line:
        line.settimeout(5)
        with contextlib.suppress(OSError):
            line.sendall(b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n" * 500)
        taken = b""
        with contextlib.suppress(OSError):
            while piece := line.recv(65_536):
                taken += piece
    assert taken.count(b"HTTP/1.1 200") < 500

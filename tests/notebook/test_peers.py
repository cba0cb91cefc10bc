"""A login is good for the programs of its user, and for nobody else's who got to see the cookie."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from kit.notebook import peers
from kit.notebook.peers import TABLE, asks_for_own_user, is_own

HERE, THERE = ("127.0.0.1", 18401), ("127.0.0.1", 37324)
_ROW = "   0: 0100007F:{} 00000000:00000000 00:00000000 00000000 {:5} 0 {} 1 0 100 0 0 10 0"
LISTENS = _ROW.format("47E1 00000000:0000 0A", 1000, 207557)


def row(uid: int, *, inode: int = 4711, state: str = "01") -> str:
    return _ROW.format(f"91CC 0100007F:47E1 {state}", uid, inode)


@pytest.mark.skipif(sys.byteorder != "little", reason="the table is written in the order of the machine")
@pytest.mark.parametrize(
    ("ends", "own"),
    [
        ([row(1000)], True),
        ([row(0)], True),
        ([row(1001)], False),
        # The system gives what nobody holds any more to root: one that asks and leaves at once.
        ([row(0, inode=0, state="05")], False),
        ([], False),
    ],
)
def test_only_programs_of_the_user_or_of_root_count(ends: list[str], own: bool) -> None:
    assert is_own([LISTENS, *ends], THERE, HERE, 1000) is own


def test_a_table_without_this_server_itself_tells_nothing() -> None:
    assert is_own([], THERE, HERE, 1000)


class Stream:
    """A connection as the server has it."""

    def __init__(self, line: socket.socket) -> None:
        self.socket = line


def asks_over_loopback() -> bool:
    with (
        socket.create_server(("127.0.0.1", 0)) as door,
        socket.create_connection(door.getsockname()),
        door.accept()[0] as near,
    ):
        stream = Stream(near)
        return asks_for_own_user(SimpleNamespace(connection=SimpleNamespace(stream=stream)))


def test_a_system_that_tells_of_no_connections_leaves_it_to_the_cookie(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Windows has neither the table nor users with numbers, macOS not the table.
    monkeypatch.setattr(peers, "TABLE", tmp_path / "no such table")
    monkeypatch.delattr(os, "getuid", raising=False)
    assert asks_over_loopback()


def test_a_table_that_cannot_be_read_admits_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(peers, "TABLE", tmp_path)
    assert not asks_over_loopback()


@pytest.mark.skipif(not TABLE.exists(), reason="only Linux tells everybody whose a connection is")
@pytest.mark.skipif(os.name == "nt" or os.getuid() != 0, reason="only root can be somebody else")
def test_another_user_of_the_laptop_gains_nothing_from_the_cookie(laptop: Any, owner: httpx.Client) -> None:
    cookies = "; ".join(f"{name}={value}" for name, value in owner.cookies.items())
    # What is imported only now could not be read by somebody else.
    ask = (
        "import os, socket, sys;"
        "'x'.encode('idna');"
        "os.setuid(int(sys.argv[2]));"
        "line = socket.socket();"
        f"line.connect(('127.0.0.1', {laptop.port}));"
        "asked = 'GET /kit HTTP/1.0\\nHost: 127.0.0.1\\nCookie: %s\\n\\n' % sys.argv[1];"
        "line.sendall(asked.replace(chr(10), chr(13) + chr(10)).encode());"
        "print(line.recv(1024).split()[1].decode())"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", ask, cookies, user], capture_output=True, text=True, check=True
        ).stdout.strip()
        for user in ("0", "65534")
    ]
    assert told == ["200", "302"]

"""Bad lines between phones and service: nothing is lost, and nobody counts twice."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
from typing import Any

import httpx
from rich.console import Console
from rich.progress import Progress

from kit.session.rehearsal.conduct import conduct
from kit.session.rehearsal.phones import make_phones
from tests.session.conftest import QUIZ

PHONES = 14


class ChaosProxy:
    """A line between phones and service with delays, resets, and answers that never arrive."""

    def __init__(self, port: int, seed: int) -> None:
        self.target = port
        self.dice = random.Random(seed)
        self.resets = self.swallowed = 0
        self.lines: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> ChaosProxy:
        self.server = await asyncio.start_server(self.carry, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.close()
        for line in list(self.lines):
            line.cancel()
        await asyncio.gather(*self.lines, return_exceptions=True)
        await asyncio.sleep(0.1)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.current_task()
        assert line is not None
        self.lines.add(line)
        line.add_done_callback(self.lines.discard)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        ways = [
            asyncio.create_task(self.forward(reader, far_writer, writer, back=False)),
            asyncio.create_task(self.forward(far_reader, writer, far_writer, back=True)),
        ]
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        for end in (writer, far_writer):
            end.transport.abort()
        await asyncio.gather(*ways, return_exceptions=True)

    async def forward(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        other: asyncio.StreamWriter,
        *,
        back: bool,
    ) -> None:
        with contextlib.suppress(OSError):
            while part := await source.read(65_536):
                await asyncio.sleep(self.dice.uniform(0, 0.02))
                fate = self.dice.random()
                if fate < 0.03:
                    self.resets += 1
                    sink.transport.abort()
                    other.transport.abort()
                    return
                if back and fate < 0.06:
                    # Half-closed: the request went through, its answer does not.
                    self.swallowed += 1
                    sink.write_eof()
                    await asyncio.sleep(0.05)
                    return
                sink.write(part)
                await sink.drain()


async def hold_session(service: Any, code: str, phones: int) -> tuple[Any, list[Any], ChaosProxy]:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with (
        ChaosProxy(service.port, seed=7) as line,
        httpx.AsyncClient(base_url=line.url, trust_env=False, timeout=30, limits=limits) as http,
    ):
        people, tally = make_phones(code, http, [QUIZ], phones=phones, seed=3, hurry=0)
        attending = [asyncio.create_task(phone.attend()) for phone in people]
        with Progress(console=Console(quiet=True)) as bar:
            await conduct(service.control, code, people, tally, bar)
        await asyncio.wait(attending, timeout=20)
        for task in attending:
            task.cancel()
        await asyncio.gather(*attending, return_exceptions=True)
    return tally, people, line


def test_phones_on_bad_lines_lose_nothing_and_count_once(held: tuple[Any, str]) -> None:
    service, code = held
    tally, people, line = asyncio.run(hold_session(service, code, phones=PHONES))
    assert line.resets + line.swallowed > 30
    assert (tally.lost, tally.double, tally.refused) == (0, 0, 0)
    with contextlib.closing(sqlite3.connect(service.results / "kit.db")) as store:
        (stored,) = store.execute("SELECT count(*) FROM response").fetchone()
    assert stored == sum(len(phone.acknowledged) for phone in people)
    live = service.control.session(code)
    assert live["joined"] == PHONES, "a repeated request to join made a second person"
    print(f"{stored} answers, {line.resets} resets, {line.swallowed} answers swallowed, 0 lost, 0 double")

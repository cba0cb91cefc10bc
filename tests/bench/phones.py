"""A load generator that costs little: raw HTTP/1.1 over asyncio protocols, one event loop, its own core.

httpx costs about a millisecond of CPU a request, more than the service itself: it would measure itself.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

PHONES_OF_ADDRESS = 2_000
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_STAGE = re.compile(rb'"stage": ?"([^"]+)"')


class Line(asyncio.Protocol):
    """One keep-alive connection; requests on it follow each other."""

    def __init__(self) -> None:
        self.buffer = b""
        self.waiting: asyncio.Future[tuple[int, bytes]] | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if self.waiting and not self.waiting.done():
            self.waiting.set_exception(ConnectionError("lost"))

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, separator, rest = self.buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        found = _LENGTH.search(head)
        length = int(found[1]) if found else 0
        if len(rest) >= length and self.waiting and not self.waiting.done():
            self.buffer = rest[length:]
            self.waiting.set_result((int(head[9:12]), rest[:length]))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        assert self.transport is not None
        self.waiting = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self.waiting


class Stream(asyncio.Protocol):
    """One server-sent-event stream; notes when it was told which stage."""

    def __init__(self) -> None:
        self.told: list[tuple[float, str]] = []
        self.transport: asyncio.BaseTransport | None = None
        self.first: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        for stage in _STAGE.findall(data):
            self.told.append((time.perf_counter(), stage.decode()))
            if not self.first.done():
                self.first.set_result(None)


@dataclass
class Crowd:
    """All phones of one hall, on one service (or spread over replicas)."""

    ports: Sequence[int]
    code: str
    size: int
    seed: int = 1
    lines: list[Line] = field(default_factory=list)
    streams: list[Stream] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    items: list[list[dict[str, Any]]] = field(default_factory=list)
    acknowledged: dict[tuple[int, str, str], str] = field(default_factory=dict)
    refused: int = 0

    def port(self, number: int) -> int:
        return self.ports[number % len(self.ports)]

    async def reach(self, number: int, protocol: Callable[[], Any]) -> Any:
        """Connect a phone; one address of this host carries at most as many as one router would."""
        address = f"127.0.0.{1 + number // PHONES_OF_ADDRESS}"
        loop = asyncio.get_running_loop()
        return await loop.create_connection(protocol, "127.0.0.1", self.port(number), local_addr=(address, 0))

    async def connect(self, number: int) -> Line:
        _, line = await self.reach(number, Line)
        assert isinstance(line, Line)
        return line

    async def ask(self, number: int, raw: bytes) -> tuple[int, bytes]:
        """Ask on a phone's line; one closed for its silence is opened anew, as by browsers."""
        if self.lines[number].transport is None:
            self.lines[number] = await self.connect(number)
        return await self.lines[number].ask(raw)

    def request(self, number: int, method: str, path: str, body: object = None) -> bytes:
        content = b"" if body is None else json.dumps(body).encode()
        token = f"Authorization: Bearer {self.tokens[number]}\r\n" if number < len(self.tokens) else ""
        kind = "Content-Type: application/json\r\n" if content else ""
        head = (
            f"{method} /api/sessions/{self.code}{path} HTTP/1.1\r\nHost: x\r\n{token}{kind}"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        return head.encode() + content

    async def join_all(self) -> float:
        """Everybody joins and opens a stream; seconds until the last has."""
        start = time.perf_counter()
        self.tokens = [""] * self.size
        self.codes = [""] * self.size
        self.lines = [Line()] * self.size
        self.streams = [None] * self.size  # type: ignore[list-item]
        gate = asyncio.Semaphore(200)

        async def join(number: int) -> None:
            async with gate:
                line = await self.connect(number)
                body = {"audience": "student", "consent": True, "language": "id"}
                raw = self.request(len(self.tokens), "POST", "/participants", body)
                status, answer = await line.ask(raw)
                assert status == 201, answer
                joined = json.loads(answer)
                self.tokens[number], self.codes[number] = joined["token"], joined["participant_id"]
                self.lines[number] = line
                await self.open_stream(number)

        await asyncio.gather(*(join(number) for number in range(self.size)))
        return time.perf_counter() - start

    async def open_stream(self, number: int) -> None:
        transport, stream = await self.reach(number, Stream)
        transport.write(f"GET /api/sessions/{self.code}/stream HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        self.streams[number] = stream
        await stream.first

    async def told(self, stage: str, since: float, seconds: float = 20.0) -> list[float]:
        """Seconds from `since` until each phone was told of a stage."""
        deadline = time.perf_counter() + seconds
        while time.perf_counter() < deadline:
            if all(stream.told and stream.told[-1][1] == stage for stream in self.streams):
                break
            await asyncio.sleep(0.02)
        return [
            next((at for at, named in reversed(stream.told) if named == stage), float("inf")) - since
            for stream in self.streams
        ]

    async def load_wave(self, wave: str) -> list[float]:
        """Everybody fetches the items of a wave."""
        self.items = [[] for _ in range(self.size)]
        took: list[float] = []

        async def load(number: int) -> None:
            start = time.perf_counter()
            status, answer = await self.ask(number, self.request(number, "GET", f"/waves/{wave}"))
            assert status == 200, answer
            took.append(time.perf_counter() - start)
            self.items[number] = json.loads(answer)["items"]

        await asyncio.gather(*(load(number) for number in range(self.size)))
        return took

    async def answer(self, wave: str, place: int, seconds: float, seq: int = 1) -> list[float]:
        """Everybody answers the item at a place, spread over some seconds; latencies from the due moment."""
        dice = random.Random(f"{self.seed}:{wave}:{place}")
        loop = asyncio.get_running_loop()
        start = time.perf_counter() + 0.05
        took: list[float] = []

        async def put(number: int, due: float) -> None:
            items = self.items[number]
            if place >= len(items):
                return
            item = items[place]
            options = [option["option_id"] for option in item["options"]]
            choice = options[(number + place) % len(options)]
            raw = self.request(
                number, "PUT", f"/waves/{wave}/responses/{item['item_id']}", {"choice": [choice], "seq": seq}
            )
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            status, _ = await self.ask(number, raw)
            took.append(time.perf_counter() - due)
            if status == 200:
                self.acknowledged[(number, wave, item["item_id"])] = choice
            else:
                self.refused += 1

        due = [start + dice.uniform(0, seconds) for _ in range(self.size)]
        await asyncio.gather(*(loop.create_task(put(number, due[number])) for number in range(self.size)))
        return took

    async def submit(self, wave: str) -> None:
        async def one(number: int) -> None:
            status, answer = await self.ask(number, self.request(number, "POST", f"/waves/{wave}/submit"))
            assert status == 200, answer

        await asyncio.gather(*(one(number) for number in range(self.size)))

    async def check(self, wave: str) -> dict[str, int]:
        """Compare what was acknowledged with what the service kept."""
        lost = wrong = 0

        async def one(number: int) -> None:
            nonlocal lost, wrong
            _, answer = await self.ask(number, self.request(number, "GET", f"/waves/{wave}"))
            kept = json.loads(answer)["responses"]
            for (owner, answered_wave, item_id), choice in self.acknowledged.items():
                if owner == number and answered_wave == wave:
                    lost += item_id not in kept
                    wrong += item_id in kept and kept[item_id]["choice"] != [choice]

        mine: dict[int, None] = dict.fromkeys(range(self.size))
        sample = list(mine)[:: max(1, self.size // 200)]
        await asyncio.gather(*(one(number) for number in sample))
        return {"checked": len(sample), "lost": lost, "wrong": wrong}

    def drop(self) -> None:
        """Every phone loses its network."""
        for one in [*self.lines, *self.streams]:
            if one.transport is not None:
                one.transport.abort()  # type: ignore[attr-defined]

    async def reconnect(self, wave: str, seconds: float) -> list[float]:
        """Everybody comes back within some seconds: stream, state, items and own answers."""
        took: list[float] = []
        dice = random.Random(self.seed)
        expected = {number: {i["item_id"] for i in self.items[number]} for number in range(self.size)}

        async def one(number: int) -> None:
            await asyncio.sleep(dice.uniform(0, seconds))
            start = time.perf_counter()
            self.lines[number] = await self.connect(number)
            await self.open_stream(number)
            status, answer = await self.ask(number, self.request(number, "GET", f"/waves/{wave}"))
            took.append(time.perf_counter() - start)
            assert status == 200
            opened = json.loads(answer)
            assert {item["item_id"] for item in opened["items"]} == expected[number]

        await asyncio.gather(*(one(number) for number in range(self.size)))
        return took


class Lag:
    """How late the generator's own event loop is: a latency below this says nothing about the service."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self._task = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            due = time.perf_counter() + 0.01
            await asyncio.sleep(0.01)
            self.late.append(time.perf_counter() - due)

    def stop(self) -> str:
        self._task.cancel()
        return quantiles(self.late)


def quantiles(seconds: Iterable[float]) -> str:
    """`p50/p95/p99` in milliseconds."""
    ordered = sorted(seconds)
    if not ordered:
        return "–"
    at = [ordered[min(len(ordered) - 1, int(q * len(ordered)))] * 1000 for q in (0.5, 0.95, 0.99)]
    return " / ".join(f"{value:.0f}" for value in at)

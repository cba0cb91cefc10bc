"""Turns: a flood of one address neither stands before others nor is refused."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx

from kit.session.http.turns import AT_ONCE, TOGETHER, Askings, Turns
from tests.conftest import TOKEN

FLOOD = 5 * AT_ONCE


class House:
    """An application that answers when it is told to, and notes whom it has begun to work on."""

    def __init__(self, *, reads: bool = False, streams: bool = False) -> None:
        self.begun: Counter[str] = Counter()
        self.order: list[str] = []
        self.done: Counter[str] = Counter()
        self.may_answer = asyncio.Event()
        self.body = asyncio.Event()
        self._reads, self._streams = reads, streams
        self.unread = self.listens = False
        self.turns = Turns(self._serve)

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        address = scope["client"][0]
        if self._reads:
            await receive()
        self.begun[address] += 1
        self.order.append(address)
        hears = asyncio.create_task(receive()) if self.listens else None
        if self._streams:
            await asyncio.sleep(0)
            await send({"type": "http.response.start"})
        if hears is not None:
            await hears
        await self.may_answer.wait()
        if scope.get("fails"):
            raise ValueError
        await send({"type": "http.response.start"})
        self.done[address] += 1

    async def _receive(self) -> dict[str, Any]:
        await self.body.wait()
        return {"type": "http.request"}

    async def _send(self, _message: Any) -> None:
        if self.unread:
            await asyncio.Event().wait()

    def ask(self, address: str, **more: Any) -> asyncio.Task[None]:
        scope = {"type": "http", "method": "POST", "client": (address, 1), **more}
        return asyncio.create_task(self.turns(scope, self._receive, self._send))


async def settle() -> None:
    """Let everything go on that can."""
    for _ in range(10 * FLOOD):
        await asyncio.sleep(0)


def test_a_flood_waits_for_its_turns_and_others_do_not_wait_for_it() -> None:
    async def run() -> None:
        house = House()
        flood = [house.ask("10.0.0.1") for _ in range(FLOOD)]
        await settle()
        other, officer = house.ask("10.0.0.2"), [house.ask("127.0.0.1") for _ in range(2 * AT_ONCE)]
        await settle()
        assert house.begun == {"10.0.0.1": AT_ONCE, "10.0.0.2": 1, "127.0.0.1": 2 * AT_ONCE}
        house.may_answer.set()
        await asyncio.gather(other, *officer, *flood)
        assert house.done["10.0.0.1"] == FLOOD
        await settle()
        assert house.turns._lines == {}

    asyncio.run(run())


def test_requests_that_are_answered_at_once_are_no_long_step_together() -> None:
    async def run() -> None:
        house = House()
        house.may_answer.set()
        flood = [house.ask("10.0.0.1") for _ in range(FLOOD)]
        seen = [0]
        while house.done["10.0.0.1"] < FLOOD:
            await asyncio.sleep(0)
            seen.append(house.done["10.0.0.1"])
        assert max(after - before for before, after in itertools.pairwise(seen)) <= AT_ONCE
        await asyncio.gather(*flood)

    asyncio.run(run())


def test_streams_hold_no_turn_once_they_have_begun() -> None:
    async def run() -> None:
        house = House(streams=True)
        streams = [house.ask("10.0.0.1") for _ in range(FLOOD)]
        await settle()
        assert house.begun["10.0.0.1"] == FLOOD
        house.may_answer.set()
        await asyncio.gather(*streams)

    asyncio.run(run())


def test_a_hall_behind_one_router_listens_to_streams_and_is_answered(in_process: Callable[..., Any]) -> None:
    hall = in_process()
    hall.http.headers["Authorization"] = f"Bearer {TOKEN}"
    opening = {"quizzes": ["students"], "site": "Kebon Kosong", "minors_consent": True}
    code = hall.http.post("/api/control/sessions", json=opening).json()["code"]
    transport = httpx.HTTPTransport(local_address="127.0.0.8", limits=httpx.Limits(max_connections=None))
    with contextlib.ExitStack() as held, httpx.Client(base_url=hall.url, transport=transport) as phones:
        for _ in range(TOGETHER + 1):
            stream = held.enter_context(phones.stream("GET", f"/api/sessions/{code}/stream", timeout=20))
            assert next(stream.iter_bytes())
        assert phones.get(f"/api/sessions/{code}", timeout=20).status_code == 200


def test_a_stream_that_is_told_something_after_it_has_begun_takes_no_turn_for_it() -> None:
    async def run() -> None:
        house = House(streams=True)
        house.listens = True
        streams = [house.ask("10.0.0.1") for _ in range(FLOOD)]
        await settle()
        house.body.set()
        await settle()
        house.listens = False
        other = house.ask("10.0.0.1")
        await settle()
        assert house.begun["10.0.0.1"] == FLOOD + 1
        house.may_answer.set()
        await asyncio.gather(other, *streams)

    asyncio.run(run())


def test_slow_senders_hold_up_nobody_and_have_no_more_turns_than_others() -> None:
    async def run() -> None:
        house = House(reads=True)
        slow = [house.ask("10.0.0.1") for _ in range(FLOOD)]
        await settle()
        assert house.begun["10.0.0.1"] == 0
        house.body.set()
        await settle()
        assert house.begun["10.0.0.1"] == AT_ONCE, "all are there, and a few are worked on"
        house.may_answer.set()
        await asyncio.gather(*slow)

    asyncio.run(run())


def test_who_fails_or_goes_away_gives_the_turn_back() -> None:
    async def run() -> None:
        house = House()
        gone = [house.ask("10.0.0.1") for _ in range(AT_ONCE)]
        waiting = [house.ask("10.0.0.1", fails=True) for _ in range(AT_ONCE)]
        last = house.ask("10.0.0.1")
        await settle()
        for task in gone:
            task.cancel()
        house.may_answer.set()
        ended = await asyncio.gather(*gone, *waiting, return_exceptions=True)
        assert {type(one) for one in ended} == {asyncio.CancelledError, ValueError}
        await last
        assert house.done["10.0.0.1"] == 1

    asyncio.run(run())


def test_who_has_asked_least_goes_before_hundreds_of_addresses_that_flood() -> None:
    async def run() -> None:
        house = House()
        flood = [house.ask(f"10.0.{n}.1") for _ in range(8) for n in range(100)]
        await settle()
        assert sum(house.begun.values()) == TOGETHER
        phone = house.ask("10.1.0.1")
        router = [house.ask("10.2.0.1") for _ in range(20)]
        await settle()
        assert house.begun["10.1.0.1"] == 0
        house.may_answer.set()
        await asyncio.gather(phone, *router, *flood)
        place = house.order.index("10.1.0.1")
        assert place < TOGETHER + 100, "before the second request of any other"
        assert house.turns._together._free == TOGETHER

    asyncio.run(run())


def test_a_hall_behind_one_router_is_not_later_than_a_flood_from_many_addresses() -> None:
    asked = Askings(lambda: 0.0)
    for _ in range(1_000):
        asked.count("10.0.0.1", "PUT")
    for _ in range(20):
        asked.count("10.0.0.2", "POST")
    assert asked.count("10.0.0.1", "PUT") == asked.count("10.0.0.2", "POST") == Askings.MOST


def test_a_page_with_all_its_files_counts_as_a_few_answers() -> None:
    moment = [100.0]
    asked = Askings(lambda: moment[0])
    for _ in range(32):
        asked.count("10.0.0.1", "GET")
    assert asked.count("10.0.0.1", "POST") == 4
    moment[0] += 20
    assert asked.count("10.0.0.1", "POST") == 0


def test_who_does_not_read_the_answer_holds_no_place() -> None:
    async def run() -> None:
        house = House()
        house.unread = True
        house.may_answer.set()
        deaf = [house.ask(f"10.0.0.{n}") for n in range(2) for _ in range(FLOOD)]
        await settle()
        assert sum(house.begun.values()) == 2 * FLOOD
        for task in deaf:
            task.cancel()
        await asyncio.gather(*deaf, return_exceptions=True)

    asyncio.run(run())


def test_who_goes_away_while_all_places_are_taken_leaves_none_taken() -> None:
    async def run() -> None:
        house = House()
        tasks = [house.ask(f"10.0.0.{n}") for n in range(3 * TOGETHER)]
        await settle()
        for task in tasks[::2]:
            task.cancel()
        house.may_answer.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        await settle()
        assert house.turns._together._free == TOGETHER
        assert house.turns._lines == {}

    asyncio.run(run())

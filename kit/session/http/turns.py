"""Turns: a few requests are worked on at once, of one address and of all: no flood stands before everybody.

Where more ask than can be worked on, whoever has asked least of late goes first: a phone that joins does not
wait behind hundreds of addresses that do nothing else.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kit.session.http.connections import HERE
from kit.session.run.guesses import network

# Enough for a hall behind one router: each commit takes all of them, and there are many a second.
AT_ONCE: Final = 32
# Of all addresses together: a commit takes all of them, and one that joins the next is answered soon.
TOGETHER: Final = 64


class Askings:
    """How much each address has asked of late: what changes something counts whole, a look an eighth.

    A page opens with some thirty looks. Beyond `MOST` all are alike and wait in the order they came, so that
    a hall behind one router is never later than who floods from many addresses.
    """

    MOST: Final = 8.0
    FORGOTTEN_A_SECOND: Final = 0.25
    LOOK: Final = 1 / 8
    REMEMBERED: Final = 20_000

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def count(self, address: str, method: str) -> float:
        """Count a request; how much this address had asked before it."""
        level, at = self._levels.pop(address, (0.0, 0.0))
        now = self._now()
        level = max(0.0, level - (now - at) * self.FORGOTTEN_A_SECOND)
        more = self.LOOK if method in ("GET", "HEAD") else 1.0
        self._levels[address] = (min(self.MOST, level + more), now)
        while len(self._levels) > self.REMEMBERED:
            self._levels.popitem(last=False)
        return level


class Places:
    """A number of places; a free one goes to who has asked least of those who wait."""

    def __init__(self, number: int = TOGETHER) -> None:
        self._free = number
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._came = itertools.count()

    async def acquire(self, asked: float) -> None:
        """Take a place, or wait for one."""
        if self._free:
            self._free -= 1
            return
        given = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (asked, next(self._came), given))
        try:
            await given
        except asyncio.CancelledError:
            if given.done() and not given.cancelled():
                self.release()
            raise

    def release(self) -> None:
        """Give a place on."""
        while self._waiting:
            _, _, given = heapq.heappop(self._waiting)
            if not given.done():
                given.set_result(None)
                return
        self._free += 1


@dataclass
class _Line:
    """Those of one address: who is worked on holds a place, who is `here` waits or is worked on."""

    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    here: int = 0


async def _message(receive: Receive) -> Message:
    return await receive()


class Turns:
    """ASGI layer: what is more than a few requests at once waits, and nothing is refused.

    A turn ends with the beginning of the answer, for a stream has no end; and it is given on while a body is
    still on its way, so that slow senders hold up nobody behind the same router.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._lines: dict[str, _Line] = {}
        self._askings = Askings()
        self._together = Places()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request when it is its turn."""
        address = network(scope["client"][0]) if scope.get("client") else ""
        if scope["type"] != "http" or address in HERE:
            return await self._app(scope, receive, send)
        line = self._lines.setdefault(address, _Line())
        line.here += 1
        try:
            await self._serve(line, scope, receive, send)
        finally:
            # After the turn was given back, or the next one would begin a line of its own.
            asyncio.get_running_loop().call_soon(self._leave, address, line)

    def _leave(self, address: str, line: _Line) -> None:
        line.here -= 1
        if not line.here:
            del self._lines[address]

    async def _serve(self, line: _Line, scope: Scope, receive: Receive, send: Send) -> None:
        has_turn = answered = False
        asked = self._askings.count(network(scope["client"][0]), scope["method"])

        def give_back() -> None:
            self._together.release()
            line.places.release()

        def end_turn() -> None:
            nonlocal has_turn
            if has_turn:
                has_turn = False
                # Soon and not now: many that are answered in one step would still be one long step together.
                asyncio.get_running_loop().call_soon(give_back)

        async def begin_turn() -> None:
            nonlocal has_turn
            await line.places.acquire()
            try:
                await self._together.acquire(asked)
            except asyncio.CancelledError:
                line.places.release()
                raise
            has_turn = True

        async def receive_between_turns() -> Message:
            if answered:
                return await receive()
            async with asyncio.TaskGroup() as group:
                coming = group.create_task(_message(receive))
                # One step: a body that is here already costs no second wait.
                await asyncio.sleep(0)
                if not coming.done():
                    end_turn()
            # Once the answer has begun no turn is needed: a stream would hold it for as long as it lasts.
            if not has_turn and not answered:
                await begin_turn()
                if answered:
                    end_turn()
            return coming.result()

        async def send_and_end(message: Message) -> None:
            nonlocal answered
            answered = True
            # Before it is sent: who does not read holds no place that others wait for.
            end_turn()
            await send(message)

        await begin_turn()
        try:
            await self._app(scope, receive_between_turns, send_and_end)
        finally:
            end_turn()

"""Turns: of one address a few requests are worked on at once, so that no flood stands before everybody."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kit.session.http.connections import HERE

# Enough for a hall behind one router: each commit takes all of them, and there are many a second.
AT_ONCE: Final = 32


@dataclass
class _Line:
    """Those of one address: who is worked on holds a place, who is `here` waits or is worked on."""

    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    here: int = 0


async def _message(receive: Receive) -> Message:
    return await receive()


class Turns:
    """ASGI layer: what is more than a few requests of one address at once waits, and nothing is refused.

    A turn ends with the beginning of the answer, for a stream has no end; and it is given on while a body is
    still on its way, so that slow senders hold up nobody behind the same router.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._lines: dict[str, _Line] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request when it is its turn."""
        address = scope["client"][0] if scope.get("client") else ""
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

        def end_turn() -> None:
            nonlocal has_turn
            if has_turn:
                has_turn = False
                # Soon and not now: many that are answered in one step would still be one long step together.
                asyncio.get_running_loop().call_soon(line.places.release)

        async def begin_turn() -> None:
            nonlocal has_turn
            await line.places.acquire()
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
            if not has_turn:
                await begin_turn()
            return coming.result()

        async def send_and_end(message: Message) -> None:
            nonlocal answered
            await send(message)
            answered = True
            end_turn()

        await begin_turn()
        try:
            await self._app(scope, receive_between_turns, send_and_end)
        finally:
            end_turn()

"""Connections: how many, how long they may take to say what they want, and when they count as gone."""

from __future__ import annotations

import asyncio
import random
import socket
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_SECONDS: Final = 10.0
# A little more than the guard's limit, which answers with a reason.
MESSAGE_SECONDS: Final = 15.0
MAX_HEAD: Final = 32 * 1024
# A phone out of reach for so long is gone: it will connect anew, and must not count as connected.
UNHEARD_SECONDS: Final = 40
# Five thousand phones with two connections each, and room; one address may be a whole hall behind a router.
MAX_CONNECTIONS: Final = 12_000
MAX_OF_ADDRESS: Final = 9_000
# The projector, the command line and the health check come from this machine itself: they always get in.
RESERVED: Final = 48
HERE: Final = ("127.0.0.1", "::1")
# What the system keeps for a reader, how long one may leave an answer unread, requests sent ahead.
UNREAD_BYTES: Final = 64 * 1024
UNREAD_SECONDS: Final = 30.0
MOST_PIPELINED: Final = 32
# However far ahead of its pace an address is, its connections are listened to this often, in seconds.
MOST_WAITING: Final = 8.0
# File descriptors that the store, the log and the bundle need while all connections are taken.
SPARE_FILES: Final = 200


class Doors:
    """Holds connections by address. Addresses live only here, while connected.

    When all places are taken, whoever comes from an address with few gets the newest place of the address
    with most: one address, or two, cannot keep everybody else out. A whole hall behind one router can still
    take most of them; once it has, who comes gets the place of any other there, so that somebody who holds
    them all does not keep out the hall behind the same router. A phone that loses its place comes back.
    """

    def __init__(self, most: int = MAX_CONNECTIONS, reserved: int = RESERVED) -> None:
        self.most = most
        # Follows the real limit: with 1,024 files, nine thousand for one address would be no cap at all.
        self.most_of_address = min(MAX_OF_ADDRESS, max(1, most * 3 // 4))
        self._reserved = reserved
        self._open: dict[str, dict[object, Callable[[], object]]] = {}
        self._all = 0
        # A service that a notebook has started is for this machine alone until a session is opened.
        self.only_here = False
        self._asked_at = time.monotonic()

    def open_to_all(self) -> None:
        """Let phones in from now on."""
        self.only_here = False

    def idle_seconds(self) -> float:
        """For how long nobody has been connected."""
        return 0.0 if self._all else time.monotonic() - self._asked_at

    def enter(self, address: str, who: object, end: Callable[[], object]) -> bool:
        """Let a connection in; False when there is no room for it. `end` gives its place to another."""
        if (self.only_here and address not in HERE) or not self._has_room(address):
            return False
        self._open.setdefault(address, {})[who] = end
        self._all += 1
        return True

    def _has_room(self, address: str) -> bool:
        if address in HERE:
            return self._all < self.most + self._reserved
        own = self._count(address)
        if own >= self.most_of_address:
            self._end(address, random.choice(list(self._open[address])))
            return True
        return self._all < self.most or self._make_room(own)

    def _make_room(self, own: int) -> bool:
        """End the newest connection of the address with most, unless that is who asks."""
        fullest = max((name for name in self._open if name not in HERE), key=self._count, default="")
        if self._count(fullest) <= own + 1:
            return False
        self._end(fullest, next(reversed(self._open[fullest])))
        return True

    def _end(self, address: str, who: object) -> None:
        end = self._open[address][who]
        self.leave(address, who)
        end()

    def _count(self, address: str) -> int:
        return len(self._open.get(address, ()))

    def leave(self, address: str, who: object) -> None:
        """Count a connection out, once."""
        if self._open.get(address, {}).pop(who, None) is not None:
            self._all -= 1
            self._asked_at = time.monotonic()
            if not self._open[address]:
                del self._open[address]


class Paces:
    """How fast an address is listened to: over its pace it is read later, and nothing is refused.

    A hall of a thousand behind one router asks some ten thousand things in its busiest minute. A flood
    through any number of connections gets no more than that, and nobody else waits behind it.
    """

    AT_ONCE: Final = 4_000.0
    A_SECOND: Final = 300.0
    REMEMBERED: Final = 20_000

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._free_at: OrderedDict[str, float] = OrderedDict()

    def wait(self, address: str, requests: int = 1) -> float:
        """Count requests of an address; the seconds until it may be read again, 0 for at once."""
        if address in HERE:
            return 0.0
        now = self._now()
        due = max(self._free_at.get(address, 0.0), now) + requests / self.A_SECOND
        # However many connections it has, an address is not owed more than a while of silence.
        self._free_at[address] = min(due, now + self.AT_ONCE / self.A_SECOND + MOST_WAITING)
        self._free_at.move_to_end(address)
        while len(self._free_at) > self.REMEMBERED:
            self._free_at.popitem(last=False)
        return max(0.0, self._free_at[address] - now - self.AT_ONCE / self.A_SECOND)


def room_for_connections() -> int:
    """How many connections the system's limit of open files leaves room for."""
    try:
        import resource
    except ImportError:
        return MAX_CONNECTIONS
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return MAX_CONNECTIONS if soft < 0 else max(64, min(MAX_CONNECTIONS, soft - SPARE_FILES - RESERVED))


class TimedHttpProtocol(HttpToolsProtocol):
    """Cuts connections that send no whole request head in time, or too long a one, or that are too many."""

    doors: Doors = Doors()
    paces: Paces = Paces()
    refusal_headers: bytes = b""
    _patience: asyncio.TimerHandle | None = None
    _reader: asyncio.TimerHandle | None = None
    _paused: asyncio.TimerHandle | None = None
    # The request that is worked on; with others behind it, it is not uvicorn's `cycle`.
    _at_work: Any = None
    _head = 0
    _in_head = True
    _address = ""

    def connection_made(self, transport: Any) -> None:
        """Start the clock."""
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        if not self.doors.enter(self._address, self, self._cut):
            transport.abort()
            return
        _forget_the_unheard(transport)
        # Whoever opens a connection for each request keeps the same pace. Soon: reading begins after this.
        self.loop.call_soon(self._keep_pace, 0)
        self._patience = self.loop.call_later(HEADER_SECONDS, self._hang_up)

    def data_received(self, data: bytes) -> None:
        """Take bytes; a head must end somewhere."""
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            self._head += len(data)
            if self._head > MAX_HEAD:
                self.send_400_response("Request head too long.")

    def pause_writing(self) -> None:
        """Give a slow reader a while, on every system: what it does not take is memory of the laptop."""
        super().pause_writing()
        if self._reader is None:
            self._reader = self.loop.call_later(UNREAD_SECONDS, self._cut)

    def resume_writing(self) -> None:
        """Stop the clock of a reader who has taken what there was."""
        super().resume_writing()
        if self._reader is not None:
            self._reader.cancel()
            self._reader = None

    def on_response_complete(self) -> None:
        """Go on reading, unless this address has to wait for it."""
        super().on_response_complete()
        if self._paused is not None and not self.transport.is_closing():
            self.flow.pause_reading()

    def on_message_begin(self) -> None:
        """Start the clock again for a further request on the same connection."""
        self._in_head = True
        if len(self.pipeline) >= MOST_PIPELINED:
            # No browser asks ahead; whoever does without reading fills the memory.
            # Soon and not now: the parser still has the rest of these bytes.
            self.loop.call_soon(self._cut)
        self._keep_pace()
        self._forget()
        self._patience = self.loop.call_later(HEADER_SECONDS, self._hang_up)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Set the clock for the body, also for one that nobody reads."""
        self._in_head = False
        self._head = 0
        self._forget()
        self._patience = self.loop.call_later(MESSAGE_SECONDS, self._hang_up)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Stop the clock."""
        self._forget()
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._forget()
        for timer in (self._reader, self._paused):
            if timer is not None:
                timer.cancel()
        self.doors.leave(self._address, self)
        self._expect_no_answer()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, with the same safety headers as everything else."""
        body = msg.encode("ascii")
        self.transport.write(
            b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\n"
            + self.refusal_headers
            + b"content-length: %d\r\n\r\n%s" % (len(body), body)
        )
        self.transport.close()

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self._at_work = cycle
        super()._start_asgi_task(cycle, app)

    def _hang_up(self) -> None:
        self._expect_no_answer()
        self.transport.close()

    def _cut(self) -> None:
        self._expect_no_answer()
        self.transport.abort()

    def _expect_no_answer(self) -> None:
        """Write no more: on a connection that is gone each answer would be a fault, and a page of the log."""
        self.pipeline.clear()
        if self._at_work is not None:
            self._at_work.disconnected = True

    def _keep_pace(self, requests: int = 1) -> None:
        seconds = self.paces.wait(self._address, requests)
        if seconds and self._paused is None and not self.transport.is_closing():
            self.flow.pause_reading()
            self._paused = self.loop.call_later(seconds, self._read_on)

    def _read_on(self) -> None:
        self._paused = None
        if not self.transport.is_closing():
            self.flow.resume_reading()

    def _forget(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


def _forget_the_unheard(transport: Any) -> None:
    """Let the system end a connection whose other side confirms nothing, and keep little that is unread."""
    connected = transport.get_extra_info("socket")
    if connected is not None:
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNREAD_BYTES)
    if connected is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(UNHEARD_SECONDS * 1000))

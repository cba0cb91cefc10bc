"""Connections: how many, how long they may take to say what they want, and when they count as gone."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
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
# File descriptors that the store, the log and the bundle need while all connections are taken.
SPARE_FILES: Final = 200


class Doors:
    """Counts connections, all of them and by address. Addresses live only here, while connected."""

    def __init__(self, most: int = MAX_CONNECTIONS, most_of_address: int = MAX_OF_ADDRESS) -> None:
        self.most = most
        self.most_of_address = most_of_address
        self._open: Counter[str] = Counter()
        self._all = 0

    def enter(self, address: str) -> bool:
        """Count a connection in; False when there is no room for it."""
        self._all += 1
        self._open[address] += 1
        return self._all <= self.most and self._open[address] <= self.most_of_address

    def leave(self, address: str) -> None:
        """Count a connection out."""
        self._all -= 1
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]


def room_for_connections() -> int:
    """How many connections the system's limit of open files leaves room for."""
    try:
        import resource
    except ImportError:
        return MAX_CONNECTIONS
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return MAX_CONNECTIONS if soft < 0 else max(64, min(MAX_CONNECTIONS, soft - SPARE_FILES))


class TimedHttpProtocol(HttpToolsProtocol):
    """Cuts connections that send no whole request head in time, or too long a one, or that are too many."""

    doors: Doors = Doors()
    refusal_headers: bytes = b""
    _patience: asyncio.TimerHandle | None = None
    _head = 0
    _in_head = True
    _address = ""

    def connection_made(self, transport: Any) -> None:
        """Start the clock."""
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        if not self.doors.enter(self._address):
            transport.abort()
            return
        _forget_the_unheard(transport)
        self._patience = self.loop.call_later(HEADER_SECONDS, transport.close)

    def data_received(self, data: bytes) -> None:
        """Take bytes; a head must end somewhere."""
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            self._head += len(data)
            if self._head > MAX_HEAD:
                self.send_400_response("Request head too long.")

    def on_message_begin(self) -> None:
        """Start the clock again for a further request on the same connection."""
        self._in_head = True
        self._forget()
        self._patience = self.loop.call_later(HEADER_SECONDS, self.transport.close)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Set the clock for the body, also for one that nobody reads."""
        self._in_head = False
        self._head = 0
        self._forget()
        self._patience = self.loop.call_later(MESSAGE_SECONDS, self.transport.close)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Stop the clock."""
        self._forget()
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._forget()
        self.doors.leave(self._address)
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

    def _forget(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


def _forget_the_unheard(transport: Any) -> None:
    """Let the system end a connection whose other side confirms nothing, or takes nothing in."""
    connected = transport.get_extra_info("socket")
    if connected is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(UNHEARD_SECONDS * 1000))

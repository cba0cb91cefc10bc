"""What stands between the network and the routes: limits, time-outs, headers and the slowing of guesses."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kit.errors import KitError, TooLarge, TooMany, TooSlow
from kit.session.log import describe_fault
from kit.session.problem import problem_response
from kit.text import choose_language

MAX_BODY: Final = 64 * 1024
BODY_SECONDS: Final = 10.0
_log = logging.getLogger("kit.guard")

SAFETY_HEADERS: Final = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"x-frame-options": b"DENY",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"content-security-policy": (
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}


class Guard:
    """ASGI layer: bodies have a size and a time limit, every answer carries the safety headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                present = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *((name, value) for name, value in SAFETY_HEADERS.items() if name not in present),
                ]
            await send(message)

        try:
            await self._app(scope, _limited(scope, receive), send_with_headers)
        except Exception as error:
            if not isinstance(error, KitError):
                _log.error("not answered: %s", describe_fault(error))
            if started:
                raise
            refusal = error if isinstance(error, KitError) else KitError("unexpected")
            response = problem_response(refusal, _language(scope))
            await response(scope, receive, send_with_headers)


def _limited(scope: Scope, receive: Receive) -> Receive:
    """Count and time the body; a phone on a bad line gets ten seconds, a slow-loris no more."""
    if scope["method"] in ("GET", "HEAD"):
        return receive
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if not length.isdigit() or int(length) > MAX_BODY:
        raise TooLarge("body_large")
    taken = 0
    complete = False
    deadline = time.monotonic() + BODY_SECONDS

    async def receive_part() -> Message:
        nonlocal taken, complete
        if complete:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), max(0.0, deadline - time.monotonic()))
        except TimeoutError:
            raise TooSlow("slow_body") from None
        taken += len(message.get("body", b""))
        complete = not message.get("more_body", False)
        if taken > MAX_BODY:
            raise TooLarge("body_large")
        return message

    return receive_part


def _language(scope: Scope) -> str:
    headers = dict(scope["headers"])
    return choose_language(headers.get(b"accept-language", b"").decode("latin-1"))


@dataclass(slots=True)
class _Bucket:
    level: float
    at: float
    # Codes this address has shown to know: using them again is no guess.
    known: set[str] = field(default_factory=set)

    def refill(self, capacity: float, per_second: float) -> None:
        now = time.monotonic()
        self.level = min(capacity, self.level + (now - self.at) * per_second)
        self.at = now


class Guesses:
    """Slows the guessing of codes: wrong codes use up a budget, right ones cost nothing.

    One address has room for a whole class behind it that mistypes (120 wrong codes at once, then two a
    second); all addresses together have 2,000, then fifty a second. Addresses live only here, in memory.
    """

    ADDRESS: Final = (120.0, 2.0)
    ALL: Final = (2_000.0, 50.0)
    # When everybody's budget is gone, only addresses that have guessed wrong this often must wait.
    SUSPICIOUS: Final = 20.0
    REMEMBERED: Final = 10_000
    KNOWN: Final = 8

    def __init__(self, address: tuple[float, float] = ADDRESS, everybody: tuple[float, float] = ALL) -> None:
        self._address, self._everybody = address, everybody
        self._all = _Bucket(everybody[0], time.monotonic())
        self._addresses: OrderedDict[str, _Bucket] = OrderedDict()

    def check(self, address: str, code: str = "") -> None:
        """Raise TooMany when this address must wait, unless it has used this very code before."""
        bucket = self._addresses.get(_network(address))
        if bucket is None or code in bucket.known:
            return
        self._refill(bucket)
        exhausted = bucket.level < 1
        crowd = self._all.level < 1 and self._address[0] - bucket.level > self.SUSPICIOUS
        if exhausted or crowd:
            raise TooMany("too_many", seconds=5)

    def wrong(self, address: str) -> None:
        """Note a wrong code."""
        bucket = self._bucket(address)
        self._refill(bucket)
        bucket.level = max(0.0, bucket.level - 1)
        self._all.level = max(0.0, self._all.level - 1)

    def right(self, address: str, code: str) -> None:
        """Note a right code: whoever sits beside a guesser behind one router goes on undisturbed."""
        known = self._bucket(address).known
        if len(known) < self.KNOWN:
            known.add(code)

    def _bucket(self, address: str) -> _Bucket:
        key = _network(address)
        bucket = self._addresses.setdefault(key, _Bucket(self._address[0], time.monotonic()))
        self._addresses.move_to_end(key)
        while len(self._addresses) > self.REMEMBERED:
            self._addresses.popitem(last=False)
        return bucket

    def _refill(self, bucket: _Bucket) -> None:
        bucket.refill(*self._address)
        self._all.refill(*self._everybody)


def _network(address: str) -> str:
    """An IPv6 device has billions of addresses: those of one network count as one."""
    return ":".join(address.split(":")[:4]) if address.count(":") > 1 else address

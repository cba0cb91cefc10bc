"""What stands between the network and the routes: the size and time of bodies, and the safety headers."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kit.errors import KitError, TooLarge, TooSlow
from kit.session.http.problem import problem_response
from kit.session.run.log import describe_fault
from kit.text import choose_language

MAX_BODY: Final = 64 * 1024
# Readings of sheets carry the pictures of those that somebody has to look at.
MAX_SHEETS: Final = 8 * 1024 * 1024
_SHEETS: Final = re.compile(r"/api/control/sessions/[^/]+/sheets")
BODY_SECONDS: Final = 10.0
_log = logging.getLogger("kit.http")

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


class Limits:
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
    most = MAX_SHEETS if _SHEETS.fullmatch(scope["path"]) else MAX_BODY
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if not length.isdigit() or int(length) > most:
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
        if taken > most:
            raise TooLarge("body_large")
        return message

    return receive_part


def _language(scope: Scope) -> str:
    headers = dict(scope["headers"])
    return choose_language(headers.get(b"accept-language", b"").decode("latin-1"))

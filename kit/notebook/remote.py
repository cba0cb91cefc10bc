"""`/kit/live/CODE` and `/kit/remote/CODE`: the phones as the notes window shows them, and the remote."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from tornado import web

from kit.errors import KitError
from kit.notebook.pages import Page
from kit.session.client import Control

_SHOWN: Final = (
    "stage",
    "joined",
    "connected",
    "by_audience",
    "finished",
    "finished_by_audience",
    "answered",
    "practice",
    "rehearsal",
)


class NotesPart(Page):
    """A part of the notes window, answered by the service."""

    async def tell(self, method: str, *given: Any) -> dict[str, Any] | None:
        """Ask the service; where it refuses, send why and return None."""
        try:
            return await asyncio.to_thread(self._ask, method, *given)
        except KitError as error:
            self.set_status(getattr(error, "status", 503))
            self.finish({"trouble": error.render(self.language)})
            return None

    def _ask(self, method: str, *given: Any) -> dict[str, Any]:
        with Control(self.chosen.url, self.chosen.control_token, language=self.language) as control:
            told: dict[str, Any] = getattr(control, method)(*given)
            return told


class LivePart(NotesPart):
    """`/kit/live/CODE`: what runs, and how far each audience is."""

    @web.authenticated
    async def get(self, code: str) -> None:
        """Send the numbers."""
        told = await self.tell("session", code)
        if told is not None:
            self.finish({name: told[name] for name in _SHOWN})


class RemotePart(NotesPart):
    """`/kit/remote/CODE`: pair a phone, look whether one is paired, part from it."""

    @web.authenticated
    async def get(self, code: str) -> None:
        """Send whether a phone is paired."""
        if (told := await self.tell("remote", code)) is not None:
            self.finish(told)

    @web.authenticated
    async def post(self, code: str) -> None:
        """Send a QR code for one phone."""
        if (told := await self.tell("offer_remote", code)) is not None:
            self.finish(told)

    @web.authenticated
    async def delete(self, code: str) -> None:
        """Part from the phone."""
        if (told := await self.tell("end_remote", code)) is not None:
            self.finish(told)


ROUTES: Final = [
    (r"kit/live/([A-Z0-9]{6})", LivePart),
    (r"kit/remote/([A-Z0-9]{6})", RemotePart),
]

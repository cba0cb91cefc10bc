"""`/kit/check`: what may spoil a session, the network that phones use, and a phone to try it with."""

from __future__ import annotations

import asyncio
import io
from typing import Any, Final

import segno
from tornado import web

from kit.doctor.checks import examine
from kit.errors import KitError
from kit.notebook.pages import Page, phones_address
from kit.text import message

CLOCKS_APART: Final = 120
"""Seconds between two clocks that are worth a word: a phone takes its time from the network."""


class Check(Page):
    """The checks of `kit doctor`, for officers who never open a terminal."""

    @web.authenticated
    async def get(self) -> None:
        """Look and show."""
        if self.switched_language():
            return
        await self._draw()

    @web.authenticated
    async def post(self) -> None:
        """Send phones to the chosen address."""
        try:
            await self.control("choose_address", self.get_body_argument("address", ""))
        except KitError as error:
            await self._draw(failed=error.render(self.language))
            return
        self.redirect(f"{self.base_url}kit/check", status=303)

    async def _draw(self, failed: str = "") -> None:
        findings = await asyncio.to_thread(examine, self.chosen, language=self.language)
        addresses: list[dict[str, Any]] = []
        try:
            addresses = await self.control("addresses")
        except KitError as error:
            failed = failed or error.render(self.language)
        url = f"{phones_address(self.chosen)}/coba"
        self.show(
            "check.html",
            words=lambda path, **values: message(f"paper.{path}", self.language, **values),
            findings=findings,
            addresses=[one for one in addresses if one["kind"] != "loopback"],
            url=url,
            qr=qr_of(url),
            failed=failed,
        )


class Tried(Page):
    """`/kit/check/phone`: whether the phone that is tried out has come; a new trial forgets the last one."""

    @web.authenticated
    async def get(self) -> None:
        """Send what is known, in words."""
        await self._tell(begin=False)

    @web.authenticated
    async def put(self) -> None:
        """Begin anew."""
        await self._tell(begin=True)

    async def _tell(self, *, begin: bool) -> None:
        try:
            told = await asyncio.to_thread(self._ask, begin)
        except KitError as error:
            self.finish({"words": error.render(self.language), "status": "bad"})
            return
        if not told["phones"]:
            self.finish({"words": self.office("trial.waiting"), "status": ""})
            return
        ahead = told["clock_ahead"]
        if abs(ahead) >= CLOCKS_APART:
            key = "trial.laptop_slow" if ahead > 0 else "trial.laptop_fast"
            self.finish({"words": self.office(key, minutes=round(abs(ahead) / 60)), "status": "warn"})
            return
        self.finish({"words": self.office("trial.came", n=told["phones"]), "status": "good"})

    def _ask(self, begin: bool) -> dict[str, Any]:
        with self.service() as control:
            return control.trial(begin=begin)


def qr_of(text: str) -> str:
    """A QR code as SVG, as wide as its place."""
    picture = io.BytesIO()
    segno.make(text, error="m").save(picture, kind="svg", border=2, xmldecl=False, omitsize=True)
    return picture.getvalue().decode()


ROUTES = [(r"kit/check", Check), (r"kit/check/phone", Tried)]

"""`/kit/setup`: what is done once, without a terminal; `/kit/poster`: how phones come in, to be hung up."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import segno.helpers
from tornado import web

from kit.errors import KitError
from kit.notebook.pages import Page, phones_address
from kit.notebook.preflight import qr_of
from kit.office import Office, read_office

FIELDS: Final = ("name", "contact", "wifi", "wifi_password")


class Setup(Page):
    """`/kit/setup`: the steps before the first meeting."""

    @web.authenticated
    async def get(self) -> None:
        """Show them."""
        if self.switched_language():
            return
        kept = await asyncio.to_thread(read_office, self.chosen)
        self._draw(kept, done=self.office("setup.kept") if self.get_query_argument("done", "") else "")

    @web.authenticated
    async def post(self) -> None:
        """Keep what the office fills in."""
        typed = {name: self.get_body_argument(name, "", strip=name != "wifi_password") for name in FIELDS}
        try:
            await asyncio.to_thread(self._fill, typed)
        except KitError as error:
            self._draw(Office(**typed), failed=error.render(self.language))
            return
        self.redirect(f"{self.base_url}kit/setup?done=1", status=303)

    def _fill(self, typed: dict[str, str]) -> None:
        with self.service() as control:
            control.fill_office(**typed)

    def _draw(self, office: Office, done: str = "", failed: str = "") -> None:
        self.show("setup.html", filled=office, done=done, failed=failed)


class Poster(Page):
    """`/kit/poster` and `/kit/poster/CODE`: a sheet of A4 with the Wi-Fi's code and the page's."""

    @web.authenticated
    async def get(self, code: str = "") -> None:
        """Show it; the browser prints it."""
        if self.switched_language():
            return
        office = await asyncio.to_thread(read_office, self.chosen)
        session: dict[str, Any] | None = None
        if code:
            try:
                session = await self.control("session", code)
            except KitError:
                raise web.HTTPError(404) from None
        url = session["join_url"] if session else phones_address(self.chosen)
        self.show(
            "poster.html",
            office_kept=office,
            session=session,
            url=url,
            page_qr=qr_of(url),
            wifi_qr=qr_of(wifi_text(office)) if office.wifi else "",
        )


def wifi_text(office: Office) -> str:
    """What a phone's camera reads to join a Wi-Fi."""
    security = "WPA" if office.wifi_password else "nopass"
    return segno.helpers.make_wifi_data(
        ssid=office.wifi, password=office.wifi_password or None, security=security
    )


ROUTES: Final = [
    (r"kit/setup", Setup),
    (r"kit/poster", Poster),
    (r"kit/poster/([A-Z0-9]{6})", Poster),
]

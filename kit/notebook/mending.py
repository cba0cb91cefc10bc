"""`/kit/sessions/CODE`: correct what was typed in a hurry, close what was left open, delete."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any, Final

from tornado import web

from kit.errors import KitError
from kit.notebook.doubts import alike_places, is_far, spelled
from kit.notebook.pages import Page
from kit.study.place import PLACE_FIELDS, Site


class SessionPage(Page):
    """What the pages about one session share."""

    async def draw(self, code: str, **more: Any) -> None:
        """Show the form, filled with what was typed or with what is kept."""
        try:
            session, sites = await asyncio.to_thread(self._look, code)
        except KitError as error:
            if getattr(error, "status", 0) == 404:
                raise web.HTTPError(404) from None
            more.setdefault("failed", error.render(self.language))
            session, sites = None, []
        told = more.pop("typed", None) or _typed_of(session)
        self.show(
            "session.html",
            code=code,
            session=session,
            sites=sites,
            typed=told,
            key=secrets.token_hex(16),
            **{"failed": "", "questions": [], **more},
        )

    def _look(self, code: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        with self.service() as control:
            return control.session(code), control.sites()


def _typed_of(session: dict[str, Any] | None) -> dict[str, str]:
    if session is None:
        return {}
    return {**{name: session[name] for name in ("event", "held_on", "notes")}, **session["site"]}


class Mend(SessionPage):
    """`/kit/sessions/CODE`: the form, and what it corrects."""

    @web.authenticated
    async def get(self, code: str) -> None:
        """Show the form."""
        if not self.switched_language():
            await self.draw(code)

    @web.authenticated
    async def post(self, code: str) -> None:
        """Correct the session; what is most probably a slip is asked about first."""
        names = (*PLACE_FIELDS, "held_on", "event", "notes")
        typed = {name: self.get_body_argument(name, "") for name in names}
        try:
            questions = await asyncio.to_thread(self._doubts, code, typed)
            if questions and self.get_body_argument("sure", "") != _doubted(typed):
                await self.draw(code, typed=typed, questions=questions, sure=_doubted(typed))
                return
            await asyncio.to_thread(self._mend, code, typed)
        except KitError as error:
            await self.draw(code, typed=typed, failed=error.render(self.language))
            return
        self.redirect(f"{self.base_url}kit?done=mended", status=303)

    def _doubts(self, code: str, typed: dict[str, str]) -> list[str]:
        """What to ask before it is kept: a day far away, a place that looks like another one."""
        with self.service() as control:
            session, sites = control.session(code), control.sites()
        asked = []
        if typed["held_on"] != session["held_on"] and is_far(typed["held_on"]):
            asked.append(self.office("mend.far", held_on=typed["held_on"]))
        place = Site("", *(typed[name].strip() for name in PLACE_FIELDS))
        others = [one for one in sites if one["site_id"] != session["site_id"]]
        for one in alike_places(place, others):
            asked.append(self.office("mend.alike", typed=place.name, known=spelled(one)))
        return asked

    def _mend(self, code: str, typed: dict[str, str]) -> None:
        site = {name: typed[name] for name in PLACE_FIELDS}
        rest = {name: typed[name] for name in ("held_on", "event", "notes")}
        with self.service() as control:
            control.mend(code, key=self.get_body_argument("key", ""), site=site, **rest)


def _doubted(typed: dict[str, str]) -> str:
    """What was asked about: the same once more is meant."""
    return "|".join(typed[name].strip() for name in (*PLACE_FIELDS, "held_on"))


class Close(SessionPage):
    """`/kit/sessions/CODE/close`: close a session that was left open, without its deck."""

    @web.authenticated
    async def post(self, code: str) -> None:
        """Close it and write its report."""
        try:
            with self.service() as control:
                await asyncio.to_thread(control.close, code, key=self.get_body_argument("key", ""))
        except KitError as error:
            await self.draw(code, failed=error.render(self.language))
            return
        self.redirect(f"{self.base_url}kit?done=closed", status=303)


class Delete(SessionPage):
    """`/kit/sessions/CODE/delete`: delete it for good; the answer is the receipt."""

    @web.authenticated
    async def post(self, code: str) -> None:
        """Delete the session if its code was typed once more."""
        if self.get_body_argument("again", "").strip().upper() != code:
            await self.draw(code, failed=self.office("mend.delete_code", code=code))
            return
        try:
            with self.service() as control:
                receipt = await asyncio.to_thread(control.delete, code)
        except KitError as error:
            await self.draw(code, failed=error.render(self.language))
            return
        self.show("receipt.html", receipt=receipt)


ROUTES: Final = [
    (r"kit/sessions/([A-Z0-9]{6})", Mend),
    (r"kit/sessions/([A-Z0-9]{6})/close", Close),
    (r"kit/sessions/([A-Z0-9]{6})/delete", Delete),
]

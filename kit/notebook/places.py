"""`/kit/places`: every place that had a meeting, and a page for each: who came, what is next."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from tornado import web

from kit.errors import KitError
from kit.notebook.board import board_of
from kit.notebook.meetings import (
    Notebook,
    Past,
    address_of,
    followup_of,
    list_past,
    look_at_notebooks,
    past_sessions,
)
from kit.notebook.pages import DONE, Overview
from kit.office import read_office
from kit.study.place import PLACE_FIELDS, Site, place_id, site_labels

REMINDERS: Final = ("before", "after", "followup")
"""Texts to copy: before a meeting, the day after, and when the follow-up is due."""


MARK: Final = "<!-- board -->"
"""Where a place's page goes on once its reports are counted."""


@dataclass(frozen=True)
class Place:
    """A place with its meetings, newest first; open ones are sessions of the service."""

    site: Site
    label: str
    past: tuple[Past, ...]
    running: tuple[dict[str, Any], ...]
    alike: tuple[str, ...] = ()

    @property
    def last(self) -> str:
        """The day of its latest meeting."""
        return max([one.held_on for one in self.past] + [str(one["held_on"]) for one in self.running])


def places_of(past: Iterable[Past], running: Iterable[dict[str, Any]], known: Iterable[Any]) -> list[Place]:
    """Every place of the bundles and the service, the one visited last first; rehearsals are nowhere."""
    sites: dict[str, Site] = {}
    held: dict[str, list[Past]] = {}
    now: dict[str, list[dict[str, Any]]] = {}
    for one in past:
        if not one.rehearsal:
            site_id = one.place.site_id or place_id(*one.place.place)
            sites.setdefault(site_id, Site(site_id, *one.place.place))
            held.setdefault(site_id, []).append(one)
    for row in running:
        if not row["rehearsal"]:
            sites[row["site_id"]] = Site(row["site_id"], *(row["site"][name] for name in PLACE_FIELDS))
            now.setdefault(row["site_id"], []).append(row)
    labels = site_labels(sites.values())
    alike = {row["site_id"]: tuple(row["alike"]) for row in known}
    found = [
        Place(
            site,
            labels[site_id],
            tuple(held.get(site_id, ())),
            tuple(now.get(site_id, ())),
            tuple(one for one in alike.get(site_id, ()) if one in sites),
        )
        for site_id, site in sites.items()
    ]
    return sorted(found, key=lambda place: (place.last, place.label), reverse=True)


class PlacesPage(Overview):
    """What the list and a place's page share."""

    async def look(self) -> tuple[list[Place], list[Notebook], str]:
        """All places, the notebooks, and why the service told nothing."""
        books = await asyncio.to_thread(look_at_notebooks, self.chosen.notebooks)
        bundles = await asyncio.to_thread(list_past, self.chosen.results)
        sessions, trouble = await self.list_sessions()
        known: list[dict[str, Any]] = []
        if not trouble:
            try:
                known = await self.control("sites")
            except KitError as error:
                trouble = error.title(self.language)
        past = past_sessions(sessions, bundles)
        running = [one for one in sessions if one["stage"] not in ("closed", "followup")]
        return places_of(past, running, known), [b for b in books if isinstance(b, Notebook)], trouble

    def done(self) -> str:
        """What was done just before this page, in words."""
        told = self.get_query_argument("done", "")
        return self.office(f"done.{told}") if told in DONE else ""


class Places(PlacesPage):
    """`/kit/places`: the list."""

    @web.authenticated
    async def get(self) -> None:
        """Show every place, and ask about those that look alike."""
        if self.switched_language():
            return
        await self.show_list()

    async def show_list(self, failed: str = "") -> None:
        """Draw the list."""
        places, _, trouble = await self.look()
        by_id = {place.site.site_id: place for place in places}
        twins = {tuple(sorted((place.site.site_id, other))) for place in places for other in place.alike}
        pairs = [[by_id[one] for one in pair] for pair in sorted(twins)]
        self.show(
            "places.html", places=places, pairs=pairs, quote=quote, failed=failed or trouble, done=self.done()
        )


class Merge(Places):
    """`/kit/places/merge`: two names that are one place."""

    @web.authenticated
    async def get(self) -> None:
        """Lead back to the list: there is nothing to see here."""
        self.redirect(f"{self.base_url}kit/places")

    @web.authenticated
    async def post(self) -> None:
        """Bring the meetings of one to the other."""
        gone, into = self.get_body_argument("site_id", ""), self.get_body_argument("into", "")
        try:
            await self.control("merge_sites", gone, into)
        except KitError as error:
            await self.show_list(failed=error.render(self.language))
            return
        self.redirect(f"{self.base_url}kit/places/{quote(into, safe='')}?done=merged", status=303)


class PlacePage(PlacesPage):
    """`/kit/places/ID`: one place."""

    @web.authenticated
    async def get(self, site_id: str) -> None:
        """Show its meetings, what its reports say together, and texts to copy."""
        if self.switched_language():
            return
        places, books, trouble = await self.look()
        place = next((one for one in places if one.site.site_id == site_id), None)
        if place is None:
            raise web.HTTPError(404)
        office = await asyncio.to_thread(read_office, self.chosen)
        page = self.render_page(
            "place.html",
            place=place,
            others=[one for one in places if one is not place],
            mark=MARK,
            address_of=lambda session: address_of(books, session),
            followup_of=lambda code: followup_of(books, code),
            reminders=[(name, self._reminder(name, place.label, office.contact)) for name in REMINDERS],
            failed=trouble,
            done=self.done(),
        )
        above, _, below = page.partition(MARK)
        self.write(above)
        # What needs no report is read while the reports are counted together, which takes seconds.
        await self.flush()
        folders = [self.chosen.results / one.folder for one in place.past if one.reports]
        board = await asyncio.to_thread(board_of, folders, self.language) if folders else {}
        self.write(self.render_page("board.html", board=board))
        self.finish(below)

    def _reminder(self, name: str, label: str, contact: str) -> str:
        lines = [self.office(f"reminders.{name}.text", site=label)]
        if contact:
            lines.append(self.office("reminders.contact", contact=contact))
        return " ".join(lines)


ROUTES: Final = [
    (r"kit/places/?", Places),
    (r"kit/places/merge", Merge),
    (r"kit/places/([^/]+)", PlacePage),
]

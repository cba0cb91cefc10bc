"""Mending what was typed in a hurry: place, date, event and notes of a session; two places that are one.

Until the people of a session are deleted: then its report is final.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kit.errors import BadRequest, NotFound
from kit.session.acts import codes
from kit.session.acts.open import read_day, read_place, read_short
from kit.session.acts.view import view_session
from kit.session.store.sessions import (
    all_sites,
    change_session,
    change_site,
    earlier_sessions,
    find_or_add_site,
    lock_session,
    remove_unused_sites,
    sessions_of_site,
    site_like,
)
from kit.session.store.transaction import Reading, Writing
from kit.study.place import PLACE_FIELDS, are_alike
from kit.text import plain_text


@dataclass(frozen=True, slots=True)
class MendRequest:
    """What is corrected of the session `code`; None leaves a field as it is."""

    code: str
    event: str | None = None
    site: Mapping[str, str] | None = None
    held_on: str | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class MergeRequest:
    """The site that is really `into`."""

    site_id: str
    into: str


def mend_session(tx: Writing, request: MendRequest) -> None:
    """Correct a session. Raises NotFound, BadRequest, and Conflict once its people are deleted."""
    lock_session(tx, request.code)
    view = view_session(tx, request.code)
    view.check_not_purged()
    changes: dict[str, Any] = {}
    if request.event is not None:
        changes["event"] = read_short(request.event, "event")
    if request.held_on is not None:
        changes["held_on"] = read_day(request.held_on)
    if request.notes is not None:
        changes["notes"] = plain_text(request.notes)
    if request.site is not None:
        changes |= _moved(tx, view.row, read_place(request.site))
    if changes:
        change_session(tx, view.code, **changes)
        remove_unused_sites(tx)


def _moved(tx: Writing, row: Mapping[str, Any], place: Mapping[str, str]) -> dict[str, Any]:
    """The site that a session belongs to under this name, and whether it had one before."""
    site_id = str(row["site_id"])
    known = site_like(tx, place)
    if known == site_id or (known is None and len(sessions_of_site(tx, site_id)) == 1):
        # Nobody else is there: it is the same place, better spelled.
        change_site(tx, site_id, place)
    else:
        site_id = find_or_add_site(tx, codes.new_id(), place)
    return {"site_id": site_id, "visited_before": bool(earlier_sessions(tx, site_id, row["opened_at"]))}


def merge_sites(tx: Writing, request: MergeRequest) -> list[str]:
    """Bring the sessions of one site to another; their join codes. Asked again it changes nothing.

    Those whose people are deleted move with them: a place has one history. Raises NotFound, BadRequest.
    """
    known = {site.site_id for site, _ in all_sites(tx)}
    if request.into not in known:
        raise NotFound("unknown_site")
    if request.site_id == request.into:
        raise BadRequest("site_itself")
    moved = sessions_of_site(tx, request.site_id)
    for row in moved:
        change_session(tx, row["code"], site_id=request.into)
    for row in sessions_of_site(tx, request.into):
        before = bool(earlier_sessions(tx, request.into, row["opened_at"]))
        change_session(tx, row["code"], visited_before=before)
    remove_unused_sites(tx)
    return [str(row["code"]) for row in moved]


def list_sites(tx: Reading) -> list[dict[str, Any]]:
    """Every place with its real sessions, newest first, and the places that look like it."""
    sites = all_sites(tx)
    return [
        {
            "site_id": site.site_id,
            **dict(zip(PLACE_FIELDS, site.place, strict=True)),
            "sessions": [row["code"] for row in rows],
            "alike": [other.site_id for other, _ in sites if other is not site and are_alike(site, other)],
        }
        for site, rows in sites
    ]

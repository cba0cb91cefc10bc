"""Whose time is over: the people of a session are deleted when they have been kept for long enough.

A wrong clock must not destroy answers (`clock_trust`), so people are deleted only at the second look that
finds them due, at least a day after the first. The cube and the report stay: they know no single person.

Nobody has to close a session for that: one left open, or reopened for its follow-up, is closed here once
nobody has joined or answered for as long.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from kit.session.acts.clock_trust import Look, Trust, counted_from, look_at_clock
from kit.session.acts.unfinished import PEOPLE, note_deletion
from kit.session.acts.view import view_session
from kit.session.store.participants import remove_people, session_participants
from kit.session.store.responses import session_responses
from kit.session.store.sessions import all_sessions, change_session, lock_session
from kit.session.store.transaction import Reading, StoredRow, Writing
from kit.study.stage import CLOSED

KEPT_DAYS: Final = 30
LOOK_AGAIN: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """Sessions whose people are to be deleted now, by code and all closed, and the clock's standing."""

    codes: list[str]
    trust: Trust


def find_due(tx: Writing, look: Look) -> Due:
    """Look at the clock, and find whose time is over; sessions found for the first time are noted."""
    trust = look_at_clock(tx, look)
    moment, ready = look.moment, []
    for row in all_sessions(tx):
        if row["purged_at"]:
            continue
        noted, ended_at = row["due_noted_at"], _ended_at(tx, row, trust, moment)
        if ended_at is None or not _is_past(row, ended_at, trust, moment):
            if noted:
                change_session(tx, row["code"], due_noted_at=None)
        elif noted is None or noted > moment:
            change_session(tx, row["code"], due_noted_at=moment)
        elif _time(moment) - _time(noted) >= LOOK_AGAIN:
            if row["stage"] != CLOSED:
                # Not now but then: were the service killed before the rest is done, it stays due.
                first = row["first_closed_at"] or ended_at
                change_session(tx, row["code"], stage=CLOSED, closed_at=ended_at, first_closed_at=first)
            ready.append(str(row["code"]))
    return Due(ready, trust)


def _ended_at(tx: Reading, row: StoredRow, trust: Trust, moment: str) -> str | None:
    """When a session was first closed; of one left open, when somebody last joined or answered."""
    if row["stage"] == CLOSED:
        return None if row["first_closed_at"] is None else str(row["first_closed_at"])
    if not _is_past(row, row["opened_at"], trust, moment):
        return None
    seen = [str(person["joined_at"]) for person in session_participants(tx, row["session_id"])]
    seen += [str(response["answered_at"]) for response in session_responses(tx, row["session_id"])]
    return max([*seen, row["closed_at"] or ""]) if seen else None


def _is_past(row: StoredRow, ended_at: str, trust: Trust, moment: str) -> bool:
    """Whether the follow-up window and the retention time after it have passed, as all witnesses say."""
    since = counted_from(row, ended_at, trust, moment)
    return since is not None and since + timedelta(days=row["followup_days"] + KEPT_DAYS) <= _time(moment)


def _time(written: str) -> datetime:
    return datetime.fromisoformat(written)


def purge_people(tx: Writing, request: tuple[str, str]) -> dict[str, int]:
    """Delete the people of a closed session `(code, moment)` with all they did; counts by table."""
    code, moment = request
    lock_session(tx, code)
    view = view_session(tx, code)
    if view.stage != CLOSED:
        return {}  # reopened while its bundle was written: there may be answers that no report knows
    gone = remove_people(tx, view.session_id)
    change_session(tx, code, purged_at=moment)
    note_deletion(tx, PEOPLE, code)
    return gone


def closed_at(tx: Reading, code: str) -> str:
    """When a session was closed. Raises NotFound."""
    return str(view_session(tx, code).row["closed_at"])


def purged_codes(tx: Reading) -> list[str]:
    """The join codes of sessions whose people are gone."""
    return [str(row["code"]) for row in all_sessions(tx) if row["purged_at"]]

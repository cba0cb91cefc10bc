"""The officer's door: who may still come in, how many are expected, and who is set aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kit.errors import Conflict, NotFound
from kit.session.acts.view import SessionView, view_session
from kit.session.store.participants import (
    bursts_of,
    is_burst_aside,
    last_burst,
    lock_joining,
    mark_burst,
    set_burst_aside,
)
from kit.session.store.sessions import change_session
from kit.session.store.transaction import Reading, Writing


@dataclass(frozen=True, slots=True)
class DoorRequest:
    """What an officer says of the door of a session; None leaves a thing as it is, 0 expects nobody."""

    code: str
    closed: bool | None = None
    expected: int | None = None


@dataclass(frozen=True, slots=True)
class BurstMark:
    """People who came right behind each other; `burst_id` is None before the first of them are marked."""

    code: str
    participant_ids: Sequence[str]
    burst_id: int | None


@dataclass(frozen=True, slots=True)
class SetAside:
    """A burst whose people are to be left out of every figure, or taken back."""

    code: str
    burst_id: int
    aside: bool


def set_door(tx: Writing, request: DoorRequest) -> None:
    """Close or open the door, and note how many are expected. Raises NotFound."""
    view_session(tx, request.code)
    changes: dict[str, object] = {}
    if request.closed is not None:
        changes["door_closed"] = request.closed
    if request.expected is not None:
        changes["expected"] = request.expected or None
    if changes:
        change_session(tx, request.code, **changes)


def set_aside(tx: Writing, request: SetAside) -> int:
    """Leave people out of every figure, or take them back; how many of them are still there.

    Nobody is deleted and no phone is told: people set aside by mistake have lost nothing.
    Raises NotFound, Conflict once the people are deleted.
    """
    view = view_session(tx, request.code)
    view.check_not_purged()
    people = set_burst_aside(tx, view.session_id, request.burst_id, request.aside)
    if not people:
        raise NotFound("unknown_burst", burst_id=request.burst_id)
    return people


def keep_burst(tx: Writing, request: BurstMark) -> int:
    """Mark people of a burst, so that a restart forgets none; the number of the burst. Raises NotFound.

    Who comes in a burst that the officer has set aside is set aside with it.
    """
    view = view_session(tx, request.code)
    lock_joining(tx, view.session_id)
    burst_id = request.burst_id or last_burst(tx, view.session_id) + 1
    aside = bool(request.burst_id) and is_burst_aside(tx, view.session_id, burst_id)
    mark_burst(tx, view.session_id, request.participant_ids, burst_id, aside)
    return burst_id


def describe_bursts(tx: Reading, view: SessionView) -> list[dict[str, Any]]:
    """The bursts of a session, the first first: `{burst_id, began_at, people, seconds, set_aside}`."""
    return [
        {
            "burst_id": row["burst"],
            "began_at": row["began_at"],
            "people": row["people"],
            "seconds": _seconds(row["began_at"], row["ended_at"]),
            "set_aside": row["counted"] == 0,
        }
        for row in bursts_of(tx, view.session_id)
    ]


def _seconds(began_at: str, ended_at: str) -> float:
    return (datetime.fromisoformat(ended_at) - datetime.fromisoformat(began_at)).total_seconds()


def check_door(view: SessionView) -> None:
    """Refuse whoever is new once the door is closed. Raises Conflict."""
    if view.row["door_closed"]:
        raise Conflict("door_closed", code=view.code)

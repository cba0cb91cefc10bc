"""How far the laptop's clock is believed, before anything is deleted because of it.

A clock alone tells nothing about age: its battery may be empty (it stands in 2016), somebody may have set it
ten years ahead. Its witnesses are what it said at the last look, the newest file and row from before the
first look, the machine's own count of seconds since the start, and the day that the officer gave a session.
Where they disagree, the follow-up window and the retention time are counted anew from the moment of doubt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from kit.session.store.sights import keep_sight, newest_stamp, read_sight
from kit.session.store.transaction import Reading, StoredRow, Writing

BEHIND: Final = "behind"
STOOD: Final = "stood"
AHEAD: Final = "ahead"
FUTURE: Final = "future"

# Time zones, summer time and a slow clock are no reason to doubt.
TOLERANCE: Final = timedelta(days=1)
# Shorter than the time that people are kept after the follow-up window: a jump that is believed, because it
# may have been a laptop in a cupboard, never cuts into that window.
MOST_UNSEEN: Final = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at the clock finds, and what else there is to compare it with."""

    moment: str
    # The clock at the start of this process, and the seconds that the machine has counted since.
    started_at: str | None = None
    lived: float = 0.0
    # The newest file of the results folder: asked before the first look at the clock only.
    newest_file: str | None = None


@dataclass(frozen=True, slots=True)
class Trust:
    """Since when the clock is believed; `doubt` says why not before, `fresh` that it was found just now."""

    doubted_at: str | None = None
    doubt: str | None = None
    fresh: bool = False


def look_at_clock(tx: Writing, look: Look) -> Trust:
    """Compare the clock with its witnesses and keep what was seen."""
    sight = read_sight(tx)
    seen = (
        sight["seen_at"] if sight else max(filter(None, (look.newest_file, newest_stamp(tx))), default=None)
    )
    doubt = _doubt(seen, look)
    if doubt is None:
        keep_sight(tx, seen_at=look.moment)
        return clock_trust(tx)
    keep_sight(tx, seen_at=look.moment, doubted_at=look.moment, doubt=doubt)
    return Trust(look.moment, doubt, fresh=True)


def clock_trust(tx: Reading) -> Trust:
    """How far the clock was believed at the last look."""
    sight = read_sight(tx)
    return Trust(sight["doubted_at"], sight["doubt"]) if sight else Trust()


def _doubt(seen: str | None, look: Look) -> str | None:
    now = _time(look.moment)
    if seen is not None and now < _time(seen) - TOLERANCE:
        return BEHIND
    if (
        look.started_at is not None
        and now - _time(look.started_at) < timedelta(seconds=look.lived) - TOLERANCE
    ):
        return STOOD
    if seen is not None and now > _time(seen) + MOST_UNSEEN:
        return AHEAD
    return None


def counted_from(row: StoredRow, ended_at: str, trust: Trust, moment: str) -> datetime | None:
    """Since when a session's windows are counted; None for one that lies in this clock's future."""
    horizon = _time(moment) + TOLERANCE
    held = _time(f"{row['held_on']}T00:00:00.000Z")
    if held > horizon:
        return None
    witnesses = [held]
    if trust.doubted_at is not None:
        witnesses.append(_time(trust.doubted_at))
    if _time(ended_at) <= horizon:
        witnesses.append(_time(ended_at))
    elif trust.doubted_at is None:
        return None
    return max(witnesses)


def why_postponed(row: StoredRow, ended_at: str, trust: Trust, moment: str) -> str | None:
    """Why people of a session stay longer than its closing says, None when they do not."""
    since = counted_from(row, ended_at, trust, moment)
    if since is None:
        return FUTURE
    doubted = trust.doubted_at is not None and since == _time(trust.doubted_at) and since > _time(ended_at)
    return trust.doubt if doubted or _time(ended_at) > _time(moment) + TOLERANCE else None


def dates_differ(row: StoredRow) -> bool:
    """Whether a session's day and the clock at its opening are more than a day apart."""
    opened = _time(f"{row['opened_at'][:10]}T00:00:00Z")
    return abs(_time(f"{row['held_on']}T00:00:00Z") - opened) > TOLERANCE


def _time(written: str) -> datetime:
    return datetime.fromisoformat(written)

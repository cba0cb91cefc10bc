"""What the clock was last seen to say: one row, since a store has one past."""

from __future__ import annotations

from sqlalchemy import func, insert, select, update

from kit.session.store.tables import session, sight
from kit.session.store.transaction import Reading, StoredRow, Writing

_ONLY = 1


def read_sight(tx: Reading) -> StoredRow | None:
    """The last look at the clock; None before the first."""
    return tx.first(select(sight))


def keep_sight(tx: Writing, **values: str | None) -> None:
    """Keep what was seen."""
    if not tx.change(update(sight).values(**values)):
        tx.change(insert(sight).values(sight_id=_ONLY, **values))


def newest_stamp(tx: Reading) -> str | None:
    """The latest time at which a session was opened or closed."""
    opened, closed = tx.tuples(select(func.max(session.c.opened_at), func.max(session.c.closed_at)))[0]
    stamps = [str(stamp) for stamp in (opened, closed) if stamp]
    return max(stamps) if stamps else None

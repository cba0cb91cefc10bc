"""Responses in the store. Choices are option ids joined by `+`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Table, func, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from kit.session.store.participants import COUNTED
from kit.session.store.tables import participant, response
from kit.session.store.transaction import Reading, StoredRow, Writing
from kit.study.wave import POLL, PRACTICE


@dataclass(frozen=True, slots=True)
class ResponseRow:
    """One response as stored; `choice` is option ids joined by `+`."""

    participant_id: str
    wave: str
    item_id: str
    choice: str
    seq: int
    answered_at: str


def upsert_responses(tx: Writing, rows: Sequence[ResponseRow]) -> dict[tuple[str, str, str], int]:
    """Write responses with distinct keys; a stored one gives way only to a higher seq.

    Returns the seq that is stored now, by (participant_id, wave, item_id).
    """
    keys = [(row.participant_id, row.wave, row.item_id) for row in rows]
    place = (response.c.participant_id, response.c.wave, response.c.item_id)
    found = tx.tuples(select(*place, response.c.seq).where(tuple_(*place).in_(keys)))
    stored = {(participant_id, wave, item_id): seq for participant_id, wave, item_id, seq in found}
    newer = [row for key, row in zip(keys, rows, strict=True) if row.seq > stored.get(key, 0)]
    if newer:
        values = [{column.name: getattr(row, column.name) for column in response.columns} for row in newer]
        # The condition is checked once more by the database: another replica may have been quicker.
        tx.change(_UPSERTS[tx.dialect], values)
    return stored | {(row.participant_id, row.wave, row.item_id): row.seq for row in newer}


def responses_of(
    tx: Reading, participant_ids: Sequence[str], waves: Collection[str] | None = None
) -> dict[str, list[StoredRow]]:
    """The responses of each of some participants, in some waves or in all."""
    query = select(response).where(response.c.participant_id.in_(participant_ids))
    if waves is not None:
        query = query.where(response.c.wave.in_(list(waves)))
    found: dict[str, list[StoredRow]] = defaultdict(list)
    for row in tx.rows(query):
        found[row["participant_id"]].append(row)
    return found


def session_responses(tx: Reading, session_id: str) -> list[StoredRow]:
    """All responses of a session in a fixed order."""
    query = select(response).join(participant).where(participant.c.session_id == session_id, COUNTED)
    return tx.rows(query.order_by(response.c.participant_id, response.c.wave, response.c.item_id))


def poll_choices(tx: Reading, session_id: str) -> list[tuple[str, str, int]]:
    """`(item_id, choice, people)` of all polls of a session."""
    columns = (response.c.item_id, response.c.choice)
    in_polls = (participant.c.session_id == session_id, response.c.wave == POLL, COUNTED)
    query = select(*columns, func.count()).select_from(response).join(participant)
    found = tx.tuples(query.where(*in_polls).group_by(*columns))
    return [(item_id, choice, people) for item_id, choice, people in found]


def practice_choices(tx: Reading, session_id: str) -> list[tuple[str, str, str, int]]:
    """`(quiz_id, item_id, choice, people)` of the practice of a session."""
    columns = (participant.c.quiz_id, response.c.item_id, response.c.choice)
    practised = (participant.c.session_id == session_id, response.c.wave == PRACTICE, COUNTED)
    query = select(*columns, func.count()).select_from(response).join(participant)
    found = tx.tuples(query.where(*practised).group_by(*columns))
    return [(quiz_id, item_id, choice, people) for quiz_id, item_id, choice, people in found]


def practised_items(tx: Reading, session_id: str) -> list[tuple[str, int, int]]:
    """`(quiz_id, items, people)`: how many people have answered so many practice offers."""
    each = (
        select(participant.c.quiz_id, func.count().label("items"))
        .select_from(response)
        .join(participant)
        .where(participant.c.session_id == session_id, response.c.wave == PRACTICE, COUNTED)
        .group_by(participant.c.quiz_id, response.c.participant_id)
        .subquery()
    )
    found = tx.tuples(
        select(each.c.quiz_id, each.c["items"], func.count()).group_by(each.c.quiz_id, each.c["items"])
    )
    return [(quiz_id, items, people) for quiz_id, items, people in found]


def _upsert(build: Callable[[Table], Any]) -> Any:
    statement = build(response)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[response.c.participant_id, response.c.wave, response.c.item_id],
        set_={"choice": new.choice, "seq": new.seq, "answered_at": new.answered_at},
        # What was practised stays: its key has been shown.
        where=(new.seq > response.c.seq) & (response.c.wave != PRACTICE),
    )


_UPSERTS: Final = {"sqlite": _upsert(sqlite.insert), "postgresql": _upsert(postgresql.insert)}

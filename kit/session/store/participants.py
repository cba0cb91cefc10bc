"""Participants in the store: who joined a session, and whose token is whose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import case, delete, func, insert, select, update

from kit.session.store.tables import (
    attempt,
    packet,
    participant,
    question,
    response,
    sheet,
    sighting,
    sighting_sheet,
)
from kit.session.store.transaction import Reading, StoredRow, Writing

PHONE: Final = "phone"
PAPER: Final = "paper"
GROUP: Final = "group"
HERE: Final = participant.c.set_aside.is_(False)
"""Who is not set aside, groups with one phone included."""
COUNTED: Final = HERE & (participant.c.origin != GROUP)
"""Who is in the figures. Every reading that counts people or their answers asks for it."""
TOGETHER: Final = HERE & (participant.c.origin == GROUP)
"""Groups with one phone: counted apart from persons."""
# All that a person leaves, in tables of its own.
_DONE: Final = (sheet, response, attempt, question, sighting)


def add_participant(tx: Writing, row: Mapping[str, Any]) -> None:
    """Add a participant."""
    tx.change(insert(participant).values(**row))


def lock_joining(tx: Writing, session_id: str) -> None:
    """Let other replicas wait with their joins, so that blocks of the randomisation stay whole.

    Not a lock of the session's row: its readers would have to give way, each waiting for the other.
    """
    if tx.dialect == "postgresql":
        tx.value(select(func.pg_advisory_xact_lock(int(session_id[:15], 16))))


def count_participants(tx: Reading, session_id: str, audience: str) -> int:
    """How many of an audience have joined by phone. While joining is locked, this cannot race."""
    here = (participant.c.session_id == session_id, participant.c.audience == audience)
    # Packets have blocks of their own.
    same = (*here, participant.c.origin == PHONE)
    return int(tx.value(select(func.count()).select_from(participant).where(*same)))


def participant_with_code(tx: Reading, session_id: str, code_hash: str) -> StoredRow | None:
    """The participant of a session with a personal code, by its hash."""
    same = (participant.c.session_id == session_id, participant.c.code_hash == code_hash)
    return tx.first(select(participant).where(*same))


def participants_with_codes(tx: Reading, codes: Mapping[str, str]) -> dict[str, StoredRow]:
    """The participant of each session who has a code there, by its hash: `{session_id: code_hash}`."""
    query = select(participant).where(participant.c.code_hash.in_(list(codes.values())))
    return {
        row["session_id"]: row for row in tx.rows(query) if codes.get(row["session_id"]) == row["code_hash"]
    }


def participants_by_id(tx: Reading, participant_ids: Sequence[str]) -> dict[str, StoredRow]:
    """Some participants, by their ids."""
    found = tx.rows(select(participant).where(participant.c.participant_id.in_(participant_ids)))
    return {row["participant_id"]: row for row in found}


def participant_by_id(tx: Reading, participant_id: str) -> StoredRow:
    """A participant who is there. Raises KeyError."""
    row = tx.first(select(participant).where(participant.c.participant_id == participant_id))
    if row is None:
        raise KeyError(participant_id)
    return row


def plain_codes(tx: Reading) -> list[StoredRow]:
    """Participants of earlier kits, whose code stands in plain where its hash belongs."""
    return tx.rows(select(participant).where(participant.c.code_hash.contains("-")))


def replace_code(tx: Writing, participant_id: str, code_hash: str) -> None:
    """Keep the hash of a participant's code."""
    tx.change(
        update(participant).where(participant.c.participant_id == participant_id).values(code_hash=code_hash)
    )


def token_holders(tx: Reading, token_hashes: Sequence[str]) -> dict[str, StoredRow]:
    """The participants who hold some tokens, by the tokens' hashes."""
    query = select(participant).where(participant.c.token_hash.in_(token_hashes))
    return {row["token_hash"]: row for row in tx.rows(query)}


def earlier_holders(tx: Reading, token_hashes: Sequence[str]) -> dict[str, StoredRow]:
    """The participants whose earlier phones hold some tokens, by the tokens' hashes."""
    query = select(participant).where(participant.c.earlier_token_hash.in_(token_hashes))
    return {row["earlier_token_hash"]: row for row in tx.rows(query)}


def token_hashes(tx: Reading, participant_ids: Sequence[str]) -> dict[str, tuple[str, str | None]]:
    """The valid token hash of each of some participants, and that of an earlier phone."""
    columns = (participant.c.participant_id, participant.c.token_hash, participant.c.earlier_token_hash)
    query = select(*columns).where(participant.c.participant_id.in_(participant_ids))
    return {participant_id: (valid, earlier) for participant_id, valid, earlier in tx.tuples(query)}


def replace_token(tx: Writing, participant_id: str, token_hash: str, earlier: str) -> None:
    """Give a participant a new token; the phone with the earlier one is told."""
    same = participant.c.participant_id == participant_id
    tx.change(update(participant).where(same).values(token_hash=token_hash, earlier_token_hash=earlier))


def session_participants(tx: Reading, session_id: str) -> list[StoredRow]:
    """Everyone who joined and is counted, in order of joining."""
    query = select(participant).where(participant.c.session_id == session_id, COUNTED)
    return tx.rows(query.order_by(participant.c.joined_at, participant.c.participant_id))


def joined_by_audience(tx: Reading, session_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """People who joined each of some sessions and are counted, by audience."""
    columns = (participant.c.session_id, participant.c.audience)
    query = select(*columns, func.count()).where(columns[0].in_(session_ids), COUNTED).group_by(*columns)
    joined: dict[str, dict[str, int]] = defaultdict(dict)
    for session_id, audience, people in tx.tuples(query):
        joined[session_id][audience] = people
    return joined


def session_groups(tx: Reading, session_id: str) -> list[StoredRow]:
    """The groups of a session that answer with one phone each."""
    query = select(participant).where(participant.c.session_id == session_id, TOGETHER)
    return tx.rows(query.order_by(participant.c.joined_at, participant.c.participant_id))


def set_aside_of(tx: Reading, session_ids: Sequence[str]) -> dict[str, int]:
    """How many people of each of some sessions are set aside."""
    session_id = participant.c.session_id
    query = select(session_id, func.count()).where(session_id.in_(session_ids), ~HERE)
    return {session_id: people for session_id, people in tx.tuples(query.group_by(session_id))}


def bursts_of(tx: Reading, session_id: str) -> list[StoredRow]:
    """Bursts of a session, the first first: `{burst, people, began_at, ended_at, counted}`."""
    same = (participant.c.session_id == session_id, participant.c.burst.is_not(None))
    columns = (
        participant.c.burst,
        func.count().label("people"),
        func.min(participant.c.joined_at).label("began_at"),
        func.max(participant.c.joined_at).label("ended_at"),
        func.sum(case((HERE, 1), else_=0)).label("counted"),
    )
    return tx.rows(select(*columns).where(*same).group_by(columns[0]).order_by(columns[0]))


def last_burst(tx: Reading, session_id: str) -> int:
    """The highest number of a burst of a session; 0 before the first."""
    of_session = (participant.c.session_id == session_id, participant.c.burst.is_not(None))
    return int(tx.value(select(func.max(participant.c.burst)).where(*of_session)) or 0)


def is_burst_aside(tx: Reading, session_id: str, burst: int) -> bool:
    """Whether the people of a burst are set aside; one of them tells, for a burst is set aside whole."""
    same = (participant.c.session_id == session_id, participant.c.burst == burst)
    return bool(tx.value(select(participant.c.set_aside).where(*same).limit(1)))


def mark_burst(tx: Writing, session_id: str, participant_ids: Sequence[str], burst: int, aside: bool) -> None:
    """Note the burst that people of a session came in, and whether its people are set aside."""
    same = (participant.c.session_id == session_id, participant.c.participant_id.in_(participant_ids))
    tx.change(update(participant).where(*same).values(burst=burst, set_aside=aside))


def set_burst_aside(tx: Writing, session_id: str, burst: int, aside: bool) -> int:
    """Set the people of a burst aside or take them back; how many of them there are."""
    same = (participant.c.session_id == session_id, participant.c.burst == burst)
    return tx.change(update(participant).where(*same).values(set_aside=aside))


def remove_person(tx: Writing, participant_id: str) -> None:
    """Remove one participant with everything they did."""
    for table in (*_DONE, packet, participant):
        tx.change(delete(table).where(table.c.participant_id == participant_id))


def remove_people(tx: Writing, session_id: str) -> dict[str, int]:
    """Remove the participants of a session and everything they did; counts by table."""
    same_session = participant.c.session_id == session_id
    people = select(participant.c.participant_id).where(same_session)
    gone = {table.name: tx.change(delete(table).where(table.c.participant_id.in_(people))) for table in _DONE}
    # Most packets belong to nobody yet, and offers noted on paper never do.
    for table in (packet, sighting_sheet):
        gone[table.name] = tx.change(delete(table).where(table.c.session_id == session_id))
    gone["participant"] = tx.change(delete(participant).where(same_session))
    return gone

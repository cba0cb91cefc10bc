"""Attempts in the store: who has submitted which wave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import func, insert, select

from kit.session.store import clock
from kit.session.store.participants import COUNTED
from kit.session.store.tables import attempt, participant
from kit.session.store.transaction import Reading, StoredRow, Writing


def add_attempt(tx: Writing, participant_id: str, wave: str, form: str) -> None:
    """Note that a participant has now submitted a wave, for the first time."""
    row = {"participant_id": participant_id, "wave": wave, "form": form, "submitted_at": clock.now()}
    tx.change(insert(attempt).values(**row))


def submitted_waves(tx: Reading, participant_ids: Sequence[str]) -> dict[str, set[str]]:
    """The waves that each of some participants has submitted."""
    columns = (attempt.c.participant_id, attempt.c.wave)
    submitted: dict[str, set[str]] = defaultdict(set)
    for participant_id, wave in tx.tuples(select(*columns).where(columns[0].in_(participant_ids))):
        submitted[participant_id].add(wave)
    return submitted


def session_attempts(tx: Reading, session_id: str) -> list[StoredRow]:
    """All submitted attempts of a session."""
    return tx.rows(select(attempt).join(participant).where(participant.c.session_id == session_id, COUNTED))


def finished_by_audience(tx: Reading, session_id: str) -> dict[str, dict[str, int]]:
    """People of a session who submitted, by wave and audience."""
    columns = (attempt.c.wave, participant.c.audience)
    query = select(*columns, func.count()).select_from(attempt).join(participant)
    finished: dict[str, dict[str, int]] = defaultdict(dict)
    query = query.where(participant.c.session_id == session_id, COUNTED).group_by(*columns)
    for wave, audience, people in tx.tuples(query):
        finished[wave][audience] = people
    return finished


def finished_by_wave(tx: Reading, session_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """People who submitted in each of some sessions, by wave."""
    columns = (participant.c.session_id, attempt.c.wave)
    query = select(*columns, func.count()).select_from(attempt).join(participant)
    finished: dict[str, dict[str, int]] = defaultdict(dict)
    query = query.where(columns[0].in_(session_ids), COUNTED).group_by(*columns)
    for session_id, wave, people in tx.tuples(query):
        finished[session_id][wave] = people
    return finished

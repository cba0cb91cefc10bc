"""Questions to the officer in the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, insert, select, update

from kit.session.store.participants import HERE
from kit.session.store.tables import participant, question
from kit.session.store.transaction import Reading, StoredRow, Writing


def add_question(tx: Writing, row: Mapping[str, Any]) -> None:
    """Add a question."""
    tx.change(insert(question).values(**row))


def count_questions(tx: Reading, participant_id: str) -> int:
    """How many questions somebody has asked, set aside or not: it is what a phone may ask that is counted."""
    own = question.c.participant_id == participant_id
    return int(tx.value(select(func.count()).select_from(question).where(own)))


def session_questions(tx: Reading, session_ids: Sequence[str]) -> list[StoredRow]:
    """The questions of those who are counted, in the order of asking; whose they are is not told."""
    told = (question.c.question_id, question.c.text, question.c.state, question.c.asked_at)
    query = select(*told).join(participant).where(participant.c.session_id.in_(session_ids), HERE)
    return tx.rows(query.order_by(question.c.asked_at, question.c.question_id))


def change_question(tx: Writing, question_id: str, state: str) -> None:
    """Give a question a new state."""
    tx.change(update(question).where(question.c.question_id == question_id).values(state=state))


def replace_state(tx: Writing, session_id: str, was: str, state: str) -> None:
    """Give all questions of a session in one state another, those of people who are set aside too."""
    here = select(participant.c.participant_id).where(participant.c.session_id == session_id)
    same = (question.c.participant_id.in_(here), question.c.state == was)
    tx.change(update(question).where(*same).values(state=state))

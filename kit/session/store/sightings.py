"""Offers that people have heard of, in the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, insert, select

from kit.session.store.participants import COUNTED
from kit.session.store.tables import participant, sighting
from kit.session.store.transaction import Reading, StoredRow, Writing


def add_sighting(tx: Writing, row: Mapping[str, Any]) -> None:
    """Add a note of an offer."""
    tx.change(insert(sighting).values(**row))


def count_sightings(tx: Reading, participant_id: str) -> int:
    """How many offers somebody has noted."""
    own = sighting.c.participant_id == participant_id
    return int(tx.value(select(func.count()).select_from(sighting).where(own)))


def session_sightings(tx: Reading, session_id: str) -> list[StoredRow]:
    """The notes of those who are counted, without their people, in no order that tells who came first."""
    told = [column for column in sighting.c if column.name != "participant_id"]
    query = select(*told).join(participant).where(participant.c.session_id == session_id, COUNTED)
    return tx.rows(query.order_by(sighting.c.sighting_id))

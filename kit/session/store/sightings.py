"""Offers that people have heard of, in the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, insert, select

from kit.session.store.participants import COUNTED
from kit.session.store.tables import participant, sighting, sighting_sheet
from kit.session.store.transaction import Reading, StoredRow, Writing


def add_sighting(tx: Writing, row: Mapping[str, Any]) -> None:
    """Add a note of an offer."""
    tx.change(insert(sighting).values(**row))


def count_sightings(tx: Reading, participant_id: str) -> int:
    """How many offers somebody has noted."""
    own = sighting.c.participant_id == participant_id
    return int(tx.value(select(func.count()).select_from(sighting).where(own)))


def add_sighting_sheet(tx: Writing, row: Mapping[str, Any]) -> bool:
    """Add a note that came on paper; whether this sheet was not there yet."""
    same = sighting_sheet.c.sighting_id == row["sighting_id"]
    if tx.first(select(sighting_sheet).where(same)) is not None:
        return False
    tx.change(insert(sighting_sheet).values(**row))
    return True


def session_sightings(tx: Reading, session_id: str) -> list[StoredRow]:
    """The notes of those who are counted and of paper, without their people, in no order that tells who came
    first."""
    names = [column.name for column in sighting.c if column.name != "participant_id"]
    phones = select(*(sighting.c[name] for name in names)).join(participant)
    phones = phones.where(participant.c.session_id == session_id, COUNTED)
    papers = select(*(sighting_sheet.c[name] for name in names))
    papers = papers.where(sighting_sheet.c.session_id == session_id)
    return sorted((*tx.rows(phones), *tx.rows(papers)), key=lambda row: row["sighting_id"])

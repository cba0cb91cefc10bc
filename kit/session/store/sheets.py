"""Paper in the store: the people that packets were printed for, and the sheets that came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from kit.session.store.tables import packet, response, sheet
from kit.session.store.transaction import Reading, StoredRow, Writing


def add_packets(tx: Writing, rows: Sequence[Mapping[str, Any]]) -> None:
    """Reserve people."""
    tx.change(insert(packet), [dict(row) for row in rows])


def packet_with_code(tx: Reading, session_id: str, code_hash: str) -> StoredRow | None:
    """The packet of a session with a personal code, by its hash."""
    same = (packet.c.session_id == session_id, packet.c.code_hash == code_hash)
    return tx.first(select(packet).where(*same))


def count_packets(tx: Reading, session_id: str, audience: str | None = None) -> int:
    """How many packets a session has, of one audience or of all."""
    same = [packet.c.session_id == session_id]
    if audience is not None:
        same.append(packet.c.audience == audience)
    return int(tx.value(select(func.count()).select_from(packet).where(*same)))


def add_sheet(tx: Writing, row: Mapping[str, Any]) -> None:
    """Add a sheet."""
    tx.change(insert(sheet).values(**row))


def change_sheet(tx: Writing, sheet_id: str, **values: object) -> None:
    """Change a sheet."""
    tx.change(update(sheet).where(sheet.c.sheet_id == sheet_id).values(**values))


def sheets_of_wave(tx: Reading, participant_id: str, wave: str) -> list[StoredRow]:
    """The sheets of one person in one wave, in the order in which they were read."""
    same = (sheet.c.participant_id == participant_id, sheet.c.wave == wave)
    return tx.rows(select(sheet).where(*same).order_by(sheet.c.read_at, sheet.c.sheet_id))


def session_sheets(tx: Reading, session_id: str) -> list[StoredRow]:
    """All sheets of a session, those that wait for a decision first."""
    query = select(sheet).where(sheet.c.session_id == session_id)
    return tx.rows(query.order_by(sheet.c.status != "review", sheet.c.read_at, sheet.c.sheet_id))


def remove_responses(tx: Writing, participant_id: str, wave: str, item_ids: Sequence[str]) -> None:
    """Take back responses that a person has decided are none."""
    same = (response.c.participant_id == participant_id, response.c.wave == wave)
    tx.change(delete(response).where(*same, response.c.item_id.in_(item_ids)))

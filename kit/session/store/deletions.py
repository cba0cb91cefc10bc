"""Deletions that are not finished: written with the removal of the rows, removed when nothing is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select

from kit.session.store.tables import deletion
from kit.session.store.transaction import Reading, StoredRow, Writing


def find_deletion(tx: Reading, deletion_id: str) -> StoredRow | None:
    """An unfinished deletion by its id."""
    return tx.first(select(deletion).where(deletion.c.deletion_id == deletion_id))


def all_deletions(tx: Reading) -> list[StoredRow]:
    """All unfinished deletions, oldest first."""
    return tx.rows(select(deletion).order_by(deletion.c.begun_at, deletion.c.deletion_id))


def add_deletion(tx: Writing, row: Mapping[str, Any]) -> None:
    """Note that a deletion has begun, unless that is noted already."""
    if find_deletion(tx, row["deletion_id"]) is None:
        tx.change(insert(deletion).values(**row))


def remove_deletions(tx: Writing, deletion_ids: Sequence[str]) -> None:
    """Note that nothing is left of what these deleted."""
    tx.change(delete(deletion).where(deletion.c.deletion_id.in_(deletion_ids)))

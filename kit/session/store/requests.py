"""Requests that carried a key: what they did, kept for a day."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from kit.session.store.tables import request
from kit.session.store.transaction import Reading, StoredRow, Writing


def find_request(tx: Reading, request_id: str) -> StoredRow | None:
    """What was done for a request with this key."""
    return next(iter(tx.rows(select(request).where(request.c.request_id == request_id))), None)


def add_request(tx: Writing, row: dict[str, str], *, older_than: str) -> None:
    """Keep what a request did, and forget those that are older than a moment."""
    tx.change(delete(request).where(request.c.done_at < older_than))
    tx.change(insert(request).values(**row))


def remove_requests(tx: Writing, code: str) -> None:
    """Forget the requests about a session that is removed."""
    tx.change(delete(request).where(request.c.code == code))

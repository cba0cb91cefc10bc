"""What the store stands on: engines, the lock of a SQLite file, copies of it, and the rewriting of it."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError, TimeoutError

from kit.errors import KitError, Unavailable

# How long a rewriting waits for readers each time it is tried; nothing can be written meanwhile.
SCRUB_MILLISECONDS: Final = 300
# PostgreSQL: two transactions got in each other's way and one was ended; the same again succeeds.
_PASSING: Final = ("40001", "40P01", "23503", "23505")


def open_engine(url: str, *, read_only: bool = False) -> Engine:
    """Connections to a store. SQLite: durable commits, and readers that can neither write nor block."""
    # Errors are logged, so they must not carry the values of a statement.
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, pool_size=4, max_overflow=4, hide_parameters=True)
    engine = create_engine(
        url,
        connect_args={"check_same_thread": False, "timeout": 10},
        pool_size=8,
        max_overflow=8,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
        # SQLAlchemy begins transactions itself (below): Python's driver would begin them too late.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA secure_delete=ON")
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def lock_file(path: Path) -> sqlite3.Connection:
    """Hold an exclusive lock in a file beside the store, so that no second service opens it.

    SQLite's own locking does it on every system, and the lock goes with the process, however it dies.
    Raises Unavailable when another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _make_private(path)
    lock = sqlite3.connect(f"{path}.lock", timeout=0, isolation_level=None, check_same_thread=False)
    try:
        lock.execute("PRAGMA journal_mode=OFF")
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        lock.close()
        raise Unavailable("store_in_use", store=str(path)) from None
    return lock


def backup_sqlite(source: Path, target: Path) -> None:
    """Copy a SQLite store, safe while it is in use."""
    target.parent.mkdir(parents=True, exist_ok=True)
    _make_private(target)
    with (
        contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old,
        contextlib.closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)


def rewrite_sqlite(engine: Engine) -> bool:
    """Rewrite a SQLite file without its free pages and empty the write-ahead log.

    False when somebody was reading, so that deleted rows may still lie in the log: try again then.
    """
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={SCRUB_MILLISECONDS}")
        cursor.execute("VACUUM")
        busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        cursor.close()
        return not busy
    finally:
        # Not given back to the pool: its time-out is not the usual one.
        connection.invalidate()


def refusal_of(error: Exception) -> KitError:
    """What a failed commit or reading means for who asked."""
    if isinstance(error, KitError):
        return error
    if isinstance(error, DBAPIError) and re.search("is full|no space left", str(error.orig).lower()):
        return Unavailable("disk_full")
    if isinstance(error, SQLAlchemyError | OSError):
        return Unavailable("store_failed")
    return KitError("unexpected")


def is_away(error: Exception) -> bool:
    """Whether the database itself is the trouble, so that trying each request alone is no use."""
    return isinstance(error, OperationalError | InterfaceError | TimeoutError) and not is_passing(error)


def is_passing(error: Exception) -> bool:
    """Whether another replica got in the way, so that the same transaction will now succeed."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _PASSING


def _make_private(path: Path) -> None:
    """Make an empty file for its owner only; SQLite's log and index files take its rights over."""
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))

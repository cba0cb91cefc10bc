"""What the store stands on: connections, the lock of a SQLite file, copies of it, and its rewriting."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, Engine, create_engine, event

from kit.config import folder_refusal
from kit.errors import Unavailable
from kit.paths import read_only_uri

# How long a rewriting waits for readers each time it is tried; nothing can be written meanwhile.
SCRUB_MILLISECONDS: Final = 300


def open_engine(url: URL, *, read_only: bool = False) -> Engine:
    """Connections to a store. SQLite: durable commits, and readers that can neither write nor block."""
    # Errors are logged, so they must not carry the values of a statement.
    if url.get_backend_name() != "sqlite":
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
    Raises Unavailable when another process holds it, or when nothing can be written there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _make_private(path)
    except OSError as error:
        raise folder_refusal(path.parent, error) from error
    return hold_alone(path, path)


def hold_alone(path: Path, store: Path) -> sqlite3.Connection:
    """Hold `<path>.lock` while this process lives. Raises Unavailable when another process does."""
    try:
        Path(f"{path}.lock").touch(mode=0o600)
    except OSError as error:
        raise folder_refusal(path.parent, error) from error
    lock = sqlite3.connect(f"{path}.lock", timeout=0, isolation_level=None, check_same_thread=False)
    try:
        lock.execute("PRAGMA journal_mode=OFF")
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        lock.close()
        raise Unavailable("store_in_use", store=str(store)) from None
    return lock


def file_identity(path: Path) -> tuple[int, int] | None:
    """Which file lies at a path now; None when there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def backup_sqlite(source: Path, target: Path) -> None:
    """Copy a SQLite store, safe while it is in use, and look whether the copy can be relied on.

    Raises Unavailable when it cannot, and leaves none behind.
    """
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_private(target)
        with (
            contextlib.closing(sqlite3.connect(read_only_uri(source), uri=True)) as old,
            contextlib.closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
        _check_copy(source, target)
    except (sqlite3.Error, OSError) as error:
        target.unlink(missing_ok=True)
        raise Unavailable("backup_failed", folder=str(target.parent)) from error


def _check_copy(source: Path, target: Path) -> None:
    """Open a copy and compare it with its source. Raises sqlite3.DatabaseError."""
    with (
        contextlib.closing(sqlite3.connect(read_only_uri(source), uri=True)) as old,
        # Immutable: otherwise a log would be made beside the copy.
        contextlib.closing(sqlite3.connect(f"{read_only_uri(target)}&immutable=1", uri=True)) as new,
    ):
        sound = new.execute("PRAGMA quick_check").fetchone() == ("ok",)
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        if not sound or old.execute(tables).fetchall() != new.execute(tables).fetchall():
            raise sqlite3.DatabaseError("the copy differs")


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


def _make_private(path: Path) -> None:
    """Make an empty file for its owner only; SQLite's log and index files take its rights over."""
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))

"""The opened store: it gives out readings and writings."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from kit.errors import KitError, Unavailable
from kit.paths import sqlite_path
from kit.session.store.engine import file_identity, lock_file, open_engine, rewrite_sqlite
from kit.session.store.failures import is_away, refusal_of
from kit.session.store.migrate import migrate
from kit.session.store.snapshots import Snapshots
from kit.session.store.transaction import Reading, Writing


class Store:
    """Opens the database, brings it up to date, and gives out readings and writings."""

    def __init__(
        self, url: str, *, backups: Path | None = None, read_only: bool = False, code_key: bytes = b""
    ) -> None:
        """Open a store. `read_only` neither locks nor migrates: for exports beside a running service.

        `code_key` is for the hashes of personal codes; who admits nobody needs none.

        Raises Unavailable when the database cannot be reached, is in use, or is a newer kit's.
        """
        self._path = sqlite_path(url)
        self.url = make_url(url) if self._path is None else URL.create("sqlite", database=str(self._path))
        self.is_sqlite = self._path is not None
        self.snapshots = Snapshots()
        self._code_key = code_key
        self._lock: sqlite3.Connection | None = None
        if self._path is not None and not read_only:
            self._lock = lock_file(self._path)
        self._engine = open_engine(self.url)
        # Readings never wait for the writer: their own connections, in SQLite unable to write.
        self._reading = open_engine(self.url, read_only=True)
        try:
            if not read_only:
                with self._engine.begin() as connection:
                    migrate(connection, self.path, backups)
        except DBAPIError as error:
            self.close()
            raise Unavailable("store_unreachable", store=self.url.render_as_string()) from error
        except KitError:
            self.close()
            raise
        self._identity = None if self._path is None else file_identity(self._path)

    @property
    def path(self) -> Path | None:
        """The SQLite file, None on PostgreSQL."""
        return self._path

    @contextlib.contextmanager
    def writing(self) -> Iterator[Writing]:
        """One transaction: committed to disk at the end, or rolled back whole."""
        with self._engine.begin() as connection:
            self.check_in_place()
            yield Writing(connection, self.snapshots, self._code_key)
        # Moved in the meantime: then the commit went where nobody looks, and must not be told as kept.
        self.check_in_place()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Reading]:
        """A reading that does not wait for the writer. Raises Unavailable when the database is away."""
        try:
            with self._reading.begin() as connection:
                yield Reading(connection, self.snapshots, self._code_key)
        except SQLAlchemyError as error:
            if is_away(error):
                raise refusal_of(error) from error
            raise

    @property
    def trouble(self) -> str | None:
        """Why the store cannot take anything now, as the key of an error, as far as a look at its file tells.

        An open file goes on taking bytes after it was moved or deleted; nobody would find them again.
        """
        if self._path is None:
            return None
        if file_identity(self._path) != self._identity:
            return "store_moved"
        return None if os.access(self._path, os.W_OK) else "store_read_only"

    def check_in_place(self) -> None:
        """Refuse to acknowledge what would not be found again. Raises Unavailable."""
        if self.trouble == "store_moved":
            raise Unavailable("store_moved")

    def scrub(self) -> bool:
        """Leave nothing deleted in free pages or the write-ahead log; False when it must be tried again.

        Must run in the writer's thread: it writes. On PostgreSQL vacuuming is the server's own work.
        """
        if not self.is_sqlite:
            return True
        self._reading.dispose()
        return rewrite_sqlite(self._engine)

    def close(self) -> None:
        """Give back all connections and the lock."""
        self._reading.dispose()
        self._engine.dispose()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

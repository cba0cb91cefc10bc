"""What stands between acts and the database: a reading, and a writing, which may read too.

Neither remembers anything: what one asks twice is read twice, and what many ask for at once is read by
functions that return it all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Connection, Executable, Select, Table

from kit.session.store.snapshots import Snapshots

StoredRow = Mapping[str, Any]
"""A row of the store by column name; all that acts see of SQL."""


class Reading:
    """One moment of the store: whatever is read in it fits together."""

    def __init__(self, connection: Connection, snapshots: Snapshots, code_key: bytes) -> None:
        self._connection = connection
        self.snapshots = snapshots
        # For the hashes of personal codes.
        self.code_key = code_key

    @property
    def dialect(self) -> str:
        """The database's name: `sqlite` or `postgresql`."""
        return self._connection.dialect.name

    def rows(self, query: Executable) -> list[StoredRow]:
        """All rows, each by column name."""
        return cast("list[StoredRow]", self._connection.execute(query).mappings().all())

    def first(self, query: Executable) -> StoredRow | None:
        """The first row, None when there is none."""
        return cast("StoredRow | None", self._connection.execute(query).mappings().first())

    def tuples(self, query: Executable) -> Sequence[tuple[Any, ...]]:
        """All rows, each as a tuple."""
        return cast("Sequence[tuple[Any, ...]]", self._connection.execute(query).all())

    def value(self, query: Executable) -> Any:
        """The first column of the first row, None when there is none."""
        return self._connection.execute(query).scalar()

    def hold(self, query: Select[Any], table: Table) -> Select[Any]:
        """The query of a reading: nothing that it finds is held for later."""
        return query


class Writing(Reading):
    """One change of the store: kept whole, or not at all."""

    def __init__(self, connection: Connection, snapshots: Snapshots, code_key: bytes) -> None:
        super().__init__(connection, snapshots, code_key)
        self.wrote = False

    def change(self, statement: Executable, values: Sequence[Mapping[str, Any]] | None = None) -> int:
        """Change rows; how many. (A bulk insert may not know.)"""
        self.wrote = True
        return self._connection.execute(statement, values).rowcount

    def hold(self, query: Select[Any], table: Table) -> Select[Any]:
        """The query, and on PostgreSQL the rows it finds in a table stand still until the end."""
        return query.with_for_update(read=True, of=table)

"""Put rows where an engine counts them: into DuckDB, into PostgreSQL, or into a session of Spark Connect."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import ibis
import pandas as pd

from kit.bundle.faults import SourceFault
from kit.errors import KitError
from kit.paths import as_pattern
from kit.report.read.bounds import check_parquet

DUCKDB: Final = "duckdb"
POSTGRES: Final = "postgres"
SPARK: Final = "pyspark"
"""Engines by the name that Ibis gives them; Sail speaks the protocol of Spark."""

_BATCH: Final = 200_000
"""Rows that are brought to PostgreSQL at a time."""


@contextmanager
def asked(connection: Any) -> Iterator[None]:
    """Ask an engine for something; what it cannot do is one sentence. Raises SourceFault."""
    try:
        yield
    except KitError:
        raise
    except Exception as broken:  # each engine has errors of its own, and Ibis more
        raise SourceFault("engine_failed", engine=connection.name, reason=first_line(broken)) from broken


def run(connection: Any, expression: ibis.Table) -> Any:
    """The rows of an expression as an Arrow table. Raises SourceFault."""
    with asked(connection):
        if connection.name == SPARK:
            # Ibis would go by way of pandas, where whole numbers beside nulls are fractions.
            return connection.raw_sql(connection.compile(expression)).toArrow()
        return connection.to_pyarrow(expression)


def first_line(broken: BaseException) -> str:
    """What an engine says, without what it adds for its programmers."""
    lines = [line.strip() for line in str(broken).splitlines() if line.strip()]
    return lines[0][:300] if lines else type(broken).__name__


def held_table(frame: pd.DataFrame, connection: Any) -> ibis.Table:
    """A data frame as a table of the engine, by way of Arrow, which tells null from blank."""
    import pyarrow as pa

    return _held(pa.Table.from_pandas(frame, preserve_index=False), connection)


def named_table(frame: pd.DataFrame, connection: Any) -> ibis.Table:
    """A small data frame as a table with a name, there until the session ends."""
    import pyarrow as pa

    if connection.name != DUCKDB:
        return held_table(frame, connection)
    rows, name = pa.Table.from_pandas(frame, preserve_index=False), ibis.util.gen_name("named")
    connection.con.register(name, rows)
    return ibis.table(ibis.Schema.from_pyarrow(rows.schema), name=name)


def _held(rows: Any, connection: Any) -> ibis.Table:
    if connection.name == POSTGRES:
        return _copied(rows.schema, rows.to_batches(max_chunksize=_BATCH), connection)
    if connection.name == SPARK:
        return _sent(rows, connection)
    return ibis.memtable(rows)


def open_parquet(path: Path, connection: Any) -> ibis.Table:
    """A Parquet file as a table of the engine. Raises SourceFault."""
    import pyarrow.parquet as pq

    check_parquet(path)
    if connection.name == POSTGRES:
        file = pq.ParquetFile(path)
        return _copied(file.schema_arrow, file.iter_batches(_BATCH), connection)
    if connection.name == SPARK:
        seen = _seen(path, connection)
        return _sent(pq.read_table(path, partitioning=None), connection) if seen is None else seen
    try:
        found: ibis.Table = connection.read_parquet(as_pattern(path))
        return found
    except Exception as broken:  # DuckDB and Ibis raise many kinds for a file that is not Parquet
        raise SourceFault("not_parquet", file=path.name) from broken


def _copied(schema: Any, batches: Iterable[Any], connection: Any) -> ibis.Table:
    """Rows in a temporary table of PostgreSQL, by COPY: Ibis itself would insert row by row."""
    from pyarrow import csv

    name = ibis.util.gen_name("rows")
    with asked(connection):
        table = connection.create_table(name, schema=ibis.Schema.from_pyarrow(schema), temp=True)
        with connection.con.cursor() as cursor, connection.con.transaction():
            with cursor.copy(f'COPY "{name}" FROM STDIN (FORMAT csv)') as copy:
                for batch in batches:
                    text = io.BytesIO()
                    # Texts are quoted and nulls are not, which is how COPY tells null from blank.
                    csv.write_csv(batch, text, csv.WriteOptions(include_header=False))
                    copy.write(text.getvalue())
            # Without figures about a new table the planner takes it for tiny.
            cursor.execute(f'ANALYZE "{name}"')
    return table


def _sent(rows: Any, connection: Any) -> ibis.Table:
    """Rows sent to Spark, there until the session ends."""
    name = ibis.util.gen_name("rows")
    with asked(connection):
        session = connection.raw_sql("SELECT 1").sparkSession
        session.createDataFrame(rows).createOrReplaceTempView(name)
        return connection.table(name)


def _seen(path: Path, connection: Any) -> ibis.Table | None:
    """The file as Spark itself finds it, where it shares this disk; so its rows go through no network.

    Believed only if it has as many rows there as here: another machine may have another file of this name,
    and Sail takes a missing one for an empty one.
    """
    import pyarrow.parquet as pq

    about = pq.read_metadata(path)
    try:
        table = connection.read_parquet(as_pattern(path.resolve()))
        rows = run(connection, table.agg(n=table.count())).to_pylist()[0]["n"]
    except Exception:  # no such file there, or no right to it: the rows are sent
        return None
    same = rows == about.num_rows and set(table.columns) == set(about.schema.to_arrow_schema().names)
    return table if same else None

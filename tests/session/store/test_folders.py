"""A path is a path: any name of a folder, and folders that take nothing any more."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from kit.bundle.faults import SourceFault
from kit.errors import Unavailable
from kit.paths import as_pattern, read_only_uri, sqlite_path
from kit.report.count.engine import connected
from kit.report.read.stores import read_store
from kit.session.acts import open as opening
from kit.session.run.writer import Writer
from kit.session.store.engine import backup_sqlite
from kit.session.store.store import Store
from tests.conftest import RunningService
from tests.session.conftest import OPENING, join

ODD = ["nomor #5", "50%", "50%41", "apa?mode=memory", "dua  spasi", "日本", "[a-z]*", "x" * 200, "a&b=c;d"]


@pytest.mark.parametrize("name", ODD)
def test_a_store_lies_in_the_folder_that_was_named(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    store = Store(f"sqlite:///{folder / 'kit.db'}")
    writer = Writer(store)
    writer.run(opening.open_session, OPENING)
    assert {path.name for path in folder.iterdir()} >= {"kit.db", "kit.db-wal", "kit.db.lock"}
    assert [path.name for path in tmp_path.iterdir()] == [name]
    with store.reading() as tx:
        assert tx.value(sa.text("SELECT count(*) FROM session")) == 1
    writer.close()
    store.close()


@pytest.mark.parametrize("name", ODD)
def test_a_backup_is_whole_and_lies_in_the_folder_that_was_named(tmp_path: Path, name: str) -> None:
    source, target = tmp_path / name / "kit.db", tmp_path / name / "backups" / "kit-then.db"
    store = Store(f"sqlite:///{source}")
    writer = Writer(store)
    writer.run(opening.open_session, OPENING)
    backup_sqlite(source, target)
    writer.close()
    store.close()
    with contextlib.closing(sqlite3.connect(read_only_uri(target), uri=True)) as copy:
        assert copy.execute("SELECT count(*) FROM session").fetchone() == (1,)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_backup_that_is_not_whole_does_not_count(tmp_path: Path) -> None:
    source = tmp_path / "kit.db"
    source.write_bytes(b"SQLite format 3\0" + b"\1" * 5_000)
    with pytest.raises(Unavailable, match="backup"):
        backup_sqlite(source, tmp_path / "backups" / "kit-then.db")
    assert list((tmp_path / "backups").iterdir()) == []


@pytest.mark.parametrize("name", ODD)
def test_a_report_finds_the_store_in_the_folder_that_was_named(tmp_path: Path, name: str) -> None:
    url = f"sqlite:///{tmp_path / name / 'kit.db'}"
    Store(url).close()
    with connected() as connection, pytest.raises(SourceFault) as refusal:
        read_store(url, connection)
    assert refusal.value.key == "store_empty"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_what_follows_the_scheme_is_the_path_as_it_is() -> None:
    assert sqlite_path("sqlite:////a/b?c#d%20/kit.db") == Path("/a/b?c#d%20/kit.db")
    assert sqlite_path("postgresql+psycopg://u@h/kit") is None
    assert as_pattern(Path("/a/[b]?*/c")) == "/a/[[]b][?][*]/c"


def test_nothing_is_acknowledged_that_goes_where_nobody_looks(tmp_path: Path) -> None:
    path = tmp_path / "kit.db"
    store = Store(f"sqlite:///{path}")
    writer = Writer(store)
    code = writer.run(opening.open_session, OPENING)
    path.rename(tmp_path / "moved.db")
    with pytest.raises(Unavailable) as refusal:
        join(writer, code)
    assert refusal.value.key == writer.alarm == "store_moved"
    (tmp_path / "moved.db").rename(path)
    assert writer.alarm is None or join(writer, code)
    assert join(writer, code)
    assert writer.alarm is None
    writer.close()
    store.close()


def test_a_store_that_is_moved_away_raises_the_alarm_before_anybody_answers(service: RunningService) -> None:
    code = service.open_session()
    (service.results / "kit.db").rename(service.results / "kit.moved")
    assert service.phone().get("/api/health").json()["status"] == "alarm"
    alarm = service.control.session(code)["alarm"]
    assert alarm == "store_moved", "the wire carries the code; the deck says it in the officer's language"
    assert "tempatnya" in Unavailable(alarm).title("id")


READ_ONLY = """
import sys
from kit.config import settings
from kit.serve import supervise
from kit.errors import KitError
try:
    supervise(settings(), host="127.0.0.1", port=0, jupyter_port=0, jupyter=False, browser=False)
except KitError as refusal:
    sys.exit(refusal.render("en"))
"""


@pytest.mark.skipif(os.name == "nt", reason="folders of /proc")
def test_a_folder_that_takes_nothing_is_one_sentence() -> None:
    # Even root can make nothing below /proc.
    environment = {**os.environ, "KIT_RESULTS": "/proc/kit-results"}
    ended = subprocess.run([sys.executable, "-c", READ_ONLY], env=environment, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "/proc/kit-results" in ended.stderr.replace("\n", "")


def test_a_stick_that_knows_no_owners_is_used_all_the_same(
    monkeypatch: pytest.MonkeyPatch, start: Callable[..., RunningService], tmp_path: Path
) -> None:
    from kit.config import is_private, private_folder, settings

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setenv("KIT_RESULTS", str(tmp_path))
    monkeypatch.setattr(Path, "chmod", refuse)
    (tmp_path / ".kit").mkdir(mode=0o777)
    os.chmod(tmp_path / ".kit", 0o777)
    assert not is_private(private_folder(settings()))

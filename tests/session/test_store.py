"""Store, writer and rules below HTTP, on both databases."""

from __future__ import annotations

import asyncio
import gc
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kit.config import settings
from kit.errors import Conflict, KitError, NotAllowed, Unavailable
from kit.session import requests, rules, upkeep
from kit.session.store import MIGRATIONS, ResponseRow, Store
from kit.session.writer import Writer
from tests.session.conftest import OPENING, QUIZ


@pytest.fixture
def writer(store: Store) -> Iterator[Writer]:
    running = Writer(store)
    yield running
    running.close()


def join(writer: Writer, code: str) -> requests.Identity:
    joined = writer.run(rules.join, requests.Join(code, "student", True, "id"))
    with writer._store.reading() as tx:
        return rules.identify(tx, code, joined.token)


def test_a_batch_answers_each_request_for_itself(writer: Writer) -> None:
    code = writer.run(rules.open_session, OPENING)
    people = [join(writer, code) for _ in range(3)]
    writer.run(rules.move, (code, "pre"))
    item = QUIZ.form_items(people[0].arm[0])[0]
    stranger = requests.Identity(
        **{**{n: getattr(people[0], n) for n in requests.Identity.__slots__}, "token_hash": "x"}
    )
    answers = [
        requests.Answer(people[0], "pre", item.item_id, ("fraud",), 1),
        requests.Answer(people[0], "pre", item.item_id, ("genuine",), 3),
        requests.Answer(people[0], "pre", item.item_id, ("unsure",), 2),
        requests.Answer(people[0], "pre", "nothing", ("fraud",), 1),
        requests.Answer(people[0], "post", item.item_id, ("fraud",), 1),
        requests.Answer(stranger, "pre", item.item_id, ("fraud",), 9),
    ]
    futures = [writer.submit(rules.record_responses, answer) for answer in answers]
    assert [future.result() for future in futures[:3]][-1] == 3
    assert isinstance(futures[3].exception(), KitError)
    assert isinstance(futures[4].exception(), Conflict)
    assert isinstance(futures[5].exception(), NotAllowed)
    with writer._store.reading() as tx:
        (row,) = tx.responses(people[0].participant_id)
    assert (row["choice"], row["seq"]) == ("genuine", 3)


def test_a_failing_request_does_not_spoil_its_batch(writer: Writer) -> None:
    def explode(_tx: object, _requests: object) -> list[object]:
        raise RuntimeError("boom")

    futures = [writer.submit(explode, None)]
    futures += [
        writer.submit(one, OPENING) for one in [lambda tx, r: [rules.open_session(tx, x) for x in r]] * 3
    ]
    assert isinstance(futures[0].exception(), KitError)
    assert len({future.result() for future in futures[1:]}) == 3


def test_sessions_survive_reopening_the_store(store_url: str) -> None:
    store = Store(store_url)
    writer = Writer(store)
    code = writer.run(rules.open_session, OPENING)
    who = join(writer, code)
    writer.close()
    store.close()
    store = Store(store_url)
    with store.reading() as tx:
        view = rules.view_session(tx, code)
        assert view.quizzes[0].sha256 == QUIZ.sha256
        assert len(tx.participants(who.session_id)) == 1
    store.close()


def test_editing_a_quiz_does_not_change_a_past_session(writer: Writer) -> None:
    code = writer.run(rules.open_session, OPENING)
    rules._views.clear()
    with writer._store.reading() as tx:
        kept = rules.view_session(tx, code).quizzes[0]
    assert kept.canonical_json() == QUIZ.canonical_json()


def test_a_second_service_on_one_sqlite_store_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'kit.db'}"
    first = Store(url)
    with pytest.raises(Unavailable) as refusal:
        Store(url)
    assert refusal.value.key == "store_in_use"
    first.close()
    Store(url).close()


def test_a_store_of_a_newer_kit_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "kit.db"
    Store(f"sqlite:///{path}").close()
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(Unavailable) as refusal:
        Store(f"sqlite:///{path}")
    assert refusal.value.key == "store_newer"


def test_a_full_disk_refuses_without_losing_what_was_kept(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'kit.db'}")
    writer = Writer(store)
    code = writer.run(rules.open_session, OPENING)
    who = join(writer, code)
    writer.run(rules.move, (code, "pre"))

    def pages(limit: int) -> None:
        with store._engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count={limit}")

    with store._engine.connect() as connection:
        used = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    pages(used)

    def crowd() -> None:
        for _ in range(500):
            join(writer, code)

    with pytest.raises(Unavailable) as refusal:
        crowd()
    assert refusal.value.key == "disk_full"
    assert writer.alarm == "disk_full"
    pages(2**30)
    join(writer, code)
    assert writer.alarm is None
    with store.reading() as tx:
        assert who.participant_id in {row["participant_id"] for row in tx.participants(who.session_id)}
    writer.close()
    store.close()


def test_a_migration_makes_a_backup_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, backups = tmp_path / "kit.db", tmp_path / "backups"
    Store(f"sqlite:///{path}").close()
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("INSERT INTO site (site_id, name) VALUES ('1', 'Kebon Kosong')")
    connection.close()
    copied = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, copied)
    (copied / "versions" / "v9_test.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\nrevision = 'test9'\ndown_revision = '0002'\n"
        "def upgrade():\n    op.add_column('site', sa.Column('postcode', sa.String(5)))\n"
    )
    monkeypatch.setattr("kit.session.store.MIGRATIONS", copied)
    Store(f"sqlite:///{path}", backups=backups).close()
    (backup,) = backups.iterdir()
    for file, columns in ((path, 6), (backup, 5)):
        connection = sqlite3.connect(file)
        assert len(connection.execute("PRAGMA table_info(site)").fetchall()) == columns
        assert connection.execute("SELECT name FROM site").fetchone() == ("Kebon Kosong",)
        connection.close()


def test_migrations_make_the_tables_the_code_expects(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from kit.session.tables import metadata

    with store._engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_upsert_keeps_the_higher_seq(store: Store, writer: Writer) -> None:
    code = writer.run(rules.open_session, OPENING)
    who = join(writer, code)
    row = ResponseRow(who.participant_id, "pre", "x", "a", 5, "now")
    with store.begin() as tx:
        assert set(tx.upsert_responses([row]).values()) == {5}
        lower = ResponseRow(who.participant_id, "pre", "x", "b", 4, "later")
        assert set(tx.upsert_responses([lower]).values()) == {5}
    with store.reading() as tx:
        assert tx.responses(who.participant_id)[0]["choice"] == "a"


def test_full_collections_wait_until_nobody_answers(
    writer: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "COLLECT_SECONDS", 0.02)
    monkeypatch.setenv("KIT_RESULTS", str(tmp_path))
    keeper = upkeep.Upkeep(settings(), writer._store, writer, lambda code: None)

    async def full_collections(meanwhile: Callable[[], None]) -> int:
        seen: list[int] = []

        def note(phase: str, info: dict[str, int]) -> None:
            if phase == "stop" and info["generation"] == 2:
                seen.append(1)

        task = asyncio.create_task(keeper.collect_garbage())
        gc.callbacks.append(note)
        gc.disable()
        try:
            for _ in range(20):
                await asyncio.sleep(0.02)
                meanwhile()
        finally:
            gc.enable()
            gc.callbacks.remove(note)
            task.cancel()
        return len(seen)

    def answer() -> None:
        writer.busy_at = time.monotonic()

    answer()
    assert asyncio.run(full_collections(answer)) == 0
    writer.busy_at = time.monotonic() - 2 * upkeep.QUIET_SECONDS
    assert asyncio.run(full_collections(lambda: None)) > 0

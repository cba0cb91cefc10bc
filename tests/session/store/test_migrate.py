"""Stores of earlier kits go on, with a backup first; one of a later kit is left alone."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kit.errors import Unavailable
from kit.session.store.migrate import MIGRATIONS
from kit.session.store.store import Store
from tests.session.conftest import QUIZ


def test_a_store_of_the_first_kit_goes_on_and_its_backup_can_be_restored(
    tmp_path: Path, start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    results = tmp_path / "results"
    results.mkdir()
    path = results / "kit.db"
    first = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, first)
    for version in (first / "versions").glob("v0*.py"):
        if not version.name.startswith("v0001"):
            version.unlink()
    monkeypatch.setattr("kit.session.store.migrate.MIGRATIONS", first)
    Store(f"sqlite:///{path}").close()
    monkeypatch.undo()
    with contextlib.closing(sqlite3.connect(path)) as old, old:
        old.execute("INSERT INTO site (site_id, name) VALUES ('s', 'Kebon Kosong')")
        old.execute(
            "INSERT INTO session (session_id, code, site_id, held_on, minors_consent, rehearsal, "
            "followup_days, stage, version, seed, opened_at) "
            "VALUES (?, 'K7M4QX', 's', '2026-11-23', 1, 0, 90, 'lobby', 1, 'x', '2026-11-23T01:00:00.000Z')",
            ("0123456789abcdef" * 2,),
        )
        old.execute(
            "INSERT INTO session_quiz VALUES (?, 'students', 0, ?, ?)",
            ("0123456789abcdef" * 2, QUIZ.sha256, QUIZ.canonical_json()),
        )
        old.execute(
            "INSERT INTO participant "
            "VALUES (?, ?, 'students', 'student', 'AB', 'id', 'RUSA-4821', ?, 'lobby', ?)",
            ("abcdef0123456789" * 2, "0123456789abcdef" * 2, "a" * 64, "2026-11-23T01:00:00.000Z"),
        )
    service = start()
    resume = "/api/sessions/K7M4QX/participants/resume"
    back = service.phone().post(resume, json={"personal_code": "rusa 4821"})
    assert back.json()["participant_id"] == "abcdef0123456789" * 2
    tried = [service.phone().post(resume, json={"personal_code": f"KUDA-{n:04d}"}) for n in range(50)]
    assert tried[-1].status_code == 429, "where such codes were given they can be guessed"
    person = service.join("K7M4QX")
    (backup,) = (results / "backups").iterdir()
    assert backup.stat().st_mode & 0o077 == 0
    service.process.kill()
    service.process.wait(10)
    for leftover in results.glob("kit.db*"):
        leftover.unlink()
    shutil.copy(backup, path)
    service.restart(kill=True)
    assert service.control.session("K7M4QX")["joined"] == 1, "the backup is from before anybody joined"
    assert service.join("K7M4QX").participant_id != person.participant_id


def test_a_migration_that_fails_leaves_the_store_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, backups = tmp_path / "kit.db", tmp_path / "backups"
    Store(f"sqlite:///{path}").close()
    broken = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, broken)
    (broken / "versions" / "v9_broken.py").write_text(
        "from alembic import op\nimport sqlalchemy as sa\nrevision = 'broken'\ndown_revision = '0013'\n"
        "def upgrade():\n    op.add_column('site', sa.Column('half', sa.String(5)))\n"
        "    op.execute('SELECT nothing FROM nowhere')\n"
    )
    with monkeypatch.context() as patched:
        patched.setattr("kit.session.store.migrate.MIGRATIONS", broken)
        with pytest.raises(Unavailable):
            Store(f"sqlite:///{path}", backups=backups)
    assert len(list(backups.iterdir())) == 1
    with contextlib.closing(sqlite3.connect(path)) as store:
        assert "half" not in [row[1] for row in store.execute("PRAGMA table_info(site)")]
    Store(f"sqlite:///{path}").close()


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
        "import sqlalchemy as sa\nfrom alembic import op\nrevision = 'test9'\ndown_revision = '0013'\n"
        "def upgrade():\n    op.add_column('site', sa.Column('postcode', sa.String(5)))\n"
    )
    monkeypatch.setattr("kit.session.store.migrate.MIGRATIONS", copied)
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

    from kit.session.store.tables import metadata

    with store._engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []

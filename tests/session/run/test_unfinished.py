"""A deletion that was interrupted is finished later, and a receipt comes only when nothing is left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest

from kit.config import settings
from kit.session.acts.unfinished import SESSION, Unfinished, begin_session, put_back
from kit.session.client import Control
from kit.session.run.deletion import Deletions
from kit.session.run.writer import Writer
from kit.session.store.engine import backup_sqlite
from kit.session.store.store import Store
from tests.conftest import TOKEN, Person
from tests.session.conftest import QUIZ
from tests.session.traces import check_no_trace, wait_for


def test_a_held_file_leaves_a_deletion_that_is_finished_by_asking_again(
    in_process: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = in_process()
    hall.http.headers["Authorization"] = f"Bearer {TOKEN}"
    control = Control(hall.url, TOKEN, timeout=60)
    code = control.open_session(quizzes=["students"], site="Desa Rahasia", minors_consent=True)["code"]
    people = [Person(_phone(hall.url), code, "id", "student", QUIZ) for _ in range(2)]
    for person in people:
        person.http.close()
    bundle = tmp_path / control.close(code)["bundle"]
    path = f"/api/control/sessions/{code}"
    unlink = Path.unlink

    def held(self: Path, missing_ok: bool = False) -> None:
        if self.name == "responses.parquet":
            raise PermissionError(13, "used by another process", str(self))
        unlink(self, missing_ok=missing_ok)

    with monkeypatch.context() as excel:
        excel.setattr(Path, "unlink", held)
        refused = hall.http.delete(path, timeout=60)
    assert (refused.status_code, refused.json()["code"]) == (503, "deletion_unfinished")
    assert "responses.parquet" in refused.json()["title"]
    assert [path.name for path in bundle.iterdir()] == ["responses.parquet"]
    assert control.sessions() == []
    assert [one["code"] for one in control.deletions()] == [code]
    receipt = hall.http.delete(path, timeout=60).json()
    assert (receipt["site"], receipt["rows"]["participant"], receipt["scrubbed"]) == ("Desa Rahasia", 2, True)
    assert control.deletions() == []
    assert hall.http.delete(path).status_code == 404
    control.close_connection()
    check_no_trace(tmp_path, ["Desa Rahasia", code, *(person.participant_id for person in people)])


def test_a_deletion_that_a_crash_interrupted_is_finished_at_the_next_start(service: Any) -> None:
    code = service.open_session(site="Desa Rahasia")
    person = service.join(code)
    bundle = service.results / service.control.close(code)["bundle"]
    backup_sqlite(service.results / "kit.db", service.results / "backups" / "kit-old.db")
    service.process.kill()
    service.process.wait(10)
    store = Store(f"sqlite:///{service.results / 'kit.db'}")
    writer = Writer(store)
    writer.run(begin_session, code)
    writer.close()
    store.close()
    assert bundle.is_dir()
    service.restart()
    wait_for(lambda: not bundle.exists() and service.control.deletions() == [])
    check_no_trace(service.results, ["Desa Rahasia", person.participant_id])


def test_one_person_is_deleted_and_what_was_counted_stays(service: Any) -> None:
    code = service.open_session()
    people = [service.join(code) for _ in range(3)]
    service.control.move(code, "pre")
    for person in people:
        person.answer("pre", right=3)
    bundle = service.results / service.control.close(code)["bundle"]
    gone, *others = people
    address = f"/api/sessions/{code}/participants/me"
    assert gone.http.delete(address).json() == {"deleted": True}
    assert gone.http.delete(address).json()["code"] == "stale_token"
    assert service.control.session(code)["joined"] == 2
    wait_for(lambda: service.control.deletions() == [])
    for name in ("responses.parquet", "participants.parquet"):
        kept = set(pd.read_parquet(bundle / name)["participant"])
        assert kept == {person.participant_id for person in others}
    assert (bundle / "report.html").is_file()
    check_no_trace(service.results, [gone.participant_id, gone.personal_code])
    assert others[0].feedback().status_code == 200


def _phone(url: str) -> httpx.Client:
    return httpx.Client(base_url=url, trust_env=False, timeout=30)


def test_a_deletion_is_unfinished_until_the_bytes_of_its_note_are_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(f"sqlite:///{tmp_path / 'kit.db'}")
    writer = Writer(store)
    deletions = Deletions(replace(settings(), results=tmp_path), store, writer)
    begun = Unfinished("a" * 32, SESSION, "K7M4QX", "2026-11-27T10:00:00.000Z", {"site": "Desa Rahasia"})
    seen: list[list[Unfinished]] = []

    def scrub() -> bool:
        seen.append(deletions.nearly())
        return True

    monkeypatch.setattr(Store, "scrub", lambda _: scrub())
    writer.run(put_back, begun)
    asyncio.run(deletions.finish(begun))
    writer.close()
    store.close()
    assert seen == [[], [begun]]
    assert deletions.nearly() == []

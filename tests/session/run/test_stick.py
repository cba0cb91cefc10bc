"""A backup on a stick, and a new laptop that goes on from it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kit.config import Settings, settings
from kit.errors import KitError
from kit.session.run.stick import backups_on, check_backup, restore, write_backup


def chosen_for(results: Path) -> Settings:
    return dataclasses.replace(settings(), results=results, store=f"sqlite:///{results / 'kit.db'}")


def test_a_new_laptop_goes_on_from_a_stick(start: Callable[..., Any], tmp_path: Path) -> None:
    old, stick = start("old"), tmp_path / "stick"
    stick.mkdir()
    code = old.open_session(held_on="2026-11-20")
    personal_code = old.join(code).personal_code
    old.control.close(code)
    made = write_backup(chosen_for(old.results), stick)
    assert (made.bundles, made.has_store) == (1, True)
    again = write_backup(chosen_for(old.results), stick)
    assert backups_on(stick) == [again], "the same day's is replaced, and no half one is left"
    assert [path.name for path in stick.iterdir()] == [made.folder.name]

    new = start("new")
    chosen = chosen_for(new.results)
    assert restore(chosen, made.folder, with_store=True) == 1
    assert restore(chosen, made.folder, with_store=False) == 0, "what is here is left alone"
    assert new.control.sessions() == [], "the store is taken up at the next start"
    new.restart()
    assert [one["code"] for one in new.control.sessions()] == [code]
    new.control.move(code, "followup")
    resumed = new.phone().post(
        f"/api/sessions/{code}/participants/resume", json={"personal_code": personal_code}
    )
    assert resumed.status_code == 200, "personal codes hold on the new laptop"
    assert list((new.results / "backups").glob("before-restore-*/kit.db"))


def test_a_spoiled_backup_is_refused_and_changes_nothing(start: Callable[..., Any], tmp_path: Path) -> None:
    service = start("old")
    service.control.close(service.open_session())
    stick = tmp_path / "stick"
    stick.mkdir()
    made = write_backup(chosen_for(service.results), stick)
    (report,) = made.folder.glob("*/report.json")
    report.write_text(report.read_text() + " ")
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    for wrong in (made.folder, stick):
        with pytest.raises(KitError):
            restore(chosen_for(fresh), wrong, with_store=True)
    assert list(fresh.iterdir()) == []
    told = json.loads((made.folder / "backup.json").read_text())
    (made.folder / "backup.json").write_text(json.dumps({**told, "../../evil": "0"}))
    assert backups_on(stick) == []
    with pytest.raises(ValueError, match=made.folder.name):
        check_backup(made.folder)


def test_a_stick_that_cannot_be_written_is_one_sentence(start: Callable[..., Any], tmp_path: Path) -> None:
    service = start("old")
    with pytest.raises(KitError) as refused:
        write_backup(chosen_for(service.results), tmp_path / "pulled-out")
    assert refused.value.key == "stick_failed"

"""People are deleted after their time, and the report stays."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
from typing import Any

import pandas as pd
import pytest

from kit.bundle import layout
from kit.session.client import Refused
from kit.session.store.engine import backup_sqlite
from tests.session.traces import change_store, check_no_trace, happened, wait_for


def test_people_are_deleted_after_their_time_and_the_report_stays(service: Any) -> None:
    code, kept = service.open_session(held_on="2020-01-01"), service.open_session()
    people = [service.join(code) for _ in range(3)]
    other = service.join(kept)
    service.control.move(code, "pre")
    for person in people:
        person.answer("pre", right=3)
    bundle = service.results / service.control.close(code)["bundle"]
    backup_sqlite(service.results / "kit.db", service.results / "backups" / "kit-old.db")
    # The laptop stands in a cupboard; somebody has moved the bundle away.
    for path in bundle.iterdir():
        path.unlink()
    bundle.rmdir()
    change_store(
        service.results,
        "UPDATE session SET held_on = '2020-01-01', closed_at = '2020-01-01T10:00:00.000Z', "
        "first_closed_at = '2020-01-01T10:00:00.000Z' WHERE code = ?",
        code,
    )
    service.restart()
    noted = "SELECT due_noted_at FROM session WHERE due_noted_at IS NOT NULL"
    with contextlib.closing(sqlite3.connect(service.results / "kit.db")) as store:
        wait_for(lambda: store.execute(noted).fetchall())
    assert service.control.session(code)["joined"] == 3
    change_store(
        service.results, "UPDATE session SET due_noted_at = '2021-01-01T10:00:00.000Z' WHERE code = ?", code
    )
    service.restart()
    wait_for(lambda: service.control.session(code)["purged_at"])
    wait_for(lambda: bundle.is_dir() and not (bundle / "participants.parquet").exists())
    wait_for(lambda: not (service.results / "backups").exists())
    wait_for(lambda: json.loads((bundle / layout.SESSION).read_text("utf-8")).get(layout.MERGED))
    service.process.terminate()
    service.process.wait(15)
    traces = [person.participant_id for person in people] + [person.personal_code for person in people]
    check_no_trace(service.results, traces)
    service.restart(kill=True)
    names = {path.name for path in bundle.iterdir()}
    assert names >= {"session.json", "cube.parquet", "report.html", "report.json", "manifest.json"}
    assert not names & set(layout.RAW)
    sums = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    assert set(sums) == names - {"manifest.json"}
    assert all(
        hashlib.sha256((bundle / name).read_bytes()).hexdigest() == kept for name, kept in sums.items()
    )
    assert pd.read_parquet(bundle / layout.CUBE).empty, "three people: whoever knows two would know the third"
    live = service.control.session(code)
    assert (live["joined"], live["moves"], live["results"], live["stage"]) == (0, [], None, "closed")
    for again in (lambda: service.control.close(code), lambda: service.control.move(code, "closed")):
        with pytest.raises(Refused) as refusal:
            again()
        assert refusal.value.key == "session_purged"
    assert (bundle / "report.json").is_file()
    assert people[0].feedback().json()["code"] == "stale_token"
    assert service.control.session(kept)["joined"] == 1
    assert other.wave("pre").json()["code"] == "wave_closed"


def test_a_session_left_open_ends_with_a_report_of_all_its_answers_and_nobody_in_it(service: Any) -> None:
    never_closed = service.open_session(held_on="2020-01-01")
    reopened = service.open_session(site="Tanjung Asri", held_on="2020-01-01")
    silent = service.open_session(site="Rawa Indah", held_on="2020-01-01")
    person, returner, watcher = (service.join(code) for code in (never_closed, reopened, silent))
    service.control.move(never_closed, "pre")
    person.answer("pre", right=3)
    service.control.move(reopened, "pre")
    returner.answer("pre", right=3)
    stale = service.results / service.control.close(reopened)["bundle"]
    service.control.move(reopened, "followup")
    returner.answer("followup", right=5)
    assert "followup" not in set(pd.read_parquet(stale / "responses.parquet")["wave"])
    happened(service.results, "2020-01-01", "2020-01-01", answered="2020-01-03", closed="2020-01-02")
    change_store(
        service.results,
        "UPDATE session SET closed_at = NULL, first_closed_at = NULL WHERE code <> ?",
        reopened,
    )
    change_store(service.results, "UPDATE session SET due_noted_at = '2020-09-01T10:00:00.000Z'")
    service.restart()
    for code in (never_closed, reopened, silent):
        wait_for(lambda code=code: service.control.session(code)["purged_at"])
        live = service.control.session(code)
        assert (live["stage"], live["joined"]) == ("closed", 0)
        bundle = service.results / live["bundle"]
        wait_for(lambda bundle=bundle: not (bundle / "participants.parquet").exists())
        assert (bundle / "report.html").is_file()
    told = json.loads((stale / "report.json").read_text(encoding="utf-8"))
    assert told["flow"]["n_joined"] == 1
    assert (told["flow"]["n_pre"], told["flow"]["n_followup"]) == (1, 1)
    people = (person, returner, watcher)
    service.process.terminate()
    service.process.wait(15)
    check_no_trace(
        service.results, [one.participant_id for one in people] + [one.personal_code for one in people]
    )
    service.restart(kill=True)


def test_a_place_merged_after_the_retention_time_has_one_history(service: Any) -> None:
    control = service.control
    old = service.open_session(site="Kebon Kosng", held_on="2020-01-01")
    new = service.open_session(site={"name": "Kebon Kosong", "district": "Kemayoran"}, held_on="2026-11-23")
    people = [service.join(old) for _ in range(24)]
    for stage in ("pre", "lesson", "post"):
        control.move(old, stage)
        if stage != "lesson":
            for number, person in enumerate(people):
                person.answer(stage, right=3 + number % 3)
    control.move(old, "results")
    bundle = service.results / control.close(old)["bundle"]
    control.close(new)
    change_store(
        service.results,
        "UPDATE session SET closed_at = ?, first_closed_at = ?, due_noted_at = ? WHERE code = ?",
        *("2020-01-01T10:00:00.000Z", "2020-01-01T10:00:00.000Z", "2021-01-01T10:00:00.000Z", old),
    )
    service.restart()
    wait_for(lambda: control.session(old)["purged_at"])
    wait_for(lambda: json.loads((bundle / layout.SESSION).read_text("utf-8")).get(layout.MERGED))
    gone, into = (control.session(code)["site_id"] for code in (old, new))
    counted = pd.read_parquet(bundle / layout.CUBE)
    assert set(counted["site_id"].dropna()) == {gone}
    assert control.merge_sites(gone, into) == {"site_id": into, "moved": [old]}
    assert [site["sessions"] for site in control.sites()] == [[new, old]]
    told = json.loads((bundle / layout.SESSION).read_text("utf-8"))
    assert (told["site"]["site_id"], told["site"]["name"]) == (into, "Kebon Kosong")
    moved = pd.read_parquet(bundle / layout.CUBE)
    same = [column for column in counted if column not in ("site_id", "site", "district")]
    pd.testing.assert_frame_equal(moved[same], counted[same])
    assert set(moved["site_id"].dropna()) == {into}
    assert set(moved["site"].dropna()) == {"Kebon Kosong"}
    sums = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    assert all(layout.file_sum(bundle / name) == kept for name, kept in sums.items())

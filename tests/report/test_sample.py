"""The sample that comes with the kit: invented, marked, small, made anew by a command, and never mixed in."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import kit.report
from kit.bundle.faults import SourceFault
from kit.bundle.layout import SAMPLE_PREFIX
from kit.bundle.read import check_manifest
from kit.bundle.write import response_rows, session_json
from kit.notebook.meetings import list_past, rehearsals_of
from kit.quiz.read import load_quizzes
from kit.sample import PEOPLE, QUIZ, VISITS, sample_session
from kit.workspace.lay import carried_files
from tests.conftest import QUIZZES, ROOT
from tests.crowd import Crowd, leave_bundle

SAMPLES = sorted((ROOT / "results").glob(f"{SAMPLE_PREFIX}*"))


def test_two_visits_of_sixty_people_are_carried_and_marked() -> None:
    found = kit.report.find_bundles(ROOT / "results")
    samples = [one for one in found if one.sample]
    assert [one.folder for one in reversed(samples)] == SAMPLES
    assert all(one.rehearsal and "Contoh" in one.site and "Contoh" in one.event for one in samples)
    assert {one.joined for one in samples} == {PEOPLE}
    assert len({one.place.site_id for one in samples}) == 1
    assert [one.finished_followup > 0 for one in samples] == [False, True]
    carried = {name for name, _ in carried_files()}
    assert {f"results/{path.name}/report.html" for path in SAMPLES} <= carried


def test_the_sample_is_small_and_whole() -> None:
    files = [path for folder in SAMPLES for path in folder.iterdir()]
    assert sum(path.stat().st_size for path in files) < 600_000
    for folder in SAMPLES:
        check_manifest(folder)
        written = json.loads((folder / "report.json").read_text())
        assert [note["code"] for note in written["notes"]].count("rehearsal") == 1
        assert "GLADI" in (folder / "report.html").read_text()


def test_the_same_seed_gives_the_same_people() -> None:
    quiz = load_quizzes(QUIZZES)[QUIZ]
    for visit in VISITS:
        first, again, other = (sample_session(visit, quiz, seed) for seed in (1, 1, 2))
        assert session_json(first) == session_json(again)
        assert response_rows(first).equals(response_rows(again))
        assert not response_rows(first).equals(response_rows(other))


def test_a_sample_is_in_no_report_about_people(tmp_path: Path) -> None:
    people = leave_bundle(tmp_path, Crowd(n=12))
    with pytest.raises(SourceFault) as refused:
        kit.report.load(people, SAMPLES[0])
    assert refused.value.key == "sample_mixed"
    shutil.copytree(SAMPLES[0], tmp_path / SAMPLES[0].name)
    assert [record.sample for record in kit.report.load(tmp_path).records] == [False]
    both = kit.report.load(*SAMPLES)
    assert both.cube().score["n"].sum() == 2 * PEOPLE


def test_the_start_page_keeps_samples_apart() -> None:
    past = list_past(ROOT / "results")
    sessions: list[dict[str, Any]] = []
    assert rehearsals_of(sessions, past) == [one for one in past if one.rehearsal and not one.sample]

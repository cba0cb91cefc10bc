"""What a bundle tells a curious colleague who has the folder: as little as it can."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from kit.bundle.write import ClosedSession, people_rows, write_bundle
from kit.quiz.read import load_quiz
from kit.study.place import Site
from tests.conftest import QUIZZES

STAGES = ["lobby"] * 9 + ["pre"]


def session() -> ClosedSession:
    """Ten people in order of joining, the last of them late, the second reading English."""
    people = [
        {
            "participant_id": f"{(7 * n) % 10}", "audience": "teacher", "arm": "AB", "quiz_id": "teachers",
            "language": "en" if n == 1 else "id", "joined_stage": STAGES[n],
        }
        for n in range(10)
    ]  # fmt: skip
    return ClosedSession(
        details={"code": "K7M4QX", "event": "", "held_on": "2026-11-23"},
        title={"id": "x", "en": "x"},
        site=Site("1", "SMA Satu"),
        quizzes=[load_quiz(QUIZZES / "teachers.yaml")],
        people=people,
        responses=[],
        submitted=frozenset(),
        joined={"teacher": 10},
    )


def test_the_order_of_rows_tells_nothing_of_who_came_first() -> None:
    assert list(people_rows(session())["participant"]) == [str(n) for n in range(10)]


def test_what_only_few_share_is_left_out() -> None:
    rows = people_rows(session())
    assert set(rows["language"].dropna()) == {"id"}
    assert set(rows["joined_stage"].dropna()) == {"lobby"}
    assert int(rows["joined_stage"].isna().sum()) == 1
    assert int(rows["language"].isna().sum()) == 2, "nobody is left over whom the others would give away"


@pytest.mark.skipif(os.name == "nt", reason="rights of owners")
def test_only_its_owner_reads_a_bundle(tmp_path: Path) -> None:
    def report(folder: Path) -> None:
        pd.DataFrame({"n": [1]}).to_parquet(folder / "cube.parquet")

    folder = write_bundle(tmp_path, session(), report)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}

"""Few people, people all alike, people without room to improve: what a report says and refuses to say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kit.report import load
from kit.report.sections import SECTIONS
from tests.report.honest import check_honest, wide

NOTES_OF = {section.name: section.reads for section in SECTIONS}


def test_nobody_matched(tmp_path: Path) -> None:
    found = wide(tmp_path, [(3, ""), ("", 4), (5, ""), ("", 6)])
    assert found.figures.flow.n_pairs == 0
    assert found.summary("en").change == "Cannot be judged yet: nobody answered before and after."
    check_honest(found)


def test_one_person(tmp_path: Path) -> None:
    found = wide(tmp_path, [(3, 5)])
    assert found.figures.score.mean_change is None
    assert found.summary("en").change.endswith("before and after: 1.")
    check_honest(found)


@pytest.mark.parametrize("n", [2, 4, 5, 9, 10])
def test_small_groups(tmp_path: Path, n: int) -> None:
    found = wide(tmp_path, [(i % 4, i % 4 + 1 + i % 2) for i in range(n)])
    assert (found.figures.score.mean_change is None) == (n < 5)
    check_honest(found)


def test_everyone_full_marks_before(tmp_path: Path) -> None:
    found = wide(tmp_path, [(10, 10 - i % 2) for i in range(12)])
    assert found.figures.score.normalised_gain is None
    assert found.has_note("full_marks_before")
    check_honest(found)


def test_everyone_gains_exactly_one(tmp_path: Path) -> None:
    found = wide(tmp_path, [(i % 5, i % 5 + 1) for i in range(12)])
    assert (found.figures.score.ci, found.figures.score.t) == (None, None)
    assert found.has_note("all_changed_alike")
    check_honest(found)


def test_nobody_changes(tmp_path: Path) -> None:
    found = wide(tmp_path, [(i % 5, i % 5) for i in range(12)])
    assert found.figures.score.p_signflip == 1.0
    assert found.has_note("nobody_changed")
    check_honest(found)


def test_everyone_the_same_score_both_times(tmp_path: Path) -> None:
    found = wide(tmp_path, [(10, 10)] * 12)
    assert found.figures.score.normalised_change is None
    check_honest(found)


@pytest.mark.parametrize(
    "pairs",
    [
        [(10, 10)] * 12,
        [(5, 5 + i % 4) for i in range(12)],
        [(i % 4, 9) for i in range(15)],
        [(i % 6, i % 6 + 1) for i in range(12)],
    ],
)
def test_figures_kept_back_from_the_public_are_not_called_missing(
    tmp_path: Path, pairs: list[tuple[int, int]]
) -> None:
    found = wide(tmp_path, pairs, audience="public", target=5)
    page, text = found.summary("id"), found.html("id")
    assert page.change.startswith("Tidak ditampilkan: kurang dari 20 orang mengisi dua kali")
    assert page.verdict == "Tidak ditampilkan: cermat atau curiga"
    assert not page.target
    for inferred in (
        "Belum dapat dinilai",
        "Tidak ada sebaran",
        "tidak memuat tawaran",
        "nilai total",
        "formulir yang sama",
    ):
        assert inferred not in page.words() + " ".join(note["text"] for note in found.to_dict("id")["notes"])
    assert "withheld_alike" in NOTES_OF["limits"]
    assert "dan jawaban mereka terlalu serupa: nilai, butir" in text
    check_honest(found)


def test_answers_of_fewer_than_five_people_to_an_item_are_in_no_report(
    bundle_of: Callable[..., Path], crowd_of: Any
) -> None:
    """Eight people in two orders: four meet an item before, four after."""
    report = load(bundle_of(crowd_of(n=8))).report()
    rows = report.figures.items
    assert {(row.n_pre, row.n_post) for row in rows} == {(4, 4)}
    assert all(row.p_pre is row.p_post is row.change is None for row in rows)
    assert not any(row.options_pre or row.options_post or row.shift for row in rows)
    assert report.has_note("items_very_few")
    check_honest(report)


def test_the_range_in_the_table_ends_where_the_scale_ends(tmp_path: Path) -> None:
    report = wide(tmp_path, [(8, 10), (9, 10), (10, 10), (7, 10), (9, 9)])
    score = report.figures.score
    assert score.mean_pre + score.ci[1] > score.max, "or this test says nothing"
    table = {row[0]: row[2] for row in report.tables("en")["score"].rows}
    assert float(table["mean change"].split("to")[1]) == pytest.approx(100 - 86, abs=0.05)


def test_opinions_of_fewer_than_five_people_are_not_shown_inside(bundle_of: Any, crowd_of: Any) -> None:
    """Three people's opinions in hundredths are each one's opinion."""
    shown = {
        n: load(bundle_of(crowd_of(n=n), code=f"O{n}2222")).report().to_dict()["likert"] for n in (3, 4, 5)
    }
    assert shown[3] == shown[4] == []
    assert shown[5]

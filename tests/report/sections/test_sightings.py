"""What is going round: counted village by village, month by month, and never one by one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kit.bundle.write import write_bundle
from kit.report import load
from kit.report.loaded import Loaded
from kit.study.sighting import LISTS, SIGNS, counts_of
from kit.text import entries
from tests.crowd import Crowd, session_of
from tests.report.honest import check_honest

OFFER: dict[str, Any] = {
    "kind": "job",
    "channel": "facebook",
    "country": "cambodia",
    "promise": "salary",
    "heard": "this_month",
    "signs": ("debt",),
}


def notes(n: int, **changed: Any) -> list[dict[str, Any]]:
    return [{**OFFER, **changed} for _ in range(n)]


def leave(folder: Path, rows: list[dict[str, Any]], *, people: int = 40, **details: Any) -> Path:
    session = session_of(Crowd(n=people, seed=len(rows) + 1), **details)
    return write_bundle(folder, replace(session, sightings=counts_of(rows)), lambda made: None)


@pytest.fixture
def two_months(tmp_path: Path) -> Loaded:
    """A village where ads for Cambodia become more and another where few noted anything."""
    leave(tmp_path, [*notes(6), *notes(14, country="malaysia")], code="AAAAA3", held_on="2026-03-02")
    later = [*notes(24), *notes(6, country="malaysia")]
    leave(tmp_path, later, code="CCCCC4", held_on="2026-05-11")
    leave(tmp_path, notes(4), code="DDDDD6", held_on="2026-05-12", site="Desa Melati")
    return load(tmp_path)


def test_a_bundle_counts_values_from_five_on_and_holds_no_row(tmp_path: Path) -> None:
    folder = leave(
        tmp_path, [*notes(6), *notes(7, kind="umrah"), *notes(2, kind="sea"), *notes(1, kind="loan")]
    )
    table = pd.read_parquet(folder / "sightings.parquet")
    assert set(table["n"] >= 5) == {True}
    kinds = table[table["list"] == "kind"].set_index("value")["n"].to_dict()
    assert kinds == {"job": 6, "umrah": 7}
    assert not {"participant", "sighting_id", "channel"} & set(table.columns)


def test_few_notes_leave_no_file(tmp_path: Path) -> None:
    assert not (leave(tmp_path, notes(4)) / "sightings.parquet").exists()


def test_the_board_stands_by_village_and_month(two_months: Loaded) -> None:
    report = two_months.report()
    board = report.tables("id")["sightings"]
    assert [(row[0], row[1], row[2], row[3]) for row in board.rows] == [
        ("Desa Mawar", "Maret 2026", "20", "40"),
        ("Desa Mawar", "Mei 2026", "30", "40"),
    ]
    assert board.rows[0][6] == "Malaysia (14)"
    assert board.rows[1][6] == "Kamboja (24)"
    assert "Desa Melati" not in str(board)
    check_honest(report)


def test_rising_and_falling_are_said_only_where_they_are_sure(two_months: Loaded) -> None:
    report = two_months.report()
    courses = {(one.list, one.value): one.course for one in report.figures.sightings_course}
    assert courses["country", "cambodia"] == "rising"
    assert courses["country", "malaysia"] == "open"
    lines = report.shown("id").headings["sightings"].lines
    assert "Desa Mawar: Kamboja makin sering terdengar (Maret 2026: 6; Mei 2026: 24)." in lines
    assert not any("Malaysia makin" in line for line in lines)


def test_more_people_in_the_hall_are_no_rise(tmp_path: Path) -> None:
    leave(tmp_path, notes(8), people=20, code="AAAAA3", held_on="2026-03-02")
    leave(tmp_path, notes(24), people=60, code="CCCCC4", held_on="2026-05-11")
    found = load(tmp_path).report().figures.sightings_course
    assert {one.course for one in found} == {"open"}


def test_the_public_hears_nothing_of_it(two_months: Loaded) -> None:
    report = two_months.report(audience="public")
    assert report.figures.sightings == ()
    assert "sightings" not in report.tables("id")
    assert "Kamboja makin" not in report.html("id")


def test_the_workbook_has_a_row_for_each_value(two_months: Loaded, tmp_path: Path) -> None:
    import io

    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(two_months.report().xlsx("id")))
    rows = list(book["Tawaran"].values)
    assert rows[0][1:4] == ("site", "month", "list")
    assert ("Desa Mawar", "2026-05", "country", "cambodia", 24, 40) in [row[1:] for row in rows]


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_value_of_every_list_has_words(language: str) -> None:
    for name, values in {**LISTS, "sign": SIGNS}.items():
        assert list(entries(f"sighting.{name}", language)) == list(values)

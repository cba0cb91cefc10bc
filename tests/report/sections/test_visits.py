"""A site that is visited again: each visit by its own people, and what was still wrong the last time."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kit.bundle.layout import RAW
from kit.report import load
from kit.report.loaded import Loaded

Make = Callable[..., Path]
DAYS = ("2026-03-02", "2026-06-15", "2026-11-23")


@pytest.fixture
def village(bundle_of: Make, crowd_of: Any) -> Callable[..., Loaded]:
    """`village(30, 28)` loads a village visited twice; few know much after the first visit, most after."""

    def make(*sizes: int, site: str = "Desa Mawar", same_day: bool = False) -> Loaded:
        folder = Path()
        for number, size in enumerate(sizes):
            learns = {"know_pre": 0.1, "know_gain": 0.1 if number == 0 else 0.8}
            people = crowd_of(n=size, seed=number + 1, followup=0.3, **learns)
            day = DAYS[0] if same_day else DAYS[number]
            folder = bundle_of(people, code=f"VJST{number}3", site=site, held_on=day).parent
        return load(folder)

    return make


def test_visits_stand_by_date_with_their_own_figures(village: Callable[..., Loaded]) -> None:
    visits = village(30, 28, 26).report().to_dict()["visits"]
    assert [visit["held_on"] for visit in visits] == list(DAYS)
    assert [visit["flow"]["n_joined"] for visit in visits] == [30, 28, 26]
    assert {visit["site"] for visit in visits} == {"Desa Mawar"}
    assert {visit["session"] for visit in visits} == {"VJST03", "VJST13", "VJST23"}
    for visit in visits:
        assert visit["site_id"]
        assert visit["score"]["mean_change"] is not None
        assert 0 <= visit["discernment"]["hit_rate_pre"] <= 1


def test_figures_of_a_visit_are_those_of_its_session_alone(village: Callable[..., Loaded]) -> None:
    loaded = village(30, 28)
    alone = loaded.where(session="VJST13").report().to_dict()
    visit = loaded.report().to_dict()["visits"][1]
    assert visit["flow"] == alone["flow"]
    assert visit["score"]["mean_change"] == alone["score"]["mean_change"]
    assert visit["discernment"] == alone["discernment"]


def test_all_visits_are_counted_in_one_pass(village: Callable[..., Loaded], tmp_path: Path) -> None:
    village(30, 28, 26)
    steps: list[str] = []
    report = load(tmp_path / "results", progress=steps.append).report()
    assert len(report.to_dict()["visits"]) == 3
    assert steps.count("grouping") == 1


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Loaded]:
    """`table(12, 6)` loads two sessions of one site from a table without forms, of so many items each."""

    def make(*sizes: int) -> Loaded:
        dice = random.Random(1)
        lines = ["session,held_on,site,participant,wave,item,correct"]
        for number, size in enumerate(sizes):
            about = f"S{number},{DAYS[number]},Desa"
            for person, wave, item in product(range(24), ("pre", "post"), range(size)):
                right = dice.random() < (0.3 if wave == "pre" else 0.5)
                lines.append(f"{about},P{person},{wave},i{item:02d},{int(right)}")
        path = tmp_path / "visits.csv"
        path.write_text("\n".join(lines))
        return load(path)

    return make


@pytest.mark.parametrize("sizes", [(12, 12), (12, 6), (6, 12)])
def test_a_visit_shows_the_forms_of_its_own_session(table: Callable[..., Loaded], sizes: Any) -> None:
    loaded = table(*sizes)
    whole = loaded.report().to_dict()
    for visit, n_items in zip(whole["visits"], sizes, strict=True):
        alone = loaded.where(session=visit["session"]).report().to_dict()
        assert visit["score"]["max"] == n_items
        assert visit["flow"] == alone["flow"]
        assert visit["score"]["mean_change"] == alone["score"]["mean_change"]
        shares = {row["item"]: (row["p_pre"], row["p_post"]) for row in alone["items"]}
        for row in visit["carried"]:
            assert shares[row["item"]] == (row["share_pre"], row["share_post"])
        wrong = sorted(shares, key=lambda item: (shares[item][1], item))
        assert [item for _, item in visit["next_items"]] == [item for item in wrong if shares[item][1] < 0.6]
    assert whole["visits"][1]["carried"]


def test_a_visit_whose_rows_were_deleted_stands_beside_the_others(
    village: Callable[..., Loaded], tmp_path: Path
) -> None:
    before = village(30, 28, 26).report().to_dict()["visits"]
    for folder in (tmp_path / "results").glob("*VJST13"):
        load(folder).cube().write(folder / "cube.parquet")
        for name in RAW:
            (folder / name).unlink()
    after = load(tmp_path / "results").report().to_dict()["visits"]
    assert after == before


def test_what_was_wrong_last_time_is_looked_at_again(village: Callable[..., Loaded]) -> None:
    report = village(60, 60).report()
    first, second = report.to_dict()["visits"]
    assert first["carried"] == []
    assert {row["course"] for row in second["carried"]} >= {"right_now"}
    know = [row for row in second["carried"] if row["item"].startswith("know")]
    assert know
    assert all(row["share_last"] < 0.6 for row in know)
    shown = report.shown("id").headings["visits"]
    assert any(line.startswith("Kunjungan lalu masih keliru, kini dijawab benar") for line in shown.lines)
    assert {"visits", "carried"} == set(shown.tables)


def test_others_may_come_each_time_and_the_report_says_so(village: Callable[..., Loaded]) -> None:
    report = village(30, 28).report()
    assert report.has_note("visits_people")
    for language, words in (("id", "yang datang bisa orang lain"), ("en", "Others may come to each visit")):
        assert any(words in line for line in report.shown(language).headings["visits"].lines)
        assert words in report.html(language)


def test_no_line_joins_two_visits(village: Callable[..., Loaded]) -> None:
    chart = village(30, 28).report().shown("en").headings["visits"].charts["visits"]
    marks = {layer["mark"]["type"] for layer in chart.spec["layer"]}
    assert marks == {"rule", "point"}
    assert "Others may come each time." in chart.alt


def test_two_sessions_of_one_day_are_one_visit(village: Callable[..., Loaded]) -> None:
    report = village(30, 28, same_day=True).report()
    assert report.to_dict()["visits"] == []
    assert "visits" not in report.shown().headings
    numbers = [heading.number for heading in report.shown().headings.values()]
    assert numbers == list(range(1, 10)), "the eight of every report and the notes of the officer"


def test_a_single_visit_has_no_section(village: Callable[..., Loaded]) -> None:
    report = village(30).report()
    assert report.to_dict()["visits"] == []
    assert not report.has_note("visits_people")


def test_a_visit_of_three_people_tells_nothing_of_them(village: Callable[..., Loaded]) -> None:
    first, second = village(30, 3).report().to_dict()["visits"]
    for visit in (first, second):  # the total would give the three away beside the thirty
        assert visit["suppressed"]
        assert visit["flow"]["n_joined"] is None
        assert visit["next_items"] == []


def test_visits_never_leave(village: Callable[..., Loaded]) -> None:
    report = village(40, 40).report(audience="public")
    assert report.to_dict()["visits"] == []
    # The method in every file speaks of visits too; a section of them stands in internal files only.
    assert 'id="visits"' not in report.html("id")
    assert 'id="visits"' in village(40, 40).report().html("id")


def test_the_workbook_has_a_sheet_of_visits(village: Callable[..., Loaded]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(village(30, 28).report().xlsx("id")))
    rows = list(book["Kunjungan"].iter_rows(values_only=True))
    assert [row[2] for row in rows[1:]] == list(DAYS[:2])
    assert book.sheetnames[-2:] == ["Kunjungan", "Metode"]

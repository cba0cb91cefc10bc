"""Disclosure: a hostile statistician with every public report in hand finds nobody."""

from __future__ import annotations

import dataclasses
import io
import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from kit.bundle.faults import SourceFault
from kit.config import settings
from kit.report import Report, load, render_report, write_report
from kit.report.sections.base import Figures
from kit.report.sections.items import public_options
from kit.report.stats.withholding import withheld
from kit.session.run.files import delete_files

Make = Callable[..., Path]


def people(session: str, n: int, seed: int = 1, **place: str) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    pre = rng.integers(0, 6, n)
    names = [f"{session}-{seed}-{i}" for i in range(n)]
    rows = {"session": session, "participant": names, "pre": pre, "post": pre + rng.integers(0, 4, n)}
    return pd.DataFrame({**rows, "site": f"Desa {session}", "audience": "resident", **place})


@pytest.fixture
def publish(tmp_path: Path) -> Callable[..., Report]:
    """`publish(table, by=...)` makes and writes a report for the public."""

    def write(*tables: pd.DataFrame, name: str = "people.csv", **options: Any) -> Report:
        path = tmp_path / name
        pd.concat(tables).to_csv(path, index=False)
        out = tmp_path / "out"
        written = write_report(
            [path], out, formats="json", max_score=10, audience_of_report="public", **options
        )
        return written.report

    return write


def load_alone(table: pd.DataFrame) -> Figures:
    """The figures of an internal report."""
    with tempfile.TemporaryDirectory() as folder:
        table.to_csv(Path(folder) / "people.csv", index=False)
        return load(Path(folder) / "people.csv", max_score=10).report().figures


def refusal(caught: pytest.ExceptionInfo[SourceFault]) -> str:
    return caught.value.render("en") + caught.value.render("id")


def test_a_withheld_group_might_hold_ten_people() -> None:
    assert withheld([30, 4, 6], 10) == [True, True, True]  # 4 + 6 are ten: either would be known to be small
    assert withheld([30, 4, 7], 10) == [False, True, True]


# Shares of all or none


def numbers_under(value: Any, place: str = "") -> dict[str, Any]:
    if isinstance(value, dict):
        return {p: v for k, part in value.items() for p, v in numbers_under(part, f"{place}.{k}").items()}
    if isinstance(value, list):
        return {p: v for i, part in enumerate(value) for p, v in numbers_under(part, f"{place}.{i}").items()}
    return {place: value}


@pytest.mark.parametrize("design", ["same", "counterbalanced"])
def test_no_share_of_all_or_nobody_below_twenty_people(
    design: str, bundle_of: Make, crowd_of: Any, quiz_of: Any
) -> None:
    rates = {"know_pre": 0.93, "know_gain": 0.05, "hit_pre": 1.0, "hit_post": 1.0, "false_pre": 0.0}
    crowd = crowd_of(
        n=18 if design == "same" else 24, spread=0.0, seed=3, quiz=quiz_of(design=design), **rates
    )
    folder = bundle_of(crowd, manifest=False)
    rows = pd.read_parquet(folder / "responses.parquet")
    fraud = rows["signal"] == "fraud"
    rows.loc[fraud, "choice"], rows.loc[fraud, "correct"] = "fraud", 1  # everybody recognised every one
    rows.to_parquet(folder / "responses.parquet")
    report = load(folder).report(audience="public")
    plain = report.to_dict("en")
    shares = {
        place: value
        for place, value in numbers_under(plain).items()
        if re.search(
            r"\.(p_pre|p_post|pre|post|pairs_share|share_\w+|ceiling_pre|floor_pre|\w+_rate_\w+)$", place
        )
        and not place.startswith((".reliability", ".comparison"))
        and (design == "same" or place.startswith(".items"))  # 12 people answered each item, 24 in all
    }
    assert len(shares) > 20
    assert not [place for place, value in shares.items() if value in (0.0, 1.0)]
    if design == "same":
        assert plain["discernment"]["hit_rate_pre"] is None
        assert plain["discernment"]["d_prime_pre"] is None
        assert plain["discernment"]["verdict"] is None
        assert plain["discernment"]["reason"] == "", "that all refused all would speak of each of them"
    assert any(note["code"] == "no_extremes" and "fewer than 20" in note["text"] for note in plain["notes"])
    text = re.sub(r"<style.*?</style>|<svg.*?</svg>|<[^>]+>", " ", report.html("en"), flags=re.S)
    for row in plain["items"]:
        assert row["p_pre"] is None or 0 < row["p_pre"] < 1
    assert {row["bound_pre"] for row in plain["items"] if row["p_pre"] is None} >= {"≥ 90"}
    assert "≥ 90" in text
    if design == "same":
        assert not re.search(r"\b100 ?%|\b100 → |→ 100\b", text)
        for row in (
            openpyxl.load_workbook(io.BytesIO(report.xlsx("en"))).worksheets[0].iter_rows(values_only=True)
        ):
            assert not (isinstance(row[0], str) and "_rate_" in row[0])


def test_a_group_where_all_scored_alike_gives_no_mean(publish: Callable[..., Report]) -> None:
    table = people("A", 12).assign(pre=3, post=5)
    plain = publish(table).to_dict("en")
    assert plain["score"]["mean_pre"] is None
    assert 10 <= plain["flow"]["n_pairs"] <= 12 + 5, "protected, and at most five off"


def test_nothing_over_sites_is_told_while_a_site_is_hidden(publish: Callable[..., Report]) -> None:
    hidden = publish(people("A", 25), people("B", 6, 2), people("C", 30, 3)).to_dict()
    told = {name for name, value in hidden["pooled"].items() if value not in (None, [], ())}
    assert told <= {"k", "unit"}, "design effect and interval give the size and mean of the site of six"
    assert any("pooled" in str(note) or note["code"] == "public" for note in hidden["notes"])
    shown = publish(people("D", 25), people("E", 26, 2), people("F", 30, 3)).to_dict()
    assert shown["pooled"]["estimate"] is not None
    assert shown["pooled"]["icc"] is None


def test_leavers_of_a_small_group_are_not_described(publish: Callable[..., Report]) -> None:
    left = people("A", 7, seed=5).assign(post="")
    groups = publish(people("A", 20), left, people("B", 30), by="site").to_dict()["groups"]
    assert [g["flow"]["leavers_mean_pre"] for g in groups] == [None, None]


# Successive reports


def test_a_second_report_with_four_more_people_is_refused_and_writes_nothing(
    publish: Callable[..., Report], tmp_path: Path
) -> None:
    first = publish(people("A", 30), people("B", 25))
    before = next((tmp_path / "out").glob("*.json")).read_text()
    with pytest.raises(SourceFault) as caught:
        publish(people("A", 30), people("B", 25), people("C", 4))
    assert next((tmp_path / "out").glob("*.json")).read_text() == before
    assert first.fingerprint in refusal(caught)
    assert "(4)" in refusal(caught)
    assert "internal report" in refusal(caught)


def test_ten_more_people_may_be_added(publish: Callable[..., Report]) -> None:
    publish(people("A", 30), people("B", 25))
    publish(people("A", 30), people("B", 25), people("C", 10))


def test_the_same_report_may_be_written_again(publish: Callable[..., Report]) -> None:
    assert publish(people("A", 30)).fingerprint == publish(people("A", 30)).fingerprint
    publish(people("A", 30), by="audience")


def test_a_group_of_one_report_is_compared_with_the_whole_of_another(publish: Callable[..., Report]) -> None:
    first = people("A", 30, site="Desa Mawar"), people("B", 4, site="Desa Mawar")
    publish(*first, people("C", 20), by="site")
    with pytest.raises(SourceFault):
        publish(people("A", 30, site="Desa Mawar"))


def test_other_data_with_the_same_session_name_are_not_taken_for_it(publish: Callable[..., Report]) -> None:
    publish(people("A", 30, seed=1))
    publish(people("A", 33, seed=2))


def test_a_changed_answer_is_a_difference_of_one_person(publish: Callable[..., Report]) -> None:
    publish(people("A", 30))
    changed = people("A", 30)
    changed.loc[0, "post"] = 10
    with pytest.raises(SourceFault):
        publish(changed)


def test_a_followup_that_came_later_makes_nobody_new(publish: Callable[..., Report]) -> None:
    publish(people("A", 30))
    later = people("A", 30)
    publish(later.assign(followup=later["post"].where(later.index < 12).astype("Int64")))
    with pytest.raises(SourceFault):  # three more came back: their scores would be known
        publish(later.assign(followup=later["post"].where(later.index < 15).astype("Int64")))


def test_internal_reports_and_unwritten_ones_are_not_kept(
    tmp_path: Path, own_register: Path, publish: Callable[..., Report]
) -> None:
    path = tmp_path / "all.csv"
    people("A", 30).to_csv(path, index=False)
    loaded = load(path, max_score=10)
    render_report(loaded.report(), tmp_path / "inside", ("json",))
    loaded.report(audience="public")
    assert not list(own_register.glob("releases/*/release.json"))
    render_report(loaded.report(audience="public"), tmp_path / "outside", ("json",))
    assert len(list(own_register.glob("releases/*/release.json"))) == 1


def test_the_register_knows_counts_and_no_participant(
    publish: Callable[..., Report], own_register: Path
) -> None:
    table = people("A", 30)
    publish(table)
    kept = "".join(path.read_text() for path in own_register.rglob("*.json"))
    assert not [name for name in table["participant"] if name in kept]
    assert (own_register / "releases").stat().st_mode & 0o077 == 0


def test_deleting_a_session_removes_its_counts_and_still_protects_it(
    publish: Callable[..., Report], own_register: Path
) -> None:
    a, small = people("AAAA22", 30), people("CCCC33", 4)
    publish(a, small)
    gone, held = delete_files(dataclasses.replace(settings(), results=own_register), "CCCC33")
    assert not held
    assert [re.sub("[0-9a-f]{16}", "…", name) for name in gone] == ["releases/…/CCCC33"]
    assert not list(own_register.glob("releases/*/CCCC33"))
    assert list(own_register.glob("releases/*/AAAA22"))
    with pytest.raises(SourceFault):  # the report that is out would give the deleted four away
        publish(a)


def test_a_register_that_cannot_be_used_is_said_in_the_report(
    publish: Callable[..., Report], own_register: Path, tmp_path: Path
) -> None:
    (own_register / "releases").write_text("not a folder")
    publish(people("A", 30))
    notes = json.loads(next((tmp_path / "out").glob("*.json")).read_text())["notes"]
    assert "releases_unknown" in {note["code"] for note in notes}


def test_public_options_leave_no_single_one_to_be_worked_out() -> None:
    shown = public_options({"a": 60, "b": 20, "c": 15, "d": 5}, ["a"], ["a", "b", "c", "d"])
    assert shown == {"a": 60, "b": 20}


def test_page_one_names_no_item_that_its_bound_leaves_open(bundle_of: Make, crowd_of: Any) -> None:
    """ "≥ 52" says neither that an item is understood nor that few had it right."""
    report = load(bundle_of(crowd_of(n=44))).report(audience="public")
    bounds = {row.bound_post for row in report.figures.items if row.p_post is None}
    assert any(bound.startswith("≥ 5") for bound in bounds)
    page = report.summary("en")
    for lines, fits in ((page.understood, lambda x: x >= 60), (page.wrong, lambda x: x < 60)):
        for line in lines:
            share = line.partition(":")[0]
            assert not share.startswith("≥" if lines is page.wrong else "≤")
            assert fits(int(share.split()[-1])), line
    ends = {"≤": 0, "≥": 100}
    shown = [row[1].split("→")[1].split() for row in report.tables("en")["items"].rows if "→" in row[1]]
    middles = [(int(x[-1]) + ends[x[0]]) / 2 if len(x) > 1 else float(x[0]) for x in shown if x != ["–"]]
    assert middles == sorted(middles), "what fewest had right comes first"


def test_more_items_with_one_bound_than_page_one_has_lines_for_are_counted(
    bundle_of: Make, crowd_of: Any
) -> None:
    crowd = crowd_of(
        n=44, know_pre=0.2, know_gain=0.0, hit_pre=0.4, hit_post=0.3, false_pre=0.7, false_post=0.7
    )
    report = load(bundle_of(crowd)).report(audience="public")
    few = [row for row in report.figures.items if row.bound_post.startswith("≤")]
    assert len(few) > 2
    assert report.summary("en").wrong[-1].endswith(f": {len(few)} items, on the page of items")


def test_the_chart_of_up_same_and_down_counts_the_people_that_page_one_counts(
    bundle_of: Make, crowd_of: Any
) -> None:
    """Protected parts do not add up to their whole, and must not be added."""
    apart = 0
    for seed in range(12):
        folder = bundle_of(crowd_of(n=90, seed=seed, know_gain=0.02), code=f"ABC2{seed:02d}")
        report = load(folder).report(audience="public")
        if "gain" in report.charts("en"):
            pairs, score = report.figures.flow.n_pairs, report.figures.score
            apart += score.n_up + score.n_same + score.n_down != pairs
            assert f"(n = {pairs})" in report.charts("en")["gain"].title
    assert apart, "or this test says nothing"

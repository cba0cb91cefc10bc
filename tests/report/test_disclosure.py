"""Disclosure: a hostile statistician with every public report in hand finds nobody."""

from __future__ import annotations

import dataclasses
import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kit.config import settings
from kit.report import Report, load, public, render_report, write_report
from kit.report.disclosure import Groups, withheld
from kit.report.faults import SourceFault
from kit.report.figures import Figures
from kit.session.deletion import delete_files
from tests.report import audit

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


# The audit


@pytest.mark.parametrize("seed", range(5))
def test_reports_with_other_groups_of_the_same_people_give_nobody_away(seed: int, tmp_path: Path) -> None:
    assert audit.audit_table(audit.random_table(seed), tmp_path) == []


def test_the_audit_finds_leaks_where_neighbours_are_not_withheld(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Groups, "_hide", lambda *_: None)
    leaks = audit.audit_table(audit.random_table(2), tmp_path)
    assert {leak.what for leak in leaks} & {"pairs by session", "joined by session"}
    assert any(leak.low == leak.high == leak.truth for leak in leaks)


@pytest.mark.parametrize(
    ("n", "design", "rates"),
    [
        (24, "same", {}),
        (44, "counterbalanced", {}),
        (15, "same", {"know_pre": 0.97, "hit_pre": 0.97, "hit_post": 0.98, "spread": 0.0}),
        (26, "counterbalanced", {"know_pre": 0.95, "hit_pre": 0.97, "false_pre": 0.03, "false_post": 0.02}),
    ],
)
def test_answers_of_few_people_cannot_be_worked_out(
    n: int, design: str, rates: dict[str, float], bundle_of: Make, crowd_of: Any, quiz_of: Any
) -> None:
    quiz = quiz_of(design=design)
    loaded = load(bundle_of(crowd_of(n=n, quiz=quiz, drop=0.1, **rates)))
    report = loaded.report(audience="public")
    truth, plain = audit.answers_of(loaded.cube(), quiz), report.to_dict()
    assert plain["flow"]["n_pairs"] >= 10
    assert audit.audit_answers(plain, truth) == []
    assert audit.audit_cube(plain, audit.cube_sheet(report.xlsx()), loaded.cube().score) == []


def test_the_audit_finds_a_lone_withheld_option(
    bundle_of: Make, crowd_of: Any, quiz_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def only_the_small(counts: dict[str, int], right: Any, seen: Any) -> dict[str, int | None]:
        return {choice: n for choice, n in counts.items() if n >= 10}

    quiz = quiz_of(design="same")
    loaded = load(bundle_of(crowd_of(n=150, quiz=quiz, know_pre=0.4)))
    truth = audit.answers_of(loaded.cube(), quiz)
    assert audit.audit_answers(loaded.report(audience="public").to_dict(), truth) == []
    monkeypatch.setattr("kit.report.item_figures.public_options", only_the_small)
    assert audit.audit_answers(loaded.report(audience="public").to_dict(), truth)


def test_the_audit_finds_a_table_behind_its_exact_p(bundle_of: Make, crowd_of: Any, quiz_of: Any) -> None:
    quiz = quiz_of(design="same")
    loaded = load(bundle_of(crowd_of(n=40, quiz=quiz)))
    truth, plain = audit.answers_of(loaded.cube(), quiz), loaded.report(audience="public").to_dict()
    assert audit.audit_answers(plain, truth) == []
    assert any(row["n11"] is None and row["p_pre"] is not None for row in plain["items"])
    for row in plain["items"]:
        row["p_mcnemar"] = 0.5  # as if the test of the withheld table had been printed
    assert {leak.what for leak in audit.audit_answers(plain, truth)} == {"four-fold"}


def test_a_part_of_two_printed_groups_is_protected() -> None:
    # Sessions 1, 2, 3 and audiences: twelve students and four teachers in session 1 would be 16 - 12.
    labels = {"session": ["1", "1", "2", "2", "3"], "audience": ["s", "t", "t", "r", "r"]}
    people = np.array([12.0, 4, 14, 20, 30])
    hidden = Groups.of(labels).hidden([people], 10)
    assert ("session", "1") in hidden or ("audience", "s") in hidden
    assert len(hidden) < 6


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
        assert plain["discernment"]["verdict"]
    assert any(note["code"] == "no_extremes" and "fewer than 20" in note["text"] for note in plain["notes"])
    text = re.sub(r"<style.*?</style>|<svg.*?</svg>|<[^>]+>", " ", report.html("en"), flags=re.S)
    for row in plain["items"]:
        assert row["p_pre"] is None or 0 < row["p_pre"] < 1
    assert {row["bound_pre"] for row in plain["items"] if row["p_pre"] is None} >= {"≥ 90"}
    assert "≥ 90" in text
    if design == "same":
        assert not re.search(r"\b100 ?%|\b100 → |→ 100\b", text)
        for row in audit.sheets(report.xlsx("en"))[0]:
            assert not (isinstance(row[0], str) and "_rate_" in row[0])


def test_a_group_where_all_scored_alike_gives_no_mean(publish: Callable[..., Report]) -> None:
    table = people("A", 12).assign(pre=3, post=5)
    plain = publish(table).to_dict("en")
    assert plain["score"]["mean_pre"] is None
    assert plain["flow"]["n_pairs"] == 12


def test_nothing_over_sites_is_told_while_a_site_is_hidden(publish: Callable[..., Report]) -> None:
    hidden = publish(people("A", 25), people("B", 6, 2), people("C", 30, 3)).to_dict()
    told = {name for name, value in hidden["pooled"].items() if value not in (None, [], ())}
    assert told <= {"k", "unit"}, "design effect and interval give the size and mean of the site of six"
    assert any("pooled" in str(note) or note["code"] == "public" for note in hidden["notes"])
    shown = publish(people("D", 25), people("E", 26, 2), people("F", 30, 3)).to_dict()
    assert shown["pooled"]["icc"] is not None


def test_withheld_counts_do_not_follow_from_ranks_or_an_exact_p(publish: Callable[..., Report]) -> None:
    few = publish(people("A", 12)).to_dict()["score"]
    assert few["n_same"] is None
    assert few["p_signflip"] is None
    more = publish(people("B", 40, 2)).to_dict()["score"]
    assert None in (more["n_up"], more["n_same"], more["n_down"])
    for score in (few, more):
        assert set(score["wilcoxon"].values()) == {None}
    digits = f"{more['p_signflip']:.15e}".split("e")[0].rstrip("0")
    assert len(digits) <= 2, "one digit and the point"
    exact = load_alone(people("B", 40, 2)).score.p_signflip
    assert exact is not None
    assert exact <= more["p_signflip"] <= 2 * exact


def test_leavers_of_a_small_group_are_not_described(publish: Callable[..., Report]) -> None:
    left = people("A", 7, seed=5).assign(post="")
    groups = publish(people("A", 20), left, people("B", 30), by="site").to_dict()["groups"]
    assert [g["flow"]["leavers_mean_pre"] for g in groups] == [None, None]


# Successive reports


def test_a_second_report_with_four_more_people_is_refused_and_writes_nothing(
    publish: Callable[..., Report], tmp_path: Path
) -> None:
    first = publish(people("A", 30), people("B", 25))
    before = (tmp_path / "out" / "report.json").read_text()
    with pytest.raises(SourceFault) as caught:
        publish(people("A", 30), people("B", 25), people("C", 4))
    assert (tmp_path / "out" / "report.json").read_text() == before
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


def test_three_reports_together_give_no_small_session_away(publish: Callable[..., Report]) -> None:
    a, b, small = people("A", 30), people("B", 25), people("C", 4)
    publish(a, b, small)
    publish(a)
    with pytest.raises(SourceFault) as caught:  # all of them, minus A, minus B
        publish(b)
    assert caught.value.key == "releases_together"


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
    gone = delete_files(dataclasses.replace(settings(), results=own_register), "CCCC33")
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
    notes = json.loads((tmp_path / "out" / "report.json").read_text())["notes"]
    assert "releases_unknown" in {note["code"] for note in notes}


def test_public_options_leave_no_single_one_to_be_worked_out() -> None:
    shown = public.public_options({"a": 60, "b": 20, "c": 15, "d": 5}, ["a"], ["a", "b", "c", "d"])
    assert shown == {"a": 60, "b": 20}

"""Many sites, groups, comparison, and what may not be shown of small ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.report import Report, load
from kit.report.loaded import Loaded
from kit.report.stats.withholding import printable_share, withheld, withheld_cells
from tests.conftest import ROOT
from tests.crowd import Crowd, leave_bundle

Make = Callable[..., Path]


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Loaded]:
    """`sites(40, 30, 4)` loads one bundle per number of people, and counts them once: they never change."""

    @cache
    def make(*sizes: int, **crowd: Any) -> Loaded:
        results = tmp_path_factory.mktemp("sites")
        for number, size in enumerate(sizes):
            people = Crowd(n=size, seed=number + 1, **crowd)
            leave_bundle(results, people, code=f"SITE{number:02d}", site=f"Desa {chr(65 + number)}")
        return load(results)

    return make


def test_two_sites_are_described_and_not_pooled(sites: Callable[..., Loaded]) -> None:
    found = sites(30, 30).report()
    assert found.figures.pooled.estimate is None
    assert "two_sites" in {note.code for note in found.figures.notes}
    assert "Dua acara, belum bisa digabung" in found.html("id")


def test_two_sites_are_the_first_thing_unknown(sites: Callable[..., Loaded]) -> None:
    found = sites(30, 30, know_pre=0.2, know_gain=0.7, hit_post=0.95).report(target=5)
    assert found.figures.target.verdict_code == "reached"
    assert found.summary("id").unknown == (
        "Dua tempat belum mewakili yang lain.",
        "Tanpa pembanding, asal perubahan tidak diketahui.",
    )


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("id", "Sasaran +5 poin dari 100, hanya untuk orang-orang ini: tercapai."),
        ("en", "Target +5 points out of 100, for these people only: reached."),
    ],
)
def test_a_target_over_two_sites_is_judged_for_these_people_only(
    sites: Callable[..., Loaded], language: str, said: str
) -> None:
    found = sites(30, 30, know_pre=0.2, know_gain=0.7, hit_post=0.95).report(target=5)
    assert found.summary(language).target == said
    assert said in found.html(language)


def test_sites_carry_their_identity_beside_their_name(sites: Callable[..., Loaded]) -> None:
    loaded = sites(30, 25, 8)
    known = {line.site: line.site_id for line in loaded.report().figures.sessions}
    assert len(set(known.values())) == 3
    for audience in ("internal", "public"):
        plain = loaded.report(by=["site"], audience=audience).to_dict()
        assert {group["name"]: group["site_id"] for group in plain["groups"]} == known
    sites_of = loaded.report().to_dict()["pooled"]["sites"]
    assert {site["name"]: site["site_id"] for site in sites_of} == known


def test_two_sessions_in_one_place_are_not_called_two_places(bundle_of: Make, crowd_of: Any) -> None:
    for number in range(2):
        folder = bundle_of(crowd_of(n=20, seed=number), code=f"S{number}2222", site="Desa Mawar")
    found = load(folder.parent).report()
    assert found.has_note("two_sessions")
    assert not found.has_note("two_sites")
    assert found.summary("id").unknown[0] == "Dua sesi belum mewakili sesi atau tempat lain."


def test_sites_kept_back_from_the_public_are_not_called_alike(sites: Callable[..., Loaded]) -> None:
    codes = {note.code for note in sites(30, 25, 8).report(by=["site"], audience="public").figures.notes}
    assert "sites_hidden" in codes
    assert not {"sites_no_spread", "groups_brief"} & codes


def test_five_sites_have_a_pooled_mean_and_a_prediction(sites: Callable[..., Loaded]) -> None:
    found = sites(20, 25, 30, 22, 28).report()
    pooled = found.figures.pooled
    assert pooled.k == 5
    assert pooled.ci is not None
    assert pooled.prediction_interval is not None
    assert pooled.prediction_interval[0] <= pooled.ci[0]
    assert found.summary("id").place.startswith("5 sesi, 5 lokasi · ")
    assert {"sites", "groups"} <= set(found.charts())


def test_sites_are_listed_by_name_and_never_ranked(sites: Callable[..., Loaded]) -> None:
    names = [site.name for site in sites(20, 40, 30, 15).report().figures.pooled.sites]
    assert names == sorted(names)


def test_one_site_without_variance(bundle_of: Make, crowd_of: Any, tmp_path: Path) -> None:
    rows = ["site,participant,pre,post"]
    for site, gains in (("A", [1] * 10), ("B", [0, 1, 2, 3] * 3), ("C", [1, 2, 0, 4] * 3)):
        rows += [f"{site},{site}{i},{i % 3},{i % 3 + gain}" for i, gain in enumerate(gains)]
    path = tmp_path / "sites.csv"
    path.write_text("\n".join(rows))
    pooled = load(path, max_score=10).report().figures.pooled
    assert pooled.estimate is not None
    assert np.isfinite(pooled.estimate)


def test_groups_need_ten_people_and_small_ones_take_a_neighbour_along(sites: Callable[..., Loaded]) -> None:
    found = sites(30, 12, 3).report(by=["site"])
    groups = {g.name: g for g in found.figures.groups}
    assert groups["Desa C"].suppressed
    assert groups["Desa B"].suppressed  # else total minus the others would give Desa C away
    assert not groups["Desa A"].suppressed
    assert groups["Desa C"].flow.n_pairs is None
    assert {site.name for site in found.figures.pooled.sites} == {"Desa A"}


def test_public_report_hides_what_an_internal_one_shows(sites: Callable[..., Loaded]) -> None:
    loaded = sites(30, 25, 8)
    inside, outside = loaded.report(by=["site"]), loaded.report(by=["site"], audience="public")
    assert [g.suppressed for g in inside.figures.groups] == [False, False, False]
    assert inside.figures.groups[2].score.mean_change is None  # figures of groups from ten people on
    assert [g.suppressed for g in outside.figures.groups] == [False, False, True]
    assert outside.figures.score.changes == ()
    for row in outside.figures.items:
        for counts in (row.options_pre, row.options_post):
            assert all(n is None or n == 0 or n >= 10 for n in counts.values())


def test_public_report_on_few_people_holds_no_figure(bundle_of: Make, crowd_of: Any) -> None:
    found = load(bundle_of(crowd_of(n=9))).report(audience="public")
    plain = found.to_dict()
    assert plain["flow"]["n_pairs"] is None
    assert plain["items"] == []
    assert "kurang dari 10" in found.summary("id").change
    assert found.html("id")


def test_many_small_groups_give_their_counts_only_in_words(sites: Callable[..., Loaded]) -> None:
    found = sites(30, 7, 8).report(by=["site"])
    assert "kurang dari 10 orang" in found.html("id")


def test_comparison_sites_stay_out_of_the_main_figures(sites: Callable[..., Loaded]) -> None:
    loaded = sites(30, 32, 34, 28)
    found = loaded.report(compare=["Desa C", "Desa D"])
    assert found.figures.flow.n_joined == 62
    comparison = found.figures.comparison
    assert comparison.n_sites == 2
    assert comparison.ci is not None
    assert not found.has_note("no_comparison")
    assert "Dibanding lokasi pembanding" in found.html("id")


def test_one_comparison_site_gives_a_difference_without_range(sites: Callable[..., Loaded]) -> None:
    found = sites(30, 32).report(compare=["Desa B"])
    assert found.figures.comparison.difference is not None
    assert found.figures.comparison.ci is None
    assert found.has_note("comparison_one_site")
    assert any("The difference from the comparison is not certain" in x for x in found.summary("en").unknown)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=12), st.sampled_from([5, 10]))
def test_nobody_can_work_out_a_withheld_group(sizes: list[int], k: int) -> None:
    hidden = withheld(sizes, k)
    secret = [size for size, hide in zip(sizes, hidden, strict=True) if hide]
    assert all(hide for size, hide in zip(sizes, hidden, strict=True) if 0 < size < k)
    if secret and not all(hide or size == 0 for size, hide in zip(sizes, hidden, strict=True)):
        assert len(secret) > 1
        assert sum(secret) >= k


@given(st.lists(st.lists(st.integers(0, 40), min_size=3, max_size=3), min_size=2, max_size=5))
def test_no_line_of_a_table_has_a_single_withheld_cell(rows: list[list[int]]) -> None:
    counts = np.array(rows)
    hidden = withheld_cells(counts, 10)
    for lines, marks in ((counts, hidden), (counts.T, hidden.T)):
        for line, mark in zip(lines, marks, strict=True):
            assert mark.sum() != 1 or (line > 0).sum() == 1


def test_everybody_of_a_small_group_is_not_printed() -> None:
    assert printable_share(1.0, 12) is None
    assert printable_share(1.0, 30) == 1.0


def test_public_report_of_few_people_gives_no_share_of_all_or_nobody(bundle_of: Make, crowd_of: Any) -> None:
    people = crowd_of(n=24, know_pre=0.98, know_gain=0.02, spread=0.0)
    plain = load(bundle_of(people)).report(audience="public").to_dict()
    shares = [row[name] for row in plain["items"] for name in ("p_pre", "p_post")]
    assert None in shares
    assert 1.0 not in shares
    assert 0.0 not in shares


def test_many_groups_are_measured_briefly(tmp_path: Path) -> None:
    rows = ["site,participant,pre,post"]
    for site in range(70):
        rows += [f"Desa {site:02d},{site}-{i},{i % 4},{i % 4 + 1 + (i + site) % 3}" for i in range(11)]
    path = tmp_path / "many.csv"
    path.write_text("\n".join(rows))
    found: Report = load(path, max_score=10).report()
    assert len(found.figures.groups) == 70
    assert found.figures.groups[0].score.p_signflip is None
    assert found.has_note("groups_brief")
    assert "Histogram" in found.charts("id")["sites"].alt


def test_sessions_are_named_by_their_day_in_tables_and_charts() -> None:
    sample = sorted(ROOT.glob("results/contoh-*"))
    made = load(*map(str, sample)).report(by=("session",))
    shown = made.shown()
    told = {str(cell) for one in made.tables().values() for row in one.rows for cell in row}
    for name in ("10 Februari 2026 · CNTH34", "16 Juni 2026 · CNTH67"):
        assert name in told
        assert f"{name} (n = 50)" in repr(shown)

"""Those who came back: how many, how they differ from the others, and what they may speak of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from kit.report import load
from kit.report.sections.followup import FollowupSection
from kit.report.stats.effect import fieller, ratio_of_means, retained, site_covariance


def event(folder: Path, came_back: int, n: int = 60, sites: int = 1) -> Path:
    rng = np.random.default_rng(came_back)
    rows = ["site,participant,pre,post,followup"]
    for person in range(n):
        pre = int(rng.integers(3, 8))
        post = pre + int(rng.integers(2, 6))
        later = str(pre + int(rng.integers(1, 4))) if person < came_back else ""
        rows.append(f"Desa {person % sites},P{person},{pre},{post},{later}")
    path = folder / "rows.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def test_a_minority_speaks_of_no_share_of_the_gain_and_nobody_is_told_to_keep_on(tmp_path: Path) -> None:
    report = load(event(tmp_path, 14), max_score=20).report()
    found = report.figures.followup
    assert (found.n, found.n_before, found.retained) == (14, 60, None)
    assert report.has_note("followup_minority")
    assert (
        FollowupSection().words(report.view("id"))[0].startswith("14 dari 60 yang mengisi dua kali kembali")
    )
    assert "Invite back those who have not returned." in report.summary("en").next_steps
    assert "Keep this form of session." not in report.summary("en").next_steps


def test_the_tipping_point_is_where_nothing_of_everybodys_gain_is_left(tmp_path: Path) -> None:
    found = load(event(tmp_path, 40), max_score=20).report().figures.followup
    assert found.retained is not None
    left = found.mean_followup - found.mean_pre
    assert found.n * left - (found.n_before - found.n) * found.tipping == pytest.approx(0, abs=1e-9)
    assert found.difference_pre == pytest.approx(found.mean_pre - found.others_mean_pre)


def test_fieller_from_a_covariance_is_fieller_over_people() -> None:
    u, v, n = np.array([1.0, 2, 3, 4]), np.array([2.0, 3, 5, 6]), np.ones(4)
    covariance = np.cov(u, v) / 4
    found = fieller(float(u.mean()), float(v.mean()), covariance, 3)
    known = ratio_of_means(u, v, n)
    assert found.value == pytest.approx(known.value)
    assert found.ci == pytest.approx(known.ci)
    t = stats.t.ppf(0.975, 3)
    for r in found.ci or ():
        error = np.sqrt(covariance[0, 0] - 2 * r * covariance[0, 1] + r**2 * covariance[1, 1])
        assert abs(u.mean() - r * v.mean()) == pytest.approx(t * error)


def test_sites_never_narrow_the_range_of_what_is_left() -> None:
    rng = np.random.default_rng(5)
    site = np.repeat(np.arange(5), 20)
    pre = rng.integers(3, 8, 100)
    post = pre + rng.integers(2, 6, 100)
    later = pre + rng.integers(0, 3, 100) + rng.integers(0, 4, 5)[site]
    alone = retained(pre, post, later, np.ones(100))
    together = retained(pre, post, later, np.ones(100), site)
    assert together.value == alone.value
    assert together.ci is None or together.ci[1] - together.ci[0] > alone.ci[1] - alone.ci[0]
    equal = site_covariance(pre * 1.0, post * 1.0, np.ones(100), np.arange(100))
    assert equal == pytest.approx(np.cov(pre, post) / 100)


def test_where_nothing_is_shown_to_be_left_nobody_is_told_to_keep_on(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    rows = ["participant,pre,post,followup"]
    for person in range(60):
        pre = int(rng.integers(4, 8))
        rows.append(f"P{person},{pre},{pre + int(rng.integers(3, 7))},{pre + int(rng.integers(-2, 3))}")
    (tmp_path / "rows.csv").write_text("\n".join(rows), encoding="utf-8")
    report = load(tmp_path / "rows.csv", max_score=20).report()
    found = report.figures.followup
    assert found.retained_ci is not None
    assert found.retained_ci[0] < 0 < found.retained_ci[1]
    assert "Repeat it: nothing of the gain is shown to be left." in report.summary("en").next_steps
    assert "Keep this form of session." not in report.summary("en").next_steps


def test_nobody_is_told_to_keep_on_where_the_target_was_missed(tmp_path: Path) -> None:
    loaded = load(event(tmp_path, 40), max_score=20)
    steps = {target: loaded.report(target=target).summary("en").next_steps for target in (10.0, 40.0)}
    assert "Keep this form of session." in steps[10.0]
    assert "Keep this form of session." not in steps[40.0]
    assert "Review the session: the target was missed." in steps[40.0]


def test_what_is_not_told_of_those_who_stayed_away_is_explained_only_where_it_is_missing(
    tmp_path: Path,
) -> None:
    assert not load(event(tmp_path, 40), max_score=20).report().has_note("followup_others")
    assert load(event(tmp_path, 58), max_score=20).report().has_note("followup_others")

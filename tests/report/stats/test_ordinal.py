"""The ordinal model of offers: against numerical integration, finite differences, R, and people we made."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, stats

from kit.report.stats import ordinal
from kit.report.stats.discernment import discernment_verdict
from kit.report.stats.ordinal import Arm, arm_of_cells, cell_scores, fit_wave, ordinal_discernment

TRUTH = np.array([0.2, np.log(0.6), 1.3, np.log(0.7)])
HERE = Path(__file__).parent


def moved(midpoint: float, log_distance: float, discernment: float, log_spread: float) -> np.ndarray:
    return TRUTH + np.array([midpoint, log_distance, discernment, log_spread])


def draw(
    rng: np.random.Generator, criteria: np.ndarray, theta: np.ndarray, fraud: int = 5, genuine: int = 5
) -> np.ndarray:
    """Counts (people, 6) of people with these criteria."""
    low, high = theta[0] - np.exp(theta[1]) / 2, theta[0] + np.exp(theta[1]) / 2
    counts = np.zeros((len(criteria), 6))
    for signal, asked, first in ((0.5, fraud, 0), (-0.5, genuine, 3)):
        for _ in range(asked):
            felt = rng.normal(size=len(criteria)) + criteria + signal * theta[2]
            answer = (felt > low).astype(int) + (felt > high).astype(int)
            counts[np.arange(len(criteria)), first + answer] += 1
    return counts


def event(
    rng: np.random.Generator, n: int, pre: np.ndarray, post: np.ndarray, alike: float = 0.7
) -> tuple[np.ndarray, np.ndarray]:
    """Both waves of n people whose criteria resemble each other over time."""
    base = rng.normal(size=n)
    later = alike * base + np.sqrt(1 - alike**2) * rng.normal(size=n)
    return draw(rng, np.exp(pre[3]) * base, pre), draw(rng, np.exp(post[3]) * later, post)


def arm(pre: np.ndarray, post: np.ndarray, site: int = 0) -> Arm:
    return Arm(pre, post, np.ones(len(pre)), np.full(len(pre), site))


def log_likelihood_of_row(theta: np.ndarray, counts: np.ndarray) -> float:
    """One person's likelihood by adaptive integration, written down from the formula alone."""
    low, high = theta[0] - np.exp(theta[1]) / 2, theta[0] + np.exp(theta[1]) / 2

    def given(criterion: float) -> float:
        value = stats.norm.pdf(criterion, scale=np.exp(theta[3]))
        for signal, part in ((0.5, counts[:3]), (-0.5, counts[3:])):
            edges = stats.norm.cdf(
                [low - criterion - signal * theta[2], high - criterion - signal * theta[2]]
            )
            value *= edges[0] ** part[0] * (edges[1] - edges[0]) ** part[1] * (1 - edges[1]) ** part[2]
        return float(value)

    return float(np.log(integrate.quad(given, -12, 12, epsabs=0, epsrel=1e-10, limit=500)[0]))


@pytest.mark.parametrize("spread", [0.2, 0.7, 1.5])
def test_the_likelihood_is_that_of_integration_person_by_person(spread: float) -> None:
    theta = np.array([0.2, np.log(0.6), 1.3, np.log(spread)])
    counts = draw(np.random.default_rng(1), np.random.default_rng(2).normal(0, spread, 12), theta)
    ours = cell_scores(theta, counts)[0]
    assert ours == pytest.approx([log_likelihood_of_row(theta, row) for row in counts], abs=1e-6)


def test_the_gradient_is_that_of_the_likelihood() -> None:
    counts = draw(np.random.default_rng(3), np.random.default_rng(4).normal(0, 0.7, 30), TRUTH)
    _, gradient = cell_scores(TRUTH, counts)
    for place in range(4):
        step = np.eye(4)[place] * 1e-6
        slope = (cell_scores(TRUTH + step, counts)[0] - cell_scores(TRUTH - step, counts)[0]) / 2e-6
        assert gradient[:, place] == pytest.approx(slope, abs=1e-6)


def test_a_large_crowd_gives_back_the_parameters_it_was_made_with() -> None:
    rng = np.random.default_rng(5)
    counts = draw(rng, rng.normal(0, np.exp(TRUTH[3]), 20_000), TRUTH)
    distinct, n = np.unique(counts, axis=0, return_counts=True)
    assert fit_wave(distinct, n.astype(float)) == pytest.approx(TRUTH, abs=0.03)


def test_cells_say_the_same_as_people() -> None:
    rng = np.random.default_rng(6)
    pre, post = event(rng, 60, TRUTH, moved(0, 0, 0.5, 0))
    rows, where, n = np.unique(np.hstack([pre, post]), axis=0, return_inverse=True, return_counts=True)
    assert len(rows) < 60 or where.size == 60
    by_people = ordinal_discernment([arm(pre, post)], by_site=False)
    cells = Arm(rows[:, :6], rows[:, 6:], n.astype(float), np.zeros(len(rows)))
    by_cells = ordinal_discernment([cells], by_site=False)
    assert by_people.discernment is not None
    assert by_cells.discernment is not None
    assert by_cells.discernment.ci == pytest.approx(by_people.discernment.ci, abs=1e-9)


def test_each_wave_agrees_with_clmm_of_r() -> None:
    """`clmm.R` fits `response ~ signal + (1 | person)` by `ordinal::clmm` (nAGQ 31) on the same rows."""
    known = json.loads((HERE / "clmm.json").read_text(encoding="utf-8"))
    rng = np.random.default_rng(7)
    counts = draw(rng, rng.normal(0, np.exp(TRUTH[3]), 400), TRUTH)
    assert counts.sum(axis=0).tolist() == known["totals"], "the same people as R was given"
    theta = fit_wave(counts, np.ones(len(counts)))
    assert theta is not None
    low, high = theta[0] - np.exp(theta[1]) / 2, theta[0] + np.exp(theta[1]) / 2
    # R has no prior: with 400 people it moves nothing by more than a few thousandths.
    found = [low, high, theta[2], np.exp(theta[3])]
    assert found == pytest.approx([known[k] for k in ("low", "high", "discernment", "spread")], abs=0.01)


def test_people_who_only_become_suspicious_become_no_better() -> None:
    rng = np.random.default_rng(8)
    arms = [arm(*event(rng, 200, TRUTH, moved(-0.8, 0, 0, 0))) for _ in range(2)]
    found = ordinal_discernment(arms, by_site=False)
    assert found.criterion is not None
    assert found.discernment is not None
    assert found.criterion.joint_ci[1] < 0
    assert found.discernment.joint_ci[0] < 0 < found.discernment.joint_ci[1]


def test_fewer_answers_of_not_knowing_are_decidedness_alone() -> None:
    rng = np.random.default_rng(9)
    arms = [arm(*event(rng, 200, TRUTH, moved(0, -1.5, 0, 0))) for _ in range(2)]
    found = ordinal_discernment(arms, by_site=False)
    assert found.distance is not None
    assert found.discernment is not None
    assert found.distance.ci[1] < 0
    assert found.discernment.joint_ci[0] < 0 < found.discernment.joint_ci[1]


def test_an_easier_form_in_unequal_arms_is_no_change() -> None:
    """70 % of 400 people get the form with clearer offers after the talk; each arm counts the same."""
    rng = np.random.default_rng(10)
    clear, dim = moved(0, 0, 0.6, 0), TRUTH
    arms = [arm(*event(rng, 280, dim, clear)), arm(*event(rng, 120, clear, dim))]
    found = ordinal_discernment(arms, by_site=False)
    assert found.discernment is not None
    assert found.discernment.joint_ci[0] < 0 < found.discernment.joint_ci[1]


def test_sites_never_narrow_an_interval() -> None:
    rng = np.random.default_rng(11)
    pre, post = event(rng, 90, TRUTH, moved(0, 0, 0.4, 0))
    sites = np.repeat(np.arange(5), 18)
    people = ordinal_discernment([Arm(pre, post, np.ones(90), sites)], by_site=False)
    grouped = ordinal_discernment([Arm(pre, post, np.ones(90), sites)], by_site=True)
    for name in ("discernment", "criterion", "distance"):
        alone, clustered = getattr(people, name), getattr(grouped, name)
        assert clustered.change == alone.change
        assert clustered.standard_error >= alone.standard_error


def refuse_all(counts: np.ndarray) -> np.ndarray:
    return np.tile([0.0, 0.0, 5.0, 0.0, 0.0, 5.0], (len(counts), 1))


def test_it_says_why_there_is_nothing_to_judge() -> None:
    rng = np.random.default_rng(12)
    pre, post = event(rng, 40, TRUTH, TRUTH)
    assert ordinal_discernment([arm(pre[:9], post[:9])], by_site=False).reason == "few"
    assert ordinal_discernment([arm(pre, refuse_all(post))], by_site=False).reason == "extreme"
    unequal = [arm(pre[:30], post[:30]), arm(pre[30:35], post[30:35])]
    assert ordinal_discernment(unequal, by_site=False).reason == "arms_small"
    nearly = [arm(pre[:7], post[:7]), arm(pre[7:13], post[7:13])]
    assert ordinal_discernment(nearly, by_site=False).discernment is not None


def test_small_rooms_at_the_ceiling_stay_finite() -> None:
    """Nobody says "don't know" and nearly everybody is right: the prior keeps the estimate on the scale."""
    rng = np.random.default_rng(13)
    sure = np.array([0.0, np.log(0.02), 3.5, np.log(0.3)])
    found = ordinal_discernment([arm(*event(rng, 15, sure, sure))], by_site=False)
    assert found.reason in (None, "extreme")
    if found.discernment is not None:
        assert all(abs(x) < 20 for x in found.discernment.ci)


def test_columns_of_the_cube_become_counts_of_answers() -> None:
    names = [f"{signal}_{what}_{wave}" for wave in ("pre", "post") for signal in ("fraud", "genuine")
             for what in ("refused", "unsure", "asked")]  # fmt: skip
    cells = dict(zip(names, ([3], [1], [5], [2], [0], [5], [5], [0], [5], [1], [1], [5]), strict=True))
    made = arm_of_cells({**cells, "n": [7], "site": [0]})
    assert made.pre.tolist() == [[1, 1, 3, 3, 0, 2]]
    assert made.post.tolist() == [[0, 0, 5, 3, 1, 1]]
    assert made.people == 7


def test_nodes_are_enough_for_people_who_differ_much(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = np.array([0.0, np.log(0.5), 1.5, np.log(2.0)])
    counts = draw(np.random.default_rng(14), np.random.default_rng(15).normal(0, 2, 300), wide)
    few = cell_scores(wide, counts)[0].sum()
    monkeypatch.setattr(ordinal, "NODES", 801)
    assert few == pytest.approx(cell_scores(wide, counts)[0].sum(), abs=1e-4)


def test_intervals_of_the_verdict_share_five_percent() -> None:
    """By scipy's t: what a verdict reads of the three intervals, one side of the last, adds up to .05."""
    rng = np.random.default_rng(16)
    found = ordinal_discernment([arm(*event(rng, 40, TRUTH, TRUTH))], by_site=False)
    tails = []
    for name in ("discernment", "criterion", "distance"):
        change = getattr(found, name)
        reach = (change.joint_ci[1] - change.change) / change.standard_error
        tails.append(float(stats.t.sf(reach, 39)))
    assert 2 * tails[0] + 2 * tails[1] + tails[2] == pytest.approx(0.05, abs=1e-9)
    assert 2 * tails[0] == pytest.approx(0.025, abs=1e-9), "discernment keeps its half"


def test_where_nothing_changed_five_in_a_hundred_events_get_any_verdict() -> None:
    """Estimates drawn from their own null, with errors that are estimated too: no model, the rule alone."""
    rng = np.random.default_rng(17)
    events, df = 40_000, 29
    errors = np.sqrt(rng.chisquare(df, (events, 3)) / df)
    found = rng.normal(size=(events, 3))
    reach = errors * stats.t.ppf(ordinal.JOINT_SIDES, df)
    verdicts = [
        discernment_verdict(*zip(low.tolist(), high.tolist(), strict=True))
        for low, high in zip(found - reach, found + reach, strict=True)
    ]
    claimed = np.mean([verdict != "no_change" for verdict in verdicts])
    assert claimed == pytest.approx(1 - 0.975 * 0.98 * 0.995, abs=3 * np.sqrt(0.05 * 0.95 / events))

"""Items: McNemar, Fisher, Holm, intervals, verdicts, alpha; statsmodels and scipy as oracles where right."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from kit.report.stats import items
from kit.report.stats.items import FourFold

counts = st.integers(0, 30)


@given(counts, counts)
def test_mcnemar_is_the_exact_one_of_statsmodels(learned: int, lost: int) -> None:
    oracle = mcnemar([[5, lost], [learned, 5]], exact=True).pvalue if learned + lost else 1.0
    assert items.mcnemar_p(FourFold(5, learned, lost, 5)) == pytest.approx(oracle)


def test_nobody_changed_is_no_evidence_where_the_chi_square_prints_zero() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trap = mcnemar([[20, 0], [0, 20]], exact=False, correction=False)
    assert trap.pvalue != 1.0  # statsmodels divides by zero here
    assert items.mcnemar_p(FourFold(20, 0, 0, 20)) == 1.0


def test_paired_interval_of_statpsych() -> None:
    # statpsych (Bonett & Price 2012), ci.prop.ps(.05, 12, 4, 26, 6): estimate .44, 95 % .2548068 to .6251932.
    found = items.paired_difference_interval(FourFold(n11=6, n01=26, n10=4, n00=12))
    assert found == pytest.approx((0.2548068, 0.6251932), abs=1e-6)


@given(st.integers(1, 25), st.integers(1, 25), st.data())
def test_fisher_is_scipys(n1: int, n2: int, data: st.DataObject) -> None:
    r1, r2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    oracle = stats.fisher_exact([[r1, n1 - r1], [r2, n2 - r2]]).pvalue
    assert items.fisher_p((r1, r2), (n1, n2)) == pytest.approx(oracle, rel=1e-6)


@given(st.integers(0, 60), st.sampled_from((0.03, 0.25, 0.5, 0.8, 0.999)), st.data())
def test_the_binomial_test_is_scipys(n: int, chance: float, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, n))
    oracle = stats.binomtest(successes, n, chance).pvalue if n else 1.0
    assert items.binomial_p(successes, n, chance) == pytest.approx(oracle, rel=1e-9, abs=1e-300)


def test_the_binomial_test_of_mendels_peas() -> None:
    # R, help(binom.test): 682 of 925 at 3/4 (Conover 1971, p. 97), p-value = 0.3825.
    assert items.binomial_p(682, 925, 0.75) == pytest.approx(0.3825, abs=5e-5)


# statsmodels needs a tenth of a second for each call.
@settings(max_examples=12, deadline=None)
@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=20))
def test_holm_is_that_of_statsmodels(p: list[float]) -> None:
    assert items.holm(p) == pytest.approx(list(multipletests(p, method="holm")[1]))


@pytest.mark.parametrize(
    ("change", "p", "verdict"),
    [
        (0.3, 0.01, "proven_up"),
        (0.3, 0.2, "unchanged"),
        (0.1, 1.0, "unchanged"),
        (-0.3, 0.2, "unchanged"),
        (-0.3, 0.01, "proven_down"),
    ],
)
def test_three_verdicts(change: float, p: float, verdict: str) -> None:
    assert items.item_verdict(change, p) == verdict


def test_items_of_sites_have_the_errors_of_a_clustered_regression() -> None:
    """OLS of right on wave with errors by site (CR1), people as rows; statsmodels adds its N/(N-K) factor."""
    rng = np.random.default_rng(3)
    site = np.repeat(np.arange(6), [9, 14, 5, 20, 11, 8])
    lean = rng.normal(0, 0.2, 6)[site]
    right = [(rng.random(len(site)) < 0.5 + sign * lean).astype(float) for sign in (0.4, 1.0)]
    counts = items.SiteCounts(
        tuple(np.bincount(site, weights=r) for r in right), (np.bincount(site) * 1.0,) * 2
    )
    found = items.clustered_difference(counts)
    wave = np.repeat([0.0, 1.0], len(site))
    model = sm.OLS(np.concatenate(right), sm.add_constant(wave))
    known = model.fit(cov_type="cluster", cov_kwds={"groups": np.tile(site, 2)}, use_t=True)
    rows = 2 * len(site)
    assert found is not None
    assert found[0] == pytest.approx(known.params[1], abs=1e-12)
    assert found[1] == pytest.approx(known.bse[1] ** 2 * (rows - 2) / (rows - 1), rel=1e-9)
    assert items.clustered_p(*found, 1e-9) > 1e-9


def test_sites_that_move_together_prove_nothing_of_an_item() -> None:
    """An item moves up at some sites and down at others (ICC about .1): people alone call that proven."""
    rng = np.random.default_rng(4)
    proven = {"sites": 0, "people": 0}
    for _ in range(200):
        n = np.full(6, 40)
        before = rng.binomial(n, 0.5)
        after = rng.binomial(n, np.clip(0.5 + rng.normal(0, 0.16, 6), 0.02, 0.98))
        found = items.clustered_difference(items.SiteCounts((before, after), (n, n)))
        raw = items.fisher_p((int(before.sum()), int(after.sum())), (240, 240))
        assert found is not None
        proven["sites"] += items.clustered_p(*found, raw) < 0.05
        proven["people"] += raw < 0.05
    assert proven["sites"] / 200 <= 0.06
    assert proven["people"] / 200 > 0.1


def test_item_that_everybody_gets_right_has_no_rest_correlation() -> None:
    assert items.rest_correlation(np.ones(3), np.array([3.0, 5.0, 7.0]), np.array([4, 5, 6])) is None


def test_rest_correlation_leaves_the_item_itself_out() -> None:
    right, total = np.array([0.0, 1.0, 1.0, 0.0]), np.array([3.0, 5.0, 2.0, 6.0])
    n = np.ones(4, dtype=int)
    assert items.rest_correlation(right, total, n) == pytest.approx(np.corrcoef(right, total - right)[0, 1])


def test_alpha_and_feldt_interval() -> None:
    # alpha = K/(K-1) (1 - sum var / var total); Feldt 1965 by F quantiles of scipy.
    found = items.cronbach_alpha(2.0, 8.0, 10, 49)
    assert found.alpha == pytest.approx(10 / 9 * 0.75)
    low = 1 - (1 - found.alpha) * stats.f.ppf(0.975, 49, 441)
    high = 1 - (1 - found.alpha) * stats.f.ppf(0.025, 49, 441)
    assert found.ci == pytest.approx((low, high))


def test_alpha_needs_people_who_differ() -> None:
    assert items.cronbach_alpha(0.0, 0.0, 10, 49).alpha is None

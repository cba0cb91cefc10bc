"""Items: McNemar, Fisher, Holm, intervals, verdicts, alpha; statsmodels and scipy as oracles where right."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
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


# statsmodels needs a tenth of a second for each call.
@settings(max_examples=12, deadline=None)
@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=20))
def test_holm_is_that_of_statsmodels(p: list[float]) -> None:
    assert items.holm(p) == pytest.approx(list(multipletests(p, method="holm")[1]))


@pytest.mark.parametrize(
    ("change", "ci", "p", "verdict"),
    [
        (0.3, (0.1, 0.5), 0.01, "proven_up"),
        (0.3, (0.1, 0.5), 0.2, "seems_up"),
        (0.1, (-0.1, 0.3), 1.0, "unchanged"),
        (-0.3, (-0.5, -0.1), 0.2, "seems_down"),
        (-0.3, (-0.5, -0.1), 0.01, "proven_down"),
    ],
)
def test_five_verdicts(change: float, ci: tuple[float, float], p: float, verdict: str) -> None:
    assert items.item_verdict(change, ci, p) == verdict


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

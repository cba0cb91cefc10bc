"""Each order of forms counts the same: checked against Welch in SciPy, and by simulation of the trap."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from kit.report.stats.balanced import Arm, balanced_change, balanced_mean
from kit.report.stats.paired import Pairs, mean_change


def people(before: list[int], after: list[int]) -> Pairs:
    return Pairs(np.array(before), np.array(after), np.ones(len(before), dtype=int))


def test_two_orders_are_half_of_welchs_difference_with_one_side_turned_round() -> None:
    first, second = people([0] * 5, [1, 2, 3, 5, 2]), people([1] * 3, [6, 8, 5])
    found = balanced_change([Arm(first, 0.5), Arm(second, 0.5)])
    known = stats.ttest_ind(first.change, -second.change, equal_var=False)
    low, high = known.confidence_interval(0.95)
    assert found.ci == pytest.approx((low / 2, high / 2), abs=1e-12)
    assert found.df == pytest.approx(known.df, abs=1e-12)
    assert found.t == pytest.approx(known.statistic, abs=1e-12)
    assert found.p_t == pytest.approx(known.pvalue, abs=1e-12)


def test_one_arm_is_the_paired_t() -> None:
    pairs = people([0, 0, 0, 0, 0], [1, 2, 3, 4, 5])
    found, known = balanced_change([Arm(pairs, 1.0)]), mean_change(pairs)
    assert found.ci == pytest.approx(known.ci)
    assert (found.t, found.df, found.p_t) == pytest.approx((known.t, known.df, known.p_t))


def test_example_of_the_docstring() -> None:
    found = balanced_change([Arm(people([0] * 3, [1, 2, 3]), 0.5), Arm(people([0] * 2, [5, 7]), 0.5)])
    assert found.mean == pytest.approx(4)
    assert found.df == pytest.approx(1.684, abs=5e-4)


def test_means_before_and_after_differ_by_the_change() -> None:
    arms = [Arm(people([1, 2, 3], [4, 4, 9]), 0.5), Arm(people([7, 5], [6, 6]), 0.5)]
    before, after = balanced_mean(arms)
    assert after - before == pytest.approx(balanced_change(arms).mean, abs=1e-12)


@pytest.mark.parametrize(("first", "second"), [([3], [1, 2]), ([2, 2], [4, 4])])
def test_no_interval_where_an_order_has_no_spread_or_one_person(first: list[int], second: list[int]) -> None:
    arms = [Arm(people([0] * len(side), side), 0.5) for side in (first, second)]
    found = balanced_change(arms)
    assert (found.ci, found.t, found.p_t) == (None, None, None)


def test_an_easier_form_in_unequal_arms_is_no_gain() -> None:
    """Form B is easier by 1.5 points and 70 % of the people get it after; nobody learns anything."""
    rng = np.random.default_rng(12)
    claims = {"balanced": 0, "plain": 0}
    for _ in range(300):
        sides = []
        for n, shift in ((42, 1.5), (18, -1.5)):
            pre = rng.binomial(14, 0.5, n)
            sides.append(Pairs(pre, np.round(pre + shift + rng.normal(0, 2, n)).astype(int), np.ones(n, int)))
        both = Pairs(*(np.concatenate([getattr(s, name) for s in sides]) for name in ("pre", "post", "n")))
        ci, plain = balanced_change([Arm(side, 0.5) for side in sides]).ci, mean_change(both).ci
        assert ci is not None
        assert plain is not None
        claims["balanced"] += ci[0] > 0
        claims["plain"] += plain[0] > 0
    assert claims["balanced"] / 300 <= 0.05
    assert claims["plain"] / 300 > 0.4


def test_a_small_order_that_happens_to_be_uniform_does_not_gain_freedom() -> None:
    """Six of sixty people: by Welch alone more than 5 % of null events claim a change."""
    rng = np.random.default_rng(30)
    claims = {True: 0, False: 0}
    for _ in range(4000):
        many, few = (np.round(shift + rng.normal(0, 2, n)) for shift, n in ((1.5, 54), (-1.5, 6)))
        arms = [Arm(Pairs(np.zeros(len(x)), x, np.ones(len(x), dtype=int)), 0.5) for x in (many, few)]
        found = balanced_change(arms)
        parts = [x.var(ddof=1) / len(x) for x in (many, few)]
        welch = sum(parts) ** 2 / sum(
            part**2 / (len(x) - 1) for part, x in zip(parts, (many, few), strict=True)
        )
        assert found.df is not None
        assert found.p_t is not None
        assert found.t is not None
        assert found.df <= welch + 1e-9
        claims[True] += found.p_t < 0.05
        claims[False] += 2 * stats.t.sf(abs(found.t), welch) < 0.05
    assert claims[True] / 4000 <= 0.05 < claims[False] / 4000

"""Change of one group, against published examples, scipy as an oracle, and scipy's traps."""

from __future__ import annotations

import itertools
import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kit.report.stats import paired
from kit.report.stats.distributions import noncentral_t_cdf, noncentrality_interval, t_quantile
from kit.report.stats.effect import (
    d_av_interval,
    effect_sizes,
    hedges_correction,
    normalised_change,
    normalised_gain,
    ratio_of_means,
    retained,
)
from kit.report.stats.paired import Pairs

# Student 1908, "The probable error of a mean" (Cushny and Peebles): extra hours of sleep of ten patients.
SLEEP_1 = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
SLEEP_2 = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])


def pairs_of(pre: list[float] | np.ndarray, post: list[float] | np.ndarray) -> Pairs:
    return Pairs(np.asarray(pre), np.asarray(post), np.ones(len(pre), dtype=int))


def changes(*d: int) -> Pairs:
    return pairs_of([10] * len(d), [10 + x for x in d])


scores = st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), min_size=2, max_size=40)


def test_students_sleep_data_give_his_t() -> None:
    found = paired.mean_change(pairs_of(SLEEP_1, SLEEP_2))
    assert found.mean == pytest.approx(1.58)
    assert found.t == pytest.approx(4.0621, abs=5e-5)
    assert found.p_t == pytest.approx(0.002833, abs=5e-7)
    assert found.ci == pytest.approx((0.7001142, 2.4598858), abs=5e-7)


@given(scores)
def test_mean_change_is_the_paired_t_of_scipy(people: list[tuple[int, int]]) -> None:
    pre, post = zip(*people, strict=True)
    found = paired.mean_change(pairs_of(pre, post))
    if found.sd == 0:
        assert found.ci is None
        return
    oracle = stats.ttest_rel(post, pre)
    assert found.t == pytest.approx(oracle.statistic, rel=1e-9, abs=1e-9)
    assert found.p_t == pytest.approx(oracle.pvalue, rel=1e-7)
    assert found.ci == pytest.approx(tuple(oracle.confidence_interval()), rel=1e-9, abs=1e-9)


def test_everybody_gaining_exactly_one_has_no_t_where_scipy_prints_infinity() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trap = stats.ttest_rel([3, 4, 5, 6, 7], [2, 3, 4, 5, 6])
    assert math.isinf(trap.statistic)
    assert trap.pvalue == 0
    found = paired.mean_change(changes(1, 1, 1, 1, 1))
    assert (found.mean, found.sd, found.ci, found.t, found.p_t) == (1, 0, None, None, None)


def test_four_people_cannot_have_a_smaller_p_than_one_in_eight() -> None:
    assert paired.signflip_p(changes(1, 1, 1, 1)) == pytest.approx(0.125)


def test_fishers_permutation_of_darwins_plants() -> None:
    # Fisher 1935, The Design of Experiments, section 21: Darwin's fifteen pairs of maize, in eighths of an
    # inch;    # 863 of the 32,768 sign patterns have a sum of at least 314, so p = 1726/32768 = .0527.
    darwin = (49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48)
    assert paired.signflip_p(changes(*darwin)) == pytest.approx(1726 / 32768, abs=1e-12)


@given(st.lists(st.integers(-6, 6), min_size=1, max_size=10))
def test_signflip_is_the_full_enumeration(d: list[int]) -> None:
    observed = abs(sum(d))
    signs = itertools.product((-1, 1), repeat=len(d))
    hits = sum(abs(sum(s * abs(x) for s, x in zip(pattern, d, strict=True))) >= observed for pattern in signs)
    assert paired.signflip_p(changes(*d)) == pytest.approx(hits / 2 ** len(d), rel=1e-12)


def test_signflip_beyond_two_thousand_people_is_close_to_the_exact_one() -> None:
    rng = np.random.default_rng(3)
    d = rng.integers(-5, 6, 2200)
    big, small = changes(*d.tolist()), changes(*d[d != 0][:1990].tolist())
    assert 0 < paired.signflip_p(big) <= 1
    exact = paired.signflip_p(small)
    z = small.change.sum() / math.sqrt((small.change**2).sum())
    assert exact == pytest.approx(2 * stats.norm.sf(abs(z)), abs=2e-3)


def test_a_tiny_p_is_never_zero() -> None:
    found = changes(*([1, 2] * 900))
    assert paired.signflip_p(found) > 0
    assert paired.mean_change(found).p_t == pytest.approx(1e-300)


@given(st.lists(st.integers(-6, 6), min_size=1, max_size=9))
def test_wilcoxon_is_exact_with_ties_and_zeros(d: list[int]) -> None:
    found = paired.wilcoxon(changes(*d))
    kept = [x for x in d if x]
    if not kept:
        assert found.p is None
        return
    ranks = stats.rankdata(np.abs(kept))
    plus = float(ranks[np.array(kept) > 0].sum())
    middle = ranks.sum() / 2
    patterns = itertools.product((0, 1), repeat=len(kept))
    hits = sum(abs(np.dot(p, ranks) - middle) >= abs(plus - middle) - 1e-9 for p in patterns)
    assert found.w_plus == pytest.approx(plus)
    assert found.rank_biserial == pytest.approx((2 * plus - ranks.sum()) / ranks.sum())
    assert found.p == pytest.approx(hits / 2 ** len(kept))


def test_wilcoxon_of_scipy_leaves_the_exact_distribution_when_there_are_ties() -> None:
    d = [1, 1, 1, 2, 2, -1, 3, 3]
    approximate = stats.wilcoxon(d, method="approx", correction=False).pvalue
    exact = paired.wilcoxon(changes(*d)).p
    assert exact is not None
    assert abs(exact - approximate) > 0.002


def test_wilcoxon_of_many_people_is_scipys_normal_approximation() -> None:
    d = np.random.default_rng(5).integers(-5, 7, 900)
    found = paired.wilcoxon(changes(*d.tolist()))
    oracle = stats.wilcoxon(d[d != 0], method="approx", correction=False)
    assert found.p == pytest.approx(oracle.pvalue, rel=1e-9)


def test_up_same_down_are_counted() -> None:
    assert paired.up_same_down(changes(2, 1, 0, -1, 0, 3)) == (3, 2, 1)


def test_welch_is_scipys() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(5, 2, 12), rng.normal(4, 3, 20)
    found = paired.welch_difference((a.mean(), a.std(ddof=1), 12), (b.mean(), b.std(ddof=1), 20))
    oracle = stats.ttest_ind(a, b, equal_var=False)
    assert found.p == pytest.approx(oracle.pvalue)
    assert found.ci == pytest.approx(tuple(oracle.confidence_interval()))


def test_one_person_against_many_has_no_interval() -> None:
    assert paired.welch_difference((5.0, None, 1), (4.0, 1.0, 20)).ci is None


def test_d_av_of_statpsych() -> None:
    # statpsych 1.7 (Bonett), ci.stdmean.ps(.05, 110.4, 102.1, 15.3, 14.6, .75, 25), unweighted standardizer.
    d = 8.3 / math.sqrt((15.3**2 + 14.6**2) / 2)
    assert d == pytest.approx(0.5550319, abs=1e-7)
    assert d_av_interval(d, (15.3, 14.6), 0.75, 25) == pytest.approx((0.2394905, 0.8705732), abs=1e-7)


def test_d_av_of_statpsych_for_eight_people() -> None:
    # statpsych 2.0, ci.stdmean.ps(.05, 602.4, 705.6, 33.17, 51.08, .769, 8).
    d = (602.4 - 705.6) / math.sqrt((33.17**2 + 51.08**2) / 2)
    assert d_av_interval(d, (33.17, 51.08), 0.769, 8) == pytest.approx((-3.6744, -1.1182), abs=5e-5)


def test_effect_sizes_of_five_steps() -> None:
    found = effect_sizes(changes(1, 2, 3, 4, 5))
    assert found.d_z == pytest.approx(3 / math.sqrt(2.5))
    assert found.hedges_g_z == pytest.approx(found.d_z * hedges_correction(4))
    assert hedges_correction(9) == pytest.approx(0.914286, abs=1e-6)


@pytest.mark.parametrize(("t", "df", "delta"), [(2.0, 10, 1.0), (-1.0, 4, 0.5), (5.0, 1, 2.0), (30, 200, 28)])
def test_noncentral_t_is_scipys_where_scipy_is_finite(t: float, df: float, delta: float) -> None:
    assert noncentral_t_cdf(t, df, delta) == pytest.approx(stats.nct.cdf(t, df, delta), abs=1e-9)


def test_interval_of_d_exists_where_scipys_noncentral_t_is_lost() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trap = [stats.nct.cdf(20, 3, delta) for delta in np.linspace(-20, -10, 40)]
    assert any(math.isnan(p) for p in trap)
    assert noncentral_t_cdf(20, 3, -15) == pytest.approx(1.0)
    low, high = noncentrality_interval(300.0, 2000)
    assert noncentral_t_cdf(300.0, 2000, low) == pytest.approx(0.975, abs=1e-8)
    assert noncentral_t_cdf(300.0, 2000, high) == pytest.approx(0.025, abs=1e-8)


def test_normalised_gain_is_the_gain_of_averages() -> None:
    # Hake 1998: <g> = (post - pre)/(100 - pre); means 4 and 7 of 10 give one half.
    found = normalised_gain(pairs_of([2, 4, 6, 4], [6, 6, 8, 8]), 10)
    assert found.value == pytest.approx(0.5)
    assert found.ci is not None
    assert found.ci[0] < 0.5 < found.ci[1]


@settings(max_examples=60)
@given(scores)
def test_fieller_interval_holds_the_ratios_that_t_does_not_reject(people: list[tuple[int, int]]) -> None:
    pre, post = (np.array(x, dtype=float) for x in zip(*people, strict=True))
    u, v = 14 - post, 14 - pre
    found = ratio_of_means(u, v, np.ones(len(u), dtype=int))
    if found.ci is None:
        return
    for edge in found.ci:
        difference = u - edge * v
        if difference.std() > 1e-9:
            t = difference.mean() / (difference.std(ddof=1) / math.sqrt(len(u)))
            assert abs(t) == pytest.approx(t_quantile(len(u) - 1), rel=1e-5)


def test_full_marks_before_leave_no_gain_to_normalise() -> None:
    assert normalised_gain(pairs_of([10] * 6, [10, 9, 10, 8, 10, 10]), 10).value is None


def test_gain_interval_is_unbounded_when_hardly_anything_was_left_to_learn() -> None:
    found = normalised_gain(pairs_of([10, 10, 10, 9, 10, 10], [10, 10, 9, 10, 10, 10]), 10)
    assert found.value is not None
    assert found.ci is None


def test_normalised_change_drops_those_who_could_not_change() -> None:
    # Marx & Cummings 2007: people at 0 or 100 % both times are left out; here one up, one down, all the way.
    found = normalised_change(pairs_of([5, 5, 10, 0], [10, 0, 10, 0]), 10)
    assert (found.mean, found.n, found.dropped) == (0, 2, 2)


def test_retained_share_and_its_refusal() -> None:
    waves = ([4, 4, 3, 5, 4, 4], [8, 7, 8, 9, 8, 8], [7, 7, 6, 8, 7, 7])
    pre, post, later = (np.array(x, dtype=float) for x in waves)
    n = np.ones(6, dtype=int)
    kept = retained(pre, post, later, n)
    assert kept.value == pytest.approx((7 - 4) / (8 - 4))
    assert kept.ci is not None
    assert retained(pre, pre + np.array([1, -1, 1, -1, 1, -1]), later, n).value is None

"""Many sites: oracles of statsmodels where they are right, and the cases where they are not."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from statsmodels.stats.meta_analysis import combine_effects

from kit.report.stats import pooling
from kit.report.stats.distributions import t_quantile
from kit.report.stats.pooling import SiteMoments


def simulated(sites: int, seed: int, tau: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(5, 40, sites)
    site = np.repeat(np.arange(sites), sizes)
    return site, np.round(2 + rng.normal(0, tau, sites)[site] + rng.normal(0, 2.5, len(site)))


def moments_of(site: np.ndarray, change: np.ndarray) -> SiteMoments:
    return pooling.site_moments(site, change, np.ones(len(site)))


def test_random_effects_are_those_of_statsmodels_with_hartung_knapp_or_the_jackknife() -> None:
    site, change = simulated(8, 1, tau=2.0)
    moments = moments_of(site, change)
    found = pooling.pool_sites(moments)
    oracle = combine_effects(moments.mean, moments.error_variances, method_re="iterated", use_t=True)
    assert found is not None
    assert found.tau2 == pytest.approx(oracle.tau2, rel=1e-4)
    assert found.estimate == pytest.approx(oracle.mean_effect_re, rel=1e-6)
    low, high = oracle.conf_int()[3][0:2] if len(oracle.conf_int()) > 3 else oracle.conf_int()[1][0:2]
    weights = 1.0 / (moments.error_variances + found.tau2)
    without = [
        np.average(np.delete(moments.mean, g), weights=np.delete(weights, g)) - found.estimate
        for g in range(8)
    ]
    jackknife = t_quantile(7) * np.sqrt(7 / 8 * np.sum(np.square(without)))
    assert found.ci is not None
    assert found.ci[1] - found.estimate == pytest.approx(
        max((float(high) - float(low)) / 2, jackknife), rel=1e-3
    )


def test_sites_of_one_size_have_the_interval_of_hartung_knapp() -> None:
    """Equal weights: the jackknife over sites is the same number."""
    moments = SiteMoments(np.full(6, 20.0), np.array([1.0, 2.5, 0.5, 3.0, 2.0, 4.0]), np.full(6, 19.0))
    found = pooling.pool_sites(moments)
    assert found is not None
    reach = t_quantile(5) * np.std(moments.mean, ddof=1) / np.sqrt(6)
    assert found.ci == pytest.approx((found.estimate - reach, found.estimate + reach))


def test_one_very_large_site_among_six_does_not_make_the_range_too_narrow() -> None:
    """Drawn as moments: sites differ by .6, people by 2.5; by Hartung-Knapp alone .88 of ranges hold 0."""
    rng = np.random.default_rng(23)
    held = []
    for _ in range(3_000):
        n = np.array([2000.0, *rng.integers(1, 61, 5)])
        mean = rng.normal(0, 0.6, 6) + rng.normal(0, 2.5 / np.sqrt(n))
        squares = 2.5**2 * np.array([rng.chisquare(x - 1) if x > 1 else 0.0 for x in n])
        found = pooling.pool_sites(SiteMoments(n, mean, squares))
        assert found is not None
        assert found.ci is not None
        held.append(found.ci[0] <= 0 <= found.ci[1])
    assert np.mean(held) > 0.93


def test_paule_mandel_of_two_sites_by_hand() -> None:
    # By hand from the equation of Paule & Mandel 1982: two effects 2 apart, variances v = .5, solve
    # (y1 - y2)^2 / 2 = v + tau^2, so tau^2 = 1.5.
    assert pooling.paule_mandel(np.array([0.0, 2.0]), np.array([0.5, 0.5])) == pytest.approx(1.5)


def test_floor_of_one_keeps_equal_sites_from_looking_certain() -> None:
    moments = SiteMoments(np.full(5, 20.0), np.full(5, 2.0), np.full(5, 19 * 4.0))
    found = pooling.pool_sites(moments)
    assert found is not None
    assert found.tau2 == 0
    assert found.ci == pytest.approx((2 - t_quantile(4) * 0.2, 2 + t_quantile(4) * 0.2))


def test_one_site_without_variance_takes_the_pooled_one_where_statsmodels_is_lost() -> None:
    n, mean = np.array([10.0, 10.0, 10.0, 10.0]), np.array([1.0, 2.0, 3.0, 2.0])
    squares = np.array([0.0, 36.0, 36.0, 36.0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trap = combine_effects(mean, squares / (n - 1) / n, method_re="iterated")
    assert np.isnan(trap.mean_effect_re)
    found = pooling.pool_sites(SiteMoments(n, mean, squares))
    assert found is not None
    assert np.isfinite(found.estimate)


def test_two_sites_are_not_pooled() -> None:
    assert pooling.pool_sites(SiteMoments(np.full(2, 20.0), np.array([1.0, 2.0]), np.full(2, 60.0))) is None


def test_prediction_interval_begins_with_five_sites() -> None:
    site, change = simulated(4, 2)
    four = pooling.pool_sites(moments_of(site, change))
    site, change = simulated(5, 2)
    five = pooling.pool_sites(moments_of(site, change))
    assert four is not None
    assert five is not None
    assert four.prediction_interval is None
    assert five.prediction_interval is not None


@pytest.mark.parametrize("seed", range(4))
def test_random_intercept_is_that_of_mixedlm_where_it_converges(seed: int) -> None:
    site, change = simulated(12, seed, tau=1.5)
    found = pooling.random_intercept(moments_of(site, change))
    frame = pd.DataFrame({"site": site, "change": change})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle = smf.mixedlm("change ~ 1", frame, groups="site").fit(reml=True)
    assert found is not None
    assert found.estimate == pytest.approx(oracle.params["Intercept"], abs=2e-3)
    assert found.within == pytest.approx(oracle.scale, rel=2e-3)
    assert found.between == pytest.approx(float(oracle.cov_re.iloc[0, 0]), rel=0.02, abs=1e-3)


def test_random_intercept_finds_the_best_likelihood_even_at_the_edge() -> None:
    rng = np.random.default_rng(11)
    site = np.repeat(np.arange(10), 8)
    change = rng.normal(0, 1, 80)
    change -= np.array([change[site == g].mean() for g in range(10)])[site] - 1.0
    found = pooling.random_intercept(moments_of(site, change))
    assert found is not None
    assert found.between == pytest.approx(0, abs=1e-9)
    assert found.estimate == pytest.approx(1.0)


def test_cluster_robust_is_ols_with_clustered_errors() -> None:
    site, change = simulated(9, 7)
    found = pooling.cluster_robust(moments_of(site, change))
    fit = sm.OLS(change, np.ones(len(change))).fit()
    # CR1 with G/(G-1); statsmodels adds (N-1)/(N-1) for a constant, which is 1.
    clustered = fit.get_robustcov_results("cluster", groups=site, use_t=True, df_correction=True)
    assert found.estimate == pytest.approx(clustered.params[0])
    assert found.ci == pytest.approx(tuple(clustered.conf_int()[0]), rel=1e-6)


def test_intraclass_correlation_is_the_anova_one() -> None:
    site, change = simulated(10, 3, tau=2.0)
    moments = moments_of(site, change)
    groups = [change[site == g] for g in range(10)]
    n = np.array([len(g) for g in groups])
    between = sum(len(g) * (g.mean() - change.mean()) ** 2 for g in groups) / 9
    within = sum(((g - g.mean()) ** 2).sum() for g in groups) / (n.sum() - 10)
    n0 = (n.sum() - (n**2).sum() / n.sum()) / 9
    assert pooling.intraclass_correlation(moments) == pytest.approx(
        (between - within) / (between + (n0 - 1) * within)
    )


def test_design_effect_of_equal_sites() -> None:
    moments = SiteMoments(np.full(6, 20.0), np.zeros(6), np.ones(6))
    assert pooling.design_effect(moments, 0.05) == pytest.approx(1.95)


def test_comparison_of_one_site_with_one_site_has_no_interval() -> None:
    one = SiteMoments(np.array([30.0]), np.array([3.0]), np.array([40.0]))
    other = SiteMoments(np.array([30.0]), np.array([1.0]), np.array([40.0]))
    found = pooling.compare_gains(one, other)
    assert (found.difference, found.ci) == (2.0, None)

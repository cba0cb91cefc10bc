"""Discernment: the probit regression with clustered errors is the oracle."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import norm, t

from kit.report.stats.discernment import (
    SignalCounts,
    discernment,
    discernment_verdict,
    rate_interval,
    wave_discernment,
)

ONE = np.ones(1)


def people(seed: int, n: int = 40, fraud: int = 5, genuine: int = 5) -> tuple[SignalCounts, SignalCounts]:
    rng = np.random.default_rng(seed)
    whole = (np.full(n, float(fraud)), np.full(n, float(genuine)))
    waves = []
    for hit, false in ((0.6, 0.35), (0.8, 0.3)):
        hits = rng.binomial(fraud, hit, n).astype(float)
        waves.append(SignalCounts(hits, whole[0], rng.binomial(genuine, false, n).astype(float), whole[1]))
    return waves[0], waves[1]


def test_published_example_of_d_prime_and_criterion() -> None:
    # Macmillan & Creelman, Detection Theory: H = .8, F = .3 give d' = 1.366 and c = -.159 without correction;
    # the log-linear correction on 100 trials each gives H = .7970, F = .3020.
    found = wave_discernment(SignalCounts(ONE * 80, ONE * 100, ONE * 30, ONE * 100), ONE)
    assert found.d_prime == pytest.approx(1.366, abs=0.02)
    assert found.criterion == pytest.approx(-0.159, abs=0.005)
    assert (found.hit_rate, found.false_alarm_rate) == (0.8, 0.3)


def test_interval_of_a_rate_is_that_of_the_mean_share_when_everybody_had_as_many_offers() -> None:
    # Shares .6, .8, 1, .8: mean .8, sd .1633, t(3) = 3.182; .8 +- .2598, kept below 1.
    found = rate_interval(np.array([3.0, 4.0, 5.0, 4.0]), np.full(4, 5.0), np.ones(4))
    assert found == pytest.approx((0.8 - 3.182446 * 0.163299 / 2, 1.0), abs=1e-5)


def test_perfect_answers_stay_finite() -> None:
    found = wave_discernment(SignalCounts(ONE * 5, ONE * 5, ONE * 0, ONE * 5), ONE)
    assert math.isfinite(found.d_prime)


def test_interval_is_that_of_a_probit_with_participant_clusters() -> None:
    pre, post = people(4, n=400)
    n = np.ones(400)
    found = discernment(pre, post, n)
    rows = []
    for wave, counts in ((0, pre), (1, post)):
        for person in range(400):
            for fraud, part, whole in ((1, counts.hits, 5), (0, counts.false, 5)):
                rows += [(person, wave, fraud, 1)] * int(part[person])
                rows += [(person, wave, fraud, 0)] * int(whole - part[person])
    frame = pd.DataFrame(rows, columns=["person", "wave", "fraud", "says"])
    frame["signal"] = frame["fraud"] - 0.5
    design = np.column_stack(
        [np.ones(len(frame)), frame["wave"], frame["signal"], frame["wave"] * frame["signal"]]
    )
    fit = sm.Probit(frame["says"].to_numpy(), design).fit(
        disp=0, cov_type="cluster", cov_kwds={"groups": frame["person"].to_numpy()}
    )
    # Coefficient 3 is the change of d', coefficient 1 minus the change of c.
    assert found.d_prime_change == pytest.approx(fit.params[3], abs=2e-3)
    assert found.criterion_change == pytest.approx(-fit.params[1], abs=2e-3)
    assert found.d_prime_change_ci is not None
    half = (found.d_prime_change_ci[1] - found.d_prime_change_ci[0]) / 2
    assert half == pytest.approx(1.966 * fit.bse[3], rel=0.01)


def test_counts_of_equal_people_are_people() -> None:
    pre, post = people(2)
    twice = [SignalCounts(*(np.concatenate([x, x]) for x in vars(w).values())) for w in (pre, post)]
    by_rows = discernment(twice[0], twice[1], np.ones(80))
    by_counts = discernment(pre, post, np.full(40, 2.0))
    assert by_counts.d_prime_change == pytest.approx(by_rows.d_prime_change, abs=1e-12)
    assert by_counts.d_prime_change_ci == pytest.approx(by_rows.d_prime_change_ci, abs=1e-12)


def test_sites_as_units_widen_the_interval_when_sites_differ() -> None:
    pre, post = people(3, n=60)
    lucky = np.repeat(np.arange(6), 10)
    better = SignalCounts(np.where(lucky % 2 == 0, 5.0, 1.0), post.fraud, post.false, post.genuine)
    alone = discernment(pre, better, np.ones(60))
    sites = discernment(pre, better, np.ones(60), lucky)
    assert alone.d_prime_change_ci is not None
    assert sites.d_prime_change_ci is not None
    assert np.diff(sites.d_prime_change_ci)[0] > 2 * np.diff(alone.d_prime_change_ci)[0]


def test_unequal_sites_are_an_explicit_jackknife_and_never_narrower_than_people() -> None:
    pre, post = people(4, n=61)
    site = np.repeat(np.arange(4), [40, 9, 7, 5])
    better = SignalCounts(np.where(site % 2 == 0, 5.0, 0.0), post.fraud, post.false, post.genuine)
    found = discernment(pre, better, np.ones(61), site).d_prime_change_ci
    assert found is not None

    def pulls(counts: SignalCounts) -> np.ndarray:
        parts = []
        for part, whole in ((counts.hits, counts.fraud), (counts.false, counts.genuine)):
            z = norm.ppf((part.sum() + 0.5) / (whole.sum() + 1))
            parts.append((part / 5 - part.mean() / 5) / norm.pdf(z))
        return parts[0] - parts[1]

    psi = pulls(better) - pulls(pre)
    left_out = np.array([psi[site != g].mean() for g in range(4)])
    half = t.ppf(0.975, 3) * np.sqrt(3 / 4 * (left_out**2).sum())
    assert (found[1] - found[0]) / 2 == pytest.approx(half)
    for seed in range(30):
        one, two = people(seed, n=61)
        alone = discernment(one, two, np.ones(61)).d_prime_change_ci
        sites = discernment(one, two, np.ones(61), site).d_prime_change_ci
        assert alone is not None
        assert sites is not None
        assert np.diff(sites)[0] > np.diff(alone)[0]


def test_nobody_differs_gives_no_interval_and_no_verdict() -> None:
    n = 8
    same = SignalCounts(np.full(n, 3.0), np.full(n, 5.0), np.full(n, 2.0), np.full(n, 5.0))
    found = discernment(same, same, np.ones(n))
    assert found.d_prime_change == 0
    assert found.d_prime_change_ci is None


UP, DOWN, AROUND = (0.1, 0.5), (-0.5, -0.1), (-0.2, 0.2)


@pytest.mark.parametrize(
    ("d_prime", "criterion", "verdict"),
    [
        (UP, AROUND, "sharper"),
        (UP, DOWN, "sharper_and_warier"),
        (UP, UP, "sharper_and_calmer"),
        (AROUND, DOWN, "warier_only"),
        (AROUND, AROUND, "no_change"),
        (AROUND, UP, "more_trusting"),
        (DOWN, UP, "duller"),
        (DOWN, DOWN, "duller"),
    ],
)
def test_seven_verdicts(d_prime: tuple[float, float], criterion: tuple[float, float], verdict: str) -> None:
    assert discernment_verdict(d_prime, criterion) == verdict

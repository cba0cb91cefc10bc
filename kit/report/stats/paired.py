"""The change of one group: mean, interval, exact sign-flip p, Wilcoxon, up/same/down."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kit.report.stats.distributions import Interval, at_least_smallest, p_from_t, p_from_z, t_quantile

Numbers = NDArray[Any]

EXACT_SIGNFLIP: Final = 2_000
"""Up to this many people the sign-flip distribution is exact, beyond it is normal."""

EXACT_WILCOXON: Final = 300
"""Up to this many changed people the Wilcoxon distribution is exact, ties included."""


@dataclass(frozen=True)
class Pairs:
    """Matched people as counts: `n[i]` people scored `pre[i]` before and `post[i]` after; whole points."""

    pre: Numbers
    post: Numbers
    n: Numbers

    @property
    def total(self) -> int:
        """How many matched people."""
        return int(self.n.sum())

    @property
    def change(self) -> Numbers:
        """Post minus pre, one per cell."""
        return self.post - self.pre


def weighted_mean(values: Numbers, n: Numbers) -> float:
    """Mean of values that occur `n` times each, sum(x n)/sum(n), in the unit of the values; sum(n) > 0."""
    return float(np.dot(values, n) / n.sum())


def weighted_sum_of_products(x: Numbers, y: Numbers, n: Numbers) -> float:
    """Sum over people of (x - mean x)(y - mean y), in the product of the units.

    Exactly zero when either is constant: rounding would leave a trace that a later division blows up.
    """
    if np.ptp(x[n > 0]) == 0 or np.ptp(y[n > 0]) == 0:
        return 0.0
    return float(np.dot((x - weighted_mean(x, n)) * (y - weighted_mean(y, n)), n))


def weighted_sd(values: Numbers, n: Numbers) -> float | None:
    """Sample standard deviation sqrt(S/(n - 1)), in the unit of the values; None below two people."""
    total = int(n.sum())
    return math.sqrt(weighted_sum_of_products(values, values, n) / (total - 1)) if total > 1 else None


def correlation(x: Numbers, y: Numbers, n: Numbers) -> float | None:
    """Pearson's r = Sxy/sqrt(Sxx Syy), kept in [-1, 1]; None when either side is constant.

    Example: x=y=[0,1], n=[3,4] gives 1.
    """
    xx, yy = weighted_sum_of_products(x, x, n), weighted_sum_of_products(y, y, n)
    if xx <= 0 or yy <= 0:
        return None
    return max(-1.0, min(1.0, weighted_sum_of_products(x, y, n) / math.sqrt(xx * yy)))


@dataclass(frozen=True)
class MeanChange:
    """Mean of post minus pre in points, with its t interval; None where there is no spread."""

    n: int
    mean: float
    sd: float | None
    ci: Interval | None
    t: float | None
    df: int | None
    p_t: float | None


def mean_change(pairs: Pairs) -> MeanChange:
    """Mean change d with d +- t(n-1) * s_d / sqrt(n), in points.

    With s_d = 0 there is neither interval nor t: `scipy.stats.ttest_rel` prints t = inf and p = 0 there.
    Reference: Student 1908. Example: changes 1, 2, 3, 4, 5 give mean 3, interval (1.037, 4.963), t = 4.243.
    """
    d, n = pairs.change, pairs.n
    total = pairs.total
    mean, sd = weighted_mean(d, n), weighted_sd(d, n)
    if sd is None or sd == 0:
        return MeanChange(total, mean, sd, None, None, total - 1 if total > 1 else None, None)
    se = sd / math.sqrt(total)
    reach = t_quantile(total - 1) * se
    t = mean / se
    return MeanChange(total, mean, sd, (mean - reach, mean + reach), t, total - 1, p_from_t(t, total - 1))


def half_binomial(n: int) -> Numbers:
    """Probabilities of 0..n heads in n fair throws (n + 1 of them), choose(n, k)/2^n in logarithms.

    In logarithms since choose(n, k) overflows from n = 1030 on.
    """
    log_choose = np.concatenate(([0.0], np.cumsum(np.log(np.arange(n, 0, -1) / np.arange(1, n + 1)))))
    return np.asarray(np.exp(log_choose - n * math.log(2.0)))


def signflip_distribution(sizes: Numbers, n: Numbers) -> Numbers:
    """Distribution of the sum of +-size with fair signs: probabilities of -T..T, T = sum(size * n).

    Built by convolution, one binomial per distinct size: exact, and every term is positive, so small tails
    keep their relative precision (an FFT would not).
    """
    distribution = np.ones(1)
    for size, count in zip(sizes.tolist(), n.tolist(), strict=True):
        wider = np.zeros(len(distribution) + 2 * size * count)
        for heads, chance in enumerate(half_binomial(count).tolist()):
            if chance > 0.0:
                start = 2 * size * heads
                wider[start : start + len(distribution)] += chance * distribution
        distribution = wider
    return distribution


def _two_sided_tail(distribution: Numbers, observed: int) -> float:
    """P(|T| >= |observed|) for a symmetric distribution on -T..T."""
    middle = len(distribution) // 2
    if observed == 0:
        return 1.0
    return at_least_smallest(2.0 * float(distribution[: middle - abs(observed) + 1].sum()))


def signflip_p(pairs: Pairs) -> float:
    """Two-sided p of the sum of changes if every change could as well have had the other sign.

    Exact for up to 2,000 changed people, beyond that T / sqrt(sum d^2) is normal. People without change do
    not matter; if nobody changed p is 1. Reference: Fisher 1935, The Design of Experiments, section 21.
    Example: changes 1, 1, 1, 1 give 2 * (1/2)^4 = .125, the smallest p four people can give.
    """
    d, n = _merged(np.abs(pairs.change[pairs.change != 0]), pairs.n[pairs.change != 0])
    observed = int(np.dot(pairs.change, pairs.n))
    if len(d) == 0:
        return 1.0
    if int(n.sum()) <= EXACT_SIGNFLIP:
        return _two_sided_tail(signflip_distribution(d, n), observed)
    return p_from_z(observed / math.sqrt(float(np.dot(d.astype(float) ** 2, n))))


def _merged(values: Numbers, n: Numbers) -> tuple[Numbers, Numbers]:
    """Add up the counts of equal whole numbers."""
    distinct, where = np.unique(values, return_inverse=True)
    return distinct.astype(np.int64), np.bincount(where, weights=n, minlength=len(distinct)).astype(np.int64)


@dataclass(frozen=True)
class Wilcoxon:
    """Signed-rank result; rank_biserial runs from -1 (all down) to 1 (all up)."""

    w_plus: float
    p: float | None
    rank_biserial: float | None


def wilcoxon(pairs: Pairs) -> Wilcoxon:
    """Wilcoxon signed-rank test: midranks, zeros dropped, no continuity correction.

    W+ = sum of ranks of |d| over d > 0; rank-biserial = (W+ - W-)/(W+ + W-) (Kerby 2014). p is exact with
    ties (up to 300 changed people, by convolution of the midranks), else normal with variance sum(rank^2)/4.
    `scipy.stats.wilcoxon` silently turns to the normal approximation when there are ties.
    Example: changes 1, 2, -3, 4 give W+ = 7, rank-biserial .4, p = .625.
    """
    size, count = _merged(np.abs(pairs.change), pairs.n)
    count, size = count[size > 0], size[size > 0]
    changed = int(count.sum())
    if changed == 0:
        return Wilcoxon(0.0, None, None)
    twice_rank = 2 * (np.cumsum(count) - count) + count + 1
    up = {int(s): 0 for s in size}
    for change, n in zip(pairs.change.tolist(), pairs.n.tolist(), strict=True):
        if change > 0:
            up[int(change)] += int(n)
    twice_w = int(sum(rank * up[int(s)] for rank, s in zip(twice_rank.tolist(), size.tolist(), strict=True)))
    most = changed * (changed + 1)
    balance = 2 * twice_w - most
    if changed <= EXACT_WILCOXON:
        p = _two_sided_tail(signflip_distribution(twice_rank, count), balance)
    else:
        p = p_from_z(balance / math.sqrt(float(np.dot(twice_rank.astype(float) ** 2, count))))
    return Wilcoxon(twice_w / 2.0, p, balance / most)


def up_same_down(pairs: Pairs) -> tuple[int, int, int]:
    """How many people scored more, the same and less; (0, 0, 0) for nobody."""
    d, n = pairs.change, pairs.n
    return int(n[d > 0].sum()), int(n[d == 0].sum()), int(n[d < 0].sum())


def share_at(values: Numbers, n: Numbers, level: float) -> float:
    """Share (0-1) of people whose score is exactly at a level: ceiling, or floor; sum(n) > 0."""
    return float(n[values == level].sum() / n.sum())


@dataclass(frozen=True)
class WelchDifference:
    """Mean of the first group minus mean of the second, with its interval."""

    difference: float
    ci: Interval | None
    df: float | None
    p: float | None


def welch_difference(
    x: tuple[float, float | None, int], y: tuple[float, float | None, int]
) -> WelchDifference:
    """Difference of two means given as (mean, sd, n), variances unequal, df by Welch-Satterthwaite.

    No interval when a group has one member or both have no spread. Reference: Welch 1947, Biometrika 34:28.
    Example: (20, 2, 10) and (18, 3, 12) give 2, interval (-0.243, 4.243), df 19.2.
    """
    difference = x[0] - y[0]
    if x[1] is None or y[1] is None or x[1] == y[1] == 0:
        return WelchDifference(difference, None, None, None)
    a, b = x[1] ** 2 / x[2], y[1] ** 2 / y[2]
    df = (a + b) ** 2 / ((a**2 / (x[2] - 1)) + (b**2 / (y[2] - 1)))
    se = math.sqrt(a + b)
    reach = t_quantile(df) * se
    return WelchDifference(
        difference, (difference - reach, difference + reach), df, p_from_t(difference / se, df)
    )

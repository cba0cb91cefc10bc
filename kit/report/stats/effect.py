"""Standardised and normalised sizes of a change."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from kit.report.stats.distributions import Interval, noncentrality_interval, t_quantile
from kit.report.stats.paired import (
    Numbers,
    Pairs,
    correlation,
    weighted_mean,
    weighted_sd,
    weighted_sum_of_products,
)


@dataclass(frozen=True)
class EffectSizes:
    """d_av (pre and post spread), d_z (spread of the change), their Hedges corrections and intervals."""

    d_av: float | None = None
    d_av_ci: Interval | None = None
    hedges_g_av: float | None = None
    d_z: float | None = None
    d_z_ci: Interval | None = None
    hedges_g_z: float | None = None


def hedges_correction(df: float) -> float:
    """J = 1 - 3/(4 df - 1), which takes the upward bias from d; df >= 1 (Hedges 1981).

    Example: hedges_correction(9) = 0.914286.
    """
    return 1.0 - 3.0 / (4.0 * df - 1.0)


def d_av_interval(d: float, sd: tuple[float, float], r: float, n: int) -> Interval:
    """Bonett's interval of d = mean change / sqrt((s_a^2 + s_b^2)/2) for paired scores, variances unequal.

    se^2 = d^2 (s_a^4 + s_b^4 + 2 r^2 s_a^2 s_b^2) / (8 (n-1) s^4) + s_d^2 / ((n-1) s^2), d +- 1.96 se.
    `d` and `r` have no unit, `sd` is (before, after) in points and not both 0, `n` >= 2 people.
    Reference: Bonett 2008, Psychological Methods 13:99. Example (statpsych, ci.stdmean.ps): means 110.4 and
    102.1, sd 15.3 and 14.6, r .75, n 25 give d = 0.5550 with interval (0.2395, 0.8706).
    """
    va, vb = sd[0] ** 2, sd[1] ** 2
    s2 = (va + vb) / 2.0
    vd = va + vb - 2.0 * r * sd[0] * sd[1]
    df = n - 1
    se = math.sqrt(d * d * (va**2 + vb**2 + 2.0 * r * r * va * vb) / (8.0 * df * s2**2) + vd / (df * s2))
    return d - 1.959963984540054 * se, d + 1.959963984540054 * se


def effect_sizes(pairs: Pairs) -> EffectSizes:
    """All standardised sizes that exist for these pairs (no unit).

    d_av = mean change / sqrt((s_a^2 + s_b^2)/2); d_z = mean change / s_d, its interval by noncentral t:
    the delta interval of t = d_z sqrt(n), divided by sqrt(n). Reference: Cumming 2012; Lakens 2013.
    Example: changes 1..5 give d_z = 1.897 with interval (0.333, 3.407) and g_z = 1.518.
    """
    total = pairs.total
    if total < 2:
        return EffectSizes()
    mean = weighted_mean(pairs.change, pairs.n)
    sd_a, sd_b, sd_d = (weighted_sd(x, pairs.n) or 0.0 for x in (pairs.pre, pairs.post, pairs.change))
    j = hedges_correction(total - 1)
    d_av = d_av_ci = d_z = d_z_ci = None
    spread = math.sqrt((sd_a**2 + sd_b**2) / 2.0)
    if spread > 0:
        d_av = mean / spread
        r = correlation(pairs.pre, pairs.post, pairs.n)
        d_av_ci = d_av_interval(d_av, (sd_a, sd_b), r or 0.0, total)
    if sd_d > 0:
        d_z = mean / sd_d
        low, high = noncentrality_interval(d_z * math.sqrt(total), total - 1)
        d_z_ci = (low / math.sqrt(total), high / math.sqrt(total))
    return EffectSizes(d_av, d_av_ci, _times(j, d_av), d_z, d_z_ci, _times(j, d_z))


def _times(factor: float, value: float | None) -> float | None:
    return None if value is None else factor * value


@dataclass(frozen=True)
class Ratio:
    """A ratio of two means; `ci` is None when the interval is unbounded, `value` when the divisor is 0."""

    value: float | None
    ci: Interval | None


def ratio_of_means(u: Numbers, v: Numbers, n: Numbers) -> Ratio:
    """Mean u / mean v over the same people, with Fieller's interval and t(n-1).

    With R = u/v and g = t^2 s_v^2 / (n v^2): unbounded if g >= 1, else
    [R - g s_uv/s_v^2 +- (t/v) sqrt((s_u^2 - 2 R s_uv + R^2 s_v^2 - g (s_u^2 - s_uv^2/s_v^2)) / n)] / (1 - g).
    Reference: Fieller 1954, JRSS B 16:175. Example:
    u = 1, 2, 3, 4; v = 2, 3, 5, 6 gives R = .625 (.385, .698).
    """
    total = int(n.sum())
    mean_u, mean_v = weighted_mean(u, n), weighted_mean(v, n)
    if mean_v == 0:
        return Ratio(None, None)
    ratio = mean_u / mean_v
    if total < 2:
        return Ratio(ratio, None)
    uu, uv, vv = (weighted_sum_of_products(x, y, n) / (total - 1) for x, y in ((u, u), (u, v), (v, v)))
    t = t_quantile(total - 1)
    g = t * t * vv / (total * mean_v**2)
    if g >= 1 or (uu == 0 and vv == 0):
        return Ratio(ratio, None)
    pull, unexplained = (uv / vv, uu - uv * uv / vv) if vv > 0 else (0.0, uu)
    inner = max(0.0, uu - 2.0 * ratio * uv + ratio**2 * vv - g * unexplained)
    reach = abs(t / mean_v) * math.sqrt(inner / total)
    middle = ratio - g * pull
    if reach == 0.0:
        return Ratio(ratio, None)
    return Ratio(ratio, ((middle - reach) / (1 - g), (middle + reach) / (1 - g)))


def normalised_gain(pairs: Pairs, most: int) -> Ratio:
    """Share of what was not yet right before that is right after: (b - a)/(K - a), gain of averages.

    Computed as 1 - R with R = (K - b)/(K - a), so the interval is Fieller's. Reference: Hake 1998, AJP 66:64.
    Undefined when everybody had full marks before. Example: K = 10, means 4 and 7 give .5.
    """
    left = ratio_of_means(most - pairs.post, most - pairs.pre, pairs.n)
    if left.value is None:
        return Ratio(None, None)
    return Ratio(1.0 - left.value, None if left.ci is None else (1.0 - left.ci[1], 1.0 - left.ci[0]))


@dataclass(frozen=True)
class NormalisedChange:
    """Mean of each person's normalised change (no unit), of how many people, and how many it leaves out."""

    mean: float | None
    n: int
    dropped: int


def normalised_change(pairs: Pairs, most: int) -> NormalisedChange:
    """Mean of c: up d/(K - a), down d/a, equal 0; people at 0 both times or at K both times are dropped.

    Reference: Marx & Cummings 2007, AJP 75:87. Example: K = 10, people (5, 10), (5, 0), (10, 10) give c =
    0, one dropped.
    """
    stuck = (pairs.pre == pairs.post) & ((pairs.pre == 0) | (pairs.pre == most))
    pre, change, n = pairs.pre[~stuck], pairs.change[~stuck], pairs.n[~stuck]
    room = np.where(change > 0, most - pre, np.where(change < 0, pre, 1))
    kept = int(n.sum())
    mean = weighted_mean(change / room, n) if kept else None
    return NormalisedChange(mean, kept, int(pairs.n.sum()) - kept)


def fieller(u: float, v: float, covariance: Numbers, df: float) -> Ratio:
    """u / v with Fieller's interval from the 2 x 2 covariance of the two means, t(df); None where unbounded.

    All R with (u - R v)^2 <= t^2 (S_uu - 2 R S_uv + R^2 S_vv). Reference: Fieller 1954, JRSS B 16:175.
    """
    t2 = t_quantile(df) ** 2
    a = v * v - t2 * float(covariance[1, 1])
    b = u * v - t2 * float(covariance[0, 1])
    c = u * u - t2 * float(covariance[0, 0])
    if v == 0:
        return Ratio(None, None)
    if a <= 0 or b * b - a * c <= 0:
        return Ratio(u / v, None)
    reach = math.sqrt(b * b - a * c)
    return Ratio(u / v, ((b - reach) / a, (b + reach) / a))


def site_covariance(u: Numbers, v: Numbers, n: Numbers, site: Numbers) -> Numbers:
    """Covariance (2, 2) of the means of u and v with sites as units: G/(G-1) sum e e' / N^2.

    e: a site's sum of deviations. Reference: Cameron & Miller 2015, J. Human Resources 50:317.
    """
    total = float(n.sum())
    sums = np.stack([np.bincount(site, weights=(x - weighted_mean(x, n)) * n) for x in (u, v)], axis=1)
    g = len(sums)
    return np.asarray(g / (g - 1.0) * sums.T @ sums / total**2)


def retained(
    pre: Numbers, post: Numbers, followup: Numbers, n: Numbers, site: Numbers | None = None
) -> Ratio:
    """Share of the gain that is still there at follow-up: (f - a)/(b - a), people of all three waves.

    No ratio when the gain's own interval touches 0 (Fieller's g >= 1: the ratio could be anything). `site`
    (0..G-1, G >= 3): also with sites as units and t(G-1), whichever is wider.
    Example: means 4, 8 and 7 give .75.
    """
    total, gain, left = int(n.sum()), post - pre, followup - pre
    mean, sd = weighted_mean(gain, n), weighted_sd(gain, n)
    if sd is None or mean <= t_quantile(total - 1) * sd / math.sqrt(total):
        return Ratio(None, None)
    ratio = ratio_of_means(left, gain, n)
    if site is None:
        return ratio
    covariance, df = site_covariance(left, gain, n, site), int(site.max())
    if mean <= t_quantile(df) * math.sqrt(float(covariance[1, 1])):
        return Ratio(None, None)
    clustered = fieller(weighted_mean(left, n), mean, covariance, df)
    if clustered.ci is None or ratio.ci is None:
        return Ratio(ratio.value, ratio.ci if np.allclose(covariance, 0.0) else None)
    return Ratio(ratio.value, (min(clustered.ci[0], ratio.ci[0]), max(clustered.ci[1], ratio.ci[1])))

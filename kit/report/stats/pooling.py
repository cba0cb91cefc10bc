"""Many sites: random effects for few of them, ICC, REML, cluster-robust intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from kit.report.stats.distributions import Interval, bisect, t_quantile
from kit.report.stats.paired import Numbers, WelchDifference, welch_difference


@dataclass(frozen=True)
class SiteMoments:
    """Per site (arrays of length G): matched people, mean change in points, and sum of squared deviations."""

    n: Numbers
    mean: Numbers
    squares: Numbers

    @property
    def within_variance(self) -> float:
        """Variance within sites, pooled: sum of squares / sum(n - 1)."""
        df = float((self.n - 1).sum())
        return float(self.squares.sum()) / df if df > 0 else 0.0

    @property
    def error_variances(self) -> Numbers:
        """Squared standard error per site; without spread (or with one person) from the pooled variance."""
        own = self.squares / np.maximum(self.n - 1, 1)
        return np.asarray(np.where((own > 0) & (self.n > 1), own, self.within_variance) / self.n)


def site_moments(site: Numbers, change: Numbers, n: Numbers) -> SiteMoments:
    """Moments of each site from cells: `site` numbered 0..G-1, `change` in points, `n` > 0 people."""
    people = np.bincount(site, weights=n)
    mean = np.bincount(site, weights=change * n) / people
    return SiteMoments(people, mean, np.bincount(site, weights=(change - mean[site]) ** 2 * n))


@dataclass(frozen=True)
class Pooled:
    """Mean over sites; tau2 = variance between sites, i2 = its share, prediction for a new site."""

    k: int
    estimate: float
    ci: Interval | None
    tau2: float
    i2: float
    prediction_interval: Interval | None


def paule_mandel(effects: Numbers, variances: Numbers) -> float:
    """tau^2 for which sum (y - mu)^2/(v + tau^2) = G - 1; 0 if it is smaller already at tau^2 = 0.

    `effects` in points, `variances` their squared errors, all > 0; length G >= 2; in squared points.
    Reference: Paule & Mandel 1982; DerSimonian & Kacker 2007, section 8. Example: equal effects give 0.
    """

    def excess(tau2: float) -> float:
        w = 1.0 / (variances + tau2)
        mu = float(np.dot(w, effects) / w.sum())
        return float(np.dot(w, (effects - mu) ** 2)) - (len(effects) - 1)

    if excess(0.0) <= 0:
        return 0.0
    high = float(np.var(effects, ddof=1)) + float(variances.max())
    while excess(high) > 0:
        high *= 2.0
    return bisect(excess, 0.0, high)


def pool_sites(moments: SiteMoments) -> Pooled | None:
    """Random effects over sites: Paule-Mandel tau^2, Hartung-Knapp variance with floor 1, t(G-1); points.

    mu = sum w y / sum w, w = 1/(v + tau^2); SE^2 = max(1, sum w (y - mu)^2/(G-1)) / sum w, and never less
    than the jackknife over sites, (G-1)/G sum (mu without g - mu)^2 with the same weights. Where one site has
    nearly all the weight (tau^2 comes out as 0) the first alone holds the truth in 88 % of events with six
    sites, both in 94 %, by simulation; for sites of one weight they are the same. I^2 = (Q - (G-1))/Q at 0.
    From G = 5 a prediction interval mu +- t(G-2) sqrt(tau^2 + SE^2) (Higgins et al. 2009).
    None for fewer than 3 sites or when no site has any spread. Reference: IntHout et al. 2014, BMC Med.
    Res. Methodol. 14:25. `statsmodels` combine_effects uses z here and becomes NaN when one site has no
    variance.
    """
    v, y = moments.error_variances, moments.mean
    k = len(y)
    if k < 3 or moments.within_variance <= 0:
        return None
    tau2 = paule_mandel(y, v)
    w = 1.0 / (v + tau2)
    mu = float(np.dot(w, y) / w.sum())
    floor = max(1.0, float(np.dot(w, (y - mu) ** 2)) / (k - 1))
    without = (mu * w.sum() - w * y) / (w.sum() - w)
    jackknife = (k - 1) / k * float(((without - mu) ** 2).sum())
    se2 = max(floor / float(w.sum()), jackknife)
    reach = t_quantile(k - 1) * math.sqrt(se2)
    q = float(np.dot(1.0 / v, (y - np.dot(1.0 / v, y) / (1.0 / v).sum()) ** 2))
    i2 = max(0.0, (q - (k - 1)) / q) if q > 0 else 0.0
    ahead = t_quantile(k - 2) * math.sqrt(tau2 + se2) if k >= 5 else None
    return Pooled(
        k, mu, (mu - reach, mu + reach), tau2, i2, None if ahead is None else (mu - ahead, mu + ahead)
    )


def intraclass_correlation(moments: SiteMoments) -> float | None:
    """Share of variance between sites by ANOVA, ICC(1) = (MSB - MSW)/(MSB + (n0 - 1) MSW), at least 0.

    n0 = (N - sum n^2/N)/(G - 1).
    None with fewer than two sites, one person each, or no variance at all. Reference: Donner 1986, Int.
    Stat. Rev. 54:67. Example: sites without any difference give 0.
    """
    n, total, k = moments.n, float(moments.n.sum()), len(moments.n)
    if k < 2 or total <= k:
        return None
    grand = float(np.dot(n, moments.mean)) / total
    between = float(np.dot(n, (moments.mean - grand) ** 2)) / (k - 1)
    within = float(moments.squares.sum()) / (total - k)
    n0 = (total - float(np.dot(n, n)) / total) / (k - 1)
    bottom = between + (n0 - 1.0) * within
    return max(0.0, (between - within) / bottom) if bottom > 0 else None


def design_effect(moments: SiteMoments, icc: float) -> float:
    """How many times wider the variance of a mean is than for unrelated people: 1 + (m - 1) ICC.

    m = sum n^2 / sum n allows for unequal sites (Kish 1965). Example: sites of 20, ICC .05 give 1.95.
    """
    return 1.0 + (float(np.dot(moments.n, moments.n) / moments.n.sum()) - 1.0) * icc


@dataclass(frozen=True)
class Estimate:
    """A mean in points with its interval."""

    estimate: float
    ci: Interval | None


def cluster_robust(moments: SiteMoments) -> Estimate:
    """Mean over people with sites as units: SE^2 = G/(G-1) sum (n_g (y_g - mean))^2 / N^2, t(G-1).

    Points; no interval for one site or when all sites agree. Reference: Cameron & Miller 2015, J. Human
    Resources 50:317. Equals OLS on a constant with CR1 errors.
    """
    total, k = float(moments.n.sum()), len(moments.n)
    mean = float(np.dot(moments.n, moments.mean)) / total
    if k < 2:
        return Estimate(mean, None)
    pulls = moments.n * (moments.mean - mean)
    se = math.sqrt(k / (k - 1.0) * float(np.dot(pulls, pulls))) / total
    reach = t_quantile(k - 1) * se
    return Estimate(mean, (mean - reach, mean + reach) if reach > 0 else None)


@dataclass(frozen=True)
class RandomIntercept:
    """REML fit of change = mu + site + person: mean with interval, and the two variances."""

    estimate: float
    ci: Interval
    between: float
    within: float


def random_intercept(moments: SiteMoments) -> RandomIntercept | None:
    """Random-intercept REML by a one-dimensional search over lambda = between/within, from site sums alone.

    With q_g = 1/(1/n_g + lambda): mu = sum q y / sum q, within = (SSW + sum q (y - mu)^2)/(N - 1), and the
    profiled deviance (N-1) log(within) - sum log(q/n) + log(sum q) is minimal. Golden section on log(1 +
    lambda), checked against a grid so that it cannot stop at a wrong optimum as `statsmodels` MixedLM can.
    Interval with t(G-1). Reference: Laird & Ware 1982; Searle, Casella & McCulloch 1992.
    """
    n, y, k = moments.n, moments.mean, len(moments.n)
    total = float(n.sum())
    if k < 3 or moments.within_variance <= 0:
        return None

    def fit(ratio: float) -> tuple[float, float, float, float]:
        q = 1.0 / (1.0 / n + ratio)
        mu = float(np.dot(q, y) / q.sum())
        within = (float(moments.squares.sum()) + float(np.dot(q, (y - mu) ** 2))) / (total - 1)
        deviance = (total - 1) * math.log(within) - float(np.log(q / n).sum()) + math.log(float(q.sum()))
        return deviance, mu, within, float(q.sum())

    grid = np.concatenate(([0.0], np.geomspace(1e-6, 1e3, 91)))
    best = int(np.argmin([fit(x)[0] for x in grid]))
    low, high = float(grid[max(0, best - 1)]), float(grid[min(len(grid) - 1, best + 1)])
    golden = (math.sqrt(5.0) - 1.0) / 2.0
    for _ in range(80):
        left, right = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, right) if fit(left)[0] < fit(right)[0] else (left, high)
    ratio = 0.0 if fit(0.0)[0] <= fit((low + high) / 2)[0] else (low + high) / 2
    _, mu, within, weight = fit(ratio)
    reach = t_quantile(k - 1) * math.sqrt(within / weight)
    return RandomIntercept(mu, (mu - reach, mu + reach), ratio * within, within)


def compare_gains(here: SiteMoments, elsewhere: SiteMoments) -> WelchDifference:
    """Gain of these sites minus gain of comparison sites, sites as units, Welch; points.

    Each side is the plain mean of its site means; with one site on a side there is a difference but no
    interval. Reference: Welch 1947. Example: means 4 and 2 with sd 1 over ten sites each give 2.
    """
    return welch_difference(_side(here), _side(elsewhere))


def _side(moments: SiteMoments) -> tuple[float, float | None, int]:
    k = len(moments.mean)
    return float(moments.mean.mean()), float(np.std(moments.mean, ddof=1)) if k > 1 else None, k

"""Single items: learned and lost, exact McNemar, Holm, intervals, three verdicts, item-rest r, alpha."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from kit.report.stats.distributions import Interval, at_least_smallest, f_quantile, p_from_t, z_score
from kit.report.stats.paired import Numbers, correlation

ItemVerdict = Literal["proven_up", "unchanged", "proven_down"]

_Z = z_score(0.975)


@dataclass(frozen=True)
class FourFold:
    """Counts of the same people twice: kept (right, right), learned (wrong, right), lost, never."""

    n11: int
    n01: int
    n10: int
    n00: int

    @property
    def n(self) -> int:
        """How many people."""
        return self.n11 + self.n01 + self.n10 + self.n00


def mcnemar_p(table: FourFold) -> float:
    """Exact McNemar: 2 P(Bin(n01 + n10, 1/2) <= min(n01, n10)), at most 1; 1 when nobody changed.

    The chi-square version divides by n01 + n10 and prints p = 0 when nobody changed.
    Reference: McNemar 1947; Agresti 2013, section 11.1. Example: 9 learned, 1 lost give p = .021484.
    """
    changed = table.n01 + table.n10
    if changed == 0:
        return 1.0
    tail = float(special.bdtr(min(table.n01, table.n10), changed, 0.5))
    return at_least_smallest(min(1.0, 2.0 * tail))


def binomial_p(successes: int, n: int, chance: float) -> float:
    """Exact two-sided binomial test: P of all counts of `n` that are no likelier than the one observed.

    `chance` is the expected proportion, 0 to 1; 1 where `n` is 0. Counts within a ten-millionth of the
    observed probability are as likely as it: sums of floats differ in the last digits.
    Reference: Clopper & Pearson 1934, Biometrika 26:404; as `binom.test` of R and `scipy.stats.binomtest`,
    without loading all of `scipy.stats`, which takes a second of every start.
    Example: 682 of 925 at 3/4 give p = .382492.
    """
    counts = np.arange(n + 1)
    log_density = (
        special.gammaln(n + 1)
        - special.gammaln(counts + 1)
        - special.gammaln(n - counts + 1)
        + special.xlogy(counts, chance)
        + special.xlog1py(n - counts, -chance)
    )
    density = np.exp(log_density)
    unlikely = density <= density[successes] * (1 + 1e-7)
    return at_least_smallest(float(density[unlikely].sum()))


def paired_difference_interval(table: FourFold) -> Interval:
    """Interval of the difference of two proportions of the same people (share learned minus share lost).

    In proportions (-1 to 1); exists for every table, empty ones included. Adjusted Wald: add one to n01
    and n10 and two to n; then d +- 1.96 sqrt((p01 + p10 - d^2)/(n + 2)). Reference: Bonett & Price 2012,
    J. Educ. Behav. Stat. 37:479. Example (statpsych, ci.prop.ps): 12 never, 26 learned, 4 lost, 6 kept
    give (0.2548, 0.6252).
    """
    n = table.n + 2
    p01, p10 = (table.n01 + 1) / n, (table.n10 + 1) / n
    d = p01 - p10
    reach = _Z * math.sqrt((p01 + p10 - d * d) / n)
    return max(-1.0, d - reach), min(1.0, d + reach)


def independent_difference_interval(right: tuple[int, int], n: tuple[int, int]) -> Interval:
    """Interval of p2 - p1 for two separate groups (before by one arm, after by the other).

    `right` of `n` people (before, after), proportions -1 to 1. Adjusted Wald: one right and one wrong answer
    added to each group. Reference: Agresti & Caffo 2000, Am. Stat. 54:280. Example: 15 of 30 and 24 of 30
    give (0.0565, 0.5060).
    """
    p1, p2 = ((r + 1) / (m + 2) for r, m in zip(right, n, strict=True))
    reach = _Z * math.sqrt(p1 * (1 - p1) / (n[0] + 2) + p2 * (1 - p2) / (n[1] + 2))
    d = p2 - p1
    return max(-1.0, d - reach), min(1.0, d + reach)


def fisher_p(right: tuple[int, int], n: tuple[int, int]) -> float:
    """Two-sided Fisher exact p of two separate groups: sum of tables no likelier than the observed one.

    `right` of `n` people in each group; 1 when either group is empty. Reference: Fisher 1935. Example: 8
    of 10 and 1 of 6 give p = .034965.
    """
    total, successes = n[0] + n[1], right[0] + right[1]
    low, high = max(0, successes - n[1]), min(successes, n[0])
    x = np.arange(low, high + 1)
    log_p = _log_choose(n[0], x) + _log_choose(n[1], successes - x) - _log_choose(total, np.array(successes))
    p = np.exp(log_p)
    observed = p[right[0] - low]
    return at_least_smallest(float(min(1.0, p[p <= observed * (1 + 1e-9)].sum())))


def _log_choose(n: int, k: Numbers) -> Numbers:
    return np.asarray(special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1))


def holm(p: Sequence[float]) -> list[float]:
    """Holm's step-down adjusted p-values, in the given order.

    p~(i) = max over j <= i of min(1, (m - j + 1) p(j)). Reference: Holm 1979, Scand. J. Stat. 6:65.
    Example: .01, .04, .03, .005 become .03, .06, .06, .02.
    """
    adjusted = [0.0] * len(p)
    running = 0.0
    for rank, index in enumerate(sorted(range(len(p)), key=lambda i: p[i])):
        running = max(running, min(1.0, (len(p) - rank) * p[index]))
        adjusted[index] = running
    return adjusted


def item_verdict(change: float, p_holm: float) -> ItemVerdict:
    """Proven when the Holm-adjusted p is under .05; there is no word for what is not proven.

    With two forms at least one item "seemed" to move in 61-73 % of events in which nobody learned anything.
    Example: +.30 with p = .01 is proven_up, with .20 unchanged.
    """
    if p_holm >= 0.05 or change == 0:
        return "unchanged"
    return "proven_up" if change > 0 else "proven_down"


@dataclass(frozen=True)
class SiteCounts:
    """Right answers and answers of each site (arrays of length G), before and after."""

    right: tuple[Numbers, Numbers]
    n: tuple[Numbers, Numbers]


def clustered_difference(counts: SiteCounts) -> tuple[float, float, int] | None:
    """Difference of two proportions, its squared error with sites as units, and t's degrees of freedom.

    A site's pull: (r2 - p2 n2)/N2 - (r1 - p1 n1)/N1; SE^2 = G/(G-1) sum of squares, t(G-1). None below three
    sites. Reference: Cameron & Miller 2015, J. Human Resources 50:317.
    """
    g = len(counts.n[0])
    totals = [float(n.sum()) for n in counts.n]
    if g < 3 or min(totals) == 0:
        return None
    shares = [float(right.sum()) / total for right, total in zip(counts.right, totals, strict=True)]
    before, after = (
        (right - share * n) / total
        for right, n, share, total in zip(counts.right, counts.n, shares, totals, strict=True)
    )
    pulls = after - before
    return shares[1] - shares[0], g / (g - 1.0) * float(np.dot(pulls, pulls)), g - 1


def clustered_p(change: float, variance: float, df: int, p: float) -> float:
    """The p of a change with sites as units, never below `p`, that of people as units."""
    return p if variance <= 0 else max(p, p_from_t(change / math.sqrt(variance), df))


def rest_correlation(right: Numbers, total: Numbers, n: Numbers) -> float | None:
    """Item-rest r: correlation of an item (0/1) with the score on the other items; None if one is constant.

    `right` is 0 or 1 and `total` the whole score in points, a cell each. Reference: Nunnally & Bernstein
    1994. Below about .2 an item hardly belongs to the rest. Example: items equal to the rest score give 1.
    """
    return correlation(right, total - right, n)


@dataclass(frozen=True)
class Alpha:
    """Cronbach's alpha (KR-20 for 0/1 items) and Feldt's interval."""

    alpha: float | None
    ci: Interval | None


def cronbach_alpha(item_variances: float, total_variance: float, items: int, df: int) -> Alpha:
    """Alpha = K/(K-1) (1 - sum of item variances / variance of the total), with Feldt's interval.

    1 - (1 - alpha) F(.975; df, df (K-1)) to 1 - (1 - alpha) F(.025; df, df (K-1)), df = n - 1.
    Variances may be pooled over forms; then df = sum(n_form - 1). Reference: Feldt 1965, Psychometrika
    30:357. Example: K = 10, sum of item variances 2, total variance 8, n = 50 give .8333 with interval
    (.755, .894).
    """
    if items < 2 or df < 1 or total_variance <= 0:
        return Alpha(None, None)
    alpha = items / (items - 1) * (1.0 - item_variances / total_variance)
    low, high = (1.0 - (1.0 - alpha) * f_quantile(df, df * (items - 1), q) for q in (0.975, 0.025))
    return Alpha(alpha, (low, high))

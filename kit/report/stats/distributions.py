"""Probabilities and quantiles that stay finite where the usual library calls do not."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

Interval = tuple[float, float]

SMALLEST_P: Final = 1e-300
"""A p-value below this is reported as this: it is tiny, never zero."""


def t_quantile(df: float, probability: float = 0.975) -> float:
    """Quantile of Student's t for `df` > 0 (need not be whole), no unit; NaN for df <= 0, so never ask.

    By `scipy.special.stdtrit`. Reference: Student 1908, Biometrika 6:1. Example: t_quantile(9) = 2.262157.
    """
    return float(special.stdtrit(df, probability))


def p_from_t(t: float, df: float) -> float:
    """Two-sided p of a t value: P(|T| >= |t|) for `df` > 0, never 0.

    Example: p_from_t(2.262157, 9) = 0.05.
    """
    return at_least_smallest(2.0 * float(special.stdtr(df, -abs(t))))


def p_from_z(z: float) -> float:
    """Two-sided p of a normal deviate, erfc(|z| / sqrt 2), never 0. Example: p_from_z(1.959964) = 0.05."""
    return at_least_smallest(float(special.erfc(abs(z) / math.sqrt(2.0))))


def at_least_smallest(p: float) -> float:
    """Keep a probability in [SMALLEST_P, 1]: a printed p of 0 would claim certainty."""
    return min(1.0, max(SMALLEST_P, p))


def z_score(probability: float) -> float:
    """Inverse normal cumulative distribution of a probability strictly between 0 and 1.

    Example: z_score(0.975) = 1.959964.
    """
    return float(special.ndtri(probability))


def normal_density(x: float) -> float:
    """Density of the standard normal, exp(-x^2/2)/sqrt(2 pi). Example: normal_density(0) = 0.398942."""
    return math.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)


def f_quantile(df1: float, df2: float, probability: float) -> float:
    """Quantile of F for both degrees of freedom > 0. Example: f_quantile(5, 10, 0.95) = 3.325835."""
    return float(special.fdtri(df1, df2, probability))


def noncentral_t_cdf(t: float, df: float, delta: float) -> float:
    """P(T <= t) for noncentral t, by averaging Phi(t*s - delta) over s = sqrt(chi2(df)/df).

    Sixty-four point Gauss-Legendre panels over the central 1 - 1e-13 of chi2; agrees with
    `scipy.stats.nct.cdf` to 1e-9 where that is finite, and stays finite where it returns NaN.
    Example: noncentral_t_cdf(2.0, 10, 1.0) = 0.807612.
    """
    low, high = (math.sqrt(2.0 * float(special.gammaincinv(df / 2.0, q)) / df) for q in (1e-13, 1 - 1e-13))
    nodes, weights = _panel()
    edges = np.linspace(low, high, 9)
    half = np.diff(edges) / 2.0
    s = (edges[:-1] + half)[:, None] + half[:, None] * nodes[None, :]
    log_density = (
        math.log(2.0)
        + (df / 2.0) * math.log(df / 2.0)
        - float(special.gammaln(df / 2.0))
        + (df - 1.0) * np.log(s)
        - df * s * s / 2.0
    )
    area = np.exp(log_density) * special.ndtr(t * s - delta) * half[:, None] * weights[None, :]
    return min(1.0, float(area.sum()))


@cache
def _panel() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes and weights of one panel: finding them takes longer than using them."""
    nodes, weights = np.polynomial.legendre.leggauss(64)
    return nodes, weights


def bisect(function: Callable[[float], float], low: float, high: float, *, steps: int = 200) -> float:
    """Find the root of a monotone function between two bounds of opposite sign, to 13 digits.

    Halving cannot run away as Newton's method can; without a change of sign it ends at one of the bounds.
    Example: x^2 - 2 between 0 and 2 gives 1.414214.
    """
    rising = function(high) > 0
    for _ in range(steps):
        middle = (low + high) / 2.0
        if middle in (low, high) or high - low < 1e-13 * max(1.0, abs(middle)):
            break
        if (function(middle) > 0) == rising:
            high = middle
        else:
            low = middle
    return (low + high) / 2.0


def noncentrality_interval(t: float, df: float) -> Interval:
    """95 % interval of the noncentrality parameter that belongs to an observed t.

    The two delta for which P(T <= t) is .975 and .025 (Steiger & Fouladi 1997).
    Example: noncentrality_interval(2.0, 10) = (-0.1835, 4.1011).
    """
    margin = 6.0 + 6.0 * abs(t) / math.sqrt(2.0 * df)
    bounds = (t - margin, t + margin)
    return (
        bisect(lambda delta: 0.975 - noncentral_t_cdf(t, df, delta), *bounds),
        bisect(lambda delta: 0.025 - noncentral_t_cdf(t, df, delta), *bounds),
    )

"""How many people a change needs to be seen, and the smallest change that given people could have shown."""

from __future__ import annotations

import itertools
import math
from typing import Final

from kit.report.stats.distributions import bisect, noncentral_t_cdf, t_quantile, z_score

POWER: Final = 0.8
"""The chance, agreed beforehand, that a change that is there is proven."""


def power_of_change(shift: float, df: float) -> float:
    """Chance that the two-sided 5 % t test proves a change that lies `shift` standard errors from 0.

    P(|T| > t(df)) for noncentral t with noncentrality `shift` >= 0. Not by `scipy.stats.nct`, which is NaN
    far out (shift 25 at df 39). Reference: Cohen 1988, Statistical Power Analysis, chapter 2; equal to
    `statsmodels.stats.power.TTestPower`. Example: power_of_change(sqrt(10), 9) = .803097.
    """
    reach = t_quantile(df)
    return 1.0 - noncentral_t_cdf(reach, df, shift) + noncentral_t_cdf(-reach, df, shift)


def people_needed(change: float, sd: float, *, power: float = POWER) -> int:
    """The fewest people, measured before and after, with whom a true mean change is proven with this chance.

    `change` and `sd`, the standard deviation of people's changes, are in one unit; both above 0. The search
    starts at the normal approximation ((z(.975) + z(power)) sd/change)^2, which is always a few people short.
    Example: a change of 10 points out of 100 with a standard deviation of 20 needs 34 people.
    """
    short = ((z_score(0.975) + z_score(power)) * sd / change) ** 2
    sizes = itertools.count(max(2, math.floor(short)))
    return next(n for n in sizes if power_of_change(change * math.sqrt(n) / sd, n - 1) >= power)


def smallest_change(error: float, df: float, *, power: float = POWER) -> float:
    """The true change that a mean with this standard error would have proven with this chance; its unit.

    It depends on the spread alone, not on the change that was found. Example: 40 people with a standard
    deviation of 20 have an error of 3.1623 and df 39: 9.09 points.
    """
    widest = 2.0 * t_quantile(df) + 3.0
    return error * bisect(lambda shift: power_of_change(shift, df) - power, 0.0, widest)

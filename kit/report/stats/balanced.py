"""The change when half of the people get the forms in the other order: each order counts the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kit.report.stats.distributions import Interval, p_from_t, t_quantile
from kit.report.stats.paired import Pairs, weighted_mean, weighted_sd


@dataclass(frozen=True)
class Arm:
    """People who got the forms in one order, and what their mean counts for; the weights of arms sum to 1."""

    pairs: Pairs
    weight: float


@dataclass(frozen=True)
class BalancedChange:
    """The mean change in points with its t interval; None where there is no spread to judge it by."""

    mean: float
    ci: Interval | None = None
    t: float | None = None
    df: float | None = None
    p_t: float | None = None


def balanced_mean(arms: Sequence[Arm]) -> tuple[float, float]:
    """Weighted mean of the arms' means before and after, in points."""
    before = sum(arm.weight * weighted_mean(arm.pairs.pre, arm.pairs.n) for arm in arms)
    after = sum(arm.weight * weighted_mean(arm.pairs.post, arm.pairs.n) for arm in arms)
    return before, after


def balanced_change(arms: Sequence[Arm]) -> BalancedChange:
    """Weighted mean of the arms' mean changes with a t interval; each form then counts equally in each wave.

    SE^2 = sum w^2 s^2/n, df = SE^4 / sum((w^2 s^2/n)^2/(n - 1)) (Welch-Satterthwaite, see
    `freedom`). A plain mean over unequal arms takes the difference of the forms for a change: with form B
    easier and 70 % in arm AB it
    claims a gain in 45 % of events without one. One arm: the paired t interval. No interval where an arm has
    one person or nobody's change differs. Reference: Welch 1947, Biometrika 34:28. Example: changes 1, 2, 3
    and 5, 7 at weights of one half give 4 with df 1.684.
    """
    mean = sum(arm.weight * weighted_mean(arm.pairs.change, arm.pairs.n) for arm in arms)
    parts = [_part(arm) for arm in arms]
    known = [part for part in parts if part is not None]
    variance = sum(part for part, _ in known)
    if len(known) < len(parts) or variance <= 0:
        return BalancedChange(mean)
    df = freedom(known, [(arm.weight**2 / arm.pairs.total, arm.pairs.total) for arm in arms])
    se = math.sqrt(variance)
    reach, t = t_quantile(df) * se, mean / se
    return BalancedChange(mean, (mean - reach, mean + reach), t, df, p_from_t(t, df))


def freedom(parts: Sequence[tuple[float, int]], alike: Sequence[tuple[float, int]]) -> float:
    """Welch-Satterthwaite degrees of freedom, at most those that arms of one spread would have.

    `parts`: what each arm adds to the squared error, and its people; `alike`: the same if all spreads were
    one. Where the smaller arm happens to vary little, its estimated share of the error is too small and the
    degrees of freedom are too many: with six of sixty people in one arm 5.5 % of null events claimed a
    change, with this bound 4.6 %. Arms of one size are not touched.
    """
    return min(
        sum(part for part, _ in found) ** 2 / sum(part**2 / (n - 1) for part, n in found)
        for found in (parts, alike)
    )


def _part(arm: Arm) -> tuple[float, int] | None:
    """What an arm adds to the squared error, and its people; None for one person."""
    sd, n = weighted_sd(arm.pairs.change, arm.pairs.n), arm.pairs.total
    return None if sd is None else (arm.weight**2 * sd**2 / n, n)

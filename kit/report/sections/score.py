"""The scores of one set of people before and after: measured alike for everybody, a group or a visit."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import ClassVar, Final

import numpy as np

from kit.report.sections.base import Part, declare
from kit.report.sections.cells import Cells
from kit.report.sections.thresholds import COUNTS_ONLY_BELOW
from kit.report.stats import effect, paired
from kit.report.stats.balanced import balanced_change, balanced_mean
from kit.report.stats.distributions import Interval
from kit.report.stats.paired import Pairs
from kit.report.stats.withholding import (
    NO_EXTREMES_BELOW,
    SMALLEST,
    bins_of_many,
    is_small,
    printable_share,
    withheld,
)

K = SMALLEST["public"]
FINE_UP_TO: Final = 40
BINS: Final = 10
"""Up to so many points each change is a bin of its own; of a finer scale so many bins make full marks."""


@dataclass(frozen=True)
class WilcoxonFigures(Part):
    """Signed ranks."""

    public: ClassVar = declare(by_rule="w_plus p rank_biserial")

    w_plus: float | None = None
    p: float | None = None
    rank_biserial: float | None = None


@dataclass(frozen=True)
class Score(Part):
    """The change of the matched people, in points out of `max`.

    `changes` is their distribution: `(from, to, people)`, in bins of five people or more.
    """

    key: ClassVar = "score"
    public: ClassVar = declare(
        always="max",
        by_rule="""mean_pre sd_pre mean_post sd_post mean_change ci sd_change r t df p_t p_signflip wilcoxon
            n_up n_same n_down d_av d_av_ci d_z d_z_ci hedges_g_z hedges_g_av normalised_gain
            normalised_gain_ci normalised_change normalised_change_dropped ceiling_pre floor_pre
            one_order""",
        never="changes",
    )

    max: int | None = None
    mean_pre: float | None = None
    sd_pre: float | None = None
    mean_post: float | None = None
    sd_post: float | None = None
    mean_change: float | None = None
    ci: Interval | None = None
    sd_change: float | None = None
    r: float | None = None
    t: float | None = None
    df: float | None = None
    p_t: float | None = None
    p_signflip: float | None = None
    wilcoxon: WilcoxonFigures = field(default_factory=WilcoxonFigures)
    n_up: int | None = None
    n_same: int | None = None
    n_down: int | None = None
    d_av: float | None = None
    d_av_ci: Interval | None = None
    d_z: float | None = None
    d_z_ci: Interval | None = None
    hedges_g_z: float | None = None
    hedges_g_av: float | None = None
    normalised_gain: float | None = None
    normalised_gain_ci: Interval | None = None
    normalised_change: float | None = None
    normalised_change_dropped: int | None = None
    ceiling_pre: float | None = None
    floor_pre: float | None = None
    one_order: bool = False
    changes: tuple[tuple[int, int, int], ...] = ()


def measure_score(cells: Cells, *, full: bool = True) -> Score:
    """All figures of matched people; below five only counts. `full=False`: mean, interval and counts.

    Means and their change give each order of forms the same weight; the other figures are of all people.
    """
    pairs, most = cells.pairs(), cells.most
    total = pairs.total
    up, same, down = paired.up_same_down(pairs) if total else (0, 0, 0)
    if total < COUNTS_ONLY_BELOW:
        return Score(max=most, n_up=up, n_same=same, n_down=down)
    arms = cells.arms()
    found, (before, after) = balanced_change(arms), balanced_mean(arms)
    score = Score(
        max=most,
        mean_pre=before,
        sd_pre=paired.weighted_sd(pairs.pre, pairs.n),
        mean_post=after,
        sd_post=paired.weighted_sd(pairs.post, pairs.n),
        mean_change=found.mean,
        ci=found.ci,
        sd_change=paired.weighted_sd(pairs.change, pairs.n),
        r=paired.correlation(pairs.pre, pairs.post, pairs.n),
        t=found.t,
        df=found.df,
        p_t=found.p_t,
        one_order=cells.one_order(),
        n_up=up,
        n_same=same,
        n_down=down,
        ceiling_pre=paired.share_at(pairs.pre, pairs.n, most),
        floor_pre=paired.share_at(pairs.pre, pairs.n, 0),
    )
    return _in_full(score, pairs, most) if full else score


def _in_full(score: Score, pairs: Pairs, most: int) -> Score:
    sizes = effect.effect_sizes(pairs)
    gain = effect.normalised_gain(pairs, most)
    change = effect.normalised_change(pairs, most)
    ranks = paired.wilcoxon(pairs)
    # Odd, so that a bin lies around zero.
    width = round(most / BINS) | 1 if most > FINE_UP_TO else 1
    d, where = np.unique(pairs.change, return_inverse=True)
    counts = np.bincount(where, weights=pairs.n).astype(int)
    return replace(
        score,
        p_signflip=paired.signflip_p(pairs),
        wilcoxon=WilcoxonFigures(ranks.w_plus, ranks.p, ranks.rank_biserial),
        d_av=sizes.d_av,
        d_av_ci=sizes.d_av_ci,
        d_z=sizes.d_z,
        d_z_ci=sizes.d_z_ci,
        hedges_g_z=sizes.hedges_g_z,
        hedges_g_av=sizes.hedges_g_av,
        normalised_gain=gain.value,
        normalised_gain_ci=gain.ci,
        normalised_change=change.mean,
        normalised_change_dropped=change.dropped,
        changes=tuple(bins_of_many(d, counts, SMALLEST["internal"], width)),
    )


def public_score(score: Score, n: int) -> Score:
    """No distribution of changes, no count of fewer than ten, nothing where a small group is all alike."""
    if n < NO_EXTREMES_BELOW and 0.0 in (score.sd_pre, score.sd_post, score.sd_change):
        return Score(max=score.max)
    counts = [score.n_up or 0, score.n_same or 0, score.n_down or 0]
    alike = n < NO_EXTREMES_BELOW and max(counts) == n
    up, same, down = (
        None if hide or alike else count
        for count, hide in zip(counts, withheld(counts, K), strict=True)
    )  # fmt: skip
    dropped = score.normalised_change_dropped
    few = is_small(dropped, K)
    if None in (up, same, down):
        # W+ with its effect size counts those who changed; an exact p of few people lists their changes.
        coarse = None if n < NO_EXTREMES_BELOW or score.p_signflip is None else _coarse(score.p_signflip)
        score = replace(score, wilcoxon=WilcoxonFigures(), p_signflip=coarse)
    return replace(
        score,
        n_up=up,
        n_same=same,
        n_down=down,
        ceiling_pre=_public_part(score.ceiling_pre, n),
        floor_pre=_public_part(score.floor_pre, n),
        normalised_change=None if few else score.normalised_change,
        normalised_change_dropped=None if few else dropped,
    )


def are_too_alike(score: Score, n: int) -> bool:
    """Whether the people of a small group scored so much alike that their mean speaks of each of them."""
    return score.mean_change is not None and public_score(score, n).mean_change is None


def _coarse(p: float) -> float:
    """A p value with one digit, never rounded down: .0123 becomes .02."""
    digit = 10.0 ** math.floor(math.log10(p))
    return min(1.0, round(math.ceil(round(p / digit, 9)) * digit, 15))


def _public_part(share: float | None, n: int) -> float | None:
    """A share of people that may be printed: neither its people nor the others are few."""
    if share is None or is_small(round(share * n), K) or is_small(round((1 - share) * n), K):
        return None
    return printable_share(share, n)

"""Sections 2, 3 and 6 from the cube: flow, score, follow-up, groups, sites, comparison, target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from kit.report.counting import FormPlan
from kit.report.cube import Cube
from kit.report.figures import (
    Comparison,
    Flow,
    Followup,
    Forms,
    PooledFigures,
    Score,
    SiteEstimate,
    WilcoxonFigures,
)
from kit.report.stats import effect, paired, pooling
from kit.report.stats.distributions import Interval, t_quantile
from kit.report.stats.paired import Numbers, Pairs

COUNTS_ONLY_BELOW: Final = 5
EVERYTHING_FROM: Final = 10
FULL_STATISTICS_FOR_GROUPS: Final = 60


@dataclass(frozen=True)
class Cells:
    """The score table on one scale: points out of `most` per wave, NaN where missing, and `n` people.

    `labels` holds, per grouping, the number of each cell's group and the names in order.
    """

    waves: dict[str, Numbers]
    n: Numbers
    labels: dict[str, tuple[Numbers, list[str]]]
    most: int

    def chosen(self, mask: Numbers) -> Cells:
        """Some of the cells."""
        labels = {name: (codes[mask], names) for name, (codes, names) in self.labels.items()}
        return Cells({w: x[mask] for w, x in self.waves.items()}, self.n[mask], labels, self.most)

    def present(self, *waves: str) -> Numbers:
        """Which cells have all of these waves."""
        return np.asarray(~np.logical_or.reduce([np.isnan(self.waves[wave]) for wave in waves]))

    def total(self, *waves: str) -> int:
        """People who have all of these waves."""
        return int(self.n[self.present(*waves)].sum())

    def matched(self) -> Cells:
        """Cells of people measured before and after."""
        return self.chosen(self.present("pre", "post"))

    def names(self, by: str) -> list[str]:
        """The groups that occur, by name."""
        codes, names = self.labels[by]
        return [names[code] for code in np.unique(codes)]

    def split(self, by: str) -> list[tuple[str, Cells]]:
        """The cells of each group, in order of name."""
        codes, names = self.labels[by]
        if not len(codes):
            return []
        order = np.argsort(codes, kind="stable")
        present, starts = np.unique(codes[order], return_index=True)
        parts = np.split(order, starts[1:])
        return [(names[code], self.chosen(part)) for code, part in zip(present, parts, strict=True)]

    def pairs(self) -> Pairs:
        """Matched people, equal pairs of scores added up."""
        both = self.matched()
        size = self.most + 1
        key = (both.waves["pre"] * size + both.waves["post"]).astype(np.int64)
        distinct, where = np.unique(key, return_inverse=True)
        n = np.bincount(where, weights=both.n, minlength=len(distinct)).astype(np.int64)
        return Pairs(distinct // size, distinct % size, n)


def score_cells(cube: Cube, plan: FormPlan) -> Cells:
    """Bring all quizzes to one scale: the least common multiple of their maxima, still whole points."""
    frame = cube.score
    most = quiz_maxima(plan, frame["quiz_id"].dropna().unique().tolist())
    scale = int(np.lcm.reduce(list(most.values()))) if most else 1
    factor = (
        frame["quiz_id"].map({quiz: scale // k for quiz, k in most.items()}).fillna(1).to_numpy(dtype=float)
    )
    waves = {w: frame[w].to_numpy(dtype=float, na_value=np.nan) * factor for w in ("pre", "post", "followup")}
    labels = {}
    for by in ("site", "audience", "session", "event", "arm"):
        codes, names = pd.factorize(frame[by].fillna(""), sort=True)
        labels[by] = (codes, [str(name) for name in names])
    return Cells(waves, frame["n"].to_numpy(dtype=np.int64), labels, scale)


def quiz_maxima(plan: FormPlan, quizzes: list[str]) -> dict[str, int]:
    """K of each quiz: as declared, else the length of its longest form."""
    longest: dict[str, dict[str, int]] = {}
    for item in plan.items:
        forms = longest.setdefault(item.quiz_id, {})
        forms[item.form] = forms.get(item.form, 0) + 1
    found = {quiz: plan.most.get(quiz) or max(longest.get(quiz, {"": 0}).values()) for quiz in quizzes}
    return {quiz: k for quiz, k in found.items() if k > 0}


def measure_flow(cells: Cells, change: float | None = None) -> Flow:
    """Count people per wave; compare those who stayed with those who left after the first wave."""
    n_joined, n_pre, n_post = int(cells.n.sum()), cells.total("pre"), cells.total("post")
    n_pairs, n_followup = cells.total("pre", "post"), cells.total("followup")
    share = n_pairs / n_joined if n_joined else None
    flow = Flow(n_joined, n_pre, n_post, n_pairs, n_followup, share)
    times = None if change is None or share is None else change * share
    before, again = cells.present("pre"), cells.present("post")
    stayers, leavers = (
        _moments(cells.waves["pre"][m], cells.n[m]) for m in (before & again, before & ~again)
    )
    if stayers is None or leavers is None or min(stayers[2], leavers[2]) < COUNTS_ONLY_BELOW:
        return Flow(*_first(flow), stayers_mean_pre=stayers[0] if stayers else None, gain_times_share=times)
    difference = paired.welch_difference(leavers, stayers)
    return Flow(*_first(flow), stayers[0], leavers[0], difference.difference, difference.ci, times)


def _first(flow: Flow) -> tuple[int | None, int | None, int | None, int | None, int | None, float | None]:
    return flow.n_joined, flow.n_pre, flow.n_post, flow.n_pairs, flow.n_followup, flow.pairs_share


def _moments(values: Numbers, n: Numbers) -> tuple[float, float | None, int] | None:
    if n.sum() == 0:
        return None
    return paired.weighted_mean(values, n), paired.weighted_sd(values, n), int(n.sum())


def measure_score(pairs: Pairs, most: int, *, full: bool = True) -> Score:
    """All of section 3 for matched people; below five only counts. `full=False`: mean, interval, counts."""
    total = pairs.total
    up, same, down = paired.up_same_down(pairs) if total else (0, 0, 0)
    if total < COUNTS_ONLY_BELOW:
        return Score(max=most, n_up=up, n_same=same, n_down=down)
    mean = paired.mean_change(pairs)
    basic = {
        "max": most,
        "mean_pre": paired.weighted_mean(pairs.pre, pairs.n),
        "sd_pre": paired.weighted_sd(pairs.pre, pairs.n),
        "mean_post": paired.weighted_mean(pairs.post, pairs.n),
        "sd_post": paired.weighted_sd(pairs.post, pairs.n),
        "mean_change": mean.mean,
        "ci": mean.ci,
        "sd_change": mean.sd,
        "r": paired.correlation(pairs.pre, pairs.post, pairs.n),
        "t": mean.t,
        "df": mean.df,
        "p_t": mean.p_t,
        "n_up": up,
        "n_same": same,
        "n_down": down,
        "ceiling_pre": paired.share_at(pairs.pre, pairs.n, most),
        "floor_pre": paired.share_at(pairs.pre, pairs.n, 0),
    }
    return Score(**basic, **(_more(pairs, most) if full else {}))  # type: ignore[arg-type]


def _more(pairs: Pairs, most: int) -> dict[str, object]:
    sizes = effect.effect_sizes(pairs)
    gain = effect.normalised_gain(pairs, most)
    change = effect.normalised_change(pairs, most)
    ranks = paired.wilcoxon(pairs)
    d, where = np.unique(pairs.change, return_inverse=True)
    counts = np.bincount(where, weights=pairs.n).astype(int)
    return {
        "p_signflip": paired.signflip_p(pairs),
        "wilcoxon": WilcoxonFigures(ranks.w_plus, ranks.p, ranks.rank_biserial),
        "d_av": sizes.d_av,
        "d_av_ci": sizes.d_av_ci,
        "d_z": sizes.d_z,
        "d_z_ci": sizes.d_z_ci,
        "hedges_g_z": sizes.hedges_g_z,
        "hedges_g_av": sizes.hedges_g_av,
        "normalised_gain": gain.value,
        "normalised_gain_ci": gain.ci,
        "normalised_change": change.mean,
        "normalised_change_dropped": change.dropped,
        "changes": tuple(zip(d.tolist(), counts.tolist(), strict=True)),
    }


def measure_followup(cells: Cells) -> Followup:
    """Means of the people of all three waves and the share of the gain that is still there."""
    rows = cells.chosen(cells.present("pre", "post", "followup"))
    n, total = rows.n, int(rows.n.sum())
    if total < COUNTS_ONLY_BELOW:
        return Followup(n=total)
    pre, post, later = (rows.waves[w] for w in ("pre", "post", "followup"))
    means = [paired.weighted_mean(x, n) for x in (pre, post, later)]
    kept = effect.retained(pre, post, later, n)
    spreads = [paired.weighted_sd(x, n) for x in (pre, post, later)]
    return Followup(
        total, means[0], means[1], means[2], kept.value, kept.ci, spreads[0], spreads[1], spreads[2]
    )


def cluster_column(cells: Cells) -> str:
    """What counts as a unit: sites where there are several, else sessions."""
    return "site" if len(cells.matched().names("site")) > 1 else "session"


def site_moments(cells: Cells, unit: str) -> tuple[list[str], pooling.SiteMoments] | None:
    """Names and moments of the sites (or sessions) that have matched people."""
    matched = cells.matched()
    if not len(matched.n):
        return None
    _, codes = np.unique(matched.labels[unit][0], return_inverse=True)
    change = matched.waves["post"] - matched.waves["pre"]
    return matched.names(unit), pooling.site_moments(codes, change, matched.n.astype(float))


def measure_pooled(cells: Cells) -> PooledFigures:
    """Section 6: the mean over sites, how much they differ, what a new site may expect."""
    unit = cluster_column(cells)
    found = site_moments(cells, unit)
    if found is None:
        return PooledFigures(k=0, unit=unit)
    names, moments = found
    k = len(names)
    if k < 2 or int(moments.n.sum()) < COUNTS_ONLY_BELOW:
        return PooledFigures(k=k, unit=unit)
    icc = pooling.intraclass_correlation(moments)
    lines = tuple(_site_lines(names, moments))
    if k < 3:
        return PooledFigures(
            k=k,
            unit=unit,
            icc=icc,
            design_effect=None if icc is None else pooling.design_effect(moments, icc),
            sites=lines,
        )
    pooled, mixed = pooling.pool_sites(moments), pooling.random_intercept(moments)
    return PooledFigures(
        k=k,
        unit=unit,
        estimate=pooled.estimate if pooled else None,
        ci=pooled.ci if pooled else None,
        tau2=pooled.tau2 if pooled else None,
        i2=pooled.i2 if pooled else None,
        prediction_interval=pooled.prediction_interval if pooled else None,
        icc=icc,
        design_effect=None if icc is None else pooling.design_effect(moments, icc),
        cluster_robust_ci=pooling.cluster_robust(moments).ci,
        reml_estimate=mixed.estimate if mixed else None,
        reml_ci=mixed.ci if mixed else None,
        sites=lines,
    )


def _site_lines(names: list[str], moments: pooling.SiteMoments) -> list[SiteEstimate]:
    lines = []
    errors = np.sqrt(moments.error_variances)
    for name, n, mean, se in zip(names, moments.n, moments.mean, errors, strict=True):
        reach = t_quantile(float(n) - 1) * float(se) if n > 1 else 0.0
        ci: Interval | None = (float(mean) - reach, float(mean) + reach) if reach > 0 else None
        lines.append(SiteEstimate(name, int(n), float(mean), ci))
    return lines


def shown_cells(cells: Cells) -> tuple[tuple[float | None, float | None, float | None, int], ...]:
    """The cube over everybody for the workbook."""
    table = pd.DataFrame({**cells.waves, "n": cells.n}).groupby(list(cells.waves), dropna=False, sort=True)
    total = table["n"].sum().reset_index()
    scores = [[None if np.isnan(x) else float(x) for x in total[wave]] for wave in cells.waves]
    return tuple(zip(scores[0], scores[1], scores[2], map(int, total["n"]), strict=True))


def measure_forms(cells: Cells) -> Forms:
    """Compare the arms of a counterbalanced design: equal forms give equal changes."""
    parts = [(arm, part) for arm, part in cells.matched().split("arm") if len(arm) == 2 and arm[0] != arm[1]]
    if len(parts) != 2:
        return Forms()
    arms = [arm for arm, _ in parts]
    sides = [_moments(part.waves["post"] - part.waves["pre"], part.n) for _, part in parts]
    first, second = sides
    if first is None or second is None or min(first[2], second[2]) < COUNTS_ONLY_BELOW:
        return Forms(tuple(arms), tuple(s[2] for s in sides if s))
    welch = paired.welch_difference(first, second)
    middle = (first[0] + second[0]) / 2.0
    half = None if welch.ci is None else (welch.ci[1] - welch.ci[0]) / 4.0
    return Forms(
        arms=tuple(arms),
        n=(first[2], second[2]),
        change=(first[0], second[0]),
        difference=welch.difference,
        difference_ci=welch.ci,
        balanced_change=middle,
        balanced_ci=None if half is None else (middle - half, middle + half),
    )


def measure_comparison(here: Cells, elsewhere: Cells, names: tuple[str, ...]) -> Comparison:
    """Change here minus change at the comparison sites, sites as units."""
    ours, theirs = site_moments(here, "site"), site_moments(elsewhere, "site")
    if ours is None or theirs is None:
        return Comparison(sites=names, n_sites=0, n_pairs=0)
    pairs = int(theirs[1].n.sum())
    if min(pairs, int(ours[1].n.sum())) < EVERYTHING_FROM:
        return Comparison(sites=names, n_sites=len(theirs[0]), n_pairs=pairs)
    welch = pooling.compare_gains(ours[1], theirs[1])
    mean = float(theirs[1].mean.mean())
    return Comparison(names, len(theirs[0]), pairs, mean, welch.difference, welch.ci, welch.p)


def target_verdict(ci: Interval | None, most: int, points: float) -> str:
    """Reached if the whole interval (in points of 100) is at or above the target, missed if below it."""
    if ci is None:
        return "open"
    low, high = (100.0 * side / most for side in ci)
    if low >= points:
        return "reached"
    return "missed" if high < points else "open"

"""Against what the change is held: sites that were not visited, and a target declared beforehand."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from kit.report.sections.base import (
    Evidence,
    Figures,
    Note,
    Part,
    Parts,
    Secrecy,
    Section,
    View,
    declare,
    note,
)
from kit.report.sections.cells import Cells
from kit.report.sections.score import Score
from kit.report.sections.sites import POOLED_FROM, PooledFigures, headline, printed_range, site_moments
from kit.report.sections.spoken import outward, points
from kit.report.sections.thresholds import EVERYTHING_FROM
from kit.report.stats import pooling
from kit.report.stats.distributions import Interval


@dataclass(frozen=True)
class Comparison(Part):
    """Change here minus change at the comparison sites, sites as units; points."""

    key: ClassVar = "comparison"
    public: ClassVar = declare(always="sites", by_rule="n_sites n_pairs mean_change difference ci p")

    sites: tuple[str, ...] = ()
    n_sites: int | None = None
    n_pairs: int | None = None
    mean_change: float | None = None
    difference: float | None = None
    ci: Interval | None = None
    p: float | None = None


@dataclass(frozen=True)
class Target(Part):
    """A gain declared beforehand, in points out of 100, and whether it was reached."""

    key: ClassVar = "target"
    verdicts: ClassVar = "target.{code}"
    public: ClassVar = declare(always="points", by_rule="verdict_code")

    points: float | None = None
    verdict_code: str | None = None


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


def target_verdict(printed: Interval | None, points: float) -> str:
    """Reached if the whole printed range (points of 100) is at or above the target, missed if below it."""
    if printed is None:
        return "open"
    low, high = printed
    if low >= points:
        return "reached"
    return "missed" if high < points else "open"


def measure_target(figures: Figures, points: float | None) -> Target:
    """The target as it was declared, judged by the change that page one prints."""
    mean, _ = headline(figures)
    if points is None or mean is None:
        return Target(points=points)
    printed = None if figures.of(Score).one_order else printed_range(figures)
    return Target(points, target_verdict(None if printed is None else printed[0], points))


def with_verdict(ci: Interval | None, target: Target, most: float) -> Interval | None:
    """A range that was moved for the public, cut back so that its printed ends carry the target's verdict.

    Nothing is told by that: the verdict already says on which side of the target the range lies.
    """
    if ci is None or target.points is None or target.verdict_code not in ("reached", "missed"):
        return ci
    above = math.ceil(target.points)
    if target.verdict_code == "reached":
        return max(ci[0], above * most / 100.0), ci[1]
    return ci[0], min(ci[1], (above - 1) * most / 100.0)


def compared_sentence(view: View) -> str:
    """The difference from comparison sites in one sentence, where there are some."""
    comparison, language = view.figures.of(Comparison), view.language
    if comparison.difference is None:
        return ""
    difference = points(view.per_hundred(comparison.difference), language, signed=True)
    if comparison.ci is None:
        return view.say("sentences.compared_open", difference=difference)
    ends = outward(*(view.per_hundred(side) for side in comparison.ci))
    low, high = (points(side, language) for side in ends)
    return view.say("sentences.compared", difference=difference, low=low, high=high)


class ComparisonSection(Section):
    """Other sites, and a target."""

    name = "comparison"
    heading = "groups"
    parts = (Comparison, Target)

    def measure(self, evidence: Evidence, so_far: Figures) -> Parts:
        """The difference from sites elsewhere, and the verdict on the target."""
        options, comparison = evidence.options, Comparison()
        if evidence.elsewhere is not None:
            comparison = measure_comparison(evidence.cells, evidence.elsewhere, options.compare)
        return {Comparison.key: comparison, Target.key: measure_target(so_far, options.target)}

    def withhold(self, figures: Figures, secrecy: Secrecy) -> Parts:
        """No verdict on a target where the range over sites is kept back."""
        target, pooled = figures.of(Target), figures.of(PooledFigures)
        hidden = (pooled.k or 0) >= POOLED_FROM and any(by == pooled.unit for by, _ in secrecy.hidden)
        if hidden and target.points is not None:
            target = Target(target.points, "open")
        return {Comparison.key: figures.of(Comparison), Target.key: target}

    def blank(self, figures: Figures) -> Parts:
        """Which sites were to be compared and what was to be reached are no figures of people."""
        comparison, target = figures.of(Comparison), figures.of(Target)
        return {
            Comparison.key: Comparison(sites=comparison.sites),
            Target.key: Target(points=target.points),
        }

    def notes(self, figures: Figures, evidence: Evidence) -> Iterator[Note]:
        """No comparison or one too small, no target."""
        comparison = figures.of(Comparison)
        if not comparison.sites:
            yield note("no_comparison", "comparison.*")
        elif comparison.difference is None:
            yield note("comparison_small", "comparison.*", k=EVERYTHING_FROM)
        elif comparison.ci is None:
            yield note("comparison_one_site", "comparison.ci", "comparison.p")
        if figures.of(Target).points is None:
            yield note("no_target", "target.*", "options.target")

    def words(self, view: View) -> list[str]:
        """The difference from elsewhere."""
        compared = compared_sentence(view)
        return [compared] if compared else []

"""The figures of a report for the public, made from protected counts: one rule for each kind of figure.

Sections have withheld what may not be told; here the rest gets its noise. Counts move by the key of their
people, shares follow from two moved counts, points and intervals are whole hundredths, and what tells a table
of few people exactly (moments, exact p values, ranks) is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from kit.report.count.cube import Cube
from kit.report.publish.noise import (
    People,
    hundredth,
    moved,
    outward_hundredths,
    share_of,
)
from kit.report.publish.protect_answers import (
    answers_of,
    content_count,
    protect_discernment,
    protect_item,
    protect_likert,
    protect_practice,
    protect_self_report,
    protect_twin,
)
from kit.report.sections.answers import LikertItem
from kit.report.sections.base import Figures, Part
from kit.report.sections.behaviour import Behaviour, PlanChoices
from kit.report.sections.comparison import Comparison, Target, with_verdict
from kit.report.sections.discernment_figures import DiscernmentFigures
from kit.report.sections.flow import Flow
from kit.report.sections.followup import Followup
from kit.report.sections.groups import Group
from kit.report.sections.item_figures import ItemFigures
from kit.report.sections.practice import PracticeItem
from kit.report.sections.quality import AlphaFigures, Forms, Reliability
from kit.report.sections.score import Score
from kit.report.sections.sites import PooledFigures
from kit.report.sections.twins import TwinFigures
from kit.report.sections.unsure import Unsure
from kit.study.wave import FOLLOWUP, POST, PRE

_COUNTED: Final[dict[str, tuple[str, ...]]] = {
    "n_joined": (),
    "n_pre": (PRE,),
    "n_post": (POST,),
    "n_pairs": (PRE, POST),
}
_FOLDS: Final = ("n11", "n01", "n10", "n00")
_MOMENTS: Final = (
    "sd_pre", "sd_post", "sd_change", "r", "t", "df", "p_t", "p_signflip", "d_av", "d_av_ci", "d_z", "d_z_ci",
    "hedges_g_z", "hedges_g_av", "normalised_gain_ci", "normalised_change", "normalised_change_dropped",
)  # fmt: skip


@dataclass(frozen=True)
class Crowd:
    """The people of some score cells, and who of them answered when."""

    cells: pd.DataFrame

    def who(self, *waves: str) -> People:
        """Those who have all of these waves."""
        return People.of(self.cells[self.cells[list(waves)].notna().all(axis=1)])

    @property
    def pairs(self) -> People:
        """Those who answered before and after."""
        return self.who(PRE, POST)

    def turned(self, way: int) -> People:
        """Those of the pairs who went up (1), down (-1) or stayed (0)."""
        both = self.cells[self.cells[PRE].notna() & self.cells[POST].notna()]
        change = both[POST] - both[PRE]
        return People.of(both[(change > 0) if way > 0 else (change < 0) if way < 0 else (change == 0)])


def protect(figures: Figures, cube: Cube, compared: Cube | None = None) -> Figures:
    """The public figures with their noise; `compared` are the people of comparison sites."""
    crowd, most = Crowd(cube.score), float(figures.most or 1)
    answers = answers_of(cube)
    rules: Mapping[type[Part], Callable[[Any], Any]] = {
        Flow: lambda found: _flow(found, crowd, most),
        Score: lambda found: _score(found, crowd, most),
        Unsure: lambda found: _unsure(found, crowd.pairs),
        ItemFigures: lambda found: protect_item(found, answers),
        TwinFigures: protect_twin,
        Group: lambda found: _group(found, cube.score, most),
        PooledFigures: lambda found: _pooled(found, crowd, cube.score, most),
        DiscernmentFigures: lambda found: protect_discernment(found, People.of(cube.signal)),
        Forms: lambda found: _forms(found, cube.score, most),
        Reliability: _reliability,
        Followup: lambda found: _followup(found, crowd, most),
        Comparison: lambda found: _comparison(found, compared, most),
        PracticeItem: protect_practice,
        PlanChoices: protect_self_report,
        Behaviour: protect_self_report,
        LikertItem: protect_likert,
    }
    parts: dict[str, Any] = {}
    for kind, rule in rules.items():
        found = figures.parts[kind.key]
        parts[kind.key] = tuple(map(rule, found)) if kind.many else rule(found)
    for kind in (Score, PooledFigures):
        ci = with_verdict(parts[kind.key].ci, figures.of(Target), most)
        parts[kind.key] = replace(parts[kind.key], ci=ci)
    return figures.with_parts(parts)


def _flow(flow: Flow, crowd: Crowd, most: float) -> Flow:
    """Waves within those who joined, pairs within both waves: no count beside whose whole a few are left."""
    if flow.n_pairs is None:
        return flow
    pairs = crowd.pairs
    counts: dict[str, Any] = {}
    for name, waves in _COUNTED.items():
        whole = crowd.who(*waves)
        counts[name] = None if pairs.within(whole) is None and whole != pairs else whole.count
    joined = crowd.who()
    for name in ("n_pre", "n_post"):
        if counts["n_joined"] is not None and crowd.who(*_COUNTED[name]).within(joined) is None:
            counts[name] = None
    later = crowd.who(PRE, POST, FOLLOWUP).within(pairs)
    share = share_of(pairs, joined) if counts["n_joined"] is not None else None
    shown: dict[str, Any] = {
        name: content_count(n, name)
        for name in ("n_partial", "n_short")
        if (n := getattr(flow, name)) is not None
    }
    told = replace(flow, **counts, **shown, n_followup=later if flow.n_followup is not None else None)
    by = pairs.shift(POST, most) - pairs.shift(PRE, most)
    gain = flow.gain_times_share
    return replace(
        told,
        **_leavers(flow, crowd, most, told=counts["n_pre"] is not None),
        pairs_share=None if flow.pairs_share is None else share,
        gain_times_share=None if None in (share, gain) else hundredth((gain or 0) + by * (share or 0), most),
    )


def _leavers(flow: Flow, crowd: Crowd, most: float, *, told: bool) -> dict[str, Any]:
    """The first score of those who stayed, as the score section tells it, and of those who did not."""
    only_pre = People.of(crowd.cells[crowd.cells[PRE].notna() & crowd.cells[POST].isna()])
    stayed, left = flow.stayers_mean_pre, flow.leavers_mean_pre
    stayers = None if stayed is None else _mean(stayed, crowd.pairs, PRE, most)
    if not told or stayed is None or left is None or stayers is None or not only_pre.n:
        names = ("leavers_mean_pre", "leavers_difference", "leavers_ci")
        return {"stayers_mean_pre": stayers, **dict.fromkeys(names)}
    leavers = _mean(left, only_pre, PRE, most)
    by = (leavers - stayers) - (left - stayed)
    few = min(only_pre.n, crowd.pairs.n)
    return {
        "stayers_mean_pre": stayers,
        "leavers_mean_pre": leavers,
        "leavers_difference": round(leavers - stayers, 9),
        "leavers_ci": moved(flow.leavers_ci, by, most, few),
    }


def _score(score: Score, crowd: Crowd, most: float) -> Score:
    """Means moved by their people's key, their difference as it is printed, and no moment."""
    if score.mean_pre is None or score.mean_post is None or score.mean_change is None:
        return score
    pairs = crowd.pairs
    before = _mean(score.mean_pre, pairs, PRE, most)
    after = _mean(score.mean_post, pairs, POST, most)
    by = after - before - score.mean_change
    gain = None
    if score.normalised_gain is not None and before < most:
        gain = hundredth((after - before) / (most - before))
    ways = {"n_up": 1, "n_same": 0, "n_down": -1}
    told: dict[str, Any] = {
        name: None if getattr(score, name) is None else crowd.turned(way).within(pairs)
        for name, way in ways.items()
    }
    if None in told.values():
        told = dict.fromkeys(told)
    bare: dict[str, Any] = dict.fromkeys(_MOMENTS)
    return replace(
        score,
        **bare,
        **told,
        wilcoxon=type(score.wilcoxon)(),
        mean_pre=before,
        mean_post=after,
        mean_change=round(after - before, 9),
        ci=moved(score.ci, by, most, pairs.n),
        normalised_gain=gain,
        ceiling_pre=_end(score.ceiling_pre, crowd, most),
        floor_pre=_end(score.floor_pre, crowd, 0.0),
    )


def _end(share: float | None, crowd: Crowd, score: float) -> float | None:
    """The share of the pairs who stood at an end of the scale before, of protected counts."""
    if share is None:
        return None
    both = crowd.cells[crowd.cells[PRE].notna() & crowd.cells[POST].notna()]
    return share_of(People.of(both[both[PRE] == score]), crowd.pairs)


def _unsure(found: Unsure, people: People) -> Unsure:
    """Shares of "don't know", moved by up to half of one person's answers."""

    def told(share: float | None, wave: str) -> float | None:
        return None if share is None else hundredth(max(0.0, share + people.shift(f"unsure {wave}", 1.0)))

    return replace(found, pre=told(found.pre, PRE), post=told(found.post, POST))


def _mean(mean: float, people: People, wave: str, most: float) -> float:
    """A mean score moved and rounded, inside its scale."""
    return min(most, max(0.0, hundredth(mean + people.shift(wave, most), most) or 0.0))


def _group(group: Group, score: pd.DataFrame, most: float) -> Group:
    if group.suppressed:
        return group
    crowd = Crowd(score[score[group.by].fillna("") == group.name])
    return replace(group, flow=_flow(group.flow, crowd, most), score=_score(group.score, crowd, most))


def _pooled(found: PooledFigures, crowd: Crowd, score: pd.DataFrame, most: float) -> PooledFigures:
    """The mean over sites moves with the mean over people; each site as the group it is."""
    if not found.sites:
        return found
    pairs = crowd.pairs
    by = pairs.shift(POST, most) - pairs.shift(PRE, most)
    sites = []
    for site in found.sites:
        people = Crowd(score[score[found.unit or "site"].fillna("") == site.name]).pairs
        own = people.shift(POST, most) - people.shift(PRE, most)
        mean, ci = hundredth(site.mean_change + own, most), moved(site.ci, own, most, people.n)
        sites.append(replace(site, n=people.count or 0, mean_change=mean or 0.0, ci=ci))
    told = PooledFigures(k=found.k, unit=found.unit, sites=tuple(sites))
    if found.estimate is None:
        return told
    return replace(
        told,
        estimate=hundredth(found.estimate + by, most),
        ci=moved(found.ci, by, most, pairs.n),
        prediction_interval=moved(found.prediction_interval, by, most, pairs.n),
    )


# The other sections


def _forms(found: Forms, score: pd.DataFrame, most: float) -> Forms:
    """Each order as the people it is; their difference and mean as they are printed."""
    orders = [Crowd(score[score["arm"] == arm]).pairs for arm in found.arms]
    sizes = [people.count for people in orders]
    if None in sizes:
        return Forms()
    moves = [people.shift(POST, most) - people.shift(PRE, most) for people in orders]
    change = [hundredth(x + by, most) or 0.0 for x, by in zip(found.change, moves, strict=True)]
    few = min((people.n for people in orders), default=0)
    told: dict[str, Any] = {}
    if len(change) == 2:
        apart = found.difference is not None and found.difference * (found.change[0] - found.change[1]) >= 0
        sign = 1.0 if apart else -1.0
        told = {
            "difference": None if found.difference is None else sign * round(change[0] - change[1], 9),
            "difference_ci": moved(found.difference_ci, sign * (moves[0] - moves[1]), most, few),
            "balanced_change": None if found.balanced_change is None else round(sum(change) / 2, 9),
            "balanced_ci": moved(found.balanced_ci, sum(moves) / 2, most, few),
        }
    return replace(
        found,
        n=tuple(n for n in sizes if n is not None),
        change=tuple(change),
        **(told or dict.fromkeys(("difference", "difference_ci", "balanced_change", "balanced_ci"))),
    )


def _reliability(found: Reliability) -> Reliability:
    def coarse(one: AlphaFigures) -> AlphaFigures:
        return AlphaFigures(hundredth(one.alpha), outward_hundredths(one.ci))

    return Reliability(coarse(found.pre), coarse(found.post))


def _followup(found: Followup, crowd: Crowd, most: float) -> Followup:
    """Nothing where fewer than ten came back, or fewer than ten of the pairs stayed away."""
    came, pairs = crowd.who(PRE, POST, FOLLOWUP), crowd.pairs
    if found.n is None or came.within(pairs) is None:
        return Followup()
    means = {f"mean_{wave}": getattr(found, f"mean_{wave}") for wave in (PRE, POST, FOLLOWUP)}
    told: dict[str, Any] = {
        name: None if mean is None else _mean(mean, came, name, most) for name, mean in means.items()
    }
    return Followup(
        n=came.count,
        n_before=pairs.count,
        returned=share_of(came, pairs),
        **told,
        **_kept(found, told, came, pairs, most),
    )


def _kept(found: Followup, told: dict[str, Any], came: People, pairs: People, most: float) -> dict[str, Any]:
    """What is left of the gain, from the means as they are printed."""
    before, after, later = (told[f"mean_{wave}"] for wave in (PRE, POST, FOLLOWUP))
    kept: dict[str, Any] = dict.fromkeys(("retained", "retained_ci", "tipping"))
    if None in (before, after, later):
        return kept
    if found.retained is not None and after > before:
        kept["retained"] = hundredth((later - before) / (after - before))
        kept["retained_ci"] = moved(found.retained_ci, kept["retained"] - found.retained, 1.0, came.n)
    if found.tipping is not None and later > before:
        kept["tipping"] = hundredth(came.n * (later - before) / max(1, pairs.n - came.n), most)
    return kept


def _comparison(found: Comparison, compared: Cube | None, most: float) -> Comparison:
    """Nothing of comparison sites with fewer than ten people."""
    people = People(0, 0) if compared is None else Crowd(compared.score).pairs
    if not people.count:
        return Comparison(sites=found.sites)
    by = people.shift(POST, most) - people.shift(PRE, most)
    mean, difference = found.mean_change, found.difference
    return replace(
        found,
        n_pairs=people.count,
        mean_change=None if mean is None else hundredth(mean + by, most),
        difference=None if difference is None else hundredth(difference - by, most),
        ci=moved(found.ci, -by, most, people.n),
        p=None,
    )

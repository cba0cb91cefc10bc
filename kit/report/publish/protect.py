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
    K,
    People,
    hundredth,
    moved,
    outward_hundredths,
    protected_count,
    share_of,
)
from kit.report.sections.answers import LikertItem
from kit.report.sections.base import Figures, Part
from kit.report.sections.behaviour import Behaviour, PlanChoices, SelfReport
from kit.report.sections.comparison import Comparison, Target, with_verdict
from kit.report.sections.discernment_figures import RATES, DiscernmentFigures
from kit.report.sections.flow import Flow
from kit.report.sections.followup import Followup
from kit.report.sections.groups import Group
from kit.report.sections.item_figures import ItemFigures, Persisting
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
    answers = _answers(cube)
    rules: Mapping[type[Part], Callable[[Any], Any]] = {
        Flow: lambda found: _flow(found, crowd, most),
        Score: lambda found: _score(found, crowd, most),
        Unsure: lambda found: replace(found, pre=hundredth(found.pre), post=hundredth(found.post)),
        ItemFigures: lambda found: _item(found, answers),
        TwinFigures: lambda found: _twin(found, crowd),
        Group: lambda found: _group(found, cube.score, most),
        PooledFigures: lambda found: _pooled(found, crowd, cube.score, most),
        DiscernmentFigures: lambda found: _discernment(found, People.of(cube.signal)),
        Forms: lambda found: _forms(found, cube.score, most),
        Reliability: _reliability,
        Followup: lambda found: _followup(found, crowd, most),
        Comparison: lambda found: _comparison(found, compared, most),
        PracticeItem: _practice,
        PlanChoices: _self_report,
        Behaviour: _self_report,
        LikertItem: _likert,
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
        name: protected_count(n, n)
        for name in ("n_partial", "n_short")
        if (n := getattr(flow, name)) is not None
    }
    told = replace(flow, **counts, **shown, n_followup=later if flow.n_followup is not None else None)
    leavers = counts["n_pre"] is not None
    return replace(
        told,
        pairs_share=None if flow.pairs_share is None else share,
        stayers_mean_pre=hundredth(flow.stayers_mean_pre, most),
        leavers_mean_pre=hundredth(flow.leavers_mean_pre, most) if leavers else None,
        leavers_difference=hundredth(flow.leavers_difference, most) if leavers else None,
        leavers_ci=outward_hundredths(flow.leavers_ci, most) if leavers else None,
        gain_times_share=None if share is None else hundredth(flow.gain_times_share, most),
    )


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
        ceiling_pre=hundredth(score.ceiling_pre),
        floor_pre=hundredth(score.floor_pre),
    )


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


# Items


ItemWave = tuple[str, str, str]


@dataclass(frozen=True)
class Answered:
    """Who answered an item in a wave, who was right, and who chose which option."""

    everybody: People
    right: People
    options: Mapping[str, People]


def _answers(cube: Cube) -> dict[ItemWave, Answered]:
    matched = cube.answer[cube.answer["matched"] == 1]
    found = {}
    for place, rows in matched.groupby(["quiz_id", "item", "wave"], sort=False):
        options = {str(choice): People.of(own) for choice, own in rows.groupby("choice", sort=False)}
        found[tuple(map(str, place))] = Answered(
            People.of(rows), People.of(rows[rows["correct"].fillna(0) == 1]), options
        )
    return found  # type: ignore[return-value]


def _item(row: ItemFigures, answers: Mapping[ItemWave, Answered]) -> ItemFigures:
    """Shares of protected counts, their difference as it is printed; no test, no single cell of a table."""
    told: dict[str, Any] = {}
    for wave in (PRE, POST):
        there = answers.get((row.quiz_id, row.item, wave))
        if there is None:
            continue
        told[f"n_{wave}"] = there.everybody.count or 0
        if getattr(row, f"p_{wave}") is not None:
            told |= _right(there, wave)
        shown = {
            choice: there.options[choice].count for choice in getattr(row, f"options_{wave}")
            if choice in there.options
        }  # fmt: skip
        told[f"options_{wave}"] = {choice: n for choice, n in shown.items() if n is not None}
    row = replace(row, **told)
    change = None
    if row.change is not None and row.p_pre is not None and row.p_post is not None:
        change = round(row.p_post - row.p_pre, 9)
    bare: dict[str, Any] = dict.fromkeys(
        (*_FOLDS, "p_mcnemar", "p_fisher", "p_sites", "p_holm", "rest_r_pre", "rest_r_post")
    )
    paired = row.n == row.n_pre == row.n_post
    return replace(
        row,
        **bare,
        n=row.n_pre if paired else (row.n_pre or 0) + (row.n_post or 0),
        change=change,
        ci=None if change is None else outward_hundredths(row.ci),
        shift=(),
        persisting=_persisting(row.persisting),
    )


def _right(there: Answered, wave: str) -> dict[str, Any]:
    """The share right, or what stands for it where nearly all or hardly any were right."""
    share = share_of(there.right, there.everybody)
    if share is not None:
        return {f"p_{wave}": share}
    return {f"p_{wave}": None, f"bound_{wave}": _bound(there)}


def _bound(there: Answered) -> str:
    """Ten more or fewer than may be told, as a bound out of 100."""
    n = there.everybody.count or K
    edge = min(50, -(-100 * 10 // n))
    return f"≥ {100 - edge}" if 2 * there.right.n > there.everybody.n else f"≤ {edge}"


def _persisting(found: Persisting | None) -> Persisting | None:
    if found is None:
        return None
    after = hundredth(found.share_post)
    return replace(found, share_pre=hundredth(found.share_pre), share_post=after or 0.0)


def _twin(twin: TwinFigures, crowd: Crowd) -> TwinFigures:
    counts: dict[str, Any] = dict.fromkeys(_FOLDS)
    change = hundredth(twin.change)
    return replace(twin, **counts, n=protected_count(twin.n, twin.n) or 0, change=change,
                   ci=outward_hundredths(twin.ci))  # fmt: skip


# The other sections


def _discernment(found: DiscernmentFigures, people: People) -> DiscernmentFigures:
    if found.n is None:
        return found
    told: dict[str, Any] = {name: hundredth(getattr(found, name)) for name in RATES}
    told |= {f"{name}_ci": outward_hundredths(getattr(found, f"{name}_ci")) for name in RATES}
    return replace(found, **told, n=people.count)


def _forms(found: Forms, score: pd.DataFrame, most: float) -> Forms:
    sizes = [Crowd(score[score["arm"] == arm]).pairs.count for arm in found.arms]
    if None in sizes:
        return Forms()
    return replace(
        found,
        n=tuple(n for n in sizes if n is not None),
        change=tuple(hundredth(x, most) or 0.0 for x in found.change),
        difference=hundredth(found.difference, most),
        difference_ci=outward_hundredths(found.difference_ci, most),
        balanced_change=hundredth(found.balanced_change, most),
        balanced_ci=outward_hundredths(found.balanced_ci, most),
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
        retained=hundredth(found.retained),
        retained_ci=outward_hundredths(found.retained_ci),
        tipping=hundredth(found.tipping, most),
    )


def _comparison(found: Comparison, compared: Cube | None, most: float) -> Comparison:
    """Nothing of comparison sites with fewer than ten people."""
    people = People(0, 0) if compared is None else Crowd(compared.score).pairs
    if not people.count:
        return Comparison(sites=found.sites)
    return replace(
        found,
        n_pairs=people.count,
        mean_change=hundredth(found.mean_change, most),
        difference=hundredth(found.difference, most),
        ci=outward_hundredths(found.ci, most),
        p=None,
    )


def _content_count(n: int, *place: object) -> int:
    """A count of answers of which no person is known: its noise follows from what is counted."""
    key = int(pd.util.hash_array(pd.array([f"{place}{n}"], dtype=object).to_numpy())[0])
    return protected_count(n, key) or 0


def _practice(one: PracticeItem) -> PracticeItem:
    right, wrong, unsure = (
        _content_count(getattr(one, how), one.quiz_id, one.item, how) for how in ("right", "wrong", "unsure")
    )
    return replace(one, n=right + wrong + unsure, right=right, wrong=wrong, unsure=unsure)


def _self_report(one: SelfReport) -> SelfReport:
    place = one.quiz_id, one.item, one.wave
    counts = tuple((choice, _content_count(n, *place, choice)) for choice, n in one.counts)
    return replace(one, n=_content_count(one.n, *place), counts=counts)


def _likert(line: LikertItem) -> LikertItem:
    place = line.quiz_id, line.item, line.wave
    one, two, three, four, five = (_content_count(n, *place, i) for i, n in enumerate(line.counts))
    return replace(line, counts=(one, two, three, four, five))

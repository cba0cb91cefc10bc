"""From sources to a report: every section, what is withheld, and a note for everything that is missing."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import numpy as np

from kit import __version__
from kit.report import item_figures, measure
from kit.report.counting import FormPlan
from kit.report.cube import Cube
from kit.report.disclosure import SMALLEST, printable_share, withheld
from kit.report.faults import SourceFault
from kit.report.figures import (
    Comparison,
    DiscernmentFigures,
    Figures,
    Flow,
    Followup,
    Forms,
    Group,
    ItemFigures,
    Options,
    PooledFigures,
    Reliability,
    Score,
    SessionLine,
    Target,
    Unsure,
)
from kit.report.loaded import Loaded
from kit.report.measure import Cells
from kit.report.notes import collect_notes
from kit.report.report import Report
from kit.text import message

BY: Final = ("site", "audience", "session", "event")


@dataclass(frozen=True)
class Request:
    """How a report was asked for."""

    by: tuple[str, ...] | None = None
    target: float | None = None
    audience: str = "internal"
    compare: tuple[str, ...] = ()
    language: str = "id"
    generated_at: datetime | None = None


def make_report(loaded: Loaded, request: Request) -> Report:
    """Measure everything and put the notes beside it. Raises SourceFault for an impossible request."""
    _check(request)
    here = loaded.where(not_site=request.compare) if request.compare else loaded
    cube, plan = here.cube(), here.counted.plan
    _check_sites(loaded, request, cube)
    loaded.progress("computing")
    cells = measure.score_cells(cube, plan)
    comparison = _comparison(loaded, request, cells)
    by = request.by if request.by is not None else _natural_groups(cells)
    target = request.target if request.target is not None else _declared_target(here)
    options = Options(by, target, request.audience, request.compare)
    figures = _figures(here, cube, plan, cells, comparison, options, request.language)
    figures = replace(figures, notes=tuple(collect_notes(figures, here, cube, plan)))
    return Report(
        kit=__version__,
        fingerprint=fingerprint(cube, comparison, options),
        generated_at=request.generated_at or datetime.now(UTC).replace(microsecond=0),
        figures=figures,
        quizzes=here.quizzes,
        language=request.language,
    )


def _check(request: Request) -> None:
    for name in request.by or ():
        if name not in BY:
            raise SourceFault("by_unknown", name=name, known=", ".join(BY))
    if request.audience not in SMALLEST:
        raise SourceFault("audience_unknown", name=request.audience)
    if request.target is not None and not -100 <= request.target <= 100:
        raise SourceFault("target_bad", value=request.target)


def _check_sites(loaded: Loaded, request: Request, cube: Cube) -> None:
    known = sorted(str(s) for s in loaded.cube().score["site"].unique()) if request.compare else []
    for site in request.compare:
        if site not in known:
            raise SourceFault("site_unknown", site=site, known=", ".join(known))
    if request.compare and cube.score.empty:
        raise SourceFault("nothing_to_compare")


def _natural_groups(cells: Cells) -> tuple[str, ...]:
    """Sites and audiences, where there are several."""
    return tuple(name for name in ("site", "audience") if len(cells.names(name)) > 1)


def _declared_target(loaded: Loaded) -> float | None:
    """The target the sessions were opened with, if they agree."""
    targets = {record.target for record in loaded.records}
    return targets.pop() if len(targets) == 1 else None


def _figures(
    loaded: Loaded,
    cube: Cube,
    plan: FormPlan,
    cells: Cells,
    comparison: Comparison,
    options: Options,
    language: str,
) -> Figures:
    pairs = cells.pairs()
    smallest = SMALLEST["public"] if options.audience == "public" else None
    withhold_all = smallest is not None and 0 < pairs.total < smallest
    score = measure.measure_score(pairs, cells.most)
    flow = _flow_of_attempts(measure.measure_flow(cells, score.mean_change), cube)
    pooled = measure.measure_pooled(cells)
    rest: Figures = Figures(
        options=options,
        sources=loaded.names,
        sessions=_sessions(loaded),
        flow=flow,
        score=score,
        unsure=item_figures.measure_unsure(cube),
        items=item_figures.measure_items(cube, plan, language, smallest),
        twins=item_figures.measure_twins(cube, smallest),
        reliability=item_figures.measure_reliability(cube, plan),
        discernment=item_figures.measure_discernment(cube, plan, pooled.unit or "site", language),
        followup=measure.measure_followup(cells),
        groups=_groups(cells, options),
        pooled=pooled,
        forms=measure.measure_forms(cells),
        comparison=comparison,
        target=_target(score, pooled, options.target, language),
        likert=item_figures.measure_likert(cube),
        cells=measure.shown_cells(cells, smallest),
        notes=(),
    )
    if withhold_all:
        return _withheld(rest)
    return _public(rest) if smallest is not None else _inside(rest)


def _withheld(figures: Figures) -> Figures:
    """A public report on fewer than ten matched people says only that there are fewer than ten."""
    return replace(
        figures,
        flow=Flow(),
        score=Score(max=figures.score.max),
        unsure=Unsure(),
        items=(),
        twins=(),
        reliability=Reliability(),
        discernment=DiscernmentFigures(),
        followup=Followup(),
        groups=(),
        pooled=PooledFigures(),
        forms=Forms(),
        comparison=Comparison(sites=figures.comparison.sites),
        target=Target(points=figures.target.points),
        likert=(),
        cells=(),
    )


def _public(figures: Figures) -> Figures:
    """For publication: no leavers below ten, the gain's distribution only as up, same and down."""
    flow, score, smallest = figures.flow, figures.score, SMALLEST["public"]
    lost = (flow.n_pre or 0) - (flow.n_pairs or 0)
    if lost < smallest:
        flow = replace(flow, leavers_mean_pre=None, leavers_difference=None, leavers_ci=None)
    followup = figures.followup
    if followup.n is not None and 0 < followup.n < smallest:
        followup, flow = Followup(), replace(flow, n_followup=None)
    likert = tuple(line for line in figures.likert if sum(line.counts) >= smallest)
    score = replace(score, changes=())
    return replace(
        figures,
        items=tuple(_without_extremes(row) for row in figures.items),
        flow=flow,
        score=score,
        followup=followup,
        likert=likert,
        pooled=_named_sites(figures.pooled, smallest),
    )


def _without_extremes(row: ItemFigures) -> ItemFigures:
    """Below 20 people an item that everybody (or nobody) got right gives no shares: they speak of each."""
    shares = ((row.p_pre, row.n_pre), (row.p_post, row.n_post))
    if all(share is None or printable_share(share, n) is not None for share, n in shares):
        return row
    return replace(
        row, p_pre=None, p_post=None, change=None, ci=None, options_pre={}, options_post={}, shift=()
    )


def _inside(figures: Figures) -> Figures:
    """For colleagues: sites below five matched people are not named."""
    return replace(figures, pooled=_named_sites(figures.pooled, SMALLEST["internal"]))


def _named_sites(pooled: PooledFigures, smallest: int) -> PooledFigures:
    hidden = withheld([site.n for site in pooled.sites], smallest)
    shown = tuple(site for site, hide in zip(pooled.sites, hidden, strict=True) if not hide)
    return replace(pooled, sites=shown)


def _flow_of_attempts(flow: Flow, cube: Cube) -> Flow:
    status = cube.attempt.groupby("status")["n"].sum()
    return replace(flow, n_partial=int(status.get("partial", 0)), n_short=int(status.get("short", 0)))


def _sessions(loaded: Loaded) -> tuple[SessionLine, ...]:
    return tuple(
        SessionLine(
            code=r.code,
            title=r.title,
            event=r.event,
            site=r.site,
            held_on=r.held_on,
            quizzes=tuple((q.quiz_id, q.sha256) for q in r.quizzes),
        )
        for r in loaded.records
    )


def _groups(cells: Cells, options: Options) -> tuple[Group, ...]:
    """Groups with complementary suppression; figures from ten matched people on."""
    found = []
    for by in options.by:
        split = cells.split(by)
        pairs = [part.pairs() for _, part in split]
        hidden = withheld([p.total for p in pairs], SMALLEST[options.audience])
        full = len(split) <= measure.FULL_STATISTICS_FOR_GROUPS
        for (name, part), matched, hide in zip(split, pairs, hidden, strict=True):
            if hide:
                found.append(Group(by, name, True, Flow(), Score()))
            elif matched.total < measure.EVERYTHING_FROM:
                found.append(Group(by, name, False, measure.measure_flow(part), Score(max=cells.most)))
            else:
                score = measure.measure_score(matched, cells.most, full=full)
                flow = measure.measure_flow(part, score.mean_change)
                found.append(Group(by, name, False, flow, replace(score, changes=())))
    return tuple(found)


def _comparison(loaded: Loaded, request: Request, cells: Cells) -> Comparison:
    if not request.compare:
        return Comparison()
    there = loaded.where(site=request.compare)
    elsewhere = measure.score_cells(there.cube(), there.counted.plan)
    if elsewhere.most != cells.most:
        raise SourceFault("compare_scale", here=cells.most, there=elsewhere.most)
    return measure.measure_comparison(cells, elsewhere, request.compare)


def headline(score: Score, pooled: PooledFigures) -> tuple[float | None, tuple[float, float] | None]:
    """The change that page one prints: over sites from three sites on, else over people; points."""
    if pooled.estimate is not None and pooled.ci is not None:
        return pooled.estimate, pooled.ci
    return score.mean_change, score.ci


def _target(score: Score, pooled: PooledFigures, points: float | None, language: str) -> Target:
    if points is None:
        return Target()
    mean, ci = headline(score, pooled)
    if mean is None:
        return Target(points=points)
    code = measure.target_verdict(ci, score.max or 1, points)
    return Target(points, message(f"report.target.{code}", language), code)


def fingerprint(cube: Cube, comparison: Comparison, options: Options) -> str:
    """Sixteen hex digits of the counts and the request: equal data and questions, equal fingerprint.

    Names of people are not in the counts, so relabelling participants or reordering rows does not change it.
    """
    digest = hashlib.sha256()
    for part in ("score", "signal", "answer", "shift", "likert"):
        frame = getattr(cube, part)
        digest.update(part.encode())
        for column in frame.columns:
            values = frame[column]
            digest.update(column.encode())
            if values.dtype == "Int64":
                digest.update(values.fillna(-1).to_numpy(dtype=np.int64).tobytes())
            else:
                digest.update("\x1f".join(values.fillna("").tolist()).encode())
    asked = [
        options.by,
        options.target,
        options.audience,
        options.compare,
        comparison.difference,
        __version__,
    ]
    digest.update(json.dumps(asked).encode())
    return digest.hexdigest()[:16]

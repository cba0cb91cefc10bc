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
from kit.report.disclosure import SMALLEST, withheld
from kit.report.faults import SourceFault
from kit.report.figures import (
    Comparison,
    DiscernmentFigures,
    Figures,
    Flow,
    Followup,
    Forms,
    Group,
    Note,
    Options,
    PooledFigures,
    Reliability,
    Rescored,
    Score,
    SessionLine,
    Target,
    Unsure,
)
from kit.report.loaded import Loaded
from kit.report.measure import Cells
from kit.report.notes import collect_notes
from kit.report.plain import plain
from kit.report.public import Publisher, hidden_groups
from kit.report.releases import check_release, describe_release
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
    if loaded.rescoring:
        smallest = SMALLEST["public"] if options.audience == "public" else None
        withhold = figures.flow.n_pairs is None
        figures = replace(figures, rescored=loaded.rescoring.figures(smallest, withhold_all=withhold))
    figures = replace(figures, notes=tuple(collect_notes(figures, here, cube, plan)))
    mark = fingerprint(cube, comparison, options, figures.rescored)
    made_at = request.generated_at or datetime.now(UTC).replace(microsecond=0)
    release = None
    if options.audience == "public" and figures.flow.n_pairs is not None:
        compared = loaded.where(site=request.compare).cube().score if request.compare else None
        release = describe_release(figures, (cube.score, compared), mark, made_at)
        if not check_release(release):
            figures = replace(figures, notes=(*figures.notes, Note("releases_unknown")))
    return Report(
        kit=__version__,
        fingerprint=mark,
        generated_at=made_at,
        figures=plain(figures),
        quizzes=here.quizzes,
        language=request.language,
        release=release,
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
    withhold_all = smallest is not None and pairs.total < smallest and len(cells.n) > 0
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
        cells=measure.shown_cells(cells),
        notes=(),
    )
    if withhold_all:
        return _withheld(rest)
    if smallest is not None:
        return Publisher(hidden_groups(cube)).publish(rest)
    return _inside(rest)


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
        # For the public, `Publisher` withholds by all ways of grouping at once.
        inside = options.audience == "internal"
        hidden = withheld([p.total for p in pairs] if inside else [], SMALLEST["internal"])
        hidden = hidden or [False] * len(pairs)
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


def fingerprint(
    cube: Cube, comparison: Comparison, options: Options, rescored: tuple[Rescored, ...] = ()
) -> str:
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
    for line in rescored:
        digest.update(json.dumps([line.quiz_id, line.sha256_before, line.sha256_after]).encode())
    return digest.hexdigest()[:16]

"""Visit after visit of one site: who came, how they answered, and what was still wrong the last time.

Others may come each time. So a visit is measured by its own people, before and after, and nothing here says
that anybody changed between two visits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from kit.report.charts.altair_import import alt
from kit.report.charts.axes import reach
from kit.report.charts.look import ACCENT, INK, MUTED, PAPER, Drawing, values
from kit.report.count.counting import Counted
from kit.report.sections.base import (
    Evidence,
    Figures,
    Note,
    Part,
    Parts,
    Secrecy,
    Section,
    SheetRow,
    Table,
    View,
    declare,
    make_table,
    note,
)
from kit.report.sections.cells import cluster_column, score_cells
from kit.report.sections.discernment_figures import DiscernmentFigures, measure_discernment
from kit.report.sections.flow import Flow, measure_flow, with_attempts
from kit.report.sections.groups import AUDIENCES
from kit.report.sections.item_figures import ItemRef
from kit.report.sections.names import item_labels, squeezed
from kit.report.sections.score import Score, measure_score
from kit.report.sections.spoken import guarded_share, interval, long_date, points, whole
from kit.report.sections.thresholds import EVERYTHING_FROM
from kit.report.sections.visit_items import (
    AnsweredItem,
    CarriedItem,
    answered_items,
    carried_items,
    still_wrong,
)
from kit.report.stats.withholding import SMALLEST, withheld

NAMED: Final = 3
"""So many items are named in a sentence; the table has all of them."""
SHOWN: Final = 6
"""So many visits fit one chart: the last ones."""
WAVES: Final = ("pre", "post")
BREAK: Final = "|"
TWO_LINES: Final = f"split(datum.label, '{BREAK}')"
COURSES: Final = ("right_now", "still_wrong", "unsure")
SHEET_COLUMNS: Final = (
    "site_id", "site", "held_on", "session", "n_joined", "n_pairs", "n_followup", "mean_pre", "mean_post",
    "mean_change", "ci_low", "ci_high", "hit_rate_pre", "hit_rate_post", "false_alarm_rate_pre",
    "false_alarm_rate_post", "d_prime_pre", "d_prime_post",
)  # fmt: skip


@dataclass(frozen=True)
class Visit(Part):
    """One session at a site that had one on another day, measured by the people who came.

    `came` are people who joined, by audience; `items_known` says whether answers to single items are
    still there; `next_items` are those to take up the next time, the least often right first.
    """

    key: ClassVar = "visits"
    many: ClassVar = True
    public: ClassVar = declare(
        never="""site_id site held_on session flow score discernment came suppressed items_known carried
            next_items"""
    )

    site_id: str
    site: str
    held_on: str
    session: str
    flow: Flow
    score: Score
    discernment: DiscernmentFigures
    came: tuple[tuple[str, int], ...] = ()
    suppressed: bool = False
    items_known: bool = False
    carried: tuple[CarriedItem, ...] = ()
    next_items: tuple[ItemRef, ...] = ()


@dataclass(frozen=True, order=True)
class _Stop:
    """A session of a site before it is measured."""

    site_id: str
    site: str
    held_on: str
    session: str


def sites_visited_again(evidence: Evidence) -> list[list[_Stop]]:
    """The sessions of each site that had them on two days or more, by date."""
    score = evidence.cube.score
    by_id = "site_id" if "site_id" in score.columns else "site"
    names = (by_id, "site", "held_on", "session")
    told = score[list(dict.fromkeys(names))].fillna("").drop_duplicates()
    columns = [told[name] for name in names]
    stops: dict[str, list[_Stop]] = {}
    for stop in sorted(_Stop(*map(str, row)) for row in zip(*columns, strict=True)):
        if stop.held_on and stop.session:
            stops.setdefault(stop.site_id, []).append(stop)
    return [found for found in stops.values() if len({stop.held_on for stop in found}) > 1]


def measure_visits(evidence: Evidence) -> Iterator[Visit]:
    """Each visit by its own people, and beside it what was still wrong after the visit before."""
    if evidence.of_session is None:
        return
    for stops in sites_visited_again(evidence):
        before: dict[ItemRef, AnsweredItem] = {}
        for stop in stops:
            counted = evidence.of_session(stop.session)
            items = answered_items(counted)
            yield replace(
                _measure(stop, counted),
                items_known=bool(items),
                carried=tuple(carried_items(before, items)),
                next_items=tuple(still_wrong(items)),
            )
            before = items


def _measure(stop: _Stop, counted: Counted) -> Visit:
    cells = score_cells(counted.cube, counted.plan)
    pairs = cells.pairs()
    enough = pairs.total >= EVERYTHING_FROM
    score = replace(measure_score(cells), changes=()) if enough else Score(max=cells.most)
    unit = cluster_column(cells)
    found = measure_discernment(counted.cube, counted.plan, unit) if enough else DiscernmentFigures()
    return Visit(
        stop.site_id,
        stop.site,
        stop.held_on,
        stop.session,
        with_attempts(measure_flow(cells, score.mean_change), counted.cube),
        score,
        found,
        came=tuple((name, int(part.n.sum())) for name, part in cells.split("audience")),
    )


def _without_figures(visit: Visit) -> Visit:
    place = (visit.site_id, visit.site, visit.held_on, visit.session)
    return Visit(*place, Flow(), Score(), DiscernmentFigures(), suppressed=True)


class VisitsSection(Section):
    """Visit after visit of one site."""

    name = "visits"
    parts = (Visit,)
    reads = ("visits_people", "visits_few")

    def measure(self, evidence: Evidence, so_far: Figures) -> Parts:
        """Every session of a site that had sessions on two days or more."""
        return {Visit.key: tuple(measure_visits(evidence))}

    def withhold(self, figures: Figures, secrecy: Secrecy) -> Parts:
        """Nothing: sessions of one place follow each other too closely to be told apart safely."""
        return {Visit.key: ()}

    def withhold_inside(self, figures: Figures) -> Parts:
        """No figures of a visit below five matched people, nor what the next visit says of it."""
        visits = figures.rows(Visit)
        hidden = withheld([visit.flow.n_pairs or 0 for visit in visits], SMALLEST["internal"])
        before = [False, *hidden][: len(hidden)]
        shown = []
        for visit, hide, lost in zip(visits, hidden, before, strict=True):
            kept = replace(visit, carried=()) if lost else visit
            shown.append(_without_figures(visit) if hide else kept)
        return {Visit.key: tuple(shown)}

    def stands(self, figures: Figures) -> bool:
        """Only where a site was visited again."""
        return bool(figures.rows(Visit))

    def notes(self, figures: Figures, evidence: Evidence) -> Iterator[Note]:
        """Other people came each time; visits of a few are only counted."""
        visits = figures.rows(Visit)
        if visits:
            yield note("visits_people", "visits.*")
        if any(visit.score.mean_change is None for visit in visits):
            yield note("visits_few", "visits.*", k=EVERYTHING_FROM)

    def words(self, view: View) -> list[str]:
        """For each site: how often and when, what was wrong last time, and what to take up next."""
        return [line for visits in _by_site(view) for line in _site_lines(view, visits)]

    def tables(self, view: View) -> dict[str, Table]:
        """A line for each visit, and one for each item that was wrong the time before."""
        visits = [visit for found in _by_site(view) for visit in found]
        carried = [_carried_row(view, visit, item) for visit in visits for item in visit.carried]
        rows = [_visit_row(view, visit) for visit in visits]
        return make_table(view, "visits", rows) | make_table(view, "carried", carried)

    def charts(self, view: View) -> dict[str, Drawing]:
        """Mean before and after, visit after visit; a chart for each site."""
        drawn: dict[str, Drawing] = {}
        for visits in _by_site(view):
            told = [visit for visit in visits if visit.score.mean_change is not None]
            if len(told) > 1:
                name = f"visits-{len(drawn) + 1}" if drawn else "visits"
                drawn[name] = _over_dates(view, told[-SHOWN:], name)
        return drawn

    def sheets(self, view: View) -> Iterator[tuple[str, Iterable[SheetRow]]]:
        """A row for each visit, numbers as numbers; no sheet without visits."""
        rows = [_sheet_row(visit) for visit in view.figures.rows(Visit)]
        if rows:
            yield "visits", [SHEET_COLUMNS, *rows]


def _by_site(view: View) -> list[list[Visit]]:
    found: dict[str, list[Visit]] = {}
    for visit in view.figures.rows(Visit):
        found.setdefault(visit.site_id, []).append(visit)
    return list(found.values())


def _site_lines(view: View, visits: list[Visit]) -> Iterator[str]:
    site, last = visits[0].site, visits[-1]
    first_day, last_day = (long_date(visit.held_on, view.language) for visit in (visits[0], last))
    yield view.say("sentences.visits", site=site, n=len(visits), first=first_day, last=last_day)
    labels = item_labels(view)
    for course in COURSES:
        items = [item for item in last.carried if item.course == course]
        if items:
            named = [_carried_words(view, item, labels) for item in items[:NAMED]]
            yield view.say(f"sentences.visits_{course}", items=_listed(view, named, len(items)))
    if last.next_items:
        named = [labels.get(place, place[1]) for place in last.next_items[:NAMED]]
        yield view.say("sentences.visits_next", site=site, items=_listed(view, named, len(last.next_items)))
    elif last.items_known:
        yield view.say("sentences.visits_nothing_wrong", site=site)
    elif not last.suppressed:
        yield view.say("sentences.visits_no_items", site=site)


def _carried_words(view: View, item: CarriedItem, labels: dict[ItemRef, str]) -> str:
    label = labels.get((item.quiz_id, item.item), item.item)
    last, now = (guarded_share(x, item.n, view.language) for x in (item.share_last, item.share_post))
    return view.say("sentences.visits_item", label=label, last=last, now=now)


def _listed(view: View, named: list[str], n: int) -> str:
    more = [view.say("sentences.visits_more", n=n - len(named))] if n > len(named) else []
    return "; ".join([*named, *more])


def _hundred(points_of_score: float, score: Score) -> float:
    """Points of a visit's own scale as points out of 100: visits may have used other quizzes."""
    return 100.0 * points_of_score / (score.max or 1)


def _visit_row(view: View, visit: Visit) -> tuple[str, ...]:
    language, score, found = view.language, visit.score, visit.discernment
    first = (visit.site or "–", long_date(visit.held_on, language))
    if visit.suppressed:
        hidden = view.say("rows.suppressed", k=SMALLEST["internal"])
        return (*first, hidden, *("–" for _ in range(7)))
    means = (score.mean_pre, score.mean_post)
    n = found.n or 0
    return (
        *first,
        _who_came(view, visit),
        whole(visit.flow.n_pairs or 0, language),
        *("–" if mean is None else points(_hundred(mean, score), language) for mean in means),
        interval(score.ci, language, 100 / (score.max or 1), 0),
        _pair(view, found.hit_rate_pre, found.hit_rate_post, n),
        _pair(view, found.false_alarm_rate_pre, found.false_alarm_rate_post, n),
        whole(visit.flow.n_followup or 0, language),
    )


def _who_came(view: View, visit: Visit) -> str:
    names = [view.say(f"audiences.{who}") if who in AUDIENCES else who or "–" for who, _ in visit.came]
    came = zip(names, visit.came, strict=True)
    return ", ".join(f"{name} {whole(n, view.language)}" for name, (_, n) in came)


def _pair(view: View, before: float | None, after: float | None, n: int) -> str:
    if before is None or after is None:
        return "–"
    return " → ".join(guarded_share(rate, n, view.language) for rate in (before, after))


def _carried_row(view: View, visit: Visit, item: CarriedItem) -> tuple[str, ...]:
    language = view.language
    label = item_labels(view, ids=True).get((item.quiz_id, item.item), item.item)
    shares = (item.share_last, item.share_pre, item.share_post)
    return (
        visit.site or "–",
        long_date(visit.held_on, language),
        label,
        *(guarded_share(one, item.n, language) for one in shares),
        interval(item.ci, language, 100, 0),
        view.say(f"courses.{item.course}"),
    )


def _sheet_row(visit: Visit) -> SheetRow:
    flow, score, found = visit.flow, visit.score, visit.discernment
    return (
        visit.site_id, visit.site, visit.held_on, visit.session, flow.n_joined, flow.n_pairs, flow.n_followup,
        score.mean_pre, score.mean_post, score.mean_change, *(score.ci or (None, None)), *found.rates,
        found.d_prime_pre, found.d_prime_post,
    )  # fmt: skip


def _over_dates(view: View, visits: list[Visit], name: str) -> Drawing:
    waves = {wave: view.say(f"waves.{wave}") for wave in WAVES}
    rows = [_mark(view, visit, wave, waves[wave]) for visit in visits for wave in WAVES]
    site = squeezed(visits[0].site or "–")
    told = "; ".join(f"{_on_one_line(row)} {points(row['mean'], view.language)}" for row in rows)
    title = view.say("charts.visits.title", site=site)
    return Drawing(_dots(view, rows, waves), name, title, view.say("charts.visits.alt", site=site, told=told))


def _on_one_line(row: dict[str, Any]) -> str:
    return f"{row['day'].replace(BREAK, ', ')}, {row['wave']}"


def _mark(view: View, visit: Visit, wave: str, word: str) -> dict[str, Any]:
    score, n = visit.score, visit.flow.n_pairs or 0
    mean, sd = (getattr(score, f"{what}_{wave}") or 0.0 for what in ("mean", "sd"))
    middle, half = _hundred(mean, score), _hundred(reach(sd, n), score)
    day = f"{long_date(visit.held_on, view.language)}{BREAK}{view.say('charts.n', n=n)}"
    low, high = max(0.0, middle - half), min(100.0, middle + half)
    return {"day": day, "wave": word, "mean": middle, "low": low, "high": high}


def _dots(view: View, rows: list[dict[str, Any]], waves: dict[str, str]) -> Any:
    """Open before, filled after; no line joins two visits, for no person does."""
    order = list(dict.fromkeys(row["day"] for row in rows))
    axis = alt.Axis(title=None, labelAngle=0, domain=False, ticks=False, labelExpr=TWO_LINES)
    x = alt.X("day:N", sort=order, axis=axis)
    scale = alt.Scale(domain=[0, 100])
    y_axis = alt.Axis(title=view.say("charts.visits.y"), values=[0, 25, 50, 75, 100])
    fills = alt.Scale(domain=list(waves.values()), range=[PAPER, ACCENT])
    legend = alt.Legend(title=None, orient="top", direction="horizontal", symbolStrokeColor=INK)
    base = alt.Chart(values(rows)).encode(x=x, xOffset=alt.XOffset("wave:N", sort=list(waves.values())))
    spans = base.mark_rule(color=MUTED, strokeWidth=1.5).encode(y=alt.Y("low:Q"), y2=alt.Y2("high:Q"))
    dots = base.mark_point(size=90, filled=True, stroke=ACCENT, strokeWidth=1.8, opacity=1).encode(
        y=alt.Y("mean:Q", scale=scale, axis=y_axis), fill=alt.Fill("wave:N", scale=fills, legend=legend)
    )
    return alt.layer(spans, dots, width=max(240, 130 * len(order)), height=240)

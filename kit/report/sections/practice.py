"""Practice, offer by offer in their order: a learning curve with its n, and never a claim."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from kit.report.charts.altair_import import alt
from kit.report.charts.axes import spread_labels
from kit.report.charts.look import ACCENT, Drawing, hundred, values
from kit.report.sections.base import (
    Evidence,
    Figures,
    Note,
    Part,
    Parts,
    Secrecy,
    Section,
    Table,
    View,
    declare,
    make_table,
    note,
)
from kit.report.sections.names import quiz_item, quiz_people, shortened
from kit.report.sections.spoken import guarded_share, whole
from kit.report.stats.withholding import NO_EXTREMES_BELOW, SMALLEST, is_small
from kit.study.choice import UNSURE

NAME: Final = 40
"""Letters of an offer's name in the table."""
LINE_GAP: Final = 8.5
"""Hundredths between the names at the ends of two lines."""


@dataclass(frozen=True)
class PracticeItem(Part):
    """How one practice offer was answered; `place` is its number in the order of practising, from 1."""

    key: ClassVar = "practice"
    many: ClassVar = True
    public: ClassVar = declare(by_rule="quiz_id item place signal n right wrong unsure")

    quiz_id: str
    item: str
    place: int
    signal: str
    n: int
    right: int
    wrong: int
    unsure: int


def measure_practice(evidence: Evidence) -> Iterator[PracticeItem]:
    """Right, wrong and unsure answers to each offer, in the order in which they were asked."""
    order = {
        (quiz.quiz_id, item_id): place
        for record in evidence.records
        for quiz in record.quizzes
        for place, item_id in enumerate(quiz.practice, 1)
    }
    found = []
    for (quiz_id, item, signal), rows in evidence.cube.practice.groupby(["quiz_id", "item", "signal"]):
        counts = rows.groupby("choice")["n"].sum()
        n, right, unsure = int(counts.sum()), int(counts.get(signal, 0)), int(counts.get(UNSURE, 0))
        place = order.get((str(quiz_id), str(item)), len(order) + 1)
        found.append(
            PracticeItem(str(quiz_id), str(item), place, str(signal), n, right, n - right - unsure, unsure)
        )
    yield from sorted(found, key=lambda one: (one.quiz_id, one.place, one.item))


class PracticeSection(Section):
    """The learning curve of the practice between the quizzes."""

    name = "practice"
    parts = (PracticeItem,)
    reads = ("practice_no_claim",)

    def measure(self, evidence: Evidence, so_far: Figures) -> Parts:
        """Every practice offer that somebody answered."""
        return {PracticeItem.key: tuple(measure_practice(evidence))}

    def withhold(self, figures: Figures, secrecy: Secrecy) -> Parts:
        """Offers of which every kind of answer was given by enough people, or by nobody."""
        return {PracticeItem.key: tuple(one for one in figures.rows(PracticeItem) if _may_leave(one))}

    def withhold_inside(self, figures: Figures) -> Parts:
        """No offer that fewer than five people answered."""
        k = SMALLEST["internal"]
        return {PracticeItem.key: tuple(one for one in figures.rows(PracticeItem) if one.n >= k)}

    def stands(self, figures: Figures) -> bool:
        """Only where people practised."""
        return bool(figures.rows(PracticeItem))

    def notes(self, figures: Figures, evidence: Evidence) -> Iterator[Note]:
        """What a learning curve does not say, and what is kept back."""
        shown = figures.rows(PracticeItem)
        if shown:
            yield note("practice_no_claim", "practice.*")
        if len(shown) < len(evidence.cube.practice[["quiz_id", "item"]].drop_duplicates()):
            yield note("practice_hidden", "practice.*", k=SMALLEST[figures.options.audience])

    def words(self, view: View) -> list[str]:
        """The first and the last offer of each quiz."""
        curves = _curves(view)
        key = "practice" if len(curves) == 1 else "practice_of"
        return [_curve_words(view, curve, key) for curve in curves if len(curve) > 1]

    def tables(self, view: View) -> dict[str, Table]:
        """A line for each offer."""
        curves = _curves(view)
        rows = [
            (quiz_people(view, one.quiz_id) if len(curves) > 1 else "", *_row(view, one))
            for curve in curves
            for one in curve
        ]
        return make_table(view, "practice", rows)

    def charts(self, view: View) -> dict[str, Drawing]:
        """The share right over the order of the offers, a line for each quiz."""
        curves = [curve for curve in _curves(view) if len(curve) > 1]
        return {"practice": _drawn(view, curves)} if curves else {}


def _may_leave(one: PracticeItem) -> bool:
    k = SMALLEST["public"]
    cells = (one.right, one.wrong, one.unsure)
    alike = one.n < NO_EXTREMES_BELOW and max(cells) == one.n
    return not alike and not any(is_small(n, k) for n in (one.n, *cells))


def _curves(view: View) -> list[list[PracticeItem]]:
    found: dict[str, list[PracticeItem]] = {}
    for one in view.figures.rows(PracticeItem):
        found.setdefault(one.quiz_id, []).append(one)
    return list(found.values())


def _share(view: View, one: PracticeItem) -> str:
    return guarded_share(one.right / one.n, one.n, view.language)


def _curve_words(view: View, curve: list[PracticeItem], key: str) -> str:
    first, last = curve[0], curve[-1]
    sizes = {"n_first": whole(first.n, view.language), "n_last": whole(last.n, view.language)}
    sizes["who"] = quiz_people(view, first.quiz_id)
    return view.say(f"sentences.{key}", first=_share(view, first), last=_share(view, last), **sizes)


def _row(view: View, one: PracticeItem) -> tuple[str, ...]:
    item = quiz_item(view, one.quiz_id, one.item)
    scenario = item.scenario if item else None
    name = shortened(scenario.sender.in_(view.language), NAME) if scenario else one.item
    shares = (guarded_share(n / one.n, one.n, view.language) for n in (one.right, one.wrong, one.unsure))
    return str(one.place), name, view.say(f"signals.{one.signal}"), whole(one.n, view.language), *shares


def _line_name(view: View, curve: list[PracticeItem], *, alone: bool) -> str:
    """Whose line it is, and how many answered: from the fewest to the most of an offer."""
    fewest, most = (whole(pick(one.n for one in curve), view.language) for pick in (min, max))
    n = view.say("charts.n", n=fewest if fewest == most else f"{fewest}–{most}")
    return n if alone else f"{quiz_people(view, curve[0].quiz_id)} ({n})"


def _drawn(view: View, curves: list[list[PracticeItem]]) -> Drawing:
    rows: list[dict[str, Any]] = [
        {"quiz": one.quiz_id, "place": one.place, "share": 100 * one.right / one.n}
        for curve in curves
        for one in curve
    ]
    ends = spread_labels([100 * curve[-1].right / curve[-1].n for curve in curves], LINE_GAP)
    names: list[dict[str, Any]] = [
        {"place": curve[-1].place, "at": at, "label": _line_name(view, curve, alone=len(curves) == 1)}
        for curve, at in zip(curves, ends, strict=True)
    ]
    base = alt.Chart(values(rows)).encode(
        x=alt.X("place:O", axis=alt.Axis(title=view.say("charts.practice.x"), labelAngle=0)),
        y=alt.Y("share:Q", **hundred(view.say("charts.practice.y"))),
        detail=alt.Detail("quiz:N"),
    )
    line = base.mark_line(color=ACCENT)
    points = base.mark_point(color=ACCENT, filled=True, size=60)
    labels = (
        alt.Chart(values(names))
        .mark_text(align="left", dx=10)
        .encode(x=alt.X("place:O"), y=alt.Y("at:Q"), text=alt.Text("label:N"))
    )
    words = view.say("charts.practice.alt", n=len(rows))
    chart = alt.layer(line, points, labels, width=340, height=170)
    return Drawing(chart, "practice", view.say("charts.practice.title"), words)

"""What people say of themselves: the plan chosen after the session, and what they did by the follow-up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Final, TypeVar

import pandas as pd

from kit.report.charts.altair_import import alt
from kit.report.charts.axes import ABOVE, BELOW, item_lines
from kit.report.charts.look import ACCENT, Drawing, hundred, values
from kit.report.sections.base import (
    Evidence,
    Figures,
    Note,
    Part,
    Parts,
    Secrecy,
    Section,
    SheetRow,
    View,
    declare,
    note,
)
from kit.report.sections.names import quiz_item, quiz_people, shortened, squeezed
from kit.report.sections.spoken import whole
from kit.report.stats.withholding import NO_EXTREMES_BELOW, SMALLEST, is_small
from kit.study.choice import read_choice

QUESTION: Final = 90
"""Letters of a question above its bars."""
LONGEST: Final = 48
"""Letters of an answer above its bar."""
NARROW: Final = 320
"""Pixels between 0 and 100: two charts stand side by side on paper."""
LINE: Final = 27
"""Pixels from answer to answer."""


@dataclass(frozen=True)
class SelfReport(Part):
    """Answers to one question about oneself; `counts` are people by option, each by all that were taken."""

    many: ClassVar = True
    public: ClassVar = declare(by_rule="quiz_id item wave n counts")

    quiz_id: str
    item: str
    wave: str
    n: int
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class PlanChoices(SelfReport):
    """The if-then plans that were chosen after the session."""

    key: ClassVar = "plan"


@dataclass(frozen=True)
class Behaviour(SelfReport):
    """What people say they did, at follow-up."""

    key: ClassVar = "behaviour"


Told = TypeVar("Told", bound=SelfReport)


def measure_told(kind: type[Told], answers: pd.DataFrame) -> Iterator[Told]:
    """People by option of each question and wave."""
    for (quiz_id, item, wave), rows in answers.groupby(["quiz_id", "item", "wave"], sort=True):
        people: Counter[str] = Counter()
        for choice, n in zip(rows["choice"], rows["n"], strict=True):
            people.update(dict.fromkeys(read_choice(str(choice)), int(n)))
        yield kind(str(quiz_id), str(item), str(wave), int(rows["n"].sum()), tuple(sorted(people.items())))


class BehaviourSection(Section):
    """Plans and behaviour by self-report."""

    name = "behaviour"
    parts = (PlanChoices, Behaviour)
    reads = ("self_report",)

    def measure(self, evidence: Evidence, so_far: Figures) -> Parts:
        """Counts per option."""
        cube = evidence.cube
        plans, done = measure_told(PlanChoices, cube.plan), measure_told(Behaviour, cube.behaviour)
        return {PlanChoices.key: tuple(plans), Behaviour.key: tuple(done)}

    def withhold(self, figures: Figures, secrecy: Secrecy) -> Parts:
        """Questions of which every option was taken, and not taken, by enough people or by nobody."""
        return {
            kind.key: tuple(one for one in figures.rows(kind) if _may_leave(one))
            for kind in (PlanChoices, Behaviour)
        }

    def withhold_inside(self, figures: Figures) -> Parts:
        """No question that fewer than five people answered."""
        k = SMALLEST["internal"]
        return {
            kind.key: tuple(one for one in figures.rows(kind) if one.n >= k)
            for kind in (PlanChoices, Behaviour)
        }

    def stands(self, figures: Figures) -> bool:
        """Only where somebody was asked."""
        return bool(figures.rows(PlanChoices) or figures.rows(Behaviour))

    def notes(self, figures: Figures, evidence: Evidence) -> Iterator[Note]:
        """It is self-report; and what is kept back."""
        shown = [*figures.rows(PlanChoices), *figures.rows(Behaviour)]
        if shown:
            yield note("self_report", "plan.*", "behaviour.*")
        asked = pd.concat([evidence.cube.plan, evidence.cube.behaviour])
        if len(shown) < len(asked[["quiz_id", "item", "wave"]].drop_duplicates()):
            k = SMALLEST[figures.options.audience]
            yield note("self_report_hidden", "plan.*", "behaviour.*", k=k)

    def words(self, view: View) -> list[str]:
        """The plan chosen most, and how many told what they did."""
        lines = []
        plans = view.figures.rows(PlanChoices)
        for one in plans:
            choice, count = max(one.counts, key=lambda pair: (pair[1], pair[0]))
            told, n = (whole(number, view.language) for number in (count, one.n))
            who = quiz_people(view, one.quiz_id)
            key = "plan" if len({plan.quiz_id for plan in plans}) == 1 else "plan_of"
            said = _words(view, one, choice)
            lines.append(view.say(f"sentences.{key}", who=who, choice=said, count=told, n=n))
        told_by = [one.n for one in view.figures.rows(Behaviour)]
        if told_by:
            lines.append(view.say("sentences.behaviour", n=whole(max(told_by), view.language)))
        return lines

    def sheets(self, view: View) -> Iterator[tuple[str, Iterable[SheetRow]]]:
        """How many chose each answer; no sheet where nobody was asked."""
        told = [*view.figures.rows(PlanChoices), *view.figures.rows(Behaviour)]
        if told:
            head = tuple(view.say("tables.behaviour_sheet.columns").split(" | "))
            yield "behaviour", [head, *(row for one in told for row in _sheet_rows(view, one))]

    def charts(self, view: View) -> dict[str, Drawing]:
        """How many chose each answer, a bar each, question by question."""
        told = [*view.figures.rows(PlanChoices), *view.figures.rows(Behaviour)]
        return {f"behaviour-{i}": _bars(view, one, i) for i, one in enumerate(told, start=1)}


def _sheet_rows(view: View, one: SelfReport) -> Iterator[SheetRow]:
    for choice, n in one.counts:
        yield one.item, view.say(f"waves.{one.wave}"), _words(view, one, choice), n, one.n


def _bars(view: View, one: SelfReport, number: int) -> Drawing:
    """The answers of one question, most frequent first."""
    ranked = sorted(one.counts, key=lambda pair: (-pair[1], pair[0]))
    names = [squeezed(_words(view, one, choice), LONGEST) for choice, _ in ranked]
    rows: list[dict[str, Any]] = [
        {"item": str(i), "name": name, "share": 100 * n / one.n, "label": whole(n, view.language)}
        for i, (name, (_, n)) in enumerate(zip(names, ranked, strict=True))
    ]
    base = alt.Chart(values(rows)).encode(y=item_lines([row["item"] for row in rows]))
    bars = base.mark_bar(size=10, color=ACCENT, yOffset=BELOW).encode(
        x=alt.X("share:Q", **hundred(view.say("charts.behaviour.x"), grid=False))
    )
    numbers = base.mark_text(align="left", dx=5, dy=BELOW).encode(
        x=alt.X("share:Q"), text=alt.Text("label:N")
    )
    named = base.mark_text(align="left", dy=ABOVE).encode(x=alt.XValue(0), text=alt.Text("name:N"))
    layers = alt.layer(bars, numbers, named, width=NARROW, height=LINE * len(rows))
    title = f"{_question(view, one)} (n = {whole(one.n, view.language)})"
    return Drawing(layers, f"behaviour-{number}", title, view.say("charts.behaviour.alt", n=len(rows)))


def _may_leave(one: SelfReport) -> bool:
    k = SMALLEST["public"]
    cells = [n for _, count in one.counts for n in (count, one.n - count)]
    alike = one.n < NO_EXTREMES_BELOW and max(count for _, count in one.counts) == one.n
    return not alike and not any(is_small(n, k) for n in (one.n, *cells))


def _question(view: View, one: SelfReport) -> str:
    item = quiz_item(view, one.quiz_id, one.item)
    return shortened(item.stem.in_(view.language), QUESTION) if item else one.item


def _words(view: View, one: SelfReport, choice: str) -> str:
    item = quiz_item(view, one.quiz_id, one.item)
    said = (
        [option.text.in_(view.language) for option in item.options if option.option_id == choice]
        if item
        else []
    )
    return said[0] if said else choice

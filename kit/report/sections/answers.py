"""What people answered: the options they chose, and attitude statements, which are never scored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from kit.report.charts.altair_import import alt
from kit.report.charts.look import ACCENT, INK, MUTED, PAPER, SIZE, SOFT, WARM, Drawing, values
from kit.report.count.cube import Cube
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
from kit.report.sections.item_figures import ItemFigures
from kit.report.sections.names import option_text, quiz_item, shortened
from kit.report.sections.spoken import number
from kit.report.stats.withholding import NO_EXTREMES_BELOW, SMALLEST, is_small
from kit.study.wave import WAVES

K = SMALLEST["public"]
LEVELS: Final = range(1, 6)
STATEMENT: Final = 88
"""Letters of a statement above its bars."""
LINE: Final = 20
"""Pixels from bar to bar."""
_FILLS: Final = (WARM, "#e0a39f", SOFT, "#9dbfe0", ACCENT)
_ROOM_FOR_A_NUMBER: Final = 9
"""A part of a bar below this many hundredths is too narrow for its number."""


@dataclass(frozen=True)
class LikertItem(Part):
    """Answers to one attitude statement in one wave: counts of 1 to 5; never scored."""

    key: ClassVar = "likert"
    many: ClassVar = True
    public: ClassVar = declare(by_rule="item quiz_id wave counts")

    item: str
    quiz_id: str
    wave: str
    counts: tuple[int, int, int, int, int]


def measure_likert(cube: Cube) -> Iterator[LikertItem]:
    """Counts of 1-5 per statement and wave."""
    for (quiz_id, item, wave), rows in cube.likert.groupby(["quiz_id", "item", "wave"], sort=True):
        counts = rows.groupby("choice")["n"].sum()
        one, two, three, four, five = (int(counts.get(str(level), 0)) for level in LEVELS)
        yield LikertItem(str(item), str(quiz_id), str(wave), (one, two, three, four, five))


class AnswersSection(Section):
    """Options and opinions."""

    name = "answers"
    heading = "quality"
    parts = (LikertItem,)

    def measure(self, evidence: Evidence, so_far: Figures) -> Parts:
        """Opinions; the options are figures of the items."""
        return {LikertItem.key: tuple(measure_likert(evidence.cube))}

    def withhold(self, figures: Figures, secrecy: Secrecy) -> Parts:
        """Statements in which no level was chosen by a few, and not all people by one."""
        return {LikertItem.key: tuple(line for line in figures.rows(LikertItem) if _may_show(line))}

    def withhold_inside(self, figures: Figures) -> Parts:
        """No opinions of fewer than five people: of them only counts are told."""
        lines, few = figures.rows(LikertItem), SMALLEST["internal"]
        return {LikertItem.key: tuple(line for line in lines if not is_small(sum(line.counts), few))}

    def notes(self, figures: Figures, evidence: Evidence) -> Iterator[Note]:
        """Options and opinions that a report for the public keeps back."""
        if not figures.options.is_public:
            return
        if figures.rows(ItemFigures):
            yield note("options_hidden", "items.*", k=K)
        statements = evidence.cube.likert[["quiz_id", "item", "wave"]].drop_duplicates()
        if len(figures.rows(LikertItem)) < len(statements):
            yield note("likert_hidden", k=K)

    def charts(self, view: View) -> dict[str, Drawing]:
        """Diverging bars of attitude statements: disagreement left of the middle, agreement right of it."""
        lines = [line for line in view.figures.rows(LikertItem) if sum(line.counts)]
        lines.sort(key=lambda line: (line.quiz_id, line.item, WAVES.index(line.wave)))
        return {"likert": _diverging(view, lines)} if lines else {}

    def sheets(self, view: View) -> Iterator[tuple[str, Iterable[SheetRow]]]:
        """How many chose each option, below the items."""
        rows: list[SheetRow] = [(), tuple(view.say("tables.options_sheet.columns").split(" | "))]
        for row in view.figures.rows(ItemFigures):
            for choice in sorted({*row.options_pre, *row.options_post}):
                words = option_text(view, row, choice)
                rows.append((row.item, words, row.options_pre.get(choice), row.options_post.get(choice)))
        yield "items", rows


def _may_show(line: LikertItem) -> bool:
    total = sum(line.counts)
    alike = total < NO_EXTREMES_BELOW and max(line.counts) == total
    return not alike and not any(is_small(n, K) for n in (total, *line.counts))


def _diverging(view: View, lines: list[LikertItem]) -> Drawing:
    levels = [view.say(f"likert.{level}") for level in LEVELS]
    rows: list[dict[str, Any]] = []
    heads: list[dict[str, Any]] = []
    order: list[str] = []
    for line in lines:
        place = f"{line.quiz_id} {line.item}|"
        if place not in order:
            order.append(place)
            heads.append({"item": place, "label": _statement(view, line)})
        wave = view.say(f"waves.{line.wave}")
        if not view.figures.options.is_public:
            # Protected parts do not add up: their sum would be one more number for the same people.
            wave += f" ({view.say('charts.n', n=sum(line.counts))})"
        order.append(place + wave)
        rows += _segments(view, order[-1], line, levels)
    layers = _bars(rows, heads, order, levels, view.say("charts.likert.x"))
    words = view.say("charts.likert.alt", n=len(heads))
    return Drawing(layers, "likert", view.say("charts.likert.title"), words)


def _statement(view: View, line: LikertItem) -> str:
    item = quiz_item(view, line.quiz_id, line.item)
    return shortened(item.stem.in_(view.language) if item else line.item, STATEMENT)


def _segments(view: View, name: str, line: LikertItem, levels: list[str]) -> Iterator[dict[str, Any]]:
    """The five parts of a bar; the middle of the undecided is the middle of the chart."""
    total = sum(line.counts)
    start = -100 * (line.counts[0] + line.counts[1] + line.counts[2] / 2) / total
    for level, count in zip(levels, line.counts, strict=True):
        end = start + 100 * count / total
        label = number(end - start, view.language, 0) if end - start >= _ROOM_FOR_A_NUMBER else ""
        middle = (start + end) / 2
        yield {"item": name, "level": level, "from": start, "to": end, "mid": middle, "label": label}
        start = end


def _bars(
    rows: list[dict[str, Any]], heads: list[dict[str, Any]], order: list[str], levels: list[str], title: str
) -> Any:
    """Below each statement, which has a line of its own, a bar for each wave."""
    color = alt.Color(
        "level:N",
        scale=alt.Scale(domain=levels, range=list(_FILLS)),
        legend=alt.Legend(title=None, orient="top", columns=5, symbolType="square"),
    )
    # What stands before the bar in a name keeps statements apart; only what stands after it is read.
    wave_alone = alt.Axis(title=None, domain=False, ticks=False, labelExpr="split(datum.label, '|')[1]")
    y = alt.Y("item:N", sort=order, scale=alt.Scale(domain=order), axis=wave_alone)
    base = alt.Chart(values(rows)).encode(y=y)
    axis = alt.Axis(title=title, labelExpr="abs(datum.value)", values=[-100, -50, 0, 50, 100])
    x = alt.X("from:Q", scale=alt.Scale(domain=[-100, 100]), axis=axis)
    bars = base.mark_bar(size=16).encode(x=x, x2=alt.X2("to:Q"), color=color)
    strong = alt.condition(
        f"datum.level === '{levels[0]}' || datum.level === '{levels[4]}'", alt.value(PAPER), alt.value(INK)
    )
    labels = base.mark_text(fontSize=SIZE - 1).encode(
        x=alt.X("mid:Q"), text=alt.Text("label:N"), color=strong
    )
    middle = alt.Chart(values([{"x": 0}])).mark_rule(color=MUTED).encode(x=alt.X("x:Q"))
    # White below the words keeps them readable where they cross the middle.
    looks: tuple[dict[str, Any], ...] = ({"stroke": PAPER, "strokeWidth": 4, "opacity": 1}, {})
    named = [
        alt.Chart(values(heads))
        .mark_text(align="left", dy=2, **halo)
        .encode(y=y, x=alt.XValue(0), text=alt.Text("label:N"))
        for halo in looks
    ]
    return alt.layer(middle, bars, labels, *named, width=500, height=LINE * len(order))

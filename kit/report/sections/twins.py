"""The same people twice, on an item or on its twin in the other form: kept, learned, lost, never."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

import numpy as np

from kit.report.charts.altair_import import alt
from kit.report.charts.axes import ABOVE, BELOW, TALL, WIDE, item_lines
from kit.report.charts.look import ACCENT, INK, PAPER, SIZE, SOFT, Drawing, hundred, values
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
from kit.report.sections.item_figures import ItemFigures, ItemRef, four_fold
from kit.report.sections.items import chart_title, is_table_withheld, public_items
from kit.report.sections.names import item_excerpt, item_labels, item_names, item_topic
from kit.report.sections.spoken import number
from kit.report.sections.thresholds import EVERYTHING_FROM
from kit.report.stats import items
from kit.report.stats.distributions import Interval
from kit.report.stats.items import FourFold
from kit.report.stats.withholding import SMALLEST

K = SMALLEST["public"]
FOLD: Final = ("n11", "n01", "n10", "n00")
_FILLS: Final = (ACCENT, "#9dbfe0", "#e3b76a", SOFT)
_ROOM_FOR_A_NUMBER: Final = 8
"""A part of a bar below this many hundredths is too narrow for its number."""


@dataclass(frozen=True)
class TwinFigures(Part):
    """An item and its counterpart in the other form: what the same people knew before and after."""

    key: ClassVar = "twins"
    many: ClassVar = True
    public: ClassVar = declare(always="item twin quiz_id", by_rule="n n11 n01 n10 n00 change ci")

    item: str
    twin: str
    quiz_id: str
    n: int
    n11: int | None
    n01: int | None
    n10: int | None
    n00: int | None
    change: float | None
    ci: Interval | None

    @property
    def fold(self) -> tuple[int | None, ...]:
        """Kept, learned, lost and never."""
        return self.n11, self.n01, self.n10, self.n00

    @property
    def places(self) -> tuple[ItemRef, ItemRef]:
        """The item and its twin."""
        return (self.quiz_id, self.item), (self.quiz_id, self.twin)


def measure_twins(cube: Cube) -> Iterator[TwinFigures]:
    """Items and their twins: learned, lost, kept and never of the same people, arms balanced.

    The change is the mean of the two arms' changes, so a twin that is easier does not look like learning.
    """
    rows = cube.shift[cube.shift["item"] != cube.shift["item_post"]]
    if rows.empty:
        return
    ordered = rows.assign(
        first=rows[["item", "item_post"]].min(axis=1), second=rows[["item", "item_post"]].max(axis=1)
    )
    for (quiz_id, first, second), pair in ordered.groupby(["quiz_id", "first", "second"], sort=True):
        arms = [four_fold(arm) for _, arm in pair.groupby("arm", sort=True)]
        table = four_fold(pair)
        change, ci = _balanced_change(arms)
        enough = len(arms) == 2 and min(arm.n for arm in arms) >= EVERYTHING_FROM
        yield TwinFigures(
            item=str(first),
            twin=str(second),
            quiz_id=str(quiz_id),
            n=table.n,
            n11=table.n11,
            n01=table.n01,
            n10=table.n10,
            n00=table.n00,
            change=change if enough else None,
            ci=ci if enough else None,
        )


def _balanced_change(arms: list[FourFold]) -> tuple[float, Interval]:
    """Mean of the arms' changes; its interval from those of the arms (Bonett & Price), in quadrature."""
    changes = [(arm.n01 - arm.n10) / arm.n for arm in arms]
    halves = [np.diff(items.paired_difference_interval(arm))[0] / 2 for arm in arms]
    middle = sum(changes) / len(arms)
    reach = float(np.sqrt(np.sum(np.square(halves)))) / len(arms)
    return middle, (max(-1.0, middle - reach), min(1.0, middle + reach))


class TwinsSection(Section):
    """The same people twice."""

    name = "twins"
    heading = "items"
    drawn_in_rows = True
    parts = (TwinFigures,)

    def measure(self, evidence: Evidence, so_far: Figures) -> Parts:
        """Four-fold tables over twins."""
        return {TwinFigures.key: tuple(measure_twins(evidence.cube))}

    def withhold(self, figures: Figures, secrecy: Secrecy) -> Parts:
        """No cell of fewer than ten, and nothing on twins of which an item is withheld."""
        shown = {row.place for row in public_items(figures, secrecy) if None not in (row.p_pre, row.p_post)}
        asked = {row.place for row in figures.rows(ItemFigures)}
        twins = tuple(
            _public_twin(twin, asked - shown)
            for twin in figures.rows(TwinFigures)
            if ("quiz_id", twin.quiz_id) not in secrecy.hidden
        )
        return {TwinFigures.key: twins}

    def notes(self, figures: Figures, evidence: Evidence) -> Iterator[Note]:
        """Arms too small to judge twins, and tables that are kept back."""
        rows, twins = figures.rows(ItemFigures), figures.rows(TwinFigures)
        if rows and not figures.options.is_public and any(twin.change is None for twin in twins):
            yield note("twins_few", "twins.*", k=EVERYTHING_FROM)
        if rows and figures.options.is_public and _is_fold_hidden(rows, twins, evidence.cube):
            yield note("folds_hidden", "items.*", "twins.*", k=K)

    def sheets(self, view: View) -> Iterator[tuple[str, Iterable[SheetRow]]]:
        """Kept, learned, lost and never: of each item and its twin, below the items."""
        twins = view.figures.rows(TwinFigures)
        if twins:
            names = {row.place: item_excerpt(view, row, 200) for row in view.figures.rows(ItemFigures)}
            rows: list[SheetRow] = [(), tuple(view.say("tables.twins_sheet.columns").split(" | "))]
            for twin in twins:
                words = (names.get(place, place[1]) for place in twin.places)
                rows.append((twin.item, twin.twin, *words, twin.n, *twin.fold, twin.change))
            yield "items", rows

    def charts(self, view: View) -> dict[str, Drawing]:
        """What the same people kept, learned, lost and never knew, per item or pair of twins; by quiz."""
        tables = _same_people(view)
        drawn: dict[str, Drawing] = {}
        for quiz_id in dict.fromkeys(table[0] for table in tables):
            chosen = [table for table in tables if table[0] == quiz_id]
            drawn[f"answers-{len(drawn) + 1}" if drawn else "answers"] = _folds(view, quiz_id, chosen)
        return drawn


def _public_twin(twin: TwinFigures, gone: set[ItemRef]) -> TwinFigures:
    bare = any(place in gone for place in twin.places)
    if bare or is_table_withheld(twin.fold):
        change = None if bare else twin.change
        return replace(twin, n11=None, n01=None, n10=None, n00=None, ci=None, change=change)
    return twin


def _is_fold_hidden(rows: tuple[ItemFigures, ...], twins: tuple[TwinFigures, ...], cube: Cube) -> bool:
    """Whether some four-fold table is not told though it could be made."""
    over_twins = cube.shift["item"] != cube.shift["item_post"]
    folds = [twin.n11 for twin in twins] if over_twins.any() else []
    folds += [row.n11 for row in rows] if not over_twins.all() else []
    return None in folds or bool(over_twins.any() and not twins)


def _same_people(view: View) -> list[tuple[str, str, list[int]]]:
    """Quiz, name and the four counts of everything that ten or more of the same people answered twice."""
    labels, names = item_labels(view), item_names(view)
    rows = view.figures.rows(ItemFigures)
    found = [(row.quiz_id, labels[row.place], row.fold) for row in rows if row.n11 is not None]
    if not found:
        topics = {row.place: item_topic(view, row) for row in rows}
        for twin in view.figures.rows(TwinFigures):
            who = " / ".join(names.get(place, place[1]) for place in twin.places)
            what = topics.get(twin.places[0], twin.item)
            found.append((twin.quiz_id, view.say("item_label", what=what, who=who), twin.fold))
    told = [
        (quiz_id, label, [n or 0 for n in fold]) for quiz_id, label, fold in found if None not in fold
    ]  # fmt: skip
    return [table for table in told if sum(table[2]) >= EVERYTHING_FROM]


def _folds(view: View, quiz_id: str, tables: list[tuple[str, str, list[int]]]) -> Drawing:
    words = [view.say(f"charts.answers_words.{name}") for name in FOLD]
    rows = [
        {"item": str(place), "label": label, "part": word, "from": start, "to": end, "mid": (start + end) / 2,
         "share": number(end - start, view.language, 0) if end - start >= _ROOM_FOR_A_NUMBER else ""}
        for place, (_, label, fold) in enumerate(tables)
        for word, (start, end) in zip(words, _stacked(fold), strict=True)
    ]  # fmt: skip
    layers = _bars(rows, words, view.say("charts.answers.x"))
    title = chart_title(view, view.say("charts.answers.title"), quiz_id)
    return Drawing(layers, f"answers-{quiz_id}", title, view.say("charts.answers.alt"))


def _stacked(fold: list[int]) -> list[tuple[float, float]]:
    """Where each part of a bar of 100 begins and ends."""
    ends = [100 * sum(fold[: i + 1]) / sum(fold) for i in range(len(fold))]
    return list(zip([0.0, *ends[:-1]], ends, strict=True))


def _bars(rows: list[dict[str, Any]], words: list[str], title: str) -> Any:
    order = list(dict.fromkeys(row["item"] for row in rows))
    color = alt.Color(
        "part:N",
        scale=alt.Scale(domain=words, range=list(_FILLS)),
        legend=alt.Legend(
            title=None, orient="top", direction="horizontal", symbolStrokeColor=INK, symbolType="square"
        ),
    )
    base = alt.Chart(values(rows)).encode(y=item_lines(order))
    scale = hundred(title, grid=False)
    bars = base.mark_bar(size=15, stroke=PAPER, strokeWidth=1, yOffset=BELOW).encode(
        x=alt.X("from:Q", **scale), x2=alt.X2("to:Q"), color=color
    )
    ink = alt.condition(f"datum.part === '{words[0]}'", alt.value(PAPER), alt.value(INK))
    shares = base.mark_text(fontSize=SIZE - 1, dy=BELOW).encode(
        x=alt.X("mid:Q"), text=alt.Text("share:N"), color=ink
    )
    named = alt.Chart(values(rows[:: len(words)])).encode(
        y=base.encoding.y, x=alt.XValue(0), text=alt.Text("label:N")
    )
    names = named.mark_text(align="left", fontSize=SIZE, dy=ABOVE)
    return alt.layer(bars, shares, names, width=WIDE + 90, height=TALL * len(order))

"""Charts of items: dumbbells, what the same people kept and lost, attitude statements."""

from __future__ import annotations

from typing import Any, Final

from kit.report.charts.altair_import import altair as alt
from kit.report.charts.look import (
    ACCENT,
    INK,
    LINE,
    MUTED,
    PAPER,
    ROW,
    SIZE,
    SOFT,
    WARM,
    Chart,
    finish,
    hundred,
    values,
)
from kit.report.cube import WAVES
from kit.report.figures import ItemFigures
from kit.report.labels import Place, find_quiz, item_labels, item_names, item_topic, quiz_item, shortened
from kit.report.measure import EVERYTHING_FROM
from kit.report.numbers import number
from kit.report.report import Report
from kit.report.wording import say

WIDE: Final = 360
TALL: Final = 32
ABOVE: Final = -8
BELOW: Final = 7
FOLD: Final = ("n11", "n01", "n10", "n00")
_LIKERT_FILLS: Final = (WARM, "#e0a39f", SOFT, "#9dbfe0", ACCENT)


def draw_items(report: Report, language: str) -> list[Chart]:
    """A dumbbell per item: open circle before, filled after, verdict in words; one chart for each form."""
    labels = item_labels(report, language)
    shown = [
        row
        for row in report.figures.items
        if row.p_pre is not None and row.p_post is not None and row.change is not None
    ]
    places = dict.fromkeys((row.quiz_id, row.form) for row in shown)
    return [
        _dumbbells(
            report, place, [row for row in shown if (row.quiz_id, row.form) == place], labels, language
        )
        for place in places
    ]


def _dumbbells(
    report: Report, place: Place, items: list[ItemFigures], labels: dict[Place, str], language: str
) -> Chart:
    rows: list[dict[str, Any]] = []
    for row in items:
        mark = say(f"item_marks.{row.verdict_code}", language) if row.verdict_code else ""
        rows.append(
            {
                "item": row.item,
                "label": f"{labels[row.quiz_id, row.item]} · {_people(row, language)}",
                "pre": 100 * (row.p_pre or 0.0),
                "post": 100 * (row.p_post or 0.0),
                "verdict": f"{mark} {say(f'item_verdicts.{row.verdict_code}', language)}" if mark else "",
            }
        )
    order = [row["item"] for row in rows]
    scale = hundred(say("charts.items.x", language), orient="top")
    base = alt.Chart(values(rows)).encode(y=_lines(order))
    line = base.mark_rule(strokeWidth=3, color=LINE, yOffset=BELOW).encode(
        x=alt.X("pre:Q", **scale), x2="post:Q"
    )
    circle: dict[str, Any] = {"filled": True, "opacity": 1, "yOffset": BELOW}
    before = base.mark_point(size=90, fill=PAPER, stroke=INK, strokeWidth=1.8, **circle)
    after = base.mark_point(size=100, fill=ACCENT, stroke=ACCENT, **circle)
    verdict = base.mark_text(align="left", fontSize=SIZE, dy=BELOW).encode(
        x=alt.value(WIDE + 10), text="verdict:N"
    )
    layers = (line + before.encode(x="pre:Q") + after.encode(x="post:Q") + verdict + _named(base)).properties(
        width=WIDE, height=TALL * len(rows)
    )
    words = say("charts.items.alt", language, n=len(rows))
    title = _titled(report, say("charts.items.title", language), place[0], language)
    if {row.form for row in report.figures.items if row.quiz_id == place[0]} != {place[1]}:
        title = say("charts.items.form", language, title=title, form=place[1])
    return finish(_with_key(layers, language), f"items-{'-'.join(place)}", title, words)


def _people(row: ItemFigures, language: str) -> str:
    """Who answered before and after: with parallel forms they are different people."""
    n = str(row.n_pre) if row.n_pre == row.n_post else f"{row.n_pre}/{row.n_post}"
    return say("charts.n", language, n=n)


def _lines(order: list[str]) -> Any:
    """One line for each item; its name stands above it, so that a chart stays narrow enough for a phone."""
    axis = alt.Axis(title=None, domain=False, ticks=False, labels=False, grid=False)
    return alt.Y("item:N", sort=order, axis=axis)


def _named(base: Any) -> Any:
    """The names above the lines, with paper beneath where they cross the grid."""
    text: dict[str, Any] = {"align": "left", "fontSize": SIZE, "dy": ABOVE}
    halo = base.mark_text(**text, stroke=PAPER, strokeWidth=4, opacity=1)
    return alt.layer(*(one.encode(x=alt.value(0), text="label:N") for one in (halo, base.mark_text(**text))))


def _titled(report: Report, title: str, quiz_id: str, language: str) -> str:
    """The title of a chart, with the quiz where there are several."""
    quizzes = {row.quiz_id for row in report.figures.items}
    quiz = find_quiz(report, quiz_id)
    return title if len(quizzes) < 2 else f"{title}: {quiz.title.in_(language) if quiz else quiz_id}"


def _with_key(layers: Any, language: str) -> Any:
    """A key above the chart: what the open and the filled circle mean."""
    before, after = (say(f"waves.{wave}", language) for wave in ("pre", "post"))
    rows = [{"x": 0, "label": before}, {"x": 110, "label": after}]
    base = alt.Chart(values(rows)).encode(x=alt.X("x:Q", scale=alt.Scale(domain=[-6, 354]), axis=None))
    fills = alt.Scale(domain=[before, after], range=[PAPER, ACCENT])
    circle = base.mark_point(size=90, filled=True, stroke=INK, strokeWidth=1.6, opacity=1).encode(
        fill=alt.Fill("label:N", scale=fills, legend=None)
    )
    text = base.mark_text(align="left", dx=10).encode(text="label:N")
    return alt.vconcat((circle + text).properties(width=360, height=16), layers, spacing=6)


def draw_answers(report: Report, language: str) -> list[Chart]:
    """What the same people kept, learned, lost and never knew: per item, or per pair of twins; by quiz."""
    tables = _same_people(report, language)
    return [
        _folds(report, quiz_id, [table for table in tables if table[0] == quiz_id], language)
        for quiz_id in dict.fromkeys(table[0] for table in tables)
    ]


def _same_people(report: Report, language: str) -> list[tuple[str, str, list[int]]]:
    """Quiz, name and the four counts of everything that ten or more of the same people answered twice."""
    labels, names = item_labels(report, language), item_names(report, language)
    found: list[tuple[str, str, tuple[int | None, ...]]] = [
        (row.quiz_id, labels[row.quiz_id, row.item], (row.n11, row.n01, row.n10, row.n00))
        for row in report.figures.items
        if row.n11 is not None
    ]
    if not found:
        topics = {(row.quiz_id, row.item): item_topic(report, row, language) for row in report.figures.items}
        for twin in report.figures.twins:
            who = " / ".join(names.get((twin.quiz_id, item), item) for item in (twin.item, twin.twin))
            what = topics.get((twin.quiz_id, twin.item), twin.item)
            label = say("item_label", language, what=what, who=who)
            found.append((twin.quiz_id, label, (twin.n11, twin.n01, twin.n10, twin.n00)))
    whole = [
        (quiz_id, label, [n or 0 for n in counts]) for quiz_id, label, counts in found if None not in counts
    ]
    return [table for table in whole if sum(table[2]) >= EVERYTHING_FROM]


def _folds(report: Report, quiz_id: str, tables: list[tuple[str, str, list[int]]], language: str) -> Chart:
    words = [say(f"charts.answers_words.{name}", language) for name in FOLD]
    rows = [
        {"item": str(place), "label": label, "part": word, "from": start, "to": end, "mid": (start + end) / 2,
         "share": number(end - start, language, 0) if end - start >= 8 else ""}
        for place, (_, label, counts) in enumerate(tables)
        for word, (start, end) in zip(words, _stacked(counts), strict=True)
    ]  # fmt: skip
    color = alt.Color(
        "part:N",
        scale=alt.Scale(domain=words, range=[ACCENT, "#9dbfe0", "#e3b76a", SOFT]),
        legend=alt.Legend(
            title=None, orient="top", direction="horizontal", symbolStrokeColor=INK, symbolType="square"
        ),
    )
    base = alt.Chart(values(rows)).encode(y=_lines([str(place) for place in range(len(tables))]))
    scale = hundred(say("charts.answers.x", language), grid=False)
    bars = base.mark_bar(size=15, stroke=PAPER, strokeWidth=1, yOffset=BELOW).encode(
        x=alt.X("from:Q", **scale), x2="to:Q", color=color
    )
    ink = alt.condition(f"datum.part === '{words[0]}'", alt.value(PAPER), alt.value(INK))
    shares = base.mark_text(fontSize=SIZE - 1, dy=BELOW).encode(x="mid:Q", text="share:N", color=ink)
    named = alt.Chart(values(rows[:: len(words)])).encode(y=base.encoding.y, x=alt.value(0), text="label:N")
    names = named.mark_text(align="left", fontSize=SIZE, dy=ABOVE)
    layers = (bars + shares + names).properties(width=WIDE + 90, height=TALL * len(tables))
    title = _titled(report, say("charts.answers.title", language), quiz_id, language)
    return finish(layers, f"answers-{quiz_id}", title, say("charts.answers.alt", language))


def _stacked(counts: list[int]) -> list[tuple[float, float]]:
    """Where each part of a bar of 100 begins and ends."""
    ends = [100 * sum(counts[: i + 1]) / sum(counts) for i in range(len(counts))]
    return list(zip([0.0, *ends[:-1]], ends, strict=True))


def draw_likert(report: Report, language: str) -> Chart | None:
    """Diverging bars of attitude statements: disagreement left of the middle, agreement right of it."""
    lines = [line for line in report.figures.likert if sum(line.counts)]
    lines.sort(key=lambda line: (line.quiz_id, line.item, WAVES.index(line.wave)))
    if not lines:
        return None
    levels = [say(f"likert.{level}", language) for level in range(1, 6)]
    rows, order = [], []
    for line in lines:
        total = sum(line.counts)
        name = (
            f"{_statement(report, line.quiz_id, line.item, language)} · {say(f'waves.{line.wave}', language)}"
        )
        order.append(f"{name} ({say('charts.n', language, n=total)})")
        start = -100 * (line.counts[0] + line.counts[1] + line.counts[2] / 2) / total
        for level, count in zip(levels, line.counts, strict=True):
            end = start + 100 * count / total
            label = number(end - start, language, 0) if end - start >= 9 else ""
            rows.append(
                {
                    "item": order[-1],
                    "level": level,
                    "from": start,
                    "to": end,
                    "mid": (start + end) / 2,
                    "label": label,
                }
            )
            start = end
    color = alt.Color(
        "level:N",
        scale=alt.Scale(domain=levels, range=list(_LIKERT_FILLS)),
        legend=alt.Legend(title=None, orient="top", columns=3, symbolType="square"),
    )
    base = alt.Chart(values(rows)).encode(
        y=alt.Y("item:N", sort=order, axis=alt.Axis(title=None, domain=False, ticks=False))
    )
    axis = alt.Axis(
        title=say("charts.likert.x", language), labelExpr="abs(datum.value)", values=[-100, -50, 0, 50, 100]
    )
    x = alt.X("from:Q", scale=alt.Scale(domain=[-100, 100]), axis=axis)
    bars = base.mark_bar(size=18).encode(x=x, x2="to:Q", color=color)
    strong = alt.condition(
        f"datum.level === '{levels[0]}' || datum.level === '{levels[4]}'", alt.value(PAPER), alt.value(INK)
    )
    labels = base.mark_text(fontSize=SIZE - 1).encode(x="mid:Q", text="label:N", color=strong)
    middle = alt.Chart(values([{"x": 0}])).mark_rule(color=MUTED).encode(x="x:Q")
    layers = (middle + bars + labels).properties(width=380, height=ROW * len(order))
    words = say("charts.likert.alt", language, n=len(order))
    return finish(layers, "likert", say("charts.likert.title", language), words)


def _statement(report: Report, quiz_id: str, item_id: str, language: str) -> str:
    item = quiz_item(report, quiz_id, item_id)
    return shortened(item.stem.in_(language) if item else item_id, 34)

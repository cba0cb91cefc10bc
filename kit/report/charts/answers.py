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
from kit.report.numbers import number
from kit.report.report import Report
from kit.report.wording import item_topic, say

FOLD: Final = ("n11", "n01", "n10", "n00")
_LIKERT_FILLS: Final = (WARM, "#e0a39f", SOFT, "#9dbfe0", ACCENT)


def draw_items(report: Report, language: str) -> Chart | None:
    """A dumbbell per item: open circle before, filled after, verdict in words."""
    rows: list[dict[str, Any]] = []
    for row in report.figures.items:
        if row.p_pre is None or row.p_post is None or row.change is None:
            continue
        mark = say(f"item_marks.{row.verdict_code}", language) if row.verdict_code else ""
        rows.append(
            {
                "item": f"{row.item} · {item_topic(report, row, language)}",
                "pre": 100 * row.p_pre,
                "post": 100 * row.p_post,
                "verdict": f"{mark} {say(f'item_verdicts.{row.verdict_code}', language)}" if mark else "",
            }
        )
    if not rows:
        return None
    order = [row["item"] for row in rows]
    y = alt.Y(
        "item:N", sort=order, axis=alt.Axis(title=None, domain=False, ticks=False, grid=True, gridColor=SOFT)
    )
    scale = hundred(say("charts.items.x", language), orient="top")
    base = alt.Chart(values(rows)).encode(y=y)
    line = base.mark_rule(strokeWidth=3, color=LINE).encode(x=alt.X("pre:Q", **scale), x2="post:Q")
    before = base.mark_point(size=90, filled=True, fill=PAPER, stroke=INK, strokeWidth=1.8, opacity=1)
    after = base.mark_point(size=100, filled=True, fill=ACCENT, stroke=ACCENT, opacity=1)
    verdict = base.mark_text(align="left", fontSize=SIZE).encode(x=alt.value(370), text="verdict:N")
    layers = (line + before.encode(x="pre:Q") + after.encode(x="post:Q") + verdict).properties(
        width=360, height=ROW * len(rows)
    )
    words = say("charts.items.alt", language, n=len(rows))
    return finish(_with_key(layers, language), "items", say("charts.items.title", language), words)


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


def draw_answers(report: Report, language: str) -> Chart | None:
    """What the same people kept, learned, lost and never knew: per item, or per pair of twins."""
    tables = [
        (row.item, [row.n11, row.n01, row.n10, row.n00])
        for row in report.figures.items
        if row.n11 is not None
    ] or [
        (f"{twin.item} / {twin.twin}", [twin.n11, twin.n01, twin.n10, twin.n00])
        for twin in report.figures.twins
    ]
    known = [(name, [n or 0 for n in counts]) for name, counts in tables if None not in counts]
    known = [(name, counts) for name, counts in known if sum(counts) >= 10]
    if not known:
        return None
    words = [say(f"charts.answers_words.{name}", language) for name in FOLD]
    rows = []
    for name, counts in known:
        start, total = 0.0, sum(counts)
        for word, count in zip(words, counts, strict=True):
            end = start + 100 * count / total
            wide = number(end - start, language, 0) if end - start >= 8 else ""
            rows.append(
                {
                    "item": name,
                    "part": word,
                    "from": start,
                    "to": end,
                    "mid": (start + end) / 2,
                    "label": wide,
                }
            )
            start = end
    order = [name for name, _ in known]
    color = alt.Color(
        "part:N",
        scale=alt.Scale(domain=words, range=[ACCENT, "#9dbfe0", "#e3b76a", SOFT]),
        legend=alt.Legend(
            title=None, orient="top", direction="horizontal", symbolStrokeColor=INK, symbolType="square"
        ),
    )
    base = alt.Chart(values(rows)).encode(
        y=alt.Y("item:N", sort=order, axis=alt.Axis(title=None, domain=False, ticks=False))
    )
    scale = hundred(say("charts.answers.x", language))
    bars = base.mark_bar(size=18, stroke=PAPER, strokeWidth=1).encode(
        x=alt.X("from:Q", **scale), x2="to:Q", color=color
    )
    ink = alt.condition(f"datum.part === '{words[0]}'", alt.value(PAPER), alt.value(INK))
    labels = base.mark_text(fontSize=SIZE - 1).encode(x="mid:Q", text="label:N", color=ink)
    layers = (bars + labels).properties(width=430, height=ROW * len(known))
    return finish(
        layers, "answers", say("charts.answers.title", language), say("charts.answers.alt", language)
    )


def draw_likert(report: Report, language: str) -> Chart | None:
    """Diverging bars of attitude statements: disagreement left of the middle, agreement right of it."""
    lines = [line for line in report.figures.likert if sum(line.counts)]
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
    layers = (bars + labels + middle).properties(width=380, height=ROW * len(order))
    words = say("charts.likert.alt", language, n=len(order))
    return finish(layers, "likert", say("charts.likert.title", language), words)


def _statement(report: Report, quiz_id: str, item_id: str, language: str) -> str:
    quiz = report.quizzes.get(quiz_id.split("@")[0])
    item = next((i for i in quiz.items if i.item_id == item_id), None) if quiz else None
    text = item.stem.in_(language) if item else item_id
    return text if len(text) <= 34 else text[:33].rsplit(" ", 1)[0] + " …"

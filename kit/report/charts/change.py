"""The two charts of page one: how each person's score changed, and which offers were called fraudulent."""

from __future__ import annotations

from typing import Any

from kit.report.charts.altair_import import altair as alt
from kit.report.charts.look import (
    ACCENT,
    INK,
    MUTED,
    PAPER,
    SIGNED,
    SIZE,
    WARM,
    Chart,
    finish,
    hundred,
    values,
)
from kit.report.numbers import guarded_share, whole
from kit.report.report import Report
from kit.report.wording import say

_SIDES = {"down": WARM, "same": MUTED, "up": ACCENT}


def draw_gain(report: Report, language: str) -> Chart | None:
    """Histogram of the change with 0 marked; for the public only down, same and up."""
    score = report.figures.score
    if score.n_up is None or score.n_same is None or score.n_down is None or score.mean_change is None:
        return None
    counts = {"up": score.n_up, "same": score.n_same, "down": score.n_down}
    words = {name: whole(n, language) for name, n in counts.items()}
    layers = (
        _histogram(score.changes, score.max, language) if score.changes else _three_bars(counts, language)
    )
    return finish(
        layers,
        "gain",
        say(
            f"charts.gain.title_{'items' if score.changes else 'people'}",
            language,
            n=whole(sum(counts.values()), language),
            max=score.max,
        ),
        say("charts.gain.alt", language, **words),
    )


def _histogram(changes: tuple[tuple[int, int], ...], most: int | None, language: str) -> Any:
    rows = [
        {"d": d, "n": n, "side": "up" if d > 0 else "down" if d < 0 else "same", "label": whole(n, language)}
        for d, n in changes
    ]
    low, high = min(0, changes[0][0]), max(0, changes[-1][0])
    width = max(8, min(30, round(440 / (high - low + 2) * 0.8)))
    base = alt.Chart(values(rows)).encode(
        x=alt.X(
            "d:Q",
            scale=alt.Scale(domain=[low - 0.7, high + 0.7], nice=False),
            axis=alt.Axis(
                title=say("charts.gain.x", language, max=most),
                tickMinStep=1,
                grid=False,
                labelExpr=SIGNED,
            ),
        )
    )
    y = alt.Y("n:Q", axis=alt.Axis(title=say("charts.gain.y", language), tickMinStep=1, tickCount=4))
    sides = list(_SIDES)
    color = alt.Color("side:N", scale=alt.Scale(domain=sides, range=list(_SIDES.values())), legend=None)
    bars = base.mark_bar(size=width).encode(y=y, color=color)
    text: dict[str, Any] = {"dy": -9, "fontSize": SIZE - 1}
    # White under each number keeps it readable where it crosses the mark of 0.
    halo = base.mark_text(**text, stroke=PAPER, strokeWidth=4, opacity=1).encode(y=y, text="label:N")
    labels = base.mark_text(**text).encode(y=y, text="label:N")
    zero = (
        alt.Chart(values([{"d": 0}])).mark_rule(color=INK, strokeWidth=1.5, strokeDash=[4, 3]).encode(x="d:Q")
    )
    return (zero + bars + halo + labels).properties(width=440, height=190)


def _three_bars(counts: dict[str, int], language: str) -> Any:
    order = [say(f"charts.gain_words.{name}", language) for name in _SIDES]
    rows = [
        {"side": word, "n": counts[name], "label": whole(counts[name], language)}
        for name, word in zip(_SIDES, order, strict=True)
    ]
    base = alt.Chart(values(rows)).encode(
        y=alt.Y("side:N", sort=order, axis=alt.Axis(title=None, domain=False, ticks=False)),
        x=alt.X("n:Q", axis=alt.Axis(title=say("charts.gain.y", language), tickCount=4)),
    )
    color = alt.Color("side:N", scale=alt.Scale(domain=order, range=list(_SIDES.values())), legend=None)
    bars = base.mark_bar(size=24).encode(color=color)
    return (bars + base.mark_text(align="left", dx=6).encode(text="label:N")).properties(
        width=400, height=150
    )


def draw_discernment(report: Report, language: str) -> Chart | None:
    """Two pairs of bars: fraud called fraud and genuine called fraud, before and after."""
    found = report.figures.discernment
    rates = (found.hit_rate_pre, found.hit_rate_post, found.false_alarm_rate_pre, found.false_alarm_rate_post)
    if any(rate is None for rate in rates):
        return None
    intervals = (
        found.hit_rate_pre_ci,
        found.hit_rate_post_ci,
        found.false_alarm_rate_pre_ci,
        found.false_alarm_rate_post_ci,
    )
    shown = [guarded_share(rate, found.n or 0, language) for rate in rates]
    names = [say(f"charts.discernment.{name}", language) for name in ("hits", "false_alarms")]
    waves = [say(f"waves.{wave}", language) for wave in ("pre", "post")]
    rows = [
        {
            "offer": names[i // 2],
            "wave": waves[i % 2],
            "share": 100 * (rate or 0.0),
            "low": 100 * (ci or (rate or 0.0,) * 2)[0],
            "high": 100 * (ci or (rate or 0.0,) * 2)[1],
            "label": shown[i],
        }
        for i, (rate, ci) in enumerate(zip(rates, intervals, strict=True))
    ]
    fill = alt.Color("wave:N", scale=alt.Scale(domain=waves, range=["#ffffff", ACCENT]), legend=None)
    stroke = alt.value(ACCENT)
    base = alt.Chart().encode(
        y=alt.Y("wave:N", sort=waves, axis=alt.Axis(title=None, domain=False, ticks=False)),
        x=alt.X("share:Q", **hundred(say("charts.discernment.x", language))),
    )
    bars = base.mark_bar(size=20, strokeWidth=1.5).encode(color=fill, stroke=stroke)
    # Ink with white beneath is seen on the filled bar and beside it.
    spans = [
        base.mark_rule(strokeWidth=width, color=color).encode(x="low:Q", x2="high:Q")
        for width, color in ((4, PAPER), (1.6, INK))
    ]
    labels = base.mark_text(align="left", dx=6, fontWeight="bold").encode(x="high:Q", text="label:N")
    header = alt.Header(
        title=None,
        labelOrient="top",
        labelAnchor="start",
        labelFontSize=SIZE,
        labelFontWeight="bold",
        labelColor=INK,
    )
    chart = (
        alt.layer(bars, *spans, labels, data=values(rows))
        .properties(width=400, height=62)
        .facet(row=alt.Row("offer:N", sort=names, header=header), spacing=12)
    )
    words = dict(zip(("hit_pre", "hit_post", "false_pre", "false_post"), shown, strict=True))
    title = say("charts.discernment.title", language, n=whole(found.n or 0, language))
    return finish(chart, "discernment", title, say("charts.discernment.alt", language, **words))

"""Axes that several sections draw on: lines between waves, and a line for each item."""

from __future__ import annotations

import itertools
import math
from typing import Any, Final

from kit.report.charts.altair_import import alt
from kit.report.charts.look import ACCENT, MUTED, PAPER, values
from kit.report.stats.distributions import t_quantile

WIDE: Final = 360
TALL: Final = 32
ABOVE: Final = -8
BELOW: Final = 7


def reach(sd: float | None, n: int) -> float:
    """Half a 95 % interval of a mean, in the unit of `sd`; 0 for one person."""
    return t_quantile(n - 1) * (sd or 0.0) / math.sqrt(n) if n > 1 else 0.0


def spread_labels(heights: list[float], gap: float) -> list[float]:
    """Move labels apart so that none covers another; the order stays."""
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    placed = list(heights)
    for below, above in itertools.pairwise(order):
        placed[above] = max(placed[above], placed[below] + gap)
    drift = sum(p - h for p, h in zip(placed, heights, strict=True)) / max(1, len(heights))
    return [p - drift for p in placed]


def slopes(rows: list[dict[str, Any]], order: list[str], title: str, labels: Any) -> Any:
    """Lines between waves with an interval on every mean; `labels` are drawn by the caller."""
    x = alt.X("wave:N", sort=order, scale=alt.Scale(paddingOuter=0.2),
              axis=alt.Axis(title=None, labelAngle=0, domain=False, ticks=False))  # fmt: skip
    y = alt.Y(
        "mean:Q", scale=alt.Scale(domain=[0, 100]), axis=alt.Axis(title=title, values=[0, 25, 50, 75, 100])
    )
    base = alt.Chart(values(rows)).encode(x=x)
    bars = base.mark_rule(color=MUTED, strokeWidth=1.2).encode(y=alt.Y("low:Q"), y2=alt.Y2("high:Q"))
    lines = base.mark_line(color=ACCENT, strokeWidth=2).encode(y=y, detail=alt.Detail("name:N"))
    before = f"datum.wave === '{order[0]}'"
    dots = base.mark_point(size=80, filled=True, stroke=ACCENT, strokeWidth=1.8, opacity=1).encode(
        y=y, fill=alt.condition(before, alt.value(PAPER), alt.value(ACCENT))
    )
    words = labels.encode(x=x, y=alt.Y("at:Q"), text=alt.Text("label:N"))
    return alt.layer(bars, lines, dots, words, width=330, height=280)


def item_lines(order: list[str]) -> Any:
    """One line for each item; its name stands above it, so that a chart stays narrow enough for a phone."""
    axis = alt.Axis(title=None, domain=False, ticks=False, labels=False, grid=False)
    return alt.Y("item:N", sort=order, axis=axis)

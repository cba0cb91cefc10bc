"""Charts of groups, sites and the three waves: slopes and forests, never a ranking."""

from __future__ import annotations

import itertools
import math
from typing import Any, Final

import numpy as np

from kit.report.charts.altair_import import altair as alt
from kit.report.charts.look import (
    ACCENT,
    INK,
    MUTED,
    PAPER,
    ROW,
    SIGNED,
    SIZE,
    SOFT,
    Chart,
    finish,
    values,
)
from kit.report.figures import Group, PooledFigures
from kit.report.labels import squeezed
from kit.report.numbers import points
from kit.report.page_tables import group_name
from kit.report.report import Report
from kit.report.stats.distributions import t_quantile
from kit.report.wording import per_hundred, say

FOREST_UP_TO: Final = 30
SLOPES_UP_TO: Final = 8


def _reach(sd: float | None, n: int, most: int | None) -> float:
    """Half a 95 % interval of a mean, out of 100."""
    return per_hundred(t_quantile(n - 1) * (sd or 0.0) / math.sqrt(n), most) if n > 1 else 0.0


def _spread_labels(heights: list[float], gap: float) -> list[float]:
    """Move labels apart so that none covers another; the order stays."""
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    placed = list(heights)
    for below, above in itertools.pairwise(order):
        placed[above] = max(placed[above], placed[below] + gap)
    drift = sum(p - h for p, h in zip(placed, heights, strict=True)) / max(1, len(heights))
    return [p - drift for p in placed]


def _slopes(rows: list[dict[str, Any]], order: list[str], title: str, labels: Any) -> Any:
    """Lines between waves with an interval on every mean; `labels` are drawn by the caller."""
    x = alt.X("wave:N", sort=order, scale=alt.Scale(paddingOuter=0.2),
              axis=alt.Axis(title=None, labelAngle=0, domain=False, ticks=False))  # fmt: skip
    y = alt.Y(
        "mean:Q", scale=alt.Scale(domain=[0, 100]), axis=alt.Axis(title=title, values=[0, 25, 50, 75, 100])
    )
    base = alt.Chart(values(rows)).encode(x=x)
    bars = base.mark_rule(color=MUTED, strokeWidth=1.2).encode(y=alt.Y("low:Q"), y2="high:Q")
    lines = base.mark_line(color=ACCENT, strokeWidth=2).encode(y=y, detail="name:N")
    before = f"datum.wave === '{order[0]}'"
    dots = base.mark_point(size=80, filled=True, stroke=ACCENT, strokeWidth=1.8, opacity=1).encode(
        y=y, fill=alt.condition(before, alt.value(PAPER), alt.value(ACCENT))
    )
    words = labels.encode(x=x, y=alt.Y("at:Q"), text="label:N")
    return (bars + lines + dots + words).properties(width=330, height=280)


def draw_groups(report: Report, language: str) -> Chart | None:
    """Slopegraph of two to eight groups of one kind."""
    for by in report.figures.options.by:
        groups = [g for g in report.figures.groups if g.by == by and g.score.mean_change is not None]
        if 2 <= len(groups) <= SLOPES_UP_TO:
            return _groups(groups, report, language)
    return None


def _groups(groups: list[Group], report: Report, language: str) -> Chart:
    waves = [say(f"waves.{wave}", language) for wave in ("pre", "post")]
    rows, heights, names = [], [], []
    for group in groups:
        n, s = group.flow.n_pairs or 0, group.score
        name = squeezed(group_name(group, language))
        names.append(f"{name} ({say('charts.n', language, n=n)})")
        for wave, mean, sd in ((waves[0], s.mean_pre, s.sd_pre), (waves[1], s.mean_post, s.sd_post)):
            middle, reach = per_hundred(mean or 0.0, s.max), _reach(sd, n, s.max)
            low, high = max(0.0, middle - reach), min(100.0, middle + reach)
            rows.append({"name": name, "wave": wave, "mean": middle, "low": low, "high": high})
        heights.append(per_hundred(s.mean_post or 0.0, s.max))
    ends = [
        {"wave": waves[1], "at": at, "label": label}
        for at, label in zip(_spread_labels(heights, 6.0), names, strict=True)
    ]
    labels = alt.Chart(values(ends)).mark_text(align="left", dx=14, fontSize=SIZE)
    chart = _slopes(rows, waves, say("charts.groups.y", language), labels)
    words = say("charts.groups.alt", language, names=", ".join(names))
    return finish(chart, "groups", say("charts.groups.title", language), words)


def draw_waves(report: Report, language: str) -> Chart | None:
    """The mean of the people of all three waves."""
    found, most = report.figures.followup, report.figures.score.max
    means = (found.mean_pre, found.mean_post, found.mean_followup)
    if found.n is None or any(mean is None for mean in means):
        return None
    names = [say(f"waves.{wave}", language) for wave in ("pre", "post", "followup")]
    spreads = (found.sd_pre, found.sd_post, found.sd_followup)
    rows: list[dict[str, Any]] = []
    for wave, mean, sd in zip(names, means, spreads, strict=True):
        middle, reach = per_hundred(mean or 0.0, most), _reach(sd, found.n, most)
        rows.append({"name": "", "wave": wave, "mean": middle, "low": middle - reach, "high": middle + reach})
    shown = [points(row["mean"], language) for row in rows]
    ends = [
        {"wave": row["wave"], "at": row["high"], "label": text} for row, text in zip(rows, shown, strict=True)
    ]
    labels = alt.Chart(values(ends)).mark_text(dy=-10, baseline="bottom", fontSize=SIZE, fontWeight="bold")
    chart = _slopes(rows, names, say("charts.waves.y", language), labels)
    words = say("charts.waves.alt", language, n=found.n, pre=shown[0], post=shown[1], followup=shown[2])
    return finish(chart, "waves", say("charts.waves.title", language), words)


def draw_sites(report: Report, language: str) -> Chart | None:
    """Forest plot in alphabetical order with the pooled band; many sites as a histogram."""
    pooled, most = report.figures.pooled, report.figures.score.max
    if len(pooled.sites) < 2:
        return None
    mean = (
        "–" if pooled.estimate is None else points(per_hundred(pooled.estimate, most), language, signed=True)
    )
    if len(pooled.sites) > FOREST_UP_TO:
        chart = _site_histogram(pooled, most, language)
        words = say("charts.sites_many.alt", language, k=pooled.k, mean=mean)
        return finish(chart, "sites", say("charts.sites_many.title", language), words)
    words = say("charts.sites.alt", language, k=len(pooled.sites), mean=mean)
    return finish(_forest(pooled, most, language), "sites", say("charts.sites.title", language), words)


def _forest(pooled: PooledFigures, most: int | None, language: str) -> Any:
    rows: list[dict[str, Any]] = [
        {
            "site": f"{squeezed(site.name) or '–'} ({say('charts.n', language, n=site.n)})",
            "mean": per_hundred(site.mean_change, most),
            "low": per_hundred((site.ci or (site.mean_change,) * 2)[0], most),
            "high": per_hundred((site.ci or (site.mean_change,) * 2)[1], most),
        }
        for site in pooled.sites
    ]
    order = [row["site"] for row in rows]
    axis = alt.Axis(title=say("charts.sites.x", language), tickCount=6, labelExpr=SIGNED)
    x = alt.X("mean:Q", axis=axis, scale=alt.Scale(nice=True, zero=True))
    base = alt.Chart(values(rows)).encode(
        y=alt.Y("site:N", sort=order, axis=alt.Axis(title=None, domain=False, ticks=False))
    )
    layers = [alt.Chart(values([{"x": 0}])).mark_rule(color=INK, strokeDash=[4, 3]).encode(x="x:Q")]
    if pooled.estimate is not None and pooled.ci is not None:
        band = {"low": per_hundred(pooled.ci[0], most), "high": per_hundred(pooled.ci[1], most),
                "mean": per_hundred(pooled.estimate, most)}  # fmt: skip
        layers.insert(0, alt.Chart(values([band])).mark_rect(color=SOFT).encode(x="low:Q", x2="high:Q"))
        layers.append(alt.Chart(values([band])).mark_rule(color=ACCENT, strokeWidth=1.5).encode(x="mean:Q"))
    layers.append(base.mark_rule(color=MUTED, strokeWidth=1.5).encode(x="low:Q", x2="high:Q"))
    layers.append(base.mark_point(size=80, filled=True, color=ACCENT, shape="square", opacity=1).encode(x=x))
    return alt.layer(*layers).properties(width=380, height=ROW * len(rows))


def _site_histogram(pooled: PooledFigures, most: int | None, language: str) -> Any:
    means = np.array([per_hundred(site.mean_change, most) for site in pooled.sites])
    counts, edges = np.histogram(means, bins=20)
    rows = [
        {"low": float(a), "high": float(b), "n": int(n)}
        for a, b, n in zip(edges[:-1], edges[1:], counts, strict=True)
    ]
    axis = alt.Axis(title=say("charts.sites_many.x", language), labelExpr=SIGNED)
    bars = (
        alt.Chart(values(rows))
        .mark_bar(color=ACCENT, stroke=PAPER)
        .encode(
            x=alt.X("low:Q", axis=axis, scale=alt.Scale(zero=True)),
            x2="high:Q",
            y=alt.Y("n:Q", axis=alt.Axis(title=say("charts.sites_many.y", language), tickCount=4)),
        )
    )
    zero = alt.Chart(values([{"x": 0}])).mark_rule(color=INK, strokeDash=[4, 3]).encode(x="x:Q")
    return (bars + zero).properties(width=420, height=200)

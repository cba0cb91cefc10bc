"""The charts of a report: drawn by Altair, turned into SVG by vl-convert, one look, alt text for each."""

from __future__ import annotations

from collections.abc import Callable

from kit.report.charts import answers, change, places
from kit.report.charts.look import Chart
from kit.report.report import Report

__all__ = ["Chart", "draw_charts"]

_DRAWERS: dict[str, Callable[[Report, str], Chart | list[Chart] | None]] = {
    "gain": change.draw_gain,
    "discernment": change.draw_discernment,
    "items": answers.draw_items,
    "answers": answers.draw_answers,
    "groups": places.draw_groups,
    "sites": places.draw_sites,
    "waves": places.draw_waves,
    "likert": answers.draw_likert,
}


def draw_charts(report: Report, language: str) -> dict[str, Chart]:
    """Every chart that the figures allow, by name: `items`, and `items-2` for the second quiz."""
    drawn: dict[str, Chart] = {}
    for name, draw in _DRAWERS.items():
        made = draw(report, language)
        charts = made if isinstance(made, list) else [made] if made else []
        drawn |= {name if not i else f"{name}-{i + 1}": chart for i, chart in enumerate(charts)}
    return drawn

"""The report in no format at all: what would be drawn and what would be said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kit.report.charts.look import Drawing, vega_lite
from kit.report.publish.findings import Findings
from kit.report.render.page import drawings_of, headings, tables_of
from kit.report.render.page_one import Summary, summarise
from kit.report.sections.base import Table


@dataclass(frozen=True)
class ShownChart:
    """A chart that was not drawn: its title, its words, and the rows and marks it is made of."""

    title: str
    alt: str
    spec: dict[str, Any]


@dataclass(frozen=True)
class ShownHeading:
    """What stands under one heading."""

    number: int
    name: str
    title: str
    lines: tuple[str, ...]
    tables: dict[str, Table]
    charts: dict[str, ShownChart]


@dataclass(frozen=True)
class Shown:
    """A report as its reader would have it, by the name of each heading."""

    page_one: Summary
    headings: dict[str, ShownHeading]

    def words(self) -> str:
        """Everything that is said, charts in words."""
        parts = [self.page_one.words()]
        for heading in self.headings.values():
            parts += [heading.title, *heading.lines]
            parts += [f"{chart.title}: {chart.alt}" for chart in heading.charts.values()]
            for table in heading.tables.values():
                parts += [table.title, *(" ".join(row) for row in (table.columns, *table.rows))]
        return "\n".join(parts)


def render_none(findings: Findings, language: str) -> Shown:
    """Say and draw everything into one value; for tests, and for whoever wants another format."""
    view = findings.view(language)
    shown = {}
    for heading in headings(findings.figures):
        charts = drawings_of(findings, language, heading.sections)
        shown[heading.name] = ShownHeading(
            heading.number,
            heading.name,
            view.say(f"sections.{heading.name}.title"),
            tuple(heading.lines(view)),
            tables_of(view, heading.sections),
            {name: _shown_chart(drawing) for name, drawing in charts.items()},
        )
    return Shown(summarise(findings, language), shown)


def _shown_chart(drawing: Drawing) -> ShownChart:
    return ShownChart(drawing.title, drawing.alt, vega_lite(drawing))

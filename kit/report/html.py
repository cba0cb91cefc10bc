"""The report as one HTML file: no script, charts inline, prints well."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from kit.report.numbers import long_date
from kit.report.report import Report
from kit.report.sentences import SECTIONS, section_lines
from kit.report.wording import say

TEMPLATES: Final = Path(__file__).parent / "templates"
THEME: Final = Path(__file__).parent.parent / "page" / "theme.css"

SECTION_CHARTS: Final = {
    "items": ("items", "answers"),
    "groups": ("groups", "sites"),
    "followup": ("waves",),
    "quality": ("likert",),
}
SECTION_TABLES: Final = {
    "flow": ("flow",),
    "change": ("score",),
    "discernment": ("discernment",),
    "items": ("items", "fold", "twins"),
    "groups": ("groups", "pooled"),
    "quality": ("quality", "options"),
    "limits": ("rescored",),
}
FIRST_PAGE_CHARTS: Final = ("gain", "discernment")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _kind(name: str) -> str:
    """The kind of a chart by its name: `items-2` is one of the `items`."""
    return name.split("-")[0]


def page_context(report: Report, language: str) -> dict[str, Any]:
    """What both HTML and PDF show: page one, then the sections with sentences, charts and tables."""
    charts, tables = report.charts(language), report.tables(language)
    sections = []
    for number, name in enumerate(SECTIONS, start=1):
        sections.append(
            {
                "name": name,
                "number": number,
                "title": say(f"sections.{name}.title", language),
                "lines": section_lines(report, name, language),
                "charts": {
                    c: chart for c, chart in charts.items() if _kind(c) in SECTION_CHARTS.get(name, ())
                },
                "tables": {t: tables[t] for t in SECTION_TABLES.get(name, ()) if t in tables},
            }
        )
    return {
        "language": language,
        "summary": report.summary(language),
        "first_charts": {c: charts[c] for c in FIRST_PAGE_CHARTS if c in charts},
        "sections": [s for s in sections if s["lines"] or s["charts"] or s["tables"]],
        "methods": [say(f"method_text.m{i}", language) for i in range(1, 7)],
        "versions": [
            (quiz, sha[:12]) for quiz, sha in sorted({q for s in report.figures.sessions for q in s.quizzes})
        ],
        "sources": report.figures.sources,
        "kit": report.kit,
        "date": long_date(report.generated_at.date().isoformat(), language),
        "words": {
            name: say(f"page_one.{name}", language)
            for name in ("understood", "wrong", "next", "unknown", "about")
        },
    }


def render_html(report: Report, language: str) -> str:
    """Fill the template. Charts are our own SVG; everything else is escaped."""
    styles = THEME.read_text(encoding="utf-8") if THEME.is_file() else ""
    template = _environment().get_template("report.html.j2")
    own = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    return template.render(**page_context(report, language), styles=styles + own)

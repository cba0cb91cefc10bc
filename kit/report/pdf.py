"""The report as PDF by Typst: A4, tagged (PDF/UA-1), the same bytes for the same report."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime, time
from pathlib import Path
from shutil import copyfile
from typing import Any

import typst

from kit.report.html import TEMPLATES, page_context
from kit.report.report import Report


def render_pdf(report: Report, language: str) -> bytes:
    """Compile the Typst template with the same context as the HTML."""
    context = page_context(report, language)
    with tempfile.TemporaryDirectory(prefix="kit-report-") as name:
        folder = Path(name)
        charts = dict(context["first_charts"])
        for section in context["sections"]:
            charts |= section["charts"]
        for chart_name, chart in charts.items():
            (folder / f"{chart_name}.svg").write_text(chart.svg, encoding="utf-8")
        (folder / "report.json").write_text(json.dumps(_plain(context), ensure_ascii=False), encoding="utf-8")
        copyfile(TEMPLATES / "report.typ", folder / "report.typ")
        # The day, not the second: a report made again on the same day is the same file.
        stamp = datetime.combine(report.generated_at.date(), time(), UTC)
        made: bytes = typst.compile(
            str(folder / "report.typ"), root=str(folder), pdf_standards=["ua-1"], timestamp=stamp
        )
    return made


def _plain(context: dict[str, Any]) -> dict[str, Any]:
    """The context as plain data; charts become their alt texts, the SVG files lie beside."""

    def charts(found: dict[str, Any]) -> list[dict[str, Any]]:
        return [{"name": name, "title": c.title, "alt": c.alt, "width": c.width} for name, c in found.items()]

    sections = [
        {
            **s,
            "charts": charts(s["charts"]),
            "tables": [{"name": n, **asdict(t)} for n, t in s["tables"].items()],
        }
        for s in context["sections"]
    ]
    return {
        **context,
        "summary": asdict(context["summary"]),
        "first_charts": charts(context["first_charts"]),
        "sections": sections,
    }

"""The report as PDF by Typst: A4, tagged (PDF/UA-1), the same bytes for the same report."""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime, time
from pathlib import Path
from shutil import copyfile
from typing import Any, Final

from kit.report.charts.fonts import FOLDER
from kit.report.publish.findings import Findings
from kit.report.render.html import TEMPLATES
from kit.report.render.page import page_context
from kit.report.sections.names import PICTURES

FOREIGN: Final = re.compile("[^\n -\u024f\u0370-\u03ff\u2010-\u203a\u2190-\u22ff\u25a0-\u25ff\u27e8\u27e9]")
"""What a plain font may lack: all but Latin, Greek, punctuation, arrows, mathematics and our own marks."""


def render_pdf(findings: Findings, language: str) -> bytes:
    """Compile the Typst template with the same context as the HTML."""
    findings.refuse_draft()
    # Loaded here: other formats do without a typesetter.
    import typst

    context = page_context(findings, language)
    with tempfile.TemporaryDirectory(prefix="kit-report-") as name:
        folder = Path(name)
        charts = dict(context["first_charts"])
        for section in context["sections"]:
            charts |= section["charts"]
        texts = {f"{chart_name}.svg": chart.svg for chart_name, chart in charts.items()}
        texts["report.json"] = json.dumps(_plain(context), ensure_ascii=False)
        copyfile(TEMPLATES / "report.typ", folder / "report.typ")
        # The day, not the second: a report made again on the same day is the same file.
        stamp = datetime.combine(findings.generated_at.date(), time(), UTC)
        try:
            return _compile(folder, texts, PICTURES, "", stamp)
        except typst.TypstError:
            # Names come from people; letters that no font here has must not cost them the report.
            return _compile(folder, texts, FOREIGN, "?", stamp)


def _compile(
    folder: Path, texts: dict[str, str], unprinted: re.Pattern[str], instead: str, stamp: datetime
) -> bytes:
    for name, text in texts.items():
        (folder / name).write_text(unprinted.sub(instead, text), encoding="utf-8")
    import typst

    made: bytes = typst.compile(
        str(folder / "report.typ"),
        root=str(folder),
        font_paths=[str(FOLDER)],
        pdf_standards=["ua-1"],
        timestamp=stamp,
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

"""The report as one HTML file: no script, charts inline, prints well."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

from kit.report.charts.fonts import face_rules
from kit.report.publish.findings import Findings
from kit.report.render.method import method_html
from kit.report.render.page import page_context

TEMPLATES: Final = Path(__file__).parent / "templates"
FACES_HERE: Final = "/* faces */"
"""Where the template leaves room for the letters, which are known only once it is filled."""
THEME: Final = Path(__file__).parents[2] / "page" / "theme.css"


@cache
def _environment() -> Any:
    # Loaded here: other formats do without it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_page_one(findings: Findings, language: str) -> str:
    """Page one as a piece of HTML with its own styles and letters: what a notebook shows of a report."""
    findings.refuse_draft()
    own = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    page = _environment().get_template("page_one.html.j2").render(**page_context(findings, language))
    return f'<style>{face_rules(page)}{own}</style><div class="report">{page}</div>'


def render_html(findings: Findings, language: str) -> str:
    """Fill the template. Charts are our own SVG; everything else is escaped."""
    findings.refuse_draft()
    styles = THEME.read_text(encoding="utf-8") if THEME.is_file() else ""
    template = _environment().get_template("report.html.j2")
    own = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    method = method_html(language)
    filled: str = template.render(**page_context(findings, language), method=method, styles=styles + own)
    return filled.replace(FACES_HERE, face_rules(filled), 1)

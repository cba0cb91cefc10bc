"""One report: its figures, its words, its charts, and every format made from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final

from kit.bundle.faults import SourceFault
from kit.bundle.layout import bundle_name
from kit.report.charts.look import Chart
from kit.report.publish.door import publish
from kit.report.publish.findings import Findings
from kit.report.render.html import render_html, render_page_one
from kit.report.render.json import as_dict, render_json
from kit.report.render.none import Shown, render_none
from kit.report.render.page import draw_charts, tables_of
from kit.report.render.page_one import Summary, summarise
from kit.report.render.pdf import render_pdf
from kit.report.render.xlsx import render_xlsx
from kit.report.sections.base import Table
from kit.text import message

FORMATS: Final = ("html", "json", "pdf", "xlsx")


@dataclass(frozen=True, repr=False)
class Report(Findings):
    """What an evaluator reads. All formats come from this one object and carry its fingerprint.

    A report for the public is a draft until it has passed the door (`publish`). What stays in this process
    (`figures`, `to_dict`, `summary`, `tables`, `charts`, `shown`) may be looked at before; every format
    (`json`, `html`, `pdf`, `xlsx`) passes the door first and raises SourceFault where it may not.
    """

    def __repr__(self) -> str:
        page = self.summary()
        return f"<Report {page.place}: {page.change} {page.fingerprint}>"

    def _repr_html_(self) -> str:
        """Page one, where a notebook shows the report; a draft says only that it is one."""
        if self.is_draft:
            return f"<p>{escape(message('report.refusals.draft_unpublished.title', self.language))}</p>"
        return render_page_one(self, self.language)

    @property
    def name(self) -> str:
        """Name of its files, without ending: date, site and code of a session, of several their days."""
        sessions = self.figures.sessions
        if len(sessions) == 1:
            return bundle_name(sessions[0].held_on, sessions[0].site, sessions[0].code)
        if not sessions:
            return f"report-{self.fingerprint[:8]}"
        days = sorted(line.held_on for line in sessions)
        when = "-".join(dict.fromkeys((days[0], days[-1])))
        return f"{when}-{len(sessions)}-sessions-{self.fingerprint[:8]}"

    def to_dict(self, language: str | None = None) -> dict[str, Any]:
        """The content of `report.json`: only numbers, words and null; never NaN or infinity."""
        return as_dict(self, language or self.language)

    def charts(self, language: str | None = None) -> dict[str, Chart]:
        """The charts that can be drawn, as SVG with alt text."""
        return dict(draw_charts(self, language or self.language))

    def summary(self, language: str | None = None) -> Summary:
        """Page one in words."""
        return summarise(self, language or self.language)

    def tables(self, language: str | None = None) -> dict[str, Table]:
        """The tables of the later pages, as text."""
        return tables_of(self.view(language))

    def shown(self, language: str | None = None) -> Shown:
        """What would be drawn and said, in no format."""
        return render_none(self, language or self.language)

    def json(self, language: str | None = None) -> str:
        """`report.json` as text."""
        return render_json(publish(self), language or self.language)

    def html(self, language: str | None = None) -> str:
        """The report as one HTML file without script."""
        return render_html(publish(self), language or self.language)

    def pdf(self, language: str | None = None) -> bytes:
        """The report as tagged PDF (PDF/UA-1)."""
        return render_pdf(publish(self), language or self.language)

    def xlsx(self, language: str | None = None) -> bytes:
        """The report as a workbook."""
        return render_xlsx(publish(self), language or self.language)


def render_report(
    report: Report,
    folder: Path,
    formats: Sequence[str] = ("html", "json"),
    *,
    stem: str | None = None,
    language: str | None = None,
) -> list[Path]:
    """Write a report in some formats, named after site, date and code; returns the files. Raises SourceFault.

    A report for the public passes the door before the folder is made: a refused one leaves no trace.
    """
    report = publish(report)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in formats:
        path = folder / f"{stem or report.name}.{name}"
        content = _content(report, name, language or report.language)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        written.append(path)
    return written


def _content(report: Report, name: str, language: str) -> str | bytes:
    makers: dict[str, Callable[[str], str | bytes]] = {
        "html": report.html,
        "json": report.json,
        "pdf": report.pdf,
        "xlsx": report.xlsx,
    }
    if name not in makers:
        raise SourceFault("format_unknown", name=name, known=", ".join(FORMATS))
    return makers[name](language)

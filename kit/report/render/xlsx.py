"""The report as a workbook: summary, items, sites, method. Numbers are numbers, text is inert."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from kit.report.publish.findings import Findings
from kit.report.render.json import written_parts
from kit.report.render.page import METHODS, tables_of
from kit.report.render.page_one import summarise
from kit.report.sections import SECTIONS
from kit.report.sections.base import SheetRow, View, as_written, flat_rows, note_text
from kit.report.sections.planning import PlanningSection

DANGEROUS: Final = ("=", "+", "-", "−", "@", "＝", "＋", "－", "＠")
A4: Final = 9
"""The paper, by the number that spreadsheets have for it."""
WIDEST: Final = 60
"""Letters of the widest column; longer text is wrapped."""


def inert(text: str) -> str:
    """Text that no spreadsheet takes for a formula, not even after export to CSV."""
    return f"'{text}" if text.lstrip().startswith(DANGEROUS) or text[:1].isspace() else text


def render_xlsx(findings: Findings, language: str) -> bytes:
    """A sheet for the summary, those that the sections fill, and the method."""
    findings.refuse_draft()
    # Loaded here: other formats do without it.
    import xlsxwriter

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        title = summarise(findings, language).title
        created = datetime(*findings.generated_at.timetuple()[:6])
        book.set_properties({"title": inert(title), "comments": findings.fingerprint, "created": created})
        writer = _Sheets(book)
        for name, rows in _sheets(findings, findings.view(language)).items():
            writer.write(findings.view(language).say(f"xlsx.{name}"), rows)
    return buffer.getvalue()


def _sheets(findings: Findings, view: View) -> dict[str, list[SheetRow]]:
    """All rows by sheet; sections that share a sheet fill it one below the other."""
    sheets: dict[str, list[SheetRow]] = {"summary": list(_summary_rows(findings, view))}
    for section in SECTIONS:
        for name, rows in section.sheets(view):
            sheets.setdefault(name, []).extend(rows)
    return {**sheets, "method": list(_method_rows(findings, view))}


class _Sheets:
    """Writes rows to sheets; the first row is the header."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.bold = book.add_format({"bold": True, "bottom": 1})
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})

    def write(self, name: str, rows: Sequence[SheetRow]) -> None:
        """One sheet; widths by content, header frozen."""
        sheet = self.book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(r, c, inert(cell), self.bold if r == 0 else self.wrap)
                elif cell is not None:
                    sheet.write_number(r, c, cell)
        for c in range(max((len(row) for row in rows), default=0)):
            longest = max(
                (len(str(row[c])) for row in rows if c < len(row) and row[c] is not None), default=8
            )
            sheet.set_column(c, c, min(WIDEST, max(8, longest + 2)))
        self._lay_out(sheet, rows)

    def _lay_out(self, sheet: Any, rows: Sequence[SheetRow]) -> None:
        """On paper: A4 across, one page wide, the head on every page, nothing printed beside the rows."""
        sheet.set_paper(A4)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_footer("&L&A&R&P / &N")
        widest = max((len(row) for row in rows), default=1)
        sheet.print_area(0, 0, max(0, len(rows) - 1), max(0, widest - 1))


def _summary_rows(findings: Findings, view: View) -> Iterator[SheetRow]:
    yield tuple(view.say(f"xlsx.{name}") for name in ("figure", "value", "low", "high"))
    for line in summarise(findings, view.language).words().split("\n"):
        yield (line,)
    yield ()
    for kind in written_parts(view.figures):
        # Figures of which there are many have rows on the sheets of their sections.
        if not kind.many and not kind.on_sheet:
            yield from flat_rows(kind.key, as_written(view.figures.parts[kind.key], view.language))


def _method_rows(findings: Findings, view: View) -> Iterable[SheetRow]:
    yield (view.say("xlsx.method"),)
    for i in METHODS:
        yield (view.say(f"method_text.m{i}"),)
    yield ()
    mark = "mark" if view.figures.options.is_public else "fingerprint"
    yield (f"{view.say(mark)} {findings.fingerprint}",)
    yield (f"kit {findings.kit}",)
    yield (f"{view.say('made_on')} {findings.generated_at.isoformat(timespec='seconds')}",)
    for source in view.figures.sources:
        yield (source,)
    yield ()
    yield from ((line,) for line in PlanningSection().words(view))
    tables = tables_of(view)
    for name in ("planning", "rescored"):
        if table := tables.get(name):
            yield from (table.columns, *table.rows, ())
    for note in view.figures.notes:
        yield (f"{note.code}: {note_text(note, view.language)}",)

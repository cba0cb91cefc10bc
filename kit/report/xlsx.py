"""The report as a workbook: summary, items, sites, method, cube. Numbers are numbers, text is inert."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

import xlsxwriter

from kit.report.figures import ItemFigures
from kit.report.report import Report, note_text
from kit.report.stats.distributions import Interval
from kit.report.wording import item_excerpt, option_text, say

DANGEROUS: Final = ("=", "+", "-", "−", "@", "＝", "＋", "－", "＠")
Cell = str | float | int | None


def inert(text: str) -> str:
    """Text that no spreadsheet takes for a formula, not even after export to CSV."""
    return f"'{text}" if text.lstrip().startswith(DANGEROUS) or text[:1].isspace() else text


def render_xlsx(report: Report, language: str) -> bytes:
    """Five sheets from one report."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        title = report.summary(language).title
        created = datetime(*report.generated_at.timetuple()[:6])
        book.set_properties({"title": inert(title), "comments": report.fingerprint, "created": created})
        sheets = _Sheets(book)
        for name, rows in (
            ("summary", _summary_rows(report, language)),
            ("items", _item_rows(report, language)),
            ("sites", _site_rows(report, language)),
            ("method", _method_rows(report, language)),
            ("cube", _cube_rows(report)),
        ):
            sheets.write(say(f"xlsx.{name}", language), list(rows))
    return buffer.getvalue()


class _Sheets:
    """Writes rows to sheets; the first row is the header."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.bold = book.add_format({"bold": True, "bottom": 1})
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})

    def write(self, name: str, rows: Sequence[Sequence[Cell]]) -> None:
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
            sheet.set_column(c, c, min(60, max(8, longest + 2)))


def _both(ci: Interval | None) -> tuple[Cell, Cell]:
    return (None, None) if ci is None else ci


def _summary_rows(report: Report, language: str) -> Iterable[Sequence[Cell]]:
    head = [say(f"xlsx.{name}", language) for name in ("figure", "value", "low", "high")]
    yield head
    page = report.summary(language)
    for line in page.words().split("\n"):
        yield [line]
    yield []
    for section in ("flow", "score", "discernment", "followup", "forms", "comparison", "target"):
        yield from _flat(section, asdict(getattr(report.figures, section)))


def _flat(name: str, value: Any) -> Iterable[Sequence[Cell]]:
    """A section as rows `place, value, low, high`; distributions are left to the JSON."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key != "changes":
                yield from _flat(f"{name}.{key}", part)
    elif isinstance(value, tuple):
        if len(value) == 2 and all(isinstance(x, float) for x in value):
            yield [name, None, *value]
        else:
            yield [name, ", ".join(str(x) for x in value)]
    elif value is not None:
        yield [name, value if isinstance(value, (int, float)) else str(value)]


def _item_rows(report: Report, language: str) -> Iterable[Sequence[Cell]]:
    fields = (
        "n", "n_pre", "n_post", "n11", "n01", "n10", "n00", "p_pre", "p_post", "change",
    )  # fmt: skip
    tests = ("p_mcnemar", "p_fisher", "p_holm", "rest_r_pre", "rest_r_post")
    verdict_head = say("tables.items.columns", language).split(" | ")[-1]
    persisting = say("tables.quality.columns", language).split(" | ")[-1]
    item, what = say("tables.items_sheet.columns", language).split(" | ")
    head = ["quiz_id", "form", item, what, "signal", *fields, "ci_low", "ci_high", *tests]
    yield [*head, verdict_head, persisting]
    for row in report.figures.items:
        verdict = say(f"item_verdicts.{row.verdict_code}", language) if row.verdict_code else None
        yield [
            row.quiz_id, row.form, row.item, item_excerpt(report, row, language, 200), row.signal,
            *(getattr(row, f) for f in fields), *_both(row.ci), *(getattr(row, t) for t in tests), verdict,
            _persisting(report, row, language),
        ]  # fmt: skip
    yield []
    yield say("tables.options_sheet.columns", language).split(" | ")
    for row in report.figures.items:
        for choice in sorted({*row.options_pre, *row.options_post}):
            words = option_text(report, row, choice, language)
            yield [row.item, words, row.options_pre.get(choice), row.options_post.get(choice)]


def _persisting(report: Report, row: ItemFigures, language: str) -> str | None:
    return option_text(report, row, row.persisting.choice, language) if row.persisting else None


def _site_rows(report: Report, language: str) -> Iterable[Sequence[Cell]]:
    yield [
        "by",
        "name",
        "n_joined",
        "n_pairs",
        "mean_pre",
        "mean_post",
        "mean_change",
        "ci_low",
        "ci_high",
        "",
    ]
    for group in report.figures.groups:
        flow, score = group.flow, group.score
        hidden = say("xlsx.note", language) if group.suppressed else None
        yield [group.by, group.name, flow.n_joined, flow.n_pairs, score.mean_pre, score.mean_post,
               score.mean_change, *_both(score.ci), hidden]  # fmt: skip
    yield []
    pooled = asdict(report.figures.pooled)
    pooled.pop("sites")
    yield from _flat("pooled", pooled)


def _method_rows(report: Report, language: str) -> Iterable[Sequence[Cell]]:
    yield [say("xlsx.method", language)]
    for i in range(1, 7):
        yield [say(f"method_text.m{i}", language)]
    yield []
    yield [f"{say('fingerprint', language)} {report.fingerprint}"]
    yield [f"kit {report.kit}"]
    yield [f"{say('made_on', language)} {report.generated_at.isoformat(timespec='seconds')}"]
    for source in report.figures.sources:
        yield [source]
    yield []
    rescored = report.tables(language).get("rescored")
    if rescored:
        yield from (rescored.columns, *rescored.rows, ())
    for note in report.figures.notes:
        yield [f"{note.code}: {note_text(note, language)}"]


def _cube_rows(report: Report) -> Iterable[Sequence[Cell]]:
    yield ["pre", "post", "followup", "n"]
    yield from report.figures.cells

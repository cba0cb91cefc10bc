"""Files of tables as a grid of texts, with the row numbers that people see in their program."""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kit.bundle.faults import Remark, SourceFault, remark
from kit.report.read.bounds import check_text, check_workbook
from kit.text import plain_text

_SEP_LINE: Final = re.compile(r"sep=(.)\s*", re.IGNORECASE)
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_SEPARATORS: Final = (",", ";", "\t")
_LOOKED_AT: Final = 20
"""Lines that are looked at to tell the separator."""


@dataclass(frozen=True)
class Grid:
    """One sheet of a file: `lines` of texts, the first of them in row `first` of the file.

    `hidden` are rows that nobody sees; `merged` are cells spread over several people; `is_guessed` says that
    the letters were read as Windows writes them, since they were no UTF-8.
    """

    name: str
    lines: tuple[tuple[str, ...], ...]
    first: int = 1
    hidden: tuple[int, ...] = ()
    merged: tuple[str, ...] = ()
    is_guessed: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether no cell holds anything."""
        return not any(cell for line in self.lines for cell in line)

    def remarks(self, file: str) -> list[Remark]:
        """What people may not know of the sheet."""
        told = []
        if self.is_guessed:
            told.append(remark("encoding_guessed", file=file))
        if self.hidden:
            told.append(remark("rows_hidden", file=file, rows=_shown(map(str, self.hidden))))
        if self.merged:
            told.append(remark("cells_merged", file=file, cells=_shown(self.merged)))
        return told


def _shown(many: Iterable[str]) -> str:
    names = list(many)
    return ", ".join(names[:10]) + (" …" if len(names) > 10 else "")


def read_grids(path: Path) -> list[Grid]:
    """Every visible sheet of a workbook, or the one of a CSV file. Raises SourceFault."""
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        check_workbook(path)
        return _read_workbook(path)
    check_text(path)
    return [_read_csv(path)]


def _read_csv(path: Path) -> Grid:
    content, guessed = _decode(path)
    text = plain_text(content)
    first, _, rest = text.partition("\n")
    # Excel's own hint for its own kind, not a heading.
    hint = _SEP_LINE.fullmatch(first)
    separator = hint.group(1) if hint else _separator(text)
    try:
        lines = list(csv.reader(io.StringIO(rest if hint else text), delimiter=separator))
    except csv.Error as broken:
        raise SourceFault("not_a_table", file=path.name, reason=broken) from broken
    stripped = tuple(tuple(cell.strip(" \t\r\n") for cell in line) for line in lines)
    return Grid(path.name, stripped, 2 if hint else 1, is_guessed=guessed)


def _decode(path: Path) -> tuple[str, bool]:
    """The text of a file, and whether its letters are a guess. Raises SourceFault.

    UTF-8, unless the first signs say that it is the `Unicode text` of Excel. The plain `CSV` of Excel has the
    letters of Windows for western languages; nothing is guessed where the bytes are no such text.
    """
    content = path.read_bytes()
    wide = content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    try:
        return io.StringIO(content.decode("utf-16" if wide else "utf-8-sig"), newline=None).read(), False
    except UnicodeError as broken:
        if wide or _CONTROL.search(content):
            raise SourceFault("encoding", file=path.name) from broken
    try:
        return io.StringIO(content.decode("cp1252"), newline=None).read(), True
    except UnicodeError as broken:
        raise SourceFault("encoding", file=path.name) from broken


def _separator(text: str) -> str:
    """The separator of most of the first lines: a title above the heading has none."""
    lines = [line for line in text.split("\n")[:_LOOKED_AT] if line.strip()]
    return max(_SEPARATORS, key=lambda sign: (sum(sign in line for line in lines), text.count(sign)))


def _read_workbook(path: Path) -> list[Grid]:
    from openpyxl import load_workbook

    try:
        workbook = load_workbook(path, data_only=True)
    except Exception as broken:  # openpyxl raises many kinds for a file that is not a workbook
        raise SourceFault("not_a_workbook", file=path.name) from broken
    visible = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    _refuse_uncomputed(path, visible)
    return [
        Grid(
            sheet.title,
            tuple(_sheet_lines(sheet)),
            hidden=tuple(sorted(row for row, look in sheet.row_dimensions.items() if look.hidden)),
            merged=tuple(str(span) for span in sheet.merged_cells.ranges if _hides_people(sheet, span)),
        )
        for sheet in visible
    ]


def _hides_people(sheet: Any, span: Any) -> bool:
    """Whether a number stands once for several rows: a class may, a score may not."""
    return span.max_row > span.min_row and isinstance(
        sheet.cell(span.min_row, span.min_col).value, (int, float)
    )


def _refuse_uncomputed(path: Path, visible: Iterable[Any]) -> None:
    """Refuse formulas whose results were never stored; a reader would take them for blanks."""
    with zipfile.ZipFile(path) as parts:
        if not any(b"<f" in parts.read(name) for name in parts.namelist() if "/worksheets/" in name):
            return
    from openpyxl import load_workbook

    written, faults = load_workbook(path), []
    for sheet in visible:
        for line in written[sheet.title].iter_rows():
            faults += [
                remark("cell_formula", sheet=sheet.title, cell=cell.coordinate)
                for cell in line
                if cell.data_type == "f" and sheet[cell.coordinate].value is None
            ]
    if faults:
        raise SourceFault("table", faults, file=path.name)


def _sheet_lines(sheet: Any) -> Iterator[tuple[str, ...]]:
    spread = {
        (row, column): sheet.cell(span.min_row, span.min_col)
        for span in sheet.merged_cells.ranges
        for row in range(span.min_row, span.max_row + 1)
        for column in range(span.min_col, span.max_col + 1)
    }
    for number, line in enumerate(sheet.iter_rows(), start=1):
        cells = [spread.get((number, place), cell) for place, cell in enumerate(line, start=1)]
        yield tuple(_cell_text(cell.value, cell.number_format) for cell in cells)


def _cell_text(value: object, number_format: str = "") -> str:
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and "%" in number_format:
        # As people see it: 0.55 formatted as 0 % is 55%.
        return f"{value * 100:g}%"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return plain_text(str(value)).strip(" \t\r\n")


def body_lines(grid: Grid, start: int, width: int) -> tuple[list[tuple[str, ...]], list[int]]:
    """The lines from `start` on, each `width` cells wide, with their row numbers. Raises SourceFault.

    Blank cells beyond the heading are nothing; other cells there, or too few cells, are said by row.
    """
    body, rows, faults = [], [], []
    for place, line in enumerate(grid.lines[start:], start=start):
        row = grid.first + place
        if not any(line):
            continue
        if len(line) != width:
            if len(line) < width or any(line[width:]):
                faults.append(remark("ragged_row", row=row, found=len(line), wanted=width))
            line = line[:width]
        body.append(line)
        rows.append(row)
    if faults:
        raise SourceFault("table", faults, file=grid.name)
    return body, rows

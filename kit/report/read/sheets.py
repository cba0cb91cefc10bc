"""A table of people or answers out of a file, as text, with columns by their known names."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import pandas as pd

from kit.bundle.faults import Remark, SourceFault, remark
from kit.report.read.grid import Grid, body_lines, read_grids
from kit.report.read.headings import LONG, WIDE, column_names, find_heading, is_complete

Shape = Literal["long", "wide"]

# What programs and people put below a table: it is no participant.
_SUMMARY: Final = frozenset(
    "rata_rata rerata rataan mean average jumlah total sum nilai_rata_rata jumlah_nilai median minimum "
    "maksimum nilai_tertinggi nilai_terendah min max standar_deviasi simpangan_baku std stdev".split()
)

_FIRST_WORDS: Final = frozenset(("rerata", "jumlah", "total", "average"))
"""Words that a summary may begin with: `Total umum`, `Jumlah peserta`."""

# A column for each answer, as forms export it: nothing says which answer is right.
_ITEM: Final = r"(?:pre_|post_)?(?:q|s|p|no|soal|nomor|butir|item|pertanyaan|question|jawaban)?_?\d{1,3}"
_SEVERAL_ITEMS: Final = 3


@dataclass(frozen=True)
class Sheet:
    """A table read as text: `rows` keeps the row number people see in their file.

    `session` is what its session is called where the table does not say.
    """

    name: str
    frame: pd.DataFrame
    rows: pd.Series
    remarks: tuple[Remark, ...] = ()
    session: str = ""

    @property
    def shape(self) -> Shape:
        """Long (one row per answer) or wide (one row per participant)."""
        return "long" if set(LONG) <= set(self.frame.columns) else "wide"


def read_sheet(path: Path, session: str = "") -> Sheet:
    """Read a CSV or Excel file as text with known column names. Raises SourceFault."""
    grids = _filled(path)
    # A sheet `Sebelum` of a workbook tells when; else the file does.
    named = [(grid, find_heading(grid) or find_heading(replace(grid, name=path.stem))) for grid in grids]
    tables = [(grid, found) for grid, found in named if found]
    if not tables:
        raise _no_heading(replace(grids[0], name=path.name))
    # A whole table on any sheet goes before a sheet with the score of one wave.
    tables.sort(key=lambda told: not is_complete(told[1][0]))
    chosen, found = replace(tables[0][0], name=path.name), tables[0][1]
    if not is_complete(found[0]) and "score" in found[0]:
        raise SourceFault("wave_not_told", file=path.name)
    names, start = found
    _refuse_twins(path.name, names)
    body, rows = body_lines(chosen, start, len(names))
    if not body:
        raise SourceFault("empty_file", file=path.name)
    frame = pd.DataFrame(body, columns=names, dtype="str")
    remarks = [*chosen.remarks(path.name), *_unnamed(path.name, frame)]
    if len(tables) > 1:
        left = ", ".join(grid.name for grid, _ in tables[1:])
        remarks.append(remark("sheets_left", file=path.name, sheets=left))
    sheet = Sheet(path.name, _named(frame), pd.Series(rows), tuple(remarks), session or path.stem)
    return _without_summary(sheet)


def _unnamed(file: str, frame: pd.DataFrame) -> list[Remark]:
    """Say which columns hold something and have no name: nobody can know what it is."""
    filled = [
        str(place + 1)
        for place, name in enumerate(frame.columns)
        if not name and (frame.iloc[:, place] != "").any()
    ]
    return [remark("columns_unnamed", file=file, columns=", ".join(filled))] if filled else []


def _filled(path: Path) -> list[Grid]:
    grids = [] if path.stat().st_size == 0 else [grid for grid in read_grids(path) if not grid.is_empty]
    if not grids:
        raise SourceFault("empty_file", file=path.name)
    return grids


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns that have a name: Excel sends blank ones along."""
    return frame.loc[:, [bool(name) for name in frame.columns]]


def _refuse_twins(name: str, columns: Sequence[str]) -> None:
    named = [column for column in columns if column]
    twice = next((column for column in named if named.count(column) > 1), None)
    if twice is not None:
        raise SourceFault("column_twice", file=name, column=twice)


def _without_summary(sheet: Sheet) -> Sheet:
    """Leave out averages and totals below the people, and say which rows they were."""
    frame, kept = sheet.frame, _end_of_people(sheet.frame)
    if kept == len(frame):
        return sheet
    gone = [
        remark("summary_row", file=sheet.name, row=sheet.rows[place], value=_summary_word(frame.iloc[place]))
        for place in range(kept, len(frame))
        if any(map(_is_summary, frame.iloc[place]))
    ]
    if not kept:
        raise SourceFault("empty_file", file=sheet.name)
    remarks = (*sheet.remarks, *gone)
    return replace(sheet, frame=frame.iloc[:kept], rows=sheet.rows[:kept], remarks=remarks)


def _end_of_people(frame: pd.DataFrame) -> int:
    """Where averages and totals begin; below them only lone cells such as signatures may follow."""
    kept = len(frame)
    for place in reversed(range(len(frame))):
        line = frame.iloc[place].tolist()
        alone = sum(map(bool, line)) <= 1
        if any(map(_is_summary, line)):
            kept = place
        elif not alone:
            break
    return kept


def _is_summary(cell: str) -> bool:
    words = re.sub(r"[^\w]+", "_", cell.strip().lower()).strip("_")
    return words in _SUMMARY or words.partition("_")[0] in _FIRST_WORDS


def _summary_word(line: pd.Series) -> str:
    return next(str(cell) for cell in line if _is_summary(cell))


def _no_heading(grid: Grid) -> SourceFault:
    """What is missing in the row that looks most like a heading."""
    rows = [column_names(line) for line in grid.lines[:20] if any(line)]
    # The first row, unless another names two columns: one word alone may be the wave in a row of answers.
    rows = [rows[0], *(names for names in rows[1:] if len({*LONG, *WIDE} & set(names)) > 1)]
    columns = max(rows, key=lambda names: len({*LONG, *WIDE} & set(names)))
    columns = [column for column in columns if column]
    items = [column for column in columns if re.fullmatch(_ITEM, column)]
    if len(items) >= _SEVERAL_ITEMS and _are_counted(items):
        return SourceFault("columns_of_items", file=grid.name, first=items[0], last=items[-1], n=len(items))
    nearer = LONG if len(set(LONG) & set(columns)) > len(set(WIDE) & set(columns)) else WIDE
    faults = []
    for wanted in nearer:
        if wanted not in columns:
            close = difflib.get_close_matches(wanted, columns, n=1, cutoff=0.6)
            guess = remark("column_like", column=wanted, like=close[0]) if close else None
            faults.append(guess or remark("column_missing", column=wanted))
    found = ", ".join(columns) or "-"
    return SourceFault(
        "columns", faults, file=grid.name, found=found, long=", ".join(LONG), wide=", ".join(WIDE)
    )


def _are_counted(names: Sequence[str]) -> bool:
    """Whether names end in 1, 2, 3 and so on: a row of scores that lacks its heading does not."""
    numbers = [int(re.sub(r"\D", "", name)) for name in names]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))

"""Tables from outside as rows: CSV, Excel and Parquet, long or wide."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ibis

from kit.bundle.faults import SourceFault
from kit.report.read.bounds import filled_columns
from kit.report.read.check import check_long, check_wide, told_most
from kit.report.read.headings import LONG, WIDE
from kit.report.read.held import held_table, open_parquet, run
from kit.report.read.rows import (
    RESPONSES,
    TOTALS,
    UNNAMED,
    Contents,
    listed_sites,
    shape,
    tells_sites,
)
from kit.report.read.several import bring_tables_together, session_names
from kit.report.read.sheets import Sheet, read_sheet
from kit.study.wave import WAVES


def read_tables(paths: Sequence[Path], connection: Any, max_score: int | None) -> Contents:
    """Read CSV and Excel files together. Raises SourceFault listing every bad cell."""
    sessions = session_names(paths)
    sheets = [read_sheet(path, sessions[path]) for path in paths]
    most = _most_of(sheets, max_score)
    tables = [
        check_long(sheet) if sheet.shape == "long" else check_wide(sheet, full_marks(most, sheet.name))
        for sheet in sheets
    ]
    frames, remarks = bring_tables_together(tables)
    contents = Contents(names=tuple(sheet.name for sheet in sheets), remarks=remarks)
    for frame in frames:
        table = held_table(frame, connection)
        contents += Contents(sites=listed_sites(table, connection))
        if "item" in frame:
            contents += Contents(responses=(shape(table, RESPONSES),))
        else:
            summed = tuple(one.name for one in tables if one.shape == "wide")
            contents += Contents(totals=(shape(table, TOTALS),), summed=summed, most=most)
    return contents


def _most_of(sheets: Sequence[Sheet], max_score: int | None) -> int | None:
    """K as the operator gave it, else as the tables tell it. Raises SourceFault where they tell several."""
    told = {sheet.name: most for sheet in sheets if (most := told_most(sheet)) is not None}
    wanted = {max_score} if max_score is not None else set(told.values())
    if len(wanted | set(told.values())) > 1:
        found = ", ".join(f"{name}: {most}" for name, most in told.items())
        raise SourceFault("most_differs", file=", ".join(told), found=found)
    return wanted.pop() if wanted else None


def read_parquet(path: Path, connection: Any, max_score: int | None, session: str = "") -> Contents:
    """Read a Parquet file without bringing its rows here. Raises SourceFault."""
    table = open_parquet(path, connection)
    fixed = {"session": session or path.stem, "quiz_id": UNNAMED}
    filled = filled_columns(path)
    told = Contents(names=(path.name,))
    if tells_sites(table.columns):
        told += Contents(sites=listed_sites(table, connection))
    else:
        told += Contents(unlisted=(table,))
    if set(LONG) <= set(table.columns):
        return told + Contents(responses=(shape(table, RESPONSES, fixed, filled),))
    if not set(WIDE) <= set(table.columns):
        found, long, wide = (", ".join(names) for names in (sorted(table.columns), LONG, WIDE))
        raise SourceFault("columns", file=path.name, found=found, long=long, wide=wide)
    totals = shape(table, TOTALS, fixed, filled)
    _check_range(totals, connection, path.name, full_marks(max_score, path.name))
    return told + Contents(totals=(totals,), summed=(path.name,))


def full_marks(max_score: int | None, name: str = "") -> int:
    """K, which a table with one total per wave (`name`) does not say itself. Raises SourceFault."""
    if max_score is None:
        raise SourceFault("max_score_needed", file=name)
    if max_score < 1:
        raise SourceFault("max_score_bad", value=max_score)
    return max_score


def _check_range(totals: ibis.Table, connection: Any, name: str, most: int) -> None:
    outside = [(totals[wave] < 0) | (totals[wave] > most) for wave in WAVES]
    bad = totals.filter(outside[0] | outside[1] | outside[2])
    if run(connection, bad.agg(n=bad.count())).to_pylist()[0]["n"]:
        raise SourceFault("totals_range", file=name, most=most)

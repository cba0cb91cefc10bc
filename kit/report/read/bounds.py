"""How much a file from outside may hold: looked at before it is opened by what would make objects of it.

Measured with openpyxl: a cell costs about 300 bytes, so that a workbook at these bounds stays below 500 MB
together with the libraries; the looking itself streams and keeps nothing.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from kit.bundle.faults import SourceFault

CSV_BYTES: Final = 40_000_000
WORKBOOK_BYTES: Final = 80_000_000
"""Of all parts, as they declare themselves unpacked; a part that holds more than it declares is refused."""
PART_BYTES: Final = 20_000_000
"""Of any part that is no sheet: shared strings, styles, pictures."""
CELLS: Final = 600_000
AREA: Final = 2_000_000
"""Rows times columns of a sheet: one far cell makes a sheet of seventeen thousand million."""
MERGED: Final = 100_000
PARQUET_ROWS: Final = 200_000_000
CUBE_ROWS: Final = 2_000_000

_CHUNK: Final = 1 << 18
_OVERLAP: Final = 64
_CELL: Final = re.compile(rb'<(?:\w+:)?c [^>]*?r="([A-Z]{1,3})(\d{1,7})"|<(?:\w+:)?c[ >/]')
_MERGE: Final = re.compile(rb'mergeCell [^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')


def check_text(path: Path) -> None:
    """Refuse a table of text that would not fit. Raises SourceFault."""
    if path.stat().st_size > CSV_BYTES:
        raise SourceFault("table_large", file=path.name, most=f"{CSV_BYTES // 1_000_000} MB")


def check_workbook(path: Path) -> None:
    """Refuse a workbook that would not fit, before anything of it is built. Raises SourceFault."""
    try:
        with zipfile.ZipFile(path) as parts:
            declared = parts.infolist()
            if sum(part.file_size for part in declared) > WORKBOOK_BYTES or len(declared) > 2_000:
                raise _large(path)
            cells = 0
            for part in declared:
                if "/worksheets/" in part.filename:
                    cells += _count_cells(path, parts, part)
                elif part.file_size > PART_BYTES:
                    raise _large(path)
                else:
                    _refuse_entities(path, parts, part)
                if cells > CELLS:
                    raise _large(path)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as broken:
        raise SourceFault("not_a_workbook", file=path.name) from broken


def _count_cells(path: Path, parts: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """The cells of a sheet. Raises SourceFault for a far cell or a wide merging."""
    cells = right = low = merged = 0
    for piece in _pieces(parts, part):
        _refuse_entity(path, piece)
        for found in _CELL.finditer(piece):
            cells += 1
            if found[1]:
                right, low = max(right, _column(found[1])), max(low, int(found[2]))
        for found in _MERGE.finditer(piece):
            merged += (abs(_column(found[3]) - _column(found[1])) + 1) * (
                abs(int(found[4]) - int(found[2])) + 1
            )
        if cells > CELLS or right * low > AREA or merged > MERGED:
            raise _large(path)
    return cells


def _pieces(parts: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part in pieces; no tag is cut in two, but a long one."""
    kept = b""
    with parts.open(part) as stream:
        while piece := stream.read(_CHUNK):
            whole = kept + piece
            end = whole.rfind(b">") + 1 or len(whole) - _OVERLAP
            kept = whole[end:][-4 * _OVERLAP :]
            yield whole[:end]
    yield kept


def _refuse_entities(path: Path, parts: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    if part.filename.endswith((".xml", ".rels")):
        with parts.open(part) as stream:
            _refuse_entity(path, stream.read(_CHUNK))


def _refuse_entity(path: Path, piece: bytes) -> None:
    """No program writes entities into a workbook; a few of them can be made to stand for gigabytes."""
    if b"<!DOCTYPE" in piece or b"<!ENTITY" in piece:
        raise SourceFault("not_a_workbook", file=path.name)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _large(path: Path) -> SourceFault:
    return SourceFault("table_large", file=path.name, most=f"{CELLS:_} cells".replace("_", " "))


def filled_columns(path: Path) -> frozenset[str]:
    """Columns of a Parquet file in which no cell is blank or null, as its own statistics tell."""
    import pyarrow.parquet as pq

    about = pq.read_metadata(path)
    groups = [about.row_group(number) for number in range(about.num_row_groups)]
    return frozenset(
        about.schema.column(place).name
        for place in range(about.num_columns)
        if all(_is_filled(group.column(place).statistics) for group in groups)
    )


def _is_filled(told: Any) -> bool:
    return bool(told and told.has_null_count and told.null_count == 0 and told.has_min_max and told.min != "")


def check_parquet(path: Path, most: int = PARQUET_ROWS) -> None:
    """Refuse a Parquet file of more rows than that, or with tables in its cells. Raises SourceFault."""
    import pyarrow.parquet as pq

    try:
        about = pq.read_metadata(path)
        nested = any("." in about.schema.column(number).path for number in range(about.num_columns))
    except Exception as broken:  # pyarrow raises many kinds for a file that is not Parquet
        raise SourceFault("not_parquet", file=path.name) from broken
    if nested or about.num_rows > most or about.num_columns > 1_000:
        raise SourceFault("parquet_large", file=path.name, rows=most)

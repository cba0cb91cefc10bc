"""Files from outside that would not fit: refused in words before they are built."""

from __future__ import annotations

import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter

from kit.bundle.faults import SourceFault
from kit.report.count.cube import Cube
from kit.report.read.bounds import check_parquet, check_workbook, filled_columns
from kit.report.read.grid import read_grids

SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
MEGABYTE = b"A" * 1_000_000
Change = Callable[[bytes], list[bytes]]


def rows(sheet: bytes) -> list[bytes]:
    head, tail = sheet.split(b"</sheetData>")
    row = b'<row r="%d"><c r="A%d"><v>1</v></c><c r="B%d"><v>1</v></c></row>'
    many = [
        b"".join(row % (n, n, n) for n in range(start, start + 1_000)) for start in range(40, 900_000, 1_000)
    ]
    return [head, *many, b"</sheetData>", tail]


def strings(shared: bytes) -> list[bytes]:
    return [shared.split(b"</sst>")[0], b"<si><t>", *[MEGABYTE] * 600, b"</t></si></sst>"]


def laughs(shared: bytes) -> list[bytes]:
    entities = b"".join(b'<!ENTITY %c "%s">' % (98 + k, (b"&%c;" % (97 + k)) * 10) for k in range(8))
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "' + b"A" * 1_000 + b'">' + entities + b"]>"
    return [bomb, shared.split(b"?>", 1)[-1].replace(b"</sst>", b"<si><t>&i;</t></si></sst>")]


def far(sheet: bytes) -> list[bytes]:
    cell = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    return [sheet.replace(b"</sheetData>", cell)]


def merged(sheet: bytes) -> list[bytes]:
    wide = b'</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    return [sheet.replace(b"</sheetData>", wide)]


BOMBS: dict[str, tuple[str, Change]] = {
    "many rows": (SHEET, rows),
    "long strings": (STRINGS, strings),
    "billion laughs": (STRINGS, laughs),
    "a far cell": (SHEET, far),
    "all cells merged": (SHEET, merged),
}


def workbook(folder: Path, name: str = "", change: Change | None = None) -> Path:
    """A small workbook, one part of it changed."""
    plain, changed = folder / "plain.xlsx", folder / "changed.xlsx"
    book = xlsxwriter.Workbook(str(plain))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["participant", "pre", "post"])
    for number in range(30):
        sheet.write_row(number + 1, 0, [f"p{number}", number % 10, (number + 3) % 10])
    book.close()
    with (
        zipfile.ZipFile(plain) as old,
        zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for part in old.namelist():
            pieces = change(old.read(part)) if change and part == name else [old.read(part)]
            with new.open(part, "w", force_zip64=True) as stream:
                for piece in pieces:
                    stream.write(piece)
    return changed


def test_an_ordinary_workbook_is_read(tmp_path: Path) -> None:
    assert len(read_grids(workbook(tmp_path))[0].lines) == 31


@pytest.mark.parametrize("name", BOMBS)
def test_a_workbook_that_would_not_fit_is_refused_soon(tmp_path: Path, name: str) -> None:
    path = workbook(tmp_path, *BOMBS[name])
    # Of the processor, and not of the clock: how busy others keep this machine says nothing of the refusal.
    began = time.process_time()
    with pytest.raises(SourceFault) as refusal:
        check_workbook(path)
    assert refusal.value.key in ("table_large", "not_a_workbook")
    assert time.process_time() - began < 20


MEASURED = """
import re, sys
from kit.report.command import run_report
from pathlib import Path
from kit.errors import KitError
try:
    run_report([sys.argv[1]], Path(sys.argv[2]), formats="json", by="", target=None, max_score=10, rescore=[],
               audience_of_report="internal", compare=[], language="en")
except KitError as refusal:
    print(refusal.render("en"))
# Not ru_maxrss: a child begins with what its parent, who ran a thousand tests, once needed.
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the most memory, as Linux tells it")
def test_the_refusal_of_a_bomb_takes_less_than_half_a_gigabyte(tmp_path: Path) -> None:
    path = workbook(tmp_path, *BOMBS["many rows"])
    command = [sys.executable, "-c", MEASURED, str(path), str(tmp_path / "out")]
    ended = subprocess.run(command, capture_output=True, text=True)
    *said, megabytes = ended.stdout.split("\n")[:-1]
    assert "too large" in said[0], ended.stderr
    assert int(megabytes) < 500


def test_a_table_of_text_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "endless.csv"
    with path.open("wb") as file:
        file.truncate(3_000_000_000)
    with pytest.raises(SourceFault) as refusal:
        read_grids(path)
    assert refusal.value.key == "table_large"


def test_parquet_with_more_rows_than_people_or_tables_in_cells_is_refused(tmp_path: Path) -> None:
    many, nested = tmp_path / "many.parquet", tmp_path / "nested.parquet"
    pd.DataFrame({"n": [1] * 1_000}).to_parquet(many)
    pd.DataFrame({"n": [[[1], [2]]]}).to_parquet(nested)
    check_parquet(many)
    for path, most in ((many, 999), (nested, 10)):
        with pytest.raises(SourceFault) as refusal:
            check_parquet(path, most)
        assert refusal.value.key == "parquet_large"


@pytest.mark.parametrize("counts", [[-1, 2], [10**15, 1], ["x", "y"], [None, 1.0]])
def test_a_cube_whose_numbers_are_no_counts_is_refused(tmp_path: Path, counts: list[object]) -> None:
    path = tmp_path / "cube.parquet"
    pd.DataFrame({"part": ["score", "score"], "n": counts}).to_parquet(path)
    with pytest.raises(SourceFault) as refusal:
        Cube.read(path)
    assert refusal.value.key == "cube_counts"


def test_only_columns_without_blanks_are_filled(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    rows = {"full": ["a", "b", "c"], "blank": ["a", "", "c"], "null": ["a", None, "c"], "number": [0, 1, 2]}
    pd.DataFrame(rows).to_parquet(path, row_group_size=1)
    assert filled_columns(path) == {"full", "number"}
    # Statistics are a choice of whoever wrote the file.
    pd.DataFrame(rows).to_parquet(path, write_statistics=False)
    assert filled_columns(path) == set()

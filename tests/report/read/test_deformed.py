"""One good table, deformed as programs and people do it: the same people, or a refusal with a place."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from kit.bundle.faults import SourceFault
from kit.report.count.engine import connected
from kit.report.read.held import run
from kit.report.read.sources import read_source
from kit.report.read.tables import read_tables

PEOPLE = [(f"P{n:02d}", 4 + n % 5, 6 + (n * 7) % 9) for n in range(24)]
SAME = {code: (pre, post) for code, pre, post in PEOPLE}
MOST = 20
Rows = Sequence[tuple[Any, ...]]


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    with connected() as connection:
        yield connection


def people_of(engine: Any, *paths: Path, most: int | None = MOST) -> dict[str, tuple[int, int]]:
    """Who is counted with which scores; what a report says follows from nothing else."""
    if paths[0].suffix.lower() in (".csv", ".txt", ".tsv", ".xlsx", ".xlsm"):
        contents = read_tables(list(paths), engine, most)
    else:
        contents = read_source(paths[0], engine, most)
    (totals,) = contents.totals
    rows = run(engine, totals).to_pylist()
    assert len(rows) == len({row["participant"] for row in rows})
    return {row["participant"]: (row["pre"], row["post"]) for row in rows}


def text(
    *,
    heading: tuple[str, ...] = ("participant", "pre", "post"),
    rows: Rows = PEOPLE,
    sep: str = ";",
    form: str = "{}",
    above: tuple[str, ...] = (),
    below: tuple[str, ...] = (),
    end: str = "\n",
) -> str:
    body = [sep.join([row[0], *(form.format(cell) for cell in row[1:])]) for row in rows]
    return end.join([*above, sep.join(heading), *body, *below]) + end


def numbered(*columns: Callable[[int], Any]) -> Rows:
    return [(*person, *(column(n) for column in columns)) for n, person in enumerate(PEOPLE)]


TEXTS: dict[str, str] = {
    "semicolons": text(),
    "commas": text(sep=","),
    "tabs": text(sep="\t"),
    "lines of Windows": text(end="\r\n"),
    "lines of old Macs": text(end="\r"),
    "decimal comma": text(form="{},0"),
    "decimal comma, two places": text(form="{},00"),
    "decimal point": text(form="{}.0", sep=","),
    "quoted decimal comma": text(form='"{},0"', sep=","),
    "everything quoted": text(heading=('"participant"', '"pre"', '"post"'), form='"{}"'),
    "blanks around cells": text(form=" {} ", sep=" ;"),
    "out of twenty": text(form="{} / 20"),
    "out of twenty, tight": text(form="{}/20"),
    "Excel's hint": text(above=("sep=;",)),
    "Excel's hint for commas": text(above=("sep=,",), sep=","),
    "one title": text(above=("REKAP NILAI;;",)),
    "three titles": text(above=("REKAP NILAI", "SMA Negeri 1", "Tahun 2026")),
    "title with commas": text(above=("Rekap, nilai, sebelum dan sesudah",)),
    "blank rows above": text(above=("", ";;")),
    "blank rows below": text(below=("", ";;", "")),
    "trailing blank columns": text(
        heading=("participant", "pre", "post", "", ""), rows=[(*person, "", "") for person in PEOPLE]
    ),
    "blank column between": text(
        heading=("participant", "", "pre", "post"), rows=[(c, "", a, b) for c, a, b in PEOPLE]
    ),
    "column without a name": text(heading=("participant", "pre", "post", ""), rows=numbered(lambda n: n)),
    "number before the names": text(
        heading=("No", "Nama Peserta", "Pre", "Post"), rows=[(str(n), *p) for n, p in enumerate(PEOPLE)]
    ),
    "age beside": text(heading=("participant", "pre", "post", "Umur"), rows=numbered(lambda n: 15 + n % 3)),
    "other order": text(heading=("post", "pre", "participant"), rows=[(str(b), a, c) for c, a, b in PEOPLE]),
    "rows shuffled": text(rows=PEOPLE[::-1]),
    "ID Pretest Posttest": text(heading=("ID", "Pretest", "Posttest")),
    "Nama Pre-Test Post-Test": text(heading=("Nama", "Pre-Test", "Post-Test")),
    "Nilai Pretest": text(heading=("Nama Lengkap", "Nilai Pretest", "Nilai Posttest")),
    "sebelum sesudah": text(heading=("Peserta", "Sebelum", "Sesudah")),
    "tes awal": text(heading=("NIS", "Tes Awal", "Tes Akhir")),
    "capitals": text(heading=("PARTICIPANT", "PRE", "POST")),
    "colons": text(heading=("Nama:", "Pre:", "Post:")),
    "explained": text(heading=("Nama (sesuai KTP)", "Pretest (0-20)", "Posttest (0-20)")),
    "KoBo groups": text(heading=("identitas/nama", "tes/pre", "tes/post")),
    "Forms heading of two lines": text(heading=('"Nama lengkap\n(sesuai daftar hadir)"', "Pre", "Post")),
    "two rows of headings": text(heading=("", "Pre", "Post"), above=("Nama;Nilai;",)),
    "SurveyMonkey's second row": text(rows=[("Open-Ended Response", "Score", "Score"), *PEOPLE]),
    "mail addresses": text(heading=("Email Address", "Pre", "Post")),
    "average": text(below=("Rata-rata;6,0;10,0",)),
    "averages and extremes": text(below=("Rerata;6;10", "Nilai tertinggi;8;14", "Nilai terendah;4;6")),
    "total": text(below=("Jumlah;144;240",)),
    "total and signature": text(below=("Total;144;240", ";;", "Mengetahui,;;", "Kepala Sekolah;;")),
    "deviation": text(below=("Standar Deviasi;1,2;2,3",)),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_text_is_the_same_people(name: str, engine: Any, tmp_path: Path) -> None:
    path = tmp_path / "nilai.csv"
    path.write_bytes(TEXTS[name].encode())
    assert people_of(engine, path) == SAME


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le-bom", "cp1252"])
def test_an_encoding_without_a_guess_is_read(encoding: str, engine: Any, tmp_path: Path) -> None:
    path = tmp_path / "nilai.txt"
    content = text(sep="\t")
    path.write_bytes(
        b"\xff\xfe" + content.encode("utf-16-le") if encoding.endswith("bom") else content.encode(encoding)
    )
    assert people_of(engine, path) == SAME


WRONG: dict[str, tuple[str, str]] = {
    "pipes": ("columns", text(sep="|")),
    "per cent": ("per_cent", text(form="{}%")),
    "per cent of a hundred": ("per_cent", text(rows=[(c, a * 5 + 0.5, b * 5 + 0.5) for c, a, b in PEOPLE])),
    "halves": ("cell_whole", text(form="{},5")),
    "dates": ("cell_date", text(rows=[*PEOPLE, ("P99", "2026-12-11", 9)])),
    "dates in words": ("cell_date", text(rows=[*PEOPLE, ("P99", "11-Des", 9)])),
    "words": ("cell_number", text(rows=[*PEOPLE, ("P99", "sebelas", 9)])),
    "an error of Excel": ("cell_number", text(rows=[*PEOPLE, ("P99", "#DIV/0!", 9)])),
    "below nothing": ("cell_range", text(rows=[*PEOPLE, ("P99", -1, 9)])),
    "above full marks": ("cell_range", text(rows=[*PEOPLE, ("P99", 21, 9)])),
    "a person twice": ("participant_twice", text(rows=[*PEOPLE, PEOPLE[3]])),
    "a blank person": ("cell_blank", text(rows=[*PEOPLE, ("", 4, 9)])),
    "a short row": ("ragged_row", text(below=("P99;4",))),
    "a long row": ("ragged_row", text(below=("P99;4;9;7",))),
    "numbers that start again": ("numbers_restart", text(rows=[(str(n % 12), 4, 9) for n in range(24)])),
    "two columns of one name": ("column_twice", text(heading=("participant", "pre", "pre"))),
    "no names": ("columns", text(heading=("a", "pre", "post"))),
    "a misspelt name": ("columns", text(heading=("particpant", "pre", "post"))),
    "no heading": ("columns", text(heading=("P98", "4", "9"))),
    "nobody": ("empty_file", text(rows=[])),
    "an average of nobody": ("empty_file", text(rows=[], below=("Rata-rata;;",))),
    "nothing": ("empty_file", ""),
    "two full marks": ("most_differs", text(rows=[("P1", "3 / 20", 9), ("P2", "3 / 21", 9)])),
    "one score": ("wave_not_told", text(heading=("Nama", "Nilai", "Umur"))),
}  # fmt: skip


def refused(key: str, *paths: Path, engine: Any) -> None:
    """Refused with this fault, in both languages, naming the file, and the place where there is one."""
    with pytest.raises(SourceFault) as caught:
        people_of(engine, *paths)
    fault = caught.value
    assert key in (fault.key, *(one.key for one in fault.faults))
    for language in ("id", "en"):
        assert fault.title(language)
        assert fault.remedy(language)
        assert paths[0].name in fault.render(language)
        for one in fault.faults:
            assert one.render(language)
            places = dict(one.values).keys() & {"row", "rows", "cell", "column"}
            assert places, one


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_counted_is_refused_by_place(name: str, engine: Any, tmp_path: Path) -> None:
    key, content = WRONG[name]
    path = tmp_path / "nilai.csv"
    path.write_text(content, encoding="utf-8")
    refused(key, path, engine=engine)


def test_letters_of_windows_are_read_and_said_to_be_a_guess(engine: Any, tmp_path: Path) -> None:
    plain, windows = tmp_path / "nilai.csv", tmp_path / "nilai-windows.csv"
    content = text(rows=[*PEOPLE, ("Renée", 4, 9)])
    plain.write_text(content, encoding="utf-8")
    windows.write_bytes(content.encode("cp1252"))
    assert people_of(engine, windows) == people_of(engine, plain)
    remarks = {path: read_tables([path], engine, MOST).remarks for path in (plain, windows)}
    assert {path: [one.key for one in told] for path, told in remarks.items()} == {
        plain: [],
        windows: ["encoding_guessed"],
    }


@pytest.mark.parametrize("encoding", ["utf-16-le", "shift-jis"])
def test_another_alphabet_is_refused_with_the_way_to_save(encoding: str, engine: Any, tmp_path: Path) -> None:
    path = tmp_path / "nilai.csv"
    path.write_bytes(text(rows=[*PEOPLE, ("あ一。Bえ・メア", 4, 9)]).encode(encoding))
    refused("encoding", path, engine=engine)


@pytest.mark.parametrize("name", ["nilai.ods", "nilai.xls"])
def test_other_workbooks_say_how_to_save_them(name: str, engine: Any, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(b"PK\x03\x04")
    refused("other_workbook", path, engine=engine)


def fill(
    sheet: Worksheet, above: Rows = (), rows: Rows = PEOPLE, heading: Any = ("participant", "pre", "post")
) -> None:
    for row in [*above, heading, *rows]:
        sheet.append(row)


def on_second_sheet(book: openpyxl.Workbook) -> None:
    book.active.append(("Petunjuk",))
    fill(book.create_sheet("Nilai"))


def behind_hidden(book: openpyxl.Workbook) -> None:
    fill(book.active, rows=[("X", 1, 2)])
    book.active.sheet_state = "hidden"
    fill(book.create_sheet("Nilai"))


def merged_title(book: openpyxl.Workbook) -> None:
    fill(book.active, above=[("REKAP NILAI",)])
    book.active.merge_cells("A1:C1")


def merged_heading(book: openpyxl.Workbook) -> None:
    fill(book.active, above=[("Nama", "Nilai", None)], heading=(None, "Pre", "Post"))
    book.active.merge_cells("A1:A2")
    book.active.merge_cells("B1:C1")


def hidden_row(book: openpyxl.Workbook) -> None:
    fill(book.active)
    book.active.row_dimensions[5].hidden = True


def filtered(book: openpyxl.Workbook) -> None:
    fill(book.active)
    book.active.auto_filter.ref = "A1:C25"
    book.active.freeze_panes = "A2"


def as_text(book: openpyxl.Workbook) -> None:
    fill(book.active, rows=[(code, str(pre), f"{post},0") for code, pre, post in PEOPLE])


def far_blanks(book: openpyxl.Workbook) -> None:
    fill(book.active)
    book.active.cell(60, 8).value = " "


BOOKS = {
    "plain": lambda book: fill(book.active),
    "floats": lambda book: fill(book.active, rows=[(c, float(a), float(b)) for c, a, b in PEOPLE]),
    "numbers as text": as_text,
    "second sheet": on_second_sheet,
    "hidden sheet": behind_hidden,
    "merged title": merged_title,
    "merged heading": merged_heading,
    "hidden row": hidden_row,
    "filter and frozen heading": filtered,
    "blanks far away": far_blanks,
    "average": lambda book: fill(book.active, rows=[*PEOPLE, ("Rata-rata", 6.04, 10.3)]),
}


@pytest.mark.parametrize("suffix", ["xlsx", "xlsm"])
@pytest.mark.parametrize("name", BOOKS)
def test_a_workbook_is_the_same_people(name: str, suffix: str, engine: Any, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    BOOKS[name](book)
    path = tmp_path / f"nilai.{suffix}"
    book.save(path)
    assert people_of(engine, path) == SAME


def as_percent(book: openpyxl.Workbook) -> None:
    fill(book.active, rows=[(c, a / 20, b / 20) for c, a, b in PEOPLE])
    for row in book.active.iter_rows(min_row=2, min_col=2):
        for cell in row:
            cell.number_format = "0%"


WRONG_BOOKS = {
    "per_cent": as_percent,
    "cell_formula": lambda book: fill(book.active, rows=[*PEOPLE, ("P99", "=5+6", 9)]),
    "cell_date": lambda book: fill(book.active, rows=[*PEOPLE, ("P99", datetime.date(2026, 12, 11), 9)]),
    "empty_file": lambda book: None,
}


@pytest.mark.parametrize("key", WRONG_BOOKS)
def test_a_workbook_that_cannot_be_counted_is_refused_by_place(key: str, engine: Any, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    WRONG_BOOKS[key](book)
    book.save(tmp_path / "nilai.xlsx")
    refused(key, tmp_path / "nilai.xlsx", engine=engine)


@pytest.mark.parametrize(
    ("name", "key"),
    [("nilai.xlsx", "not_a_workbook"), ("nilai.xls", "other_workbook"), ("nilai.ods", "other_workbook"),
     ("nilai.parquet", "not_parquet")],
)  # fmt: skip
def test_a_page_that_calls_itself_a_table_is_refused(
    name: str, key: str, engine: Any, tmp_path: Path
) -> None:
    (tmp_path / name).write_text("<html><table><tr><td>participant</td></tr></table></html>")
    refused(key, tmp_path / name, engine=engine)


def test_what_a_workbook_hides_is_told(engine: Any, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    hidden_row(book)
    book.active.merge_cells("B9:B10")
    book.save(tmp_path / "nilai.xlsx")
    told = "\n".join(one.render("en") for one in read_tables([tmp_path / "nilai.xlsx"], engine, MOST).remarks)
    assert "rows 5" in told
    assert "B9:B10" in told


layers = st.fixed_dictionaries(
    {
        "sep": st.sampled_from([";", ",", "\t"]),
        "form": st.sampled_from(["{}", '"{},0"', '"{}"', "{}.0"]),
        "end": st.sampled_from(["\n", "\r\n"]),
        "above": st.sampled_from([(), ("Rekap nilai",), ("", "Desa Contoh", "")]),
        "below": st.sampled_from([(), ("Rata-rata",), ("Jumlah", "", "Kepala Desa")]),
        "heading": st.sampled_from(
            [
                ("participant", "pre", "post"),
                ("Nama", "Pre-Test", "Post-Test"),
                ("ID", "Tes awal", "Tes akhir"),
            ]
        ),
        "order": st.permutations(range(3)),
        "people": st.permutations(PEOPLE),
        "encoding": st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    }
)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(layer=layers)
def test_deformations_on_top_of_each_other(
    layer: dict[str, Any], engine: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    sep, order = layer["sep"], layer["order"]
    # What stands below a table has as many cells as the table, as every program writes it.
    pad = [line + sep * 2 for line in layer["below"]]
    body = [(person[0], *(layer["form"].format(cell) for cell in person[1:])) for person in layer["people"]]
    lines = [sep.join(row[place] for place in order) for row in [layer["heading"], *body]]
    path = tmp_path_factory.mktemp("deformed") / "nilai.csv"
    content = layer["end"].join([*layer["above"], *lines, *pad, ""])
    path.write_bytes(content.encode(layer["encoding"]))
    assert people_of(engine, path) == SAME

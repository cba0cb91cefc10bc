"""What Excel, forms and people do to a table: understood, or refused once with the true cause."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from kit.bundle.faults import SourceFault
from kit.report import load, run_report
from kit.report.loaded import Loaded

PEOPLE = [(f"P{n:02d}", 8 + n % 5, 10 + n % 7) for n in range(24)]


def csv(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def lines(separator: str = ";", form: str = "{}") -> list[str]:
    return [separator.join((code, form.format(pre), form.format(post))) for code, pre, post in PEOPLE]


def counted(loaded: Loaded) -> tuple[int | None, float | None]:
    report = loaded.report()
    found = report.to_dict()
    return found["flow"]["n_pairs"], found["score"]["mean_change"]


@pytest.fixture
def plain(tmp_path: Path) -> tuple[int | None, float | None]:
    return counted(load(csv(tmp_path / "plain.csv", "participant;pre;post", *lines()), max_score=20))


ABOVE_AND_BESIDE = {
    "decimal comma": ["participant;pre;post", *lines(form="{},0")],
    "decimal point": ["participant;pre;post", *lines(form="{}.0")],
    "Excel's hint": ["sep=;", "participant;pre;post", *lines()],
    "title": ["Rekap nilai penyuluhan, Desa Contoh;;", ";;", "participant;pre;post", *lines()],
    "blank row": ["", "participant;pre;post", *lines()],
    "blank columns": ["participant;pre;post;;", *(f"{line};;" for line in lines())],
    "Pre-Test": ["No;Nama Peserta;Pre-Test;Post-Test", *(f"{n};{x}" for n, x in enumerate(lines(), 1))],
    "Nilai Pretest": ["Nama,Nilai Pretest,Nilai Posttest", *lines(",")],
    "ID": ["ID\tPretest\tPosttest", *lines("\t")],
    "average below": ["participant;pre;post", *lines(), "Rata-rata;10,0;13,0"],
    "total and signature": ["participant;pre;post", *lines(), "Total umum;240;330", ";;", "Kepala Desa;;"],
}


@pytest.mark.parametrize("name", ABOVE_AND_BESIDE)
def test_the_same_people_are_counted(
    name: str, tmp_path: Path, plain: tuple[int | None, float | None]
) -> None:
    assert counted(load(csv(tmp_path / "t.csv", *ABOVE_AND_BESIDE[name]), max_score=20)) == plain


def test_what_is_no_participant_is_said_by_row(tmp_path: Path) -> None:
    loaded = load(csv(tmp_path / "t.csv", "participant;pre;post", *lines(), "Rata-rata;10;13"), max_score=20)
    assert loaded.complaints() == ["t.csv, baris 26: “Rata-rata” bukan peserta; baris itu tidak dihitung."]


def test_a_person_without_a_second_measurement_is_no_signature(tmp_path: Path) -> None:
    loaded = load(csv(tmp_path / "t.csv", "participant;pre;post", *lines(), "P99;;"), max_score=20)
    assert loaded.report().to_dict()["flow"]["n_joined"] == 25


def fill(sheet: Worksheet, rows: list[tuple[object, ...]]) -> None:
    for row in rows:
        sheet.append(row)


def test_a_heading_over_two_merged_rows_is_read(
    tmp_path: Path, plain: tuple[int | None, float | None]
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    fill(sheet, [("REKAP NILAI",), ("No", "Nama Peserta", "Nilai"), (None, None, "Pre", "Post")])
    fill(sheet, [(n, *person) for n, person in enumerate(PEOPLE, 1)])
    for span in ("A1:D1", "A2:A3", "B2:B3", "C2:D2"):
        sheet.merge_cells(span)
    book.save(tmp_path / "t.xlsx")
    assert counted(load(tmp_path / "t.xlsx", max_score=20)) == plain


def test_a_table_on_the_second_sheet_is_found_and_a_third_is_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    fill(book.active, [("Isi lembar Nilai",)])
    for title in ("Nilai", "Kelas B"):
        fill(book.create_sheet(title), [("participant", "pre", "post"), *PEOPLE])
    hidden = book.create_sheet("Lama")
    fill(hidden, [("participant", "pre", "post"), *PEOPLE])
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "t.xlsx")
    loaded = load(tmp_path / "t.xlsx", max_score=20)
    assert counted(loaded)[0] == 24
    assert [line for line in loaded.complaints("en") if "Kelas B" in line]
    assert not [line for line in loaded.complaints("en") if "Lama" in line]


def test_the_same_rows_given_twice_count_once(tmp_path: Path, plain: tuple[int | None, float | None]) -> None:
    first = csv(tmp_path / "nilai.csv", "participant;pre;post", *lines())
    copy = csv(tmp_path / "nilai (1).csv", "participant;pre;post", *lines())
    loaded = load(first, copy, first, max_score=20)
    assert counted(loaded) == plain
    assert len(loaded.complaints()) == 2


def test_the_marker_of_an_open_workbook_is_skipped(tmp_path: Path) -> None:
    table = csv(tmp_path / "nilai.csv", "participant;pre;post", *lines())
    (tmp_path / "~$nilai.xlsx").write_bytes(b"\x05Rina")
    loaded = load(table, tmp_path / "~$nilai.xlsx", max_score=20)
    assert counted(loaded)[0] == 24
    assert "Excel" in loaded.complaints()[0]


REFUSED = {
    "per_cent": ["participant;pre;post", *(f"P{n};{50 + n}%;{60 + n}%" for n in range(12))],
    "numbers_restart": ["kelompok_belajar;no_peserta;pre;post"]
    + [f"{group};{n};5;9" for group in ("7A", "7B") for n in range(1, 16)],
}


@pytest.mark.parametrize("key", REFUSED)
def test_it_is_refused_once_with_the_true_cause(key: str, tmp_path: Path) -> None:
    with pytest.raises(SourceFault) as caught:
        load(csv(tmp_path / "t.csv", *REFUSED[key]), max_score=20)
    assert caught.value.key == key
    assert not caught.value.faults


def test_numbers_of_classes_are_people_of_sessions(tmp_path: Path) -> None:
    rows = [f"{group};{n};5;9" for group in ("7A", "7B") for n in range(1, 16)]
    assert counted(load(csv(tmp_path / "t.csv", "kelas;participant;pre;post", *rows), max_score=20))[0] == 30


def test_per_cent_in_the_format_of_a_workbook_is_per_cent(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    fill(book.active, [("participant", "pre", "post"), *((f"P{n}", 0.5, 0.6) for n in range(12))])
    for row in book.active.iter_rows(min_row=2, min_col=2):
        for cell in row:
            cell.number_format = "0%"
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(SourceFault) as caught:
        load(tmp_path / "t.xlsx", max_score=20)
    assert caught.value.key == "per_cent"


def test_a_half_is_no_whole_number(tmp_path: Path) -> None:
    with pytest.raises(SourceFault) as caught:
        load(csv(tmp_path / "t.csv", "participant;pre;post", "P01;11,5;13,0"), max_score=20)
    assert [one.key for one in caught.value.faults] == ["cell_whole"]


def test_blanks_in_a_code_can_be_seen(tmp_path: Path) -> None:
    table = csv(
        tmp_path / "t.csv", "participant,pre,post", "P03,7,", "P03\u00a0,,9", "José,7,", "Jose\u0301,,9"
    )
    told = "\n".join(load(table, max_score=20).complaints())
    assert "P03⍽" in told
    assert "◌301" in told


@pytest.mark.parametrize("word", ["Pretest", "pre-test", "TES AWAL"])
def test_words_for_waves_are_understood(word: str, tmp_path: Path) -> None:
    rows = [f"P{n},{wave},i1,{n % 2}" for n in range(12) for wave in (word, "Posttest")]
    assert counted(load(csv(tmp_path / "t.csv", "participant,wave,item,correct", *rows)))[0] == 12


def test_an_unknown_wave_is_said_once(tmp_path: Path) -> None:
    rows = [f"P{n},kapan-kapan,i1,1" for n in range(12)]
    with pytest.raises(SourceFault) as caught:
        load(csv(tmp_path / "t.csv", "participant,wave,item,correct", *rows))
    assert len(caught.value.faults) == 1


def test_an_output_in_the_way_is_one_sentence(tmp_path: Path) -> None:
    table = csv(tmp_path / "t.csv", "participant;pre;post", *lines())
    (tmp_path / "laporan").write_text("sudah ada")
    with pytest.raises(SourceFault) as caught:
        run_report([table], tmp_path / "laporan", max_score=20)
    assert caught.value.key == "not_writable"


def one_wave(place: int, people: list[tuple[str, int, int]] = PEOPLE) -> list[str]:
    return [f"{person[0]};{person[place]}" for person in people]


def answers(wave: str, right: int, people: range = range(12)) -> list[str]:
    return [f"P{n},{wave},i{k},{int(k < right)}" for n in people for k in range(4)]


def test_before_and_after_in_two_files_are_one_session(tmp_path: Path) -> None:
    heading = "participant,wave,item,correct"
    files = [csv(tmp_path / f"{name}.csv", heading, *answers(wave, right))
             for name, wave, right in (("sesudah", "post", 3), ("sebelum", "pre", 1))]  # fmt: skip
    loaded = load(*files)
    assert counted(loaded) == (12, 2)
    told = loaded.complaints("en")
    assert told == [
        "sebelum.csv, sesudah.csv are counted as one session “sebelum”: 12 people are in all of them. "
        "If these are other people, add a column session with different values."
    ]


def test_scores_of_two_forms_are_put_together(tmp_path: Path, plain: tuple[int | None, float | None]) -> None:
    heading = 'Timestamp,Skor,"Nama lengkap\n(sesuai daftar hadir)",Kelas'
    files = [
        csv(
            tmp_path / f"{name}.csv",
            heading,
            *(f"24/11/2026 08:01,{p[place]} / 20,{p[0]},XI-A" for p in PEOPLE),
        )
        for name, place in (("gform-pre", 1), ("gform-post", 2))
    ]
    loaded = load(*files)
    assert counted(loaded) == plain
    assert loaded.report().figures.score.max == 20
    assert "24" in loaded.complaints("en")[0]


def test_two_files_of_one_name_are_two_sessions(tmp_path: Path) -> None:
    files = []
    for school, more in (("smp", 0), ("sma", 1)):
        (tmp_path / school).mkdir()
        rows = [f"{code};{pre};{post + more}" for code, pre, post in PEOPLE]
        files.append(csv(tmp_path / school / "nilai.csv", "participant;pre;post", *rows))
    loaded = load(*files, max_score=20)
    assert counted(loaded)[0] == 48
    assert set(loaded.cube().score["session"]) == {"smp/nilai", "sma/nilai"}
    assert all("nilai" in line for line in loaded.complaints("en"))


def test_one_class_before_and_another_after_stay_two_sessions(tmp_path: Path) -> None:
    heading = "participant,wave,item,correct"
    files = [csv(tmp_path / "7a sebelum.csv", heading, *answers("pre", 1)),
             csv(tmp_path / "7b sesudah.csv", heading, *answers("post", 3, range(50, 62)))]  # fmt: skip
    loaded = load(*files)
    assert counted(loaded)[0] == 0
    assert len([line for line in loaded.complaints("en") if "a session of its own" in line]) == 2


def test_one_person_told_differently_by_two_files_is_refused_by_name(tmp_path: Path) -> None:
    heading = "kelas;participant;pre;post"
    files = [csv(tmp_path / f"{name}.csv", heading, f"7A;P1;{score};9", f"7A;P{name};3;4")
             for name, score in (("lama", 5), ("baru", 6))]  # fmt: skip
    with pytest.raises(SourceFault) as caught:
        load(*files, max_score=20)
    assert caught.value.key == "two_files"
    assert [dict(one.values)["participant"] for one in caught.value.faults] == ["P1"]


ALONE = {
    "one_wave": ("sebelum.csv", ["Nama;Nilai", *one_wave(1)]),
    "wave_not_told": ("rekap.csv", ["Nama;Nilai", *one_wave(1)]),
    "most_differs": ("nilai.csv", ["Nama;Pre;Post", "P1;3 / 10;4 / 10", "P2;3 / 10;4 / 20"]),
}


@pytest.mark.parametrize("key", ALONE)
def test_a_table_that_says_too_little_is_refused_with_what_to_add(key: str, tmp_path: Path) -> None:
    name, rows = ALONE[key]
    with pytest.raises(SourceFault) as caught:
        load(csv(tmp_path / name, *rows), max_score=20)
    assert caught.value.key == key


def test_the_marker_of_an_open_workbook_alone_is_called_that(tmp_path: Path) -> None:
    (tmp_path / "~$nilai.xlsx").write_bytes(b"\x05Rina")
    with pytest.raises(SourceFault) as caught:
        load(tmp_path / "~$nilai.xlsx")
    assert caught.value.key == "lock_only"


def test_a_pattern_stands_for_its_files(tmp_path: Path) -> None:
    for name in ("7a", "7b"):
        csv(tmp_path / f"{name}.csv", "kelas;participant;pre;post", *(f"{name};{line}" for line in lines()))
    assert counted(load(str(tmp_path / "*.csv"), max_score=20))[0] == 48


def test_full_marks_of_other_tables_do_not_empty_a_table_of_answers(tmp_path: Path) -> None:
    rows = [*answers("Pretest", 1), *answers("Posttest", 3)]
    table = csv(tmp_path / "t.csv", "participant,wave,item,correct", *rows)
    assert counted(load(table, max_score=20)) == (12, 2)

"""Bad input: each gives an error with place and remedy, or a report that says what cannot be concluded."""

from __future__ import annotations

import gc
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kit.bundle.faults import SourceFault
from kit.bundle.layout import SCHEMA_VERSION
from kit.report import find_bundles, load
from kit.report.read.codes import near_matches

LONG = "session,site,audience,participant,wave,item,correct\n"


def csv(folder: Path, text: str, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def long_rows(n: int = 12, items: int = 4, gain: int = 1) -> str:
    lines = []
    for person in range(n):
        for wave, shift in (("pre", 0), ("post", gain)):
            right = (person % items) + shift
            lines += [f"S1,Desa,student,P{person:02d},{wave},i{k},{int(k < right)}" for k in range(items)]
    return LONG + "\n".join(lines) + "\n"


def complaint(*sources: Any, language: str = "en", **options: Any) -> str:
    with pytest.raises(SourceFault) as caught:
        load(*sources, **options).report()
    for both in ("id", "en"):
        assert caught.value.render(both)
    return caught.value.render(language)


def test_long_csv_becomes_a_report(tmp_path: Path) -> None:
    figures = load(csv(tmp_path, long_rows())).report().figures
    assert figures.flow.n_pairs == 12
    assert figures.score.max == 4


def test_semicolons_and_a_byte_order_mark_from_excel_are_read(tmp_path: Path) -> None:
    path = tmp_path / "excel.csv"
    path.write_text(long_rows().replace(",", ";"), encoding="utf-8-sig")
    assert load(path).report().figures.flow.n_pairs == 12


def test_indonesian_headings_are_understood(tmp_path: Path) -> None:
    text = "peserta,sebelum,sesudah\n" + "".join(f"P{i},{i % 5},{i % 5 + 2}\n" for i in range(12))
    assert load(csv(tmp_path, text), max_score=10).report().figures.score.mean_change == 2


def test_excel_and_parquet_give_the_same_report_as_csv(tmp_path: Path) -> None:
    path = csv(tmp_path, long_rows())
    frame = pd.read_csv(path)
    frame.to_excel(tmp_path / "data.xlsx", index=False)
    frame.to_parquet(tmp_path / "data.parquet", index=False)
    prints = {load(tmp_path / f"data.{kind}").report().fingerprint for kind in ("csv", "xlsx", "parquet")}
    assert len(prints) == 1


def test_wide_table_needs_full_marks(tmp_path: Path) -> None:
    path = csv(tmp_path, "participant,pre,post\nP1,3,4\n")
    assert "--max-score" in complaint(path)


def test_wide_table_with_followup_gives_the_share_kept(tmp_path: Path) -> None:
    rows = "".join(f"P{i},{i % 4},{i % 4 + 4 + i % 2},{i % 4 + 3 + i % 2}\n" for i in range(16))
    figures = load(csv(tmp_path, "participant,pre,post,followup\n" + rows), max_score=10).report().figures
    assert figures.followup.n == 16
    assert figures.followup.retained == pytest.approx(3.5 / 4.5)


def test_empty_file_says_so(tmp_path: Path) -> None:
    assert "is empty" in complaint(csv(tmp_path, ""))
    assert "is empty" in complaint(csv(tmp_path, LONG))


def test_wrong_columns_say_what_is_missing_and_what_may_be_meant(tmp_path: Path) -> None:
    said = complaint(csv(tmp_path, "particpant,wave,item,correct\nP1,pre,i1,1\n"))
    assert "column participant is missing; is it particpant?" in said
    assert "participant, pre, post" in said


def test_columns_of_a_wide_table_by_other_names_are_asked_for_as_wide(tmp_path: Path) -> None:
    said = complaint(csv(tmp_path, "name,before,after\nP1,3,4\n"), max_score=10)
    assert "column pre is missing" in said
    assert "column wave" not in said


@pytest.mark.parametrize("heading", ["Nama,q1,q2,q3,q4", "Nama,Soal 1,Soal 2,Soal 3,Soal 4", "Nama,1,2,3,4"])
def test_a_column_for_each_question_is_called_what_it_is(tmp_path: Path, heading: str) -> None:
    said = complaint(csv(tmp_path, f"{heading}\nani,a,b,a,c\n"), max_score=4)
    assert "one column for each question" in said
    assert "4 columns" in said
    assert "Add up the right answers" in said


def test_full_marks_that_nothing_needs_are_not_passed_over(tmp_path: Path) -> None:
    path = csv(tmp_path, long_rows())
    assert "--max-score 20 is not used" in " ".join(load(path, max_score=20).complaints("en"))
    assert "Full marks of 0" in complaint(path, max_score=0)


def test_every_bad_cell_is_listed_with_row_column_and_remedy(tmp_path: Path) -> None:
    text = LONG + "S1,D,student,P1,pre,i1,yes\nS1,D,student,,pre,i1,1\nS1,D,student,P1,before,i1,1\n"
    said = complaint(csv(tmp_path, text))
    assert "row 2, column correct: “yes”" in said
    assert "row 3, column participant: blank" in said
    assert "row 4, column wave: “before”" in said
    assert "Replace all of them by pre, post or followup" in said


def test_text_where_numbers_belong(tmp_path: Path) -> None:
    text = "participant,pre,post\nP1,3,many\nP2,3,11\nP3,2.5,4\n"
    said = complaint(csv(tmp_path, text), max_score=10)
    assert "row 2, column post: “many” is not a number" in said
    assert "row 3, column post: 11 is not a whole number from 0 to 10" in said
    assert "row 4, column pre: 2.5" in said


def test_a_participant_twice_is_listed_with_both_rows(tmp_path: Path) -> None:
    said = complaint(csv(tmp_path, "participant,pre,post\nP1,3,4\nP2,3,4\nP1,5,6\n"), max_score=10)
    assert "rows 2, 4: participant P1" in said


def test_of_a_participant_who_is_there_a_thousand_times_the_first_rows_are_named(tmp_path: Path) -> None:
    rows = "".join(f"P1,{n % 5},4\n" for n in range(1_000))
    said = complaint(csv(tmp_path, f"participant,pre,post\n{rows}"), max_score=10)
    assert "rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 … 1001 (1000): participant P1" in said


def test_an_answer_twice_is_listed_with_both_rows(tmp_path: Path) -> None:
    text = LONG + "S1,D,student,P1,pre,i1,1\nS1,D,student,P1,pre,i1,0\n"
    assert "rows 2, 3: participant P1 answered item i1 in wave pre" in complaint(csv(tmp_path, text))


def test_double_answers_in_parquet_are_found_by_counting(tmp_path: Path) -> None:
    frame = pd.read_csv(csv(tmp_path, long_rows()))
    pd.concat([frame, frame.head(2)]).to_parquet(tmp_path / "data.parquet")
    assert "2 double answers" in complaint(tmp_path / "data.parquet")


def test_parquet_with_other_waves_or_marks_is_refused(tmp_path: Path) -> None:
    frame = pd.read_csv(csv(tmp_path, long_rows()))
    frame.assign(wave="before").to_parquet(tmp_path / "waves.parquet")
    assert "Unknown waves: before" in complaint(tmp_path / "waves.parquet")
    frame.assign(correct=7).to_parquet(tmp_path / "marks.parquet")
    assert "other than 1, 0 and blank: 7" in complaint(tmp_path / "marks.parquet")


def test_one_participant_in_two_sites_is_refused(tmp_path: Path) -> None:
    text = LONG + "S1,D,student,P1,pre,i1,1\nS1,E,student,P1,post,i1,1\n"
    assert "participant P1 has “E” here and “D” before" in complaint(csv(tmp_path, text))


def test_near_matches_are_suggested_and_never_joined(tmp_path: Path) -> None:
    text = "participant,pre,post\nRUSA-4821,3,\nrusa 4821,,7\nGAJAH-1O,4,\nGAJAH-10,,6\nP9,3,4\n"
    loaded = load(csv(tmp_path, text), max_score=10)
    said = "\n".join(loaded.complaints("en"))
    assert "RUSA-4821 / rusa 4821" in said
    assert "GAJAH-10 / GAJAH-1O" in said
    assert "2 people answered only before" in said
    assert loaded.report().figures.flow.n_pairs == 1
    assert near_matches(["A1", "AI", "B2"]) == [("A1", "AI")]


def test_personal_codes_never_reach_the_report(tmp_path: Path) -> None:
    rows = "".join(f"RUSA-{i:04d},{i % 5},{i % 5 + 2}\n" for i in range(30)) + "RUSA-9999,3,\n"
    report = load(csv(tmp_path, "participant,pre,post\n" + rows), max_score=10).report()
    assert "RUSA" not in report.json()
    assert "RUSA" not in report.html()


def test_ragged_rows_are_named(tmp_path: Path) -> None:
    assert "row 3: 4 columns where there should be 3" in complaint(
        csv(tmp_path, "participant,pre,post\nP1,1,2\nP2,1,2,3\n"), max_score=5
    )


def test_other_files_are_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "kana.csv").write_bytes("participant,pre,post\n。,1,2\n".encode("shift-jis"))
    assert "UTF-8" in complaint(tmp_path / "kana.csv", max_score=5)
    (tmp_path / "fake.xlsx").write_text("no workbook")
    assert "workbook" in complaint(tmp_path / "fake.xlsx")
    (tmp_path / "fake.parquet").write_text("no parquet")
    assert "Parquet" in complaint(tmp_path / "fake.parquet")
    (tmp_path / "notes.docx").write_text("no table")
    assert "notes.docx" in complaint(tmp_path / "notes.docx")
    assert "There is no source" in complaint(tmp_path / "absent.csv")
    assert "There is no source." in complaint()


def test_a_changed_bundle_is_refused(bundle_of: Callable[..., Path], crowd_of: Any) -> None:
    folder = bundle_of(crowd_of(n=12))
    path = folder / "responses.parquet"
    rows = pd.read_parquet(path)
    rows["correct"] = 1
    rows.to_parquet(path)
    assert "responses.parquet" in complaint(folder)
    assert "original copy" in complaint(folder)


def test_an_unknown_schema_version_is_refused(bundle_of: Callable[..., Path], crowd_of: Any) -> None:
    folder = bundle_of(crowd_of(n=12), manifest=False)
    session = json.loads((folder / "session.json").read_text())
    (folder / "session.json").write_text(json.dumps(session | {"schema_version": 99}))
    said = complaint(folder)
    assert "schema 99" in said
    assert str(SCHEMA_VERSION) in said
    assert "Update the kit" in said


@pytest.mark.parametrize("content", ["", "[]", "{", '{"schema_version": 1}'])
def test_a_broken_session_file_is_refused(
    content: str, bundle_of: Callable[..., Path], crowd_of: Any
) -> None:
    folder = bundle_of(crowd_of(n=12), manifest=False)
    (folder / "session.json").write_text(content)
    assert complaint(folder)


def test_rehearsals_are_never_mixed_in(bundle_of: Callable[..., Path], crowd_of: Any) -> None:
    real = bundle_of(crowd_of(n=12), code="REAL22")
    bundle_of(crowd_of(n=30), code="PLAY22", rehearsal=True)
    loaded = load(real.parent)
    assert loaded.report().figures.flow.n_joined == 12
    assert "rehearsal" in "\n".join(loaded.complaints("en"))


def test_a_rehearsal_by_itself_is_marked_as_one(bundle_of: Callable[..., Path], crowd_of: Any) -> None:
    folder = bundle_of(crowd_of(n=12), rehearsal=True)
    assert load(folder).report().has_note("rehearsal")
    assert "only rehearsals" in complaint(folder.parent)


def test_the_same_session_twice_is_counted_once(bundle_of: Callable[..., Path], crowd_of: Any) -> None:
    folder = bundle_of(crowd_of(n=12))
    shutil.copytree(folder, folder.parent / "copy")
    loaded = load(folder.parent)
    assert loaded.report().figures.flow.n_joined == 12
    assert "there twice" in "\n".join(loaded.complaints("en"))


def test_bundles_are_found_newest_first(bundle_of: Callable[..., Path], crowd_of: Any) -> None:
    old = bundle_of(crowd_of(n=12), code="OLD222", held_on="2026-01-02")
    bundle_of(crowd_of(n=14), code="NEW222", held_on="2026-11-02", site="Desa Melati")
    (old.parent / "broken").mkdir()
    (old.parent / "broken" / "session.json").write_text("{")
    shutil.copytree(old, old.parent / ".half-written.new")
    found = find_bundles(old.parent)
    assert [b.code for b in found] == ["NEW222", "OLD222"]
    assert (found[0].site, found[0].joined, found[0].finished_pre) == ("Desa Melati", 14, 14)


def test_a_quiz_with_another_key_is_counted_apart(
    bundle_of: Callable[..., Path], crowd_of: Any, quiz_of: Any
) -> None:
    import dataclasses

    quiz = quiz_of()
    wording = dataclasses.replace(quiz, reviewed_on="2027-01-01")
    items = [dataclasses.replace(i, own_key=("b",)) if i.item_id == "know-01" else i for i in quiz.items]
    rekeyed = dataclasses.replace(quiz, items=tuple(items))
    first = bundle_of(crowd_of(n=12, quiz=quiz), code="ONE222")
    bundle_of(crowd_of(n=12, quiz=wording), code="TWO222")
    bundle_of(crowd_of(n=12, quiz=rekeyed), code="THREE2")
    report = load(first.parent).report()
    assert {row.quiz_id for row in report.figures.items} == {"students", f"students@{rekeyed.sha256[:8]}"}
    assert report.has_note("quiz_versions")


def test_forms_nobody_declared_are_not_guessed(tmp_path: Path) -> None:
    lines = [
        f"S1,D,student,P{p},{wave},{'ab'[(p + w) % 2]}{k},{int(k < 2 + w)}"
        for p in range(12)
        for w, wave in enumerate(("pre", "post"))
        for k in range(4)
    ]
    report = load(csv(tmp_path, LONG + "\n".join(lines))).report()
    assert report.figures.score.max == 4
    assert report.figures.score.mean_change == 1
    assert report.has_note("forms_unknown")


def test_what_does_not_fit_spills_into_a_private_folder_that_goes(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("participant,pre,post\nP1,1,2\n")

    def spill(loaded: Any) -> Path:
        asked = loaded.rows.connection.raw_sql("SELECT current_setting('temp_directory')")
        return Path(asked.fetchone()[0])

    first, second = (load(path, max_score=3) for _ in range(2))
    folders = [spill(first), spill(second)]
    assert folders[0] != folders[1], "two reports at once would write into each other's files"
    assert [folder.stat().st_mode & 0o777 for folder in folders] == [0o700, 0o700]
    del first, second
    gc.collect()
    assert not any(folder.exists() for folder in folders)

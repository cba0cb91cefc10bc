"""A bundle is written whole, read with its site, and stripped of people."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from kit.bundle import layout, strip
from kit.bundle.faults import SourceFault
from kit.bundle.read import bundle_folders, find_bundles, read_session
from kit.bundle.write import seal, write_bundle
from kit.study.place import Site
from tests.crowd import Crowd, as_schema_1, leave_bundle, session_of

VILLAGE = Site("a" * 32, "Sukamaju", "Cibadak", "Sukabumi", "Jawa Barat")
CLOSED_AT = "2026-11-23T04:00:00Z"


def test_what_is_written_is_read(tmp_path: Path) -> None:
    folder = leave_bundle(tmp_path, Crowd(n=12), site=VILLAGE, target=5.0)
    record = read_session(folder)
    assert folder.name == "2026-11-23-sukamaju-ABC234"
    assert (record.place, record.site, record.target) == (VILLAGE, "Sukamaju", 5.0)
    assert [quiz.sha256 for quiz in record.quizzes] == [Crowd().quiz.sha256]
    (listed,) = find_bundles(tmp_path)
    assert (listed.joined, listed.finished_pre, listed.finished_followup) == (12, 12, 0)


def test_two_villages_of_one_name_are_told_apart_in_the_list(tmp_path: Path) -> None:
    other = Site("b" * 32, "Sukamaju", "Ciruas", "Serang", "Banten")
    leave_bundle(tmp_path, Crowd(n=12), site=VILLAGE)
    leave_bundle(tmp_path, Crowd(n=12), site=other, code="DEF345")
    assert sorted(one.site for one in find_bundles(tmp_path)) == ["Sukamaju (Cibadak)", "Sukamaju (Ciruas)"]


def test_every_row_knows_its_site_by_id_and_by_name(tmp_path: Path) -> None:
    folder = leave_bundle(tmp_path, Crowd(n=12), site=VILLAGE)
    for name, columns in (
        (layout.RESPONSES, layout.RESPONSE_COLUMNS),
        (layout.PEOPLE, layout.PEOPLE_COLUMNS),
    ):
        rows = pd.read_parquet(folder / name)
        assert list(rows.columns) == list(columns)
        assert set(zip(rows["site_id"], rows["site"], strict=True)) == {(VILLAGE.site_id, "Sukamaju")}


def test_schema_1_is_read_and_its_place_is_its_identity(tmp_path: Path) -> None:
    folder = as_schema_1(leave_bundle(tmp_path, Crowd(n=12), site=VILLAGE))
    place = read_session(folder).place
    assert place.site_id == "Sukamaju|Cibadak|Sukabumi|Jawa Barat"
    assert place.place == VILLAGE.place
    bare = as_schema_1(leave_bundle(tmp_path, Crowd(n=12), code="BARE22"))
    assert read_session(bare).place == Site("Desa Mawar", "Desa Mawar")


def test_an_unknown_schema_is_refused(tmp_path: Path) -> None:
    folder = leave_bundle(tmp_path, Crowd(n=3), manifest=False)
    session = json.loads((folder / layout.SESSION).read_text(encoding="utf-8"))
    (folder / layout.SESSION).write_text(json.dumps(session | {"schema_version": 99}), encoding="utf-8")
    with pytest.raises(SourceFault, match="schema 99"):
        read_session(folder)


def test_nobody_sees_half_a_bundle(tmp_path: Path) -> None:
    first = leave_bundle(tmp_path, Crowd(n=12))
    seen: list[list[Path]] = []

    def look(rough: Path) -> None:
        seen.append(bundle_folders(tmp_path))
        (rough / layout.CUBE).write_bytes(b"counts")

    again = write_bundle(tmp_path, session_of(Crowd(n=14)), look)
    assert again == first
    assert seen == [[first]]
    assert layout.CUBE in json.loads((again / layout.MANIFEST).read_text(encoding="utf-8"))
    assert [path.name for path in tmp_path.iterdir()] == [first.name]


def test_a_broken_report_leaves_the_old_bundle(tmp_path: Path) -> None:
    first = leave_bundle(tmp_path, Crowd(n=12))

    def fail(rough: Path) -> None:
        raise RuntimeError("no report")

    with pytest.raises(RuntimeError, match="no report"):
        write_bundle(tmp_path, session_of(Crowd(n=14)), fail)
    assert read_session(first).code == "ABC234"
    assert [path.name for path in layout.unfinished_of(tmp_path, "ABC234")] == [f".{first.name}.new"]


def test_stripped_bundles_keep_counts_and_say_nothing_of_rows(tmp_path: Path) -> None:
    folder = leave_bundle(tmp_path, Crowd(n=12))
    assert not strip.tells_all(folder, CLOSED_AT), "no cube, no report"
    for name in (layout.CUBE, "report.json"):
        (folder / name).write_bytes(b"{}")
    seal(folder)
    assert strip.tells_all(folder, CLOSED_AT)
    assert not strip.tells_all(folder, "2026-11-24T04:00:00Z"), "closed anew since"
    strip.strip_rows(folder)
    left = {path.name for path in folder.iterdir()}
    assert left == {layout.SESSION, layout.CUBE, "report.json", layout.MANIFEST}
    assert set(json.loads((folder / layout.MANIFEST).read_text(encoding="utf-8"))) == left - {layout.MANIFEST}
    read_session(folder)

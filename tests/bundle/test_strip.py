"""Rows go from a bundle whatever else lies in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kit.bundle import layout
from kit.bundle.strip import strip_rows, tells_all

ODD = ["", "[]", "7", "null", '"x"', "[" * 100_000, "{", "\x00"]


@pytest.mark.parametrize("text", ODD)
def test_an_odd_manifest_keeps_no_row(tmp_path: Path, text: str) -> None:
    for name in (*layout.RAW, layout.CUBE):
        (tmp_path / name).write_bytes(b"rows")
    (tmp_path / layout.MANIFEST).write_text(text)
    strip_rows(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {layout.CUBE, layout.MANIFEST}


def test_the_sums_of_what_stays_stay(tmp_path: Path) -> None:
    for name in (*layout.RAW, layout.CUBE):
        (tmp_path / name).write_bytes(b"rows")
    sums = dict.fromkeys((*layout.RAW, layout.CUBE), "a" * 64)
    (tmp_path / layout.MANIFEST).write_text(json.dumps(sums))
    strip_rows(tmp_path)
    assert json.loads((tmp_path / layout.MANIFEST).read_text()) == {layout.CUBE: "a" * 64}


@pytest.mark.parametrize("text", ODD)
def test_an_odd_session_file_tells_nothing(tmp_path: Path, text: str) -> None:
    for name in layout.STAYING:
        (tmp_path / name).write_text("")
    (tmp_path / layout.SESSION).write_text(text)
    assert not tells_all(tmp_path, "2026-01-01T10:00:00.000Z")

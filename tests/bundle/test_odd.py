"""One odd folder among bundles: it is told with the reason, and takes nothing down."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kit.bundle.faults import SourceFault
from kit.bundle.read import find_bundles, read_session
from kit.notebook.meetings import Odd, list_past, look_at_bundles, look_at_notebooks

GOOD: dict[str, Any] = {
    "schema_version": 3,
    "code": "AAAAAA",
    "held_on": "2026-01-01",
    "title": {"id": "Judul", "en": "Title"},
    "site": {"name": "Kebon Kosong"},
    "counts": {"joined": 7, "finished": {"post": 5, "followup": 2}},
    "quizzes": [],
}
ODD: dict[str, Callable[[dict[str, Any]], object]] = {
    "held_on a number": lambda about: about.update(held_on=20260101),
    "held_on null": lambda about: about.update(held_on=None),
    "finished a list": lambda about: about["counts"].update(finished=[]),
    "joined without end": lambda about: about["counts"].update(joined=float("inf")),
    "joined below nothing": lambda about: about["counts"].update(joined=-1),
    "finished in words": lambda about: about["counts"].update(finished={"followup": "x"}),
    "site name a list": lambda about: about["site"].update(name=["x"]),
    "code null": lambda about: about.update(code=None),
    "code a list": lambda about: about.update(code=["x"]),
    "quizzes a word": lambda about: about.update(quizzes="x"),
    "title a number": lambda about: about.update(title=7),
    "no object": lambda about: about.clear(),
}


def put(results: Path, name: str, text: str) -> Path:
    folder = results / name
    folder.mkdir(parents=True)
    (folder / "session.json").write_text(text)
    return folder


@pytest.mark.parametrize("name", ODD)
def test_an_odd_bundle_is_told_with_the_reason_beside_the_others(tmp_path: Path, name: str) -> None:
    about = json.loads(json.dumps(GOOD))
    ODD[name](about)
    put(tmp_path, "2026-01-02-good-BBBBBB", json.dumps({**GOOD, "code": "BBBBBB"}))
    odd = put(tmp_path, "2026-01-01-odd-AAAAAA", json.dumps(about))
    assert [one.code for one in list_past(tmp_path)] == ["BBBBBB"]
    assert [one.code for one in find_bundles(tmp_path)] == ["BBBBBB"]
    (told,) = [one for one in look_at_bundles(tmp_path) if isinstance(one, Odd)]
    assert told.name == odd.name
    assert odd.name in told.fault.title("id")
    with pytest.raises(SourceFault):
        read_session(odd)


@pytest.mark.parametrize("text", ["[" * 100_000, "", "nul", '{"code": 1e999}', "\x00"])
def test_a_file_that_is_no_json_is_told(tmp_path: Path, text: str) -> None:
    put(tmp_path, "2026-01-01-odd-AAAAAA", text)
    assert [type(one) for one in look_at_bundles(tmp_path)] == [Odd]
    assert find_bundles(tmp_path) == []


def test_a_file_without_end_is_not_read(tmp_path: Path) -> None:
    folder = put(tmp_path, "2026-01-01-odd-AAAAAA", "")
    with (folder / "session.json").open("wb") as file:
        file.truncate(5_000_000_000)
    (told,) = look_at_bundles(tmp_path)
    assert isinstance(told, Odd)
    assert told.fault.key == "file_large"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without pipes in folders")
def test_a_pipe_does_not_hold_up_the_page(tmp_path: Path) -> None:
    folder = tmp_path / "2026-01-01-odd-AAAAAA"
    folder.mkdir()
    os.mkfifo(folder / "session.json")
    os.mkfifo(tmp_path / "session.ipynb")
    (told,) = look_at_bundles(tmp_path)
    assert isinstance(told, Odd)
    assert told.fault.key == "not_a_file"
    assert [type(one) for one in look_at_notebooks(tmp_path)] == [Odd]


@pytest.mark.parametrize(
    "about", ['"x"', '{"minutes": "x"}', '{"audience": 7}', '{"minutes": 1e999}', '{"kind": []}']
)
def test_an_odd_notebook_is_told_with_the_reason(tmp_path: Path, about: str) -> None:
    book = '{"cells": [], "metadata": {"kit": %s}, "nbformat": 4, "nbformat_minor": 5}'
    (tmp_path / "odd.ipynb").write_text(book % about)
    (tmp_path / "good.ipynb").write_text(book % "{}")
    (tmp_path / "torn.ipynb").write_text("{")
    assert [one.name for one in look_at_notebooks(tmp_path)] == ["good.ipynb", "odd.ipynb", "torn.ipynb"]
    assert [isinstance(one, Odd) for one in look_at_notebooks(tmp_path)] == [False, True, True]

"""What a session.json from elsewhere may do to whoever reads it: nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from kit.bundle.faults import SourceFault
from kit.bundle.told import ToldSession, read_bounded, read_told

LEAST = {"code": "ABC234", "held_on": "2026-11-23"}


def told_by(folder: Path, whole: Any) -> ToldSession:
    (folder / "session.json").write_text(whole if isinstance(whole, str) else json.dumps(whole))
    return read_told(folder)[0]


def test_the_least_is_enough_and_what_is_new_is_passed_over(tmp_path: Path) -> None:
    told = told_by(tmp_path, LEAST | {"later": {"schema": 9}})
    assert (told.code, told.counts.joined, told.titles) == ("ABC234", 0, {"id": "ABC234", "en": "ABC234"})


@pytest.mark.parametrize(
    ("title", "titles"),
    [
        ("Aman", {"id": "Aman", "en": "Aman"}),
        ({"en": "Safe"}, {"id": "Safe", "en": "Safe"}),
        ({"id": "Aman", "en": "Safe"}, {"id": "Aman", "en": "Safe"}),
        ({}, {"id": "ABC234", "en": "ABC234"}),
    ],
)
def test_a_title_is_there_in_both_languages(tmp_path: Path, title: Any, titles: dict[str, str]) -> None:
    assert told_by(tmp_path, LEAST | {"title": title}).titles == titles


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"code": ""}, "code"),
        ({"held_on": "23 Nov"}, "held_on"),
        ({"target": 101}, "target"),
        ({"counts": {"joined": -1}}, "counts.joined"),
        ({"counts": {"groups": {"pre": {"share": 1.5}}}}, "counts.groups.pre.share"),
        ({"site": {"site_id": "x"}}, "site"),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path: Path, wrong: dict[str, Any], place: str) -> None:
    with pytest.raises(SourceFault) as caught:
        told_by(tmp_path, LEAST | wrong)
    assert place in caught.value.render("en")
    assert tmp_path.name in caught.value.render("id")


@pytest.mark.parametrize(
    "text",
    ["{", "[" * 100_000, '{"code": "\\ud800"', "\udcff".encode("utf-8", "surrogateescape").decode("latin-1")],
)
def test_what_is_no_json_is_refused_without_repeating_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceFault) as caught:
        told_by(tmp_path, text)
    assert len(caught.value.render("en")) < 400


def test_only_an_ordinary_file_of_a_bounded_size_is_read(tmp_path: Path) -> None:
    pipe, large, just = tmp_path / "pipe", tmp_path / "large", tmp_path / "just"
    os.mkfifo(pipe)
    large.write_bytes(b"x" * 11)
    just.write_bytes(b"x" * 10)
    for path in (pipe, large):
        with pytest.raises(SourceFault) as caught:
            read_bounded(path, 10)
        assert path.name in caught.value.render("en")
    assert read_bounded(just, 10) == b"x" * 10
    with pytest.raises(FileNotFoundError):
        read_bounded(tmp_path / "none", 10)

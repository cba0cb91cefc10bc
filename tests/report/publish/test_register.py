"""The register in a folder from elsewhere: one odd file is said, and the others still protect people."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from kit.bundle.faults import SourceFault
from kit.report import Register, load
from kit.report.publish.register import Release


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Release]:
    """What reports for the public on so many people tell, before they are published."""
    found = {}
    for n in (30, 34, 45):
        pre = [i % 5 for i in range(n)]
        post = [a + 1 + (i * 7) % 3 for i, a in enumerate(pre)]
        frame = pd.DataFrame({"participant": [f"P{i}" for i in range(n)], "pre": pre, "post": post})
        path = tmp_path_factory.mktemp("people") / "people.csv"
        frame.to_csv(path, index=False)
        release = load(path, max_score=10).report(audience="public").release
        assert release is not None
        found[n] = release
    return found


def head(folder: Path, **changes: object) -> None:
    path = folder / "release.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def cells(folder: Path, change: Callable[[dict[str, list[object]]], object]) -> None:
    (path,) = folder.glob("*/cells.json")
    kept = json.loads(path.read_text())
    change(kept)
    path.write_text(json.dumps(kept))


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


ODD: dict[str, Callable[[Path], object]] = {
    "nested": lambda folder: (folder / "release.json").write_text("[" * 100_000),
    "no text": lambda folder: (folder / "release.json").write_bytes(b"\xff\xfe\x00"),
    "a list": lambda folder: (folder / "release.json").write_text("[]"),
    "a date that is none": lambda folder: head(folder, made_at=7),
    "sessions in a list": lambda folder: head(folder, small_sessions=["A"]),
    "a group by a column that is none": lambda folder: head(folder, units=[["__class__", "x"]]),
    "a group by a number": lambda folder: head(folder, units=[["pre", "1"]]),
    "rows too short": lambda folder: cells(folder, lambda kept: kept["data"][0].pop()),
    "no column of counts": lambda folder: cells(
        folder, lambda kept: kept.update(columns=["x", *kept["columns"][1:]])
    ),
    "an endless number": lambda folder: cells(folder, lambda kept: kept["data"][0].__setitem__(-1, 1e300)),
    "words for counts": lambda folder: cells(folder, lambda kept: kept["data"][0].__setitem__(-2, "many")),
}
if hasattr(os, "mkfifo"):
    ODD |= {
        "a pipe": lambda folder: pipe(folder / "release.json"),
        "a pipe of cells": lambda folder: pipe(next(folder.glob("*/cells.json"))),
    }


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_release_is_said_and_the_others_still_protect(
    odd: str, releases: dict[int, Release], tmp_path: Path
) -> None:
    register = Register(tmp_path / "releases")
    register.keep(releases[30])
    assert register.check(releases[45]), "fifteen more people may be told"
    other = Register(tmp_path / "other")
    other.keep(releases[45])
    (strange,) = other.folder.glob("[!.]*/release.json")
    ODD[odd](strange.parent)
    strange.parent.rename(register.folder / "strange")
    assert register.check(releases[45]) is False
    with pytest.raises(SourceFault):
        register.check(releases[34])

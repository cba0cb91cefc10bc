"""After the retention time nobody finds one person's scores in a bundle, and its counts still add up."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from kit.bundle import layout, strip
from kit.bundle.merge import merge_cells
from kit.bundle.write import seal, write_bundle
from kit.closing import merge_session
from kit.report import load
from tests.crowd import Crowd, session_of

PEOPLE = Crowd(n=41, followup=0.7, drop=0.1)


@pytest.fixture
def purged(tmp_path: Path) -> tuple[Path, pd.DataFrame]:
    """A bundle after its time, of forty pupils and their head; and the cube that it was closed with."""
    session = session_of(PEOPLE)
    head = session.people[0]["participant_id"]
    people = [
        one | {"audience": "principal"} if one["participant_id"] == head else one for one in session.people
    ]
    folder = write_bundle(tmp_path / "results", replace(session, people=people), lambda folder: None)
    load(folder).cube().write(folder / layout.CUBE)
    seal(folder)
    closed = pd.read_parquet(folder / layout.CUBE)
    strip.strip_rows(folder)
    merge_session("ABC234", tmp_path / "results")
    return folder, closed


def scores(cube: pd.DataFrame) -> pd.DataFrame:
    return cube[cube["part"] == "score"]


def changes(cube: pd.DataFrame) -> Any:
    pairs = scores(cube).dropna(subset=["pre", "post"])
    return np.repeat((pairs["post"] - pairs["pre"]).to_numpy(dtype=float), pairs["n"].to_numpy(dtype=int))


def lone(cube: pd.DataFrame, **known: str) -> pd.DataFrame:
    """The attack: the cells of people of whom a colleague knows this much, where that is one person."""
    found = scores(cube)
    for column, value in known.items():
        found = found[found[column] == value]
    return found[found["n"] < 5]


def test_a_colleague_who_knows_the_head_finds_no_score_of_theirs(purged: tuple[Path, pd.DataFrame]) -> None:
    folder, closed = purged
    assert len(lone(closed, audience="principal")) == 1, "the attack finds them while the rows are there"
    cube = pd.read_parquet(folder / layout.CUBE)
    assert lone(cube).empty
    assert set(scores(cube)["audience"]) == {"student"}
    assert int(cube["n"].min()) >= 5, "nor is there any other cell of a few people"


def of_one_person(report: dict[str, Any]) -> list[list[int]]:
    """The attack on the report that stays in the bundle: changes that are those of fewer than five people."""
    return [one for one in report["score"]["changes"] if one[-1] < 5]


def test_the_report_that_stays_lists_no_scores_of_a_few(
    purged: tuple[Path, pd.DataFrame], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_bundle(tmp_path / "again", session_of(PEOPLE), lambda folder: None)
    kept = load(folder).report()
    assert sum(n for _, _, n in kept.figures.score.changes) == kept.figures.flow.n_pairs
    assert of_one_person(kept.to_dict()) == []
    book = openpyxl.load_workbook(io.BytesIO(kept.xlsx("en")))
    heads = [[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()]
    assert not any({"pre", "post", "n"} <= set(row) for row in heads), "no sheet of cells"
    monkeypatch.setattr("kit.report.sections.score.SMALLEST", {"internal": 1, "public": 10})
    assert of_one_person(load(folder).report().to_dict()), "single people's changes, were the rule off"


def change_of_the_head(everybody: pd.DataFrame, merged: pd.DataFrame) -> float:
    """The attack: the sum of all changes, as the report tells it, less that of the cells that stay."""
    whole, rest = (((rows["post"] - rows["pre"]) * rows["n"]).sum() for rows in (everybody, merged))
    return float(whole - rest)


def test_the_mean_of_everybody_less_the_cells_does_not_give_the_one_who_is_left_out() -> None:
    class Still:
        """The rule switched off: nothing is moved."""

        def uniform(self, low: float, high: float, size: int) -> Any:
            return np.zeros(size)

    told: dict[str, list[float]] = {"kept": [], "off": []}
    for seed in range(60):
        rng = np.random.default_rng(seed)
        pre = rng.integers(0, 15, 41)
        frame = pd.DataFrame(dict.fromkeys(layout.KEYS, "x"), index=range(41)).assign(
            part="score", pre=pre, post=np.clip(pre + rng.integers(-2, 6, 41), 0, 14), followup=pd.NA, n=1
        )
        frame.loc[0, "audience"] = "principal"
        frame = frame.astype(dict.fromkeys(("pre", "post", "followup"), "Int64"))
        for name, moved in (("kept", rng), ("off", Still())):
            cube = merge_cells(frame, moved).cube  # type: ignore[arg-type]
            told[name].append(change_of_the_head(frame, cube) - float(frame["post"][0] - pre[0]))
    # Changes are -2 to 5: whoever guesses their middle errs by 2.3 points (root mean square).
    assert np.sqrt(np.mean(np.square(told["kept"]))) > 3.0
    assert np.sqrt(np.mean(np.square(told["off"]))) < 1.6, "they would be known better, were the rule off"


def test_the_change_stays_and_is_never_surer_than_it_was(purged: tuple[Path, pd.DataFrame]) -> None:
    folder, closed = purged
    pupils = closed[closed["audience"] != "principal"]
    before, after = changes(pupils), changes(pd.read_parquet(folder / layout.CUBE))
    assert abs(after.mean() - before.mean()) < 0.5
    assert after.std() >= 0.95 * before.std()


def test_who_is_left_out_is_counted_and_said(purged: tuple[Path, pd.DataFrame]) -> None:
    folder, closed = purged
    left = int(scores(closed)["n"].sum()) - int(scores(pd.read_parquet(folder / layout.CUBE))["n"].sum())
    told = json.loads((folder / layout.SESSION).read_text(encoding="utf-8"))
    assert told[layout.MERGED] == {"left_out": left}
    report = load(folder).report()
    (note,) = (one for one in report.figures.notes if one.code == "cells_merged")
    assert dict(note.values)["n"] == left
    untrue = {"discernment_few", "nobody_left", "no_followup", "nobody_matched"}
    assert not untrue & {one.code for one in report.figures.notes}


def test_merging_again_changes_nothing(purged: tuple[Path, pd.DataFrame]) -> None:
    folder, _ = purged
    assert not strip.has_cells_of_few(folder)
    cube = pd.read_parquet(folder / layout.CUBE)
    assert merge_cells(cube).left_out == 0
    assert int(merge_cells(cube).cube["n"].min()) >= 5


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("n", [10, 23, 80])
def test_whoever_they_are_scores_stay_on_the_scale_and_cells_large(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pre = rng.integers(0, 15, n)
    frame = pd.DataFrame(dict.fromkeys((*layout.KEYS,), "x"), index=range(n))
    frame = frame.assign(
        part="score", pre=pre, post=np.clip(pre + rng.integers(-3, 8, n), 0, 14), followup=pd.NA, n=1, key=7
    )
    merged = merge_cells(frame.astype(dict.fromkeys(("pre", "post", "followup"), "Int64")))
    cube = merged.cube
    assert (merged.left_out, int(cube["n"].sum()), int(cube["key"].sum())) == (0, n, 7 * n)
    assert cube["n"].between(5, 9).all()
    assert cube[["pre", "post"]].to_numpy().min() >= 0
    assert cube[["pre", "post"]].to_numpy().max() <= 14
    before, after = changes(frame), changes(cube)
    assert abs(after.mean() - before.mean()) <= 4.5 / n + 0.1
    assert after.std() >= 0.97 * before.std()

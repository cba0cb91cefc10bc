"""The cube after the retention time: no cell of fewer than five people.

People of one session, audience, quiz and order of forms who answered in the same waves are halved along the
wave that differs most, at last along the change, until a further half would be of fewer than five (Mondrian:
LeFevre, DeWitt & Ramakrishnan 2006). Each cell stands at its mean score before and its mean change. Means
differ less than people do, which would make ranges too narrow; so the cells are moved apart around their
common mean until their changes differ at least as much as those of the people did. Whole items are kept, for
every reader counts in them; what rounding takes from one cell goes to the next.

Groups of fewer than ten people make fewer than two cells, so their spread would be lost: they are left out
and counted. The report that stays tells the mean of everybody; lest it and the cells add up to the scores of
those left out, sums are then moved by up to half of one person's full mark. The follow-up goes, and what
single people chose in offers and items (`signal`, `right`, `answer`, `shift`). Of opinions, plans and
practice stay those questions of which no answer was given by fewer than five.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kit.bundle.layout import KEY, KEYS, NUMBERS, UNSCORED
from kit.bundle.write import SHARED_BY
from kit.study.wave import FOLLOWUP, POST, PRE

_Numbers = NDArray[Any]

FURTHEST: Final = 3.0
"""How many times their distance from their mean cells are moved apart at most."""
_STEP: Final = 0.05
_KEPT: Final = (PRE, POST)
_QUESTIONS: Final = {
    **{kind: ["quiz_id", "item", "wave"] for kind in UNSCORED},
    "practice": ["quiz_id", "item", "signal"],
}


@dataclass(frozen=True)
class Merged:
    """A cube with the columns of `cube.parquet` whose cells hold five people or more.

    `left_out` counts the people of groups that were too small.
    """

    cube: pd.DataFrame
    left_out: int


def merge_cells(cube: pd.DataFrame, rng: np.random.Generator | None = None) -> Merged:
    """Merge the cells of a cube as `cube.parquet` holds it; `rng` moves sums that people are missing from."""
    score = cube[cube["part"] == "score"]
    people = score.assign(**{FOLLOWUP: pd.array([pd.NA] * len(score), dtype="Int64")})
    measured = people[list(_KEPT)].notna().any(axis=1)
    kept = people[_people_alike(people) >= SHARED_BY * (1 + measured.astype("int64"))]
    left_out = int(score["n"].sum() - kept["n"].sum())
    moved = (rng or np.random.default_rng()) if left_out else None
    parts = [*_merged_scores(kept, moved), _people_of_sites(cube, kept), *_whole_questions(cube)]
    filled = [part for part in parts if len(part)]
    whole = pd.concat(filled, ignore_index=True) if filled else cube.iloc[:0]
    typed = {c: whole[c].astype("Int64" if c in NUMBERS else "str") for c in cube.columns}
    return Merged(pd.DataFrame(typed), left_out)


def _alike(score: pd.DataFrame) -> list[Any]:
    """What people share who may become one cell: their group, and the waves in which they answered."""
    return [*(score[c] for c in KEYS if c in score), *(score[wave].notna() for wave in _KEPT)]


def _people_alike(score: pd.DataFrame) -> pd.Series:
    """Beside each cell how many people share its group and its waves."""
    return score.groupby(_alike(score), dropna=False)["n"].transform("sum")


def _merged_scores(score: pd.DataFrame, moved: np.random.Generator | None) -> Iterator[pd.DataFrame]:
    best = score[list(_KEPT)].max(axis=1).astype("float64").groupby(score["quiz_id"], dropna=False)
    most = best.transform("max")
    for _, rows in score.groupby(_alike(score), dropna=False, sort=True):
        waves = [wave for wave in _KEPT if rows[wave].notna().all()]
        full = int(most[rows.index[0]]) if waves else 0
        owed = np.zeros(len(waves)) if moved is None else moved.uniform(-full / 2, full / 2, len(waves))
        yield _merged_group(rows, waves, full, owed) if waves else _summed(rows)


def _merged_group(rows: pd.DataFrame, waves: list[str], most: int, owed: _Numbers) -> pd.DataFrame:
    """The people of one group as cells of five or more, at whole scores from 0 to `most`.

    `owed` is what is added to the sum of their first scores and to those of their changes.
    """
    of_row = np.repeat(np.arange(len(rows)), rows["n"].to_numpy(dtype=np.int64))
    points = rows[waves].to_numpy(dtype=float)[of_row]
    cells = list(_halved(points, np.arange(len(points))))
    sizes = np.array([len(cell) for cell in cells])
    scores = _spread_scores(points, cells, most, owed)
    found = pd.concat([rows.iloc[[0]]] * len(cells), ignore_index=True)
    found = found.assign(n=sizes, **{wave: scores[:, place] for place, wave in enumerate(waves)})
    if KEY in rows:
        # The keys of a cell of several people are shared out; the group's sum stays what it was.
        found[KEY] = _shares(int(rows[KEY].sum()), sizes)
    return found


def _shares(total: int, sizes: _Numbers) -> list[int]:
    ends = [total * int(end) // int(sizes.sum()) for end in np.cumsum(sizes)]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]


def _halved(points: _Numbers, people: _Numbers) -> Iterator[_Numbers]:
    """Cells of five to nine people with scores near each other."""
    if len(people) < 2 * SHARED_BY:
        yield people
        return
    # At last by change, whose spread is to be kept; those alike in it by their scores.
    last = len(people) < 4 * SHARED_BY
    first = _moves(points[people]) if last else points[people, int(np.argmax(points[people].var(axis=0)))]
    ordered = people[np.lexsort((*points[people].T, first))]
    for half in np.array_split(ordered, 2):
        yield from _halved(points, half)


def _spread_scores(points: _Numbers, cells: list[_Numbers], most: int, owed: _Numbers) -> _Numbers:
    """Whole scores of each cell, moved apart until changes (else scores) differ as much as people's did."""
    centre, means = points.mean(axis=0), np.array([points[cell].mean(axis=0) for cell in cells])
    sizes = np.array([len(cell) for cell in cells])
    wanted = float(_moves(points).var())
    scores = _whole(means, sizes, most, owed)
    for times in np.arange(1.0, FURTHEST, _STEP):
        scores = _whole(centre + times * (means - centre), sizes, most, owed)
        if float(np.repeat(_moves(scores), sizes).var()) >= wanted:
            break
    return scores


def _moves(points: _Numbers) -> _Numbers:
    """The change from the first wave to the next; of one wave the scores."""
    moved: _Numbers = points[:, 1] - points[:, 0] if points.shape[1] > 1 else points[:, 0]
    return moved


def _whole(means: _Numbers, sizes: _Numbers, most: int, owed: _Numbers) -> _Numbers:
    """Whole scores of the first wave and changes to the others; what rounding takes goes to the next cell."""
    found = np.zeros(means.shape, dtype=np.int64)
    owed = owed.copy()
    for row, (mean, size) in enumerate(zip(means, sizes, strict=True)):
        aims = np.concatenate((mean[:1], mean[1:] - mean[0]))
        moves = np.clip(np.rint(aims[1:] + owed[1:] / size), -most, most)
        # The change is what a report is about: the first score gives way where both would leave the scale.
        low, high = -min([0.0, *moves]), most - max([0.0, *moves])
        first = np.clip(np.rint(aims[0] + owed[0] / size), low, max(low, high))
        chosen = np.concatenate(([first], moves))
        owed += (aims - chosen) * size
        found[row] = np.clip(np.concatenate(([first], first + moves)), 0, most)
    return found


def _summed(rows: pd.DataFrame) -> pd.DataFrame:
    """People without any score as one cell."""
    sums = {name: rows[name].sum() for name in ("n", KEY) if name in rows}
    return rows.iloc[[0]].assign(**sums)


def _people_of_sites(cube: pd.DataFrame, kept: pd.DataFrame) -> pd.DataFrame:
    """The sites of the people who are left."""
    sites = cube[cube["part"] == "site"]
    if sites.empty or kept.empty:
        return sites.iloc[:0]
    of_site = kept.groupby("site_id")
    counts = {name: sites["site_id"].map(of_site[name].sum()) for name in ("n", KEY) if name in cube}
    return sites.assign(**counts).dropna(subset=["n"])


def _whole_questions(cube: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Questions of which no answer was given by fewer than five."""
    for part, question in _QUESTIONS.items():
        rows = cube[cube["part"] == part]
        if len(rows):
            yield rows[rows.groupby(question, dropna=False)["n"].transform("min") >= SHARED_BY]
    attempts = cube[cube["part"] == "attempt"]
    yield attempts[attempts["n"] >= SHARED_BY]

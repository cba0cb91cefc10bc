"""Which answers were given, how often, and the code by which each is packed."""

from __future__ import annotations

from typing import Any, Final

import ibis
import numpy as np
import pandas as pd

from kit.bundle.faults import SourceFault
from kit.bundle.layout import UNSCORED
from kit.report.count.engine import fetch
from kit.study.kinds import SIGNALS
from kit.study.wave import PRACTICE, UNSCORED_WAVES, WAVES

DIGITS: Final = 15
"""Answers packed into one column of 64 bits, four bits each."""
OTHER_WRONG: Final = 14
OTHER_UNSURE: Final = 15
MARK: Final = 10
"""Bits per counter of a wave: six counters in one sum, each up to 1,023."""
ANSWERS, RIGHT, FRAUD_REFUSED, GENUINE_REFUSED, FRAUD_SAFE, GENUINE_SAFE = range(6)
"""The counters, in the order in which they are packed."""

_FRAUD, _GENUINE = SIGNALS
_ANSWER: Final = ["quiz_id", "item", "choice", "correct", "signal"]


def scored_responses(responses: ibis.Table) -> ibis.Table:
    """Rows that count towards a score: the three waves, without kinds that are never scored."""
    kept = responses.wave.isin(WAVES) & (responses.kind.isnull() | ~responses.kind.isin(UNSCORED))
    return responses.filter(kept)


def answer_kinds(responses: ibis.Table, connection: Any) -> pd.DataFrame:
    """Every distinct combination of quiz, form, item, wave and answer with its count: one scan."""
    names = ["quiz_id", "form", "item", "kind", "signal", "wave", "choice", "correct"]
    found = responses.group_by(names).agg(n=lambda t: t.count())
    return fetch(connection, found).sort_values(names, kind="stable", ignore_index=True)


def check_kinds(kinds: pd.DataFrame) -> None:
    """Refuse waves and marks that nobody knows. Raises SourceFault."""
    waves = sorted(set(kinds["wave"].dropna()) - {*WAVES, *UNSCORED_WAVES})
    if waves:
        raise SourceFault("wave_words", found=", ".join(waves))
    marks = sorted({int(m) for m in kinds["correct"].dropna()} - {0, 1})
    if marks:
        raise SourceFault("right_values", found=", ".join(map(str, marks)))


def scored_kinds(kinds: pd.DataFrame) -> pd.DataFrame:
    """The combinations that count towards a score, waves added up."""
    kept = kinds[kinds["wave"].isin(WAVES) & ~kinds["kind"].isin(UNSCORED)]
    names = ["quiz_id", "form", "item", "signal", "choice", "correct"]
    return kept.groupby(names, dropna=False, sort=True)["n"].sum().reset_index()


def unscored_parts(kinds: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """What is counted and never scored, by part of the cube: each unscored kind, and what was practised."""
    measured = kinds["wave"].isin(WAVES)
    parts = {name: kinds[measured & (kinds["kind"] == name)] for name in UNSCORED}
    return parts | {PRACTICE: kinds[kinds["wave"] == PRACTICE]}


def answer_codes(kinds: pd.DataFrame) -> pd.DataFrame:
    """Give each item a position and each of its answers a code: right ones first, then the most frequent.

    Answers beyond the thirteenth share code 14 (wrong) or 15 (unsure): they keep their score and lose their
    name. `digit` is the code at its place in a packed column, `mark` what the answer adds to the counters.
    """
    ranked = _ranked(kinds)
    items = ranked[["quiz_id", "item"]].drop_duplicates().sort_values(["quiz_id", "item"])
    items["place"] = items.groupby("quiz_id").cumcount().astype("int64")
    coded = ranked.merge(items, on=["quiz_id", "item"])
    coded["block"], coded["shift"] = coded["place"] // DIGITS, 4 * (coded["place"] % DIGITS)
    coded["digit"] = coded["code"].to_numpy() << coded["shift"].to_numpy()
    coded["mark"] = _marks(coded["correct"], coded["signal"])
    return coded[[*_ANSWER, "code", "place", "block", "shift", "digit", "mark"]]


def _ranked(kinds: pd.DataFrame) -> pd.DataFrame:
    """The answers to each item with their codes."""
    counted = kinds.assign(
        choice=kinds["choice"].fillna(""),
        correct=kinds["correct"].fillna(-1).astype("int64"),
        signal=kinds["signal"].fillna("").groupby([kinds["quiz_id"], kinds["item"]]).transform("max"),
    )
    counted = counted.groupby(_ANSWER, sort=True)["n"].sum().reset_index()
    right_first = counted.assign(right=(counted["correct"] != 1).astype("int64"), rare=-counted["n"])
    ordered = right_first.sort_values(["quiz_id", "item", "right", "rare", "choice"], kind="stable")
    rank = ordered.groupby(["quiz_id", "item"]).cumcount() + 1
    rest = np.where(ordered["correct"] == 0, OTHER_WRONG, OTHER_UNSURE)
    return ordered.assign(code=np.where(rank < OTHER_WRONG, rank, rest).astype("int64"))


def _marks(correct: pd.Series, signal: pd.Series) -> pd.Series:
    """What one answer adds to each counter, in one number."""
    right, wrong = correct == 1, correct == 0
    fraud, genuine = signal == _FRAUD, signal == _GENUINE
    adds = {
        ANSWERS: correct.notna(),
        RIGHT: right,
        FRAUD_REFUSED: right & fraud,
        GENUINE_REFUSED: wrong & genuine,
        FRAUD_SAFE: wrong & fraud,
        GENUINE_SAFE: right & genuine,
    }
    marks = pd.Series(0, index=correct.index, dtype="int64")
    for place, added in adds.items():
        marks += added.astype("int64") * 2 ** (MARK * place)
    return marks

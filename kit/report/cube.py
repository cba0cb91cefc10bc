"""The cube of a report: counts of people and answers.

Schema (`Cube`, and `cube.parquet` where a column `part` says which table a row belongs to); every table
ends with a count `n`, so cubes add up by adding counts. A missing wave is null.

| part | columns before n |
|---|---|
| score | session, event, site, audience, held_on, quiz_id, arm, pre, post, followup (right items) |
| signal | session, site, hits, fraud, false, genuine, each `_pre` and `_post`: matched people with offers |
| answer | quiz_id, wave, form, item, choice, correct, total (score of that wave), matched (0/1) |
| shift | quiz_id, arm, item (before), item_post (itself or its twin), choice and correct `_pre` and
`_post`: matched | | attempt | quiz_id, wave, status (complete, partial = at least 80 % answered, short =
does not count) | | likert | quiz_id, item, wave, choice |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import pandas as pd

WAVES: Final = ("pre", "post", "followup")
KEYS: Final = ("session", "event", "site", "audience", "held_on", "quiz_id", "arm")

SCORE: Final = (*KEYS, "pre", "post", "followup")
SIGNAL_COUNTS: Final = tuple(
    f"{name}_{wave}" for wave in ("pre", "post") for name in ("hits", "fraud", "false", "genuine")
)
SIGNAL: Final = ("session", "site", *SIGNAL_COUNTS)
ANSWER: Final = ("quiz_id", "wave", "form", "item", "choice", "correct", "total", "matched")
SHIFT: Final = (
    "quiz_id", "arm", "item", "item_post", "choice_pre", "correct_pre", "choice_post", "correct_post",
)  # fmt: skip
ATTEMPT: Final = ("quiz_id", "wave", "status")
LIKERT: Final = ("quiz_id", "item", "wave", "choice")
PARTS: Final[dict[str, tuple[str, ...]]] = {
    "score": SCORE,
    "signal": SIGNAL,
    "answer": ANSWER,
    "shift": SHIFT,
    "attempt": ATTEMPT,
    "likert": LIKERT,
}
NUMBERS: Final = {
    "pre",
    "post",
    "followup",
    "correct",
    "total",
    "matched",
    "correct_pre",
    "correct_post",
    "n",
} | {*SIGNAL_COUNTS}


def _empty(columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame({c: pd.Series(dtype="Int64" if c in NUMBERS else "str") for c in (*columns, "n")})


def _sorted_category(texts: pd.Series) -> pd.Series:
    """Texts as categories that sort like the texts."""
    category = texts.astype("category").cat
    return category.set_categories(category.categories.astype("str").sort_values())


def in_order(part: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Fix column order and types, add up equal rows, sort: the canonical form of a part."""
    columns = PARTS[part]
    if frame.empty:
        return _empty(columns)
    # Categories: grouping a million cells by seven texts would take several times their memory.
    keys = {c: frame[c].astype("Int16") if c in NUMBERS else _sorted_category(frame[c]) for c in columns}
    counted = pd.DataFrame({**keys, "n": frame["n"].astype("Int64")})
    counted = counted.groupby(list(columns), dropna=False, sort=True, observed=True)["n"].sum().reset_index()
    return counted.astype({c: "Int64" if c in NUMBERS else "str" for c in columns})


@dataclass(frozen=True)
class Cube:
    """Counts of people and answers; everything a report says follows from these."""

    score: pd.DataFrame
    signal: pd.DataFrame
    answer: pd.DataFrame
    shift: pd.DataFrame
    attempt: pd.DataFrame
    likert: pd.DataFrame

    @classmethod
    def of(cls, **parts: pd.DataFrame) -> Cube:
        """Make a cube from some of its parts, in canonical form; the others are empty."""
        return cls(**{name: in_order(name, parts.get(name, pd.DataFrame())) for name in PARTS})

    def __add__(self, other: Cube) -> Cube:
        """Pool two cubes: counts add up."""
        pooled = {
            part.name: pd.concat([getattr(self, part.name), getattr(other, part.name)], ignore_index=True)
            for part in fields(self)
        }
        return Cube.of(**pooled)

    def write(self, path: Path) -> None:
        """Write `cube.parquet`: all parts in one file, `part` first."""
        rows = [getattr(self, part.name).assign(part=part.name) for part in fields(self)]
        columns = ["part", *dict.fromkeys(c for names in PARTS.values() for c in names), "n"]
        filled = [frame.reindex(columns=columns) for frame in rows if not frame.empty]
        whole = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=columns)
        typed = {c: whole[c].astype("Int64" if c in NUMBERS else "str") for c in columns}
        pd.DataFrame(typed).to_parquet(path, index=False)

    @classmethod
    def read(cls, path: Path) -> Cube:
        """Read `cube.parquet`."""
        whole = pd.read_parquet(path)
        return cls.of(**{name: whole[whole["part"] == name] for name in PARTS})

"""Record keys: one whole number for each person, added up beside every count of the cube.

The noise of a published count depends on the sum of the keys of its people alone (the cell key method: ABS,
Thompson, Broadfoot & Elazar 2013; SDC Handbook, chapter on frequency tables). So the same people get the same
noise in every table and every report, whatever the cell is called. A kit's own participant ids are random, so
their hash is a random key drawn when somebody joined; people of a table from outside are hashed with a secret
of the office, for their numbers can be guessed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import ibis
import numpy as np
import pandas as pd

from kit.bundle.layout import KEY

DIGITS: Final = 5
"""Hexadecimal digits of a key: a million keys, and sums of a hundred million people fit 64 bits."""
_BASE: Final = 128
_LABELS: Final = frozenset({"session", "event", "site", "site_id", "held_on", "district", "city", "province"})


def _hash(text: str) -> str:  # type: ignore[empty-body]
    """The hash that DuckDB, PostgreSQL and Spark spell alike."""


def _letter(text: str) -> int:  # type: ignore[empty-body]
    """The number of the first letter, spelt alike by all three."""


_md5: Any = ibis.udf.scalar.builtin(_hash, name="md5")
_ascii: Any = ibis.udf.scalar.builtin(_letter, name="ascii", signature=(("string",), "int32"))


@dataclass(frozen=True)
class RecordKeys:
    """How rows get their keys: `secret` of the office, and the sessions whose participant ids are random."""

    secret: str = ""
    own: frozenset[str] = frozenset()

    def of(self, rows: ibis.Table) -> Any:
        """The key of each row, from its `session` and `participant`."""
        people = rows.participant
        if self.secret:
            guessable = ibis.literal(self.secret) + people
            people = rows.session.isin(sorted(self.own)).ifelse(people, guessable) if self.own else guessable
        digest = _md5(people)
        key = ibis.literal(0, type="int64")
        for place in range(DIGITS):
            digit = _ascii(digest.substr(place, 1)).cast("int64")
            key = key + digit * ibis.literal(_BASE**place, type="int64")
        return key


def counted(rows: ibis.Table) -> dict[str, Any]:
    """What each cell of a table of people with keys is told by: how many they are, and the sum of keys."""
    return {"n": rows.count(), KEY: rows.key.sum().cast("int64")}


def derived_keys(frame: pd.DataFrame, columns: Iterable[str]) -> pd.Series:
    """Keys of cells that have none (cubes of earlier kits; answers that no person is known of).

    They follow from what a cell counts and how much, never from what a place or session is called.
    """
    told = [name for name in columns if name not in _LABELS]
    plain = frame[[*told, "n"]].astype("str").fillna("")
    hashed = pd.util.hash_pandas_object(plain, index=False).to_numpy(dtype=np.uint64)
    return pd.Series((hashed % np.uint64(_BASE**DIGITS)).astype(np.int64), index=frame.index, dtype="Int64")

"""The cube of a report: counts of people and answers.

Schema (`Cube`, and `cube.parquet` where a column `part` says which table a row belongs to); every table
ends with a count `n`, so cubes add up by adding counts. A missing wave is null.

| part | columns before n |
|---|---|
| score | session, event, site, audience, held_on, quiz_id, arm, site_id, pre, post, followup (right items) |
| signal | session, site, arm, site_id, {fraud, genuine}_{refused, unsure, asked}_{pre, post} (matched) |
| right | quiz_id, item, wave, site_id, correct (1, 0): matched people, before and after |
| answer | quiz_id, wave, form, item, choice, correct, total (score of that wave), matched (0/1) |
| shift | quiz_id, arm, item (before), item_post (itself or its twin), choice, correct, each `_pre`, `_post` |
| attempt | quiz_id, wave, status (complete, partial = at least 80 % answered, short = does not count) |
| likert, plan, behaviour | quiz_id, item, wave, choice: kinds that are never scored |
| practice | quiz_id, item, signal, choice |
| site | site_id, site (the name), district, city, province: people who joined |

Beside each count stands `key`, the sum of the record keys of its people (`kit.report.read.keys`). Pooling
adds both. A cube without keys gets derived ones.

Cubes of bundles before schema 3 do not know arm and undecided offers of the signal part: null.

In score and signal `site` is the label of `site_id`: the name, and more where several sites of the cube share
it. So labels may change when cubes are pooled, identities do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from kit.bundle.faults import SourceFault
from kit.bundle.layout import KEY, NUMBERS, PARTS, SIGNAL_BEFORE_3, SIGNAL_COUNTS
from kit.report.count.places import Places
from kit.report.read.bounds import CUBE_ROWS, check_parquet
from kit.report.read.keys import derived_keys
from kit.study.place import Site

_MOST_PLACES: Final = 2**62
MOST_PEOPLE: Final = 1_000_000_000
"""In one cell of a cube; more is no count."""


def _empty(columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {c: pd.Series(dtype="Int64" if c in NUMBERS else "str") for c in (*columns, "n", KEY)}
    )


Codes = npt.NDArray[np.int64]


def _sorted_codes(column: pd.Series, *, number: bool) -> tuple[Codes, pd.Index[Any]]:
    """A code for each value, in the order of the values, and the values; null comes last."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        # What is among the categories need not be among the values.
        values = column.cat.categories.astype("str").sort_values()
        codes = column.cat.set_categories(values).cat.codes.to_numpy()
    else:
        codes, found = pd.factorize(column.astype("Int64" if number else "str"), sort=True)
        values = pd.Index(found)
    return np.where(codes < 0, len(values), codes).astype(np.int32), values


def _places(coded: Sequence[tuple[Codes, pd.Index[Any]]]) -> Codes:
    """A whole number for each row, by which rows sort as by all their columns."""
    place, size = np.zeros(len(coded[0][0]), np.int64), 1
    for codes, values in coded:
        if size * (len(values) + 1) > _MOST_PLACES:
            found, place = np.unique(place, return_inverse=True)
            size = len(found)
        place = place * (len(values) + 1) + codes
        size *= len(values) + 1
    return place


def _told(codes: Codes, values: pd.Index[Any]) -> Any:
    """The values of codes; the last code is null."""
    return values.array.take(np.where(codes == len(values), -1, codes), allow_fill=True)


def _summed(counts: pd.Series, order: Codes, first: Codes) -> Any:
    """Sums of the rows from each first one to the next."""
    whole = counts.to_numpy(dtype=np.int64, na_value=0)
    return pd.array(np.add.reduceat(whole[order], first), dtype="Int64")


def _without_undecided(signal: pd.DataFrame) -> pd.DataFrame:
    """Offers as counted before schema 3: nobody knows which were undecided, nor in which order forms came."""
    counted = signal.drop(columns="arm", errors="ignore").rename(columns=SIGNAL_BEFORE_3)
    return counted.reindex(columns=[c for c in (*PARTS["signal"], "n", KEY) if c != KEY or KEY in counted])


def in_order(part: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Fix column order and types, add up equal rows, sort: the canonical form of a part."""
    columns = PARTS[part]
    if frame.empty:
        return _empty(columns)
    noise = frame[KEY] if KEY in frame else derived_keys(frame, columns)
    # One number for all columns of a row: a million rows of eleven columns are sorted in a tenth of the time.
    coded = [_sorted_codes(frame[c], number=c in NUMBERS) for c in columns]
    place = _places(coded)
    order = np.argsort(place, kind="stable")
    place = place[order]
    first = np.flatnonzero(np.r_[True, place[1:] != place[:-1]])
    kept = order[first]
    cells = {c: _told(codes[kept], values) for c, (codes, values) in zip(columns, coded, strict=True)}
    sums = {name: _summed(counts, order, first) for name, counts in (("n", frame["n"]), (KEY, noise))}
    return pd.DataFrame({**cells, **sums})


@dataclass(frozen=True)
class Cube:
    """Counts of people and answers; everything a report says follows from these."""

    score: pd.DataFrame
    signal: pd.DataFrame
    right: pd.DataFrame
    answer: pd.DataFrame
    shift: pd.DataFrame
    attempt: pd.DataFrame
    likert: pd.DataFrame
    plan: pd.DataFrame
    behaviour: pd.DataFrame
    practice: pd.DataFrame
    site: pd.DataFrame

    @classmethod
    def of(cls, **parts: pd.DataFrame) -> Cube:
        """Make a cube from some of its parts, in canonical form; the others are empty."""
        return cls(**{name: in_order(name, parts.get(name, pd.DataFrame())) for name in PARTS})

    @classmethod
    def pooled(cls, cubes: Sequence[Cube], places: Places | None = None) -> Cube:
        """Add cubes up, each site under one identity and one label: those given, else those of the cubes."""
        if places is None:
            places = Places.of(site for cube in cubes for site in cube.sites)
        parts = {
            name: pd.concat([getattr(cube, name) for cube in cubes], ignore_index=True) for name in PARTS
        }
        for name in ("score", "signal", "right"):
            parts[name] = places.put_labels(parts[name])
        if not parts["score"].empty:
            parts["site"] = places.table(parts["score"])
        return cls.of(**parts)

    def __add__(self, other: Cube) -> Cube:
        """Pool two cubes: counts add up."""
        return Cube.pooled([self, other])

    @property
    def sites(self) -> list[Site]:
        """The sites with their places."""
        return Places.from_table(self.site)

    def write(self, path: Path) -> None:
        """Write `cube.parquet`: all parts in one file, `part` first."""
        rows = [getattr(self, part.name).assign(part=part.name) for part in fields(self)]
        columns = ["part", *dict.fromkeys(c for names in PARTS.values() for c in names), "n", KEY]
        filled = [frame.reindex(columns=columns) for frame in rows if not frame.empty]
        whole = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=columns)
        typed = {c: whole[c].astype("Int64" if c in NUMBERS else "str") for c in columns}
        pd.DataFrame(typed).to_parquet(path, index=False)

    @classmethod
    def read(cls, path: Path, site: Site | None = None) -> Cube:
        """Read `cube.parquet`; one that knows no site ids (schema 1 of a bundle) is of `site`."""
        check_parquet(path, CUBE_ROWS)
        whole = pd.read_parquet(path)
        _refuse_uncountable(path, whole)
        parts = {name: whole[whole["part"] == name] for name in PARTS}
        if not set(SIGNAL_COUNTS) <= set(whole.columns):
            parts["signal"] = _without_undecided(parts["signal"])
        if "site_id" in whole.columns:
            return cls.of(**parts)
        ids = whole["site"] if site is None else site.site_id
        known = {name: parts[name].assign(site_id=ids) for name in ("score", "signal")}
        places = Places.of([] if site is None else [site])
        return cls.of(**{**parts, **known, "site": places.table(known["score"])})


def _refuse_uncountable(path: Path, whole: pd.DataFrame) -> None:
    """Refuse a cube from elsewhere whose numbers are no counts of people. Raises SourceFault."""
    try:
        counts = whole["n"].to_numpy(dtype="float64")
        sound = "part" in whole and bool(((counts >= 0) & (counts <= MOST_PEOPLE)).all())
    except (KeyError, TypeError, ValueError):
        sound = False
    if not sound:
        raise SourceFault("cube_counts", file=path.name)

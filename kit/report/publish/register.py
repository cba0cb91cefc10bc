"""The register of reports for the public: the difference of two reports must not speak of a few people.

`releases/<fingerprint>/release.json` says when a report was made and which groups it named;
`releases/<fingerprint>/<session>/cells.json` holds the counts of one session, so that a session can be
deleted from all of them. There are no people in it: only how many had which scores.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from kit.bundle.faults import SourceFault
from kit.bundle.layout import KEY, NUMBERS, SCORE
from kit.report.publish.release_file import read_cells, read_release
from kit.report.publish.secret import keep_secret, register_folder
from kit.report.sections.base import Figures
from kit.report.sections.comparison import Target
from kit.report.sections.groups import Group
from kit.report.sections.item_figures import ItemFigures
from kit.report.sections.sites import PooledFigures
from kit.report.stats.withholding import SMALLEST, GroupName

K: Final = SMALLEST["public"]
EVERYBODY: Final[GroupName] = ("", "")
COMPARED: Final[GroupName] = ("compare", "")
# Labels tell the sites of a report apart; registers of earlier versions have no ids.
_COLUMNS: Final = (*(name for name in SCORE if name != "site_id"), "compared", "n", KEY)
_PERSON: Final = ("quiz_id", "arm")
UNMARKED: Final = "–"
"""The mark of a report for the public before it is in the register."""

_NAMED: Final = (
    EVERYBODY[0],
    COMPARED[0],
    *(name for name in _COLUMNS if name not in (*NUMBERS, "compared", "n", KEY)),
)
"""What a group of a report may be named by."""

# Who is counted, and what is told of them: a later follow-up makes nobody another person.
_POPULATIONS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "joined": ((), ("pre", "post")),
    "pre": (("pre",), ("pre", "post")),
    "post": (("post",), ("pre", "post")),
    "pairs": (("pre", "post"), ("pre", "post")),
    "followup": (("followup",), ("pre", "post", "followup")),
    "all_three": (("pre", "post", "followup"), ("pre", "post", "followup")),
}


@dataclass(frozen=True)
class Release:
    """What a report tells of whom: its score cells and the groups that it names.

    `lost` are its sessions deleted since, and whether each was too small to be told apart. `fingerprint` is
    of the data and never leaves; `mark` is random and is what readers see.
    """

    fingerprint: str
    made_at: str
    sources: tuple[str, ...]
    units: tuple[GroupName, ...]
    cells: pd.DataFrame = field(repr=False, compare=False)
    lost: Mapping[str, bool] = field(default_factory=dict)
    target: float | None = None
    mark: str = UNMARKED

    def rows(self, unit: GroupName) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Which cells belong to a unit."""
        compared = self.cells["compared"].to_numpy() == 1
        if unit in (EVERYBODY, COMPARED):
            return np.asarray(compared if unit == COMPARED else ~compared)
        by, name = unit
        return np.asarray(~compared & (self.cells[by].fillna("").to_numpy(dtype=object) == name))


def describe_release(
    figures: Figures, scores: tuple[pd.DataFrame, pd.DataFrame | None], fingerprint: str, made_at: datetime
) -> Release:
    """What a report tells of whom, before it is published; `scores` of its people and of those compared."""
    score, compared = scores
    pooled = figures.of(PooledFigures)
    units = [EVERYBODY, *((g.by, g.name) for g in figures.rows(Group) if not g.suppressed)]
    units += [(pooled.unit or "site", site.name) for site in pooled.sites]
    units += [("quiz_id", quiz) for quiz in dict.fromkeys(row.quiz_id for row in figures.rows(ItemFigures))]
    parts = [score.assign(compared=0)]
    if compared is not None:
        units.append(COMPARED)
        parts.append(compared.assign(compared=1))
    cells = pd.concat(parts, ignore_index=True)[list(_COLUMNS)]
    made = made_at.isoformat(timespec="seconds")
    named = tuple(dict.fromkeys(units))
    target = figures.of(Target)
    told = target.points if target.verdict_code is not None else None
    return Release(fingerprint, made, figures.sources, named, cells, target=told)


# Comparing


def refuse_exposing(release: Release, earlier: Sequence[Release]) -> None:
    """Compare with all earlier reports. Raises SourceFault where few people, or a score, would be exposed."""
    for other in (one for one in earlier if one.fingerprint != release.fingerprint):
        people = closest_difference(release, other)
        if people is not None:
            raise SourceFault(
                "releases_close",
                people=people or f"< {K}",
                k=K,
                fingerprint=other.mark,
                made=other.made_at[:10],
            )
        if _targets_differ(release, other) and _are_the_same(release, other):
            raise SourceFault("target_again", mark=other.mark, made=other.made_at[:10])


def _targets_differ(new: Release, old: Release) -> bool:
    """A verdict about a target is a figure: many targets on the same people would bracket their change."""
    return None not in (new.target, old.target) and new.target != old.target


def _are_the_same(new: Release, old: Release) -> bool:
    """Whether two reports are about the same people, but for fewer than ten."""
    needed, told = _POPULATIONS["pairs"]
    people, keys = _counted((new, old), needed, told)
    apart = abs(people[0][[0]] - people[1][[0]]).sum()
    return bool(apart < K and _meet((new, old), people, keys)[0, 0])


def closest_difference(new: Release, old: Release) -> int | None:
    """By how many people some group of one report differs from some group of the other, if that is few.

    0 stands for people that are no longer known: those of a small session deleted since. None: by nobody, or
    by ten or more.
    """
    for needed, told in _POPULATIONS.values():
        people, keys = _counted((new, old), needed, told)
        for i, j in np.argwhere(_meet((new, old), people, keys)):
            unknown = old.lost if old.units[j] == EVERYBODY else {}
            if any(not small for small in unknown.values()):
                continue
            if "followup" in needed and (new.units[i], old.units[j]) != (EVERYBODY, EVERYBODY):
                continue
            if min(people[0][[i]].sum(), people[1][[j]].sum()) < K:
                continue
            apart = int(abs(people[0][[i]] - people[1][[j]]).sum())
            if apart < K and (apart or unknown):
                return apart
    return None


def _meet(releases: tuple[Release, Release], people: list[Any], keys: list[Any]) -> Any:
    """Which units of two reports have people in common (units x units).

    Some cell holds as many people with the same sum of keys in both: they are the same people, whatever file
    they came in and whatever their session is called there. Or they are of one session.
    """
    first, second = (_sessions(release) for release in releases)
    sizes = len(releases[0].units), len(releases[1].units)
    return _share_people(people, keys) | _common(first, second, sizes)


def _share_people(people: list[Any], keys: list[Any]) -> Any:
    """Which units have a cell with as many people and the same sum of keys."""
    sides = []
    for counts, sums in zip(people, keys, strict=True):
        found = counts.tocoo()
        # Asked for no cell at all, a sparse array answers with another one instead of numbers.
        of_cells = sums.tocsr()[found.row, found.col] if found.nnz else found.data
        told = {"cell": found.col, "n": found.data, KEY: of_cells}
        sides.append(pd.DataFrame({"unit": found.row, **told}))
    return _common(sides[0], sides[1], (people[0].shape[0], people[1].shape[0]))


def _sessions(release: Release) -> pd.DataFrame:
    """The sessions of each unit."""
    rows = [(place, release.cells.loc[release.rows(unit), "session"].unique()) for place, unit in
            enumerate(release.units)]  # fmt: skip
    return pd.DataFrame(
        [(place, name) for place, names in rows for name in names], columns=["unit", "session"]
    )


def _common(first: pd.DataFrame, second: pd.DataFrame, sizes: tuple[int, int]) -> Any:
    """Which units of two lists have an entry in common (units x units); `unit` is their place."""
    both = first.merge(second, on=[name for name in first.columns if name != "unit"], suffixes=("", "_other"))
    found = np.zeros(sizes, dtype=bool)
    found[both["unit"].to_numpy(dtype=np.int64), both["unit_other"].to_numpy(dtype=np.int64)] = True
    return found


def _counted(
    releases: Sequence[Release], needed: Sequence[str], told: Sequence[str]
) -> tuple[list[Any], list[Any]]:
    """For each release: people and the sum of their keys per unit and cell (sparse)."""
    from scipy.sparse import csr_array

    taken = [r.cells[r.cells[list(needed)].notna().all(axis=1)] for r in releases]
    both = pd.concat(taken, ignore_index=True)
    keys = [_plain_quiz(both[c]) if c == "quiz_id" else both[c] for c in (*_PERSON, *told)]
    cell = pd.DataFrame(dict(enumerate(keys))).groupby(list(range(len(keys))), dropna=False).ngroup()
    width = int(cell.max() + 1) if len(both) else 1
    people: list[Any] = []
    sums: list[Any] = []
    start = 0
    for release, rows in zip(releases, taken, strict=True):
        here = cell.to_numpy()[start : start + len(rows)]
        start += len(rows)
        places = release.cells.index.get_indexer(rows.index)
        marks = np.array([release.rows(unit)[places] for unit in release.units], dtype=np.int64)
        unit, row = np.nonzero(marks)
        shape = (len(release.units), width)
        for found, column in ((people, "n"), (sums, KEY)):
            counts = rows[column].to_numpy(dtype=np.int64)[row]
            found.append(csr_array((counts, (unit, here[row])), shape=shape))
    return people, sums


def _plain_quiz(quizzes: pd.Series) -> pd.Series:
    """Quiz ids without a version: whether it is named depends on the other sessions of a report."""
    return quizzes.fillna("").astype("str").str.split("@").str[0]


# The files


@dataclass(frozen=True)
class Register:
    """The folder of releases. It is never published itself, and only its owner reads it."""

    folder: Path

    @classmethod
    def of_this_office(cls) -> Register:
        """The register in the results folder."""
        return cls(register_folder())

    def check(self, release: Release) -> bool:
        """Compare with all earlier reports that can be read; False where not all can. Raises SourceFault.

        One odd file, from whoever copied the folder, must not open the door for what the others refuse.
        """
        earlier, is_whole = [], True
        try:
            for path in sorted(self.folder.glob("[!.]*/release.json")):
                try:
                    earlier.append(_read(path.parent))
                except (OSError, ValueError):
                    is_whole = False
            self._prepare()
        except OSError:
            is_whole = False
        refuse_exposing(release, earlier)
        return is_whole

    def keep(self, release: Release) -> str | None:
        """Add a report: its mark, None where it cannot be kept. The same report is kept once."""
        final = self.folder / release.fingerprint
        release = replace(release, mark=secrets.token_hex(8))
        rough = self.folder / f".{release.fingerprint}.{os.getpid()}"
        try:
            if final.exists():
                return _read(final).mark
            self._prepare()
            shutil.rmtree(rough, ignore_errors=True)
            rough.mkdir(mode=0o700)
            _write(release, rough)
            os.replace(rough, final)
        except (OSError, ValueError):
            return None
        return release.mark

    def _prepare(self) -> None:
        """Make the folder and be sure that it can be written. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        probe = self.folder / ".probe"
        probe.write_bytes(b"")
        probe.unlink()
        keep_secret(self.folder)


def _write(release: Release, folder: Path) -> None:
    sessions = {}
    for code, rows in release.cells.groupby("session", sort=True):
        sessions[str(code)] = bool(_pairs(rows) < K)
        place = folder / session_folder(str(code))
        place.mkdir()
        (place / "cells.json").write_text(rows.to_json(orient="split", index=False), encoding="utf-8")
    told = {
        "fingerprint": release.fingerprint,
        "made_at": release.made_at,
        "sources": release.sources,
        "units": release.units,
        "target": release.target,
        "mark": release.mark,
        "small_sessions": sessions,
    }
    (folder / "release.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


def _pairs(rows: pd.DataFrame) -> int:
    return int(rows.loc[rows["pre"].notna() & rows["post"].notna(), "n"].sum())


def session_folder(code: str) -> str:
    """The folder of a session: its join code, or a digest of a name that is no code."""
    if re.fullmatch(r"[A-Z0-9]{4,12}", code):
        return code
    return "x" + hashlib.sha256(code.encode()).hexdigest()[:15]


def _read(folder: Path) -> Release:
    """A kept report. Raises OSError; ValueError for one that cannot be understood."""
    told = read_release(folder / "release.json")
    if any(by not in _NAMED for by, _ in told.units):
        raise ValueError("units")
    parts, lost = [], {}
    for code, small in told.small_sessions.items():
        path = folder / session_folder(code) / "cells.json"
        if os.path.lexists(path):
            kept = read_cells(path)
            parts.append(pd.DataFrame(kept.data, columns=kept.columns))
        else:
            lost[code] = small
    return Release(
        fingerprint=told.fingerprint,
        made_at=told.made_at,
        sources=tuple(told.sources),
        units=tuple(told.units),
        cells=_typed(parts),
        lost=lost,
        target=told.target,
        mark=told.mark or told.fingerprint,
    )


def _typed(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The counts of all sessions with the types of a cube. Raises ValueError."""
    cells = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(_COLUMNS))
    types = {c: "Int64" if c in NUMBERS else "int64" if c == "compared" else "str" for c in _COLUMNS}
    if KEY not in cells:
        cells = cells.assign(**{KEY: 0})  # registers of earlier versions know people by their session alone
    try:
        return cells[list(_COLUMNS)].astype(types)
    except (KeyError, TypeError, OverflowError) as odd:
        raise ValueError(type(odd).__name__) from odd

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
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from kit.config import settings
from kit.report.cube import NUMBERS, SCORE
from kit.report.disclosure import SMALLEST, GroupName, Released
from kit.report.faults import SourceFault
from kit.report.figures import Figures

K: Final = SMALLEST["public"]
EVERYBODY: Final[GroupName] = ("", "")
COMPARED: Final[GroupName] = ("compare", "")
_COLUMNS: Final = (*SCORE, "compared", "n")
_PERSON: Final = ("session", "quiz_id", "arm")

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

    `lost` are its sessions deleted since, and whether each was too small to be told apart.
    """

    fingerprint: str
    made_at: str
    sources: tuple[str, ...]
    units: tuple[GroupName, ...]
    cells: pd.DataFrame = field(repr=False, compare=False)
    lost: Mapping[str, bool] = field(default_factory=dict)

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
    units = [EVERYBODY, *((g.by, g.name) for g in figures.groups if not g.suppressed)]
    units += [(figures.pooled.unit or "site", site.name) for site in figures.pooled.sites]
    units += [("quiz_id", quiz) for quiz in dict.fromkeys(row.quiz_id for row in figures.items)]
    parts = [score.assign(compared=0)]
    if compared is not None:
        units.append(COMPARED)
        parts.append(compared.assign(compared=1))
    cells = pd.concat(parts, ignore_index=True)[list(_COLUMNS)]
    made = made_at.isoformat(timespec="seconds")
    return Release(fingerprint, made, figures.sources, tuple(dict.fromkeys(units)), cells)


# Comparing


def check_release(release: Release, folder: Path | None = None) -> bool:
    """Compare with all earlier reports; False where the register cannot be used. Raises SourceFault."""
    folder = folder or register_folder()
    try:
        earlier = list(_read_all(folder))
        _prepare(folder)
    except (OSError, ValueError, KeyError, TypeError):
        return False
    others = [one for one in earlier if one.fingerprint != release.fingerprint]
    for other in others:
        people = closest_difference(release, other)
        if people is not None:
            raise SourceFault(
                "releases_close",
                people=people or f"< {K}",
                k=K,
                fingerprint=other.fingerprint,
                made=other.made_at[:10],
            )
    exposing = exposed_together(release, others)
    if exposing:
        raise SourceFault("releases_together", k=K, reports=", ".join(o.fingerprint for o in exposing))
    return True


def closest_difference(new: Release, old: Release) -> int | None:
    """By how many people some group of one report differs from some group of the other, if that is few.

    0 stands for people that are no longer known: those of a small session deleted since. None: by nobody, or
    by ten or more.
    """
    for needed, told in _POPULATIONS.values():
        people, sessions = _counted((new, old), needed, told)
        meet = (sessions[0] @ sessions[1].T).tocoo()
        for i, j in zip(meet.row, meet.col, strict=True):
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


def _counted(
    releases: Sequence[Release], needed: Sequence[str], told: Sequence[str]
) -> tuple[list[Any], list[Any]]:
    """For each release: people per unit and cell, and whether a unit has people of a session (sparse)."""
    from scipy.sparse import csr_array

    taken = [r.cells[r.cells[list(needed)].notna().all(axis=1)] for r in releases]
    both = pd.concat(taken, ignore_index=True)
    keys = [_plain_quiz(both[c]) if c == "quiz_id" else both[c] for c in (*_PERSON, *told)]
    cell = pd.DataFrame(dict(enumerate(keys))).groupby(list(range(len(keys))), dropna=False).ngroup()
    session = both["session"].factorize()[0]
    people, sessions, start = [], [], 0
    for release, rows in zip(releases, taken, strict=True):
        here = slice(start, start + len(rows))
        start += len(rows)
        places = release.cells.index.get_indexer(rows.index)
        marks = np.array([release.rows(unit)[places] for unit in release.units], dtype=np.int64)
        unit, row = np.nonzero(marks)
        n = rows["n"].to_numpy(dtype=np.int64)[row]
        shape = (len(release.units), int(cell.max() + 1) if len(both) else 1)
        people.append(csr_array((n, (unit, cell.to_numpy()[here][row])), shape=shape))
        shape = (len(release.units), int(session.max() + 1) if len(both) else 1)
        sessions.append(csr_array((n, (unit, session[here][row])), shape=shape))
    return people, sessions


def _plain_quiz(quizzes: pd.Series) -> pd.Series:
    """Quiz ids without a version: whether it is named depends on the other sessions of a report."""
    return quizzes.fillna("").astype("str").str.split("@").str[0]


def exposed_together(new: Release, others: Sequence[Release]) -> list[Release]:
    """The earlier reports that together with this one give a small session away; none where it is safe."""
    atoms: dict[tuple[object, ...], int] = {}
    sizes: list[int] = []
    rows: list[set[int]] = []
    sessions: dict[tuple[str, str], set[int]] = {}
    for release in (new, *others):
        found = _atoms(release)
        for key, (n, _) in found.items():
            if key not in atoms:
                atoms[key] = len(sizes)
                sizes.append(n)
            sessions.setdefault((str(key[0]), release.fingerprint), set()).add(atoms[key])
        for unit in release.units if not release.lost else release.units[1:]:
            rows.append({atoms[key] for key, (_, units) in found.items() if unit in units})
    cells = np.array(sizes, dtype=float)
    released = Released(_marks([row for row in rows if row], len(cells)), cells)
    for members in {frozenset(s) for s in sessions.values()}:
        target = _marks([set(members)], len(cells)).toarray()[0]
        if 0 < target @ cells < K and released.reach(target, most=True) < K - 0.5:
            return list(others)
    return []


def _marks(rows: Sequence[set[int]], width: int) -> Any:
    from scipy.sparse import csr_array

    row = [r for r, members in enumerate(rows) for _ in members]
    column = [c for members in rows for c in members]
    return csr_array((np.ones(len(row)), (row, column)), shape=(len(rows), width))


def _atoms(release: Release) -> dict[tuple[object, ...], tuple[int, set[GroupName]]]:
    """Matched people who are in the same units of a report; a session that has changed is another atom."""
    pairs = release.cells[release.cells["pre"].notna() & release.cells["post"].notna()]
    marks = {unit: release.rows(unit)[release.cells.index.get_indexer(pairs.index)] for unit in release.units}
    groups = ["session", "quiz_id", "arm", "site", "audience", "event", "compared"]
    found: dict[tuple[object, ...], tuple[int, set[GroupName]]] = {}
    for _, places in pairs.reset_index(drop=True).groupby(groups, dropna=False).indices.items():
        rows = pairs.iloc[places]
        who = rows.assign(quiz_id=_plain_quiz(rows["quiz_id"])).groupby(["session", "quiz_id", "arm"]).size()
        told = rows.groupby(["pre", "post"])["n"].sum().sort_index()
        key = (rows["session"].iloc[0], who.index[0], rows["audience"].iloc[0], told.to_json())
        units = {unit for unit, mark in marks.items() if mark[places[0]]}
        n, known = found.get(key, (0, set()))
        found[key] = (n + int(told.sum()), known | units)
    return found


# The files


def register_folder() -> Path:
    """Where the register lies: in the results folder, which is never published."""
    return settings().results / "releases"


def keep_release(release: Release, folder: Path | None = None) -> bool:
    """Add a report to the register; False where that is not possible. The same report is kept once."""
    folder = folder or register_folder()
    final, rough = folder / release.fingerprint, folder / f".{release.fingerprint}.{os.getpid()}"
    try:
        if final.exists():
            return True
        _prepare(folder)
        shutil.rmtree(rough, ignore_errors=True)
        rough.mkdir(mode=0o700)
        sessions = {}
        for code, rows in release.cells.groupby("session", sort=True):
            sessions[str(code)] = bool(_pairs(rows) < K)
            place = rough / session_folder(str(code))
            place.mkdir()
            (place / "cells.json").write_text(rows.to_json(orient="split", index=False), encoding="utf-8")
        told = {
            "fingerprint": release.fingerprint,
            "made_at": release.made_at,
            "sources": release.sources,
            "units": release.units,
            "small_sessions": sessions,
        }
        (rough / "release.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        os.replace(rough, final)
    except OSError:
        return False
    return True


def _prepare(folder: Path) -> None:
    """Make the folder and be sure that it can be written. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    probe = folder / ".probe"
    probe.write_bytes(b"")
    probe.unlink()


def _pairs(rows: pd.DataFrame) -> int:
    return int(rows.loc[rows["pre"].notna() & rows["post"].notna(), "n"].sum())


def session_folder(code: str) -> str:
    """The folder of a session: its join code, or a digest of a name that is no code."""
    if re.fullmatch(r"[A-Z0-9]{4,12}", code):
        return code
    return "x" + hashlib.sha256(code.encode()).hexdigest()[:15]


def _read_all(folder: Path) -> Iterator[Release]:
    for path in sorted(folder.glob("[!.]*/release.json")):
        yield _read(path.parent)


def _read(folder: Path) -> Release:
    told = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    parts, lost = [], {}
    for code, small in told["small_sessions"].items():
        path = folder / session_folder(code) / "cells.json"
        if path.is_file():
            kept = json.loads(path.read_text(encoding="utf-8"))
            parts.append(pd.DataFrame(kept["data"], columns=kept["columns"]))
        else:
            lost[code] = small
    cells = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(_COLUMNS))
    types = {c: "Int64" if c in NUMBERS else "int64" if c == "compared" else "str" for c in _COLUMNS}
    units = tuple((str(by), str(name)) for by, name in told["units"])
    cells = cells[list(_COLUMNS)].astype(types)
    return Release(told["fingerprint"], told["made_at"], tuple(told["sources"]), units, cells, lost)

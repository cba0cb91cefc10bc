"""Tables read together: which of them are one session, and which only share a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pandas as pd

from kit.bundle.faults import Remark, SourceFault, remark
from kit.report.read.codes import people_remarks
from kit.report.read.headings import FILE_WAVES
from kit.report.read.sheets import Shape
from kit.study.place import PLACE_FIELDS
from kit.study.wave import WAVES

_SHARED: Final = 0.5
"""Share of the smaller table's people that two tables of one session have in common."""
_PERSON: Final = ["session", "participant"]
_OF_PEOPLE: Final = ("site", "site_id", "audience", "arm", "quiz_id", "event", "held_on", *PLACE_FIELDS[1:])


@dataclass(frozen=True)
class Table:
    """A checked table: `own_session` unless the file names its sessions itself."""

    name: str
    shape: Shape
    frame: pd.DataFrame
    own_session: bool
    remarks: tuple[Remark, ...] = ()

    @property
    def waves(self) -> frozenset[str]:
        """The measured waves that it holds anything of."""
        if self.shape == "long":
            return frozenset(set(self.frame["wave"]) & set(WAVES))
        return frozenset(wave for wave in WAVES if self.frame[wave].notna().any())

    @property
    def people(self) -> frozenset[str]:
        """Its participants."""
        return frozenset(self.frame["participant"])

    @property
    def session(self) -> str:
        """Its session, where it has one of its own."""
        return str(self.frame["session"].iloc[0])


def session_names(paths: Sequence[Path]) -> dict[Path, str]:
    """What the session of each file is called where the file does not say: files of one name keep apart."""
    names: dict[Path, str] = {}
    for told in (
        lambda p: p.stem,
        lambda p: f"{p.parent.name}/{p.stem}",
        lambda p: f"{p.parent.name}/{p.name}",
    ):
        open_ones = [path for path in paths if path not in names]
        wanted = [told(path) for path in open_ones]
        names |= {path: name for path, name in zip(open_ones, wanted, strict=True) if wanted.count(name) == 1}
    return {path: names.get(path, str(path)) for path in paths}


def bring_tables_together(tables: Sequence[Table]) -> tuple[list[pd.DataFrame], tuple[Remark, ...]]:
    """Rows of all long tables and of all wide ones, and what is to be said of them.

    Tables without a session of their own are one session where they hold different waves of the same people.
    Raises SourceFault for a person whom two tables tell differently, and for scores of one wave alone.
    """
    remarks = [one for table in tables for one in table.remarks]
    remarks += [
        remark("own_session", file=table.name, session=table.session)
        for table in tables
        if table.own_session and table.session != Path(table.name).stem
    ]
    frames = []
    for shape in ("long", "wide"):
        alike = [table for table in tables if table.shape == shape]
        if not alike:
            continue
        alike, told = _sessions_joined(alike)
        frame = alike[0].frame if len(alike) == 1 else _as_one(alike, shape)
        frames.append(frame)
        if both := sum(len(table.frame) for table in alike) - len(frame):
            files = ", ".join(table.name for table in alike)
            remarks.append(remark("people_joined", files=files, n=both))
        remarks += [*told, *people_remarks(frame, shape)]
    return frames, tuple(remarks)


def _sessions_joined(tables: list[Table]) -> tuple[list[Table], list[Remark]]:
    """Give tables of different waves of the same people one session."""
    joined, remarks = list(tables), []
    groups = _groups(tables)
    for group in groups:
        parts = [tables[place] for place in group]
        name = parts[0].session
        for place in group:
            joined[place] = replace(tables[place], frame=tables[place].frame.assign(session=name))
        both = len(frozenset.intersection(*(part.people for part in parts)))
        files = ", ".join(part.name for part in parts)
        remarks.append(remark("waves_joined", files=files, session=name, n=both))
    for place, table in enumerate(tables):
        if len(table.waves) == 1 and not any(place in group for group in groups):
            remarks += _alone(table, among=len(tables))
    return joined, remarks


def _alone(table: Table, among: int) -> list[Remark]:
    """What is said of a table of one wave without a partner. Raises SourceFault where it is the only one."""
    (wave,) = table.waves
    if among == 1 and table.shape == "wide":
        raise SourceFault("one_wave", file=table.name, wave=wave)
    if among == 1 or not table.own_session:
        return []
    return [remark("wave_alone", file=table.name, wave=wave, session=table.session)]


def _groups(tables: Sequence[Table]) -> list[list[int]]:
    """Places of the tables that are one session: named alike but for the wave, else all there are."""
    own = [place for place, table in enumerate(tables) if table.own_session and table.waves]
    by_name: dict[str, list[int]] = {}
    for place in own:
        by_name.setdefault(_without_wave(tables[place].session), []).append(place)
    groups = [group for group in by_name.values() if _is_one(tables, group)]
    left = [place for place in own if not any(place in group for group in groups)]
    if _is_one(tables, left):
        groups.append(left)
    first = list(WAVES)
    return [sorted(group, key=lambda place: min(map(first.index, tables[place].waves))) for group in groups]


def _is_one(tables: Sequence[Table], places: Sequence[int]) -> bool:
    """Whether tables hold different waves of the same people."""
    parts = [tables[place] for place in places]
    waves = [wave for part in parts for wave in part.waves]
    if len(parts) < 2 or len(waves) != len(set(waves)):
        return False
    people = parts[0].people
    return all(len(people & p.people) >= _SHARED * min(len(people), len(p.people)) for p in parts[1:])


def _without_wave(name: str) -> str:
    """A name without the words that say when: `7A sebelum` and `7A sesudah` are both `7a`."""
    words = re.split(r"[\W_]+", name.lower())
    return " ".join(word for word in words if word and word not in FILE_WAVES and word not in ("test", "tes"))


def _as_one(tables: Sequence[Table], shape: str) -> pd.DataFrame:
    """All rows in one frame; of wide tables each person in one row. Raises SourceFault."""
    frame = pd.concat([table.frame for table in tables], ignore_index=True)
    files = pd.Series([table.name for table in tables for _ in range(len(table.frame))])
    for column in _OF_PEOPLE:
        if column in frame:
            frame[column] = _completed(frame, column)
            if frame[column].nunique() > 1:
                _refuse_differing(frame.groupby(_PERSON)[column].nunique() > 1, frame, files)
    keys = [*_PERSON, "wave", "item"] if shape == "long" else _PERSON
    twice = frame.duplicated(keys, keep=False)
    if not twice.any():
        return frame
    if shape == "long":
        raise _told_twice(frame[twice], files[twice])
    return _scores_joined(frame, files)


def _completed(frame: pd.DataFrame, column: str) -> pd.Series:
    """What one file leaves blank of a person, another may tell: the class list knows the site."""
    told = frame[column].mask(frame[column] == "")
    first = told.groupby([frame[name] for name in _PERSON]).transform("first")
    return told.fillna(first).fillna("").astype("str")


def _refuse_differing(differs: pd.Series, frame: pd.DataFrame, files: pd.Series) -> None:
    if differs.any():
        bad = pd.MultiIndex.from_frame(frame[_PERSON]).isin(differs[differs].index)
        raise _told_twice(frame[bad], files[bad])


def _scores_joined(frame: pd.DataFrame, files: pd.Series) -> pd.DataFrame:
    """One row for each person; a wave may stand in two files only with the same score."""
    scores = frame.groupby(_PERSON, sort=False)[list(WAVES)]
    differs = (scores.nunique() > 1).any(axis=1)
    _refuse_differing(differs, frame, files)
    first = frame.drop(columns=list(WAVES)).drop_duplicates(_PERSON).set_index(_PERSON)
    return first.join(scores.first()).reset_index()


def _told_twice(frame: pd.DataFrame, files: pd.Series) -> SourceFault:
    """People of whom two files tell different things, each with the files."""
    return SourceFault("two_files", list(_people_of(frame, files)), files=", ".join(sorted(set(files))))


def _people_of(frame: pd.DataFrame, files: pd.Series) -> Iterator[Remark]:
    for (session, participant), rows in frame.groupby(_PERSON, sort=False):
        named: Iterable[str] = dict.fromkeys(files[rows.index])
        yield remark("two_files", session=session, participant=participant, files=", ".join(named))

"""Check tables as people send them: every bad cell by row and column, before anything is counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from kit.bundle.faults import Remark, SourceFault, remark
from kit.report.read.rows import UNNAMED
from kit.report.read.several import Table
from kit.report.read.sheets import Sheet
from kit.study.place import PLACE_FIELDS
from kit.study.wave import POST, UNSCORED_WAVES, WAVES

OPTIONAL: Final = (
    "session", "event", "site_id", "site", "district", "city", "province", "audience", "arm", "quiz_id",
    "form", "kind", "signal", "choice", "held_on", "followup",
)  # fmt: skip
MOST_ROWS: Final = 10
"""Rows that are named of those with one fault."""
WAVE_WORDS: Final = {
    "sebelum": "pre", "pretest": "pre", "pre test": "pre", "pre-test": "pre",
    "tes awal": "pre", "awal": "pre",
    "sesudah": "post", "posttest": "post", "post test": "post", "post-test": "post", "tes akhir": "post",
    "akhir": "post", "setelah": "post", "susulan": "followup", "tindak lanjut": "followup",
    "follow-up": "followup", "follow up": "followup",
}  # fmt: skip
RIGHT_WORDS: Final[dict[str, int | None]] = {
    "1": 1,
    "0": 0,
    "1.0": 1,
    "0.0": 0,
    "true": 1,
    "false": 0,
    "benar": 1,
    "salah": 0,
    "ya": 1,
    "tidak": 0,
    "": None,
}
_DATE: Final = r"\d{4}-\d\d-\d\d(?: 00:00:00)?|\d{1,2}[-/ ][A-Za-z]{3}(?:[-/ ]\d{2,4})?"
"""A number that a program took for a date: `11,12` becomes 12 November."""
SIGNAL_WORDS: Final = ("fraud", "genuine", "")


def check_long(sheet: Sheet) -> Table:
    """Turn a long table into responses. Raises SourceFault listing every bad cell by row and column."""
    frame, rows = sheet.frame.copy(), sheet.rows
    frame["wave"] = frame["wave"].str.strip().str.lower().replace(WAVE_WORDS)
    right = frame["correct"].str.strip().str.lower()
    faults = [
        *_bad_cells(
            frame["participant"], frame["participant"].str.strip() != "", rows, "blank", "participant"
        ),
        *_bad_cells(frame["item"], frame["item"].str.strip() != "", rows, "blank", "item"),
        *_unknown_waves(frame["wave"], rows),
        *_bad_cells(frame["correct"], right.isin(list(RIGHT_WORDS)), rows, "right", "correct"),
    ]
    if "signal" in frame:
        frame["signal"] = frame["signal"].str.strip().str.lower()
        faults += _bad_cells(frame["signal"], frame["signal"].isin(SIGNAL_WORDS), rows, "signal", "signal")
    full = _with_columns(frame, sheet.session)
    faults += _repeated(full, rows, ["session", "participant", "wave", "item"], "answer_twice")
    faults += _two_places(full, rows)
    if faults:
        raise SourceFault("table", faults, file=sheet.name)
    full["correct"] = right.map(RIGHT_WORDS).astype("Int64")
    full["signal"] = full["signal"].mask(full["signal"] == "")
    full["kind"] = full["kind"].mask(full["kind"] == "")
    forms = _forms(full)
    return _table(sheet, full.assign(form=forms).drop(columns="followup"))


def _table(sheet: Sheet, full: pd.DataFrame) -> Table:
    named = "session" in sheet.frame and bool((sheet.frame["session"].str.strip() != "").any())
    return Table(sheet.name, sheet.shape, full, own_session=not named, remarks=sheet.remarks)


def _forms(frame: pd.DataFrame) -> pd.Series:
    """The form of each row: as given, else from the arm (AB: A before, B after, A at follow-up)."""
    first, second = frame["arm"].str[:1].fillna(""), frame["arm"].str[1:2].fillna("")
    by_arm = first.where(frame["wave"] != POST, second)
    return frame["form"].where(frame["form"] != "", by_arm)


def told_most(sheet: Sheet) -> int | None:
    """K where the table says it: `11 / 20`, as Google Forms does. Raises SourceFault for several."""
    told = {int(n) for wave in WAVES if wave in sheet.frame for n in _out_of(sheet.frame[wave])[1].dropna()}
    if len(told) > 1:
        raise SourceFault("most_differs", file=sheet.name, found=", ".join(map(str, sorted(told))))
    return told.pop() if told else None


def _out_of(cells: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Scores without their `/ 20`, and the twenty."""
    if not cells.str.contains("/", regex=False).any():
        return cells, cells.iloc[:0]
    parts = cells.str.extract(r"^\s*(\d+(?:[.,]\d+)?)\s*/\s*(\d+)\s*$")
    return cells.where(parts[1].isna(), parts[0]), parts[1]


def check_wide(sheet: Sheet, most: int) -> Table:
    """Turn a wide table into totals. Raises SourceFault listing every bad cell by row and column."""
    frame, rows = sheet.frame, sheet.rows
    waves = [wave for wave in WAVES if wave in frame]
    faults = _bad_cells(
        frame["participant"], frame["participant"].str.strip() != "", rows, "blank", "participant"
    )
    frame = frame.assign(**{wave: _out_of(frame[wave])[0] for wave in waves})
    _refuse_per_cent(sheet, waves, most)
    numbers = {wave: _numbers(frame[wave]) for wave in waves}
    for wave in waves:
        blank, value = frame[wave].str.strip() == "", numbers[wave]
        date = value.isna()
        date[date] = frame[wave][date].str.fullmatch(_DATE)
        faults += _bad_cells(frame[wave], ~date, rows, "date", wave)
        faults += _bad_cells(frame[wave], blank | date | value.notna(), rows, "number", wave)
        whole = value % 1 == 0
        faults += _bad_cells(frame[wave], blank | value.isna() | whole, rows, "whole", wave)
        inside = (value >= 0) & (value <= most)
        faults += _bad_cells(
            frame[wave], blank | value.isna() | ~whole | inside, rows, "range", wave, most=most
        )
    full = _with_columns(frame, sheet.session)
    _refuse_restarting(full, sheet.name)
    faults += _repeated(full, rows, ["session", "participant"], "participant_twice")
    if faults:
        raise SourceFault("table", faults, file=sheet.name)
    absent = pd.Series(pd.NA, index=full.index)
    return _table(sheet, full.assign(**{wave: numbers.get(wave, absent).astype("Int64") for wave in WAVES}))


def _numbers(cells: pd.Series) -> pd.Series:
    """Numbers as Excel writes them here (`11,0`) or elsewhere (`11.0`); what is none becomes NaN."""
    numbers = pd.to_numeric(cells, errors="coerce")
    others = cells[numbers.isna()].str.strip().str.replace(r"^(-?\d+),(\d+)$", r"\1.\2", regex=True)
    return numbers.fillna(pd.to_numeric(others, errors="coerce"))


def _refuse_per_cent(sheet: Sheet, waves: list[str], most: int) -> None:
    """Say once that a column holds per cent, which is another scale than right items. Raises SourceFault.

    Signs of it: `55%`, or broken numbers up to 100 where at most `most` items can be right.
    """
    for wave in waves:
        cells = sheet.frame[wave].str.strip()
        value = _numbers(cells)
        broken = (
            ((value % 1 != 0) & value.notna()).any() and bool((value > most).any()) and value.max() <= 100
        )
        if cells.str.endswith("%").any() or broken:
            raise SourceFault("per_cent", file=sheet.name, column=wave, most=most)


def _unknown_waves(cells: pd.Series, rows: pd.Series) -> list[Remark]:
    """Each unknown word for a wave once, with the first row it stands in and how often."""
    strange = cells[~cells.isin([*WAVES, *UNSCORED_WAVES])]
    return [
        remark("cell_wave", row=rows[same.index[0]], column="wave", value=word, n=len(same))
        for word, same in strange.groupby(strange, sort=False)
    ]


def _refuse_restarting(full: pd.DataFrame, name: str) -> None:
    """Numbers that start again in each class are other people, no rows to be deleted. Raises SourceFault."""
    code = full["participant"].str.strip()
    twice = full.assign(code=code).duplicated(["session", "code"])
    if twice.sum() >= 3 and code.str.fullmatch(r"\d{1,4}").all():
        raise SourceFault("numbers_restart", file=name, n=int(twice.sum()))


def _with_columns(frame: pd.DataFrame, session: str) -> pd.DataFrame:
    """Add absent optional columns as blanks; rows without a session are of that of the file."""
    full = frame.assign(**{c: "" for c in OPTIONAL if c not in frame and c not in WAVES})
    full["session"] = full["session"].where(full["session"] != "", session)
    full["quiz_id"] = full["quiz_id"].where(full["quiz_id"] != "", UNNAMED)
    return full if "followup" in full else full.assign(followup="")


def _bad_cells(
    cells: pd.Series, good: pd.Series, rows: pd.Series, key: str, column: str, **values: object
) -> list[Remark]:
    bad = ~good.to_numpy(dtype=bool)
    found = zip(rows[bad], cells[bad], strict=True)
    return [remark(f"cell_{key}", row=row, column=column, value=value, **values) for row, value in found]


def _repeated(frame: pd.DataFrame, rows: pd.Series, keys: list[str], key: str) -> list[Remark]:
    twice = frame.assign(row=rows)[frame.duplicated(keys, keep=False)]
    return [
        remark(key, rows=_listed(list(same["row"])), **dict(zip(keys, map(str, names), strict=True)))
        for names, same in twice.groupby(keys, sort=False)
    ]


def _listed(rows: Sequence[object]) -> str:
    """Rows by number, the first of many."""
    told = ", ".join(str(row) for row in rows[:MOST_ROWS])
    return told if len(rows) <= MOST_ROWS else f"{told} … {rows[-1]} ({len(rows)})"


def _two_places(frame: pd.DataFrame, rows: pd.Series) -> list[Remark]:
    """A participant of one session with two sites, audiences, arms or quizzes."""
    faults = []
    for column in ("site", "audience", "arm", "quiz_id", "event"):
        faults += _differing(frame, rows, column)
    # Where the names agree, districts or ids may not.
    return faults or [
        one for column in ("site_id", *PLACE_FIELDS[1:]) for one in _differing(frame, rows, column)
    ]


def _differing(frame: pd.DataFrame, rows: pd.Series, column: str) -> list[Remark]:
    if frame[column].nunique() < 2:
        return []
    first = frame.groupby(["session", "participant"], sort=False)[column].transform("first")
    bad = frame.assign(row=rows, first=first)[frame[column] != first]
    return [
        remark(
            "cell_differs",
            participant=line["participant"],
            row=line["row"],
            column=column,
            value=line[column],
            first=line["first"],
        )
        for _, line in bad.drop_duplicates(["session", "participant"]).iterrows()
    ]

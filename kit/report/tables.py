"""Tables as people send them: long or wide, CSV, Excel or Parquet, with exact complaints."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import pandas as pd

from kit.report.cube import WAVES
from kit.report.faults import Fault, SourceFault, fault
from kit.text import plain_text

LONG: Final = ("participant", "wave", "item", "correct")
WIDE: Final = ("participant", "pre", "post")
OPTIONAL: Final = (
    "session", "event", "site", "audience", "arm", "quiz_id", "form", "kind", "signal", "choice", "held_on",
    "followup",
)  # fmt: skip
SYNONYMS: Final = {
    "peserta": "participant", "gelombang": "wave", "butir": "item", "benar": "correct", "sebelum": "pre",
    "sesudah": "post", "susulan": "followup", "lokasi": "site", "desa": "site", "sesi": "session",
    "kelompok": "audience", "pilihan": "choice", "acara": "event",
}  # fmt: skip
WAVE_WORDS: Final = {"sebelum": "pre", "sesudah": "post", "susulan": "followup", "follow-up": "followup"}
RIGHT_WORDS: Final[dict[str, int | None]] = {
    "1": 1,
    "0": 0,
    "1.0": 1,
    "0.0": 0,
    "true": 1,
    "false": 0,
    "": None,
}
SIGNAL_WORDS: Final = ("fraud", "genuine", "")

Shape = Literal["long", "wide"]


@dataclass(frozen=True)
class Sheet:
    """A table read as text: `rows` keeps the row number people see in their file."""

    name: str
    frame: pd.DataFrame
    rows: pd.Series

    @property
    def shape(self) -> Shape:
        """Long (one row per answer) or wide (one row per participant)."""
        return "long" if set(LONG) <= set(self.frame.columns) else "wide"


def read_sheet(path: Path) -> Sheet:
    """Read a CSV or Excel file as text with known column names. Raises SourceFault."""
    if path.stat().st_size == 0:
        raise SourceFault("empty_file", file=path.name)
    frame = _read_excel(path) if path.suffix.lower() in (".xlsx", ".xlsm") else _read_csv(path)
    frame.columns = [_column_name(c) for c in frame.columns]
    if len(set(frame.columns)) < len(frame.columns):
        twice = next(c for c in frame.columns if list(frame.columns).count(c) > 1)
        raise SourceFault("column_twice", file=path.name, column=twice)
    _check_columns(path.name, list(frame.columns))
    rows = pd.Series(range(2, len(frame) + 2))
    filled = (frame != "").any(axis=1).to_numpy()
    if not filled.any():
        raise SourceFault("empty_file", file=path.name)
    return Sheet(path.name, frame[filled].reset_index(drop=True), rows[filled].reset_index(drop=True))


def _read_csv(path: Path) -> pd.DataFrame:
    try:
        text = plain_text(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as broken:
        raise SourceFault("encoding", file=path.name) from broken
    first = text.split("\n", 1)[0]
    separator = max(";,\t", key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text), delimiter=separator))
    except csv.Error as broken:
        raise SourceFault("not_a_table", file=path.name, reason=broken) from broken
    header = [name.strip() for name in lines[0]] if lines else []
    ragged = [n for n, line in enumerate(lines[1:], start=2) if line and len(line) != len(header)]
    if ragged:
        faults = [fault("ragged_row", row=n, found=len(lines[n - 1]), wanted=len(header)) for n in ragged]
        raise SourceFault("table", faults, file=path.name)
    body = [line or [""] * len(header) for line in lines[1:]]
    return pd.DataFrame(body, columns=header, dtype="str")


def _read_excel(path: Path) -> pd.DataFrame:
    try:
        sheet = pd.read_excel(path, dtype=object, na_filter=False)  # a place may be called NA
    except Exception as broken:  # openpyxl raises many kinds for a file that is not a workbook
        raise SourceFault("not_a_workbook", file=path.name) from broken
    return sheet.map(_cell_text).astype("str")


def _cell_text(value: object) -> str:
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return plain_text(str(value))


def _column_name(name: object) -> str:
    plain = plain_text(str(name)).strip().lower().replace(" ", "_")
    return SYNONYMS.get(plain, plain)


def _check_columns(name: str, columns: Sequence[str]) -> None:
    if set(LONG) <= set(columns) or set(WIDE) <= set(columns):
        return
    nearer = LONG if len(set(LONG) & set(columns)) > len(set(WIDE) & set(columns)) else WIDE
    faults = []
    for wanted in nearer:
        if wanted not in columns:
            close = difflib.get_close_matches(wanted, columns, n=1, cutoff=0.6)
            guess = fault("column_like", column=wanted, like=close[0]) if close else None
            faults.append(guess or fault("column_missing", column=wanted))
    found = ", ".join(columns) or "-"
    raise SourceFault("columns", faults, file=name, found=found, long=", ".join(LONG), wide=", ".join(WIDE))


@dataclass(frozen=True)
class Checked:
    """A clean table and remarks that do not stop a report."""

    frame: pd.DataFrame
    remarks: tuple[Fault, ...] = ()


def check_long(sheet: Sheet) -> Checked:
    """Turn a long table into responses. Raises SourceFault listing every bad cell by row and column."""
    frame, rows = sheet.frame.copy(), sheet.rows
    frame["wave"] = frame["wave"].str.strip().str.lower().replace(WAVE_WORDS)
    right = frame["correct"].str.strip().str.lower()
    faults = [
        *_bad_cells(
            frame["participant"], frame["participant"].str.strip() != "", rows, "blank", "participant"
        ),
        *_bad_cells(frame["item"], frame["item"].str.strip() != "", rows, "blank", "item"),
        *_bad_cells(frame["wave"], frame["wave"].isin([*WAVES, "poll"]), rows, "wave", "wave"),
        *_bad_cells(frame["correct"], right.isin(list(RIGHT_WORDS)), rows, "right", "correct"),
    ]
    if "signal" in frame:
        frame["signal"] = frame["signal"].str.strip().str.lower()
        faults += _bad_cells(frame["signal"], frame["signal"].isin(SIGNAL_WORDS), rows, "signal", "signal")
    full = _with_columns(frame, sheet.name)
    faults += _repeated(full, rows, ["session", "participant", "wave", "item"], "answer_twice")
    faults += _two_places(full, rows)
    if faults:
        raise SourceFault("table", faults, file=sheet.name)
    full["correct"] = right.map(RIGHT_WORDS).astype("Int64")
    full["signal"] = full["signal"].mask(full["signal"] == "")
    full["kind"] = full["kind"].mask(full["kind"] == "")
    forms = _forms(full)
    return Checked(full.assign(form=forms).drop(columns="followup"), _people_remarks(full, full["wave"]))


def _forms(frame: pd.DataFrame) -> pd.Series:
    """The form of each row: as given, else from the arm (AB: A before, B after, A at follow-up)."""
    place = frame["wave"].map({"pre": 0, "post": 1, "followup": 0}).fillna(0)
    first, second = frame["arm"].str[:1].fillna(""), frame["arm"].str[1:2].fillna("")
    return frame["form"].where(frame["form"] != "", first.where(place == 0, second))


def check_wide(sheet: Sheet, most: int) -> Checked:
    """Turn a wide table into totals. Raises SourceFault listing every bad cell by row and column."""
    frame, rows = sheet.frame, sheet.rows
    waves = [wave for wave in WAVES if wave in frame]
    faults = _bad_cells(
        frame["participant"], frame["participant"].str.strip() != "", rows, "blank", "participant"
    )
    numbers = {wave: pd.to_numeric(frame[wave].str.strip(), errors="coerce") for wave in waves}
    for wave in waves:
        blank, value = frame[wave].str.strip() == "", numbers[wave]
        faults += _bad_cells(frame[wave], blank | value.notna(), rows, "number", wave)
        whole = blank | value.isna() | ((value >= 0) & (value <= most) & (value % 1 == 0))
        faults += _bad_cells(frame[wave], whole, rows, "range", wave, most=most)
    full = _with_columns(frame, sheet.name)
    faults += _repeated(full, rows, ["session", "participant"], "participant_twice")
    if faults:
        raise SourceFault("table", faults, file=sheet.name)
    scores = {wave: numbers[wave].astype("Int64") if wave in waves else pd.NA for wave in WAVES}
    full = full.assign(**{wave: pd.array([pd.NA] * len(full), dtype="Int64") for wave in WAVES})
    for wave in waves:
        full[wave] = scores[wave]
    has = full[list(WAVES)].notna()
    seen = has.apply(lambda row: "+".join(wave for wave in WAVES if row[wave]), axis=1)
    return Checked(full, _people_remarks(full, seen))


def _with_columns(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Add absent optional columns as blanks; a table without sessions is one session named like its file."""
    full = frame.assign(**{c: "" for c in OPTIONAL if c not in frame and c not in WAVES})
    full["session"] = full["session"].where(full["session"] != "", Path(name).stem)
    full["quiz_id"] = full["quiz_id"].where(full["quiz_id"] != "", "quiz")
    return full if "followup" in full else full.assign(followup="")


def _bad_cells(
    cells: pd.Series, good: pd.Series, rows: pd.Series, key: str, column: str, **values: object
) -> list[Fault]:
    bad = ~good.to_numpy(dtype=bool)
    found = zip(rows[bad], cells[bad], strict=True)
    return [fault(f"cell_{key}", row=row, column=column, value=value, **values) for row, value in found]


def _repeated(frame: pd.DataFrame, rows: pd.Series, keys: list[str], key: str) -> list[Fault]:
    twice = frame.assign(row=rows)[frame.duplicated(keys, keep=False)]
    return [
        fault(
            key, rows=", ".join(str(r) for r in same["row"]), **dict(zip(keys, map(str, names), strict=True))
        )
        for names, same in twice.groupby(keys, sort=False)
    ]


def _two_places(frame: pd.DataFrame, rows: pd.Series) -> list[Fault]:
    """A participant of one session with two sites, audiences, arms or quizzes."""
    faults = []
    for column in ("site", "audience", "arm", "quiz_id", "event"):
        first = frame.groupby(["session", "participant"], sort=False)[column].transform("first")
        bad = frame.assign(row=rows, first=first)[frame[column] != first]
        for _, line in bad.drop_duplicates(["session", "participant"]).iterrows():
            values = {"row": line["row"], "column": column, "value": line[column], "first": line["first"]}
            faults.append(fault("cell_differs", participant=line["participant"], **values))
    return faults


def plain_code(code: str) -> str:
    """A personal code without what people mistype: case, blanks, hyphens, O for 0, I and L for 1."""
    kept = "".join(c for c in code.upper() if c.isalnum())
    return kept.translate(str.maketrans("OIL", "011"))


def near_matches(codes: Iterable[str]) -> list[tuple[str, ...]]:
    """Groups of different codes that look alike. Example: RUSA-4821 and rusa 4821."""
    groups: dict[str, list[str]] = {}
    for code in sorted(set(codes)):
        groups.setdefault(plain_code(code), []).append(code)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def _people_remarks(frame: pd.DataFrame, waves: pd.Series) -> tuple[Fault, ...]:
    """Near-matches and people without a partner measurement: listed for the operator, never joined."""
    remarks = []
    seen = (
        frame.assign(seen=waves)
        .groupby(["session", "participant"], sort=True)["seen"]
        .agg(lambda s: "+".join(s))
    )
    for session, people in seen.reset_index().groupby("session"):
        waves_of = dict(zip(people["participant"], people["seen"], strict=True))
        for group in near_matches(waves_of):
            remarks.append(fault("near_match", session=session, codes=" / ".join(group)))
        for wave, other in (("pre", "post"), ("post", "pre")):
            lone = [c for c, s in waves_of.items() if wave in s.split("+") and other not in s.split("+")]
            if lone:
                shown = ", ".join(lone[:10]) + (" …" if len(lone) > 10 else "")
                remarks.append(fault(f"only_{wave}", session=session, n=len(lone), codes=shown))
    return tuple(remarks)

"""A table from outside: what its columns are, and who in it will be counted. It goes with the kernel."""

from __future__ import annotations

import csv
import hashlib
import re
import shutil
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

import kit.report
from kit.bundle.faults import SourceFault
from kit.report.read.bounds import check_parquet
from kit.report.read.grid import Grid, read_grids
from kit.report.read.headings import LONG, WIDE, column_names, find_heading, is_complete
from kit.study.wave import WAVES

MOST_BYTES: Final = 8_000_000
"""What a page hands to its kernel in one piece; larger tables are for the command line."""
KINDS: Final = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".parquet")
FIELDS: Final = (
    "participant", "pre", "post", "followup", "wave", "item", "correct", "site", "session", "audience",
    "event", "choice", "signal", "arm",
)  # fmt: skip
"""What a column may be, in the order in which they are asked for."""
SHOWN: Final = 3


@dataclass(frozen=True)
class Table:
    """A table as it came: its columns as written, what each seems to be, and the rows below the heading."""

    name: str
    columns: tuple[str, ...]
    guesses: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    first: int

    def offered(self) -> dict[str, Any]:
        """What is shown of it before anything is counted."""
        columns = [
            {"title": title or f"({place + 1})", "examples": self._examples(place)}
            for place, title in enumerate(self.columns)
        ]
        guessed = {field: self.guesses.index(field) for field in FIELDS if field in self.guesses}
        return {"name": self.name, "columns": columns, "matched": guessed, "rows": len(self.lines)}

    def _examples(self, place: int) -> list[str]:
        cells = (line[place][:40] for line in self.lines if place < len(line) and line[place])
        return list(dict.fromkeys(cells))[:SHOWN]

    def write(self, folder: Path, matched: Mapping[str, int]) -> Path:
        """Write the matched columns under their known names; each row keeps the number it had in the file."""
        path = folder / f"{Path(self.name).stem}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(matched)
            # Blank lines: a fault names the row that its owner sees.
            file.write("\r\n" * (self.first - 2))
            for line in self.lines:
                writer.writerow([line[place] if place < len(line) else "" for place in matched.values()])
        return path


def read_dropped(folder: Path, name: str, content: bytes) -> Table:
    """Read a table that was dropped in. Raises SourceFault."""
    name = re.sub(r"[^\w .()+-]", "_", Path(name.replace("\\", "/")).name)[-100:]
    if Path(name).suffix.lower() not in KINDS:
        raise SourceFault("unknown_format", source=name)
    if len(content) > MOST_BYTES:
        raise SourceFault("file_large", file=name, most=f"{MOST_BYTES // 1_000_000} MB")
    path = folder / name
    path.write_bytes(content)
    try:
        return _table_of(name, _grid_of(path))
    finally:
        path.unlink()


def _grid_of(path: Path) -> Grid:
    if path.suffix.lower() == ".parquet":
        check_parquet(path)
        frame = pd.read_parquet(path)
        texts = frame.astype("string").fillna("").to_numpy().tolist()
        return Grid(path.name, (tuple(map(str, frame.columns)), *(tuple(map(str, row)) for row in texts)))
    grids = [grid for grid in read_grids(path) if not grid.is_empty]
    if not grids:
        raise SourceFault("empty_file", file=path.name)
    return next((grid for grid in grids if find_heading(grid)), grids[0])


def _table_of(name: str, grid: Grid) -> Table:
    found = find_heading(grid)
    start = found[1] if found else _likely_heading(grid) + 1
    # A heading over two rows is known by both; one that says all by itself may have its explanation below.
    whole = (line for line in grid.lines[max(0, start - 2) : start] if is_complete(column_names(line)))
    written = next(whole, grid.lines[start - 1])
    own = column_names(written)
    guesses = tuple(own if found is None or is_complete(own) else found[0])
    lines = tuple(line for line in grid.lines[start:])
    while lines and not any(lines[-1]):
        lines = lines[:-1]
    return Table(name, written, guesses, lines, grid.first + start)


def _likely_heading(grid: Grid) -> int:
    """The fullest of the first rows, the upper of two that are equally full."""
    filled = [sum(map(bool, line)) for line in grid.lines[:20]]
    return filled.index(max(filled))


class Drop:
    """The tables dropped into one page; their folder goes when the kernel ends."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="kit-table-"))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self.tables: dict[str, Table] = {}

    def take(self, name: str, content: bytes) -> dict[str, Any]:
        """Read a table and offer its columns; its id is the sum of its content. Raises SourceFault."""
        table = read_dropped(self._folder, name, content)
        table_id = hashlib.sha256(content).hexdigest()[:16]
        self.tables[table_id] = table
        return {"id": table_id, **table.offered()}

    def match(
        self, table_id: str, matched: Mapping[str, Any], max_score: int | None
    ) -> tuple[str, Path, dict[str, Any]]:
        """Say who will be counted with these columns: a key, the table as it is counted, and the preview.

        `matched` has the place of a column by field. Raises SourceFault.
        """
        if table_id not in self.tables:
            raise SourceFault("table_gone")
        table = self.tables[table_id]
        places = {name: int(matched[name]) for name in FIELDS if matched.get(name) is not None}
        _check_matched(table, places)
        key = hashlib.sha256(f"{table_id} {sorted(places.items())}".encode()).hexdigest()[:16]
        folder = self._folder / key
        folder.mkdir(exist_ok=True)
        path = table.write(folder, places)
        return key, path, preview(path, max_score)


def _check_matched(table: Table, places: Mapping[str, int]) -> None:
    if any(not 0 <= place < len(table.columns) for place in places.values()):
        raise SourceFault("table_gone")
    if not (set(LONG) <= set(places) or set(WIDE) <= set(places)):
        raise SourceFault("columns_needed")
    if len(set(places.values())) < len(places):
        twice = next(p for p in places.values() if list(places.values()).count(p) > 1)
        raise SourceFault("column_for_two", column=table.columns[twice])


def preview(path: Path, max_score: int | None) -> dict[str, Any]:
    """Who will be counted: people, those measured twice, those left out and why. Raises SourceFault."""
    loaded = kit.report.load(path, max_score=max_score)
    score = loaded.cube().score
    measured = {wave: score[wave].notna() for wave in WAVES}
    both = measured["pre"] & measured["post"]
    counts = {
        "people": score["n"].sum(),
        "pairs": score.loc[both, "n"].sum(),
        "only_pre": score.loc[measured["pre"] & ~measured["post"], "n"].sum(),
        "only_post": score.loc[measured["post"] & ~measured["pre"], "n"].sum(),
        "followup": score.loc[both & measured["followup"], "n"].sum(),
    }
    names: dict[str, Sequence[str]] = {
        name: sorted({str(value) for value in score[name].dropna() if value})
        for name in ("site", "session", "audience")
    }
    remarks = {language: loaded.complaints(language) for language in ("id", "en")}
    return {
        "counts": {name: int(n) for name, n in counts.items()},
        "sites": len(names["site"]),
        "audiences": names["audience"],
        "remarks": remarks,
    }

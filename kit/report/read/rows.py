"""The rows that every source is brought to, and what a reader of sources hands on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import ibis

from kit.bundle.faults import Remark
from kit.bundle.layout import KEYS
from kit.bundle.read import SessionRecord
from kit.report.read.held import run
from kit.report.read.keys import RecordKeys
from kit.study.place import PLACE_FIELDS, Site
from kit.study.wave import WAVES

UNNAMED: Final = "quiz"
"""The quiz id of a table that names none."""

# A row knows its site by id alone: the label is put to the counts, which are few.
ROW_KEYS: Final = tuple(name for name in KEYS if name != "site")
_TEXTS: Final = (
    "session", "event", "site_id", "audience", "participant", "arm", "quiz_id", "wave", "form", "item",
    "kind", "signal", "choice", "held_on",
)  # fmt: skip
RESPONSES: Final[dict[str, str]] = {**dict.fromkeys(_TEXTS, "string"), "correct": "int64"}
PEOPLE: Final[dict[str, str]] = dict.fromkeys(("participant", *ROW_KEYS), "string")
TOTALS: Final[dict[str, str]] = {**PEOPLE, **dict.fromkeys(WAVES, "int64")}
_NULLABLE: Final = ("kind", "signal", "choice", "correct", *WAVES)
_AROUND: Final = PLACE_FIELDS[1:]


NO_SECRET: Final = RecordKeys()
"""Keys of people whose ids are random."""


@dataclass(frozen=True)
class Rows:
    """Rows of all sources on one engine (an Ibis connection); any of the three may be absent.

    responses: one row per participant, wave and item. people: everyone who joined. totals: pre, post and
    followup scores where single answers are not known. `keys` gives each of them a record key.
    """

    connection: Any
    responses: ibis.Table | None = None
    people: ibis.Table | None = None
    totals: ibis.Table | None = None
    keys: RecordKeys = NO_SECRET


@dataclass(frozen=True)
class Contents:
    """What was read of one source: rows, or counts where the rows were deleted, and what is known of them.

    `names` tell readers of the report where the figures come from; `summed` are names of tables that hold
    totals alone; `stripped` are bundles whose rows were deleted. `unlisted` are tables whose sites are not
    among `sites`: their site ids are the sites' names. `most` is K, where tables of totals tell it.
    """

    names: tuple[str, ...] = ()
    records: tuple[SessionRecord, ...] = ()
    responses: tuple[ibis.Table, ...] = ()
    people: tuple[ibis.Table, ...] = ()
    totals: tuple[ibis.Table, ...] = ()
    stripped: tuple[tuple[Path, SessionRecord], ...] = ()
    summed: tuple[str, ...] = ()
    sites: tuple[Site, ...] = ()
    unlisted: tuple[ibis.Table, ...] = ()
    remarks: tuple[Remark, ...] = ()
    most: int | None = None

    def __add__(self, other: Contents) -> Contents:
        """Both readings as one."""
        lists = [one.name for one in fields(self) if one.name != "most"]
        both = {name: getattr(self, name) + getattr(other, name) for name in lists}
        return Contents(**both, most=self.most or other.most)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to count."""
        return not (self.responses or self.people or self.totals or self.stripped)


def shape(
    table: ibis.Table,
    columns: Mapping[str, str],
    fixed: Mapping[str, str] = {},
    filled: frozenset[str] = frozenset(),
) -> ibis.Table:
    """Give a table exactly these columns and types.

    Absent ones and blanks are as in `fixed`, else blank, or null where that says more. Columns that are known
    to be `filled` are taken as they are: an engine holds a column that it looked for blanks as texts of
    their own, which made the count of a million people five times slower.
    """
    shaped = {
        name: table[name].cast(kind) if name in filled else _column(table, name, kind, fixed.get(name, ""))
        for name, kind in columns.items()
    }
    if "site_id" in columns and "site_id" not in {*fixed, *filled}:
        shaped["site_id"] = _site_id(table, filled)
    return table.select(**shaped)


def _column(table: ibis.Table, name: str, kind: str, blank: str = "") -> Any:
    value = table[name].cast(kind) if name in table.columns else ibis.null(kind)
    if name in _NULLABLE:
        return value
    if kind != "string":
        return value.fill_null(0)
    value = value.fill_null(blank)
    return (value == "").ifelse(blank, value) if blank else value


def _site_id(table: ibis.Table, filled: frozenset[str] = frozenset()) -> Any:
    """The id of a row's site; where it has none, its place in words, as `place_id` writes it."""
    name = table.site.cast("string") if "site" in filled else _column(table, "site", "string")
    around = [_column(table, field, "string") for field in _AROUND if field in table.columns]
    if around:
        full = name
        for field in _AROUND:
            full = full + "|" + _column(table, field, "string")
        alone = around[0] == ""
        for field in around[1:]:
            alone = alone & (field == "")
        name = alone.ifelse(name, full)
    if "site_id" not in table.columns:
        return name
    given = _column(table, "site_id", "string")
    return (given == "").ifelse(name, given)


def tells_sites(columns: Iterable[str]) -> bool:
    """Whether a table says more of its sites than their names."""
    return not {"site_id", *_AROUND}.isdisjoint(columns)


def listed_sites(table: ibis.Table, connection: Any) -> tuple[Site, ...]:
    """The sites of a table as it was sent, each once."""
    texts = {"name": "site", **{field: field for field in _AROUND}}
    columns = {field: _column(table, name, "string") for field, name in texts.items()}
    distinct = table.select(site_id=_site_id(table), **columns).distinct()
    rows = run(connection, distinct).to_pylist()
    return tuple(sorted((Site(**row) for row in rows), key=lambda site: (site.site_id, site.place)))


def union(parts: Sequence[ibis.Table]) -> ibis.Table | None:
    """All of the tables as one."""
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else ibis.union(*parts)

"""Any source by what it looks like."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

from kit.bundle.faults import SourceFault, remark
from kit.report.read.bundles import read_bundles
from kit.report.read.rows import Contents
from kit.report.read.tables import read_parquet

_OTHER_SHEETS: Final = (".ods", ".fods", ".xls", ".xlsb", ".numbers")
_SHEETS: Final = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm")


def is_lock(source: Any) -> bool:
    """Whether a file is only Excel's marker of an open workbook."""
    return Path(str(source)).name.startswith("~$")


def is_sheet(source: Any) -> bool:
    """Whether a source is a table of text or a workbook, which are read together."""
    path = Path(str(source))
    return (
        "://" not in str(source) and not is_lock(source) and path.suffix.lower() in _SHEETS and path.is_file()
    )


def read_source(
    source: Any,
    connection: Any,
    max_score: int | None = None,
    known: Collection[str] = (),
    session: str = "",
) -> Contents:
    """Read a bundle, a folder of bundles, a Parquet file or a store URL. Raises SourceFault.

    `known` are codes of sessions that were read already; `session` is that of a file that tells none.
    """
    text = str(source)
    if "://" in text:
        # SQLAlchemy takes a while to load and most reports have no store.
        from kit.report.read.stores import read_store

        return read_store(text, connection)
    path = Path(text)
    if is_lock(source):
        return Contents(remarks=(remark("lock_file", file=path.name),))
    if path.is_dir():
        return read_bundles(path, connection, known)
    if not path.is_file():
        raise SourceFault("not_found", source=text)
    if path.suffix.lower() == ".parquet":
        return read_parquet(path, connection, max_score, session)
    if path.suffix.lower() in _OTHER_SHEETS:
        raise SourceFault("other_workbook", file=path.name)
    raise SourceFault("unknown_format", source=path.name)

"""Bundles as rows; as counts where the rows were deleted."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from kit.bundle import layout
from kit.bundle.faults import SourceFault, remark
from kit.bundle.read import SessionRecord, bundle_folders, read_session
from kit.report.read.bounds import filled_columns
from kit.report.read.held import open_parquet
from kit.report.read.rows import PEOPLE, RESPONSES, Contents, shape


def read_bundles(folder: Path, connection: Any, known: Collection[str] = ()) -> Contents:
    """Read a bundle, or all bundles below a folder, but for rehearsals and sessions that are `known`.

    A rehearsal is read where it was chosen by itself. Raises SourceFault.
    """
    bundles = bundle_folders(folder)
    if not bundles:
        raise SourceFault("no_bundles", folder=folder)
    chosen = bundles == [folder]
    reading, codes = Contents(), set(known)
    for bundle in bundles:
        record = read_session(bundle)
        if record.rehearsal and not chosen:
            reading += Contents(remarks=(remark("rehearsal_left_out", folder=bundle.name),))
        elif record.code in codes:
            reading += Contents(remarks=(remark("session_twice", code=record.code, folder=bundle.name),))
        else:
            reading += _read_bundle(bundle, record, connection)
            codes.add(record.code)
    return reading


def _read_bundle(folder: Path, record: SessionRecord, connection: Any) -> Contents:
    # Not the folder: while a bundle is written it has a name of its own.
    told = Contents(
        names=(f"{record.held_on} {record.site} {record.code}",), records=(record,), sites=(record.place,)
    )
    if (folder / layout.RESPONSES).is_file():
        return told + _read_rows(folder, record, connection)
    if (folder / layout.CUBE).is_file():
        return told + Contents(stripped=((folder, record),))
    raise SourceFault("bundle_empty", folder=folder)


def _read_rows(folder: Path, record: SessionRecord, connection: Any) -> Contents:
    # A session is held at one site; schema 1 has no column for its id.
    fixed = {"site_id": record.place.site_id}
    answers = folder / layout.RESPONSES
    responses = shape(open_parquet(answers, connection), RESPONSES, fixed, filled_columns(answers))
    # An unanswered item may be listed with no choice; it is no answer.
    reading = Contents(responses=(responses.filter(responses.choice.notnull()),))
    if (folder / layout.PEOPLE).is_file():
        people = open_parquet(folder / layout.PEOPLE, connection)
        fixed["held_on"] = record.held_on
        reading += Contents(people=(shape(people, PEOPLE, fixed),))
    return reading

"""What stays of a bundle when the retention time is over: counts and reports, no row or cell of a person."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kit.bundle import layout
from kit.bundle.write import write_json
from kit.study.place import PLACE_FIELDS, Site


def tells_all(folder: Path, closed_at: str) -> bool:
    """Whether a bundle is of this very close of its session and says all that may be kept of it."""
    present = all((folder / name).is_file() for name in layout.STAYING)
    return present and _closed_at(folder) == closed_at


def _closed_at(folder: Path) -> str | None:
    """When the session was closed that a bundle tells of; None when its file is broken."""
    try:
        told: str | None = json.loads((folder / layout.SESSION).read_text(encoding="utf-8"))["closed_at"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return told


def strip_rows(folder: Path) -> None:
    """Remove the raw rows from a bundle, their sums from its manifest first: a half must not look broken."""
    raw = [folder / name for name in layout.RAW if (folder / name).is_file()]
    if raw:
        _change_sums(folder, dict.fromkeys(layout.RAW))
    for path in raw:
        path.unlink()


def has_cells_of_few(folder: Path) -> bool:
    """Whether a bundle without rows still has the cube it was closed with, down to single people."""
    present = {name for name in (*layout.RAW, layout.CUBE, layout.SESSION) if (folder / name).is_file()}
    return present == {layout.CUBE, layout.SESSION} and layout.MERGED not in _told(folder)


def merge_cells_of_few(folder: Path) -> None:
    """Put a cube whose cells hold five people or more in place of a bundle's own; its session says so.

    The session comes last: whoever is killed before begins anew, with cells that are merged already.
    """
    import pandas as pd

    from kit.bundle.merge import merge_cells

    merged = merge_cells(pd.read_parquet(folder / layout.CUBE))
    rough = folder / f".{layout.CUBE}.new"
    merged.cube.to_parquet(rough, index=False)
    _put(rough, folder / layout.CUBE)
    rough = folder / f".{layout.SESSION}.new"
    write_json(rough, {**_told(folder), layout.MERGED: {"left_out": merged.left_out}})
    _put(rough, folder / layout.SESSION)


def move_place(folder: Path, site: Site) -> None:
    """Let a bundle whose rows are gone belong to another place; its reports stay as they were written.

    Its counts and its session tell the place, in the way in which `write_bundle` and the cube do.
    """
    import pandas as pd

    for name in (layout.CUBE, layout.SIGHTINGS):
        if not (folder / name).is_file():
            continue
        rows = pd.read_parquet(folder / name)
        told = dict(zip(PLACE_FIELDS[1:], site.place[1:], strict=True))
        for column, value in ({"site_id": site.site_id, "site": site.name} | told).items():
            if column in rows:
                # A column tells of the place only in the parts of the cube that have it.
                known = rows[column]
                rows[column] = known.astype(object).where(known.isna(), value).astype("str")
        rough = folder / f".{name}.new"
        rows.to_parquet(rough, index=False)
        _put(rough, folder / name)
    rough = folder / f".{layout.SESSION}.new"
    place = {"site_id": site.site_id, **dict(zip(PLACE_FIELDS, site.place, strict=True))}
    write_json(rough, {**_told(folder), "site": place})
    _put(rough, folder / layout.SESSION)


def _told(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / layout.SESSION).read_text(encoding="utf-8"))
    return told


def strip_person(folder: Path, participant_id: str) -> None:
    """Remove one person's rows from a bundle; the cube and the reports, which know no person, stay."""
    import pandas as pd

    for path in (folder / name for name in layout.RAW if (folder / name).is_file()):
        rows = pd.read_parquet(path)
        others = rows[rows["participant"] != participant_id]
        if len(others) == len(rows):
            continue
        rough = folder / f".{path.name}.new"
        others.to_parquet(rough, index=False)
        _put(rough, path)


def _put(rough: Path, path: Path) -> None:
    """Put a new file of a bundle in place of the old one, its sum in the manifest first."""
    with contextlib.suppress(OSError):
        rough.chmod(0o600)
    _change_sums(path.parent, {path.name: layout.file_sum(rough)})
    os.replace(rough, path)


def _change_sums(folder: Path, changed: Mapping[str, str | None]) -> None:
    """Change the sums of some files in the manifest; None drops one."""
    manifest = folder / layout.MANIFEST
    if manifest.is_file():
        try:
            sums = {**json.loads(manifest.read_text(encoding="utf-8")), **changed}
        except (ValueError, TypeError, RecursionError):
            # One that tells nothing cannot look wrong, and must not keep any row.
            return
        rough = folder / f"{layout.MANIFEST}.new"
        write_json(rough, {name: value for name, value in sums.items() if value is not None})
        os.replace(rough, manifest)

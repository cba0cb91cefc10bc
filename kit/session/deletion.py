"""What is deleted, and when: a session on request, and its people when their time has passed.

A wrong clock must not destroy answers, so people are deleted only at the second look that finds them due, at
least a day after the first. The cube and the report stay: they know no single person.

Nobody has to close a session for that: one left open, or reopened for its follow-up, is closed here once
nobody has joined or answered for as long.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from kit.config import Settings
from kit.session.rules import view_session
from kit.session.store import Transaction

KEPT_DAYS: Final = 30
LOOK_AGAIN: Final = timedelta(days=1)
RAW_FILES: Final = ("responses.parquet", "participants.parquet")
_NEEDED: Final = ("session.json", "cube.parquet", "report.json", "manifest.json")


def find_due(tx: Transaction, moment: str) -> list[str]:
    """The codes of sessions whose people are to be deleted now, all of them closed; notes new ones."""
    ready = []
    for row in tx.sessions():
        if row["purged_at"]:
            continue
        noted, ended_at = row["due_noted_at"], _ended_at(tx, row, moment)
        if ended_at is None or not _is_past(row, ended_at, moment):
            if noted:
                tx.update_session(row["code"], due_noted_at=None)
        elif noted is None or noted > moment:
            tx.update_session(row["code"], due_noted_at=moment)
        elif _time(moment) - _time(noted) >= LOOK_AGAIN:
            if row["stage"] != "closed":
                # Not now but then: were the service killed before the rest is done, it stays due.
                tx.update_session(row["code"], stage="closed", closed_at=ended_at)
            ready.append(str(row["code"]))
    return ready


def _ended_at(tx: Transaction, row: Any, moment: str) -> str | None:
    """When a session was closed; of one left open, when somebody last joined or answered, if anybody did."""
    if row["stage"] == "closed":
        return None if row["closed_at"] is None else str(row["closed_at"])
    if not _is_past(row, row["opened_at"], moment):
        return None
    seen = [str(person["joined_at"]) for person in tx.participants(row["session_id"])]
    seen += [str(response["answered_at"]) for response in tx.session_responses(row["session_id"])]
    return max([*seen, row["closed_at"] or ""]) if seen else None


def _is_past(row: Any, since: str, moment: str) -> bool:
    """Whether the follow-up window and the retention time after it have passed since then."""
    return _time(since) + timedelta(days=row["followup_days"] + KEPT_DAYS) <= _time(moment)


def _time(written: str) -> datetime:
    return datetime.fromisoformat(written)


def purge_people(tx: Transaction, request: tuple[str, str]) -> dict[str, int]:
    """Delete the people of a closed session `(code, moment)` with all they did; counts by table."""
    code, moment = request
    tx.lock_session(code)
    view = view_session(tx, code)
    if view.stage != "closed":
        return {}  # reopened while its bundle was written: there may be answers that no report knows
    gone = tx.delete_people(view.row["session_id"])
    tx.update_session(code, purged_at=moment)
    return gone


def closed_at(tx: Transaction, code: str) -> str:
    """When a session was closed. Raises NotFound."""
    return str(view_session(tx, code).row["closed_at"])


def purged_codes(tx: Transaction) -> list[str]:
    """The join codes of sessions whose people are gone."""
    return [str(row["code"]) for row in tx.sessions() if row["purged_at"]]


# Files


def has_bundle(settings: Settings, code: str, closed_at: str) -> bool:
    """Whether a bundle of this very close lies in the results folder and says all that may be kept."""
    return any(
        all((folder / name).is_file() for name in _NEEDED) and _closed_at(folder) == closed_at
        for folder in _bundles(settings, code)
    )


def _closed_at(folder: Path) -> str | None:
    """When the session was closed that a bundle tells of; None when its file is broken."""
    try:
        told: str | None = json.loads((folder / "session.json").read_text(encoding="utf-8"))["closed_at"]
    except (ValueError, KeyError, TypeError):
        return None
    return told


def strip_bundle(settings: Settings, code: str) -> None:
    """Remove the raw rows from a session's bundle, and their sums from its manifest."""
    for folder in _unfinished(settings, code):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in _bundles(settings, code):
        raw = [folder / name for name in RAW_FILES if (folder / name).is_file()]
        manifest = folder / "manifest.json"
        if raw and manifest.is_file():
            sums = json.loads(manifest.read_text(encoding="utf-8"))
            kept = {name: value for name, value in sums.items() if name not in RAW_FILES}
            rough = folder / "manifest.json.new"
            rough.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            os.replace(rough, manifest)
        for path in raw:
            path.unlink()


def delete_backups(settings: Settings) -> list[str]:
    """Remove the store's backups: each holds every session of its time."""
    return _remove(settings, [settings.backups])


def delete_files(settings: Settings, code: str) -> list[str]:
    """Remove a session's bundle, halves of it, its counts in the register of public reports, and backups.

    Returns what went, relative to `results/`.
    """
    released = settings.results.glob(f"releases/*/{code}")
    found = [*_bundles(settings, code), *_unfinished(settings, code), *released]
    return _remove(settings, found) + delete_backups(settings)


def _remove(settings: Settings, folders: list[Path]) -> list[str]:
    present = [folder for folder in folders if folder.is_dir()]
    for folder in present:
        shutil.rmtree(folder)
    return [folder.relative_to(settings.results).as_posix() for folder in present]


def _bundles(settings: Settings, code: str) -> list[Path]:
    return [path for path in settings.results.glob(f"*-{code}") if path.is_dir() and not path.is_symlink()]


def _unfinished(settings: Settings, code: str) -> Iterator[Path]:
    """What a bundle's writer left behind when it was killed."""
    for ending in ("new", "old"):
        yield from settings.results.glob(f".*-{code}.{ending}")

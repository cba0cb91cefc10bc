"""What is deleted, and when: a session on request, and its people when their time has passed.

A wrong clock must not destroy answers, so people are deleted only at the second look that finds them due, at
least a day after the first. The cube and the report stay: they know no single person.
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
    """The codes of sessions whose people are to be deleted now; notes those found due for the first time."""
    ready = []
    for row in tx.sessions():
        if row["purged_at"]:
            continue
        noted = row["due_noted_at"]
        if not _is_due(row, moment):
            if noted:
                tx.update_session(row["code"], due_noted_at=None)
        elif noted is None or noted > moment:
            tx.update_session(row["code"], due_noted_at=moment)
        elif _time(moment) - _time(noted) >= LOOK_AGAIN:
            ready.append(str(row["code"]))
    return ready


def _is_due(row: Any, moment: str) -> bool:
    """Whether the follow-up window and the retention time after it have passed since the session closed."""
    if row["stage"] != "closed" or row["closed_at"] is None:
        return False
    kept = timedelta(days=row["followup_days"] + KEPT_DAYS)
    return _time(row["closed_at"]) + kept <= _time(moment)


def _time(written: str) -> datetime:
    return datetime.fromisoformat(written)


def purge_people(tx: Transaction, request: tuple[str, str]) -> dict[str, int]:
    """Delete the participants, attempts and responses of a session `(code, moment)`; counts by table."""
    code, moment = request
    tx.lock_session(code)
    view = view_session(tx, code)
    gone = tx.delete_people(view.row["session_id"])
    tx.update_session(code, purged_at=moment)
    return gone


def purged_codes(tx: Transaction) -> list[str]:
    """The join codes of sessions whose people are gone."""
    return [str(row["code"]) for row in tx.sessions() if row["purged_at"]]


# Files


def has_bundle(settings: Settings, code: str) -> bool:
    """Whether a bundle lies in the results folder that says all that may be kept."""
    return any(all((folder / name).is_file() for name in _NEEDED) for folder in _bundles(settings, code))


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
    """Remove a session's bundle, halves of it, and the store's backups; what went, relative to `results/`."""
    found = [*_bundles(settings, code), *_unfinished(settings, code)]
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

"""The files of sessions: bundles that stay without their people, and everything that goes with a session."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from kit.bundle import layout, strip
from kit.config import Settings, private_folder
from kit.session.store import clock

_LAST_MOMENT: Final = datetime(9999, 1, 1, tzinfo=UTC).timestamp()
_SHEET_ID: Final = re.compile(r"[0-9a-f]{32}")


def has_bundle(settings: Settings, code: str, closed_at: str) -> bool:
    """Whether a bundle of this very close lies in the results folder and says all that may be kept."""
    return any(strip.tells_all(folder, closed_at) for folder in layout.bundles_of(settings.results, code))


def drop_bundle(settings: Settings, code: str, name: str) -> None:
    """Delete the bundle of a session that lies under an earlier name."""
    for folder in layout.bundles_of(settings.results, code):
        if folder.name == name:
            shutil.rmtree(folder, ignore_errors=True)


def newest_file(settings: Settings) -> str | None:
    """When the newest file of a bundle or backup was written: a witness of the time before the first look."""
    written = [path.stat().st_mtime for path in settings.results.glob("[!.]*/*") if path.is_file()]
    # Some systems copy files with years that no calendar has: those tell nothing.
    told = [moment for moment in written if 0 <= moment < _LAST_MOMENT]
    return clock.stamp(datetime.fromtimestamp(max(told), UTC)) if told else None


def keep_picture(settings: Settings, code: str, sheet_id: str, picture: bytes) -> None:
    """Keep the picture of a sheet until somebody has decided what it says."""
    path = _picture(settings, code, sheet_id)
    private_folder(settings)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_bytes(picture)


def find_picture(settings: Settings, code: str, sheet_id: str) -> bytes | None:
    """The picture of a sheet that waits for a decision."""
    path = _picture(settings, code, sheet_id)
    return path.read_bytes() if _SHEET_ID.fullmatch(sheet_id) and path.is_file() else None


def drop_picture(settings: Settings, code: str, sheet_id: str) -> None:
    """Delete the picture of a sheet that is decided."""
    if _SHEET_ID.fullmatch(sheet_id):
        _picture(settings, code, sheet_id).unlink(missing_ok=True)


def _picture(settings: Settings, code: str, sheet_id: str) -> Path:
    return _pictures(settings, code) / f"{sheet_id}.jpg"


def _pictures(settings: Settings, code: str) -> Path:
    return settings.private / "sheets" / code


def strip_bundle(settings: Settings, code: str) -> None:
    """Remove the raw rows from a session's bundle, what a killed writer left of them, and pictures."""
    shutil.rmtree(_pictures(settings, code), ignore_errors=True)
    for folder in layout.unfinished_of(settings.results, code):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in layout.bundles_of(settings.results, code):
        strip.strip_rows(folder)


def has_cells_of_few(settings: Settings, code: str) -> bool:
    """Whether a bundle of a session whose rows are gone still tells of single people."""
    return any(strip.has_cells_of_few(folder) for folder in layout.bundles_of(settings.results, code))


def delete_backups(settings: Settings) -> tuple[list[str], list[str]]:
    """Remove the store's backups, each with every session of its time; what went and what is held."""
    return _remove(settings, [settings.backups])


def delete_files(settings: Settings, code: str) -> tuple[list[str], list[str]]:
    """Remove a session's bundle, halves of it, its counts in the register of public reports, and backups.

    Returns the folders that went and the files that somebody holds, relative to `results/`.
    """
    released = settings.results.glob(f"releases/*/{code}")
    written = layout.bundles_of(settings.results, code)
    found = [*written, *layout.unfinished_of(settings.results, code), *released, _pictures(settings, code)]
    return _remove(settings, [*found, settings.backups])


def _remove(settings: Settings, folders: list[Path]) -> tuple[list[str], list[str]]:
    present = [folder for folder in folders if folder.is_dir()]
    held = [path for folder in present for path in _remove_folder(folder)]
    gone = [folder for folder in present if not folder.exists()]
    return _named(settings, gone), _named(settings, held)


def _named(settings: Settings, paths: list[Path]) -> list[str]:
    return [path.relative_to(settings.results).as_posix() for path in paths]


def _remove_folder(folder: Path) -> list[Path]:
    """Remove all that can be removed of a folder; the paths that somebody holds."""
    held = []
    for path in [*sorted(folder.rglob("*"), reverse=True), folder]:
        try:
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
            else:
                path.unlink(missing_ok=True)
        except OSError:
            held.append(path)
    return held

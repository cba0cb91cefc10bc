"""A backup of all results on a USB stick, and back from there.

`<stick>/desa-binaan-<date>/` holds the bundles, a copy of the SQLite store, the key of the personal codes,
and `backup.json` with the sha256 of each file. Written beside its place and checked by reading it once more.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Final

from kit.bundle.layout import SESSION, file_sum
from kit.config import Settings, private_folder
from kit.errors import BadRequest, Unavailable

MANIFEST: Final = "backup.json"
STORE: Final = "kit.db"
CODE_KEY: Final = "code-key"
STAGED: Final = "restore"
"""Folder in the private one: a store that waits for the next start of the service."""
_PREFIX: Final = "desa-binaan-"
_ROOTS: Final = ("/media/", "/run/media/", "/Volumes/", "/mnt/")


@dataclass(frozen=True)
class Backup:
    """A backup on a stick: its folder, and how many sessions lie in it."""

    folder: Path
    bundles: int
    has_store: bool


def sticks() -> list[Path]:
    """Where removable disks are mounted that can be written."""
    # Loaded here: the service never asks.
    import psutil

    found = [
        Path(part.mountpoint)
        for part in psutil.disk_partitions(all=False)
        if part.mountpoint.startswith(_ROOTS) or "removable" in part.opts
    ]
    return [path for path in found if os.access(path, os.W_OK)]


def backups_on(stick: Path) -> list[Backup]:
    """The whole backups on a stick, newest first."""
    found = []
    for path in sorted(stick.glob(f"{_PREFIX}*/{MANIFEST}"), reverse=True):
        with contextlib.suppress(OSError, ValueError):
            names = _told(path.parent)
            bundles = sum(PurePosixPath(name).name == SESSION for name in names)
            found.append(Backup(path.parent, bundles, STORE in names))
    return found


def write_backup(chosen: Settings, stick: Path) -> Backup:
    """Copy all results to a stick. Raises Unavailable when it is full, read-only or pulled out."""
    final = stick / f"{_PREFIX}{date.today().isoformat()}"
    rough, old = stick / f".{final.name}.new", stick / f".{final.name}.old"
    try:
        for folder in (rough, old):
            shutil.rmtree(folder, ignore_errors=True)
        rough.mkdir()
        for bundle in _bundles(chosen.results):
            shutil.copytree(bundle, rough / bundle.name, copy_function=shutil.copyfile)
        _copy_store(chosen, rough)
        sums = {_name(path, rough): file_sum(path) for path in _files(rough)}
        (rough / MANIFEST).write_text(json.dumps(sums, indent=1), encoding="utf-8")
        check_backup(rough)
        if final.exists():
            final.rename(old)
        rough.rename(final)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        shutil.rmtree(rough, ignore_errors=True)
        reason = error.strerror or type(error).__name__
        raise Unavailable("stick_failed", stick=stick, reason=reason) from error
    return Backup(final, len(_bundles(final)), (final / STORE).is_file())


def check_backup(folder: Path) -> None:
    """Read every file once more and compare. Raises Unavailable for one that is not as it was written."""
    for name, content in _told(folder).items():
        path = folder / PurePosixPath(name)
        if not path.is_file() or path.is_symlink() or file_sum(path) != content:
            raise Unavailable("backup_broken", folder=folder.name, file=name)


def restore(chosen: Settings, backup: Path, *, with_store: bool) -> int:
    """Bring back the bundles that are not here; how many. Nothing that is here is overwritten.

    `with_store` also stages the store, which the service takes up at its next start: for a laptop that has no
    session yet. Raises Unavailable, and BadRequest for a folder that is no backup.
    """
    if not (backup / MANIFEST).is_file():
        raise BadRequest("no_backup")
    check_backup(backup)
    brought = 0
    try:
        for bundle in _bundles(backup):
            target = chosen.results / bundle.name
            if not target.exists():
                beside = chosen.results / f".{bundle.name}.new"
                shutil.rmtree(beside, ignore_errors=True)
                shutil.copytree(bundle, beside, copy_function=shutil.copyfile)
                beside.rename(target)
                brought += 1
        if with_store and (backup / STORE).is_file() and chosen.store.startswith("sqlite"):
            _stage(chosen, backup)
    except OSError as error:
        raise Unavailable("stick_failed", stick=backup.parent, reason=error.strerror or "") from error
    return brought


def _stage(chosen: Settings, backup: Path) -> None:
    staged = private_folder(chosen) / STAGED
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(mode=0o700)
    for name in (CODE_KEY, STORE):  # the store last: with it the folder is whole
        if (backup / name).is_file():
            shutil.copyfile(backup / name, staged / name)


def take_up(chosen: Settings) -> None:
    """Put a staged store in its place before the service opens it; the one that was there is kept."""
    staged = chosen.private / STAGED
    if not (staged / STORE).is_file() or not chosen.store.startswith("sqlite"):
        return
    kept = chosen.backups / f"before-restore-{date.today().isoformat()}"
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(mode=0o700, parents=True)
    here = {STORE: chosen.results, CODE_KEY: chosen.private}
    for name in (f"{STORE}-wal", f"{STORE}-shm"):
        if (chosen.results / name).is_file():
            os.replace(chosen.results / name, kept / name)
    for name, folder in here.items():
        if (staged / name).is_file():
            if (folder / name).is_file():
                shutil.copyfile(folder / name, kept / name)
            os.replace(staged / name, folder / name)
            (folder / name).chmod(0o600)
    shutil.rmtree(staged, ignore_errors=True)


def _copy_store(chosen: Settings, folder: Path) -> None:
    """Copy the SQLite store as it is at one moment, while the service goes on writing."""
    path = chosen.results / STORE
    if not path.is_file():
        return
    # Loaded here: the pages that list sticks speak no SQL.
    from kit.session.store.engine import backup_sqlite

    backup_sqlite(path, folder / STORE)
    key = chosen.private / CODE_KEY
    if key.is_file():
        shutil.copyfile(key, folder / CODE_KEY)


def _bundles(folder: Path) -> list[Path]:
    found = (path.parent for path in folder.glob(f"[!.]*/{SESSION}"))
    return sorted(path for path in found if not path.is_symlink())


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _told(folder: Path) -> dict[str, str]:
    """The files a backup says it has. Raises OSError or ValueError."""
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except RecursionError as odd:
        raise ValueError(folder.name) from odd
    if not isinstance(told, dict) or any(".." in PurePosixPath(name).parts for name in told):
        raise ValueError(folder.name)
    return {str(name): str(content) for name, content in told.items()}

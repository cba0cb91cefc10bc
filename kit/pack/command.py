"""The body of `kit pack`."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from kit.config import settings
from kit.errors import BadRequest, Unavailable
from kit.pack.gather import WHEELS, bring_python, download, own_wheel, write_list, write_starters
from kit.pack.lock import read_lock, wheels_for
from kit.pack.platforms import PLATFORMS, Version
from kit.text import message


def run_pack(folder: Path, platform: str, python: str) -> int:
    """Fill a folder for a stick; 0. Called again, it goes on. Raises BadRequest, Unavailable."""
    language = settings().language
    if platform not in PLATFORMS:
        raise BadRequest("platform_unknown", platform=platform, known=", ".join(PLATFORMS))
    version = _version(python)
    chosen = PLATFORMS[platform]
    wheels = wheels_for(read_lock(), chosen, version)
    bars = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*bars, transient=True) as progress:
        task = progress.add_task(message("cli.pack.wheels", language), total=sum(w.size for w in wheels))
        try:
            (folder / WHEELS).mkdir(parents=True, exist_ok=True)
            download(wheels, folder / WHEELS, lambda size: progress.advance(task, size))
        except OSError as error:
            raise Unavailable("pack_unwritable", folder=folder) from error
    own = own_wheel(folder / WHEELS)
    kept = {wheel.file for wheel in wheels} | {own.name}
    # A stick that was filled before holds wheels of then: pip would have two to choose from.
    for old in (folder / WHEELS).glob("*.whl"):
        if old.name not in kept:
            old.unlink()
    has_python = bring_python(folder, chosen, version)
    write_starters(folder, chosen, version)
    write_list(folder)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1_000_000
    done = message("cli.pack.done", language, folder=folder, count=len(kept), size=round(size))
    print(f"{done} {message('cli.pack.start', language, starter=chosen.starter)}")
    if not has_python:
        print(message("cli.pack.no_python", language, version=f"{version[0]}.{version[1]}"))
    return 0


def _version(python: str) -> Version:
    if not python:
        return sys.version_info[:2]
    major, _, minor = python.partition(".")
    if major != "3" or not minor.isdigit() or int(minor) < 11:
        raise BadRequest("python_unknown", python=python)
    return 3, int(minor)

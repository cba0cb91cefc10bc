"""Lay out a workspace, and say what a newer kit would change in it.

`.kit-workspace.json` remembers each file as it was laid (its SHA-256), so that a file that its owner changed
is known from one that only an older kit wrote.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Literal

from kit.config import SETTINGS_FILE, carried
from kit.errors import Unavailable

MEMORY: Final = ".kit-workspace.json"
_PARTS: Final = ("notebooks/*.ipynb", "quizzes/**/*", "results/README.md", "results/contoh-*/**/*")
_SETTINGS: Final = """\
# Pengaturan ruang kerja ini / settings of this workspace.
# Di atasnya berlaku lingkungan (KIT_PORT, …), lalu opsi perintah / the environment and options come first.
# language = "id"
# office_contact = "+62 …"
# port = 8000
# jupyter_port = 8888
# results = "results"
"""

State = Literal["new", "same", "older", "yours"]
"""new: not there; older: as an earlier kit laid it; yours: changed by its owner."""


@dataclass(frozen=True)
class Difference:
    """One file of the kit and how the workspace has it; `name` is relative, with forward slashes."""

    name: str
    state: State


def carried_files() -> Iterator[tuple[str, Path]]:
    """Each file that a workspace gets, by its name in it."""
    origin = carried()
    for pattern in _PARTS:
        for path in sorted(origin.glob(pattern)):
            if path.is_file() and "__pycache__" not in path.parts and ".ipynb_checkpoints" not in path.parts:
                yield path.relative_to(origin).as_posix(), path


def is_workspace(folder: Path) -> bool:
    """Whether a folder has been laid out, or has notebooks and quizzes of its own."""
    own = (folder / "notebooks").is_dir() and (folder / "quizzes").is_dir()
    return own or (folder / SETTINGS_FILE).is_file()


def lay_out(folder: Path) -> list[str]:
    """Bring every missing file into a folder; the names of those laid. Nothing is overwritten.

    Raises Unavailable where the folder cannot be written.
    """
    laid = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        memory = _remembered(folder)
        for name, origin in carried_files():
            target = folder / PurePosixPath(name)
            if not target.exists():
                _copy(origin, target)
                memory[name] = _sum(origin)
                laid.append(name)
        (folder / "results").mkdir(exist_ok=True)
        if not (folder / SETTINGS_FILE).exists():
            (folder / SETTINGS_FILE).write_text(_SETTINGS, encoding="utf-8")
            laid.append(SETTINGS_FILE)
        _remember(folder, memory)
    except OSError as refused:
        raise Unavailable(
            "folder_not_writable", folder=refused.filename or folder, reason=refused.strerror
        ) from refused
    return laid


def differences(folder: Path) -> list[Difference]:
    """How each file of the kit stands in a workspace."""
    memory = _remembered(folder)
    return [
        Difference(name, _state(folder / PurePosixPath(name), origin, memory.get(name)))
        for name, origin in carried_files()
    ]


def upgrade(folder: Path) -> list[Difference]:
    """Bring new files and replace those an older kit laid; what was done. Raises Unavailable."""
    memory, origins = _remembered(folder), dict(carried_files())
    done = [one for one in differences(folder) if one.state in ("new", "older")]
    try:
        for one in done:
            _copy(origins[one.name], folder / PurePosixPath(one.name))
            memory[one.name] = _sum(origins[one.name])
        _remember(folder, memory)
    except OSError as refused:
        raise Unavailable(
            "folder_not_writable", folder=refused.filename or folder, reason=refused.strerror
        ) from refused
    return done


def _state(target: Path, origin: Path, laid: str | None) -> State:
    if not target.exists():
        return "new"
    now = _sum(target)
    if now == _sum(origin):
        return "same"
    return "older" if now == laid else "yours"


def _copy(origin: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    # Beside it first: a laptop that goes off here leaves no half notebook under the real name.
    beside = target.with_name(f".{target.name}.part")
    beside.write_bytes(origin.read_bytes())
    beside.replace(target)


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _remembered(folder: Path) -> dict[str, str]:
    try:
        found = json.loads((folder / MEMORY).read_text(encoding="utf-8"))["files"]
        return {str(name): str(content) for name, content in found.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        # Lost or spoiled: then every differing file counts as its owner's, and is left alone.
        return {}


def _remember(folder: Path, files: dict[str, str]) -> None:
    text = json.dumps({"files": dict(sorted(files.items()))}, indent=1)
    (folder / MEMORY).write_text(text + "\n", encoding="utf-8")

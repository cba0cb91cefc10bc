"""A path is a path: whatever signs a folder's name has, none of them is taken for syntax."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_SQLITE: Final = "sqlite:///"


def sqlite_path(store: str) -> Path | None:
    """The file of a SQLite store; None for a store of another kind.

    All that follows `sqlite:///` is the path as it is: `?`, `#` and `%` are signs that folders may have.
    """
    return Path(store.removeprefix(_SQLITE)) if store.startswith(_SQLITE) else None


def read_only_uri(path: Path) -> str:
    """The address under which SQLite opens a file without being able to change or make it."""
    return f"{path.absolute().as_uri()}?mode=ro"


def as_pattern(path: Path) -> str:
    """A path for a program that takes patterns: `*`, `?` and `[` of its name stand for themselves."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path))

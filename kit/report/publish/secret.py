"""The office's secret: it goes into the record keys of people whose ids can be guessed."""

from __future__ import annotations

import os
import secrets
from functools import cache
from pathlib import Path
from typing import Final

from kit.config import settings

SECRET: Final = "secret"


def register_folder() -> Path:
    """Where the reports for the public of this office are kept, and its secret."""
    return settings().results / "releases"


def office_secret(folder: Path | None = None) -> str:
    """The secret of a register; it is written with the first report for the public.

    Until then each process has drawn its own, so that computing a report writes nothing.
    """
    folder = folder or register_folder()
    try:
        return (folder / SECRET).read_text(encoding="ascii")
    except (OSError, ValueError):
        return _drawn(folder)


def keep_secret(folder: Path) -> None:
    """Write the secret where there is none yet, for its owner only. Raises OSError."""
    if not (folder / SECRET).exists():
        with open(folder / SECRET, "x", encoding="ascii", opener=_private) as file:
            file.write(_drawn(folder))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@cache
def _drawn(folder: Path) -> str:
    """A secret for a register that has none yet."""
    return secrets.token_hex(16)

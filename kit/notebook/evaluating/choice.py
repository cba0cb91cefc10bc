"""What an evaluator chose: which meetings, whose answers, how grouped, for whom. It fits an address."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kit.bundle import layout

_Word = Annotated[str, StringConstraints(max_length=300)]


class Choice(BaseModel):
    """One report as it was asked for; what comes from an address is checked before anybody uses it.

    `sessions` are folders of `results/`, or none where `table` (one from outside, by its content) is meant.
    `target` is in points out of 100. `first` is a heading that the reader came for.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    sessions: tuple[_Word, ...] = Field(default=(), max_length=5_000)
    table: _Word = ""
    audience: _Word = ""
    by: tuple[Literal["site", "audience", "session", "event"], ...] = ()
    compare: tuple[_Word, ...] = ()
    target: Annotated[float, Field(ge=-100, le=100)] | None = None
    public: bool = False
    first: Literal["", "visits", "items"] = ""


def content_of(folders: Sequence[Path]) -> str:
    """A sum over what the bundles hold: the same content, the same sum, wherever it lies."""
    digest = hashlib.sha256()
    for folder in sorted(folders):
        digest.update(folder.name.encode())
        manifest = folder / layout.MANIFEST
        if manifest.is_file():
            digest.update(manifest.read_bytes())  # it holds the sum of every file
            continue
        for name in layout.CHECKED:
            if (folder / name).is_file():
                digest.update(layout.file_sum(folder / name).encode())
    return digest.hexdigest()

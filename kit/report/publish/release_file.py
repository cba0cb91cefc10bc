"""What the files of a kept report tell, from this office or another: bounded as read, checked before use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from kit.bundle.faults import SourceFault
from kit.bundle.told import read_bounded

MAX_BYTES: Final = 50_000_000
"""The counts of a session of a thousand people are below a megabyte."""

_Text = Annotated[str, StringConstraints(max_length=2_000)]
_Value = Annotated[int, Field(ge=-(2**62), le=2**62)] | _Text | None


class _Told(BaseModel):
    """Later versions may tell more: what is not asked for is not looked at."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ToldRelease(_Told):
    """`release.json`: when a report was made, of what, and which groups it named."""

    fingerprint: _Text
    made_at: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}", max_length=40)]
    sources: list[_Text]
    units: list[tuple[_Text, _Text]]
    small_sessions: dict[_Text, bool]
    target: Annotated[float, Field(ge=-100, le=100)] | None = None
    # Registers of earlier versions have no mark of their own.
    mark: _Text = ""


class ToldCells(_Told):
    """`cells.json`: the counts of one session, row by row."""

    columns: list[_Text]
    data: list[list[_Value]]

    @model_validator(mode="after")
    def _check_width(self) -> Self:
        if any(len(row) != len(self.columns) for row in self.data):
            raise ValueError("a row is too short or too long")
        return self


def read_release(path: Path) -> ToldRelease:
    """The head of a kept report. Raises OSError; ValueError for what is none."""
    return ToldRelease.model_validate(_read(path))


def read_cells(path: Path) -> ToldCells:
    """The counts of one session in a kept report. Raises OSError; ValueError for what are none."""
    return ToldCells.model_validate(_read(path))


def _read(path: Path) -> Any:
    try:
        return json.loads(read_bounded(path, MAX_BYTES))
    except (SourceFault, RecursionError) as broken:
        raise ValueError(type(broken).__name__) from broken

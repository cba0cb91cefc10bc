"""What a `session.json` from anywhere tells: bounded as it is read, checked before anybody uses it."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from kit.bundle import layout
from kit.bundle.faults import SourceFault
from kit.text import plain_parts

MAX_BYTES: Final = 20_000_000
"""A session with four quizzes of a hundred items is below a megabyte."""

_Text = Annotated[str, StringConstraints(max_length=2_000)]
_People = Annotated[int, Field(ge=0, le=10_000_000)]


class _Told(BaseModel):
    """Later schemas may tell more: what is not asked for is not looked at."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ToldSite(_Told):
    """Where a session was held."""

    site_id: _Text = ""
    name: _Text
    district: _Text | None = ""
    city: _Text | None = ""
    province: _Text | None = ""


class ToldHands(_Told):
    """How many hands were raised for each option of a poll, and how many phones chose it (from five on)."""

    hands: dict[_Text, _People] = {}
    phones: dict[_Text, _People] = {}
    answered: _People = 0


class ToldWave(_Told):
    """Groups that answered a wave, and from five on the mean share of it that was right."""

    phones: _People = 0
    people: _People = 0
    share: Annotated[float, Field(ge=0, le=1)] | None = None


class ToldGroups(_Told):
    """Groups that answered with one phone each."""

    phones: _People = 0
    people: _People = 0
    pre: ToldWave = ToldWave()
    post: ToldWave = ToldWave()
    followup: ToldWave = ToldWave()


class ToldCounts(_Told):
    """How many took part: all, by audience, by wave."""

    joined: _People = 0
    by_audience: dict[_Text, _People] = {}
    finished: dict[_Text, _People] = {}
    # People whom the officer set aside; they are in no other number.
    set_aside: _People = 0
    # Raised hands of polls beside what the phones said, and groups with one phone.
    hands: dict[_Text, ToldHands] = {}
    groups: ToldGroups = ToldGroups()


class ToldQuiz(_Told):
    """Which quiz it was; whether it is one, is for who reads it whole."""

    quiz_id: _Text


class ToldSession(_Told):
    """What lists show of a session, and what a report is headed with."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    held_on: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    site: ToldSite | _Text = ""
    title: dict[_Text, _Text] | _Text | None = None
    event: _Text = ""
    rehearsal: bool = False
    # Invented, and came with the kit: never in a report about people.
    sample: bool = False
    target: Annotated[float, Field(ge=-100, le=100)] | None = None
    counts: ToldCounts = ToldCounts()
    quizzes: list[ToldQuiz] = []

    @property
    def titles(self) -> dict[str, str]:
        """The title in both languages; the code where there is none."""
        told = self.title if isinstance(self.title, dict) else {"id": self.title or self.code}
        first = next(iter(told.values()), self.code)
        return {language: told.get(language, first) for language in ("id", "en")}


def read_told(folder: Path) -> tuple[ToldSession, dict[str, Any]]:
    """What a bundle's `session.json` tells, checked, and the whole of it. Raises SourceFault."""
    try:
        whole = plain_parts(json.loads(read_bounded(folder / layout.SESSION, MAX_BYTES)))
        return ToldSession.model_validate(whole), whole
    except ValidationError as broken:
        fault = broken.errors()[0]
        place = ".".join(str(step) for step in fault["loc"]) or layout.SESSION
        raise SourceFault("session_json", folder=folder.name, reason=f"{place}: {fault['msg']}") from broken
    except (OSError, ValueError, RecursionError) as broken:
        # Not the message: it may repeat what the file says, at any length.
        reason = type(broken).__name__
        raise SourceFault("session_json", folder=folder.name, reason=reason) from broken


def read_bounded(path: Path, most: int) -> bytes:
    """The bytes of an ordinary file of at most so many. Raises SourceFault or OSError.

    Opened without waiting: a pipe in a folder from elsewhere must not hold up a page.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise SourceFault("not_a_file", file=path.name)
        if found.st_size > most:
            raise SourceFault("file_large", file=path.name, most=f"{most // 1_000_000} MB")
        return file.read(most)

"""What people ask of a session, as frozen values that the rules take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kit.quiz.model import Quiz

FOLLOWUP_DAYS: Final = 90
MAX_SEQ: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class OpenSession:
    """What a facilitator decides when opening a session."""

    quizzes: Sequence[Quiz]
    site: Mapping[str, str]
    event: str = ""
    held_on: str = ""
    minors_consent: bool = False
    rehearsal: bool = False
    target: float | None = None
    followup_days: int = FOLLOWUP_DAYS


@dataclass(frozen=True, slots=True)
class Join:
    """A person who wants to take part."""

    code: str
    audience: str
    consent: bool
    language: str
    # Made by the phone: asking again with the same number gives the same participant.
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """What a person gets at joining: the token is given once and kept only as a hash."""

    participant_id: str
    token: str
    personal_code: str


@dataclass(frozen=True, slots=True)
class Identity:
    """A participant known by a token."""

    participant_id: str
    session_id: str
    code: str
    quiz_id: str
    audience: str
    arm: str
    language: str
    personal_code: str
    token_hash: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One response as the phone sends it."""

    who: Identity
    wave: str
    item_id: str
    choice: tuple[str, ...]
    seq: int

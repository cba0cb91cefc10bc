"""What a value of a quiz file may be; each refusal carries the key of a fault in the quiz locale."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Final, LiteralString

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from kit.quiz import vocabulary
from kit.study.kinds import KINDS, SIGNALS
from kit.text import plain_text

# Ids become parts of URLs, stage names and joined choices ("a+c").
IDENTIFIER: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def fault(key: LiteralString, **values: object) -> PydanticCustomError:
    """A refusal whose type is a key of `quiz.faults`, with the values of its sentence."""
    return PydanticCustomError(key, key, values)


def _words(value: str) -> str:
    bare = value.strip()
    if not bare:
        raise fault("not_text")
    if bare != plain_text(bare):
        raise fault("control_character")
    return bare


def _identifier(value: str) -> str:
    if not IDENTIFIER.fullmatch(value):
        raise fault("not_identifier", value=value)
    return value


def _iso_date(value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise fault("not_date", value=value) from None


def _one_of(allowed: tuple[str, ...]) -> AfterValidator:
    def check(value: str) -> str:
        if value not in allowed:
            raise fault("not_allowed", value=value, allowed=", ".join(allowed))
        return value

    return AfterValidator(check)


def _distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    seen: set[str] = set()
    for number, value in enumerate(values):
        if value in seen:
            # `at` is where the second mention stands, for its line.
            raise fault("value_twice", value=value, at=number)
        seen.add(value)
    return values


Words = Annotated[str, AfterValidator(_words)]
Identifier = Annotated[Words, AfterValidator(_identifier)]
Day = Annotated[Words, AfterValidator(_iso_date)]
KindName = Annotated[Words, _one_of(tuple(KINDS))]
Signal = Annotated[Words, _one_of(SIGNALS)]
Topic = Annotated[Words, _one_of(vocabulary.TOPICS)]
Channel = Annotated[Words, _one_of(vocabulary.CHANNELS)]
Design = Annotated[Words, _one_of(vocabulary.DESIGNS)]
Distinct = AfterValidator(_distinct)
Ids = Annotated[tuple[Words, ...], Distinct]
Audiences = Annotated[tuple[Annotated[Words, _one_of(vocabulary.AUDIENCES)], ...], Distinct]
Rating = Annotated[int, Field(ge=1, le=5)]

CheckCue = Annotated[Words, _one_of(vocabulary.CUES["check"])]
UrgencyCue = Annotated[Words, _one_of(vocabulary.CUES["urgency"])]
MoneyCue = Annotated[Words, _one_of(vocabulary.CUES["money"])]
PolishCue = Annotated[Words, _one_of(vocabulary.CUES["polish"])]
ReassuranceCue = Annotated[Words, _one_of(vocabulary.CUES["reassurance"])]
DoubtCue = Annotated[Words, _one_of(vocabulary.CUES["doubt"])]
LengthCue = Annotated[Words, _one_of(vocabulary.CUES["length"])]
Setting = Annotated[Words, _one_of(tuple(vocabulary.SETTINGS))]
Decisive = Annotated[
    tuple[Annotated[Words, _one_of(tuple(vocabulary.DECISIVE))], ...],
    Field(min_length=1, max_length=3),
    Distinct,
]

"""What a guesser is: a name, what it may read, and its verdict on the offers of one form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from kit.quiz.model import PHRASE, Item

FRAUD: Final = "fraud"
GENUINE: Final = "genuine"

Sign = Callable[[Item], bool]
Guess = Callable[[Sequence[Item]], list[str]]
"""The signals guessed for the offers of a form, in their order."""


@dataclass(frozen=True)
class Guesser:
    """One way of answering without knowledge.

    `reads_message` marks one that was trained on the other audiences and reads the whole message: it sees
    decisive facts too, which is knowledge, and may get further. `mirrored` marks one whose opposite reading
    stands in the panel as well, so that being wrong too often needs no second mention.
    """

    name: str
    guess: Guess
    reads_message: bool = False
    mirrored: bool = False


def other(signal: str) -> str:
    """The opposite signal."""
    return GENUINE if signal == FRAUD else FRAUD


def both_readings(name: str, sign: Sign) -> list[Guesser]:
    """A sign may be read either way, so neither reading may pay."""
    return [
        Guesser(f"{name}: {signal}", _reading(sign, signal), mirrored=True) for signal in (FRAUD, GENUINE)
    ]


def message_of(item: Item) -> str:
    """The Indonesian words of the message, phrase marks taken off."""
    return PHRASE.sub(r"\2", item.scenario.text.id) if item.scenario else ""


def whole(item: Item) -> str:
    """Message and stem, as a participant reads them."""
    return f"{message_of(item)} {item.stem.id}".strip()


def _reading(sign: Sign, signal: str) -> Guess:
    return lambda offers: [signal if sign(item) else other(signal) for item in offers]

"""The guesser that remembers: it answers an offer as the most similar message of another form was keyed.

Each person meets one form before the session and another one after it. Who keeps the first answers and
knows nothing else must neither gain nor lose by them, or the change says nothing about learning.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from kit.quiz.model import Item, Quiz
from kit.quiz.panel.guesser import Guesser, message_of

SIZE: Final = 3
"""Three letters in a row: words in another order or spelling still count as the same message."""


def remembering(quiz: Quiz, form: str) -> Guesser:
    """Who has seen every other form of the quiz, with its key, before answering this one."""
    seen = [item for other in quiz.forms if other != form for item in quiz.offers(f"forms.{other}")]

    def guess(offers: Sequence[Item]) -> list[str]:
        return [_most_like(offer, seen).signal or "" for offer in offers]

    return Guesser("memory of the other form", guess)


def likeness(item: Item, other: Item) -> float:
    """How much two messages have in common, from 0 to 1: the shared part of their letters in threes."""
    own, others = _threes(message_of(item)), _threes(message_of(other))
    return 2 * len(own & others) / max(1, len(own) + len(others))


def _most_like(offer: Item, seen: Sequence[Item]) -> Item:
    return max(seen, key=lambda other: likeness(offer, other))


@cache
def _threes(text: str) -> frozenset[str]:
    plain = re.sub(r"\W+", " ", text.lower()).strip()
    return frozenset(plain[start : start + SIZE] for start in range(len(plain) - SIZE + 1))

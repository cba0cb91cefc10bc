"""Rules about reading load: a wave is read in one go, standing, on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from kit.quiz.lint.hit import Hit
from kit.quiz.model import PHRASE, Item, Quiz

OFFER_WORDS: Final = 60
WAVE_WORDS: Final = 800
WAVE_WORDS_RESIDENTS: Final = 450


def count_words(text: str) -> int:
    """Words as a reader meets them: what stands between spaces and has a letter or a digit."""
    return sum(bool(re.search(r"\w", word)) for word in PHRASE.sub(r"\2", text).split())


def offer_words(item: Item) -> int:
    """Indonesian words of an item's message with its question."""
    return count_words(item.stem.id) + (count_words(item.scenario.text.id) if item.scenario else 0)


def wave_words(quiz: Quiz, form: str) -> int:
    """Indonesian words that a wave asks people to read: senders, messages, questions, written options.

    Built-in answers are left out: they are the same for every item and read once.
    """
    return sum(item_words(item) for item in quiz.wave_items(form))


def most_words(quiz: Quiz) -> int:
    """How many words a wave of this quiz may have."""
    return WAVE_WORDS_RESIDENTS if "resident" in quiz.audience else WAVE_WORDS


def offer_long(quiz: Quiz) -> Iterator[Hit]:
    """An offer with its question is read in half a minute."""
    for item in quiz.items:
        count = offer_words(item)
        if item.kind == "offer" and count > OFFER_WORDS:
            yield Hit("offer_long", f"items.{item.item_id}", {"count": count, "most": OFFER_WORDS})


def wave_heavy(quiz: Quiz) -> Iterator[Hit]:
    """A form with its attitude statements stays within what an audience reads in one go."""
    for form in quiz.forms:
        count, most = wave_words(quiz, form), most_words(quiz)
        if count > most:
            yield Hit("wave_heavy", f"forms.{form}", {"count": count, "most": most})


def item_words(item: Item) -> int:
    """Indonesian words of an item: sender, message, question and the author's options."""
    sender = count_words(item.scenario.sender.id) if item.scenario else 0
    return offer_words(item) + sender + sum(count_words(option.text.id) for option in item.own_options)


RULES: Final[tuple[Callable[[Quiz], Iterator[Hit]], ...]] = (offer_long, wave_heavy)

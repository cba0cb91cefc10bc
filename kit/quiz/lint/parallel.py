"""Rules about forms and twins: whoever gets form A must not have it easier than whoever gets form B."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import combinations
from statistics import fmean, median
from typing import Final

from kit.quiz.lint.hit import Hit
from kit.quiz.model import PHRASE, Item, Quiz
from kit.quiz.panel.memory import likeness

DIFFICULTY_GAP: Final = 1.0
STEM_GAP: Final = 0.1
READING_GAP: Final = 0.1
MIRROR: Final = 0.5
"""Messages that share half of their letters in threes read as one message with a word changed."""
_WORD = re.compile(r"[^\W\d_]+")


def forms_difficulty(quiz: Quiz) -> Iterator[Hit]:
    """The expected difficulties of the forms add up alike."""
    sums = {form: sum(item.expected_difficulty or 0 for item in quiz.form_items(form)) for form in quiz.forms}
    for first, form in combinations(sums, 2):
        if abs(sums[first] - sums[form]) > DIFFICULTY_GAP:
            values = {"first": first, "left": sums[first], "form": form, "right": sums[form]}
            yield Hit("forms_difficulty", f"forms.{form}", values)


def forms_stem_length(quiz: Quiz) -> Iterator[Hit]:
    """The stems of the forms are about equally long (median within a tenth)."""
    yield from _gaps(quiz, "forms_stem_length", lambda items: median(map(_stem_words, items)), STEM_GAP)


def forms_reading(quiz: Quiz) -> Iterator[Hit]:
    """The forms are written at one reading level (mean length of a word within a tenth)."""
    yield from _gaps(quiz, "forms_reading", _word_length, READING_GAP)


def twins_differ(quiz: Quiz) -> Iterator[Hit]:
    """Twins are settled by equally many facts."""
    for item in quiz.items:
        twin = quiz.item(item.twin) if item.twin else None
        if twin is None or item.cues is None or twin.cues is None:
            continue
        own, others = len(item.cues.decisive), len(twin.cues.decisive)
        if own > others:
            values = {"twin": item.twin, "own": own, "others": others}
            yield Hit("twins_differ", f"items.{item.item_id}.twin", values)


def forms_mirror(quiz: Quiz) -> Iterator[Hit]:
    """No offer has a near copy with the other key in another form: an answer kept would be wrong there."""
    for first, form in combinations(quiz.forms, 2):
        for item in quiz.offers(f"forms.{form}"):
            for other in quiz.offers(f"forms.{first}"):
                if are_mirrors(item, other):
                    share = round(100 * likeness(item, other))
                    values = {"other": other.item_id, "form": first, "share": share}
                    yield Hit("forms_mirror", f"items.{item.item_id}", values)


def are_mirrors(item: Item, other: Item) -> bool:
    """Two offers of nearly one message, one to go on with and one to decline."""
    opposite = {item.signal, other.signal} == {"fraud", "genuine"}
    return opposite and likeness(item, other) >= MIRROR


def _gaps(quiz: Quiz, rule: str, measure: Callable[[tuple[Item, ...]], float], most: float) -> Iterator[Hit]:
    measured = {form: measure(quiz.form_items(form)) for form in quiz.forms}
    for first, form in combinations(measured, 2):
        left, right = measured[first], measured[form]
        if abs(left - right) > most * max(left, right):
            values = {"first": first, "left": round(left, 1), "form": form, "right": round(right, 1)}
            yield Hit(rule, f"forms.{form}", values)


def _stem_words(item: Item) -> int:
    return len(item.stem.id.split())


def _word_length(items: tuple[Item, ...]) -> float:
    texts = [PHRASE.sub(r"\2", item.scenario.text.id) if item.scenario else "" for item in items]
    return fmean(len(word) for text in (*texts, *(i.stem.id for i in items)) for word in _WORD.findall(text))


RULES: Final[tuple[Callable[[Quiz], Iterator[Hit]], ...]] = (
    forms_difficulty,
    forms_stem_length,
    forms_reading,
    twins_differ,
    forms_mirror,
)

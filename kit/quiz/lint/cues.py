"""Rules about cues: what goes with an offer must not pay, and what settles it must be taught."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from statistics import median
from typing import Final

from kit.quiz.lint.hit import Hit, scored_items
from kit.quiz.lint.load import offer_words
from kit.quiz.model import Item, Quiz
from kit.quiz.vocabulary import CUES, SAFE, SETTLING

WORTH_PLANNING: Final = 16
"""From this number of offers in the forms on, a quiz is balanced by plan or not at all."""


def cues_missing(quiz: Quiz) -> Iterator[Hit]:
    """Offers carry their cues; without them nobody sees what pays."""
    planned = _planned(quiz)
    offers = [item for item in scored_items(quiz) if item.kind == "offer"]
    if not planned and len(offers) >= WORTH_PLANNING:
        yield Hit("cues_missing", "items", {"name": "cues", "count": len(offers)})
    for item in quiz.items if planned else ():
        if item.kind == "offer" and item.cues is None:
            yield Hit("cues_missing", f"items.{item.item_id}", {"name": "cues", "count": 1})


def difficulty_missing(quiz: Quiz) -> Iterator[Hit]:
    """Where offers carry cues, every item that counts or may count has its two ratings."""
    counted = {item.item_id for item in scored_items(quiz)} if _planned(quiz) else set()
    for item in quiz.items:
        if item.item_id in counted and item.difficulty is None:
            yield Hit("difficulty_missing", f"items.{item.item_id}")


def cues_unbalanced(quiz: Quiz) -> Iterator[Hit]:
    """Within a form every value of every cue goes with fraud as often as with genuine, give or take one."""
    for form in quiz.forms:
        offers = [item for item in quiz.offers(f"forms.{form}") if item.cues is not None]
        for cue, values in CUES.items():
            for value in values:
                held = Counter(item.signal for item in offers if getattr(item.cues, cue) == value)
                if abs(held["fraud"] - held["genuine"]) > 1:
                    found = {"cue": cue, "value": value, "fraud": held["fraud"], "genuine": held["genuine"]}
                    yield Hit("cues_unbalanced", f"forms.{form}", found)


def cue_contradicts(quiz: Quiz) -> Iterator[Hit]:
    """A genuine offer has no unlawful money, and no check of it fails or is faked."""
    for item in _with_cues(quiz):
        for cue, values in SETTLING.items():
            value = getattr(item.cues, cue)
            if item.signal == "genuine" and value in values:
                yield Hit("cue_contradicts", f"items.{item.item_id}.cues", {"cue": cue, "value": value})


def decisive_contradicts(quiz: Quiz) -> Iterator[Hit]:
    """What settles a fraud speaks against going on at least once; what settles a genuine offer never does."""
    for item in _with_cues(quiz):
        against = [fact for fact in item.cues.decisive if fact not in SAFE] if item.cues else []
        if bool(against) == (item.signal == "genuine"):
            values = {"decisive": ", ".join(item.cues.decisive if item.cues else ()), "signal": item.signal}
            yield Hit("decisive_contradicts", f"items.{item.item_id}.cues", values)


def length_mislabelled(quiz: Quiz) -> Iterator[Hit]:
    """An offer called long is not shorter than most that are called short, nor the other way round."""
    for form in quiz.forms:
        offers = [item for item in quiz.offers(f"forms.{form}") if item.cues is not None]
        counted = {
            value: [offer_words(item) for item in offers if item.cues and item.cues.length == value]
            for value in CUES["length"]
        }
        if not all(counted.values()):
            continue
        short, long = median(counted["short"]), median(counted["long"])
        for item in offers:
            count, label = offer_words(item), item.cues.length if item.cues else ""
            if (label == "short" and count > long) or (label == "long" and count < short):
                found = {"count": count, "length": label}
                yield Hit("length_mislabelled", f"items.{item.item_id}.cues", found)


def _planned(quiz: Quiz) -> bool:
    return any(item.cues is not None for item in quiz.items)


def _with_cues(quiz: Quiz) -> list[Item]:
    return [item for item in quiz.items if item.kind == "offer" and item.cues is not None]


RULES: Final[tuple[Callable[[Quiz], Iterator[Hit]], ...]] = (
    cues_missing,
    difficulty_missing,
    cues_unbalanced,
    cue_contradicts,
    decisive_contradicts,
    length_mislabelled,
)

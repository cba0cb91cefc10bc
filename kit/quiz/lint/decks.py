"""Rules about decks: what settles offers is taught, notes rest on facts that hold, and the minutes add up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from kit.quiz.lint.facts import Facts, superseded_by
from kit.quiz.lint.hall import SHORTEST, Deck, Hall, Slide
from kit.quiz.lint.hit import Hit
from kit.quiz.lint.load import count_words, item_words
from kit.quiz.model import Quiz
from kit.quiz.vocabulary import DECISIVE, LETTERS

MINUTES_GAP: Final = 0.05
CALM: Final = 110
"""Words a minute, read aloud without hurry; a speech synthesiser set to 130 needs as long for Indonesian."""
POLL_ANSWER: Final = 0.75
PRACTICE_ANSWER: Final = 0.25
"""Minutes for thinking and tapping, by offer, besides what is read aloud."""
_UNSAID = re.compile(r"!\[[^\]]*\]\([^)]*\)|\(\d+ menit[^)]*\)|Dasar:.*", re.DOTALL)
_FACT = re.compile(r"\b([A-Z])(\d{2})(?:\s*[-–]\s*\1?(\d{2}))?\b")


def decisive_untaught(quiz: Quiz, hall: Hall) -> Iterator[Hit]:
    """Every fact that settles an offer falls under a check that the deck teaches, in each of its lengths."""
    deck = hall.decks.get(quiz.quiz_id)
    if deck is None:
        return
    lengths = deck.lengths or (SHORTEST,)
    taught = {length: _letters(deck, length) for length in lengths}
    for item in quiz.items:
        for fact in item.cues.decisive if item.cues else ():
            without = [length for length in lengths if DECISIVE[fact] not in taught[length]]
            if without:
                values = {"decisive": fact, "letter": DECISIVE[fact], "deck": deck.path.name}
                values["minutes"] = ", ".join(map(str, without))
                yield Hit("decisive_untaught", f"items.{item.item_id}.cues", values)


def timings_off(deck: Deck) -> Iterator[Hit]:
    """The minutes of the cells add up to the minutes that the deck promises."""
    for length in deck.lengths:
        found = deck.minutes(length)
        if abs(found - length) > MINUTES_GAP * length:
            yield Hit("timings_off", "metadata.kit.minutes", {"found": found, "promised": length}, line=1)


def slide_hurried(quiz: Quiz, deck: Deck) -> Iterator[Hit]:
    """What a slide and its notes say can be said calmly in its minutes, answers included."""
    for slide in deck.slides if deck.lengths else ():
        needed = _spoken(quiz, slide)
        if needed > slide.minutes:
            values = {"needed": round(needed, 1), "planned": slide.minutes}
            yield Hit("slide_hurried", f"cell {slide.number}", values, line=slide.line)


def _spoken(quiz: Quiz, slide: Slide) -> float:
    """Minutes that a slide takes; an item that the quiz does not have takes none."""
    if not slide.runs:
        return count_words(_UNSAID.sub("", f"{slide.text} {slide.notes}")) / CALM
    names = quiz.practice if slide.runs == "practice" else (slide.runs,)
    items = [item for item in quiz.items if item.item_id in names]
    answer = PRACTICE_ANSWER if slide.runs == "practice" else POLL_ANSWER
    said = [item_words(item) + count_words(item.rationale.id if item.rationale else "") for item in items]
    return sum(words / CALM + answer for words in said)


def deck_facts(deck: Deck, facts: Facts) -> Iterator[Hit]:
    """Slides and notes cite facts of the register, and none that was superseded."""
    for slide in deck.slides if facts.entries is not None else ():
        for fact_id in _cited(f"{slide.text} {slide.notes}"):
            place, entry = f"cell {slide.number}", (facts.entries or {}).get(fact_id)
            if entry is None:
                yield Hit("deck_source_unknown", place, {"fact_id": fact_id}, line=slide.line)
            elif superseded_by(entry):
                values = {"fact_id": fact_id, "by": superseded_by(entry)}
                yield Hit("source_superseded", place, values, line=slide.line)


def _letters(deck: Deck, length: int) -> set[str]:
    """The checks that a deck of `length` minutes has as a bullet `**C**ari` or as a heading `## C: …`."""
    said = "\n".join(slide.text for slide in deck.slides if slide.first <= length)
    return {letter for letter in LETTERS if re.search(rf"\*\*{letter}\*\*\w|^#+ {letter}\b", said, re.M)}


def _cited(text: str) -> list[str]:
    """Fact ids of a text; `L20-L22` and `L01-05` cite all between."""
    found: dict[str, None] = {}
    for letter, first, last in _FACT.findall(text):
        for number in range(int(first), int(last or first) + 1):
            found[f"{letter}{number:02}"] = None
    return list(found)

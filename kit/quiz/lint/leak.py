"""Rules about leaks: nothing that a hall is shown may answer what the hall is asked."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

from kit.quiz.lint.hall import Deck, Hall
from kit.quiz.lint.hit import Hit
from kit.quiz.model import Item, Quiz
from kit.quiz.panel.guesser import whole
from kit.quiz.panel.outward import words
from kit.text import plain_yaml

SHINGLE: Final = 4
SHARED: Final = 0.3
"""Two texts that share this part of their runs of four words are one template."""
TAUGHT_RUN: Final = 4
# Capital letters all through are an office or a paper, not a person or firm.
_NAME = re.compile(r"\b[A-Z][a-z]{2,}\b")

HallRule = Callable[[Quiz, Hall], Iterator[Hit]]


def name_repeated(quiz: Quiz, hall: Hall) -> Iterator[Hit]:
    """A person or firm stands in one item only, and in no deck: else a reveal answers another item."""
    holders: dict[str, dict[str, None]] = defaultdict(dict)
    everyday = _lower_words(hall)
    met = [*hall.scored(), *hall.shown()]
    for owner, item in met:
        for name in _names(item):
            if name not in _public_names() and name.lower() not in everyday:
                holders[name][f"{owner.quiz_id} {item.item_id}"] = None
    for deck in hall.decks.values():
        said = " ".join(f"{slide.text} {slide.notes}" for slide in deck.slides)
        for name in holders.keys() & set(_NAME.findall(said)):
            holders[name][deck.path.name] = None
    for name, places in holders.items():
        own = [place for place in places if place.startswith(f"{quiz.quiz_id} ")]
        if len(places) > 1 and own:
            values = {"name": name, "places": ", ".join(places)}
            yield Hit("name_repeated", f"items.{own[0].split()[1]}", values)


def shown_repeats(quiz: Quiz, hall: Hall) -> Iterator[Hit]:
    """A poll, practice offer or booster is no rewording of a scored item, nor of another one shown."""
    own = [item for owner, item in hall.shown() if owner is quiz]
    others = [*hall.scored(), *hall.shown()]
    for number, item in enumerate(own):
        for owner, other in others:
            repeated = owner is quiz and any(other is earlier for earlier in own[: number + 1])
            if not repeated and _alike(item, other):
                values = {"other": f"{owner.quiz_id} {other.item_id}"}
                yield Hit("shown_repeats", f"items.{item.item_id}", values)


def slide_states_key(quiz: Quiz, hall: Hall) -> Iterator[Hit]:
    """A slide teaches a rule in other words than the key that asks for it."""
    deck = hall.decks.get(quiz.quiz_id)
    for form in quiz.forms if deck else ():
        for item in quiz.form_items(form):
            for option in item.own_options:
                slide = _stated_on(deck, option.text.id) if option.option_id in item.key else 0
                if slide:
                    place = f"items.{item.item_id}.options.{option.option_id}"
                    yield Hit("slide_states_key", place, {"slide": slide})


def _stated_on(deck: Deck | None, key: str) -> int:
    """The number of the slide that has four words of a key in a row; 0 where none has."""
    runs = _runs(words(key), TAUGHT_RUN)
    for slide in deck.slides if deck else ():
        if runs & _runs(words(slide.text), TAUGHT_RUN):
            return slide.number
    return 0


def _alike(item: Item, other: Item) -> bool:
    own, others = (_runs(words(whole(each)), SHINGLE) for each in (item, other))
    return bool(own and others) and len(own & others) / min(len(own), len(others)) >= SHARED


def _runs(said: list[str], size: int) -> set[tuple[str, ...]]:
    return {tuple(said[start : start + size]) for start in range(len(said) - size + 1)}


def _names(item: Item) -> set[str]:
    """Capitalised words that stand in both languages: a translation keeps names and little else."""
    both = []
    for language in ("id", "en"):
        texts = [item.stem.in_(language)]
        if item.scenario:
            texts += [item.scenario.sender.in_(language), item.scenario.text.in_(language)]
        both.append(set(_NAME.findall(" ".join(texts))))
    return both[0] & both[1]


def _lower_words(hall: Hall) -> set[str]:
    """Words that somewhere stand uncapitalised: no names."""
    found: set[str] = set()
    for quiz in hall.quizzes:
        for item in quiz.items:
            texts = [whole(item), item.stem.en, item.scenario.text.en if item.scenario else ""]
            texts += [option.text.id for option in item.own_options]
            found.update(word for text in texts for word in re.findall(r"\b[a-z]{3,}\b", text))
    return found


@cache
def _public_names() -> frozenset[str]:
    path = Path(__file__).with_name("public_names.yaml")
    listed: dict[str, str] = plain_yaml(path)
    return frozenset(name for names in listed.values() for name in names.split())


RULES: Final[tuple[HallRule, ...]] = (name_repeated, shown_repeats, slide_states_key)

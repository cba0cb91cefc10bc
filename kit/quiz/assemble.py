"""Pick forms from the bank: the forms nearest to those in the file that keep every balance at once.

Each item takes one decision a form: is it in or not. What a form must hold is linear in these decisions, so
a mixed-integer programme finds the choice with the fewest changes, or says that there is none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from kit.errors import BadQuiz
from kit.quiz.lint.load import item_words, most_words
from kit.quiz.lint.parallel import DIFFICULTY_GAP, are_mirrors
from kit.quiz.lint.transfer import UNSEEN_LEAST, setting_of
from kit.quiz.model import Item, Quiz
from kit.quiz.vocabulary import CUES

CUE_GAP: Final = 1
CHANNEL_GAP: Final = 1
LENGTH_GAP: Final = 0.05
MOVED: Final = 1000.0
"""What a changed place costs beside the order of the file, which settles ties."""

Forms = Mapping[str, tuple[str, ...]]
Measure = Callable[[Item], float]


@dataclass(frozen=True)
class Rule:
    """One linear limit: the weighted sum of what is chosen lies between `low` and `high`."""

    family: str
    weights: Mapping[tuple[str, str], float]
    low: float
    high: float


def assemble(quiz: Quiz, *, shown: Collection[str] = (), fresh: bool = False) -> dict[str, tuple[str, ...]]:
    """The forms by name; `fresh` forgets the present choice and keeps only how many of what a form holds.

    `shown` are the settings that the session shows: each form keeps a few offers of others.

    Raises BadQuiz (`forms_impossible`) with the balance that cannot be kept.
    """
    items = candidates(quiz)
    rules = [*_rules(quiz, items), *_transfer(quiz, items, shown)]
    chosen = _solve(quiz, items, rules, fresh)
    if chosen is None:
        raise BadQuiz("forms_impossible", family=_blocking(quiz, items, rules))
    return {form: _in_order(quiz, form, chosen[form]) for form in quiz.forms}


def candidates(quiz: Quiz) -> list[Item]:
    """Items that may be scored: those of the forms and the bank; nothing that is shown with its key."""
    listed = {item_id: place for place, ids in quiz.lists.items() for item_id in ids}
    return [
        item for item in quiz.items if item.scored and listed.get(item.item_id, "forms.").startswith("forms.")
    ]


def _rules(quiz: Quiz, items: list[Item]) -> Iterator[Rule]:
    yield from _once(quiz, items)
    yield from _counts(quiz, items)
    yield from _alike(quiz, items, "topics", {item.topic for item in items}, lambda i: i.topic, 0)
    yield from _alike(quiz, items, "channels", {_channel(i) for i in items}, _channel, CHANNEL_GAP)
    yield from _twins(quiz, items)
    yield from _mirrors(quiz, items)
    yield from _cues(quiz, items)
    yield from _near(quiz, items, "difficulty", lambda i: i.expected_difficulty or 0.0, DIFFICULTY_GAP)
    yield from _near(quiz, items, "length", item_words, LENGTH_GAP * _mean(quiz, item_words))
    yield from _near(quiz, items, "length", _stem_words, LENGTH_GAP * _mean(quiz, _stem_words))
    yield from _load(quiz, items)


def _once(quiz: Quiz, items: list[Item]) -> Iterator[Rule]:
    """An item stands in one form at most."""
    for item in items:
        yield Rule("once", {(item.item_id, form): 1.0 for form in quiz.forms}, 0, 1)


def _counts(quiz: Quiz, items: list[Item]) -> Iterator[Rule]:
    """A form keeps its number of frauds, of genuine offers and of each other kind."""
    for form in quiz.forms:
        wanted = Counter(_sort(item) for item in quiz.form_items(form))
        for sort in {_sort(item) for item in items}:
            weights = {(item.item_id, form): 1.0 for item in items if _sort(item) == sort}
            yield Rule("counts", weights, wanted[sort], wanted[sort])


def _alike(
    quiz: Quiz, items: list[Item], family: str, values: set[str], trait: Callable[[Item], str], gap: int
) -> Iterator[Rule]:
    """Each value of a trait is about as frequent in every form as in the first."""
    for value in sorted(values - {""}):
        held = {item.item_id for item in items if trait(item) == value}
        yield from _near(quiz, items, family, _in(held), gap)


def _in(item_ids: set[str]) -> Measure:
    return lambda item: float(item.item_id in item_ids)


def _near(quiz: Quiz, items: list[Item], family: str, measure: Measure, gap: float) -> Iterator[Rule]:
    """A measure adds up to about the same in every form as in the first."""
    first, *others = quiz.forms
    for form in others:
        weights = {(item.item_id, first): measure(item) for item in items}
        weights |= {(item.item_id, form): -measure(item) for item in items}
        yield Rule(family, weights, -gap, gap)


def _twins(quiz: Quiz, items: list[Item]) -> Iterator[Rule]:
    """Twins go together, one in each of two forms."""
    known = {item.item_id for item in items}
    first, *others = quiz.forms
    for item in items:
        for form in others if item.twin in known else ():
            yield Rule("twins", {(item.item_id, first): 1.0, (item.twin or "", form): -1.0}, 0, 0)


def _mirrors(quiz: Quiz, items: list[Item]) -> Iterator[Rule]:
    """Near copies with opposite keys never stand in two forms."""
    for item, other in combinations(items, 2):
        if are_mirrors(item, other):
            for first, form in permutations(quiz.forms, 2):
                yield Rule("mirrors", {(item.item_id, first): 1.0, (other.item_id, form): 1.0}, 0, 1)


def _cues(quiz: Quiz, items: list[Item]) -> Iterator[Rule]:
    """In a form each value of a cue goes with fraud as often as with genuine, give or take one."""
    for form in quiz.forms:
        for cue, values in CUES.items():
            for value in values:
                held = [i for i in items if i.cues is not None and getattr(i.cues, cue) == value]
                weights = {(i.item_id, form): 1.0 if i.signal == "fraud" else -1.0 for i in held}
                if weights:
                    yield Rule("cues", weights, -CUE_GAP, CUE_GAP)


def _transfer(quiz: Quiz, items: list[Item], shown: Collection[str]) -> Iterator[Rule]:
    """Where offers say what they are about, a form holds some of a setting that nobody was shown."""
    unseen = [item.item_id for item in items if (setting := setting_of(item)) and setting not in shown]
    for form in quiz.forms if any(map(setting_of, items)) else ():
        yield Rule("transfer", {(item_id, form): 1.0 for item_id in unseen}, UNSEEN_LEAST, np.inf)


def _load(quiz: Quiz, items: list[Item]) -> Iterator[Rule]:
    """A wave stays within what its audience reads in one go."""
    likert = sum(item_words(quiz.item(item_id)) for item_id in quiz.likert)
    for form in quiz.forms:
        weights = {(item.item_id, form): float(item_words(item)) for item in items}
        yield Rule("load", weights, 0, most_words(quiz) - likert)


def _solve(
    quiz: Quiz, items: list[Item], rules: list[Rule], fresh: bool
) -> dict[str, tuple[str, ...]] | None:
    columns = {
        (item.item_id, form): number
        for number, (item, form) in enumerate((item, form) for item in items for form in quiz.forms)
    }
    rows = np.zeros((len(rules), len(columns)))
    for number, rule in enumerate(rules):
        for decision, weight in rule.weights.items():
            rows[number, columns[decision]] += weight
    limits = LinearConstraint(rows, [rule.low for rule in rules], [rule.high for rule in rules])
    found = milp(
        _costs(quiz, items, fresh), constraints=limits, integrality=np.ones(len(columns)), bounds=Bounds(0, 1)
    )
    if found.x is None:
        return None
    return {
        form: tuple(item.item_id for item in items if found.x[columns[item.item_id, form]] > 0.5)
        for form in quiz.forms
    }


def _costs(quiz: Quiz, items: list[Item], fresh: bool) -> np.ndarray:
    """Staying is free, a change is dear; among equals the order of the file decides."""
    costs = []
    for rank, item in enumerate(items):
        for number, form in enumerate(quiz.forms):
            stays = not fresh and item.item_id in quiz.forms[form]
            costs.append(0.0 if stays else MOVED + rank + number * len(items) * (rank % 7))
    return np.array(costs)


def _blocking(quiz: Quiz, items: list[Item], rules: list[Rule]) -> str:
    """The balance without which forms could be found; all of them where no single one is to blame."""
    families = list(dict.fromkeys(rule.family for rule in rules))
    for family in families:
        if _solve(quiz, items, [rule for rule in rules if rule.family != family], False) is not None:
            return family
    return ", ".join(families)


def _in_order(quiz: Quiz, form: str, chosen: tuple[str, ...]) -> tuple[str, ...]:
    """Who stays keeps its place; who is new takes that of one of its sort: the order still tells nothing."""
    new = [item_id for item_id in chosen if item_id not in quiz.forms[form]]
    ordered = []
    for item_id in quiz.forms[form]:
        if item_id not in chosen:
            sort = _sort(quiz.item(item_id))
            item_id = next(other for other in new if _sort(quiz.item(other)) == sort)
            new.remove(item_id)
        ordered.append(item_id)
    return tuple(ordered)


def _sort(item: Item) -> str:
    return f"{item.kind} {item.signal or ''}".strip()


def _channel(item: Item) -> str:
    return item.scenario.channel if item.scenario else ""


def _stem_words(item: Item) -> int:
    return len(item.stem.id.split())


def _mean(quiz: Quiz, measure: Measure) -> float:
    return sum(measure(item) for form in quiz.forms for item in quiz.form_items(form)) / len(quiz.forms)

"""Scoring: every scored item gives 0 or 1; "don't know" is kept apart and gives 0."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from kit.quiz.model import Item, Quiz
from kit.study.choice import UNSURE
from kit.study.wave import counts


def score_choice(item: Item, choice: Collection[str]) -> int | None:
    """Return 1 if exactly the key was chosen, 0 if not, None for "don't know" and for unscored items.

    `spot` and `multi` score 1 only when all of the key and nothing else is chosen.
    """
    if not item.scored or UNSURE in choice:
        return None
    return int(frozenset(choice) == item.key)


@dataclass(frozen=True)
class AttemptScore:
    """The computed result of one attempt: never stored."""

    score: int
    max: int
    answered: int

    @property
    def counts(self) -> bool:
        """Whether enough was answered; what is missing is then taken as "don't know"."""
        return counts(self.answered, self.max)


def score_attempt(quiz: Quiz, form: str, responses: Mapping[str, Collection[str]]) -> AttemptScore:
    """Score the responses `{item_id: choice}` to a form. Likert answers and strangers are left out."""
    items = quiz.form_items(form)
    marks = [score_choice(item, responses[item.item_id]) for item in items if item.item_id in responses]
    return AttemptScore(score=sum(mark or 0 for mark in marks), max=len(items), answered=len(marks))

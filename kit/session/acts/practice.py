"""How the room did in practice: who is through, and from five people on who chose what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from kit.quiz.model import Quiz
from kit.session.acts.results import SHOWN_FROM
from kit.session.acts.view import SessionView
from kit.session.store.responses import practice_choices, practised_items
from kit.session.store.transaction import Reading
from kit.study.choice import read_choice

_Splits = Mapping[tuple[str, str], Mapping[str, int]]
"""People by chosen option, by quiz and offer."""

TENTHS: Final = 10


def room_tenths(tx: Reading, view: SessionView) -> dict[str, dict[str, int]]:
    """How many of ten decisions were right, by quiz and offer, from five answers on.

    Tenths, so that one person more or less tells nothing about this person.
    """
    splits = _splits(tx, view)
    return {quiz.quiz_id: dict(_quiz_tenths(quiz, splits)) for quiz in view.quizzes}


def _quiz_tenths(quiz: Quiz, splits: _Splits) -> Iterator[tuple[str, int]]:
    for item_id in quiz.practice:
        split = splits.get((quiz.quiz_id, item_id), {})
        answered = sum(split.values())
        if answered >= SHOWN_FROM:
            right = sum(split.get(option_id, 0) for option_id in quiz.item(item_id).key)
            yield item_id, round(TENTHS * right / answered)


def room_practice(tx: Reading, view: SessionView) -> dict[str, Any]:
    """`{finished, items}`; items have `quiz_id, item_id, answered` and a `split`, None below five people."""
    splits = _splits(tx, view)
    lengths = {quiz.quiz_id: len(quiz.practice) for quiz in view.quizzes}
    through = (people for quiz_id, n, people in practised_items(tx, view.session_id) if n >= lengths[quiz_id])
    return {
        "finished": sum(through),
        "items": [
            _item(quiz.quiz_id, item_id, splits.get((quiz.quiz_id, item_id), {}))
            for quiz in view.quizzes
            for item_id in quiz.practice
        ],
    }


def _splits(tx: Reading, view: SessionView) -> _Splits:
    splits: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for quiz_id, item_id, choice, people in practice_choices(tx, view.session_id):
        (option_id,) = read_choice(choice)
        splits[quiz_id, item_id][option_id] = people
    return splits


def _item(quiz_id: str, item_id: str, split: Mapping[str, int]) -> dict[str, Any]:
    answered = sum(split.values())
    shown = split if answered >= SHOWN_FROM else None
    return {"quiz_id": quiz_id, "item_id": item_id, "answered": answered, "split": shown}

"""What may be practised with alone: offers shown with their key to anybody who asks, at any time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from kit.quiz.model import Item, Quiz
from kit.quiz.read import load_quizzes, quiz_paths
from kit.session.acts.view import view_all
from kit.session.store.transaction import Reading
from kit.text import LANGUAGES


def practice_offers(tx: Reading, folder: Path) -> list[dict[str, Any]]:
    """The offers of the quiz files that no form, poll or practice list holds. Raises QuizFaults.

    Sessions keep the quiz that they were opened with, and may have a follow-up before them: what one of them
    holds is left out too, whatever the file says now.
    """
    quizzes = _read(folder, tuple((path, path.stat().st_mtime_ns) for path in quiz_paths(folder)))
    used = {quiz.sha256: quiz for view in view_all(tx) for quiz in view.quizzes}
    held = {message for quiz in (*quizzes, *used.values()) for message in _held(quiz)}
    return [
        _offer(quiz, item)
        for quiz in quizzes
        for item in (*quiz.offers("boosters"), *quiz.bank)
        if held.isdisjoint(_messages(item))
    ]


@lru_cache(maxsize=4)
def _read(folder: Path, _stamps: tuple[tuple[Path, int], ...]) -> tuple[Quiz, ...]:
    """The quizzes of a folder, parsed once for each state of its files."""
    return tuple(load_quizzes(folder).values())


def _held(quiz: Quiz) -> Iterator[str]:
    """The messages of every offer that is or will be answered in a session."""
    listed = [ids for place, ids in quiz.lists.items() if place not in ("boosters",)]
    for item_id in {item_id for ids in listed for item_id in ids}:
        yield from _messages(quiz.item(item_id))


def _messages(item: Item) -> Iterable[str]:
    """What an item says, by which it is known under any id and in any file."""
    return [item.scenario.text.id, item.scenario.text.en] if item.scenario else []


def _offer(quiz: Quiz, item: Item) -> dict[str, Any]:
    why = item.rationale
    return {
        "audiences": list(quiz.audience),
        "item": {language: item.public(language) for language in LANGUAGES},
        "key": sorted(item.key),
        "rationale": {language: why.in_(language) if why else "" for language in LANGUAGES},
    }

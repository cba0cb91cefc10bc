"""The room's before and after, shown once the keys are out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from kit.quiz.model import Quiz
from kit.quiz.scoring import score_attempt
from kit.session.acts.view import SessionView
from kit.session.store.participants import session_participants
from kit.session.store.responses import session_responses
from kit.session.store.transaction import Reading
from kit.study.choice import read_choice
from kit.study.stage import shows_key
from kit.study.wave import POST, PRE, form_of

SHOWN_FROM: Final = 5
"""Below this many pairs the room's result is not shown: single people could be recognised in it."""

_SHARES: Final = (("hit", "fraud"), ("false_alarm", "genuine"))


@dataclass(frozen=True)
class _Pair:
    """One person measured before and after: forms and choices by wave."""

    quiz: Quiz
    forms: Mapping[str, str]
    choices: Mapping[str, Mapping[str, frozenset[str]]]


def room_results(tx: Reading, view: SessionView) -> dict[str, Any] | None:
    """The room's before and after over people measured twice; nothing below five pairs.

    Shares of offers are pooled over people: fraud called fraud (`hit`), genuine called fraud
    (`false_alarm`). With several quizzes scores are shares of their own maximum times the longest's.
    """
    if not shows_key(view.stage) or view.row["purged_at"]:
        return None
    pairs = _pairs(tx, view)
    if len(pairs) < SHOWN_FROM:
        return {"n_pairs": len(pairs), "suppressed": True}
    top = max(len(quiz.forms["A"]) for quiz in view.quizzes)
    result: dict[str, Any] = {"n_pairs": len(pairs), "suppressed": False, "max": top}
    for wave in (PRE, POST):
        result[f"mean_{wave}"] = _mean_score(pairs, wave, top)
        for name, signal in _SHARES:
            result[f"{name}_{wave}"] = _called_fraud(pairs, wave, signal)
    return result


def _mean_score(pairs: list[_Pair], wave: str, top: int) -> float:
    scores = [score_attempt(pair.quiz, pair.forms[wave], pair.choices[wave]) for pair in pairs]
    return top * sum(score.score / score.max for score in scores) / len(scores)


def _called_fraud(pairs: list[_Pair], wave: str, signal: str) -> float | None:
    marks = [
        "fraud" in pair.choices[wave].get(item.item_id, ())
        for pair in pairs
        for item in pair.quiz.form_items(pair.forms[wave])
        if item.signal == signal
    ]
    return sum(marks) / len(marks) if marks else None


def _pairs(tx: Reading, view: SessionView) -> list[_Pair]:
    """People whose attempts count before and after."""
    choices: dict[str, dict[str, dict[str, frozenset[str]]]] = defaultdict(lambda: defaultdict(dict))
    for row in session_responses(tx, view.session_id):
        chosen = frozenset(read_choice(row["choice"]))
        choices[row["participant_id"]][row["wave"]][row["item_id"]] = chosen
    pairs = []
    for person in session_participants(tx, view.session_id):
        quiz = view.quiz(person["quiz_id"])
        forms = {wave: form_of(person["arm"], wave) for wave in (PRE, POST)}
        answers = choices[person["participant_id"]]
        if all(score_attempt(quiz, forms[wave], answers[wave]).counts for wave in forms):
            pairs.append(_Pair(quiz, forms, answers))
    return pairs

"""What may be shown once the keys are out: a person's own feedback and the room's before and after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from kit.errors import Conflict
from kit.quiz.model import Item, Quiz
from kit.quiz.scoring import score_attempt, score_choice
from kit.session.requests import Identity
from kit.session.rules import SHOWS_KEYS, WAVES, SessionView, check_token, form_of, view_session
from kit.session.store import Transaction

# Below this many pairs the room's result is not shown (evaluation, section 7).
SHOWN_FROM: Final = 5

Choices = Mapping[str, frozenset[str]]


def feedback(tx: Transaction, who: Identity) -> dict[str, Any]:
    """A participant's own responses with key and rationale. Raises Conflict before the results."""
    check_token(tx, who)
    view = view_session(tx, who.code)
    if view.stage not in SHOWS_KEYS:
        raise Conflict("results_not_yet")
    if view.stage == "followup" and "followup" not in tx.submitted_waves(who.participant_id):
        # The follow-up asks the first form again: its keys wait until this person has answered.
        raise Conflict("followup_first")
    quiz = view.quiz(who.quiz_id)
    waves: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
    for row in tx.responses(who.participant_id):
        waves[row["wave"]][row["item_id"]] = frozenset(row["choice"].split("+"))
    items = [
        _explain(item, wave, waves[wave][item.item_id], who.language)
        for wave in WAVES
        if wave in waves
        for item in quiz.form_items(form_of(who.arm, wave))
        if item.item_id in waves[wave]
    ]
    items += [
        _explain(item, "poll", waves["poll"][item_id], who.language)
        for item_id, item in view.polls().items()
        if item_id in waves.get("poll", {})
    ]
    return {
        "personal_code": who.personal_code,
        "audience": who.audience,
        "scores": {wave: _own_score(quiz, who.arm, wave, waves.get(wave)) for wave in WAVES},
        "items": items,
    }


def _own_score(quiz: Quiz, arm: str, wave: str, choices: Choices | None) -> dict[str, int] | None:
    if not choices:
        return None
    score = score_attempt(quiz, form_of(arm, wave), choices)
    return {"score": score.score, "max": score.max} if score.counts else None


def _explain(item: Item, wave: str, choice: frozenset[str], language: str) -> dict[str, Any]:
    return {
        **item.public(language),
        "wave": wave,
        "choice": sorted(choice),
        "key": sorted(item.key),
        "correct": None if wave == "poll" else score_choice(item, choice),
        "rationale": item.rationale.in_(language) if item.rationale else "",
    }


def room_results(tx: Transaction, view: SessionView) -> dict[str, Any] | None:
    """The room's before and after over people measured twice; nothing below five pairs.

    Shares of offers are pooled over people: fraud called fraud (`hit`), genuine called fraud
    (`false_alarm`). With several quizzes scores are shares of their own maximum times the first's.
    """
    if view.stage not in SHOWS_KEYS or view.row["purged_at"]:
        return None
    pairs = _pairs(tx, view)
    if len(pairs) < SHOWN_FROM:
        return {"n_pairs": len(pairs), "suppressed": True}
    top = max(len(quiz.forms["A"]) for quiz in view.quizzes)
    result: dict[str, Any] = {"n_pairs": len(pairs), "suppressed": False, "max": top}
    for wave in ("pre", "post"):
        shares = [score_attempt(quiz, forms[wave], answers[wave]) for quiz, forms, answers in pairs]
        result[f"mean_{wave}"] = top * sum(s.score / s.max for s in shares) / len(shares)
        for name, signal in (("hit", "fraud"), ("false_alarm", "genuine")):
            marks = [
                "fraud" in answers[wave].get(item.item_id, ())
                for quiz, forms, answers in pairs
                for item in quiz.form_items(forms[wave])
                if item.signal == signal
            ]
            result[f"{name}_{wave}"] = sum(marks) / len(marks) if marks else None
    return result


def _pairs(
    tx: Transaction, view: SessionView
) -> list[tuple[Quiz, dict[str, str], dict[str, dict[str, frozenset[str]]]]]:
    """People whose attempts count before and after, with their forms and choices by wave."""
    choices: dict[str, dict[str, dict[str, frozenset[str]]]] = defaultdict(lambda: defaultdict(dict))
    session_id = view.row["session_id"]
    for row in tx.session_responses(session_id):
        choices[row["participant_id"]][row["wave"]][row["item_id"]] = frozenset(row["choice"].split("+"))
    pairs = []
    for person in tx.participants(session_id):
        quiz = view.quiz(person["quiz_id"])
        forms = {wave: form_of(person["arm"], wave) for wave in ("pre", "post")}
        answers = choices[person["participant_id"]]
        if all(score_attempt(quiz, forms[wave], answers[wave]).counts for wave in forms):
            pairs.append((quiz, forms, answers))
    return pairs

"""What may be shown once the keys are out: a person's own responses, with key and rationale."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kit.errors import Conflict, KitError
from kit.quiz.model import Item, Quiz
from kit.quiz.scoring import score_attempt, score_choice
from kit.session.acts.answer import own_plan
from kit.session.acts.attend import Identity, check_token, valid_tokens
from kit.session.acts.each import answer_each
from kit.session.acts.view import SessionView, view_sessions
from kit.session.store.attempts import submitted_waves
from kit.session.store.responses import responses_of
from kit.session.store.transaction import Reading, StoredRow
from kit.study.choice import read_choice
from kit.study.stage import shows_key
from kit.study.wave import FOLLOWUP, POLL, PRACTICE, WAVES, form_of

Choices = Mapping[str, frozenset[str]]


def feedback(tx: Reading, who: Identity) -> dict[str, Any]:
    """A participant's own responses with key and rationale. Raises Conflict before the results."""
    (told,) = feedback_all(tx, [who])
    if isinstance(told, KitError):
        raise told
    return told


def feedback_all(tx: Reading, people: Sequence[Identity]) -> list[dict[str, Any] | KitError]:
    """Each participant's own responses with key and rationale, or why they are not shown."""
    ids = [who.participant_id for who in people]
    valid = valid_tokens(tx, people)
    views = view_sessions(tx, {who.code for who in people})
    kept, submitted = responses_of(tx, ids), submitted_waves(tx, ids)

    def told(who: Identity) -> dict[str, Any]:
        check_token(valid, who)
        view = views[who.code]
        _check_shown(view, submitted.get(who.participant_id, set()))
        return _feedback(view, who, kept.get(who.participant_id, ()))

    return answer_each(told, people)


def _check_shown(view: SessionView, submitted: set[str]) -> None:
    if not shows_key(view.stage):
        raise Conflict("results_not_yet")
    if view.stage == FOLLOWUP and FOLLOWUP not in submitted:
        # The follow-up asks the first form again: its keys wait until this person has answered.
        raise Conflict("followup_first")


def _by_wave(rows: Iterable[StoredRow]) -> dict[str, Choices]:
    waves: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
    for row in rows:
        waves[row["wave"]][row["item_id"]] = frozenset(read_choice(row["choice"]))
    return dict(waves)


def _feedback(view: SessionView, who: Identity, rows: Sequence[StoredRow]) -> dict[str, Any]:
    quiz, waves = view.quiz(who.quiz_id), _by_wave(rows)
    items = [
        _explain(item, wave, waves[wave][item.item_id], who.language)
        for wave in WAVES
        if wave in waves
        for item in quiz.form_items(form_of(who.arm, wave))
        if item.item_id in waves[wave]
    ]
    talked = {PRACTICE: {item_id: quiz.item(item_id) for item_id in quiz.practice}, POLL: view.polls()}
    items += [
        _explain(item, wave, waves[wave][item_id], who.language)
        for wave, shown in talked.items()
        if wave in waves
        for item_id, item in shown.items()
        if item_id in waves[wave]
    ]
    return {
        "audience": who.audience,
        "scores": {wave: _own_score(quiz, who.arm, wave, waves.get(wave)) for wave in WAVES},
        "items": items,
        "plan": own_plan(quiz, rows, who.language),
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
        "correct": None if wave == POLL else score_choice(item, choice),
        "rationale": item.rationale.in_(language) if item.rationale else "",
        "letters": list(item.letters),
    }

"""Answering: what a participant is asked now, the responses to it, and being done with a wave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kit.errors import BadRequest, Conflict, KitError
from kit.quiz.model import Item, Quiz
from kit.quiz.scoring import score_choice
from kit.session.acts.attend import Identity, check_token, valid_tokens
from kit.session.acts.each import answer_each
from kit.session.acts.polls import poll_splits
from kit.session.acts.practice import room_tenths
from kit.session.acts.view import SessionView, Views, view_sessions
from kit.session.store import clock
from kit.session.store.attempts import add_attempt, submitted_waves
from kit.session.store.responses import ResponseRow, responses_of, upsert_responses
from kit.session.store.transaction import Reading, StoredRow, Writing
from kit.study.choice import read_choice, write_choice
from kit.study.stage import stage_item, takes_answers, wave_of
from kit.study.wave import FOLLOWUP, POLL, POST, PRACTICE, form_of

MAX_SEQ: Final = 1_000_000_000
_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """One response as the phone sends it."""

    who: Identity
    wave: str
    item_id: str
    choice: tuple[str, ...]
    seq: int


def wave_items(view: SessionView, who: Identity, wave: str) -> tuple[str | None, tuple[Item, ...]]:
    """The form and items a participant answers in a wave that is open now. Raises Conflict."""
    if wave_of(view.stage) != wave:
        raise Conflict("wave_closed", wave=wave, stage=view.stage)
    if wave == POLL:
        return None, (view.polls()[stage_item(view.stage)],)
    quiz = view.quiz(who.quiz_id)
    if wave == PRACTICE:
        return None, tuple(quiz.item(item_id) for item_id in quiz.practice)
    form = form_of(who.arm, wave)
    return form, quiz.wave_items(form, wave)


def show_practice(item: Item, choice: Sequence[str], language: str) -> dict[str, Any]:
    """What a person is told of a practice offer. Only to be called with that person's own stored response."""
    return {
        "key": sorted(item.key),
        "correct": score_choice(item, choice),
        "rationale": item.rationale.in_(language) if item.rationale else "",
        "letters": list(item.letters),
    }


# What a participant is asked


def open_wave(tx: Reading, who: Identity, wave: str) -> dict[str, Any]:
    """What a participant answers now. Raises Conflict; NotAllowed for a token that is void."""
    (opened,) = open_waves(tx, [(who, wave)])
    if isinstance(opened, KitError):
        raise opened
    return opened


def open_waves(tx: Reading, requests: Sequence[tuple[Identity, str]]) -> list[dict[str, Any] | KitError]:
    """What each `(who, wave)` is asked: `{wave, form, items, responses, submitted}`, or why nothing.

    Once a poll is revealed the room's `split` comes with it; practice comes with what is `shown` of the
    offers that this person has answered, and of no others, and once all are answered with the `room`.
    """
    people = [who for who, _ in requests]
    ids = [who.participant_id for who in people]
    valid = valid_tokens(tx, people)
    views = view_sessions(tx, {who.code for who in people})
    waves = {wave for _, wave in requests}
    # The plan made after the session is shown again weeks later.
    kept = responses_of(tx, ids, waves | {POST} if FOLLOWUP in waves else waves)
    submitted = submitted_waves(tx, ids)
    splits = {code: poll_splits(tx, view) for code, view in views.items() if _is_revealed(view)}
    rooms = {code: room_tenths(tx, view) for code, view in views.items() if view.stage == PRACTICE}

    def opened(asked: tuple[Identity, str]) -> dict[str, Any]:
        who, wave = asked
        check_token(valid, who)
        view = views[who.code]
        form, items = wave_items(view, who, wave)
        own = kept.get(who.participant_id, ())
        responses = _kept_choices(own, wave, items)
        answer: dict[str, Any] = {
            "wave": wave,
            "form": form,
            "items": [item.public(who.language) for item in items],
            "responses": responses,
            "submitted": wave in submitted.get(who.participant_id, ()),
        }
        if _is_revealed(view):
            answer["split"] = splits[who.code].get(items[0].item_id, {})
        if wave == PRACTICE:
            answer["shown"] = {
                item.item_id: show_practice(item, responses[item.item_id]["choice"], who.language)
                for item in items
                if item.item_id in responses
            }
            if len(responses) == len(items):
                answer["room"] = rooms[who.code][who.quiz_id]
        if wave == FOLLOWUP:
            answer["plan"] = own_plan(view.quiz(who.quiz_id), own, who.language)
        return answer

    return answer_each(opened, requests)


def own_plan(quiz: Quiz, rows: Iterable[StoredRow], language: str) -> dict[str, Any] | None:
    """The plan that a person chose after the session, in words; None where none was."""
    made = [row for row in rows if row["wave"] == POST and row["item_id"] == quiz.plan]
    if not made or quiz.plan is None:
        return None
    item, chosen = quiz.item(quiz.plan), read_choice(made[0]["choice"])
    words = [option.text.in_(language) for option in item.options if option.option_id in chosen]
    return {"stem": item.stem.in_(language), "chosen": words}


def _is_revealed(view: SessionView) -> bool:
    return wave_of(view.stage) == POLL and not takes_answers(view.stage)


def _kept_choices(rows: Sequence[StoredRow], wave: str, items: Sequence[Item]) -> dict[str, dict[str, Any]]:
    wanted = {item.item_id for item in items}
    return {
        row["item_id"]: {"choice": read_choice(row["choice"]), "seq": row["seq"]}
        for row in rows
        if row["wave"] == wave and row["item_id"] in wanted
    }


# Responses


@dataclass(frozen=True, slots=True)
class _Known:
    """What must be known to take or refuse answers, read once for all of them."""

    valid: Mapping[str, tuple[str, str | None]]
    views: Views
    # Who has finished the follow-up, and what is stored of it and of practice: their keys may have been seen.
    finished: frozenset[str]
    kept: Mapping[_Key, StoredRow]


@dataclass(frozen=True, slots=True)
class Recorded:
    """The seq that is stored now, and what practice tells once the response is stored."""

    seq: int
    shown: dict[str, Any] | None = None


def record_responses(tx: Writing, answers: Sequence[Answer]) -> list[Recorded | KitError]:
    """Write responses in bulk; for each what is stored now, or why it was refused.

    The caller gives nothing of it away before the transaction is committed.
    """
    known = _known(tx, answers)
    refusals = [_refusal(known, answer) for answer in answers]
    newest: dict[_Key, ResponseRow] = {}
    answered_at = clock.now()
    for answer, refusal in zip(answers, refusals, strict=True):
        key = _key(answer)
        if refusal is None and (key not in newest or newest[key].seq < answer.seq):
            newest[key] = ResponseRow(*key, write_choice(answer.choice), answer.seq, answered_at)
    stored = upsert_responses(tx, list(newest.values())) if newest else {}
    return [
        Recorded(stored[_key(answer)], _shown(known, answer, newest)) if refusal is None else refusal
        for answer, refusal in zip(answers, refusals, strict=True)
    ]


def _key(answer: Answer) -> _Key:
    return answer.who.participant_id, answer.wave, answer.item_id


def _shown(known: _Known, answer: Answer, newest: Mapping[_Key, ResponseRow]) -> dict[str, Any] | None:
    """What practice tells of the response that is stored: an earlier one stays, else the newest counts."""
    if answer.wave != PRACTICE:
        return None
    earlier = known.kept.get(_key(answer))
    choice = earlier["choice"] if earlier else newest[_key(answer)].choice
    item = known.views[answer.who.code].quiz(answer.who.quiz_id).item(answer.item_id)
    return show_practice(item, read_choice(choice), answer.who.language)


def _known(tx: Writing, answers: Sequence[Answer]) -> _Known:
    people = [answer.who for answer in answers]
    views = view_sessions(tx, {who.code for who in people})
    finished = _finished(tx, answers)
    return _Known(valid_tokens(tx, people), views, finished, _kept(tx, answers, finished))


def _finished(tx: Writing, answers: Sequence[Answer]) -> frozenset[str]:
    """Those who answer in a follow-up that they have finished."""
    late = list({answer.who.participant_id for answer in answers if answer.wave == FOLLOWUP})
    submitted = submitted_waves(tx, late) if late else {}
    return frozenset(one for one, waves in submitted.items() if FOLLOWUP in waves)


def _kept(tx: Writing, answers: Sequence[Answer], finished: frozenset[str]) -> dict[_Key, StoredRow]:
    """What is stored of practice and of finished follow-ups, by those who answer in them now."""
    practising = {answer.who.participant_id for answer in answers if answer.wave == PRACTICE}
    people = [*finished, *practising]
    found = responses_of(tx, people, {FOLLOWUP, PRACTICE}) if people else {}
    return {(one, row["wave"], row["item_id"]): row for one, rows in found.items() for row in rows}


def _refusal(known: _Known, answer: Answer) -> KitError | None:
    try:
        _check_answer(known, answer)
    except KitError as refusal:
        return refusal
    return None


def _check_answer(known: _Known, answer: Answer) -> None:
    who = answer.who
    check_token(known.valid, who)
    view = known.views[who.code]
    if _is_revealed(view):
        raise Conflict("wave_closed", wave=answer.wave, stage=view.stage)
    _, items = wave_items(view, who, answer.wave)
    item = next((item for item in items if item.item_id == answer.item_id), None)
    if item is None:
        raise BadRequest("item_unknown", item_id=answer.item_id)
    if not item.accepts(answer.choice):
        raise BadRequest("option_unknown", item_id=answer.item_id)
    _check_changeable(known, answer)


def _check_changeable(known: _Known, answer: Answer) -> None:
    """Refuse to change what may have been answered with the key in sight. Raises Conflict."""
    stored = known.kept.get(_key(answer))
    if stored is not None and answer.seq <= stored["seq"]:
        return  # the same answer sent again changes nothing
    if answer.wave == FOLLOWUP and answer.who.participant_id in known.finished:
        raise Conflict("followup_finished")
    if answer.wave == PRACTICE and stored is not None:
        raise Conflict("practice_answered")


# Being done


def submit(tx: Writing, request: tuple[Identity, str]) -> None:
    """Note that a participant `(who, wave)` is done. Raises Conflict; BadRequest while items are open."""
    (outcome,) = submit_all(tx, [request])
    if outcome is not None:
        raise outcome


def submit_all(tx: Writing, requests: Sequence[tuple[Identity, str]]) -> list[KitError | None]:
    """Note for each `(who, wave)` that this participant is done, or say what is missing."""
    people = [who for who, _ in requests]
    ids = [who.participant_id for who in people]
    valid = valid_tokens(tx, people)
    views = view_sessions(tx, {who.code for who in people})
    kept = responses_of(tx, ids, {wave for _, wave in requests})
    submitted = submitted_waves(tx, ids)

    def note(asked: tuple[Identity, str]) -> None:
        who, wave = asked
        check_token(valid, who)
        form, items = wave_items(views[who.code], who, wave)
        if form is None:
            return
        _check_complete(items, _kept_choices(kept.get(who.participant_id, ()), wave, items))
        waves = submitted.setdefault(who.participant_id, set())
        if wave not in waves:
            # The first time counts, also when it comes twice in one batch.
            waves.add(wave)
            add_attempt(tx, who.participant_id, wave, form)

    return answer_each(note, requests)


def _check_complete(items: Sequence[Item], answered: Mapping[str, object]) -> None:
    missing = [item.item_id for item in items if item.scored and item.item_id not in answered]
    if missing:
        raise BadRequest("answers_missing", count=len(missing), missing=missing)

"""The rules of a session: open, join, move, respond, submit. Only this module writes responses."""

from __future__ import annotations

import json
import secrets
from collections import OrderedDict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import RowMapping

from kit.errors import BadRequest, Conflict, KitError, NotAllowed, NotFound
from kit.quiz.model import AUDIENCES, Item, Quiz, Text, quiz_from_dict
from kit.session import codes
from kit.session.requests import Answer, Identity, Join, Joined, OpenSession
from kit.session.store import ResponseRow, Transaction, now
from kit.text import LANGUAGES, plain_text

WAVES: Final = ("pre", "post", "followup")
SHOWS_KEYS: Final = ("results", "closed", "followup")
PLACE_FIELDS: Final = ("name", "district", "city", "province")


@dataclass(frozen=True)
class SessionView:
    """A session as the rules see it: its stage and the quizzes it was opened with."""

    row: RowMapping
    quizzes: tuple[Quiz, ...] = field(repr=False)

    @property
    def stage(self) -> str:
        """The running stage, such as `pre` or `poll:poll-01`."""
        return str(self.row["stage"])

    @property
    def title(self) -> Text:
        """The quizzes' titles."""
        return Text(
            " · ".join(quiz.title.id for quiz in self.quizzes),
            " · ".join(quiz.title.en for quiz in self.quizzes),
        )

    @property
    def audiences(self) -> list[str]:
        """The audiences some quiz is for, in their usual order."""
        admitted = {audience for quiz in self.quizzes for audience in quiz.audience}
        return [audience for audience in AUDIENCES if audience in admitted]

    def quiz(self, quiz_id: str) -> Quiz:
        """A quiz of this session. Raises KeyError."""
        return next(quiz for quiz in self.quizzes if quiz.quiz_id == quiz_id)

    def quiz_for(self, audience: str) -> Quiz:
        """The quiz of an audience. Raises BadRequest."""
        for quiz in self.quizzes:
            if audience in quiz.audience:
                return quiz
        raise BadRequest("audience_unknown", audience=audience, audiences=", ".join(self.audiences))

    def polls(self) -> dict[str, Item]:
        """Every poll item of the session by id."""
        return {item_id: quiz.item(item_id) for quiz in self.quizzes for item_id in quiz.polls}


# Reading a session


_views: OrderedDict[str, tuple[Quiz, ...]] = OrderedDict()


def view_session(tx: Transaction, code: str) -> SessionView:
    """The session with a join code. Raises NotFound."""
    row = tx.session(code)
    if row is None:
        raise NotFound("unknown_code", code=code)
    session_id = row["session_id"]
    if session_id not in _views:
        # Snapshots never change, so they are parsed once and kept for the sessions in use.
        _views[session_id] = tuple(
            quiz_from_dict(json.loads(q["quiz"])) for q in tx.session_quizzes(session_id)
        )
        if len(_views) > 64:
            _views.popitem(last=False)
    return SessionView(row, _views[session_id])


def wave_of(stage: str) -> str | None:
    """The wave a stage belongs to, None when nothing can be answered."""
    if stage.startswith(("poll:", "reveal:")):
        return "poll"
    return stage if stage in WAVES else None


def form_of(arm: str, wave: str) -> str:
    """The form of an arm in a wave: `AB` gets A before, B after, and A again at follow-up."""
    return arm[1] if wave == "post" else arm[0]


def wave_items(view: SessionView, who: Identity, wave: str) -> tuple[str | None, tuple[Item, ...]]:
    """The form and items a participant answers in a wave that is open now. Raises Conflict."""
    if wave_of(view.stage) != wave:
        raise Conflict("wave_closed", wave=wave, stage=view.stage)
    if wave == "poll":
        return None, (view.polls()[view.stage.partition(":")[2]],)
    form = form_of(who.arm, wave)
    return form, view.quiz(who.quiz_id).wave_items(form)


def identify(tx: Transaction, code: str, token: str) -> Identity:
    """The participant of a session who holds a token. Raises NotAllowed."""
    token_hash = codes.hash_token(token)
    row = tx.participant_by_token(token_hash)
    session = tx.session(code)
    if row is None or session is None or row["session_id"] != session["session_id"]:
        raise NotAllowed("stale_token")
    same = {name: row[name] for name in Identity.__slots__ if name in row}
    return Identity(code=code, **same)


# Opening and moving


def open_session(tx: Transaction, request: OpenSession) -> str:
    """Open a session and return its join code. Raises BadRequest."""
    place = _place(request.site)
    _check_opening(request)
    code = codes.new_join_code()
    while tx.session(code) is not None:
        code = codes.new_join_code()
    row = {
        "session_id": codes.new_id(),
        "code": code,
        "event": _short(request.event, "event"),
        "site_id": tx.find_or_add_site(codes.new_id(), place),
        "held_on": _day(request.held_on),
        "minors_consent": request.minors_consent,
        "rehearsal": request.rehearsal,
        "target": request.target,
        "followup_days": request.followup_days,
        "stage": "lobby",
        "version": 1,
        "seed": secrets.token_hex(16),
        "opened_at": now(),
    }
    quizzes = [
        {
            "session_id": row["session_id"],
            "quiz_id": quiz.quiz_id,
            "position": position,
            "sha256": quiz.sha256,
            "quiz": quiz.canonical_json(),
        }
        for position, quiz in enumerate(request.quizzes)
    ]
    tx.add_session(row, quizzes)
    return code


def _check_opening(request: OpenSession) -> None:
    if not request.quizzes:
        raise BadRequest("no_quiz")
    served: dict[str, str] = {}
    for quiz in request.quizzes:
        for audience in quiz.audience:
            if audience in served:
                raise BadRequest(
                    "audience_twice", audience=audience, first=served[audience], second=quiz.quiz_id
                )
            served[audience] = quiz.quiz_id
    polls = [item_id for quiz in request.quizzes for item_id in quiz.polls]
    for quiz in request.quizzes[1:]:
        # Polls are named by their id alone on the projector, so two quizzes cannot share one.
        for item_id in quiz.polls:
            if polls.count(item_id) > 1:
                raise BadRequest("poll_twice", item_id=item_id)
    if "student" in served and not (request.minors_consent or request.rehearsal):
        raise BadRequest("minors_consent_needed")


def _day(written: str) -> str:
    try:
        return date.fromisoformat(written).isoformat() if written else now()[:10]
    except ValueError:
        raise BadRequest("bad_date", value=plain_text(written)) from None


def _place(site: Mapping[str, str]) -> dict[str, str]:
    place = {name: _short(str(site.get(name, "")), f"site.{name}") for name in PLACE_FIELDS}
    if not place["name"]:
        raise BadRequest("site_needed")
    return place


def _short(value: str, name: str) -> str:
    value = " ".join(plain_text(value).split())
    if len(value) > 200:
        raise BadRequest("text_long", name=name, limit=200)
    return value


def possible_moves(view: SessionView) -> list[str]:
    """The stages the facilitator may go to from here; going back one step is undo."""
    if view.row["purged_at"]:
        return []
    polls = [f"poll:{item_id}" for item_id in view.polls()]
    stage, _, item_id = view.stage.partition(":")
    moves = {
        "lobby": ["pre"],
        "pre": ["lesson"],
        "lesson": ["pre", *polls, "post"],
        "poll": [f"reveal:{item_id}", "lesson"],
        "reveal": ["lesson", *polls, "post"],
        # Never back from results: the keys are out.
        "post": ["lesson", "results"],
        "results": ["closed"],
        "closed": ["followup"],
        "followup": ["closed"],
    }
    return moves[stage]


def move(tx: Transaction, request: tuple[str, str]) -> None:
    """Move `(code, stage)`. Moving to the stage that runs already changes nothing. Raises Conflict."""
    code, stage = request
    tx.lock_session(code)
    view = view_session(tx, code)
    if stage == view.stage:
        check_not_purged(tx, code)
        return
    possible = possible_moves(view)
    if stage not in possible:
        raise Conflict("impossible_move", stage=stage, current=view.stage, possible=", ".join(possible))
    values: dict[str, object] = {"stage": stage}
    if stage == "closed":
        values["closed_at"] = now()
    tx.update_session(code, **values)


def close(tx: Transaction, code: str) -> None:
    """Close a session from whatever stage it is in: an officer must always be able to end."""
    tx.lock_session(code)
    check_not_purged(tx, code)
    if view_session(tx, code).stage != "closed":
        tx.update_session(code, stage="closed", closed_at=now())


def check_not_purged(tx: Transaction, code: str) -> None:
    """Refuse to write a bundle anew from rows that are gone. Raises Conflict."""
    if purged_at := view_session(tx, code).row["purged_at"]:
        raise Conflict("session_purged", code=code, day=purged_at[:10])


def note_bundle(tx: Transaction, request: tuple[str, str]) -> None:
    """Remember where the bundle `(code, folder)` lies."""
    code, folder = request
    tx.update_session(code, bundle=folder)


def delete_session(tx: Transaction, code: str) -> dict[str, int]:
    """Remove a session with everything in it; counts by table. Raises NotFound."""
    view = view_session(tx, code)
    _views.pop(view.row["session_id"], None)
    return tx.delete_session(view.row["session_id"])


def write_notes(tx: Transaction, request: tuple[str, str]) -> str:
    """Keep the officer's notes `(code, text)`; the notes as kept."""
    code, text = request
    view_session(tx, code)
    notes = plain_text(text)
    tx.update_session(code, notes=notes)
    return notes


# Taking part


def join(tx: Transaction, request: Join) -> Joined:
    """Admit a person to a session. Raises NotFound, BadRequest or Conflict."""
    view = view_session(tx, request.code)
    quiz = view.quiz_for(request.audience)
    if not request.consent:
        raise BadRequest("consent_needed")
    if request.language not in LANGUAGES:
        raise BadRequest("language_unknown", language=request.language)
    if view.stage in SHOWS_KEYS:
        raise Conflict("session_over", code=request.code)
    session_id = view.row["session_id"]
    tx.lock_joining(session_id)
    token = codes.token_for(request.request_id, view.row["seed"])
    again = tx.participant_by_token(codes.hash_token(token))
    if again is not None:
        # The phone asks once more: the first answer was lost on its way.
        return Joined(again["participant_id"], token, again["personal_code"])
    position = tx.count_participants(session_id, request.audience)
    personal_code = codes.new_personal_code()
    while tx.personal_code_taken(session_id, personal_code):
        personal_code = codes.new_personal_code()
    joined = Joined(codes.new_id(), token, personal_code)
    arm = codes.arm_of(view.row["seed"], request.audience, position)
    tx.add_participant(
        {
            "participant_id": joined.participant_id,
            "session_id": session_id,
            "quiz_id": quiz.quiz_id,
            "audience": request.audience,
            "arm": arm if quiz.design == "counterbalanced" else "AA",
            "language": request.language,
            "personal_code": personal_code,
            "token_hash": codes.hash_token(token),
            "joined_stage": view.stage,
            "joined_at": now(),
        }
    )
    return joined


def resume(tx: Transaction, request: tuple[str, str]) -> Joined:
    """Give the person with a personal code `(code, personal_code)` a new token. Raises NotFound."""
    code, typed = request
    view = view_session(tx, code)
    row = tx.participant_by_code(view.row["session_id"], codes.normalise_personal_code(typed))
    if row is None:
        raise NotFound("unknown_personal_code")
    joined = Joined(row["participant_id"], codes.new_token(), row["personal_code"])
    tx.replace_token(joined.participant_id, codes.hash_token(joined.token))
    return joined


def record_responses(tx: Transaction, answers: Sequence[Answer]) -> list[int | KitError]:
    """Write responses in bulk; for each the seq that is stored now, or why it was refused."""
    people = list({answer.who.participant_id for answer in answers})
    valid = tx.token_hashes(people)
    late = any(answer.wave == "followup" for answer in answers)
    finished = tx.submitted_by(people, "followup") if late else frozenset()
    outcomes: list[int | KitError | None] = []
    newest: dict[tuple[str, str, str], ResponseRow] = {}
    answered_at = now()
    for answer in answers:
        refusal = _refuse(tx, valid, finished, answer)
        outcomes.append(refusal)
        if refusal is None:
            key = (answer.who.participant_id, answer.wave, answer.item_id)
            if key not in newest or newest[key].seq < answer.seq:
                newest[key] = ResponseRow(*key, "+".join(answer.choice), answer.seq, answered_at)
    stored = tx.upsert_responses(list(newest.values())) if newest else {}
    return [
        stored[(answer.who.participant_id, answer.wave, answer.item_id)] if outcome is None else outcome
        for answer, outcome in zip(answers, outcomes, strict=True)
    ]


def _refuse(
    tx: Transaction, valid: Mapping[str, str], finished: Container[str], answer: Answer
) -> KitError | None:
    who = answer.who
    try:
        if valid.get(who.participant_id) != who.token_hash:
            raise NotAllowed("stale_token")
        view = view_session(tx, who.code)
        if view.stage.startswith("reveal:"):
            raise Conflict("wave_closed", wave=answer.wave, stage=view.stage)
        _, items = wave_items(view, who, answer.wave)
        item = next((item for item in items if item.item_id == answer.item_id), None)
        if item is None:
            raise BadRequest("item_unknown", item_id=answer.item_id)
        if not item.accepts(answer.choice):
            raise BadRequest("option_unknown", item_id=answer.item_id)
        if answer.wave == "followup" and who.participant_id in finished and _is_new(tx, answer):
            # Who has finished may have seen the keys.
            raise Conflict("followup_finished")
    except KitError as refusal:
        return refusal
    return None


def _is_new(tx: Transaction, answer: Answer) -> bool:
    """Whether an answer would change what is stored, and is not the same one sent again."""
    rows = tx.responses(answer.who.participant_id, answer.wave)
    return all(row["item_id"] != answer.item_id or answer.seq > row["seq"] for row in rows)


def submit(tx: Transaction, request: tuple[Identity, str]) -> None:
    """Note that a participant `(who, wave)` is done. Raises Conflict; BadRequest while items are open."""
    who, wave = request
    check_token(tx, who)
    form, items = wave_items(view_session(tx, who.code), who, wave)
    if form is None:
        return
    answered = {row["item_id"] for row in tx.responses(who.participant_id, wave)}
    missing = [item.item_id for item in items if item.scored and item.item_id not in answered]
    if missing:
        raise BadRequest("answers_missing", count=len(missing), missing=missing)
    tx.add_attempt(who.participant_id, wave, form)


def check_token(tx: Transaction, who: Identity) -> None:
    """Refuse a token that another phone has replaced since. Raises NotAllowed."""
    if tx.token_hashes([who.participant_id]).get(who.participant_id) != who.token_hash:
        raise NotAllowed("stale_token")


def open_wave(tx: Transaction, who: Identity, wave: str) -> dict[str, Any]:
    """What a participant answers now: `{wave, form, items, responses, submitted}`. Raises Conflict."""
    check_token(tx, who)
    view = view_session(tx, who.code)
    form, items = wave_items(view, who, wave)
    wanted = {item.item_id for item in items}
    answer: dict[str, Any] = {
        "wave": wave,
        "form": form,
        "items": [item.public(who.language) for item in items],
        "responses": {
            row["item_id"]: {"choice": row["choice"].split("+"), "seq": row["seq"]}
            for row in tx.responses(who.participant_id, wave)
            if row["item_id"] in wanted
        },
        "submitted": wave in tx.submitted_waves(who.participant_id),
    }
    if view.stage.startswith("reveal:"):
        answer["split"] = poll_splits(tx, view).get(items[0].item_id, {})
    return answer


def poll_answers(tx: Transaction, view: SessionView) -> dict[str, int]:
    """People who answered each poll: with several choices allowed a split does not tell."""
    answers = dict.fromkeys(view.polls(), 0)
    for item_id, _, people in tx.poll_choices(view.row["session_id"]):
        if item_id in answers:
            answers[item_id] += people
    return answers


def poll_splits(tx: Transaction, view: SessionView) -> dict[str, dict[str, int]]:
    """`{item_id: {option_id: people}}` of the polls; who chose several options counts for each."""
    splits = {
        item_id: {option.option_id: 0 for option in item.options} for item_id, item in view.polls().items()
    }
    for item_id, choice, people in tx.poll_choices(view.row["session_id"]):
        for option_id in choice.split("+"):
            if item_id in splits and option_id in splits[item_id]:
                splits[item_id][option_id] += people
    return splits

"""Questions to the officer: asked without a name, read by the officer alone until one is shown."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any, Final

from kit.errors import BadRequest, Conflict, NotFound, TooMany
from kit.session.acts import codes
from kit.session.acts.attend import Identity, check_token, valid_tokens
from kit.session.acts.view import SessionView, view_session
from kit.session.store import clock
from kit.session.store.questions import (
    add_question,
    change_question,
    count_questions,
    replace_state,
    session_questions,
)
from kit.session.store.sessions import change_session, lock_session
from kit.session.store.transaction import Reading, Writing
from kit.study.mask import mask
from kit.study.stage import CLOSED
from kit.text import plain_text

MOST_SIGNS: Final = 280
MOST_OF_PHONE: Final = 5
NEW, SHOWN, ANSWERED, HIDDEN = STATES = ("new", "shown", "answered", "hidden")


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the phone sends it."""

    who: Identity
    text: str


def _readable(typed: str) -> str:
    """A text on one line, without signs that nobody sees: between digits they would hide a number."""
    seen = "".join(sign for sign in typed if unicodedata.category(sign) != "Cf")
    return " ".join(plain_text(unicodedata.normalize("NFKC", seen)).split())


def are_open(view: SessionView) -> bool:
    """Whether questions are taken now."""
    return bool(view.row["questions_open"]) and view.stage != CLOSED


def ask(tx: Writing, question: Question) -> str:
    """Keep a question; its id. Raises Conflict, BadRequest, TooMany; NotAllowed for a token that is void."""
    who = question.who
    check_token(valid_tokens(tx, [who]), who)
    if not are_open(view_session(tx, who.code)):
        raise Conflict("questions_closed")
    text = _readable(question.text)
    if not text:
        raise BadRequest("question_empty")
    if len(text) > MOST_SIGNS:
        raise BadRequest("question_long", limit=MOST_SIGNS)
    if count_questions(tx, who.participant_id) >= MOST_OF_PHONE:
        raise TooMany("questions_many", limit=MOST_OF_PHONE)
    row = {"question_id": codes.new_id(), "participant_id": who.participant_id, "text": mask(text)}
    add_question(tx, {**row, "state": NEW, "asked_at": clock.now()})
    return row["question_id"]


def open_questions(tx: Writing, request: tuple[str, bool]) -> None:
    """Open or close the questions of a session `(code, open)`. Raises NotFound."""
    code, wanted = request
    lock_session(tx, code)
    view = view_session(tx, code)
    if bool(view.row["questions_open"]) != wanted:
        change_session(tx, code, questions_open=wanted, version=view.version + 1)


def list_questions(tx: Reading, code: str) -> dict[str, Any]:
    """Whether questions are open, and all that were asked. Raises NotFound."""
    view = view_session(tx, code)
    found = session_questions(tx, [view.session_id])
    return {"open": are_open(view), "questions": [dict(row) for row in found]}


def judge_question(tx: Writing, request: tuple[str, str, str]) -> None:
    """Give a question `(code, question_id, state)` its state; at most one is shown. Raises NotFound."""
    code, question_id, state = request
    view = view_session(tx, code)
    if question_id not in {row["question_id"] for row in session_questions(tx, [view.session_id])}:
        raise NotFound("question_unknown")
    if state == SHOWN:
        # Also one of somebody who is set aside: taken back, they would bring a second one to the screen.
        replace_state(tx, view.session_id, SHOWN, ANSWERED)
    change_question(tx, question_id, state)


def asked_in(tx: Reading, view: SessionView) -> dict[str, Any]:
    """What the deck shows of the questions: whether they are open, how many wait, the one on the screen."""
    found = session_questions(tx, [view.session_id])
    shown = [str(row["text"]) for row in found if row["state"] == SHOWN]
    waiting = sum(row["state"] == NEW for row in found)
    return {"open": are_open(view), "waiting": waiting, "shown": shown[0] if shown else None}

"""Opening a session."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from kit.errors import BadRequest
from kit.quiz.model import Quiz
from kit.session.acts import codes
from kit.session.store import clock
from kit.session.store.sessions import add_session, earlier_sessions, find_or_add_site, find_sessions
from kit.session.store.transaction import Writing
from kit.study.place import MAX_FIELD, PLACE_FIELDS
from kit.study.spelling import plain_name
from kit.study.stage import LOBBY
from kit.text import plain_text

FOLLOWUP_DAYS: Final = 90


@dataclass(frozen=True, slots=True)
class OpenSession:
    """What a facilitator decides when opening a session."""

    quizzes: Sequence[Quiz]
    site: Mapping[str, str]
    event: str = ""
    held_on: str = ""
    minors_consent: bool = False
    rehearsal: bool = False
    target: float | None = None
    followup_days: int = FOLLOWUP_DAYS
    # How many the officer expects; None where nobody has counted.
    expected: int | None = None
    # Who consented for minors, when, by which document: the document itself stays outside of the kit.
    minors_consent_by: str = ""
    minors_consent_on: str = ""
    minors_consent_document: str = ""
    notebook: str = ""


def open_session(tx: Writing, request: OpenSession) -> str:
    """Open a session and return its join code. Raises BadRequest."""
    place = read_place(request.site)
    _check_quizzes(request)
    code = codes.new_join_code()
    while find_sessions(tx, [code]):
        code = codes.new_join_code()
    site_id = find_or_add_site(tx, codes.new_id(), place)
    row = {
        "session_id": codes.new_id(),
        "code": code,
        "event": read_short(request.event, "event"),
        "site_id": site_id,
        "held_on": read_day(request.held_on),
        "minors_consent": request.minors_consent,
        "minors_consent_by": read_short(request.minors_consent_by, "minors_consent_by"),
        "minors_consent_on": read_day(request.minors_consent_on) if request.minors_consent_on else "",
        "minors_consent_document": read_short(request.minors_consent_document, "minors_consent_document"),
        "rehearsal": request.rehearsal,
        "expected": request.expected,
        "target": request.target,
        "followup_days": request.followup_days,
        "notebook": read_short(request.notebook, "notebook"),
        "stage": LOBBY,
        "version": 1,
        "seed": secrets.token_hex(16),
        "opened_at": clock.now(),
        # Where minors are admitted nobody writes to the officer before the officer says so.
        "questions_open": not (request.minors_consent or _admits_minors(request)),
        "visited_before": bool(earlier_sessions(tx, site_id, clock.now())),
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
    add_session(tx, row, quizzes)
    return code


def _admits_minors(request: OpenSession) -> bool:
    return any("student" in quiz.audience for quiz in request.quizzes)


def _check_quizzes(request: OpenSession) -> None:
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
    polls: set[str] = set()
    for quiz in request.quizzes:
        # Polls are named by their id alone on the projector, so two quizzes cannot share one.
        for item_id in quiz.polls:
            if item_id in polls:
                raise BadRequest("poll_twice", item_id=item_id)
        polls.update(quiz.polls)
    if "student" in served and not (request.minors_consent or request.rehearsal):
        raise BadRequest("minors_consent_needed")


def read_day(written: str) -> str:
    """A day as it is kept, today where none is named. Raises BadRequest."""
    try:
        return date.fromisoformat(written).isoformat() if written else clock.now()[:10]
    except ValueError:
        raise BadRequest("bad_date", value=plain_text(written)) from None


def read_place(site: Mapping[str, str]) -> dict[str, str]:
    """The fields of a place as they are kept. Raises BadRequest where it has no name."""
    place = {name: plain_name(read_short(str(site.get(name, "")), f"site.{name}")) for name in PLACE_FIELDS}
    if not place["name"]:
        raise BadRequest("site_needed")
    return place


def read_short(value: str, name: str) -> str:
    """A line of text as it is kept; `name` says of which field. Raises BadRequest."""
    value = " ".join(plain_text(value).split())
    if len(value) > MAX_FIELD:
        raise BadRequest("text_long", name=name, limit=MAX_FIELD)
    return value

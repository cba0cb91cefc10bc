"""Packets: people for whom answer sheets are printed, before anybody knows who they will be."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from kit.errors import BadRequest, Conflict
from kit.quiz.model import Quiz
from kit.session.acts import codes
from kit.session.acts.attend import code_is_free
from kit.session.acts.view import SessionView, view_session
from kit.session.store.participants import lock_joining
from kit.session.store.sheets import add_packets, count_packets
from kit.session.store.transaction import Reading, Writing
from kit.study.stage import shows_key
from kit.study.wave import POST, PRE, form_of
from kit.text import LANGUAGES

MOST_PACKETS: Final = 1000
QUIZ_SIGNS: Final = 8
"""Signs of a quiz's hash that its sheets carry."""
PAPER_WAVES: Final = (PRE, POST)


@dataclass(frozen=True, slots=True)
class ReservePackets:
    """How many packets are wanted, and for whom; the first audience of the session unless said."""

    code: str
    n: int
    audience: str = ""


def reserve_packets(tx: Writing, request: ReservePackets) -> dict[str, Any]:
    """Reserve people: `{audience, packets, forms}`. Raises NotFound, BadRequest, Conflict.

    Arms come in blocks of four of their own, so that phones and paper are each balanced.
    """
    view = view_session(tx, request.code)
    view.check_not_purged()
    if shows_key(view.stage):
        raise Conflict("session_over", code=request.code)
    audience = request.audience or view.audiences[0]
    quiz = view.quiz_for(audience)
    lock_joining(tx, view.session_id)
    if not 1 <= request.n <= MOST_PACKETS - count_packets(tx, view.session_id):
        raise BadRequest("packets_many", most=MOST_PACKETS)
    first, place = count_packets(tx, view.session_id), count_packets(tx, view.session_id, audience)
    drawn = list(itertools.islice(_free_codes(tx, view), request.n))
    arms = [_arm(view, quiz, audience, place + n) for n in range(request.n)]
    rows = [
        {
            "participant_id": codes.new_id(),
            "session_id": view.session_id,
            "number": first + n + 1,
            "quiz_id": quiz.quiz_id,
            "audience": audience,
            "arm": arms[n],
            "code_hash": codes.hash_personal_code(tx.code_key, view.session_id, code),
        }
        for n, code in enumerate(drawn)
    ]
    add_packets(tx, rows)
    packets = [_told(first + n + 1, drawn[n], arms[n]) for n in range(request.n)]
    return {
        "code": view.code,
        "audience": audience,
        "packets": packets,
        "forms": [form for form in _forms(view) if form["quiz_id"] == quiz.quiz_id],
    }


def _told(number: int, personal_code: str, arm: str) -> dict[str, Any]:
    sheets = [{"wave": wave, "form": form_of(arm, wave)} for wave in PAPER_WAVES]
    return {"number": number, "personal_code": personal_code, "sheets": sheets}


def _arm(view: SessionView, quiz: Quiz, audience: str, place: int) -> str:
    if quiz.design != "counterbalanced":
        return "AA"
    return codes.arm_of(view.row["seed"], f"paper:{audience}", place)


def _free_codes(tx: Reading, view: SessionView) -> Iterator[str]:
    given: set[str] = set()
    while True:
        code = codes.personal_code_for("", view.row["seed"], 0)
        code_hash = codes.hash_personal_code(tx.code_key, view.session_id, code)
        if code not in given and code_is_free(tx, view.session_id, code_hash):
            given.add(code)
            yield code


def paper_forms(tx: Reading, code: str) -> dict[str, Any]:
    """What the sheets of a session ask, `{code, reserved, forms}`; no key, no person. Raises NotFound."""
    view = view_session(tx, code)
    reserved = count_packets(tx, view.session_id)
    return {"code": view.code, "title": view.title.to_dict(), "reserved": reserved, "forms": _forms(view)}


def _forms(view: SessionView) -> list[dict[str, Any]]:
    return [
        {
            "quiz_id": quiz.quiz_id,
            "title": quiz.title.to_dict(),
            "quiz": quiz.sha256[:QUIZ_SIGNS],
            "wave": wave,
            "form": form,
            "items": _items(quiz, form, wave),
        }
        for quiz in view.quizzes
        for wave in PAPER_WAVES
        for form in quiz.forms
    ]


def _items(quiz: Quiz, form: str, wave: str) -> list[dict[str, Any]]:
    """The items as participants may see them, with whether several marks may be made."""
    asked = quiz.wave_items(form, wave)
    return [
        {
            "item_id": item.item_id,
            "options": [option.option_id for option in item.options],
            "several": item.takes_several,
            "shown": {language: item.public(language) for language in LANGUAGES},
        }
        for item in asked
    ]

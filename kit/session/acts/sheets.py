"""Sheets of paper that came back: what was read of them, and what a person decided where that was in doubt.

Order of trust: a person's decision, then the first clear reading. A later different reading of the same sheet
changes nothing and waits for a person. Nothing here guesses whose a sheet is: the code on it names a person
of this session, its form is the one that this person was given, and its quiz is this session's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from kit.errors import BadRequest, Conflict, NotFound
from kit.quiz.model import Item
from kit.session.acts import codes
from kit.session.acts.attend import person_with_code
from kit.session.acts.packets import QUIZ_SIGNS
from kit.session.acts.view import SessionView, view_session
from kit.session.store import clock
from kit.session.store.attempts import add_attempt, submitted_waves
from kit.session.store.participants import participant_by_id, participant_with_code
from kit.session.store.responses import ResponseRow, responses_of, upsert_responses
from kit.session.store.sheets import (
    add_sheet,
    change_sheet,
    packet_with_code,
    remove_responses,
    session_sheets,
    sheets_of_wave,
)
from kit.session.store.transaction import Reading, StoredRow, Writing
from kit.study.choice import AGREEMENT, UNSURE, read_choice, write_choice
from kit.study.stage import CLOSED
from kit.study.wave import WAVES, form_of

_BLANK: Final = ("-", ".", "_")
READ: Final = "read"
REVIEW: Final = "review"
REFUSED: Final = "refused"
Answers = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class SheetReading:
    """What was read of one sheet. `quiz` and `form` are empty where a person typed it, `clear` is False where
    part of the sheet was out of sight; a typed sheet is a person's decision."""

    personal_code: str
    wave: str
    form: str = ""
    quiz: str = ""
    answers: Answers = field(default_factory=dict)
    doubts: tuple[Mapping[str, Any], ...] = ()
    clear: bool = True
    typed: bool = False
    # What was typed, an entry an item in the order of the sheet: `a`, `ac`, `3`, `?`, and `-` for blank.
    signs: tuple[str, ...] = ()

    def kept(self) -> str:
        """The reading as the store keeps it."""
        answers = {item_id: list(choice) for item_id, choice in sorted(self.answers.items())}
        return json.dumps({"answers": answers, "doubts": [dict(doubt) for doubt in self.doubts]})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a reading; `keep_picture` says whether somebody has to look at it."""

    status: str
    reason: str = ""
    sheet_id: str = ""
    keep_picture: bool = False
    # Sheets that waited for a decision and need none any more.
    settled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """Whose sheet a reading is, and of which wave."""

    view: SessionView
    participant_id: str
    wave: str
    form: str
    items: Mapping[str, Item]


class _NotThis(Exception):
    """This sheet is refused, and the others of the request are not."""


def take_sheet(tx: Writing, request: tuple[str, SheetReading]) -> Outcome:
    """Take one reading `(code, reading)` of a session. Raises NotFound and Conflict for the session only."""
    code, reading = request
    view = view_session(tx, code)
    view.check_not_purged()
    try:
        place, reading = _place(tx, view, reading)
    except _NotThis as reason:
        return Outcome(REFUSED, str(reason))
    return _take(tx, place, reading)


def _place(tx: Writing, view: SessionView, reading: SheetReading) -> tuple[_Place, SheetReading]:
    """Find whose sheet this is, and hold everything that is printed on it against what is known."""
    personal_code = codes.normalise_personal_code(reading.personal_code)
    if not codes.is_possible(personal_code):
        raise _NotThis("code_mistyped")
    code_hash = codes.hash_personal_code(tx.code_key, view.session_id, personal_code)
    who = participant_with_code(tx, view.session_id, code_hash)
    who = who or packet_with_code(tx, view.session_id, code_hash)
    if who is None:
        raise _NotThis("unknown_personal_code")
    if reading.wave not in WAVES:
        raise _NotThis("unknown_wave")
    quiz, form = view.quiz(who["quiz_id"]), form_of(who["arm"], reading.wave)
    if reading.quiz and reading.quiz != quiz.sha256[:QUIZ_SIGNS]:
        raise _NotThis("other_quiz")
    if reading.form and reading.form != form:
        raise _NotThis("other_form")
    items = {item.item_id: item for item in quiz.wave_items(form, reading.wave)}
    if reading.signs:
        reading = replace(reading, answers=_typed(list(items.values()), reading.signs), signs=())
    _check_choices(items, reading.answers)
    if not all(doubt["item_id"] in items for doubt in reading.doubts):
        raise _NotThis("unknown_option")
    # Only now: a sheet that is refused makes nobody join.
    person = person_with_code(tx, view, personal_code)
    assert person is not None
    return _Place(view, person["participant_id"], reading.wave, form, items), reading


def _typed(items: Sequence[Item], signs: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The choices that were typed for the items of a sheet, blank ones left out."""
    if len(signs) != len(items):
        raise _NotThis("typed_count")
    chosen = {item.item_id: _choice(item, sign) for item, sign in zip(items, signs, strict=True)}
    return {item_id: choice for item_id, choice in chosen.items() if choice}


def _choice(item: Item, sign: str) -> tuple[str, ...]:
    """The options that a sign names, as they are marked on the sheet; none for blank."""
    if sign in _BLANK:
        return ()
    names = {name: option.option_id for name, option in zip(_signs_of(item), item.options, strict=True)}
    if not all(one in names for one in sign.lower()):
        raise _NotThis("typed_sign")
    return tuple(names[one] for one in sign.lower())


def _signs_of(item: Item) -> list[str]:
    """What is typed for each option: its letter, its number on a scale, `?` for "don't know"."""
    return [_sign(option.option_id, place) for place, option in enumerate(item.options)]


def _sign(option_id: str, place: int) -> str:
    if option_id == UNSURE:
        return "?"
    return option_id if option_id in AGREEMENT else chr(ord("a") + place)


def _check_choices(items: Mapping[str, Item], answers: Answers) -> None:
    for item_id, choice in answers.items():
        if item_id not in items or (choice and not items[item_id].accepts(choice)):
            raise _NotThis("unknown_option")


def _take(tx: Writing, place: _Place, reading: SheetReading) -> Outcome:
    earlier = sheets_of_wave(tx, place.participant_id, place.wave)
    for sheet in earlier:
        if _said(sheet) == _said({"reading": reading.kept()}):
            return Outcome(sheet["status"], "again", sheet["sheet_id"])
    stored = _stored(tx, place)
    differs = _contradicts(stored, reading.answers)
    # Between a decision and another one, and between two readings that differ, a person has to choose.
    if any(sheet["decided"] or not (reading.typed or _was_unclear(sheet)) for sheet in earlier):
        return _add(tx, place, reading, REVIEW, "differs")
    if differs and not reading.typed:
        return _add(tx, place, reading, REVIEW, "differs" if earlier else "phone_differs")
    if not reading.clear:
        return _add(tx, place, reading, REVIEW, "corner_missing")
    _write(tx, place, reading.answers, stored)
    if reading.doubts:
        return _add(tx, place, reading, REVIEW, "doubtful")
    for sheet in earlier:
        change_sheet(tx, sheet["sheet_id"], status=READ, reason="replaced")
    added = _add(tx, place, reading, READ, "")
    return replace(added, settled=tuple(sheet["sheet_id"] for sheet in earlier))


def _said(sheet: Mapping[str, Any]) -> tuple[Any, set[str]]:
    """What a sheet says: how dark a doubtful bubble is differs from photo to photo."""
    reading = json.loads(sheet["reading"])
    return reading["answers"], {doubt["item_id"] for doubt in reading["doubts"]}


def _was_unclear(sheet: Mapping[str, Any]) -> bool:
    """Whether a sheet still waits because it could not be seen well: a clear reading may take its place."""
    return sheet["status"] == REVIEW and sheet["reason"] in ("doubtful", "corner_missing")


def _stored(tx: Reading, place: _Place) -> dict[str, StoredRow]:
    rows = responses_of(tx, [place.participant_id], {place.wave}).get(place.participant_id, [])
    return {row["item_id"]: row for row in rows}


def _contradicts(stored: Mapping[str, StoredRow], answers: Answers) -> bool:
    return any(
        item_id in stored and set(read_choice(stored[item_id]["choice"])) != set(choice)
        for item_id, choice in answers.items()
    )


def _add(tx: Writing, place: _Place, reading: SheetReading, status: str, reason: str) -> Outcome:
    sheet_id = codes.new_id()
    add_sheet(
        tx,
        {
            "sheet_id": sheet_id,
            "session_id": place.view.session_id,
            "participant_id": place.participant_id,
            "wave": place.wave,
            "status": status,
            "reason": reason,
            "reading": reading.kept(),
            "decided": reading.typed and status == READ,
            "read_at": clock.now(),
        },
    )
    return Outcome(status, reason, sheet_id, keep_picture=status == REVIEW)


def _write(tx: Writing, place: _Place, answers: Answers, stored: Mapping[str, StoredRow]) -> None:
    """Write answers over what is stored, and note the attempt once it is whole."""
    answered_at = clock.now()
    rows = [
        ResponseRow(
            place.participant_id,
            place.wave,
            item_id,
            write_choice(choice),
            stored[item_id]["seq"] + 1 if item_id in stored else 1,
            answered_at,
        )
        for item_id, choice in answers.items()
        if choice
    ]
    if rows:
        upsert_responses(tx, rows)
    missing = {item.item_id for item in place.items.values() if item.scored} - set(_stored(tx, place))
    if not missing and place.wave not in submitted_waves(tx, [place.participant_id])[place.participant_id]:
        add_attempt(tx, place.participant_id, place.wave, place.form)


# Deciding


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person saw on a sheet: a choice for each item looked at, none for blank; or `discard`."""

    code: str
    sheet_id: str
    answers: Answers = field(default_factory=dict)
    discard: bool = False


def decide_sheet(tx: Writing, decision: Decision) -> Outcome:
    """Decide a sheet of the review list. Raises NotFound, Conflict, BadRequest."""
    view = view_session(tx, decision.code)
    view.check_not_purged()
    sheet = _find(tx, view, decision.sheet_id)
    if sheet["status"] != REVIEW:
        raise Conflict("sheet_decided")
    if decision.discard:
        change_sheet(tx, decision.sheet_id, status=REFUSED, reason="discarded", decided=True)
        return Outcome(REFUSED, "discarded", decision.sheet_id)
    place = _place_of(tx, view, sheet)
    try:
        _check_choices(place.items, decision.answers)
    except _NotThis:
        raise BadRequest("sheet_choice") from None
    clear = {name: tuple(choice) for name, choice in json.loads(sheet["reading"])["answers"].items()}
    decided = {**clear, **decision.answers}
    blank = [item_id for item_id, choice in decision.answers.items() if not choice]
    if blank:
        remove_responses(tx, place.participant_id, place.wave, blank)
    _write(tx, place, decided, _stored(tx, place))
    change_sheet(tx, decision.sheet_id, status=READ, reason="decided", decided=True)
    return Outcome(READ, "decided", decision.sheet_id)


def _find(tx: Reading, view: SessionView, sheet_id: str) -> StoredRow:
    found = [sheet for sheet in session_sheets(tx, view.session_id) if sheet["sheet_id"] == sheet_id]
    if not found:
        raise NotFound("unknown_sheet")
    return found[0]


def _place_of(tx: Reading, view: SessionView, sheet: StoredRow) -> _Place:
    person = participant_by_id(tx, sheet["participant_id"])
    quiz, form = view.quiz(person["quiz_id"]), form_of(person["arm"], sheet["wave"])
    items = {item.item_id: item for item in quiz.wave_items(form, sheet["wave"])}
    return _Place(view, person["participant_id"], sheet["wave"], form, items)


def list_sheets(tx: Reading, code: str) -> list[dict[str, Any]]:
    """The sheets of a session, those in review first, without anything that names a person."""
    view = view_session(tx, code)
    return [_listed(tx, view, sheet) for sheet in session_sheets(tx, view.session_id)]


def _listed(tx: Reading, view: SessionView, sheet: StoredRow) -> dict[str, Any]:
    told = {name: sheet[name] for name in ("sheet_id", "wave", "status", "reason", "read_at")}
    place = _place_of(tx, view, sheet)
    return {**told, **json.loads(sheet["reading"]), "form": place.form, "items": _asked(place)}


def _asked(place: _Place) -> list[dict[str, Any]]:
    return [
        {
            "item_id": item.item_id,
            "options": [option.option_id for option in item.options],
            "several": item.takes_several,
        }
        for item in place.items.values()
    ]


def is_closed(tx: Reading, code: str) -> bool:
    """Whether what was read must go into a bundle that is written already. Raises NotFound."""
    return view_session(tx, code).stage == CLOSED

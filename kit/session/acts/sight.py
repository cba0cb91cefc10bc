"""Offers that people have heard of: noted in closed lists, counted, and never told one by one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from kit.errors import BadRequest, Conflict, TooMany
from kit.session.acts import codes
from kit.session.acts.attend import Identity, check_token, valid_tokens
from kit.session.acts.view import view_session
from kit.session.store.sightings import (
    add_sighting,
    add_sighting_sheet,
    count_sightings,
    session_sightings,
)
from kit.session.store.transaction import Reading, Writing
from kit.study.choice import read_choice, write_choice
from kit.study.sighting import KIND, LISTS, SIGN, SIGNS, counts_of
from kit.study.stage import CLOSED, shows_key

MOST_OF_PHONE: Final = 3


@dataclass(frozen=True, slots=True)
class Sighting:
    """An offer as the phone tells it; one value of each of the lists, and the signs in their order."""

    who: Identity
    told: dict[str, str]
    signs: tuple[str, ...] = ()


def sight(tx: Writing, sighting: Sighting) -> None:
    """Keep a note. Raises Conflict, BadRequest, TooMany; NotAllowed for a token that is void."""
    who = sighting.who
    check_token(valid_tokens(tx, [who]), who)
    stage = view_session(tx, who.code).stage
    if not shows_key(stage) or stage == CLOSED:
        raise Conflict("sightings_closed")
    _check_lists({name: sighting.told.get(name, "") for name in LISTS}, sighting.signs)
    if count_sightings(tx, who.participant_id) >= MOST_OF_PHONE:
        raise TooMany("sightings_many", limit=MOST_OF_PHONE)
    signs = _in_order(sighting.signs)
    row = {"sighting_id": codes.new_id(), "participant_id": who.participant_id, "signs": signs}
    add_sighting(tx, {**sighting.told, **row})


@dataclass(frozen=True, slots=True)
class NotedSheet:
    """An offer as it was ticked on paper; `number` names the sheet, what was left blank is empty."""

    code: str
    number: str
    told: dict[str, str]
    signs: tuple[str, ...] = ()


def sight_on_paper(tx: Writing, sheet: NotedSheet) -> str:
    """Keep the note of a sheet once, also after closing; why it was not kept, or empty.

    Raises NotFound, Conflict, BadRequest.
    """
    view = view_session(tx, sheet.code)
    view.check_not_purged()
    number = codes.read_note_number(sheet.number)
    if not number:
        return "note_mistyped"
    told = {name: value for name, value in sheet.told.items() if value}
    _check_lists(told, sheet.signs)
    if KIND not in told:
        return "note_blank"
    row = {
        **{name: told.get(name, "") for name in LISTS},
        "signs": _in_order(sheet.signs),
        "sighting_id": codes.hash_personal_code(tx.code_key, view.session_id, number),
        "session_id": view.session_id,
    }
    return "" if add_sighting_sheet(tx, row) else "note_again"


def _in_order(signs: Collection[str]) -> str:
    return write_choice(sign for sign in SIGNS if sign in signs)


def _check_lists(told: Mapping[str, str], signs: Collection[str]) -> None:
    for name, value in told.items():
        if value not in LISTS.get(name, ()):
            raise BadRequest("sighting_unknown", name=name, known=", ".join(LISTS.get(name, ())))
    if not set(signs) <= set(SIGNS):
        raise BadRequest("sighting_unknown", name=SIGN, known=", ".join(SIGNS))


def sighting_counts(tx: Reading, session_id: str) -> dict[tuple[str, str], int]:
    """How many notes of a session name each value of each list."""
    rows = session_sightings(tx, session_id)
    return counts_of(
        {**row, "signs": tuple(read_choice(row["signs"]) if row["signs"] else ())} for row in rows
    )

"""Moving a session from stage to stage, and the officer's notes."""

from __future__ import annotations

from kit.errors import Conflict
from kit.session.acts.view import SessionView, view_session
from kit.session.store import clock
from kit.session.store.sessions import change_session, lock_session
from kit.session.store.transaction import Writing
from kit.study.stage import CLOSED, moves
from kit.text import plain_text


def possible_moves(view: SessionView) -> list[str]:
    """The stages the facilitator may go to from here; none once the people are deleted."""
    return [] if view.row["purged_at"] else moves(view.stage, view.polls(), practice=view.has_practice)


def move(tx: Writing, request: tuple[str, str]) -> None:
    """Move `(code, stage)`. Moving to the stage that runs already changes nothing. Raises Conflict."""
    code, stage = request
    lock_session(tx, code)
    view = view_session(tx, code)
    if stage == view.stage:
        view.check_not_purged()
        return
    possible = possible_moves(view)
    if stage not in possible:
        raise Conflict("impossible_move", stage=stage, current=view.stage, possible=", ".join(possible))
    if stage == CLOSED:
        _close(tx, view)
    else:
        change_session(tx, code, stage=stage)


def close(tx: Writing, code: str) -> None:
    """Close a session from whatever stage it is in: an officer must always be able to end."""
    lock_session(tx, code)
    view = view_session(tx, code)
    view.check_not_purged()
    if view.stage != CLOSED:
        _close(tx, view)


def _close(tx: Writing, view: SessionView) -> None:
    moment = clock.now()
    first = view.row["first_closed_at"] or moment
    change_session(tx, view.code, stage=CLOSED, closed_at=moment, first_closed_at=first)


def note_bundle(tx: Writing, request: tuple[str, str]) -> str:
    """Remember where the bundle `(code, folder)` lies; where it lay before, empty for nowhere."""
    code, folder = request
    before = str(view_session(tx, code).row["bundle"] or "")
    change_session(tx, code, bundle=folder)
    return before


def write_notes(tx: Writing, request: tuple[str, str]) -> str:
    """Keep the officer's notes `(code, text)`; the notes as kept. Raises NotFound."""
    code, text = request
    view_session(tx, code)
    notes = plain_text(text)
    change_session(tx, code, notes=notes)
    return notes

"""A store as a source: sessions whose results are open, read without changing anything."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from kit.quiz.model import Quiz, quiz_from_dict
from kit.quiz.scoring import score_choice
from kit.report.bundles import SessionRecord
from kit.report.faults import Fault, SourceFault, fault

OPEN_RESULTS: Final = ("results", "closed", "followup")

_SESSIONS: Final = sa.text(
    "SELECT s.session_id, s.code, s.event, s.held_on, s.rehearsal, s.target, s.stage, t.name AS site "
    "FROM session s JOIN site t ON t.site_id = s.site_id ORDER BY s.code"
)
_QUIZZES: Final = sa.text("SELECT session_id, quiz_id, quiz FROM session_quiz ORDER BY session_id, position")
_PEOPLE: Final = sa.text(
    "SELECT session_id, participant_id, quiz_id, audience, arm FROM participant ORDER BY participant_id"
)
_RESPONSES: Final = sa.text(
    "SELECT p.session_id, p.participant_id, p.quiz_id, p.audience, p.arm, r.wave, r.item_id, r.choice "
    "FROM response r JOIN participant p ON p.participant_id = r.participant_id"
)


@dataclass(frozen=True)
class StoreRows:
    """What a store holds for reports, as flat tables."""

    records: tuple[SessionRecord, ...]
    responses: pd.DataFrame
    people: pd.DataFrame
    remarks: tuple[Fault, ...]


def read_store(url: str) -> StoreRows:
    """Read all sessions of a store whose results are open; rehearsals stay out. Raises SourceFault."""
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            sessions = connection.execute(_SESSIONS).mappings().all()
            quizzes = connection.execute(_QUIZZES).mappings().all()
            people = pd.DataFrame(connection.execute(_PEOPLE).mappings().all())
            responses = pd.DataFrame(connection.execute(_RESPONSES).mappings().all())
    except sa.exc.SQLAlchemyError as broken:
        raise SourceFault("store", store=_shown(url)) from broken
    finally:
        engine.dispose()
    snapshots = {(q["session_id"], q["quiz_id"]): quiz_from_dict(json.loads(q["quiz"])) for q in quizzes}
    kept = [s for s in sessions if not s["rehearsal"] and s["stage"] in OPEN_RESULTS]
    if not kept:
        raise SourceFault("store_empty", store=_shown(url))
    left_out = [s["code"] for s in sessions if not s["rehearsal"] and s["stage"] not in OPEN_RESULTS]
    remarks = (fault("sessions_running", codes=", ".join(left_out)),) if left_out else ()
    records = tuple(_record(s, snapshots) for s in kept)
    places = {s["session_id"]: s for s in kept}
    return StoreRows(records, _responses(responses, places, snapshots), _people(people, places), remarks)


def _engine(url: str) -> sa.Engine:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return sa.create_engine(f"sqlite:///file:{parsed.database}?mode=ro&uri=true")
        return sa.create_engine(parsed)
    except (sa.exc.SQLAlchemyError, ImportError) as broken:
        raise SourceFault("store", store=_shown(url)) from broken


def _shown(url: str) -> str:
    """The URL without its password."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except sa.exc.SQLAlchemyError:
        return "?"


def _record(session: Any, snapshots: dict[tuple[str, str], Quiz]) -> SessionRecord:
    quizzes = tuple(quiz for (owner, _), quiz in snapshots.items() if owner == session["session_id"])
    title = quizzes[0].title.to_dict() if quizzes else {"id": session["code"], "en": session["code"]}
    return SessionRecord(
        code=session["code"],
        title=title,
        event=session["event"] or "",
        site=session["site"],
        held_on=session["held_on"],
        target=session["target"],
        rehearsal=False,
        quizzes=quizzes,
    )


def _placed(frame: pd.DataFrame, places: dict[str, Any]) -> pd.DataFrame:
    if frame.empty:
        return frame
    kept = frame[frame["session_id"].isin(list(places))].rename(columns={"participant_id": "participant"})
    columns = {"session": "code", "event": "event", "site": "site", "held_on": "held_on"}
    named = {
        new: kept["session_id"].map({k: v[old] or "" for k, v in places.items()})
        for new, old in columns.items()
    }
    return kept.assign(**named)


def _people(people: pd.DataFrame, places: dict[str, Any]) -> pd.DataFrame:
    return _placed(people, places)


def _responses(
    responses: pd.DataFrame, places: dict[str, Any], snapshots: dict[tuple[str, str], Quiz]
) -> pd.DataFrame:
    """Score each stored choice by its session's own snapshot of the quiz."""
    placed = _placed(responses, places)
    if placed.empty:
        return placed
    items = {
        (session, quiz_id, item.item_id): item
        for (session, quiz_id), quiz in snapshots.items()
        for item in quiz.items
    }
    names = zip(placed["session_id"], placed["quiz_id"], placed["item_id"], strict=True)
    found = [items.get(name) for name in names]
    correct = [
        None if item is None else score_choice(item, choice.split("+"))
        for item, choice in zip(found, placed["choice"], strict=True)
    ]
    arm = placed["arm"].str
    return placed.assign(
        item=placed["item_id"],
        kind=pd.Series([item.kind if item else None for item in found], index=placed.index, dtype="str"),
        signal=pd.Series([item.signal if item else None for item in found], index=placed.index, dtype="str"),
        correct=pd.array(correct, dtype="Int64"),
        form=arm[:1].where(placed["wave"] != "post", arm[1:2]),
    )

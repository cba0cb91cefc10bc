"""A store as a source: sessions whose results are open, read without changing anything."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from kit.bundle.faults import SourceFault, remark
from kit.bundle.read import SessionRecord
from kit.paths import read_only_uri, sqlite_path
from kit.quiz.model import Quiz, quiz_from_dict
from kit.quiz.scoring import score_choice
from kit.report.read.held import held_table
from kit.report.read.rows import PEOPLE, RESPONSES, Contents, shape
from kit.study.choice import read_choice
from kit.study.place import PLACE_FIELDS, Site
from kit.study.stage import shows_key
from kit.study.wave import POST

_SESSIONS: Final = sa.text(
    "SELECT s.session_id, s.code, s.event, s.held_on, s.rehearsal, s.target, s.stage, "
    "t.site_id, t.name, t.district, t.city, t.province "
    "FROM session s JOIN site t ON t.site_id = s.site_id ORDER BY s.code"
)
_QUIZZES: Final = sa.text("SELECT session_id, quiz_id, quiz FROM session_quiz ORDER BY session_id, position")
_PEOPLE: Final = (
    "SELECT p.session_id, p.participant_id, p.quiz_id, p.audience, p.arm "
    "FROM participant p ORDER BY p.participant_id"
)
_RESPONSES: Final = (
    "SELECT p.session_id, p.participant_id, p.quiz_id, p.audience, p.arm, r.wave, r.item_id, r.choice "
    "FROM response r JOIN participant p ON p.participant_id = r.participant_id"
)


@dataclass(frozen=True)
class _Found:
    """What the queries of a store gave."""

    sessions: list[Any]
    quizzes: list[Any]
    people: pd.DataFrame
    responses: pd.DataFrame


def read_store(url: str, connection: Any) -> Contents:
    """Read all sessions of a store whose results are open; rehearsals stay out. Raises SourceFault."""
    found = _query(url)
    real = [session for session in found.sessions if not session["rehearsal"]]
    kept = [session for session in real if shows_key(session["stage"])]
    if not kept:
        raise SourceFault("store_empty", store=_shown(url))
    running = ", ".join(session["code"] for session in real if not shows_key(session["stage"]))
    snapshots = {
        (row["session_id"], row["quiz_id"]): quiz_from_dict(json.loads(row["quiz"])) for row in found.quizzes
    }
    records = tuple(_record(session, snapshots) for session in kept)
    told = Contents(
        names=("store",),
        records=records,
        sites=tuple(record.place for record in records),
        remarks=(remark("sessions_running", codes=running),) if running else (),
    )
    held = {session["session_id"]: session for session in kept}
    responses = _scored(_placed(found.responses, held), snapshots)
    return told + _rows(responses, _placed(found.people, held), connection)


def _query(url: str) -> _Found:
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            rows = [
                list(connection.execute(query).mappings())
                for query in (_SESSIONS, _QUIZZES, *_counted(connection))
            ]
    except sa.exc.SQLAlchemyError as broken:
        raise SourceFault("store", store=_shown(url)) from broken
    finally:
        engine.dispose()
    return _Found(rows[0], rows[1], pd.DataFrame(rows[2]), pd.DataFrame(rows[3]))


def _counted(connection: sa.Connection) -> list[sa.TextClause]:
    """The queries for people and responses, without those set aside and groups, which old stores lack."""
    columns = {column["name"] for column in sa.inspect(connection).get_columns("participant")}
    wanted = {"set_aside": "NOT p.set_aside", "origin": "p.origin <> 'group'"}
    asked = " AND ".join(test for name, test in wanted.items() if name in columns)
    kept = f" WHERE {asked}" if asked else ""
    return [sa.text(_PEOPLE.replace(" ORDER", f"{kept} ORDER")), sa.text(_RESPONSES + kept)]


def _rows(scored: pd.DataFrame, people: pd.DataFrame, connection: Any) -> Contents:
    reading = Contents()
    if not scored.empty:
        held = held_table(scored[list(RESPONSES)].astype(_pandas_types()), connection)
        reading += Contents(responses=(shape(held, RESPONSES),))
    if not people.empty:
        held = held_table(people[list(PEOPLE)], connection)
        reading += Contents(people=(shape(held, PEOPLE),))
    return reading


def _pandas_types() -> dict[str, str]:
    return {name: "Int64" if kind == "int64" else "str" for name, kind in RESPONSES.items()}


def _engine(url: str) -> sa.Engine:
    try:
        if (path := sqlite_path(url)) is not None:
            address = read_only_uri(path)
            return sa.create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True))
        return sa.create_engine(make_url(url))
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
        place=Site(session["site_id"], *(session[name] or "" for name in PLACE_FIELDS)),
        site=session["name"],
        held_on=session["held_on"],
        target=session["target"],
        rehearsal=False,
        quizzes=quizzes,
    )


def _placed(frame: pd.DataFrame, held: dict[str, Any]) -> pd.DataFrame:
    """Rows of the sessions that are read, with where and when each was held."""
    if frame.empty:
        return frame
    kept = frame[frame["session_id"].isin(list(held))].rename(columns={"participant_id": "participant"})
    columns = {"session": "code", "event": "event", "site_id": "site_id", "held_on": "held_on"}
    named = {
        new: kept["session_id"].map({session_id: row[old] or "" for session_id, row in held.items()})
        for new, old in columns.items()
    }
    return kept.assign(**named)


def _scored(responses: pd.DataFrame, snapshots: dict[tuple[str, str], Quiz]) -> pd.DataFrame:
    """Score each stored choice by its session's own snapshot of the quiz."""
    if responses.empty:
        return responses
    items = {
        (session, quiz_id, item.item_id): item
        for (session, quiz_id), quiz in snapshots.items()
        for item in quiz.items
    }
    columns = [responses[name] for name in ("session_id", "quiz_id", "item_id")]
    found = [items.get(place) for place in zip(*columns, strict=True)]
    correct = [
        None if item is None else score_choice(item, read_choice(choice))
        for item, choice in zip(found, responses["choice"], strict=True)
    ]
    first, second = responses["arm"].str[:1], responses["arm"].str[1:2]
    return responses.assign(
        item=responses["item_id"],
        kind=_texts(item.kind if item else None for item in found),
        signal=_texts(item.signal if item else None for item in found),
        correct=pd.array(correct, dtype="Int64"),
        form=first.where(responses["wave"] != POST, second),
    )


def _texts(values: Iterable[str | None]) -> Any:
    return pd.array(list(values), dtype="str")

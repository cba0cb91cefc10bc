"""Following a session: its public state for phones, its live numbers for the officer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from kit.quiz.model import Quiz
from kit.session.acts.ask import are_open, asked_in
from kit.session.acts.clock_trust import Trust, clock_trust, counted_from, dates_differ, why_postponed
from kit.session.acts.delete import KEPT_DAYS
from kit.session.acts.door import describe_bursts
from kit.session.acts.groups import group_counts
from kit.session.acts.move import possible_moves
from kit.session.acts.polls import poll_answers, poll_splits
from kit.session.acts.practice import room_practice
from kit.session.acts.sight import sighting_counts
from kit.session.acts.view import SessionView, view_all
from kit.session.store import clock
from kit.session.store.attempts import finished_by_audience, finished_by_wave
from kit.session.store.hands import session_hands
from kit.session.store.participants import joined_by_audience, set_aside_of
from kit.session.store.transaction import Reading, StoredRow
from kit.study.sighting import ALL, SHOWN_FROM
from kit.study.stage import CLOSED
from kit.study.wave import WAVES
from kit.text import LANGUAGES


def public_state(view: SessionView, office_contact: str) -> dict[str, Any]:
    """What anybody who knows the join code may see of a session."""
    return {
        "code": view.code,
        "title": view.title.to_dict(),
        "stage": view.stage,
        "version": view.version,
        "audiences": view.audiences,
        "languages": list(LANGUAGES),
        "rehearsal": bool(view.row["rehearsal"]),
        "minors": "student" in view.audiences,
        "questions": are_open(view),
        "visited_before": bool(view.row["visited_before"]),
        "office_contact": office_contact or None,
        "kept_days": int(view.row["followup_days"]) + KEPT_DAYS,
    }


def describe_session(tx: Reading, view: SessionView, results: Mapping[str, Any] | None) -> dict[str, Any]:
    """One session with its live numbers and the room's results, None before they are shown."""
    joined = joined_by_audience(tx, [view.session_id])
    finished = finished_by_wave(tx, [view.session_id])
    aside = set_aside_of(tx, [view.session_id]).get(view.session_id, 0)
    return {
        **_summary(view, joined.get(view.session_id, {}), finished.get(view.session_id, {}), clock_trust(tx)),
        "door": _door(view, aside) | {"bursts": describe_bursts(tx, view)},
        "finished_by_audience": _finished_by_audience(tx, view),
        "splits": poll_splits(tx, view),
        "answered": poll_answers(tx, view),
        "hands": session_hands(tx, view.session_id),
        "groups": group_counts(tx, view),
        "practice": room_practice(tx, view),
        "moves": possible_moves(view),
        "results": results,
        "questions": asked_in(tx, view),
        "sightings": _sightings(tx, view),
    }


def _finished_by_audience(tx: Reading, view: SessionView) -> dict[str, dict[str, int]]:
    counted = finished_by_audience(tx, view.session_id)
    return {
        wave: {audience: counted.get(wave, {}).get(audience, 0) for audience in view.audiences}
        for wave in WAVES
    }


def _sightings(tx: Reading, view: SessionView) -> int | None:
    n = sighting_counts(tx, view.session_id).get((ALL, ALL), 0)
    return n if n >= SHOWN_FROM else None


def list_sessions(tx: Reading) -> list[dict[str, Any]]:
    """All sessions with their counts, newest first."""
    views = view_all(tx)
    ids = [view.session_id for view in views]
    joined, finished, trust = joined_by_audience(tx, ids), finished_by_wave(tx, ids), clock_trust(tx)
    aside = set_aside_of(tx, ids)
    return [
        _summary(view, joined.get(view.session_id, {}), finished.get(view.session_id, {}), trust)
        | {"door": _door(view, aside.get(view.session_id, 0)) | {"bursts": _bursts(tx, view)}}
        for view in views
    ]


def _bursts(tx: Reading, view: SessionView) -> list[dict[str, Any]]:
    """Nobody looks at the door of a session that is over; a list of years need not ask for each."""
    return [] if view.stage == CLOSED else describe_bursts(tx, view)


def _door(view: SessionView, aside: int) -> dict[str, Any]:
    row = view.row
    return {"closed": bool(row["door_closed"]), "expected": row["expected"], "set_aside": aside}


def _summary(
    view: SessionView, joined: Mapping[str, int], finished: Mapping[str, int], trust: Trust
) -> dict[str, Any]:
    row = view.row
    told = ("event", "held_on", "target", "notes", "notebook")
    as_stored = (*told, "opened_at", "closed_at", "bundle", "purged_at")
    return {
        "code": view.code,
        "title": view.title.to_dict(),
        "stage": view.stage,
        "version": view.version,
        "site_id": row["site_id"],
        "site": view.site,
        "rehearsal": bool(row["rehearsal"]),
        **{name: row[name] for name in as_stored},
        **_windows(row, trust),
        "dates_differ": dates_differ(row),
        "joined": sum(joined.values()),
        "by_audience": {audience: joined.get(audience, 0) for audience in view.audiences},
        "finished": {wave: finished.get(wave, 0) for wave in WAVES},
        "quizzes": [_quiz_summary(quiz) for quiz in view.quizzes],
    }


def _windows(row: StoredRow, trust: Trust) -> dict[str, str | None]:
    """The last days of a session's follow-up window and of keeping its people, and why they come later."""
    ended_at, moment = row["first_closed_at"], clock.now()
    if ended_at is None:
        return {"followup_until": None, "kept_until": None, "postponed": None}
    since = counted_from(row, ended_at, trust, moment)
    closed = since or datetime.fromisoformat(ended_at)
    until, kept = (closed + timedelta(days=row["followup_days"] + days) for days in (0, KEPT_DAYS))
    return {
        "followup_until": until.date().isoformat(),
        "kept_until": kept.date().isoformat() if since else None,
        "postponed": why_postponed(row, ended_at, trust, moment),
    }


def _quiz_summary(quiz: Quiz) -> dict[str, Any]:
    return {
        "quiz_id": quiz.quiz_id,
        "title": quiz.title.to_dict(),
        "audience": list(quiz.audience),
        "sha256": quiz.sha256,
        "polls": list(quiz.polls),
    }

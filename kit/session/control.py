"""What the facilitator's side sees of a session: live numbers, splits, possible moves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from kit.process import lan_address
from kit.quiz.model import Quiz
from kit.session.outcome import room_results
from kit.session.rules import WAVES, SessionView, poll_answers, poll_splits, possible_moves, view_session
from kit.session.store import Transaction


def describe_session(
    tx: Transaction, code: str, results: dict[tuple[str, int], dict[str, Any] | None]
) -> dict[str, Any]:
    """One session with its live numbers. `results` caches the room's result by code and version."""
    view = view_session(tx, code)
    key = (code, int(view.row["version"]))
    if key not in results:
        results[key] = room_results(tx, view)
    return {
        **_summary(tx, view),
        "splits": poll_splits(tx, view),
        "answered": poll_answers(tx, view),
        "moves": possible_moves(view),
        "results": results[key],
    }


def list_sessions(tx: Transaction) -> list[dict[str, Any]]:
    """All sessions with their counts, newest first."""
    return [_summary(tx, view_session(tx, row["code"])) for row in tx.sessions()]


def _summary(tx: Transaction, view: SessionView) -> dict[str, Any]:
    row = view.row
    by_audience = tx.joined_by_audience(row["session_id"])
    finished = tx.finished_by_wave(row["session_id"])
    return {
        "code": row["code"],
        "title": view.title.to_dict(),
        "stage": view.stage,
        "version": row["version"],
        "event": row["event"],
        "site": {name: row[f"site_{name}"] for name in ("name", "district", "city", "province")},
        "held_on": row["held_on"],
        "rehearsal": bool(row["rehearsal"]),
        "target": row["target"],
        "notes": row["notes"],
        "opened_at": row["opened_at"],
        "closed_at": row["closed_at"],
        "bundle": row["bundle"],
        "followup_until": _followup_until(row["closed_at"], row["followup_days"]),
        "purged_at": row["purged_at"],
        "joined": sum(by_audience.values()),
        "by_audience": {audience: by_audience.get(audience, 0) for audience in view.audiences},
        "finished": {wave: finished.get(wave, 0) for wave in WAVES},
        "quizzes": [_quiz_summary(quiz) for quiz in view.quizzes],
    }


def _followup_until(closed_at: str | None, days: int) -> str | None:
    """The last day of a closed session's follow-up window."""
    if closed_at is None:
        return None
    return (datetime.fromisoformat(closed_at) + timedelta(days=days)).date().isoformat()


def _quiz_summary(quiz: Quiz) -> dict[str, Any]:
    return {
        "quiz_id": quiz.quiz_id,
        "title": quiz.title.to_dict(),
        "audience": list(quiz.audience),
        "sha256": quiz.sha256,
        "polls": list(quiz.polls),
    }


def join_url(host: str, port: int, code: str) -> str:
    """The address that phones open: the laptop's present one, for Wi-Fi changes while a session runs."""
    if host.startswith("127.") or host in ("::1", "0.0.0.0"):
        host = lan_address()
    return f"http://{host}{'' if port == 80 else f':{port}'}/{code}"

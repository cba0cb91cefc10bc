"""People who were at an earlier session of the site: known again by a code, without a name."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence

from kit.quiz.model import Quiz
from kit.quiz.scoring import score_attempt
from kit.session.acts import codes
from kit.session.acts.view import SessionView
from kit.session.store.participants import participants_by_id, participants_with_codes, session_participants
from kit.session.store.responses import responses_of
from kit.session.store.sessions import earlier_sessions, session_quizzes
from kit.session.store.transaction import Reading, StoredRow
from kit.study.choice import read_choice
from kit.study.sighting import SHOWN_FROM
from kit.study.wave import FOLLOWUP, POST, PRE, form_of


def returning_of(tx: Reading, view: SessionView, earlier_code: str) -> str:
    """Who a person was at the site before: the newest session that knows the code; empty where none does."""
    earlier = earlier_sessions(tx, view.row["site_id"], view.row["opened_at"])
    hashes = {one: codes.hash_personal_code(tx.code_key, one, earlier_code) for one in earlier}
    found = participants_with_codes(tx, hashes)
    return next((str(found[one]["participant_id"]) for one in earlier if one in found), "")


def returned_people(tx: Reading, view: SessionView) -> dict[str, float]:
    """How many gave an earlier code, `known` again or `lost`, and what they still know of it.

    Of those measured then and now, from five on: how many (`followed`), the mean share right at the end of
    the earlier session (`share_then`) and at the beginning of this one (`share_now`), and `sd_change`.
    """
    people = session_participants(tx, view.session_id)
    known = {row["returning_of"]: row for row in people if row["returning_of"]}
    told: dict[str, float] = {"known": len(known), "lost": sum(row["returning_of"] == "" for row in people)}
    earlier = participants_by_id(tx, list(known))
    both = [(earlier[one], now) for one, now in known.items() if one in earlier]
    pairs = _measured_twice(tx, view, both)
    if len(pairs) >= SHOWN_FROM:
        then, now = (statistics.fmean(shares) for shares in zip(*pairs, strict=True))
        told |= {"followed": len(pairs), "share_then": then, "share_now": now}
        told["sd_change"] = statistics.stdev(b - a for a, b in pairs)
    return told


def _measured_twice(
    tx: Reading, view: SessionView, both: Sequence[tuple[StoredRow, StoredRow]]
) -> list[tuple[float, float]]:
    """The share right at the end of an earlier session and at the beginning of this one, person by person."""
    quizzes = session_quizzes(tx, list({then["session_id"] for then, _ in both}))
    kept = responses_of(tx, [row["participant_id"] for pair in both for row in pair], {PRE, POST, FOLLOWUP})
    pairs = []
    for then, now in both:
        old = {quiz.quiz_id: quiz for quiz in quizzes[then["session_id"]]}[then["quiz_id"]]
        answered = kept.get(then["participant_id"], ())
        last = _share(old, then["arm"], FOLLOWUP, answered)
        last = _share(old, then["arm"], POST, answered) if last is None else last
        first = _share(view.quiz(now["quiz_id"]), now["arm"], PRE, kept.get(now["participant_id"], ()))
        if last is not None and first is not None:
            pairs.append((last, first))
    return pairs


def _share(quiz: Quiz, arm: str, wave: str, rows: Iterable[StoredRow]) -> float | None:
    chosen = {row["item_id"]: frozenset(read_choice(row["choice"])) for row in rows if row["wave"] == wave}
    score = score_attempt(quiz, form_of(arm, wave), chosen)
    return score.score / score.max if score.counts else None

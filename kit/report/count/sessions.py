"""Counts of single sessions, taken from the one count of all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import ibis
import pandas as pd

from kit.report.count.answers import ANSWERS, scored_responses
from kit.report.count.cube import Cube
from kit.report.count.engine import fetch
from kit.report.count.forms import FormPlan
from kit.report.count.people import counter
from kit.report.count.places import Places
from kit.study.wave import WAVES, counts

_FORM = ["quiz_id", "form", "item", "signal"]


@dataclass(frozen=True)
class BySession:
    """What the cube adds up over sessions, session by session: attempts, and right answers of matched people.

    `sessions` are those with rows of people. Of sessions that are `apart` nothing is told: their own answers
    show other forms than those of all.
    """

    attempt: pd.DataFrame
    right: pd.DataFrame
    sessions: frozenset[str]
    apart: frozenset[str] = frozenset()

    def cube(self, code: str, whole: Cube, places: Places) -> Cube | None:
        """The cube of a session, its answers told only as right or not; None where nothing is told."""
        score = whole.score[whole.score["session"] == code]
        if code in self.apart or score.empty:
            return None
        attempt, right = (part[part["session"] == code] for part in (self.attempt, self.right))
        return Cube.of(
            score=score,
            signal=whole.signal[whole.signal["session"] == code],
            right=right,
            answer=right.assign(form="", choice="", total=None, matched=1),
            attempt=attempt,
            site=places.table(score),
        )


def are_visited_again(scores: Iterable[pd.DataFrame]) -> bool:
    """Whether any site had sessions on two days, so that its sessions are measured one by one."""
    days = pd.concat([score[["site_id", "held_on"]].drop_duplicates() for score in scores]).drop_duplicates()
    return bool(days["site_id"].duplicated().any())


def sessions_apart(
    responses: ibis.Table, packed: ibis.Table, declared: FormPlan, plan: FormPlan, connection: Any
) -> frozenset[str]:
    """Sessions that, counted alone, would be taken to have had other forms.

    Forms that no quiz declares are known from the answers alone; a session in which an item was never
    answered, or nobody answered enough, shows less of them than all sessions do.
    """
    told = {(i.quiz_id, i.form) for i in declared.items}
    guessed = [i for i in plan.items if (i.quiz_id, i.form) not in told]
    if not guessed:
        return frozenset()
    whole = pd.DataFrame([(i.quiz_id, i.form, i.item, i.signal or "") for i in guessed], columns=_FORM)
    own = _own_forms(responses, whole["quiz_id"], connection)
    same = own.merge(whole, on=_FORM).groupby(["session", "quiz_id"], sort=True)["item"].count()
    longest = _longest(packed, connection)
    n_items = whole.groupby("quiz_id")["item"].count()
    n_blank = whole[whole["form"] == ""].groupby("quiz_id")["item"].count()
    return frozenset(
        session
        for session, quiz_id in dict.fromkeys(zip(own["session"], own["quiz_id"], strict=True))
        if same.get((session, quiz_id), 0) != n_items[quiz_id]
        or not counts(longest.get((session, quiz_id), 0), n_blank.get(quiz_id, 0))
    )


def _own_forms(responses: ibis.Table, quizzes: Iterable[str], connection: Any) -> pd.DataFrame:
    """The items of each form that were answered in each session, as `plan_forms` sees them."""
    rows = scored_responses(responses).filter(lambda t: t.quiz_id.isin(sorted(set(quizzes))))
    seen = rows.group_by(["session", "quiz_id", "form", "item"]).agg(signal=lambda t: t.signal.max())
    return fetch(connection, seen).fillna({"signal": ""})


def _longest(packed: ibis.Table, connection: Any) -> dict[tuple[str, str], int]:
    """The most answers that anybody gave in one wave, by session and quiz."""
    rows = ibis.greatest(*(counter(packed[f"marks_{wave}"], ANSWERS) for wave in WAVES))
    found = fetch(connection, packed.group_by(["session", "quiz_id"]).agg(longest=rows.max()))
    columns = (found[name] for name in ("session", "quiz_id", "longest"))
    return {(str(session), str(quiz_id)): int(n) for session, quiz_id, n in zip(*columns, strict=True)}

"""Count the cube of responses and of totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import ibis
import pandas as pd

from kit.bundle.faults import SourceFault
from kit.report.count.answers import (
    ANSWERS,
    answer_codes,
    answer_kinds,
    check_kinds,
    scored_kinds,
    unscored_parts,
)
from kit.report.count.cells import Cells
from kit.report.count.cube import Cube, in_order
from kit.report.count.engine import Progress, asked_once, fetch, kept, silent
from kit.report.count.forms import FormPlan, plan_forms, possible
from kit.report.count.parts import Counting
from kit.report.count.people import counter, people_packed, people_scored
from kit.report.count.places import Places
from kit.report.count.sessions import BySession, are_visited_again, sessions_apart
from kit.report.read.keys import counted
from kit.report.read.rows import ROW_KEYS, Rows
from kit.study.wave import WAVES


@dataclass(frozen=True)
class Counted:
    """A cube together with the forms it was counted with.

    `by_session` holds what the cube adds up over sessions, where a site was visited on several days.
    """

    cube: Cube
    plan: FormPlan
    by_session: BySession | None = None

    def pooled(self, others: Sequence[Cube], places: Places) -> Counted:
        """The same with other cubes added."""
        return replace(self, cube=Cube.pooled([self.cube, *others], places))


def count_totals(rows: Rows, places: Places) -> Cube:
    """The cube of sources that give only a total per wave."""
    if rows.totals is None:
        return Cube.of()
    people = rows.totals.mutate(key=rows.keys.of(rows.totals))
    cells = people.group_by([*ROW_KEYS, *WAVES]).agg(**counted(people))
    return _only_scores(fetch(rows.connection, cells), places)


def count_responses(
    rows: Rows, known: FormPlan, places: Places, progress: Progress = silent, others: Sequence[Cube] = ()
) -> Counted:
    """Count the cube of responses: one pass for the answers in use, one GROUP BY, then counts of people.

    `others` are cubes that this one will be pooled with: their sites may be visited here again.
    Raises SourceFault when somebody answered the same item of a wave twice.
    """
    connection, responses = rows.connection, rows.responses
    progress("reading")
    if responses is None:
        return _without_answers(rows, known, places)
    found = answer_kinds(responses, connection)
    check_kinds(found)
    kinds, unscored = scored_kinds(found), unscored_parts(found)
    if kinds.empty:
        return _without_answers(rows, known, places, unscored)
    codes = answer_codes(kinds)
    progress("grouping")
    with kept(connection, people_packed(responses, codes, rows.keys, connection)) as packed:
        longest = _longest_attempts(packed, connection)
        plan = plan_forms(kinds, known if rows.totals is not None else possible(known, longest), longest)
        cells = Cells.of(packed, connection)
        with kept(connection, people_scored(packed, cells, plan, connection)) as scored:
            progress("counting")
            counting = Counting(connection, scored, cells, codes, plan)
            silent_people = _never_answered(rows, packed)
            cube, parts = _count(counting, silent_people, unscored, places)
            again = are_visited_again([one.score for one in (cube, *others)])
            # A K that the answers alone tell is that of all sessions; one of them may show another.
            if not again or plan.most:
                return Counted(cube, plan)
            apart = sessions_apart(responses, packed, known, plan, connection)
            return Counted(cube, plan, replace(parts, apart=apart))


def _without_answers(
    rows: Rows, known: FormPlan, places: Places, unscored: Mapping[str, pd.DataFrame] | None = None
) -> Counted:
    cube = _only_scores(_joined(rows), places, unscored)
    nothing = pd.DataFrame(columns=["session"])
    return Counted(cube, known, BySession(nothing, nothing, frozenset(cube.score["session"])))


def _only_scores(
    cells: pd.DataFrame, places: Places, unscored: Mapping[str, pd.DataFrame] | None = None
) -> Cube:
    """The cube of people of whom no single answer is known."""
    parts = {"score": places.put_labels(cells)}
    if not cells.empty:
        parts["site"] = places.table(parts["score"])
    return Cube.of(**parts, **(unscored or {}))


def _count(
    counting: Counting, silent_people: pd.DataFrame, unscored: Mapping[str, pd.DataFrame], places: Places
) -> tuple[Cube, BySession]:
    """Count the parts one after the other, each brought into order before the next is fetched.

    So only one of them, and no copy of it, is in memory beside those that are done.
    """
    connection, cells = counting.connection, counting.cells
    answered = counting.named(fetch(connection, counting.answer()))
    _check_single_answers(counting, answered)
    open_forms = counting.plan.open_forms
    not_given = answered["quiz_id"].isin(open_forms) & (answered["code"] == 0)
    answers = counting.decode(answered[~not_given], "item", "code")
    by_site = cells.put_texts(fetch(connection, counting.right()), ["session", "site_id"])
    by_site = counting.named(by_site)
    by_site = by_site[~(by_site["quiz_id"].isin(open_forms) & (by_site["given"] == 0))]
    score = in_order("score", places.put_labels(_scores(counting, silent_people)))
    signal = cells.put_texts(fetch(connection, counting.signal()), ["session", "site_id", "arm"])
    attempt = cells.put_texts(fetch(connection, counting.attempt()), ["session", "quiz_id"])
    cube = Cube(
        score=score,
        signal=in_order("signal", places.put_labels(signal)),
        right=in_order("right", places.put_labels(by_site)),
        answer=in_order("answer", answers),
        shift=in_order("shift", _shifts(counting)),
        attempt=in_order("attempt", attempt),
        **{name: in_order(name, frame) for name, frame in unscored.items()},
        site=in_order("site", places.table(score)),
    )
    return cube, BySession(attempt, by_site, frozenset(score["session"]))


def _scores(counting: Counting, silent_people: pd.DataFrame) -> pd.DataFrame:
    counts = counting.cells.put_texts(fetch(counting.connection, counting.score()), ROW_KEYS)
    return counts if silent_people.empty else pd.concat([counts, silent_people])


def _shifts(counting: Counting) -> pd.DataFrame:
    linked = counting.linked(fetch(counting.connection, counting.shift()))
    before = counting.decode(linked, "item", "code_pre", "_pre")
    return counting.decode(before, "item_post", "code_post", "_post")


def _check_single_answers(counting: Counting, answered: pd.DataFrame) -> None:
    """Compare rows with packed answers: fewer answers than rows means that an item was answered twice."""
    rows = fetch(counting.connection, counting.answers())
    surplus = int(rows.fillna(0).to_numpy().sum()) - int(answered.loc[answered["code"] > 0, "n"].sum())
    if surplus:
        raise SourceFault("answers_twice", n=surplus)


def _longest_attempts(packed: ibis.Table, connection: Any) -> dict[str, int]:
    """The most answers that anybody gave in one wave, by quiz."""
    found = fetch(connection, asked_once(connection, _longest, packed=packed))
    return {str(quiz_id): int(n) for quiz_id, n in zip(found["quiz_id"], found["longest"], strict=True)}


def _longest(packed: ibis.Table) -> ibis.Table:
    rows = ibis.greatest(*(counter(packed[f"marks_{wave}"], ANSWERS) for wave in WAVES))
    return packed.group_by("quiz_id").agg(longest=rows.max())


def _never_answered(rows: Rows, packed: ibis.Table) -> pd.DataFrame:
    """People who joined and have no scored answer, as cells with every wave missing."""
    if rows.people is None:
        return pd.DataFrame()
    return _joined_cells(rows.people.anti_join(packed, ["session", "participant"]), rows)


def _joined(rows: Rows) -> pd.DataFrame:
    return pd.DataFrame() if rows.people is None else _joined_cells(rows.people, rows)


def _joined_cells(people: ibis.Table, rows: Rows) -> pd.DataFrame:
    keyed = people.mutate(key=rows.keys.of(people))
    cells = fetch(rows.connection, keyed.group_by(list(ROW_KEYS)).agg(**counted(keyed)))
    missing = pd.array([pd.NA] * len(cells), dtype="Int64")
    return cells.assign(**dict.fromkeys(WAVES, missing))

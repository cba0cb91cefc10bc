"""Score past answers anew with a corrected quiz; bundles, stores and tables stay as they are.

A wrong key is repaired here: the marks of every matching response are computed again from the stored choice.
Only keys, signals and words may differ from the quiz that was answered; anything else is another quiz.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import ibis
import pandas as pd

from kit.bundle.faults import SourceFault
from kit.bundle.read import SessionRecord
from kit.quiz.model import Item, Quiz
from kit.quiz.scoring import score_choice
from kit.report.count.answers import scored_responses
from kit.report.count.correction import Correction, check_snapshots
from kit.report.count.engine import fetch
from kit.report.read.held import held_table
from kit.report.read.rows import UNNAMED
from kit.study.choice import read_choice, write_choice
from kit.study.wave import WAVES

GROUPS: Final = ("session", "event", "site_id", "audience")
_PLACE: Final = ("quiz_id", "item", "choice")


@dataclass(frozen=True)
class CorrectedItem:
    """An item whose key was corrected: the keys it was scored by and the key it has now."""

    item: str
    keys_before: tuple[str, ...]
    key_after: str


@dataclass(frozen=True)
class CorrectedQuiz:
    """A quiz that was scored anew: the hashes it was answered with, the hash of the correction."""

    quiz_id: str
    sha256_before: tuple[str, ...]
    sha256_after: str
    items: tuple[CorrectedItem, ...]


@dataclass(frozen=True)
class Rescoring:
    """What re-scoring did: the quizzes, and the marks that changed per group and item."""

    lines: tuple[CorrectedQuiz, ...]
    changed: pd.DataFrame = field(compare=False)

    def where(self, kept: Mapping[str, list[str]], not_site: Sequence[str]) -> Rescoring:
        """Keep the counts of some groups; sites by id."""
        rows = self.changed[~self.changed["site_id"].isin(list(not_site))]
        for column, names in kept.items():
            rows = rows[rows[column].isin(names)]
        return replace(self, changed=rows)

    def marks_changed(self) -> dict[tuple[str, str], int]:
        """How many marks changed, by quiz and item."""
        counts = self.changed.groupby(["quiz_id", "item"])["n"].sum().reset_index()
        rows = zip(counts["quiz_id"], counts["item"], counts["n"], strict=True)
        return {(str(quiz_id), str(item)): int(n) for quiz_id, item, n in rows}


def rescore(
    responses: ibis.Table,
    connection: Any,
    records: Sequence[SessionRecord],
    corrections: Sequence[Correction],
) -> tuple[ibis.Table, Rescoring]:
    """Give every response of a corrected quiz its new mark and signal.

    Raises SourceFault where the corrected quiz is another quiz, no session used it, or choices are not known.
    """
    for correction in corrections:
        check_snapshots(correction, records)
    by_name = _quizzes_by_name(responses, connection, records, corrections)
    _check_matched(corrections, by_name, records)
    marks, changed = _marks(_answers(responses, connection, list(by_name)), by_name)
    lines = tuple(_line(correction, records, changed) for correction in corrections)
    return _with_marks(responses, marks, connection), Rescoring(lines, changed)


def _check_matched(
    corrections: Iterable[Correction], by_name: Mapping[str, Correction], records: Iterable[SessionRecord]
) -> None:
    used = {quiz.quiz_id for record in records for quiz in record.quizzes}
    for correction in corrections:
        if correction.quiz.quiz_id not in used and correction not in by_name.values():
            named, known = correction.quiz.quiz_id, ", ".join(sorted(used)) or "–"
            raise SourceFault("rescore_no_match", known=known, file=correction.file, quiz=named)


def _quizzes_by_name(
    responses: ibis.Table,
    connection: Any,
    records: Sequence[SessionRecord],
    corrections: Sequence[Correction],
) -> dict[str, Correction]:
    """Which quiz ids of the rows a correction speaks of; a table that names no quiz takes the only one."""
    named = scored_responses(responses).select("quiz_id").distinct()
    present = set(fetch(connection, named)["quiz_id"])
    found = {c.quiz.quiz_id: c for c in corrections if c.quiz.quiz_id in present}
    told = {quiz.quiz_id for record in records for quiz in record.quizzes}
    if UNNAMED in present - set(found) - told:
        if len(corrections) > 1:
            raise SourceFault("rescore_unnamed")
        found[UNNAMED] = corrections[0]
    return found


def _answers(responses: ibis.Table, connection: Any, names: list[str]) -> pd.DataFrame:
    """Distinct answers per group with their marks so far and how many gave them."""
    rows = scored_responses(responses).filter(lambda t: t.quiz_id.isin(names))
    counted = rows.group_by([*GROUPS, *_PLACE, "correct"]).agg(n=lambda t: t.count())
    return fetch(connection, counted)


def _marks(answers: pd.DataFrame, by_name: Mapping[str, Correction]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The new mark and signal of each distinct answer, and the counts of marks that changed."""
    full = answers.assign(choice=answers["choice"].fillna(""))
    if (full["correct"].notna() & (full["choice"] == "")).any():
        raise SourceFault("rescore_no_choices")
    places = full[list(_PLACE)].drop_duplicates().reset_index(drop=True)
    new = [_mark(by_name[quiz_id], item, choice) for quiz_id, item, choice in places.to_numpy().tolist()]
    places["mark"] = pd.array([mark for mark, _ in new], dtype="Int64")
    places["new_signal"] = pd.array([signal for _, signal in new], dtype="str")
    both = full.merge(places, on=list(_PLACE))
    moved = both["correct"].fillna(-1) != both["mark"].fillna(-1)
    named = {name: correction.quiz.quiz_id for name, correction in by_name.items()}
    changed = both.assign(quiz_id=both["quiz_id"].map(named))[moved]
    return places, changed[[*GROUPS, "quiz_id", "item", "n"]]


def _mark(correction: Correction, item_id: str, choice: str) -> tuple[int | None, str | None]:
    item = next((i for i in correction.quiz.items if i.item_id == item_id), None)
    if item is None:
        raise SourceFault("rescore_item_unknown", file=correction.file, item=item_id)
    if choice == "":
        return None, item.signal
    parts = read_choice(choice)
    if not item.accepts(parts):
        raise SourceFault("rescore_choice_unknown", file=correction.file, item=item_id, choice=choice)
    return score_choice(item, parts), item.signal


def _with_marks(responses: ibis.Table, marks: pd.DataFrame, connection: Any) -> ibis.Table:
    """Put the new marks in the place of the old ones; other rows and the order of columns stay."""
    table = held_table(marks.rename(columns={name: f"new_{name}" for name in _PLACE}), connection)
    columns = responses.columns
    rows = responses.mutate(scored=responses.wave.isin(WAVES))
    joined = rows.left_join(
        table,
        [
            rows.quiz_id == table.new_quiz_id,
            rows.item == table.new_item,
            rows.choice.fill_null("") == table.new_choice,
            rows.scored,
        ],
    )
    anew = joined.new_item.notnull()
    return joined.mutate(
        correct=anew.ifelse(joined.mark.cast("int64"), joined.correct),
        signal=anew.ifelse(joined.new_signal.cast("string"), joined.signal),
    ).select(*columns)


def _line(correction: Correction, records: Iterable[SessionRecord], changed: pd.DataFrame) -> CorrectedQuiz:
    """Both hashes, and the items whose key differs from that of some session or whose marks changed."""
    quiz = correction.quiz
    touched = set(changed.loc[changed["quiz_id"] == quiz.quiz_id, "item"])
    before = {q.sha256: q for record in records for q in record.quizzes if q.quiz_id == quiz.quiz_id}
    keys = _keys(before.values())
    items = []
    for item_id in sorted({*keys, *touched}):
        found, new = keys.get(item_id, set()), _key(quiz.item(item_id))
        if item_id in touched or found != {new}:
            items.append(CorrectedItem(item_id, tuple(sorted(found - {new})), new))
    return CorrectedQuiz(quiz.quiz_id, tuple(sorted(before)), quiz.sha256, tuple(items))


def _keys(quizzes: Iterable[Quiz]) -> dict[str, set[str]]:
    """The keys by which each item was scored, in any of the quizzes."""
    keys: dict[str, set[str]] = {}
    for quiz in quizzes:
        for form in quiz.forms:
            for item in quiz.form_items(form):
                keys.setdefault(item.item_id, set()).add(_key(item))
    return keys


def _key(item: Item) -> str:
    return write_choice(sorted(item.key))

"""Score past answers anew with a corrected quiz; bundles, stores and tables stay as they are.

A wrong key is repaired here: the marks of every matching response are computed again from the stored choice.
Only keys, signals and words may differ from the quiz that was answered; anything else is another quiz.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import ibis
import pandas as pd

from kit.quiz.model import Item, Quiz
from kit.quiz.parse import load_quiz
from kit.quiz.scoring import score_choice
from kit.report.bundles import SessionRecord
from kit.report.disclosure import withheld
from kit.report.faults import Fault, SourceFault, fault
from kit.report.figures import Rescored, RescoredItem
from kit.report.people import fetch, held_table, scored_responses

UNNAMED: Final = "quiz"
"""The quiz id of a table that names none."""
GROUPS: Final = ("session", "event", "site", "audience")
_PLACE: Final = ("quiz_id", "item", "choice")


@dataclass(frozen=True)
class Correction:
    """A corrected quiz and the file it was read from."""

    quiz: Quiz
    file: str


def read_corrections(paths: Iterable[Path | str]) -> tuple[Correction, ...]:
    """Read corrected quiz files. Raises QuizFaults for a faulty file, SourceFault for one quiz twice."""
    found: dict[str, Correction] = {}
    for path in paths:
        quiz = load_quiz(path)
        if quiz.quiz_id in found:
            raise SourceFault("rescore_twice", quiz=quiz.quiz_id, file=path)
        found[quiz.quiz_id] = Correction(quiz, Path(path).name)
    return tuple(found.values())


@dataclass(frozen=True)
class Rescoring:
    """What re-scoring did: lines without counts, and the marks that changed per group and item."""

    lines: tuple[Rescored, ...]
    changed: pd.DataFrame = field(compare=False)

    def where(self, kept: Mapping[str, list[str]], not_site: Sequence[str]) -> Rescoring:
        """Keep the counts of some groups."""
        rows = self.changed[~self.changed["site"].isin(list(not_site))]
        for column, names in kept.items():
            rows = rows[rows[column].isin(names)]
        return replace(self, changed=rows)

    def figures(self, smallest: int | None, *, withhold_all: bool = False) -> tuple[Rescored, ...]:
        """The lines with their counts; for the public, counts below `smallest` are left out."""
        counts = self.changed.groupby(["quiz_id", "item"])["n"].sum()
        return tuple(_counted(line, counts, smallest, withhold_all) for line in self.lines)


def _counted(line: Rescored, counts: Any, smallest: int | None, withhold_all: bool) -> Rescored:
    own = {item: int(n) for (quiz_id, item), n in counts.items() if quiz_id == line.quiz_id}
    rows = [replace(row, n_changed=own.get(row.item, 0)) for row in line.items]
    total = sum(own.values())
    if smallest is not None:
        hidden = withheld([row.n_changed or 0 for row in rows], smallest)
        rows = [replace(r, n_changed=None) if hide else r for r, hide in zip(rows, hidden, strict=True)]
    if withhold_all or (smallest is not None and 0 < total < smallest):
        return replace(line, items=tuple(replace(row, n_changed=None) for row in rows), n_changed=None)
    return replace(line, items=tuple(rows), n_changed=total)


def corrected(quiz: Quiz, corrections: Iterable[Correction]) -> Quiz:
    """The quiz as it was answered, with the keys and signals of its correction."""
    new = next((c.quiz for c in corrections if c.quiz.quiz_id == quiz.quiz_id), None)
    if new is None:
        return quiz
    known = {item.item_id: item for item in new.items}
    items = tuple(
        replace(item, signal=known[item.item_id].signal, own_key=known[item.item_id].own_key)
        if item.item_id in known
        else item
        for item in quiz.items
    )
    return replace(quiz, items=items)


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
        _check_snapshots(correction, records)
    by_name = _quizzes_by_name(responses, connection, records, corrections)
    _check_matched(corrections, by_name, records)
    marks, changed = _marks(_answers(responses, connection, list(by_name)), by_name)
    lines = tuple(_line(correction, records, changed) for correction in corrections)
    return _with_marks(responses, marks), Rescoring(lines, changed)


def refuse_without_choices(
    corrections: Iterable[Correction], totals: Sequence[str], purged: Sequence[tuple[str, SessionRecord]]
) -> None:
    """Totals and bundles whose rows were deleted hold no choices to score anew. Raises SourceFault."""
    wanted = {correction.quiz.quiz_id for correction in corrections}
    if wanted and totals:
        raise SourceFault("rescore_totals", source=totals[0])
    for folder, record in purged:
        if wanted & {quiz.quiz_id for quiz in record.quizzes}:
            raise SourceFault("rescore_purged", source=folder)


def _check_matched(
    corrections: Iterable[Correction], by_name: Mapping[str, Correction], records: Iterable[SessionRecord]
) -> None:
    used = {quiz.quiz_id for record in records for quiz in record.quizzes}
    for correction in corrections:
        if correction.quiz.quiz_id not in used and correction not in by_name.values():
            named, known = correction.quiz.quiz_id, ", ".join(sorted(used)) or "–"
            raise SourceFault("rescore_no_match", known=known, file=correction.file, quiz=named)


def _check_snapshots(correction: Correction, records: Sequence[SessionRecord]) -> None:
    for record in records:
        for quiz in record.quizzes:
            if quiz.quiz_id != correction.quiz.quiz_id:
                continue
            faults = list(differences(quiz, correction.quiz))
            if faults:
                raise SourceFault("rescore_differs", faults, file=correction.file, code=record.code)


def differences(before: Quiz, after: Quiz) -> Iterator[Fault]:
    """What makes two versions of a quiz two quizzes: forms, kinds, twins and options, not keys and words."""
    for form in sorted({*before.forms, *after.forms}):
        gone, new = (
            ", ".join(sorted({*one.forms.get(form, ())} - {*other.forms.get(form, ())})) or "–"
            for one, other in ((before, after), (after, before))
        )
        if gone != "–" or new != "–":
            yield fault("rescore_form", form=form, gone=gone, new=new)
    if before.design != after.design:
        yield fault("rescore_design", before=before.design, after=after.design)
    known = {item.item_id: item for item in after.items}
    for item in dict.fromkeys(i for form in before.forms for i in before.form_items(form)):
        if item.item_id in known:
            yield from _item_differences(item, known[item.item_id])


def _item_differences(before: Item, after: Item) -> Iterator[Fault]:
    for name in ("kind", "twin"):
        old, new = getattr(before, name) or "–", getattr(after, name) or "–"
        if old != new:
            yield fault(f"rescore_{name}", item=before.item_id, before=old, after=new)
    if before.option_ids != after.option_ids:
        old, new = (", ".join(sorted(item.option_ids)) for item in (before, after))
        yield fault("rescore_options", item=before.item_id, before=old, after=new)
        return
    # The stored choice is an id: a text that moved to another id would turn the answers around.
    for language in ("id", "en"):
        ids = {option.text.in_(language): option.option_id for option in before.options}
        for option in after.options:
            text = option.text.in_(language)
            if ids.get(text, option.option_id) != option.option_id:
                values = {"text": text, "before": ids[text], "after": option.option_id}
                yield fault("rescore_moved", item=before.item_id, **values)
                return


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
    parts = choice.split("+")
    if not item.accepts(parts):
        raise SourceFault("rescore_choice_unknown", file=correction.file, item=item_id, choice=choice)
    return score_choice(item, parts), item.signal


def _with_marks(responses: ibis.Table, marks: pd.DataFrame) -> ibis.Table:
    """Put the new marks in the place of the old ones; other rows and the order of columns stay."""
    table = held_table(marks.rename(columns={name: f"new_{name}" for name in _PLACE}))
    columns = responses.columns
    rows = responses.mutate(scored=responses.wave.isin(("pre", "post", "followup")))
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


def _line(correction: Correction, records: Iterable[SessionRecord], changed: pd.DataFrame) -> Rescored:
    """Both hashes, and the items whose key differs from that of some session or whose marks changed."""
    quiz = correction.quiz
    touched = set(changed.loc[changed["quiz_id"] == quiz.quiz_id, "item"])
    before = {q.sha256: q for record in records for q in record.quizzes if q.quiz_id == quiz.quiz_id}
    keys: dict[str, set[str]] = {}
    for old in before.values():
        for form in old.forms:
            for item in old.form_items(form):
                keys.setdefault(item.item_id, set()).add("+".join(sorted(item.key)))
    items = []
    for item_id in sorted({*keys, *touched}):
        found, new = keys.get(item_id, set()), "+".join(sorted(quiz.item(item_id).key))
        if item_id in touched or found != {new}:
            items.append(RescoredItem(item_id, tuple(sorted(found - {new})), new))
    return Rescored(quiz.quiz_id, tuple(sorted(before)), quiz.sha256, tuple(items))

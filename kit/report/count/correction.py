"""A corrected quiz, and what may differ in it from the quiz that was answered: keys, signals and words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kit.bundle.faults import Remark, SourceFault, remark
from kit.bundle.read import SessionRecord
from kit.quiz.model import Item, Quiz
from kit.quiz.read import load_quiz


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


def refuse_without_choices(
    corrections: Iterable[Correction], totals: Sequence[str], stripped: Sequence[tuple[Path, SessionRecord]]
) -> None:
    """Totals and bundles whose rows were deleted hold no choices to score anew. Raises SourceFault."""
    wanted = {correction.quiz.quiz_id for correction in corrections}
    if wanted and totals:
        raise SourceFault("rescore_totals", source=totals[0])
    for folder, record in stripped:
        if wanted & {quiz.quiz_id for quiz in record.quizzes}:
            raise SourceFault("rescore_purged", source=folder.name)


def check_snapshots(correction: Correction, records: Sequence[SessionRecord]) -> None:
    """Compare with the quiz of every session that used it. Raises SourceFault listing all differences."""
    for record in records:
        for quiz in record.quizzes:
            if quiz.quiz_id != correction.quiz.quiz_id:
                continue
            faults = list(differences(quiz, correction.quiz))
            if faults:
                raise SourceFault("rescore_differs", faults, file=correction.file, code=record.code)


def differences(before: Quiz, after: Quiz) -> Iterator[Remark]:
    """What makes two versions of a quiz two quizzes: forms, kinds, twins and options, not keys and words."""
    for form in sorted({*before.forms, *after.forms}):
        gone, new = (
            ", ".join(sorted({*one.forms.get(form, ())} - {*other.forms.get(form, ())})) or "–"
            for one, other in ((before, after), (after, before))
        )
        if gone != "–" or new != "–":
            yield remark("rescore_form", form=form, gone=gone, new=new)
    if before.design != after.design:
        yield remark("rescore_design", before=before.design, after=after.design)
    known = {item.item_id: item for item in after.items}
    for item in dict.fromkeys(i for form in before.forms for i in before.form_items(form)):
        if item.item_id in known:
            yield from _item_differences(item, known[item.item_id])


def _item_differences(before: Item, after: Item) -> Iterator[Remark]:
    for name in ("kind", "twin"):
        old, new = getattr(before, name) or "–", getattr(after, name) or "–"
        if old != new:
            yield remark(f"rescore_{name}", item=before.item_id, before=old, after=new)
    if before.option_ids != after.option_ids:
        old, new = (", ".join(sorted(item.option_ids)) for item in (before, after))
        yield remark("rescore_options", item=before.item_id, before=old, after=new)
        return
    # The stored choice is an id: a text that moved to another id would turn the answers around.
    for language in ("id", "en"):
        ids = {option.text.in_(language): option.option_id for option in before.options}
        for option in after.options:
            text = option.text.in_(language)
            if ids.get(text, option.option_id) != option.option_id:
                values = {"text": text, "before": ids[text], "after": option.option_id}
                yield remark("rescore_moved", item=before.item_id, **values)
                return

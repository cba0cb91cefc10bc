"""Which items each form holds: as the quizzes say, else as the answers show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from kit.bundle.read import SessionRecord
from kit.quiz.model import Quiz
from kit.report.read.rows import UNNAMED
from kit.study.kinds import SIGNALS
from kit.study.wave import counts


@dataclass(frozen=True)
class FormItem:
    """One scored item of one form: its place, its signal if it is an offer, its twin in the other form."""

    quiz_id: str
    form: str
    item: str
    signal: str | None = None
    twin: str | None = None


@dataclass(frozen=True)
class FormPlan:
    """The scored items of every form; `most` is K per quiz; in `open_forms` nobody knows who had which."""

    items: tuple[FormItem, ...]
    most: dict[str, int] = field(default_factory=dict)
    open_forms: frozenset[str] = frozenset()

    def maximum(self, quiz_id: str, form: str) -> int:
        """K of a form."""
        return self.most.get(quiz_id) or sum(i.quiz_id == quiz_id and i.form == form for i in self.items)


def plan_forms(kinds: pd.DataFrame, known: FormPlan, rows_per_attempt: dict[str, int]) -> FormPlan:
    """Complete what the sources declare about their forms from the answers themselves.

    A quiz without a form column has one form if every attempt can hold all of its items; if attempts are much
    shorter, each person answered only a part of them and the form is unknown (`open_forms`).
    """
    declared = {(i.quiz_id, i.form) for i in known.items}
    items = list(known.items)
    most, open_forms = dict(known.most), set(known.open_forms)
    seen = kinds[["quiz_id", "form", "item", "signal"]].fillna({"signal": ""})
    seen = seen.groupby(["quiz_id", "form", "item"], sort=True)["signal"].max().reset_index()
    for (quiz_id, form), rows in seen.groupby(["quiz_id", "form"], sort=True):
        if (quiz_id, form) in declared:
            continue
        longest = rows_per_attempt.get(str(quiz_id), len(rows))
        if form == "" and not counts(longest, len(rows)):
            open_forms.add(str(quiz_id))
            most.setdefault(str(quiz_id), longest)
        pairs = zip(rows["item"], rows["signal"], strict=True)
        items += [FormItem(str(quiz_id), str(form), str(item), str(signal) or None) for item, signal in pairs]
    return FormPlan(tuple(items), most, frozenset(open_forms))


def possible(plan: FormPlan, rows_per_attempt: Mapping[str, int]) -> FormPlan:
    """The plan without a K that was meant for other tables: with it nobody's attempt would count."""
    most = {
        quiz_id: most
        for quiz_id, most in plan.most.items()
        if counts(rows_per_attempt.get(quiz_id, most), most)
    }
    return replace(plan, most=most)


def form_rows(plan: FormPlan) -> list[tuple[str, str, int, int, int]]:
    """Each form with its fraud offers, genuine offers and maximum; unknown forms have no offers to count."""
    rows = []
    for quiz_id, form in sorted({(i.quiz_id, i.form) for i in plan.items}):
        signals = [i.signal for i in plan.items if (i.quiz_id, i.form) == (quiz_id, form)]
        if quiz_id in plan.open_forms:
            signals = []
        fraud, genuine = (signals.count(signal) for signal in SIGNALS)
        rows.append((quiz_id, form, fraud, genuine, plan.maximum(quiz_id, form)))
    return rows


@dataclass(frozen=True)
class Declared:
    """What the quizzes of the sessions say of their forms.

    `versions` are `quiz hash` where a quiz comes in several; `renamed` gives (session code, quiz id) the name
    of a version that is counted apart.
    """

    plan: FormPlan
    versions: tuple[str, ...]
    renamed: dict[tuple[str, str], str]


def declared_forms(records: Iterable[SessionRecord], scored_by: Callable[[Quiz], Quiz]) -> Declared:
    """Forms of all quizzes. A version with other items or another key becomes a quiz of its own."""
    first: dict[str, tuple[object, ...]] = {}
    hashes: dict[str, set[str]] = {}
    renamed: dict[tuple[str, str], str] = {}
    items: dict[tuple[str, str, str], FormItem] = {}
    for record in sorted(records, key=lambda record: (record.held_on, record.code)):
        for quiz in record.quizzes:
            hashes.setdefault(quiz.quiz_id, set()).add(quiz.sha256[:8])
            name, scored = quiz.quiz_id, scored_by(quiz)
            if first.setdefault(name, _structure(scored)) != _structure(scored):
                name = f"{quiz.quiz_id}@{quiz.sha256[:8]}"
                renamed[record.code, quiz.quiz_id] = name
            for item in _form_items(name, scored):
                items.setdefault((item.quiz_id, item.form, item.item), item)
    several = {quiz_id: sorted(found) for quiz_id, found in sorted(hashes.items()) if len(found) > 1}
    versions = tuple(f"{quiz_id} {sha}" for quiz_id, found in several.items() for sha in found)
    return Declared(FormPlan(tuple(items.values())), versions, renamed)


def _structure(quiz: Quiz) -> tuple[object, ...]:
    """What makes two versions of a quiz comparable: its forms, and the key and signal of every item."""
    items = {i.item_id: (i.kind, i.signal, tuple(sorted(i.key)), i.twin) for i in quiz.items}
    return tuple((form, tuple((i, items[i]) for i in ids)) for form, ids in sorted(quiz.forms.items()))


def _form_items(name: str, quiz: Quiz) -> Iterator[FormItem]:
    for form in quiz.forms:
        for item in quiz.form_items(form):
            yield FormItem(name, form, item.item_id, item.signal, item.twin)


def with_full_marks(plan: FormPlan, max_score: int | None, totals: bool) -> FormPlan:
    """The plan with K as the operator gave it: for the quizzes that are known, and for tables of totals."""
    if not max_score:
        return plan
    known = {item.quiz_id for item in plan.items}
    named = known | {UNNAMED} if totals or not known else known
    return replace(plan, most=dict.fromkeys(sorted(named), max_score))

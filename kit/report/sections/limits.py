"""The limits of a report: where its data come from, what was scored anew, what it keeps back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from kit.report.count.rescoring import CorrectedQuiz, Rescoring
from kit.report.sections.base import (
    Evidence,
    Figures,
    Note,
    Part,
    Parts,
    Secrecy,
    Section,
    Table,
    Tells,
    View,
    declare,
    make_table,
    note,
)
from kit.report.sections.cells import quiz_maxima
from kit.report.sections.names import item_labels, key_text
from kit.report.sections.spoken import counts
from kit.report.stats.withholding import NO_EXTREMES_BELOW, SMALLEST, withheld

K = SMALLEST["public"]
_WITHHELD = (
    "flow.*", "score.*", "unsure.*", "items.*", "twins.*", "discernment.*", "followup.*", "groups.*",
    "pooled.*", "forms.*", "target.*", "planning.*",
)  # fmt: skip
UNKNOWN_ONCE_MERGED = ("nobody_left", "no_pre", "nobody_matched", "no_followup")
"""Notes that say nobody did something, which a cube of merged cells does not know."""
_MISSING_ONCE_MERGED = (
    "score.*", "pooled.*", "target.*", "flow.*", "followup.*", "groups.*", "items.*", "discernment.*",
)  # fmt: skip


@dataclass(frozen=True)
class RescoredItem(Part):
    """An item whose key was corrected: the keys it was scored by, the key now, the marks that changed."""

    public: ClassVar = declare(always="item keys_before key_after", by_rule="n_changed")

    item: str
    keys_before: tuple[str, ...]
    key_after: str
    n_changed: int | None = None


@dataclass(frozen=True)
class Rescored(Part):
    """A quiz that was scored anew: the hashes it was answered with, the hash of the correction."""

    key: ClassVar = "rescored"
    many: ClassVar = True
    public: ClassVar = declare(always="quiz_id sha256_before sha256_after items", by_rule="n_changed")

    quiz_id: str
    sha256_before: tuple[str, ...]
    sha256_after: str
    items: tuple[RescoredItem, ...]
    n_changed: int | None = None


def measure_rescored(rescoring: Rescoring | None) -> Iterator[Rescored]:
    """The corrected quizzes with the marks that changed."""
    if rescoring is None:
        return
    changed = rescoring.marks_changed()
    for line in rescoring.lines:
        yield _counted(line, {item: n for (quiz_id, item), n in changed.items() if quiz_id == line.quiz_id})


def _counted(line: CorrectedQuiz, changed: dict[str, int]) -> Rescored:
    rows = tuple(
        RescoredItem(row.item, row.keys_before, row.key_after, changed.get(row.item, 0)) for row in line.items
    )
    return Rescored(line.quiz_id, line.sha256_before, line.sha256_after, rows, sum(changed.values()))


def public_rescored(line: Rescored, told: Tells) -> Rescored:
    """Counts of changed marks below ten are left out, and the next with them; all where nothing is told."""
    total = line.n_changed or 0
    if told == Tells.SOURCES or 0 < total < K:
        return replace(line, items=tuple(replace(row, n_changed=None) for row in line.items), n_changed=None)
    hidden = withheld([row.n_changed or 0 for row in line.items], K)
    shown = (
        replace(row, n_changed=None) if hide else row for row, hide in zip(line.items, hidden, strict=True)
    )
    return replace(line, items=tuple(shown))


class LimitsSection(Section):
    """What a reader must know of the report itself."""

    name = "limits"
    parts = (Rescored,)
    tells = Tells.SOURCES
    reads = (
        "withheld_all", "rehearsal", "rescored", "rescored_few", "rescored_same", "quiz_versions",
        "no_comparison", "no_target", "public", "no_extremes", "withheld_alike", "practice_hidden",
        "self_report_hidden", "cells_merged", "releases_unknown",
    )  # fmt: skip

    def measure(self, evidence: Evidence, so_far: Figures) -> Parts:
        """What re-scoring changed."""
        return {Rescored.key: tuple(measure_rescored(evidence.rescoring))}

    def withhold(self, figures: Figures, secrecy: Secrecy) -> Parts:
        """No count of a few changed marks."""
        lines = figures.rows(Rescored)
        return {Rescored.key: tuple(public_rescored(line, secrecy.told) for line in lines)}

    def notes(self, figures: Figures, evidence: Evidence) -> Iterator[Note]:
        """Where the data come from, and what a report for the public says only in part or not at all."""
        yield from _source_notes(figures, evidence)
        yield from _rescored_notes(figures)
        if figures.told == Tells.SOURCES:
            yield note("withheld_all", "*", k=K)
        elif figures.told == Tells.PEOPLE:
            yield note("withheld_alike", "*", k=NO_EXTREMES_BELOW)
        elif figures.options.is_public:
            yield note("public", *_WITHHELD, k=K)
            yield note("no_extremes", *_WITHHELD, k=NO_EXTREMES_BELOW)

    def words(self, view: View) -> list[str]:
        """For whom the report is."""
        audience = view.figures.options.audience
        return [view.say(f"sentences.{audience}", k=SMALLEST[audience])]

    def tables(self, view: View) -> dict[str, Table]:
        """The key an item was scored by and the key it has now, in words."""
        labels = item_labels(view, ids=True)
        rows: list[tuple[str, ...]] = []
        for line in view.figures.rows(Rescored):
            for row in line.items:
                before = " / ".join(key_text(view, line.quiz_id, row.item, key) for key in row.keys_before)
                after = key_text(view, line.quiz_id, row.item, row.key_after)
                label = labels.get((line.quiz_id, row.item), row.item)
                rows.append((label, before or "–", after, *counts((row.n_changed,), view.language)))
        return make_table(view, "rescored", rows)


def _source_notes(figures: Figures, evidence: Evidence) -> Iterator[Note]:
    quizzes = sorted(str(q) for q in evidence.cube.score["quiz_id"].dropna().unique() if q)
    maxima = set(quiz_maxima(evidence.plan, quizzes).values())
    if any(record.rehearsal for record in evidence.records):
        yield note("rehearsal")
    if merged := [record for record in evidence.records if record.is_merged]:
        counts = {"sessions": len(merged), "n": sum(record.left_out for record in merged)}
        yield note("cells_merged", *_MISSING_ONCE_MERGED, **counts)
    if evidence.versions:
        yield note("quiz_versions", versions=", ".join(evidence.versions))
    if len(quizzes) > 1:
        yield note("several_quizzes", quizzes=", ".join(quizzes))
    if len(maxima) > 1:
        yield note("mixed_max", maxima=", ".join(str(m) for m in sorted(maxima)), max=figures.most)
    if evidence.plan.open_forms:
        yield note("forms_unknown", "items.*", "discernment.*", "reliability.*")


def _rescored_notes(figures: Figures) -> Iterator[Note]:
    k = SMALLEST[figures.options.audience]
    for line in figures.rows(Rescored):
        items = ", ".join(row.item for row in line.items)
        old = ", ".join(sha[:12] for sha in line.sha256_before) or "–"
        hashes = {"old": old, "new": line.sha256_after[:12]}
        named = {"quiz": line.quiz_id, "n_items": len(line.items), "items": items, **hashes}
        if not line.items:
            yield note("rescored_same", quiz=line.quiz_id, **hashes)
        elif line.n_changed is None:
            yield note("rescored_few", "rescored.*", k=k, **named)
        else:
            yield note("rescored", "rescored.*", n=line.n_changed, **named)

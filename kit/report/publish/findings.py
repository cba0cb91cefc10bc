"""The findings of a report: its figures with everything that a format needs, and whether they may leave."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from kit.bundle.faults import SourceFault
from kit.quiz.model import Quiz
from kit.report.charts.look import Chart, Drawing
from kit.report.publish.register import Release
from kit.report.sections.base import Figures, View


@dataclass(frozen=True)
class Findings:
    """One object from which all formats come; they carry its fingerprint.

    `release` is what a report for the public tells of whom; until it is `published` such a report is a draft.
    """

    kit: str
    fingerprint: str
    generated_at: datetime
    figures: Figures
    quizzes: dict[str, Quiz]
    language: str
    release: Release | None = field(default=None, compare=False, repr=False)
    published: bool = field(default=False, compare=False)
    wanted: dict[str, dict[str, dict[str, Drawing]]] = field(default_factory=dict, compare=False, repr=False)
    """What the sections want drawn, by language and section."""
    drawn: dict[str, dict[str, Chart]] = field(default_factory=dict, compare=False, repr=False)
    """Charts that were drawn already, by language."""

    def view(self, language: str | None = None) -> View:
        """The figures on their way to a reader of a language."""
        return View(self.figures, self.quizzes, language or self.language)

    @property
    def is_draft(self) -> bool:
        """Whether it is for the public and has not passed the door."""
        return self.figures.options.is_public and not self.published

    def refuse_draft(self) -> None:
        """No byte of a report for the public is made before it passed the door. Raises SourceFault."""
        if self.is_draft:
            raise SourceFault("draft_unpublished")

    def has_note(self, code: str) -> bool:
        """Whether a note was made."""
        return any(note.code == code for note in self.figures.notes)

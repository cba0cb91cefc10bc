"""What the officer wrote down at a session: for colleagues, word for word but for numbers and addresses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from kit.report.sections.base import Evidence, Figures, Part, Parts, Secrecy, Section, SheetRow, View, declare
from kit.report.sections.spoken import long_date
from kit.study.mask import mask


@dataclass(frozen=True)
class OfficerNotes(Part):
    """The notes of one session."""

    key: ClassVar = "officer_notes"
    many: ClassVar = True
    public: ClassVar = declare(never="session site held_on text")

    session: str
    site: str
    held_on: str
    text: str


class OfficerSection(Section):
    """The officer's notes; a report for the public has none."""

    name = "officer"
    parts = (OfficerNotes,)

    def measure(self, evidence: Evidence, so_far: Figures) -> Parts:
        """The notes of each session that has some."""
        noted = [one for one in evidence.records if one.notes.strip()]
        rows = (OfficerNotes(one.code, one.site, one.held_on, mask(one.notes.strip())) for one in noted)
        return {OfficerNotes.key: tuple(rows)}

    def withhold(self, figures: Figures, secrecy: Secrecy) -> Parts:
        """Nothing: whatever an officer wrote of people is for colleagues."""
        return {OfficerNotes.key: ()}

    def stands(self, figures: Figures) -> bool:
        """Where somebody wrote something."""
        return bool(figures.rows(OfficerNotes))

    def words(self, view: View) -> list[str]:
        """The notes, line by line, each session under its place and day."""
        lines = []
        for one in view.figures.rows(OfficerNotes):
            told = {"site": one.site, "date": long_date(one.held_on, view.language)}
            first, *rest = (line for line in one.text.splitlines() if line.strip())
            lines += [view.say("sentences.officer", text=first, **told), *rest]
        return lines

    def sheets(self, view: View) -> Iterator[tuple[str, Iterable[SheetRow]]]:
        """The notes at the end of the summary."""
        if self.stands(view.figures):
            yield (
                "summary",
                [(), (view.say("sections.officer.title"),), *((line,) for line in self.words(view))],
            )

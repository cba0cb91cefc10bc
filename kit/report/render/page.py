"""What every format shows: page one, then heading after heading with sentences, charts and tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from kit.report.charts.altair_import import unchecked
from kit.report.charts.look import Chart, Drawing, finish
from kit.report.publish.findings import Findings
from kit.report.render.page_one import summarise
from kit.report.sections import SECTIONS
from kit.report.sections.base import Figures, Section, Table, View, note_text
from kit.report.sections.spoken import long_date

METHODS = range(1, 7)


@dataclass(frozen=True)
class Heading:
    """A heading with the sections that stand under it, the one that gives it first."""

    number: int
    sections: tuple[Section, ...]

    @property
    def name(self) -> str:
        """The name of the section that gives it."""
        return self.sections[0].name

    def lines(self, view: View) -> list[str]:
        """Sentences of the sections, then the notes that are read here."""
        said = [line for section in self.sections for line in section.words(view)]
        read = [code for section in self.sections for code in section.reads]
        notes = [note for code in read for note in view.figures.notes if note.code == code]
        # A reason that stands for a verdict is a note too: it is read once.
        return list(dict.fromkeys(said + [note_text(note, view.language) for note in notes]))


def headings(figures: Figures) -> Iterator[Heading]:
    """The headings of a report, numbered as they are read."""
    giving = [section for section in SECTIONS if not section.heading and section.stands(figures)]
    for number, section in enumerate(giving, start=1):
        guests = (one for one in SECTIONS if one.heading == section.name)
        yield Heading(number, (section, *guests))


def tables_of(view: View, sections: Iterable[Section] = SECTIONS) -> dict[str, Table]:
    """The tables of some sections, by name."""
    return {name: table for section in sections for name, table in section.tables(view).items()}


def drawings_of(findings: Findings, language: str, sections: Iterable[Section]) -> dict[str, Drawing]:
    """What some sections want drawn, by name; put together once for each language."""
    view, wanted = findings.view(language), findings.wanted.setdefault(language, {})
    found: dict[str, Drawing] = {}
    for section in sections:
        if section.name not in wanted:
            with unchecked():
                wanted[section.name] = section.charts(view)
        found |= wanted[section.name]
    return found


def draw_charts(
    findings: Findings, language: str, sections: Iterable[Section] = SECTIONS
) -> dict[str, Chart]:
    """The charts of some sections, each drawn once for each language."""
    drawn = findings.drawn.setdefault(language, {})
    wanted = drawings_of(findings, language, sections)
    drawn |= {name: finish(drawing) for name, drawing in wanted.items() if name not in drawn}
    return {name: drawn[name] for name in wanted}


def page_context(findings: Findings, language: str) -> dict[str, Any]:
    """What HTML and PDF fill in: page one, then the headings that have something to say."""
    view, figures = findings.view(language), findings.figures
    summary = summarise(findings, language)
    shown = [_heading_context(findings, language, heading) for heading in headings(figures)]
    said = [one for one in shown if one["lines"] or one["charts"] or one["tables"]]
    first = [section for section in SECTIONS if section.on_page_one]
    return {
        "language": language,
        "summary": summary,
        "headline": _headline(view, summary.change),
        "first_charts": draw_charts(findings, language, first),
        # Numbered as they are read: one that has nothing to say leaves no gap.
        "sections": [one | {"number": number} for number, one in enumerate(said, start=1)],
        "methods": [view.say(f"method_text.m{i}") for i in METHODS],
        "versions": [
            (quiz, sha[:12]) for quiz, sha in sorted({q for s in figures.sessions for q in s.quizzes})
        ],
        "sources": figures.sources,
        "kit": findings.kit,
        "date": long_date(findings.generated_at.date().isoformat(), language),
        "words": {
            name: view.say(f"page_one.{name}")
            for name in ("understood", "wrong", "next", "unknown", "contents", "method")
        },
    }


def _headline(view: View, change: str) -> tuple[str, str, bool]:
    """What stands large, what below it (a reason, the end of the scale), and whether both are a sentence."""
    edge = view.say("page_one.edge")
    if change.endswith(edge):
        return change.removesuffix(edge).rstrip(), edge, False
    head, _, rest = change.partition("; ")
    return head, rest, bool(rest)


def _heading_context(findings: Findings, language: str, heading: Heading) -> dict[str, Any]:
    view = findings.view(language)
    below = [one for one in heading.sections if not (one.on_page_one or one.drawn_in_rows)]
    return {
        "name": heading.name,
        "number": heading.number,
        "title": view.say(f"sections.{heading.name}.title"),
        "lines": heading.lines(view),
        "charts": draw_charts(findings, language, below),
        "tables": tables_of(view, heading.sections),
    }

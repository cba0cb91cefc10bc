"""One report: its figures, its words, its charts, and every format made from them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kit.quiz.model import Quiz
from kit.report.figures import Figures, Note
from kit.report.numbers import number
from kit.text import message

if TYPE_CHECKING:
    from kit.report.charts import Chart
    from kit.report.releases import Release
    from kit.report.wording import Summary, Table

FORMATS: Final = ("html", "json", "pdf", "xlsx")


@dataclass(frozen=True)
class Report:
    """What an evaluator reads. All formats come from this one object and carry its fingerprint."""

    kit: str
    fingerprint: str
    generated_at: datetime
    figures: Figures
    quizzes: dict[str, Quiz]
    language: str
    release: Release | None = field(default=None, compare=False, repr=False)
    _drawn: dict[str, dict[str, Chart]] = field(default_factory=dict, compare=False, repr=False)

    def to_dict(self, language: str | None = None) -> dict[str, Any]:
        """`report.json`: only numbers, words and null; never NaN or infinity."""
        chosen = language or self.language
        plain: dict[str, Any] = _listed(asdict(self.figures))
        notes = [_note(note, chosen) for note in self.figures.notes]
        _translate(plain, chosen)
        return {
            "kit": self.kit,
            "fingerprint": self.fingerprint,
            "generated_at": self.generated_at.isoformat(timespec="seconds"),
            "sources": list(self.figures.sources),
            "notes": notes,
            **{k: v for k, v in plain.items() if k not in ("sources", "notes", "cells")},
        }

    def json(self, language: str | None = None) -> str:
        """`report.json` as text."""
        return json.dumps(self.to_dict(language), ensure_ascii=False, indent=1, allow_nan=False) + "\n"

    def charts(self, language: str | None = None) -> dict[str, Chart]:
        """The charts that can be drawn, as SVG with alt text."""
        from kit.report.charts import draw_charts

        chosen = language or self.language
        if chosen not in self._drawn:
            self._drawn[chosen] = draw_charts(self, chosen)
        return dict(self._drawn[chosen])

    def summary(self, language: str | None = None) -> Summary:
        """Page one in words."""
        from kit.report.wording import summarise

        return summarise(self, language or self.language)

    def tables(self, language: str | None = None) -> dict[str, Table]:
        """The tables of the later pages, as text."""
        from kit.report.wording import make_tables

        return make_tables(self, language or self.language)

    def html(self, language: str | None = None) -> str:
        """The report as one HTML file without script."""
        from kit.report.html import render_html

        return render_html(self, language or self.language)

    def pdf(self, language: str | None = None) -> bytes:
        """The report as tagged PDF (PDF/UA-1)."""
        from kit.report.pdf import render_pdf

        return render_pdf(self, language or self.language)

    def xlsx(self, language: str | None = None) -> bytes:
        """The report as a workbook of five sheets."""
        from kit.report.xlsx import render_xlsx

        return render_xlsx(self, language or self.language)

    def has_note(self, code: str) -> bool:
        """Whether a note was made."""
        return any(note.code == code for note in self.figures.notes)


def _listed(value: Any) -> Any:
    """Tuples as lists, as JSON has them."""
    if isinstance(value, dict):
        return {key: _listed(part) for key, part in value.items()}
    return [_listed(part) for part in value] if isinstance(value, (list, tuple)) else value


def _note(note: Note, language: str) -> dict[str, Any]:
    return {"code": note.code, "text": note_text(note, language), "about": list(note.about)}


def note_text(note: Note, language: str) -> str:
    """A note in words."""
    words = {name: _spoken(name, value, language) for name, value in note.values}
    return message(f"report.notes.{note.code}", language, **words)


def _spoken(name: str, value: object, language: str) -> object:
    """A number of a note as people of a language write it: a probability with three decimals, else one."""
    return number(value, language, 3 if name == "p" else 1) if isinstance(value, float) else value


def _translate(plain: dict[str, Any], language: str) -> None:
    """Put the verdicts in the reader's language."""
    for item in plain["items"]:
        if item["verdict_code"]:
            item["verdict"] = message(f"report.item_verdicts.{item['verdict_code']}", language)
    if plain["discernment"]["verdict_code"]:
        plain["discernment"]["verdict"] = message(
            f"report.verdicts.{plain['discernment']['verdict_code']}.name", language
        )
    if plain["target"]["verdict_code"]:
        plain["target"]["verdict"] = message(f"report.target.{plain['target']['verdict_code']}", language)


def render_report(
    report: Report,
    folder: Path,
    formats: Sequence[str] = ("html", "json"),
    *,
    stem: str = "report",
    language: str | None = None,
) -> list[Path]:
    """Write a report in some formats; returns the files written."""
    report = registered(report)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in formats:
        path = folder / f"{stem}.{name}"
        content = _content(report, name, language or report.language)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        written.append(path)
    return written


def registered(report: Report) -> Report:
    """Keep a report for the public in the register; where that fails the report says so."""
    if report.release is None:
        return report
    from kit.report.releases import keep_release

    if keep_release(report.release) or report.has_note("releases_unknown"):
        return report
    notes = (*report.figures.notes, Note("releases_unknown"))
    return replace(report, figures=replace(report.figures, notes=notes), _drawn={})


def _content(report: Report, name: str, language: str) -> str | bytes:
    if name not in FORMATS:
        from kit.report.faults import SourceFault

        raise SourceFault("format_unknown", name=name, known=", ".join(FORMATS))
    made: str | bytes = getattr(report, name)(language)
    return made

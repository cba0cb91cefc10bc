"""`kit check`: faults of quiz files, and findings of the item-writing lint, as one list."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Final

from kit.quiz.fault import QuizFaults
from kit.quiz.lint import (
    cues,
    decks,
    forms,
    genuine,
    guessing,
    leak,
    lists,
    load,
    parallel,
    transfer,
    wording,
)
from kit.quiz.lint import facts as facts_rules
from kit.quiz.lint.hall import Hall
from kit.quiz.lint.hit import SEVERITIES, Hit
from kit.quiz.model import Quiz
from kit.quiz.panel.run import Row, run_panel
from kit.quiz.read import is_register, load_quiz, quiz_paths
from kit.quiz.read.yaml import read_yaml
from kit.text import message

RULES: Final = tuple(SEVERITIES)
BEST_SHOWN: Final = 5


@dataclass(frozen=True)
class Finding:
    """One thing to mend, in the reader's words; `severity` is `error` or `advice`."""

    file: str
    line: int
    place: str
    rule: str
    severity: str
    fault: str
    remedy: str

    def render(self) -> str:
        """`file:line: place: fault. remedy. [rule]`"""
        return f"{self.file}:{self.line}: {self.place}: {self.fault} {self.remedy} [{self.rule}]"


@dataclass(frozen=True)
class _Folder:
    """What the rules know beyond one file: the register of facts, the hall, and how the panel did."""

    facts: facts_rules.Facts
    hall: Hall
    panel: tuple[Row, ...]

    @classmethod
    def of(cls, quiz_file: Path) -> _Folder:
        hall = Hall.beside(quiz_file.parent)
        return cls(facts_rules.Facts.beside(quiz_file), hall, tuple(run_panel(hall.quizzes)))


@dataclass(frozen=True)
class Checked:
    """The findings, and the figures that authors want to see even where nothing is to mend."""

    findings: tuple[Finding, ...]
    quizzes: tuple[Quiz, ...]
    panel: tuple[Row, ...]


def check_quizzes(paths: Iterable[Path], language: str = "id", *, today: date | None = None) -> list[Finding]:
    """Check quiz files and folders of them; an empty list means nothing to mend."""
    return list(check(paths, language, today=today).findings)


def check(paths: Iterable[Path], language: str = "id", *, today: date | None = None) -> Checked:
    """Check quiz files, each together with the quizzes, facts and decks that lie beside it."""
    day = today or date.today()
    findings: list[Finding] = []
    quizzes: list[Quiz] = []
    folders: dict[Path, _Folder] = {}
    seen: dict[str, Path] = {}
    for path in _files(paths):
        if path.parent not in folders:
            folders[path.parent] = _Folder.of(path)
        folder = folders[path.parent]
        if is_register(path):
            continue
        try:
            quiz = load_quiz(path)
        except QuizFaults as error:
            findings += _fault_findings(error, language)
            continue
        quizzes.append(quiz)
        findings += _findings(path, _quiz_hits(quiz, folder, day), language)
        findings += _deck_findings(quiz, folder, language)
        if seen.setdefault(quiz.quiz_id, path) != path:
            findings.append(_twice(path, quiz.quiz_id, language))
    for folder in folders.values():
        if folder.facts.entries is not None:
            hits = facts_rules.fact_incomplete(folder.facts)
            findings += _findings(folder.facts.path, hits, language)
    rows = [row for folder in folders.values() for row in folder.panel]
    ordered = sorted(findings, key=lambda finding: (finding.file, finding.line))
    return Checked(tuple(ordered), tuple(quizzes), tuple(rows))


def run_check(
    paths: Iterable[Path], language: str = "id", format: str = "text", *, panel: bool = False
) -> int:
    """Print the findings as text or JSON, figures on the error stream; the exit status is 1 with findings."""
    checked = check(paths, language)
    if format == "json":
        plain = [asdict(finding) for finding in checked.findings]
        print(json.dumps(plain, ensure_ascii=False, indent=2))
    else:
        for finding in checked.findings:
            print(finding.render())
    for line in (*_load_lines(checked, language), *_panel_lines(checked, language, every=panel)):
        print(line, file=sys.stderr)
    closing = "found" if checked.findings else "clean"
    print(message(f"quiz.lint.{closing}", language, count=len(checked.findings)), file=sys.stderr)
    return 1 if checked.findings else 0


def _load_lines(checked: Checked, language: str) -> Iterator[str]:
    """How many words each wave asks people to read."""
    for quiz in checked.quizzes:
        for form in quiz.forms:
            values = {"quiz_id": quiz.quiz_id, "form": form, "count": load.wave_words(quiz, form)}
            yield message("quiz.lint.load", language, **values, most=load.most_words(quiz))


def _panel_lines(checked: Checked, language: str, *, every: bool) -> Iterator[str]:
    """The guessers that got furthest, best first; all of them where asked."""
    best = sorted(checked.panel, key=lambda row: -row.pooled)
    if best:
        yield message("quiz.lint.panel", language, count=len(best), offers=sum(best[0].asked.values()))
    for row in best if every else best[:BEST_SHOWN]:
        forms = ", ".join(f"{quiz_id} {form} {row.share((quiz_id, form)):.0f}" for quiz_id, form in row.asked)
        yield f"  {row.pooled:5.1f} %  {row.guesser}  ({forms})"


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        yield from quiz_paths(path) if path.is_dir() else [path]


def _quiz_hits(quiz: Quiz, folder: _Folder, today: date) -> Iterator[Hit]:
    for room in (forms, wording, cues, load, parallel, lists, genuine):
        for rule in room.RULES:
            yield from rule(quiz)
    for hall_rule in (*leak.RULES, *transfer.RULES, decks.decisive_untaught):
        yield from hall_rule(quiz, folder.hall)
    yield from facts_rules.reviewed_old(quiz, today)
    yield from facts_rules.item_facts(quiz, folder.facts)
    yield from facts_rules.item_superseded(quiz, folder.facts)
    yield from guessing.guesser_pooled(quiz, folder.panel)
    yield from guessing.guesser_quiz(quiz, folder.panel)
    yield from guessing.guesser_form(quiz, folder.panel)


def _deck_findings(quiz: Quiz, folder: _Folder, language: str) -> list[Finding]:
    deck = folder.hall.decks.get(quiz.quiz_id)
    if deck is None:
        return []
    hits = (*decks.timings_off(deck), *decks.slide_hurried(quiz, deck), *decks.deck_facts(deck, folder.facts))
    return [_finding(deck.path, hit.line or 1, hit, language) for hit in hits]


def _findings(path: Path, hits: Iterable[Hit], language: str) -> list[Finding]:
    lines = _lines(path)
    return [_finding(path, _nearest(lines, hit.place), hit, language) for hit in hits]


def _finding(path: Path, line: int, hit: Hit, language: str) -> Finding:
    return Finding(
        file=str(path),
        line=line,
        place=hit.place,
        rule=hit.rule,
        severity=SEVERITIES[hit.rule],
        fault=message(f"quiz.lint.{hit.rule}.fault", language, **hit.values),
        remedy=message(f"quiz.lint.{hit.rule}.remedy", language, **hit.values),
    )


def _fault_findings(error: QuizFaults, language: str) -> list[Finding]:
    return [
        Finding(
            file=str(fault.path),
            line=fault.line,
            place=fault.place,
            rule=fault.key,
            severity="error",
            fault=message(f"quiz.faults.{fault.key}.fault", language, **dict(fault.values)),
            remedy=message(f"quiz.faults.{fault.key}.remedy", language, **dict(fault.values)),
        )
        for fault in error.faults
    ]


def _twice(path: Path, quiz_id: str, language: str) -> Finding:
    fault = message("quiz.faults.quiz_id_twice.fault", language, quiz_id=quiz_id)
    remedy = message("quiz.faults.quiz_id_twice.remedy", language, quiz_id=quiz_id)
    return Finding(str(path), 1, "quiz_id", "quiz_id_twice", "error", fault, remedy)


def _lines(path: Path) -> dict[str, int]:
    """The line of each place of a YAML file; items and options go by their id."""
    authored = read_yaml(path)
    found: dict[str, int] = {}
    for steps, line in authored.lines.items():
        found.setdefault(authored.place(steps), line)
    return found


def _nearest(lines: Mapping[str, int], place: str) -> int:
    """The line of a place, else of the closest place around it."""
    while place and place not in lines:
        place = place.rpartition(".")[0]
    return lines.get(place, 1)

"""`kit check`: faults of quiz files, and findings of the item-writing lint, as one list."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import yaml

from kit.quiz.lint import facts as facts_rules
from kit.quiz.lint import forms, wording
from kit.quiz.lint.hit import SEVERITIES, Hit
from kit.quiz.model import Quiz
from kit.quiz.parse import QuizFaults, load_quiz, quiz_paths
from kit.text import message

RULES: Final = tuple(SEVERITIES)


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


def check_quizzes(paths: Iterable[Path], language: str = "id", *, today: date | None = None) -> list[Finding]:
    """Check quiz files and folders of them; an empty list means nothing to mend."""
    day = today or date.today()
    findings: list[Finding] = []
    registers: dict[Path, facts_rules.Facts] = {}
    seen: dict[str, Path] = {}
    for path in _files(paths):
        facts = registers.setdefault(path.parent, facts_rules.Facts.beside(path))
        try:
            quiz = load_quiz(path)
        except QuizFaults as error:
            findings += _fault_findings(error, language)
            continue
        findings += _findings(path, _quiz_hits(quiz, facts, day), language)
        if seen.setdefault(quiz.quiz_id, path) != path:
            findings.append(_twice(path, quiz.quiz_id, language))
    for facts in registers.values():
        if facts.entries is not None:
            findings += _findings(facts.path, facts_rules.fact_incomplete(facts), language)
    return sorted(findings, key=lambda finding: (finding.file, finding.line))


def run_check(paths: Iterable[Path], language: str = "id", format: str = "text") -> int:
    """Print the findings as text or JSON; the exit status is 1 if there are any."""
    findings = check_quizzes(paths, language)
    if format == "json":
        print(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            print(finding.render())
        closing = "found" if findings else "clean"
        print(message(f"quiz.lint.{closing}", language, count=len(findings)), file=sys.stderr)
    return 1 if findings else 0


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        yield from quiz_paths(path) if path.is_dir() else [path]


def _quiz_hits(quiz: Quiz, facts: facts_rules.Facts, today: date) -> Iterator[Hit]:
    for rule in (*forms.RULES, *wording.RULES):
        yield from rule(quiz)
    yield from facts_rules.reviewed_old(quiz, today)
    yield from facts_rules.item_facts(quiz, facts)


def _findings(path: Path, hits: Iterable[Hit], language: str) -> list[Finding]:
    lines = _lines(path)
    return [
        Finding(
            file=str(path),
            line=_nearest(lines, hit.place),
            place=hit.place,
            rule=hit.rule,
            severity=SEVERITIES[hit.rule],
            fault=message(f"quiz.lint.{hit.rule}.fault", language, **hit.values),
            remedy=message(f"quiz.lint.{hit.rule}.remedy", language, **hit.values),
        )
        for hit in hits
    ]


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
    found: dict[str, int] = {}

    def walk(node: yaml.Node | Any, place: str) -> None:
        found.setdefault(place, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                inner = f"{place}.{key.value}".lstrip(".")
                found.setdefault(inner, key.start_mark.line + 1)
                walk(value, inner)
        elif isinstance(node, yaml.SequenceNode):
            for element in node.value:
                walk(element, f"{place}.{_own_id(element)}")

    walk(yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=yaml.SafeLoader), "")
    return found


def _own_id(node: yaml.Node | Any) -> str:
    if isinstance(node, yaml.MappingNode):
        named = {key.value: value.value for key, value in node.value}
        return str(named.get("item_id") or named.get("option_id") or "")
    return ""


def _nearest(lines: Mapping[str, int], place: str) -> int:
    """The line of a place, else of the closest place around it."""
    while place and place not in lines:
        place = place.rpartition(".")[0]
    return lines.get(place, 1)

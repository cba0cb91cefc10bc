"""A fault keeps a quiz file from being used; what could be written better is a finding of the lint."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kit.errors import BadQuiz
from kit.text import message


@dataclass(frozen=True)
class Fault:
    """One fault of a quiz file; `key` names `{fault, remedy}` in the quiz locale."""

    path: Path
    line: int
    place: str
    key: str
    values: tuple[tuple[str, object], ...] = ()

    def render(self, language: str = "id") -> str:
        """`file:line: place: fault. remedy.`"""
        values = dict(self.values)
        fault = message(f"quiz.faults.{self.key}.fault", language, **values)
        remedy = message(f"quiz.faults.{self.key}.remedy", language, **values)
        return f"{self.path}:{self.line}: {self.place}: {fault} {remedy}"


class QuizFaults(BadQuiz):
    """A quiz file (or a folder of them) cannot be used; `faults` lists everything wrong with it."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("quiz_faults", count=len(self.faults))

    def render(self, language: str = "id") -> str:
        """The summary, then one line for each fault."""
        return "\n".join([super().render(language), *(fault.render(language) for fault in self.faults)])

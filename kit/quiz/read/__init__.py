"""Read quiz files: a reader turns a file into a plain dictionary with places, one schema judges them all."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from kit.quiz.fault import Fault, QuizFaults
from kit.quiz.model import Quiz
from kit.quiz.read.schema import quiz_of
from kit.quiz.read.yaml import read_yaml

REGISTER: Final = "sources.yaml"
"""The register of facts that lies beside quizzes; it is no quiz."""


def load_quiz(path: Path | str) -> Quiz:
    """Read one quiz file. Raises QuizFaults with everything that is wrong."""
    return quiz_of(read_yaml(Path(path)))


def quiz_paths(folder: Path) -> list[Path]:
    """The quiz files of a folder, in order; `sources.yaml` is the register of facts, not a quiz."""
    return sorted(path for path in folder.glob("*.y*ml") if not is_register(path))


def is_register(path: Path) -> bool:
    """Whether the file is the register of facts that lies beside quizzes."""
    return path.name == REGISTER


def load_quizzes(folder: Path | str) -> dict[str, Quiz]:
    """Read every quiz of a folder by `quiz_id`. Raises QuizFaults over all files at once."""
    quizzes: dict[str, Quiz] = {}
    faults: list[Fault] = []
    for path in quiz_paths(Path(folder)):
        try:
            quiz = load_quiz(path)
        except QuizFaults as error:
            faults += error.faults
            continue
        if quiz.quiz_id in quizzes:
            faults.append(Fault(path, 1, "quiz_id", "quiz_id_twice", (("quiz_id", quiz.quiz_id),)))
        quizzes[quiz.quiz_id] = quiz
    if faults:
        raise QuizFaults(faults)
    return quizzes

"""The YAML that is written reads back as the same quiz."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.quiz.read import load_quiz, quiz_paths
from kit.quiz.write.yaml import quiz_to_yaml

QUIZZES = Path(__file__).resolve().parents[3] / "quizzes"


@pytest.mark.parametrize("path", quiz_paths(QUIZZES), ids=lambda path: path.stem)
def test_a_quiz_written_and_read_again_is_the_same_quiz(path: Path, tmp_path: Path) -> None:
    quiz = load_quiz(path)
    again = tmp_path / "quizzes" / path.name
    again.parent.mkdir()
    (tmp_path / "quizzes" / "images").symlink_to(QUIZZES / "images")
    again.write_text(quiz_to_yaml(quiz), encoding="utf-8")
    assert load_quiz(again) == quiz


def test_chat_messages_stay_readable_blocks() -> None:
    written = quiz_to_yaml(load_quiz(QUIZZES / "students.yaml"))
    assert "      id: |-\n" in written
    assert "forms:\n  A: [" in written

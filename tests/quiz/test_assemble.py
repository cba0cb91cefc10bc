"""Forms are assembled, not sorted by hand: the committed ones are the solution, and every balance is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kit.cli import app
from kit.errors import BadQuiz
from kit.quiz.assemble import assemble, candidates
from kit.quiz.lint import cues, forms, load, parallel, transfer
from kit.quiz.lint.hall import Hall
from kit.quiz.lint.transfer import setting_of, shown_settings
from kit.quiz.model import Item, Quiz
from kit.quiz.read import load_quiz, load_quizzes

QUIZZES = Path(__file__).resolve().parents[2] / "quizzes"
NAMES = ("students", "teachers", "residents")
BALANCES = (
    *cues.RULES, *load.RULES, parallel.forms_difficulty, parallel.twins_differ, parallel.forms_mirror,
    forms.forms_not_parallel, forms.offers_unbalanced, forms.twin_mismatch, forms.offers_in_pattern,
)  # fmt: skip


@pytest.fixture(params=NAMES)
def quiz(request: pytest.FixtureRequest) -> Quiz:
    return load_quizzes(QUIZZES)[request.param]


def shown(quiz: Quiz) -> frozenset[str]:
    return shown_settings(quiz, Hall.beside(QUIZZES))


def with_forms(quiz: Quiz, chosen: dict[str, tuple[str, ...]]) -> Quiz:
    return replace(quiz, forms=chosen)


def unbalanced(quiz: Quiz) -> list[str]:
    return [
        f"{hit.rule} {hit.place}"
        for rule in BALANCES
        for hit in rule(quiz)
        if "forms" in f"{hit.rule} {hit.place}"
    ]


def test_the_committed_forms_are_the_solution(quiz: Quiz) -> None:
    assert assemble(quiz, shown=shown(quiz)) == dict(quiz.forms)


def test_the_same_quiz_gives_the_same_forms_every_time(quiz: Quiz) -> None:
    assert assemble(quiz, fresh=True) == assemble(quiz, fresh=True)


def test_forms_chosen_afresh_keep_every_balance(quiz: Quiz) -> None:
    chosen = assemble(quiz, shown=shown(quiz), fresh=True)
    assert chosen != dict(quiz.forms)
    assert unbalanced(with_forms(quiz, chosen)) == []
    assert list(transfer.transfer_few(with_forms(quiz, chosen), Hall.beside(QUIZZES))) == []


def test_nothing_that_is_shown_is_ever_scored(quiz: Quiz) -> None:
    shown = {*quiz.polls, *quiz.practice, *quiz.boosters}
    assert not shown & {item.item_id for item in candidates(quiz)}
    assert not shown & {item_id for ids in assemble(quiz, fresh=True).values() for item_id in ids}


def test_forms_that_lost_their_balance_are_mended_with_few_changes(quiz: Quiz) -> None:
    """Two offers of one signal change forms: the twins stand together and the topics are uneven."""
    first, second = (
        next(i for i in quiz.offers(f"forms.{form}") if i.signal == "fraud" and i.twin != other)
        for form, other in (("A", ""), ("B", quiz.offers("forms.A")[0].item_id))
    )
    swapped = {first.item_id: second.item_id, second.item_id: first.item_id}
    broken = {form: tuple(swapped.get(i, i) for i in ids) for form, ids in quiz.forms.items()}
    mended = assemble(with_forms(quiz, broken))
    assert unbalanced(with_forms(quiz, mended)) == []
    moved = sum(i not in broken[form] for form, ids in mended.items() for i in ids)
    assert moved <= 4


def test_a_balance_that_cannot_be_kept_is_named() -> None:
    quiz = load_quizzes(QUIZZES)["students"]

    def hurried(item: Item) -> Item:
        if item.cues is None:
            return item
        return replace(item, cues=replace(item.cues, urgency="some" if item.signal == "fraud" else "none"))

    paying = replace(quiz, items=tuple(hurried(item) for item in quiz.items))
    with pytest.raises(BadQuiz) as refusal:
        assemble(paying)
    assert "cues" in refusal.value.render("en")
    assert "cues" in refusal.value.render("id")


def test_a_bank_that_holds_nothing_new_is_refused(quiz: Quiz) -> None:
    """Every setting of the bank was shown: there is nothing new to put into a form."""
    settings = {setting_of(item) for item in candidates(quiz)} - {""}
    with pytest.raises(BadQuiz) as refusal:
        assemble(quiz, shown=settings)
    assert "transfer" in refusal.value.render("id")


def test_the_command_prints_the_forms_and_leaves_the_file_alone() -> None:
    path = QUIZZES / "residents.yaml"
    before = path.read_bytes()
    result = CliRunner().invoke(app, ["quiz", "assemble", str(path)])
    assert result.exit_code == 0
    assert "forms:\n  A: [" in result.stdout
    assert path.read_bytes() == before


def test_written_forms_change_nothing_else_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "quizzes").mkdir()
    (tmp_path / "quizzes" / "images").symlink_to(QUIZZES / "images")
    path = tmp_path / "quizzes" / "students.yaml"
    path.write_bytes((QUIZZES / "students.yaml").read_bytes())
    before = load_quiz(path)
    result = CliRunner().invoke(app, ["quiz", "assemble", str(path), "--fresh", "--write"])
    assert result.exit_code == 0
    after = load_quiz(path)
    assert after == replace(before, forms=assemble(before, fresh=True))

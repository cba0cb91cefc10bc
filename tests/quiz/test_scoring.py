"""Scores: exactly the key gives a point, "don't know" none, and four fifths make an attempt count."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.quiz.model import Item, Option, Quiz, Scenario, Text
from kit.quiz.read import load_quiz
from kit.quiz.scoring import AttemptScore, score_attempt, score_choice

STUDENTS = load_quiz(Path(__file__).parents[2] / "quizzes" / "students.yaml")
WORDS = Text("x", "x")
OPTIONS = tuple(Option(name, WORDS) for name in "abcd")


def item(kind: str, *key: str, signal: str | None = None) -> Item:
    text = Text(*["[[a|satu]] [[b|dua]] [[c|tiga]]"] * 2)
    scenario = Scenario("whatsapp", WORDS, text) if kind in ("spot", "offer") else None
    options = OPTIONS if kind in ("choice", "multi") else ()
    return Item(f"{kind}-01", kind, "scam-job", WORDS, signal, None, scenario, options, key)


@pytest.mark.parametrize(
    ("asked", "choice", "mark"),
    [
        (item("offer", signal="fraud"), {"fraud"}, 1),
        (item("offer", signal="fraud"), {"genuine"}, 0),
        (item("offer", signal="genuine"), {"genuine"}, 1),
        (item("offer", signal="genuine"), {"unsure"}, None),
        (item("choice", "b"), {"b"}, 1),
        (item("choice", "b"), {"a"}, 0),
        (item("multi", "a", "c"), {"c", "a"}, 1),
        (item("multi", "a", "c"), {"a"}, 0),
        (item("multi", "a", "c"), {"a", "b", "c"}, 0),
        (item("multi", "a", "c"), {"unsure"}, None),
        (item("spot", "a", "b"), {"a", "b"}, 1),
        (item("spot", "a", "b"), {"a", "b", "c"}, 0),
        (item("likert"), {"5"}, None),
    ],
)
def test_only_exactly_the_key_gives_a_point(asked: Item, choice: set[str], mark: int | None) -> None:
    assert score_choice(asked, choice) == mark


def test_an_attempt_counts_from_four_fifths_on() -> None:
    assert AttemptScore(score=0, max=5, answered=4).counts
    assert not AttemptScore(score=0, max=5, answered=3).counts
    assert AttemptScore(score=0, max=14, answered=12).counts
    assert not AttemptScore(score=0, max=14, answered=11).counts


@given(st.data())
def test_a_score_is_the_number_of_items_answered_with_their_key(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(["A", "B"]))
    items = STUDENTS.form_items(form)
    answered = data.draw(st.sets(st.sampled_from([i.item_id for i in items])))
    right = data.draw(st.sets(st.sampled_from(sorted(answered)))) if answered else set()
    responses = {name: STUDENTS.item(name).key if name in right else {"unsure"} for name in answered}
    strangers = {"no-such-item": {"a"}, **{name: {"5"} for name in STUDENTS.likert}}
    score = score_attempt(STUDENTS, form, {**responses, **strangers})
    assert score == AttemptScore(score=len(right), max=len(items), answered=len(answered))


def test_answering_the_other_form_scores_nothing() -> None:
    other: Quiz = STUDENTS
    responses = {i.item_id: i.key for i in other.form_items("B")}
    assert score_attempt(other, "A", responses) == AttemptScore(score=0, max=14, answered=0)

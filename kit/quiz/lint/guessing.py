"""Findings of the panel: a guesser that knows nothing and yet does well on the offers of this quiz."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kit.quiz.lint.hit import Hit
from kit.quiz.model import Quiz
from kit.quiz.panel.run import HIGH_FORM, Row


def guesser_pooled(quiz: Quiz, rows: Sequence[Row]) -> Iterator[Hit]:
    """No guesser pays over all forms of the hall; named at the form where it is furthest off."""
    for row in rows:
        low, high = row.limits
        quiz_id, form = row.highest if row.pooled > high else row.lowest
        if row.pays and quiz_id == quiz.quiz_id:
            values = {"guesser": row.guesser, "share": round(row.pooled), "low": low, "high": high}
            yield Hit("guesser_pooled", f"forms.{form}", values)


def guesser_quiz(quiz: Quiz, rows: Sequence[Row]) -> Iterator[Hit]:
    """No guesser tells fraud from genuine for one audience, whatever it does for the others."""
    for row in rows:
        share = row.quizzes_above.get(quiz.quiz_id)
        if share is not None:
            yield Hit("guesser_quiz", "forms", {"guesser": row.guesser, "share": round(share)})


def guesser_form(quiz: Quiz, rows: Sequence[Row]) -> Iterator[Hit]:
    """No guesser gets far in any single form."""
    for row in rows:
        for quiz_id, form in row.forms_above:
            if quiz_id == quiz.quiz_id:
                share = round(row.share((quiz_id, form)))
                values = {"guesser": row.guesser, "share": share, "most": round(HIGH_FORM)}
                yield Hit("guesser_form", f"forms.{form}", values)

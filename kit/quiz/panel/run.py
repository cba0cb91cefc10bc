"""Let the guessers answer every form, and say which of them do better than somebody without knowledge may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Final

from kit.quiz.model import Item, Quiz
from kit.quiz.panel.guesser import Guesser
from kit.quiz.panel.manner import manner_guessers
from kit.quiz.panel.memory import remembering
from kit.quiz.panel.outward import outward_guessers
from kit.quiz.panel.trained import trained_guessers

LOW: Final = 38.0
HIGH: Final = 62.0
HIGH_READING: Final = 75.0
HIGH_FORM: Final = 80.0
FEW_OFFERS: Final = 16
"""A quiz with fewer offers in its forms says nothing about guessing."""
MANY_OFFERS: Final = 40
"""From here on the limits are as stated; fewer offers stray further by chance alone."""
Z_TENTH: Final = 1.645
"""Two-sided ten per cent of the normal distribution."""
HIGH_QUIZ: Final = 65.0
Z_TWENTIETH: Final = 1.96
"""Two-sided five per cent: one quiz alone has few offers, and a coin strays that far."""


@dataclass(frozen=True)
class Row:
    """How one guesser did: right and asked by (quiz_id, form)."""

    guesser: str
    reads_message: bool
    mirrored: bool
    right: Mapping[tuple[str, str], int] = field(default_factory=dict)
    asked: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def pooled(self) -> float:
        """Per cent right over all forms."""
        return 100 * sum(self.right.values()) / sum(self.asked.values())

    def share(self, form: tuple[str, str]) -> float:
        """Per cent right in one form."""
        return 100 * self.right[form] / self.asked[form]

    @property
    def highest(self) -> tuple[str, str]:
        """The form in which the guesser did best."""
        return max(self.asked, key=self.share)

    @property
    def lowest(self) -> tuple[str, str]:
        """The form in which the guesser did worst."""
        return min(self.asked, key=self.share)

    @property
    def limits(self) -> tuple[float, float]:
        """The pooled shares between which the guesser must stay."""
        asked = sum(self.asked.values())
        spare = 0.0 if asked >= MANY_OFFERS else max(0.0, 50 * Z_TENTH / sqrt(asked) - (HIGH - 50))
        if self.reads_message:
            return 0.0, HIGH_READING + spare
        return (0.0 if self.mirrored else LOW - spare), HIGH + spare

    @property
    def pays(self) -> bool:
        """Whether the guesser is right too often, or so seldom that its opposite would be."""
        low, high = self.limits
        return not low <= self.pooled <= high

    @property
    def quizzes_above(self) -> Mapping[str, float]:
        """Per cent right where the guesser beats chance in one quiz alone; none for readers of messages."""
        found: dict[str, float] = {}
        for quiz_id in {quiz_id for quiz_id, _ in self.asked} if not self.reads_message else ():
            forms = [form for form in self.asked if form[0] == quiz_id]
            asked = sum(self.asked[form] for form in forms)
            share = 100 * sum(self.right[form] for form in forms) / asked
            if share > max(HIGH_QUIZ, 50 + 50 * Z_TWENTIETH / sqrt(asked)):
                found[quiz_id] = share
        return found

    @property
    def forms_above(self) -> tuple[tuple[str, str], ...]:
        """Forms in which the guesser gets too far; readers of messages have a pooled limit only."""
        if self.reads_message:
            return ()
        return tuple(form for form in self.asked if self.share(form) > HIGH_FORM)


def panel_offers(quiz: Quiz) -> dict[tuple[str, str], tuple[Item, ...]]:
    """The offers of each form, by (quiz_id, form)."""
    return {(quiz.quiz_id, form): quiz.offers(f"forms.{form}") for form in quiz.forms}


def run_panel(quizzes: Sequence[Quiz]) -> list[Row]:
    """Every guesser on every form of quizzes that may meet in one hall; empty with too few offers."""
    judged = [quiz for quiz in quizzes if sum(map(len, panel_offers(quiz).values())) >= FEW_OFFERS]
    rows: dict[str, Row] = {}
    outward = [*outward_guessers(), *manner_guessers()]
    trained: dict[tuple[str, ...], list[Guesser]] = {}
    for quiz in judged:
        for form, offers in panel_offers(quiz).items():
            taught = _others(quizzes, quiz, form[1])
            # Both forms of a quiz are judged by guessers of one training.
            names = (quiz.quiz_id, *(item.item_id for item in taught))
            if names not in trained:
                trained[names] = trained_guessers(taught)
            memory = [remembering(quiz, form[1])] if len(quiz.forms) > 1 else []
            for guesser in (*outward, *memory, *trained[names]):
                _count(rows, guesser, form, offers)
    return list(rows.values())


def _count(rows: dict[str, Row], guesser: Guesser, form: tuple[str, str], offers: Sequence[Item]) -> None:
    row = rows.setdefault(guesser.name, Row(guesser.name, guesser.reads_message, guesser.mirrored))
    guessed = guesser.guess(offers)
    right = sum(guess == item.signal for guess, item in zip(guessed, offers, strict=True))
    rows[guesser.name] = Row(
        guesser.name,
        guesser.reads_message,
        guesser.mirrored,
        {**row.right, form: right},
        {**row.asked, form: len(offers)},
    )


def _others(quizzes: Sequence[Quiz], judged: Quiz, form: str) -> list[Item]:
    """The offers of the other audiences; of the quiz's other forms where it stands alone."""
    others = [item for quiz in quizzes if quiz.quiz_id != judged.quiz_id for item in quiz.items]
    if not any(item.kind == "offer" for item in others):
        own = set(judged.forms[form])
        others = [item for item in judged.items if item.item_id not in own]
    return [item for item in others if item.kind == "offer"]

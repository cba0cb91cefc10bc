"""Guessers that are trained on the offers of the other audiences: what our way of writing gives away."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Protocol

import numpy as np

from kit.quiz.model import Item
from kit.quiz.panel.guesser import FRAUD, GENUINE, Guesser, message_of, whole
from kit.quiz.panel.outward import words
from kit.quiz.vocabulary import CUES, SETTLING

Features = Callable[[Item], list[str]]
Judge = Callable[[list[str]], bool]
GRAMS: Final = (3, 4)
RIDGE: Final = 1.0
STEPS: Final = 12
LITTLE: Final = frozenset(
    "aja aku anda baru bagi belum bersama biar bila bisa boleh buat dan dari dengan di dia dulu ia ikut "
    "ini itu juga kalau kami kamu ke kita lalu lewat oleh pada pakai pun saja saya sampai sebelum sendiri "
    "sesudah sudah supaya tetapi tidak untuk yang".split()
)
"""Words that carry grammar and no matter."""


class Model(Protocol):
    """Learns which features go with fraud, then judges the features of one offer."""

    def __call__(self, offers: Sequence[list[str]], frauds: Sequence[bool]) -> Judge:
        """The judge of one offer's features: True for fraud."""


@dataclass(frozen=True)
class Trained:
    """What a trained guesser reads of an offer."""

    name: str
    features: Features
    reads_message: bool
    models: tuple[str, ...] = ("Bayes", "logistic regression", "nearest neighbour")


READINGS: Final = (
    Trained("words of the stem", lambda item: words(item.stem.id), False),
    Trained("letters of the stem", lambda item: _grams(item.stem.id), False),
    Trained(
        "words of the sender", lambda item: words(_sender(item)), False, ("Bayes", "logistic regression")
    ),
    Trained("little words", lambda item: _little(whole(item)), False, ("Bayes", "logistic regression")),
    Trained("marks and emoji", lambda item: re.findall(r"[^\w\s]", whole(item)), False, ("Bayes",)),
    Trained(
        "shapes of the words", lambda item: _shapes(whole(item)), False, ("Bayes", "logistic regression")
    ),
    Trained("English words of the stem", lambda item: words(item.stem.en), False),
    # Nobody stands nearest among seven values: many are equally near.
    Trained("cues", lambda item: _cues(item), False, ("Bayes", "logistic regression")),
    Trained("words of the message", lambda item: words(whole(item)), True),
    Trained("letters of the message", lambda item: _grams(whole(item)), True),
    Trained("pairs of words of the message", lambda item: _pairs(words(whole(item))), True),
    Trained("last line of the message", lambda item: words(message_of(item).split("\n")[-1]), True),
    Trained("English words of the message", lambda item: words(_english(item)), True),
)


def trained_guessers(taught: Sequence[Item]) -> list[Guesser]:
    """One guesser a model and reading, trained on offers that the judged form does not hold."""
    offers = [item for item in taught if item.signal]
    if len({item.signal for item in offers}) < 2:
        return []
    frauds = [item.signal == FRAUD for item in offers]
    found = []
    for reading in READINGS:
        for name in reading.models:
            model = MODELS[name]
            judge = model([reading.features(item) for item in offers], frauds)
            found.append(_guesser(f"{name} on the {reading.name}", reading, judge))
    return found


def _guesser(name: str, reading: Trained, judge: Judge) -> Guesser:
    def guess(offers: Sequence[Item]) -> list[str]:
        return [FRAUD if judge(reading.features(item)) else GENUINE for item in offers]

    return Guesser(name, guess, reads_message=reading.reads_message)


def _grams(text: str) -> list[str]:
    plain = re.sub(r"\s+", " ", text.lower())
    return [plain[start : start + size] for size in GRAMS for start in range(len(plain) - size + 1)]


def _pairs(said: list[str]) -> list[str]:
    return [*said, *(f"{first} {second}" for first, second in pairwise(said))]


def _little(text: str) -> list[str]:
    return [word for word in words(text) if word in LITTLE]


def _shapes(text: str) -> list[str]:
    """How words look: digits, capitals, their length by threes."""
    return [_shape(word) for word in re.findall(r"\w+", text)]


def _shape(word: str) -> str:
    kind = (
        "digit"
        if word[0].isdigit()
        else "shout"
        if word.isupper()
        else "capital"
        if word[0].isupper()
        else "low"
    )
    return f"{kind} {min(len(word), 9) // 3}"


def _sender(item: Item) -> str:
    return item.scenario.sender.id if item.scenario else ""


def _english(item: Item) -> str:
    return f"{item.scenario.text.en if item.scenario else ''} {item.stem.en}"


def _cues(item: Item) -> list[str]:
    """Cues as features, without those values that settle an offer: unlawful money is no mere company."""
    if item.cues is None:
        return []
    held = {cue: str(getattr(item.cues, cue)) for cue in CUES}
    return [f"{cue}={value}" for cue, value in held.items() if value not in SETTLING.get(cue, ())]


def naive_bayes(offers: Sequence[list[str]], frauds: Sequence[bool]) -> Judge:
    """Multinomial Bayes with add-one smoothing and equal priors."""
    counts = {signal: Counter[str]() for signal in (True, False)}
    for features, fraud in zip(offers, frauds, strict=True):
        counts[fraud].update(features)
    known = counts[True].keys() | counts[False].keys()
    totals = {signal: counts[signal].total() + len(known) for signal in counts}
    weight = {
        feature: np.log((counts[True][feature] + 1) / totals[True])
        - np.log((counts[False][feature] + 1) / totals[False])
        for feature in known
    }
    return lambda features: sum(weight.get(feature, 0.0) for feature in features) > 0


def logistic_regression(offers: Sequence[list[str]], frauds: Sequence[bool]) -> Judge:
    """Ridge logistic regression on the presence of features, by Newton's method.

    The best weights are a mix of the offers' own rows (representer theorem), so we solve for one number an
    offer instead of one a feature: letters have thousands of features. A constant column holds the intercept.
    """
    columns = {feature: n for n, feature in enumerate(sorted({f for features in offers for f in features}))}
    seen = np.array([_row(features, columns) for features in offers])
    likeness = seen @ seen.T + 1
    target = np.array(frauds, dtype=float)
    mix = np.zeros(len(offers))
    for _ in range(STEPS):
        score = likeness @ mix
        chance = 1 / (1 + np.exp(-score))
        spread = np.maximum(chance * (1 - chance), 1e-6)
        mix = np.linalg.solve(likeness + np.diag(RIDGE / spread), score + (target - chance) / spread)
    weights = seen.T @ mix
    return lambda features: bool(_row(features, columns) @ weights + mix.sum() > 0)


def nearest_neighbour(offers: Sequence[list[str]], frauds: Sequence[bool]) -> Judge:
    """The signal of the most similar offer (cosine of features weighted by rarity)."""
    columns = {feature: n for n, feature in enumerate(sorted({f for features in offers for f in features}))}
    seen = np.array([_row(features, columns) for features in offers])
    rarity = np.log((1 + len(offers)) / (1 + seen.sum(axis=0)))
    weighted = seen * rarity
    lengths = np.linalg.norm(weighted, axis=1) + 1e-9

    def judge(features: list[str]) -> bool:
        likeness = weighted @ (_row(features, columns) * rarity) / lengths
        return bool(frauds[int(likeness.argmax())])

    return judge


def _row(features: Sequence[str], columns: dict[str, int]) -> np.ndarray:
    row = np.zeros(len(columns))
    row[[columns[feature] for feature in set(features) if feature in columns]] = 1.0
    return row


MODELS: Final[dict[str, Model]] = {
    "Bayes": naive_bayes,
    "logistic regression": logistic_regression,
    "nearest neighbour": nearest_neighbour,
}

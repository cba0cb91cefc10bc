"""Answer every form by test-wise tricks alone: on offers none may beat chance by more than 15 points.

Run with `-s` to see the figures.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from kit.quiz.model import Item, Quiz
from kit.quiz.parse import load_quizzes, quiz_paths

QUIZZES = Path(__file__).resolve().parent.parent.parent / "quizzes"
NAMES = [path.stem for path in quiz_paths(QUIZZES)]
CHANCE = 50.0
MARGIN = 15.0

# Words people take for alarm bells, and words they take for guarantees: used alone, both must mislead.
ALARMING = frozenset(
    "akun bayar bebas biaya buruan cepat chat dm gaji gratis hari ini jangan juta kilat kuota langsung "
    "liburan malam mudah pesan rahasia rekening tiket titip transfer turis uang wa wisata ziarah".split()
)
REASSURING = frozenset(
    "asuransi berizin bp3mi disnaker imigrasi izin jaminan kampus kantor kerja kontrak kop lengkap logo "
    "lurah p3mi pelatihan pemerintah resmi salinan sertifikat siskop2mi surat terdaftar tercatat visa".split()
)
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b50]")
MONEY = re.compile(r"\b(juta|ribu|rupiah|rp\d*|euro)\b")

Guess = Callable[[Item], str]


def text_of(item: Item, language: str) -> str:
    scenario = item.scenario.text.in_(language) if item.scenario else ""
    return f"{scenario} {item.stem.in_(language)}"


def words(item: Item) -> list[str]:
    return re.findall(r"[a-z0-9]+", text_of(item, "id").lower())


def count(item: Item, listed: frozenset[str]) -> int:
    return sum(word in listed for word in words(item))


def when(sign: Callable[[Item], bool], then: str) -> Guess:
    other = "genuine" if then == "fraud" else "fraud"
    return lambda item: then if sign(item) else other


def tricks(offers: list[Item]) -> dict[str, Guess]:
    middle = sorted(len(words(item)) for item in offers)[len(offers) // 2]
    most = Counter(item.signal or "" for item in offers).most_common(1)[0][0]
    appearance: dict[str, Callable[[Item], bool]] = {
        "long text": lambda item: len(words(item)) >= middle,
        "exclamation mark": lambda item: "!" in text_of(item, "id"),
        "emoji": lambda item: bool(EMOJI.search(text_of(item, "id"))),
        "money named": lambda item: bool(MONEY.search(text_of(item, "id").lower())),
        "chat channel": lambda item: (
            item.scenario is not None and item.scenario.channel in ("whatsapp", "telegram", "talk")
        ),
        "social media": lambda item: (
            item.scenario is not None
            and item.scenario.channel in ("instagram", "tiktok", "facebook", "marketplace")
        ),
    }
    guesses: dict[str, Guess] = {
        "always fraud": lambda _: "fraud",
        "always genuine": lambda _: "genuine",
        "always first option": lambda item: item.options[0].option_id,
        "most frequent position": lambda _: most,
        "longest option": lambda item: max(item.options[:2], key=lambda o: len(o.text.id)).option_id,
        "any alarming word": when(lambda item: count(item, ALARMING) > 0, "fraud"),
        "two alarming words": when(lambda item: count(item, ALARMING) > 1, "fraud"),
        "any reassuring word": when(lambda item: count(item, REASSURING) > 0, "genuine"),
        "three reassuring words": when(lambda item: count(item, REASSURING) > 2, "genuine"),
        "more alarming than not": when(lambda item: count(item, ALARMING) > count(item, REASSURING), "fraud"),
        "as alarming as not": when(lambda item: count(item, ALARMING) >= count(item, REASSURING), "fraud"),
    }
    for name, sign in appearance.items():
        # A look may be read either way, so neither reading may pay.
        guesses[f"{name}: fraud"] = when(sign, "fraud")
        guesses[f"{name}: genuine"] = when(sign, "genuine")
    return guesses


def alternating(offers: list[Item], first: str) -> dict[str, str]:
    order = ("fraud", "genuine") if first == "fraud" else ("genuine", "fraud")
    return {item.item_id: order[number % 2] for number, item in enumerate(offers)}


def points(offers: list[Item], guess: Guess) -> float:
    return 100 * sum(guess(item) == item.signal for item in offers) / len(offers)


def figures(quiz: Quiz, form: str) -> dict[str, float]:
    offers = [item for item in quiz.form_items(form) if item.kind == "offer"]
    found = {name: points(offers, guess) for name, guess in tricks(offers).items()}
    for first in ("fraud", "genuine"):
        plan = alternating(offers, first)
        found[f"in turn, {first} first"] = points(offers, lambda item, plan=plan: plan[item.item_id])
    return found


@pytest.mark.parametrize("form", ["A", "B"])
@pytest.mark.parametrize("name", NAMES)
def test_no_trick_tells_fraud_from_genuine(name: str, form: str) -> None:
    found = figures(load_quizzes(QUIZZES)[name], form)
    for trick, score in sorted(found.items(), key=lambda pair: -pair[1]):
        print(f"{name} {form}  {score:5.1f}  {trick}")
    assert {trick: score for trick, score in found.items() if score > CHANCE + MARGIN} == {}


@pytest.mark.parametrize("name", NAMES)
def test_no_telling_word_gives_a_signal_away(name: str) -> None:
    """Over both forms, a listed word alone classifies offers hardly better than a coin."""
    quiz = load_quizzes(QUIZZES)[name]
    offers = [item for form in quiz.forms for item in quiz.form_items(form) if item.kind == "offer"]
    scores = {}
    for word in sorted(ALARMING | REASSURING):
        as_fraud = points(offers, when(lambda item, word=word: word in words(item), "fraud"))
        scores[word] = as_fraud if word in ALARMING else 100 - as_fraud
    best = sorted(scores.items(), key=lambda pair: -pair[1])[:5]
    print(f"{name}  " + ", ".join(f"{word} {score:.1f}" for word, score in best))
    assert {word: score for word, score in best if score > CHANCE + MARGIN} == {}


@pytest.mark.parametrize("name", NAMES)
def test_choosing_the_longest_or_the_first_option_does_not_pay_on_knowledge_items(name: str) -> None:
    quiz = load_quizzes(QUIZZES)[name]
    items = [item for form in quiz.forms for item in quiz.form_items(form) if item.kind == "choice"]
    longest = sum({max(i.own_options, key=lambda o: len(o.text.id)).option_id} == i.key for i in items)
    first = sum({i.own_options[0].option_id} == i.key for i in items)
    print(f"{name}  longest option {longest}/{len(items)}, first option {first}/{len(items)}")
    assert longest <= len(items) / 2
    assert first <= len(items) / 2

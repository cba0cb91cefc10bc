"""The panel: guessers that know nothing answer every form, and none may do better than a coin.

Run with `-s` to see the figures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kit.quiz.lint.guessing import guesser_form, guesser_pooled, guesser_quiz
from kit.quiz.model import Item, Quiz, Text
from kit.quiz.panel.run import HIGH_FORM, Row, run_panel
from kit.quiz.read import load_quizzes
from kit.quiz.vocabulary import DECISIVE, SAFE

QUIZZES = Path(__file__).resolve().parents[2] / "quizzes"


@pytest.fixture(scope="module")
def quizzes() -> list[Quiz]:
    return list(load_quizzes(QUIZZES).values())


@pytest.fixture(scope="module")
def rows(quizzes: list[Quiz]) -> list[Row]:
    return run_panel(quizzes)


def offers_of(quiz: Quiz) -> list[Item]:
    return [item for form in quiz.forms for item in quiz.offers(f"forms.{form}")]


def changed(quizzes: list[Quiz], change: Callable[[Item], Item]) -> list[Quiz]:
    """All quizzes with their scored and further offers changed."""
    return [
        replace(quiz, items=tuple(change(i) if i.kind == "offer" else i for i in quiz.items))
        for quiz in quizzes
    ]


def found(quizzes: list[Quiz]) -> set[str]:
    rows = run_panel(quizzes)
    hits = [hit for quiz in quizzes for rule in (guesser_pooled, guesser_form) for hit in rule(quiz, rows)]
    return {str(hit.values["guesser"]) for hit in hits}


def test_no_guesser_tells_fraud_from_genuine_over_all_forms(rows: list[Row]) -> None:
    for row in sorted(rows, key=lambda row: -row.pooled):
        print(f"{row.pooled:5.1f}  {row.guesser}")
    assert len(rows) > 350
    assert {row.guesser: round(row.pooled, 1) for row in rows if row.pays} == {}


def test_no_guesser_gets_far_in_any_form(rows: list[Row]) -> None:
    above = {(row.guesser, form): row.share(form) for row in rows for form in row.forms_above}
    assert above == {}


def test_no_guesser_tells_fraud_from_genuine_for_any_audience(rows: list[Row]) -> None:
    assert {
        (row.guesser, quiz_id): share for row in rows for quiz_id, share in row.quizzes_above.items()
    } == {}


def test_a_trait_that_pays_for_one_audience_only_is_found(quizzes: list[Quiz]) -> None:
    """The trait goes with the key in one quiz and against it in the others: pooled it pays nobody."""

    def greeted(quiz: Quiz, signal: str) -> Quiz:
        return replace(
            quiz, items=tuple(message_begins(i, signal, "Maaf, selamat siang.") for i in quiz.items)
        )

    chosen = [greeted(quiz, "genuine" if quiz.quiz_id == "teachers" else "fraud") for quiz in quizzes]
    panel = run_panel(chosen)
    told = {quiz.quiz_id: {hit.values["guesser"] for hit in guesser_quiz(quiz, panel)} for quiz in chosen}
    assert "greeting: genuine" in told["teachers"]
    assert "greeting: genuine" not in told["students"] | told["residents"]


def test_the_panel_is_of_every_family(rows: list[Row]) -> None:
    names = " / ".join(row.guesser for row in rows)
    for family in (
        "cue check=passes", "word visa", "long stem", "in turn, fraud first", "shouting", "exclamation mark",
        "emoji", "digits", "negation", "official word", "official check in the stem", "channel whatsapp",
        "Bayes on the letters of the stem", "logistic regression on the words of the message",
        "nearest neighbour on the words of the stem", "longest option", "any polite word",
        "memory of the other form", "sent by a firm", "country named", "pay named",
        "office named in the message",
        "hedge in the message", "promise in the message", "many sentences", "many passives",
        "long in English",
        "Bayes on the little words", "Bayes on the words of the sender", "Bayes on the marks and emoji",
        "logistic regression on the shapes of the words", "Bayes on the last line of the message",
        "logistic regression on the English words of the stem",
    ):  # fmt: skip
        assert family in names


def test_who_knows_the_decisive_facts_is_right_on_every_offer(quizzes: list[Quiz]) -> None:
    """The key follows from what the deck teaches: the table of decisive facts holds it."""
    for quiz in quizzes:
        for item in quiz.items:
            if item.kind == "offer":
                assert item.cues is not None
                safe = all(fact in SAFE for fact in item.cues.decisive)
                assert item.signal == ("genuine" if safe else "fraud"), item.item_id


def test_the_reason_names_the_check_under_which_the_deciding_fact_is_taught(quizzes: list[Quiz]) -> None:
    """Phones lead back to these letters: a fraud names all that settle it, a safe offer one at least."""
    for quiz in quizzes:
        for item in quiz.items:
            if item.cues is not None:
                taught = {DECISIVE[fact] for fact in item.cues.decisive}
                named = taught & set(item.letters)
                assert named == taught if item.signal == "fraud" else named, item.item_id


def stem_begins(item: Item, on: str, words: str) -> Item:
    told = Text(f"{words} {item.stem.id}", item.stem.en)
    return replace(item, stem=told) if item.signal == on else item


def message_begins(item: Item, on: str, words: str) -> Item:
    if item.signal != on or item.scenario is None:
        return item
    told = Text(f"{words} {item.scenario.text.id}", item.scenario.text.en)
    return replace(item, scenario=replace(item.scenario, text=told))


def doubted(item: Item) -> Item:
    assert item.cues is not None
    return replace(item, cues=replace(item.cues, doubt="some" if item.signal == "fraud" else "none"))


OUTWARD: dict[str, Callable[[Item], Item]] = {
    "official check in the stem: genuine": lambda i: stem_begins(i, "genuine", "Dicek ke Disnaker."),
    "any word of hurry: genuine": lambda i: stem_begins(i, "genuine", "Segera."),
    "digits in the stem: genuine": lambda i: stem_begins(i, "genuine", "Umur 19."),
    "emoji: fraud": lambda i: stem_begins(i, "fraud", "🔥"),
    "exclamation mark: fraud": lambda i: stem_begins(i, "fraud", "Wah!"),
    "negation in the stem: fraud": lambda i: stem_begins(i, "fraud", "Bukan."),
    "long text: fraud": lambda i: stem_begins(i, "fraud", "dan lagi " * 30),
    "word gratis: fraud": lambda i: stem_begins(i, "fraud", "Gratis."),
    "cue doubt=some: fraud": doubted,
    "hedge in the message: genuine": lambda i: message_begins(i, "genuine", "Mungkin bisa."),
    "promise in the message: fraud": lambda i: message_begins(i, "fraud", "Pasti."),
    "weekday named: fraud": lambda i: message_begins(i, "fraud", "Senin."),
    "many passives: fraud": lambda i: message_begins(i, "fraud", "dijemput diantar ditemani dijamu dibantu"),
}


@pytest.fixture(scope="module")
def found_outward(quizzes: list[Quiz]) -> set[str]:
    """What the panel finds in quizzes that have all of the outward patterns at once: it runs for seconds."""
    for plant in OUTWARD.values():
        quizzes = changed(quizzes, plant)
    return found(quizzes)


@pytest.mark.parametrize("guesser", OUTWARD)
def test_a_planted_trait_is_found_by_its_guesser(guesser: str, found_outward: set[str]) -> None:
    assert guesser in found_outward


def test_a_manner_of_writing_is_found_by_those_trained_on_the_other_audiences(quizzes: list[Quiz]) -> None:
    manner = "Zamrud zamrud xqzxqzxqz xqzxqzxqz zamrud zamrud zamrud zamrud."
    trained = found(changed(quizzes, lambda item: stem_begins(item, "fraud", manner)))
    for model in ("Bayes", "logistic regression"):
        for reading in ("words of the stem", "letters of the stem"):
            assert f"{model} on the {reading}" in trained


def test_stems_of_a_few_moulds_are_found_by_the_nearest_neighbour(quizzes: list[Quiz]) -> None:
    moulds = {"fraud": "Ia ragu dan pulang dulu. Lanjut?", "genuine": "Besok ia datang lagi. Lanjut?"}
    poured = changed(quizzes, lambda item: replace(item, stem=Text(moulds[item.signal or ""], item.stem.en)))
    assert "nearest neighbour on the words of the stem" in found(poured)


def test_an_order_that_can_be_guessed_is_found(quizzes: list[Quiz]) -> None:
    sorted_forms = [
        replace(
            quiz,
            forms={
                form: tuple(sorted(ids, key=lambda i: quiz.item(i).signal or ""))
                for form, ids in quiz.forms.items()
            },
        )
        for quiz in quizzes
    ]
    assert "first half: fraud" in found(sorted_forms)


def test_a_finding_names_the_form_to_mend_first(quizzes: list[Quiz]) -> None:
    one = [
        replace(quiz, items=tuple(stem_begins(i, "fraud", "🔥") for i in quiz.items)) for quiz in quizzes[:1]
    ]
    planted = [*one, *quizzes[1:]]
    panel = run_panel(planted)
    hits = [hit for hit in guesser_form(planted[0], panel) if hit.values["guesser"] == "emoji: fraud"]
    assert {hit.place for hit in hits} == {"forms.A", "forms.B"}
    assert not [hit for hit in guesser_form(planted[1], panel) if hit.values["guesser"] == "emoji: fraud"]


def test_forms_that_mirror_each_other_punish_those_who_remember(quizzes: list[Quiz]) -> None:
    """Every offer of form B tells the story of an offer of form A with the other key."""

    def mirrored(quiz: Quiz) -> Quiz:
        told = {
            item.item_id: other.scenario
            for signal, opposite in (("fraud", "genuine"), ("genuine", "fraud"))
            for item, other in zip(
                [i for i in quiz.offers("forms.B") if i.signal == signal],
                [i for i in quiz.offers("forms.A") if i.signal == opposite],
                strict=True,
            )
        }
        return replace(
            quiz, items=tuple(replace(i, scenario=told.get(i.item_id, i.scenario)) for i in quiz.items)
        )

    memory = next(
        r for r in run_panel([mirrored(q) for q in quizzes]) if r.guesser == "memory of the other form"
    )
    assert (memory.pooled, memory.pays) == (0, True)


def test_few_offers_say_nothing_about_guessing(quizzes: list[Quiz]) -> None:
    quiz = quizzes[0]
    short = replace(quiz, forms={form: ids[:3] for form, ids in quiz.forms.items()})
    assert run_panel([short]) == []


def test_limits_widen_where_chance_itself_strays_further() -> None:
    def row(asked: int, *, message: bool = False) -> Row:
        return Row("guesser", message, False, {("quiz", "A"): asked // 2}, {("quiz", "A"): asked})

    assert row(56).limits == (38, 62)
    assert row(56, message=True).limits == (0, 75)
    low, high = row(16).limits
    assert (round(low, 1), round(high, 1)) == (29.4, 70.6)
    assert HIGH_FORM == 80


@pytest.mark.parametrize("name", ["students", "teachers", "residents"])
def test_choosing_the_longest_or_the_first_option_does_not_pay_on_knowledge_items(name: str) -> None:
    quiz = load_quizzes(QUIZZES)[name]
    items = [item for form in quiz.forms for item in quiz.form_items(form) if item.kind == "choice"]
    longest = sum({max(i.own_options, key=lambda o: len(o.text.id)).option_id} == i.key for i in items)
    first = sum({i.own_options[0].option_id} == i.key for i in items)
    print(f"{name}  longest option {longest}/{len(items)}, first option {first}/{len(items)}")
    assert longest <= len(items) / 2
    assert first <= len(items) / 2

"""Plant each kind of flaw into our own sound quizzes, and count how many the lint finds.

Run with `-s` to see the recall of each flaw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kit.quiz.check import RULES
from kit.quiz.lint import cues, decks, facts, forms, genuine, leak, lists, load, parallel, transfer, wording
from kit.quiz.lint.hit import Hit
from kit.text import message
from tests.quiz.lint.planting import PLANTERS, Ground, load_ground

ROOT = Path(__file__).resolve().parents[3]
AUDIENCES = ("students", "teachers", "residents")
FLAWED = {path.stem.replace("-", "_") for path in (ROOT / "tests" / "quiz" / "flawed").rglob("*.yaml")}

ROOMS = (forms, wording, cues, load, parallel, lists, genuine)
ON_QUIZ = {rule.__name__: rule for room in ROOMS for rule in room.RULES}
ON_HALL = {rule.__name__: rule for rule in (*leak.RULES, *transfer.RULES, decks.decisive_untaught)}


def hits(rule: str, ground: Ground) -> Iterator[Hit]:
    deck = ground.hall.decks[ground.quiz.quiz_id]
    special: dict[str, Callable[[], Iterator[Hit]]] = {
        "timings_off": lambda: decks.timings_off(deck),
        "slide_hurried": lambda: decks.slide_hurried(ground.quiz, deck),
        "deck_source_unknown": lambda: decks.deck_facts(deck, ground.facts),
        "source_superseded": lambda: facts.item_superseded(ground.quiz, ground.facts),
    }
    if rule in special:
        return special[rule]()
    return ON_HALL[rule](ground.quiz, ground.hall) if rule in ON_HALL else ON_QUIZ[rule](ground.quiz)


@pytest.fixture(scope="module", params=AUDIENCES)
def ground(request: pytest.FixtureRequest) -> Ground:
    return load_ground(ROOT, request.param)


@pytest.mark.parametrize("flaw", PLANTERS)
def test_every_planted_flaw_is_found_where_it_stands(flaw: str, ground: Ground) -> None:
    planted = list(PLANTERS[flaw](ground))
    assert planted
    missed = []
    for plant in planted:
        found = [hit for hit in hits(plant.rule, plant.ground) if hit.rule == plant.rule]
        if not any(hit.place.startswith(plant.place) for hit in found):
            missed.append(plant.place)
        for hit in found:
            for language in ("id", "en"):
                for part in ("fault", "remedy"):
                    said = message(f"quiz.lint.{hit.rule}.{part}", language, **hit.values)
                    assert "{" not in said
    print(f"{ground.quiz.quiz_id:10} {len(planted) - len(missed):3}/{len(planted):3}  {flaw}")
    assert missed == []


@pytest.mark.parametrize("flaw", PLANTERS)
def test_sound_quizzes_have_none_of_the_flaws(flaw: str, ground: Ground) -> None:
    for rule in {plant.rule for plant in PLANTERS[flaw](ground)}:
        assert [hit for hit in hits(rule, ground) if hit.rule == rule] == []


def test_every_rule_is_planted_or_has_a_flawed_file() -> None:
    ground = load_ground(ROOT, "students")
    planted = {plant.rule for planter in PLANTERS.values() for plant in planter(ground)}
    # The panel's rules are planted in `tests/quiz/test_panel.py`.
    assert set(RULES) - planted - FLAWED == {"guesser_pooled", "guesser_quiz", "guesser_form"}

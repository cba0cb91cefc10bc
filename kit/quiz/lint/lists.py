"""Rules about what stands beside the forms: practice, boosters, the plan, and enough offers to spare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from kit.quiz.lint.hit import Hit
from kit.quiz.model import Quiz

PRACTICE_OFFERS: Final = range(4, 7)
BOOSTERS: Final = 3
PLANS: Final = 5
SPARE_OFFERS: Final = 8


def practice_lopsided(quiz: Quiz) -> Iterator[Hit]:
    """Practice shows four to six offers, as many genuine as fraud, on several channels."""
    offers = quiz.offers("practice")
    if not offers:
        return
    signals = Counter(item.signal for item in offers)
    channels = {item.scenario.channel for item in offers if item.scenario}
    if len(offers) not in PRACTICE_OFFERS or signals["fraud"] != signals["genuine"] or len(channels) < 2:
        values = {"fraud": signals["fraud"], "genuine": signals["genuine"], "channels": len(channels)}
        yield Hit("practice_lopsided", "practice", values)


def practice_check_pays(quiz: Quiz) -> Iterator[Hit]:
    """In practice a check that passes goes with fraud as often as with genuine, give or take one.

    Else practice teaches “somebody checked, so it is safe”, which the forms refute.
    """
    checked = [item for item in quiz.offers("practice") if item.cues and item.cues.check == "passes"]
    signals = Counter(item.signal for item in checked)
    if abs(signals["fraud"] - signals["genuine"]) > 1:
        values = {"fraud": signals["fraud"], "genuine": signals["genuine"]}
        yield Hit("practice_check_pays", "practice", values)


def boosters_count(quiz: Quiz) -> Iterator[Hit]:
    """A booster goes out in each of three weeks."""
    if quiz.boosters and len(quiz.boosters) != BOOSTERS:
        yield Hit("boosters_count", "boosters", {"count": len(quiz.boosters), "wanted": BOOSTERS})


def plans_count(quiz: Quiz) -> Iterator[Hit]:
    """The plan is chosen from five."""
    options = len(quiz.item(quiz.plan).own_options) if quiz.plan else PLANS
    if options != PLANS:
        yield Hit("plans_count", f"items.{quiz.plan}.options", {"count": options, "wanted": PLANS})


def offers_spare(quiz: Quiz) -> Iterator[Hit]:
    """A quiz with practice has a bank: offers neither scored nor shown, to assemble other forms from."""
    if quiz.practice and len(quiz.bank) < SPARE_OFFERS:
        yield Hit("offers_spare", "practice", {"count": len(quiz.bank), "least": SPARE_OFFERS})


RULES: Final[tuple[Callable[[Quiz], Iterator[Hit]], ...]] = (
    practice_lopsided,
    practice_check_pays,
    boosters_count,
    plans_count,
    offers_spare,
)

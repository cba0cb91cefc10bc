"""What a lint rule yields, and how severe each rule is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from kit.quiz.model import Item, Quiz

# error: the measurement is spoilt or a person is misled; advice: the quiz works, but worse than it could.
SEVERITIES: Final[Mapping[str, str]] = {
    "offers_few": "error",
    "offers_unbalanced": "error",
    "offers_in_pattern": "advice",
    "forms_not_parallel": "error",
    "twin_mismatch": "error",
    "item_unused": "advice",
    "keys_unbalanced": "advice",
    "key_longest": "error",
    "keys_often_longest": "advice",
    "key_everything": "error",
    "id_hints_key": "error",
    "catch_all": "error",
    "stem_negative": "error",
    "stem_long": "error",
    "scenario_long": "advice",
    "sentence_long": "advice",
    "words_long": "advice",
    "word_rare": "advice",
    "untranslated": "error",
    "number_unmasked": "error",
    "reviewed_old": "error",
    "reviewed_ahead": "error",
    "sources_empty": "error",
    "sources_file_missing": "error",
    "source_unknown": "error",
    "source_unconfirmed": "error",
    "fact_incomplete": "error",
}


@dataclass(frozen=True)
class Hit:
    """A rule that fired at a place of a quiz, such as `items.offer-01.stem`."""

    rule: str
    place: str
    values: Mapping[str, object] = field(default_factory=dict)


def scored_items(quiz: Quiz) -> list[Item]:
    """The items that count, form by form."""
    return [item for form in quiz.forms for item in quiz.form_items(form)]

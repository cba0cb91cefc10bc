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
    "source_superseded": "error",
    "cues_missing": "error",
    "difficulty_missing": "error",
    "cues_unbalanced": "error",
    "cue_contradicts": "error",
    "decisive_contradicts": "error",
    "decisive_untaught": "error",
    "setting_missing": "error",
    "transfer_few": "error",
    "key_kind": "error",
    "length_mislabelled": "advice",
    "offer_long": "error",
    "wave_heavy": "error",
    "forms_difficulty": "error",
    "forms_stem_length": "error",
    "forms_reading": "error",
    "twins_differ": "error",
    "forms_mirror": "error",
    "practice_lopsided": "error",
    "practice_check_pays": "error",
    "boosters_count": "advice",
    "plans_count": "advice",
    "offers_spare": "advice",
    "genuine_cash": "error",
    "genuine_code": "error",
    "genuine_direct_hire": "error",
    "genuine_japan_nurse": "error",
    "absolute_words": "error",
    "stem_opinion": "error",
    "voice_mixed": "error",
    "name_repeated": "error",
    "shown_repeats": "error",
    "slide_states_key": "error",
    "timings_off": "error",
    "slide_hurried": "error",
    "deck_source_unknown": "error",
    "guesser_pooled": "error",
    "guesser_quiz": "error",
    "guesser_form": "error",
}


@dataclass(frozen=True)
class Hit:
    """A rule that fired at a place of a quiz, such as `items.offer-01.stem`; of a deck, with its line."""

    rule: str
    place: str
    values: Mapping[str, object] = field(default_factory=dict)
    line: int | None = None


def scored_items(quiz: Quiz) -> list[Item]:
    """The items that count, form by form."""
    return [item for form in quiz.forms for item in quiz.form_items(form)]

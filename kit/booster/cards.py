"""A booster as two cards, the offer and then its answer, each a picture and a text in one language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from kit.quiz.model import Item, Quiz
from kit.study.choice import MARKS, UNSURE
from kit.study.help import HELP_NUMBERS
from kit.text import LANGUAGES, Language, message

TEMPLATE: Final = Path(__file__).with_name("card.typ")
SIZE: Final = (1080, 1350)
"""Pixels: what messengers show without cutting."""
_SAID: Final = ("sender", "text", "stem", "why")
# Drawn in colour only where the machine has such a font; a text keeps them.
_EMOJI: Final = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d]+ ?")


@dataclass(frozen=True)
class Card:
    """One picture to forward; only an answer has `chosen` and `why`."""

    name: str
    language: Language
    heading: str
    sender: str
    channel: str
    text: str
    stem: str
    options: tuple[tuple[str, str], ...]
    chosen: str
    why: str
    foot: str


def cards_of(quiz: Quiz) -> Iterator[Card]:
    """The cards of a quiz's boosters in their order: offer before answer, Indonesian before English."""
    for item in quiz.offers("boosters"):
        for part in ("offer", "answer"):
            yield from (_card(item, part, language) for language in LANGUAGES)


def _card(item: Item, part: str, language: Language) -> Card:
    told = item.public(language)["scenario"]
    decision = message(f"quiz.options.{next(iter(item.key))}", language)
    why = item.rationale.in_(language) if item.rationale else ""
    answered = part == "answer"
    number = 2 if answered else 1
    return Card(
        name=f"{item.item_id}-{number}-{part}-{language}",
        language=language,
        heading=message(f"booster.{part}", language),
        sender=told["from"],
        channel=_channel(told["channel"], language),
        text=told["text"],
        stem=item.stem.in_(language),
        options=tuple(_options(item, language)),
        chosen=decision if answered else "",
        # The decision stands above it already.
        why=why.removeprefix(f"{decision}.").strip() if answered else "",
        foot=message(f"booster.{part}_foot", language, **HELP_NUMBERS),
    )


def _channel(channel: str, language: Language) -> str:
    return f"{message('item.made_up', language)} · {message(f'item.channels.{channel}', language)}"


def _options(item: Item, language: Language) -> Iterator[tuple[str, str]]:
    """The options with their marks, as on the phone."""
    for place, option in enumerate(item.options):
        mark = "?" if option.option_id == UNSURE else "".join(MARKS[place])
        yield mark, option.text.in_(language)


def draw_card(card: Card) -> bytes:
    """The card as PNG, 1080 × 1350."""
    # Loaded here: every other command does without a typesetter.
    import typst

    told = asdict(card)
    told |= {name: _EMOJI.sub("", told[name]).strip() for name in _SAID}
    drawn: bytes = typst.compile(
        str(TEMPLATE), format="png", ppi=72.0, sys_inputs={"card": json.dumps(told, ensure_ascii=False)}
    )
    return drawn


def write_card(card: Card) -> str:
    """The card as a text to forward."""
    if card.chosen:
        return f"{card.heading}: {card.chosen.upper()}\n\n{card.why}\n\n{card.foot}\n"
    options = "\n".join(f"{mark}  {words}" for mark, words in card.options)
    said = f"{card.channel}\n{card.sender}: “{card.text}”"
    return "\n\n".join([card.heading, said, card.stem, options, f"{card.foot}\n"])

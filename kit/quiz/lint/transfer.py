"""Rules about transfer: a form holds offers of a kind that nobody in the room has been shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from kit.quiz.lint.hall import Deck, Hall
from kit.quiz.lint.hit import Hit, scored_items
from kit.quiz.model import Item, Quiz
from kit.quiz.vocabulary import SETTINGS

UNSEEN_LEAST: Final = 2
"""Offers of each form whose setting no slide, poll or practice offer shows: who recognises them has learnt to
check, not to remember."""


def setting_missing(quiz: Quiz, hall: Hall) -> Iterator[Hit]:
    """Where offers carry settings, each scored one does, for one without is no transfer."""
    offers = [item for item in scored_items(quiz) if item.kind == "offer" and item.cues is not None]
    for item in offers if any(map(setting_of, offers)) else ():
        if not setting_of(item):
            yield Hit("setting_missing", f"items.{item.item_id}.cues")


def transfer_few(quiz: Quiz, hall: Hall) -> Iterator[Hit]:
    """Each form has at least two offers of settings that the session does not show."""
    shown = shown_settings(quiz, hall)
    for form in quiz.forms:
        settings = [setting_of(item) for item in quiz.offers(f"forms.{form}")]
        unseen = [setting for setting in settings if setting and setting not in shown]
        if any(settings) and len(unseen) < UNSEEN_LEAST:
            known = ", ".join(sorted({setting for setting in settings if setting in shown}))
            values = {"count": len(unseen), "least": UNSEEN_LEAST, "settings": known}
            yield Hit("transfer_few", f"forms.{form}", values)


def shown_settings(quiz: Quiz, hall: Hall) -> frozenset[str]:
    """The settings that a session shows: on a slide of its longest deck, in a poll, in practice."""
    listed = [quiz.item(item_id) for name in ("polls", "practice") for item_id in quiz.lists[name]]
    deck = hall.decks.get(quiz.quiz_id)
    return frozenset({setting_of(item) for item in listed} - {""} | (_on_slides(deck) if deck else set()))


def setting_of(item: Item) -> str:
    """What an offer is about, such as `factory`; empty where its author did not say."""
    return (item.cues.setting if item.cues else None) or ""


def _on_slides(deck: Deck) -> set[str]:
    said = "\n".join(slide.text for slide in deck.slides)
    return {name for name, words in SETTINGS.items() if re.search(rf"\b(?:{words})", said, re.IGNORECASE)}


RULES: Final = (setting_missing, transfer_few)

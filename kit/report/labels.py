"""Short names of items that a person recognises: what an item is about, and who speaks or how it begins."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from kit.quiz.model import Item, Quiz
from kit.text import message

if TYPE_CHECKING:
    from kit.report.figures import ItemFigures
    from kit.report.report import Report

PICTURES: Final = re.compile("[\u2600-\u27bf\u2b00-\u2bff\ufe00-\ufe0f\u200d\u20e3\U0001f000-\U000fffff]+")
"""Emoji and the marks that join them: they name nothing, and no font is sure to have them."""
LENGTHS: Final = (24, 34, 46, 60)
"""Letters of a name, and of those that would be the name of two items."""
_OFFERS: Final = ("scam-job", "nonprocedural", "trafficking", "smuggling", "travel-offer")

Place = tuple[str, str]
"""A quiz id and an item id."""


def find_quiz(report: Report, quiz_id: str) -> Quiz | None:
    """The quiz as it was asked, where the source says; `id@hash` is one version."""
    return report.quizzes.get(quiz_id) or report.quizzes.get(quiz_id.split("@")[0])


def quiz_item(report: Report, quiz_id: str, item_id: str) -> Item | None:
    """The item as it was asked, where the source says."""
    quiz = find_quiz(report, quiz_id)
    return next((i for i in quiz.items if i.item_id == item_id), None) if quiz else None


def item_topic(report: Report, row: ItemFigures, language: str) -> str:
    """What an item is about, in two or three words."""
    item = quiz_item(report, row.quiz_id, row.item)
    topic = item.topic if item else "other"
    if not row.signal:
        return message(f"report.topics.{topic}", language)
    signal = message(f"report.signals.{row.signal}", language)
    return message(f"report.offers.{topic if topic in _OFFERS else 'other'}", language, signal=signal)


def item_names(report: Report, language: str) -> dict[Place, str]:
    """Who speaks or how an item begins: as short as tells the items of one topic apart."""
    rows = {(row.quiz_id, row.item): item_topic(report, row, language) for row in report.figures.items}
    names: dict[Place, str] = {}
    for limit in LENGTHS:
        for place in _shared(rows, names):
            names[place] = _beginning(report, place, language, limit)
    for place in _shared(rows, names):
        names[place] = f"{names[place]}, {' '.join(place)}"
    return names


def _shared(topics: dict[Place, str], names: dict[Place, str]) -> list[Place]:
    """Items without a name, or with the topic and the name of another."""
    seen = Counter((topics[place], name) for place, name in names.items())
    return [place for place in topics if place not in names or seen[topics[place], names[place]] > 1]


def item_labels(report: Report, language: str, *, ids: bool = False) -> dict[Place, str]:
    """Topic and name of every item: `fraudulent job offer (HR Nadia)`; `ids` adds the id of the item."""
    names, labels = item_names(report, language), {}
    for row in report.figures.items:
        who = names[row.quiz_id, row.item]
        if ids and row.item not in who:
            who = f"{who}; {row.item}"
        what = item_topic(report, row, language)
        labels[row.quiz_id, row.item] = message("report.item_label", language, what=what, who=who)
    return labels


def _beginning(report: Report, place: Place, language: str, limit: int) -> str:
    item = quiz_item(report, *place)
    if item is None:
        return place[1]
    if item.scenario is not None and item.kind in ("offer", "spot"):
        return shortened(item.scenario.sender.in_(language), limit)
    return f"“{shortened(item.stem.in_(language), limit)}”"


def squeezed(name: str, limit: int = 38) -> str:
    """A long name without its middle: places of one district often begin alike."""
    if len(name) <= limit:
        return name
    half = (limit - 1) // 2
    return f"{name[:half].rstrip()}…{name[-half:].lstrip()}"


def shortened(text: str, limit: int) -> str:
    """The first words of a text, within a limit of letters."""
    plain = " ".join(PICTURES.sub("", text).split())
    if len(plain) <= limit:
        return plain
    whole = plain[:limit].rsplit(" ", 1)[0] if " " in plain[:limit] else plain[: limit - 1]
    return whole.rstrip(" ,.;:·–-(“") + "…"

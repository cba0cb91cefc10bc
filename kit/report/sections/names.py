"""Short names of items that a person recognises: what an item is about, and who speaks or how it begins."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final, Protocol

from kit.quiz.model import PHRASE, Item, Quiz
from kit.report.sections.base import View
from kit.report.sections.item_figures import ItemRef
from kit.report.sections.spoken import long_date

PICTURES: Final = re.compile("[\u2600-\u27bf\u2b00-\u2bff\ufe00-\ufe0f\u200d\u20e3\U0001f000-\U000fffff]+")
"""Emoji and the marks that join them: they name nothing, and no font is sure to have them."""
LENGTHS: Final = (24, 34, 46, 60)
"""Letters of a name, and of those that would be the name of two items."""
_OFFERS: Final = ("scam-job", "nonprocedural", "trafficking", "smuggling", "travel-offer")


class Asked(Protocol):
    """What a name of an item is made from."""

    @property
    def quiz_id(self) -> str:
        """The quiz."""

    @property
    def item(self) -> str:
        """The item."""

    @property
    def signal(self) -> str | None:
        """What an offer is."""


def _asked(view: View) -> tuple[Asked, ...]:
    """The items of the report."""
    found: tuple[Asked, ...] = view.figures.parts["items"]
    return found


def find_quiz(view: View, quiz_id: str) -> Quiz | None:
    """The quiz as it was asked, where the source says; `id@hash` is one version."""
    return view.quizzes.get(quiz_id) or view.quizzes.get(quiz_id.split("@")[0])


def quiz_item(view: View, quiz_id: str, item_id: str) -> Item | None:
    """The item as it was asked, where the source says."""
    quiz = find_quiz(view, quiz_id)
    return next((i for i in quiz.items if i.item_id == item_id), None) if quiz else None


def quiz_people(view: View, quiz_id: str) -> str:
    """Whose quiz it is, in a word: the audience, where the source says."""
    quiz = find_quiz(view, quiz_id)
    return ", ".join(view.say(f"audiences.{name}") for name in quiz.audience) if quiz else quiz_id


def item_topic(view: View, row: Asked) -> str:
    """What an item is about, in two or three words."""
    item = quiz_item(view, row.quiz_id, row.item)
    topic = item.topic if item else "other"
    if not row.signal:
        return view.say(f"topics.{topic}")
    signal = view.say(f"signals.{row.signal}")
    return view.say(f"offers.{topic if topic in _OFFERS else 'other'}", signal=signal)


def item_names(view: View) -> dict[ItemRef, str]:
    """Who speaks or how an item begins: as short as tells the items of one topic apart."""
    rows = {(row.quiz_id, row.item): item_topic(view, row) for row in _asked(view)}
    names: dict[ItemRef, str] = {}
    for limit in LENGTHS:
        for place in _shared(rows, names):
            names[place] = _beginning(view, place, limit)
    for place in _shared(rows, names):
        names[place] = f"{names[place]}, {' '.join(place)}"
    return names


def _shared(topics: dict[ItemRef, str], names: dict[ItemRef, str]) -> list[ItemRef]:
    """Items without a name, or with the topic and the name of another."""
    seen = Counter((topics[place], name) for place, name in names.items())
    return [place for place in topics if place not in names or seen[topics[place], names[place]] > 1]


def item_labels(view: View, *, ids: bool = False, longest: int | None = None) -> dict[ItemRef, str]:
    """Topic and name of every item: `fraudulent job offer (HR Nadia)`; `ids` adds the id of the item.

    Names of at most `longest` letters may be those of two items.
    """
    names, labels = {} if longest else item_names(view), {}
    for row in _asked(view):
        place = row.quiz_id, row.item
        who = _beginning(view, place, longest) if longest else names[place]
        if ids and row.item not in who:
            who = f"{who}; {row.item}"
        what = item_topic(view, row)
        labels[row.quiz_id, row.item] = view.say("item_label", what=what, who=who)
    return labels


def _beginning(view: View, place: ItemRef, limit: int) -> str:
    item = quiz_item(view, *place)
    if item is None:
        return place[1]
    if item.scenario is not None and item.kind in ("offer", "spot"):
        return shortened(item.scenario.sender.in_(view.language), limit)
    return f"“{shortened(item.stem.in_(view.language), limit)}”"


def session_name(view: View, code: str) -> str:
    """A session as people know it: by its day, and its code where the day alone may be another's."""
    held_on = next((one.held_on for one in view.figures.sessions if one.code == code), "")
    return f"{long_date(held_on, view.language)} · {code}" if held_on else code


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


def item_excerpt(view: View, row: Asked, limit: int = 90) -> str:
    """The start of what was asked: the scenario of an offer, else the stem."""
    item = quiz_item(view, row.quiz_id, row.item)
    if item is None:
        return item_topic(view, row)
    if item.scenario is not None and item.kind in ("offer", "spot"):
        text = f"{item.scenario.sender.in_(view.language)}: {item.scenario.text.in_(view.language)}"
    else:
        text = item.stem.in_(view.language)
    return shortened(PHRASE.sub(r"\2", text), limit)


def option_text(view: View, row: Asked, choice: str) -> str:
    """An option in words: its own text where the quiz is known."""
    return key_text(view, row.quiz_id, row.item, choice)


def key_text(view: View, quiz_id: str, item_id: str, choice: str) -> str:
    """Chosen options of an item in words, joined by +."""
    if choice in ("fraud", "genuine", "unsure", "right", "wrong", "*"):
        return view.say(f"options.{choice}")
    item = quiz_item(view, quiz_id, item_id)
    texts = {o.option_id: o.text.in_(view.language) for o in item.options} if item else {}
    return " + ".join(texts.get(part, part) for part in choice.split("+"))

"""The quiz: items, forms, and the one view of them that participants may see."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from kit.text import message

KINDS: Final = ("offer", "choice", "multi", "spot", "likert")
SIGNALS: Final = ("fraud", "genuine")
AUDIENCES: Final = ("student", "teacher", "principal", "resident")
DESIGNS: Final = ("counterbalanced", "same")
CHANNELS: Final = (
    "whatsapp", "telegram", "instagram", "tiktok", "facebook",
    "marketplace", "email", "poster", "talk", "document",
)  # fmt: skip
TOPICS: Final = (
    "nonprocedural", "trafficking", "smuggling", "scam-job", "travel-offer", "safe-route", "getting-help",
)  # fmt: skip
UNSURE: Final = "unsure"
LIKERT: Final = ("1", "2", "3", "4", "5")
PHRASE: Final = re.compile(r"\[\[([^|\[\]]+)\|([^\[\]]+)\]\]")


@dataclass(frozen=True)
class Text:
    """The same words in Indonesian and English."""

    id: str
    en: str

    def in_(self, language: str) -> str:
        """The words in one language, Indonesian unless English is asked for."""
        return self.en if language == "en" else self.id

    def to_dict(self) -> dict[str, str]:
        """`{id, en}`."""
        return {"id": self.id, "en": self.en}


@dataclass(frozen=True)
class Option:
    """One choice of an item."""

    option_id: str
    text: Text


@dataclass(frozen=True)
class Scenario:
    """The message or vignette an item is about, and who seems to speak."""

    channel: str
    sender: Text
    text: Text
    image: str | None = None
    alt: Text | None = None

    def phrases(self) -> tuple[Option, ...]:
        """The marked phrases `[[a|words]]`, in the order of the Indonesian text."""
        english = dict(PHRASE.findall(self.text.en))
        found = PHRASE.findall(self.text.id)
        return tuple(Option(name, Text(words, english.get(name, words))) for name, words in found)


@dataclass(frozen=True)
class Item:
    """One scored unit, poll or attitude statement."""

    item_id: str
    kind: str
    topic: str
    stem: Text
    signal: str | None = None
    twin: str | None = None
    scenario: Scenario | None = None
    own_options: tuple[Option, ...] = ()
    own_key: tuple[str, ...] = ()
    rationale: Text | None = None
    sources: tuple[str, ...] = ()

    @property
    def scored(self) -> bool:
        """Whether the kind can be right or wrong (an attitude statement cannot)."""
        return self.kind != "likert"

    @cached_property
    def key(self) -> frozenset[str]:
        """The right option ids; for an offer its signal, for an attitude statement nothing."""
        if self.kind == "offer":
            return frozenset({self.signal or ""})
        return frozenset(self.own_key)

    @cached_property
    def options(self) -> tuple[Option, ...]:
        """The options as participants get them, built-in ones included."""
        if self.kind == "likert":
            return tuple(Option(number, _built_in(f"likert_{number}")) for number in LIKERT)
        if self.kind == "offer":
            chosen = tuple(Option(signal, _built_in(signal)) for signal in SIGNALS)
        elif self.kind == "spot":
            chosen = self.scenario.phrases() if self.scenario else ()
        else:
            chosen = self.own_options
        return (*chosen, Option(UNSURE, _built_in(UNSURE)))

    @cached_property
    def option_ids(self) -> frozenset[str]:
        """Ids of all options, built-in ones included."""
        return frozenset(option.option_id for option in self.options)

    def accepts(self, choice: Iterable[str]) -> bool:
        """Whether a choice could come from an honest page: known ids, one unless several are allowed."""
        chosen = list(choice)
        if not chosen or len(set(chosen)) != len(chosen) or not self.option_ids.issuperset(chosen):
            return False
        return len(chosen) == 1 or (self.kind in ("multi", "spot") and UNSURE not in chosen)

    def public(self, language: str) -> dict[str, Any]:
        """What a participant may see: no key, rationale, signal, topic, twin or sources."""
        return {
            "item_id": self.item_id,
            "kind": self.kind,
            "scenario": None if self.scenario is None else _public_scenario(self.scenario, language),
            "stem": self.stem.in_(language),
            "options": [{"option_id": o.option_id, "text": o.text.in_(language)} for o in self.options],
        }

    def to_dict(self) -> dict[str, Any]:
        """The item as its YAML form, absent fields left out."""
        full: dict[str, Any] = {
            "item_id": self.item_id,
            "kind": self.kind,
            "signal": self.signal,
            "topic": self.topic,
            "twin": self.twin,
            "scenario": None if self.scenario is None else _scenario_dict(self.scenario),
            "stem": self.stem.to_dict(),
            "options": [{"option_id": o.option_id, "text": o.text.to_dict()} for o in self.own_options],
            "key": list(self.own_key),
            "rationale": self.rationale and self.rationale.to_dict(),
            "sources": list(self.sources),
        }
        return {name: value for name, value in full.items() if value not in (None, [])}


@dataclass(frozen=True)
class Quiz:
    """One authored file; identity is `quiz_id` with the sha256 of its canonical JSON."""

    quiz_id: str
    title: Text
    audience: tuple[str, ...]
    reviewed_on: str
    design: str
    forms: Mapping[str, tuple[str, ...]]
    polls: tuple[str, ...]
    likert: tuple[str, ...]
    items: tuple[Item, ...]

    @cached_property
    def _by_id(self) -> dict[str, Item]:
        return {item.item_id: item for item in self.items}

    def item(self, item_id: str) -> Item:
        """The item with an id. Raises KeyError."""
        return self._by_id[item_id]

    def form_items(self, form: str) -> tuple[Item, ...]:
        """The scored items of a form, in order. Raises KeyError."""
        return tuple(self._by_id[item_id] for item_id in self.forms[form])

    def wave_items(self, form: str) -> tuple[Item, ...]:
        """What a participant answers in a wave: the form's scored items, then the attitude statements."""
        return self.form_items(form) + tuple(self._by_id[item_id] for item_id in self.likert)

    def public(self, item_ids: Iterable[str], language: str) -> list[dict[str, Any]]:
        """The only view of items that leaves for participants before the results."""
        return [self._by_id[item_id].public(language) for item_id in item_ids]

    def to_dict(self) -> dict[str, Any]:
        """The quiz as plain data; `quiz_from_dict` reads it back."""
        return {
            "quiz_id": self.quiz_id,
            "title": self.title.to_dict(),
            "audience": list(self.audience),
            "reviewed_on": self.reviewed_on,
            "design": self.design,
            "forms": {name: list(ids) for name, ids in self.forms.items()},
            "polls": list(self.polls),
            "likert": list(self.likert),
            "items": [item.to_dict() for item in self.items],
        }

    def canonical_json(self) -> str:
        """The quiz as JSON with sorted keys and no spaces: equal quizzes, equal bytes."""
        return json.dumps(self.to_dict(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @cached_property
    def sha256(self) -> str:
        """Hex digest of the canonical JSON."""
        return hashlib.sha256(self.canonical_json().encode()).hexdigest()


def quiz_from_dict(plain: Mapping[str, Any]) -> Quiz:
    """Rebuild a quiz from `Quiz.to_dict()` (a snapshot in the store or a bundle, already validated)."""
    return Quiz(
        quiz_id=plain["quiz_id"],
        title=Text(**plain["title"]),
        audience=tuple(plain["audience"]),
        reviewed_on=str(plain["reviewed_on"]),
        design=plain["design"],
        forms={name: tuple(ids) for name, ids in plain["forms"].items()},
        polls=tuple(plain.get("polls", ())),
        likert=tuple(plain.get("likert", ())),
        items=tuple(_item_from_dict(item) for item in plain["items"]),
    )


def _item_from_dict(plain: Mapping[str, Any]) -> Item:
    scenario, rationale = plain.get("scenario"), plain.get("rationale")
    return Item(
        item_id=plain["item_id"],
        kind=plain["kind"],
        topic=plain["topic"],
        stem=Text(**plain["stem"]),
        signal=plain.get("signal"),
        twin=plain.get("twin"),
        scenario=None if scenario is None else _scenario_from_dict(scenario),
        own_options=tuple(Option(o["option_id"], Text(**o["text"])) for o in plain.get("options", ())),
        own_key=tuple(plain.get("key", ())),
        rationale=None if rationale is None else Text(**rationale),
        sources=tuple(plain.get("sources", ())),
    )


def _scenario_from_dict(plain: Mapping[str, Any]) -> Scenario:
    alt = plain.get("alt")
    return Scenario(
        channel=plain["channel"],
        sender=Text(**plain["from"]),
        text=Text(**plain["text"]),
        image=plain.get("image"),
        alt=None if alt is None else Text(**alt),
    )


def _scenario_dict(scenario: Scenario) -> dict[str, Any]:
    full = {
        "channel": scenario.channel,
        "from": scenario.sender.to_dict(),
        "text": scenario.text.to_dict(),
        "image": scenario.image,
        "alt": scenario.alt and scenario.alt.to_dict(),
    }
    return {name: value for name, value in full.items() if value is not None}


def _public_scenario(scenario: Scenario, language: str) -> dict[str, Any]:
    return {
        "channel": scenario.channel,
        "from": scenario.sender.in_(language),
        "text": scenario.text.in_(language),
        "image": None if scenario.image is None else f"/images/{scenario.image}",
        "alt": None if scenario.alt is None else scenario.alt.in_(language),
    }


def _built_in(name: str) -> Text:
    return Text(message(f"quiz.options.{name}", "id"), message(f"quiz.options.{name}", "en"))

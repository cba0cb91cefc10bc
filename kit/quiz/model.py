"""The quiz: items, forms, and the one view of them that participants may see.

The classes are the schema: their field types say what a value may be, and `kit.quiz.schema` lets pydantic
hold a plain dictionary against them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Annotated, Any, ClassVar, Final

from pydantic import ConfigDict, Field, TypeAdapter

from kit.quiz import fields
from kit.quiz.vocabulary import CUES, LETTERS
from kit.study.choice import AGREEMENT, UNSURE
from kit.study.kinds import KINDS, Kind
from kit.study.wave import FOLLOWUP, POST, PRE
from kit.text import message

PHRASE: Final = re.compile(r"\[\[([^|\[\]]+)\|([^\[\]]+)\]\]")
_ANY: Final = f"[{''.join(LETTERS)}]"
# `E: …`, `C dan K: …`, `… tiga jari (A)`, `E, K, dan A terpenuhi`.
_NAMED: Final = re.compile(rf"(?<!\w)({_ANY}(?:(?:,|,? dan) {_ANY})*)(?=[:)]| terpenuhi)")
LISTS: Final = ("polls", "likert", "practice", "boosters", "behaviour")
"""The lists of item ids beside the forms; `plan` names a single item."""
_CLOSED: Final = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Text:
    """The same words in Indonesian and English."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    id: fields.Words
    en: fields.Words

    def in_(self, language: str) -> str:
        """The words in one language, Indonesian unless English is asked for."""
        return self.en if language == "en" else self.id

    def to_dict(self) -> dict[str, str]:
        """`{id, en}`."""
        return {"id": self.id, "en": self.en}


@dataclass(frozen=True)
class Option:
    """One choice of an item."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    option_id: fields.Identifier
    text: Text


@dataclass(frozen=True)
class Scenario:
    """The message or vignette an item is about, and who seems to speak."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    channel: fields.Channel
    sender: Annotated[Text, Field(alias="from")]
    text: Text
    image: fields.Words | None = None
    alt: Text | None = None

    def phrases(self) -> tuple[Option, ...]:
        """The marked phrases `[[a|words]]`, in the order of the Indonesian text."""
        english = dict(PHRASE.findall(self.text.en))
        found = PHRASE.findall(self.text.id)
        return tuple(Option(name, Text(words, english.get(name, words))) for name, words in found)


@dataclass(frozen=True)
class Cues:
    """The author's plan of an offer: what goes with it, and what settles it. Never public."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    check: fields.CheckCue
    urgency: fields.UrgencyCue
    money: fields.MoneyCue
    polish: fields.PolishCue
    reassurance: fields.ReassuranceCue
    doubt: fields.DoubtCue
    length: fields.LengthCue
    decisive: fields.Decisive
    setting: fields.Setting | None = None

    def to_dict(self) -> dict[str, Any]:
        """The cues as their YAML form."""
        plain = {name: getattr(self, name) for name in CUES} | {"decisive": list(self.decisive)}
        return plain | ({"setting": self.setting} if self.setting else {})


@dataclass(frozen=True)
class Item:
    """One scored unit, poll, attitude statement, plan or question about behaviour."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    item_id: fields.Identifier
    kind: fields.KindName
    topic: fields.Topic
    stem: Text
    signal: fields.Signal | None = None
    twin: fields.Words | None = None
    scenario: Scenario | None = None
    own_options: Annotated[tuple[Option, ...], Field(alias="options")] = ()
    own_key: Annotated[fields.Ids, Field(alias="key")] = ()
    rationale: Text | None = None
    sources: fields.Ids = ()
    several: bool = False
    difficulty: tuple[fields.Rating, fields.Rating] | None = None
    cues: Cues | None = None

    @property
    def row(self) -> Kind:
        """What the table of kinds says of this item's kind."""
        return KINDS[self.kind]

    @property
    def scored(self) -> bool:
        """Whether the kind can be right or wrong (an attitude statement cannot)."""
        return self.row.scored

    @property
    def takes_several(self) -> bool:
        """Whether more than one option may be chosen."""
        return self.row.several or self.several

    @property
    def expected_difficulty(self) -> float | None:
        """The mean of the two ratings, 1 (easy) to 5."""
        return None if self.difficulty is None else sum(self.difficulty) / 2

    @cached_property
    def key(self) -> frozenset[str]:
        """The right option ids; for an offer its signal, for an unscored kind nothing."""
        if self.kind == "offer":
            return frozenset({self.signal or ""})
        return frozenset(self.own_key)

    @cached_property
    def letters(self) -> tuple[str, ...]:
        """The checks of C-E-K-A-L that the rationale names, in its order."""
        said = _NAMED.findall(self.rationale.id) if self.rationale else []
        return tuple(dict.fromkeys(letter for run in said for letter in run if letter in LETTERS))

    @cached_property
    def options(self) -> tuple[Option, ...]:
        """The options as participants get them: the author's own, then the built-in ones."""
        chosen = self.own_options if self.row.own_options else ()
        if self.row.phrases and self.scenario:
            chosen = self.scenario.phrases()
        return (*chosen, *(Option(name, _built_in(self.kind, name)) for name in self.row.built_in))

    @cached_property
    def option_ids(self) -> frozenset[str]:
        """Ids of all options, built-in ones included."""
        return frozenset(option.option_id for option in self.options)

    def accepts(self, choice: Iterable[str]) -> bool:
        """Whether a choice could come from an honest page: known ids, one unless several are allowed."""
        chosen = list(choice)
        if not chosen or len(set(chosen)) != len(chosen) or not self.option_ids.issuperset(chosen):
            return False
        return len(chosen) == 1 or (self.takes_several and UNSURE not in chosen)

    def public(self, language: str) -> dict[str, Any]:
        """What a participant may see: no key, rationale, signal, topic, twin, sources, cues or difficulty."""
        shown = {
            "item_id": self.item_id,
            "kind": self.kind,
            "scenario": None if self.scenario is None else _public_scenario(self.scenario, language),
            "stem": self.stem.in_(language),
            "options": [{"option_id": o.option_id, "text": o.text.in_(language)} for o in self.options],
        }
        # Kinds say for themselves whether they take several; only where an item decides it is it sent.
        return shown | {"several": True} if self.several else shown

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
            "several": self.several or None,
            "difficulty": self.difficulty and list(self.difficulty),
            "cues": self.cues and self.cues.to_dict(),
        }
        return {name: value for name, value in full.items() if value not in (None, [])}


@dataclass(frozen=True)
class Quiz:
    """One authored file; identity is `quiz_id` with the sha256 of its canonical JSON."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    quiz_id: fields.Identifier
    title: Text
    audience: fields.Audiences
    reviewed_on: fields.Day
    design: fields.Design
    forms: Mapping[str, fields.Ids]
    items: tuple[Item, ...]
    polls: fields.Ids = ()
    likert: fields.Ids = ()
    practice: fields.Ids = ()
    boosters: fields.Ids = ()
    plan: fields.Words | None = None
    behaviour: fields.Ids = ()

    @cached_property
    def _by_id(self) -> dict[str, Item]:
        return {item.item_id: item for item in self.items}

    def item(self, item_id: str) -> Item:
        """The item with an id. Raises KeyError."""
        return self._by_id[item_id]

    def form_items(self, form: str) -> tuple[Item, ...]:
        """The scored items of a form, in order. Raises KeyError."""
        return tuple(self._by_id[item_id] for item_id in self.forms[form])

    def wave_items(self, form: str, wave: str = PRE) -> tuple[Item, ...]:
        """What a participant answers in a wave: the form's scored items, then what is never scored.

        Last come the plan after the session and the questions about behaviour weeks later: so the scored
        items are asked the same way every time.
        """
        later = {POST: (self.plan,) if self.plan else (), FOLLOWUP: self.behaviour}
        unscored = (*self.likert, *later.get(wave, ()))
        return self.form_items(form) + tuple(self._by_id[item_id] for item_id in unscored)

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
        } | self._later_lists()

    def _later_lists(self) -> dict[str, Any]:
        """Lists younger than the first sessions; empty ones are left out, so old hashes hold."""
        later = {
            "practice": list(self.practice),
            "boosters": list(self.boosters),
            "plan": self.plan,
            "behaviour": list(self.behaviour),
        }
        return {name: value for name, value in later.items() if value}

    @cached_property
    def lists(self) -> dict[str, tuple[str, ...]]:
        """Every list of item ids by its place in the file, forms first."""
        named = {f"forms.{name}": ids for name, ids in self.forms.items()}
        named |= {name: getattr(self, name) for name in LISTS}
        return named | {"plan": (self.plan,) if self.plan else ()}

    def offers(self, place: str) -> tuple[Item, ...]:
        """The offer items of a list of `lists`, in order."""
        return tuple(item for i in self.lists[place] if (item := self._by_id[i]).kind == "offer")

    @cached_property
    def bank(self) -> tuple[Item, ...]:
        """The offers that stand in no list, kept to assemble other forms from."""
        used = {item_id for ids in self.lists.values() for item_id in ids}
        return tuple(item for item in self.items if item.kind == "offer" and item.item_id not in used)

    def canonical_json(self) -> str:
        """The quiz as JSON with sorted keys and no spaces: equal quizzes, equal bytes."""
        return json.dumps(self.to_dict(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @cached_property
    def sha256(self) -> str:
        """Hex digest of the canonical JSON."""
        return hashlib.sha256(self.canonical_json().encode()).hexdigest()


@cache
def quiz_schema() -> TypeAdapter[Quiz]:
    """The schema of a quiz, built at first use: it takes longer than reading a quiz."""
    return TypeAdapter(Quiz)


def quiz_from_dict(plain: Mapping[str, Any]) -> Quiz:
    """Rebuild a quiz from `Quiz.to_dict()`: a snapshot in the store or a bundle, whose ids were checked once.

    Raises ValueError where it does not have the shape of a quiz.
    """
    return quiz_schema().validate_python(plain)


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


def _built_in(kind: str, option_id: str) -> Text:
    name = f"likert_{option_id}" if option_id in AGREEMENT else option_id
    if (kind, option_id) == ("offer", UNSURE):
        # An offer asks for a decision, and one may be waiting for more.
        name = "unsure_offer"
    return Text(message(f"quiz.options.{name}", "id"), message(f"quiz.options.{name}", "en"))

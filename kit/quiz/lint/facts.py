"""Rules about facts: every item rests on facts of `sources.yaml`, and a scored one on confirmed facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import yaml

from kit.quiz.lint.hit import Hit
from kit.quiz.model import Quiz
from kit.quiz.read import REGISTER

# Strings only: a date or `no` in a register is a word, not a value.
_WORDS_ONLY: Final[Any] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
FIELDS: Final = ("title", "reference", "date", "confidence")
CONFIRMED: Final = frozenset({"VERIFIED-L", "VERIFIED-W", "GUIDANCE"})
UNCONFIRMED: Final = frozenset({"CHECK", "MEMORY"})
REVIEW_DAYS: Final = 365


@dataclass(frozen=True)
class Facts:
    """The register of facts beside a quiz file; `entries` is None when there is no readable register."""

    path: Path
    entries: Mapping[str, Mapping[str, Any]] | None

    @classmethod
    def beside(cls, quiz_file: Path) -> Facts:
        """Read `sources.yaml` in the folder of a quiz file."""
        path = quiz_file.parent / REGISTER
        try:
            loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=_WORDS_ONLY)
        except (OSError, UnicodeDecodeError, yaml.YAMLError):
            return cls(path, None)
        return cls(path, loaded if isinstance(loaded, dict) else None)


def reviewed_old(quiz: Quiz, today: date) -> Iterator[Hit]:
    """Laws and numbers change: a quiz is reviewed every year."""
    reviewed = date.fromisoformat(quiz.reviewed_on)
    if (today - reviewed).days > REVIEW_DAYS:
        yield Hit("reviewed_old", "reviewed_on", {"reviewed_on": quiz.reviewed_on})
    elif reviewed > today:
        yield Hit("reviewed_ahead", "reviewed_on", {"reviewed_on": quiz.reviewed_on})


def item_facts(quiz: Quiz, facts: Facts) -> Iterator[Hit]:
    """Items name facts that exist; scored items only confirmed ones."""
    entries = facts.entries
    if entries is None:
        yield Hit("sources_file_missing", "items", {"file": REGISTER})
    scored = {item_id for ids in quiz.forms.values() for item_id in ids}
    for item in quiz.items:
        place = f"items.{item.item_id}.sources"
        if item.scored and not item.sources:
            yield Hit("sources_empty", place)
        for fact_id in item.sources if entries is not None else ():
            entry = (entries or {}).get(fact_id)
            if entry is None:
                yield Hit("source_unknown", place, {"fact_id": fact_id, "file": REGISTER})
            elif item.item_id in scored and _confidence(entry) in UNCONFIRMED:
                yield Hit("source_unconfirmed", place, {"fact_id": fact_id, "confidence": _confidence(entry)})


def item_superseded(quiz: Quiz, facts: Facts) -> Iterator[Hit]:
    """No item rests on a fact that another one has replaced."""
    for item in quiz.items:
        for fact_id in item.sources:
            by = superseded_by((facts.entries or {}).get(fact_id, {}))
            if by:
                place = f"items.{item.item_id}.sources"
                yield Hit("source_superseded", place, {"fact_id": fact_id, "by": by})


def superseded_by(entry: Mapping[str, Any]) -> str:
    """The fact ids that replaced an entry of the register, empty while it holds."""
    by = entry.get("superseded_by") if isinstance(entry, dict) else None
    return ", ".join(by) if isinstance(by, list) else str(by or "")


def fact_incomplete(facts: Facts) -> Iterator[Hit]:
    """A fact has its title, reference, date and a known confidence."""
    for fact_id, entry in (facts.entries or {}).items():
        fields = entry if isinstance(entry, dict) else {}
        missing = [name for name in FIELDS if not fields.get(name)]
        if not missing and _confidence(fields) not in CONFIRMED | UNCONFIRMED:
            missing = ["confidence"]
        if missing:
            yield Hit("fact_incomplete", fact_id, {"missing": ", ".join(missing)})


def _confidence(entry: Mapping[str, Any]) -> str:
    return str(entry.get("confidence", "")).strip() if isinstance(entry, dict) else ""

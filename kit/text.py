"""Words for people: every sentence a user reads comes from `kit/locale/<language>/<area>.yaml`."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import yaml

Language = Literal["id", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("id", "en")

# All control characters but tab and line feed, line separators, marks that turn the direction of what
# follows, half surrogates, and what XML forbids.
_UNTYPED: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_LOCALE = Path(__file__).parent / "locale"


@cache
def _area(language: str, area: str) -> dict[str, Any]:
    loaded = yaml.safe_load((_LOCALE / language / f"{area}.yaml").read_text(encoding="utf-8"))
    return loaded if isinstance(loaded, dict) else {}


def message(key: str, language: str = "id", /, **values: object) -> str:
    """Return the sentence `area.path.to.key` in a language, with `{name}` places filled in.

    Raises KeyError when no locale file holds the key: a missing sentence is a defect, not a fallback.
    """
    area, _, path = key.partition(".")
    node: Any = _area(language if language in LANGUAGES else "id", area)
    for part in path.split("."):
        node = node[part]
    if not isinstance(node, str):
        raise KeyError(key)
    return node.format(**values) if values else node


def plain_text(value: str) -> str:
    """Text without what no keyboard types: it breaks databases, spreadsheets, logs, charts and PDF."""
    return _UNTYPED.sub("", value)


def choose_language(wanted: str | None) -> Language:
    """Pick the first supported language of an Accept-Language-like text, else Indonesian."""
    for part in (wanted or "").split(","):
        tag = part.split(";")[0].strip().lower()[:2]
        if tag == "en":
            return "en"
        if tag in ("id", "in"):
            return "id"
    return "id"

"""Words for people: every sentence a user reads comes from `kit/locale/<language>/<area>.yaml`."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
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
# The parser in C, where PyYAML brings it, takes a tenth of the time: every start reads these files.
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def plain_yaml(path: Path) -> Any:
    """What a YAML file of the kit's own holds; those that people write are read by `kit.quiz.read`."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)


@cache
def _area(language: str, area: str) -> dict[str, Any]:
    loaded = plain_yaml(_LOCALE / language / f"{area}.yaml")
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


def sentences(area: str, **values: str) -> dict[Language, Any]:
    """All sentences of an area in both languages, as a page in a browser takes them.

    `values` are numbers that stand once elsewhere, such as `police`; places that the page fills stay.
    """
    return {language: _filled(_area(language, area), values) for language in LANGUAGES}


def _filled(node: Any, values: dict[str, str]) -> Any:
    if isinstance(node, dict):
        return {name: _filled(inside, values) for name, inside in node.items()}
    for name, value in values.items():
        node = node.replace(f"{{{name}}}", value)
    return node


def entries(key: str, language: str = "id") -> tuple[str, ...]:
    """The names below `area.path` in a locale file, in the order of the file. Raises KeyError if absent."""
    area, _, path = key.partition(".")
    node: Any = _area(language, area)
    for part in path.split("."):
        node = node[part]
    return tuple(node)


def plain_text(value: str) -> str:
    """Text without what no keyboard types: it breaks databases, spreadsheets, logs, charts and PDF."""
    return _UNTYPED.sub("", value)


def plain_parts(value: Any) -> Any:
    """A value with every text in it made plain, down to those in lists, dictionaries and dataclasses."""
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, dict):
        return {plain_parts(name): plain_parts(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(plain_parts(part) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: plain_parts(getattr(value, one.name)) for one in fields(value)})
    return value


def choose_language(wanted: str | None) -> Language:
    """Pick the first supported language of an Accept-Language-like text, else Indonesian."""
    for part in (wanted or "").split(","):
        tag = part.split(";")[0].strip().lower()[:2]
        if tag == "en":
            return "en"
        if tag in ("id", "in"):
            return "id"
    return "id"

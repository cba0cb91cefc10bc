"""Text from files of unknown origin, without what no report can carry."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

from kit.text import plain_text


def plain(value: Any) -> Any:
    """A value with every text in it made plain, down to those in lists, dictionaries and dataclasses."""
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, dict):
        return {plain(name): plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(plain(part) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: plain(getattr(value, field.name)) for field in fields(value)})
    return value

"""What every reader hands over: the plain dictionary an author wrote, and where each value of it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kit.quiz.fault import Fault

Steps = tuple[str | int, ...]
"""The way to a value: keys of dictionaries, numbers of list elements from 0."""


@dataclass(frozen=True)
class Authored:
    """One file as plain data; values are strings, lists and dictionaries, whatever the format.

    `lines` gives the line (of a sheet: the row) of each value by its steps; `faults` are those that only the
    reader of the format could see, such as a key written twice.
    """

    path: Path
    plain: Any
    lines: Mapping[Steps, int]
    faults: tuple[Fault, ...] = ()

    def line(self, steps: Steps) -> int:
        """The line of a value, else of the closest value around it."""
        while steps and steps not in self.lines:
            steps = steps[:-1]
        return self.lines.get(steps, 1)

    def fault(self, steps: Steps, key: str, **values: object) -> Fault:
        """A fault of the value at `steps`, with its line and a place people can read."""
        return Fault(self.path, self.line(steps), self.place(steps), key, tuple(values.items()))

    def place(self, steps: Steps) -> str:
        """`items.offer-01.stem.en`: elements go by their id where they have one, else by their number."""
        parts: list[str] = []
        for depth, step in enumerate(steps):
            if isinstance(step, str):
                parts.append(step)
            elif name := _own_id(self.at(steps[: depth + 1])):
                parts.append(name)
            elif parts:
                parts[-1] += f"[{step + 1}]"
        return ".".join(parts) or "quiz"

    def at(self, steps: Steps) -> Any:
        """The value at `steps`, None where there is none."""
        value = self.plain
        for step in steps:
            value = _inside(value, step)
        return value

    def under(self, steps: Steps) -> dict[str, Any]:
        """The dictionary at `steps`; an empty one where something else stands."""
        value = self.at(steps)
        return value if isinstance(value, dict) else {}

    def ids(self, steps: Steps) -> list[str]:
        """The texts of a list at `steps`, in order; elements that are no text are left out."""
        value = self.at(steps)
        return list(_texts(value)) if isinstance(value, list) else []

    def items(self) -> list[tuple[Steps, dict[str, Any]]]:
        """The items that are dictionaries, each with its steps."""
        value = self.at(("items",))
        found = enumerate(value if isinstance(value, list) else [])
        return [(("items", number), item) for number, item in found if isinstance(item, dict)]


def text_of(plain: Mapping[str, Any], name: str) -> str:
    """The text of a field; empty where it is absent or no text."""
    value = plain.get(name)
    return value.strip() if isinstance(value, str) else ""


def _texts(values: Iterable[Any]) -> Iterable[str]:
    return (value.strip() for value in values if isinstance(value, str))


def _own_id(element: Any) -> str:
    if not isinstance(element, dict):
        return ""
    return text_of(element, "item_id") or text_of(element, "option_id")


def _inside(value: Any, step: str | int) -> Any:
    if isinstance(step, str):
        return value.get(step) if isinstance(value, dict) else None
    return value[step] if isinstance(value, list) and step < len(value) else None

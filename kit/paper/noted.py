"""The sheet "offers I have heard of": where its bubbles are.

It carries a number and no personal code, so that nobody's answers can be put beside what they have heard.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from kit.paper.geometry import NOTE_SCHEME, Bubble, Row
from kit.study.sighting import LISTS, SIGN, SIGNS

NOTE: Final = "sighting"
"""What stands in place of a wave at a sheet of offers."""
_FIRST: Final = 72.0
_PITCH: Final = 7.6
_HEADING: Final = 9.4
_COLUMNS: Final = (24.0, 83.0, 142.0)
_RADIUS: Final = 2.6


def list_values() -> dict[str, tuple[str, ...]]:
    """The lists in the order in which phones ask them: the signs before the last."""
    *names, last = LISTS
    return {**{name: LISTS[name] for name in names}, SIGN: SIGNS, last: LISTS[last]}


def note_rows() -> tuple[Row, ...]:
    """The rows of the sheet: a list takes as many as it needs, each named after its list."""
    return tuple(_rows())


def _rows() -> Iterator[Row]:
    y, number = _FIRST, 0
    for name, values in list_values().items():
        for start in range(0, len(values), len(_COLUMNS)):
            some = zip(values[start : start + len(_COLUMNS)], _COLUMNS, strict=False)
            number += 1
            bubbles = tuple(Bubble(name, value, x, round(y, 2), _RADIUS) for value, x in some)
            yield Row(number, name, several=name == SIGN, y=round(y, 2), bubbles=bubbles)
            y += _PITCH
        y += _HEADING


def note_text(code: str, number: str) -> str:
    """What the QR code of a sheet says."""
    return f"{NOTE_SCHEME}/{code}/{number}"


def shown_lists(say: Any) -> list[dict[str, Any]]:
    """The lists with their rows as they are printed; `say` is asked for each sentence."""
    rows = note_rows()
    return [
        {
            "name": say(f"page.later.sight.{name}"),
            "several": name == SIGN,
            "y": next(row.y for row in rows if row.item_id == name),
            "rows": [
                {
                    "y": row.y,
                    "bubbles": [
                        {"x": b.x, "y": b.y, "r": b.r, "text": say(f"sighting.{name}.{b.option_id}")}
                        for b in row.bubbles
                    ],
                }
                for row in rows
                if row.item_id == name
            ],
        }
        for name in list_values()
    ]

"""Where everything stands on an answer sheet, in millimetres from its upper left corner.

Printing and reading both ask here, so this is the format of `KIT1` sheets: change it only with that number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kit.errors import BadRequest

PAGE: Final = (210.0, 297.0)
MARKERS: Final = ((17.0, 17.0), (193.0, 17.0), (193.0, 280.0), (17.0, 280.0))
"""Centres of the ArUco markers 0–3 (DICT_4X4_50), clockwise from the upper left."""
MARKER_SIDE: Final = 12.0
# The dictionary's own bits, a row a number: printing needs no OpenCV.
MARKER_BITS: Final = (
    (0b1011, 0b0101, 0b0011, 0b0010),
    (0b0000, 0b1111, 0b1001, 0b1010),
    (0b0011, 0b0011, 0b0010, 0b1101),
    (0b1001, 0b1001, 0b0100, 0b0110),
)
QR: Final = (148.0, 11.0, 32.0)
"""Left, top and side of the QR code, its quiet zone not counted."""
GUIDES: Final = (12.0, 198.0)
"""Centres of the small squares at both ends of each row: they tell how the paper is bent there."""
GUIDE_SIDE: Final = 3.0
FIRST_ROW: Final = 66.0
LAST_ROW: Final = 262.0
MOST_PITCH: Final = 11.0
LEAST_PITCH: Final = 7.4
_FIRST_BUBBLE: Final = 46.0
_LAST_BUBBLE: Final = 186.0
_MOST_STEP: Final = 24.0
_MOST_RADIUS: Final = 3.1
MOST_ITEMS: Final = 1 + int((LAST_ROW - FIRST_ROW) / LEAST_PITCH)
SCHEME: Final = "KIT1"
BOOKLET_SCHEME: Final = "KITB"
NOTE_SCHEME: Final = "KITT"


@dataclass(frozen=True, slots=True)
class Bubble:
    """One bubble: its centre and radius."""

    item_id: str
    option_id: str
    x: float
    y: float
    r: float


@dataclass(frozen=True, slots=True)
class Row:
    """One item: its number on the sheet, its height and its bubbles."""

    number: int
    item_id: str
    several: bool
    y: float
    bubbles: tuple[Bubble, ...]


def rows_of(items: Sequence[Mapping[str, Any]], form: str = "") -> tuple[Row, ...]:
    """Place the items `{item_id, options, several}` of a sheet. Raises BadRequest when they are too many."""
    if len(items) > MOST_ITEMS:
        raise BadRequest("form_long", form=form, most=MOST_ITEMS)
    pitch = min(MOST_PITCH, (LAST_ROW - FIRST_ROW) / max(1, len(items) - 1))
    return tuple(_row(place, item, FIRST_ROW + place * pitch, pitch) for place, item in enumerate(items))


def _row(place: int, item: Mapping[str, Any], y: float, pitch: float) -> Row:
    options = item["options"]
    step = min(_MOST_STEP, (_LAST_BUBBLE - _FIRST_BUBBLE) / max(1, len(options) - 1))
    radius = round(min(_MOST_RADIUS, 0.36 * pitch, 0.28 * step), 2)
    bubbles = tuple(
        Bubble(item["item_id"], option_id, round(_FIRST_BUBBLE + n * step, 2), round(y, 2), radius)
        for n, option_id in enumerate(options)
    )
    return Row(place + 1, item["item_id"], bool(item["several"]), round(y, 2), bubbles)


def sheet_text(code: str, personal_code: str, wave: str, form: str, quiz: str) -> str:
    """What the QR code of a sheet says."""
    return "/".join((SCHEME, code, personal_code, wave, form, quiz))

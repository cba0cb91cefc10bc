"""Reading the bubbles of a sheet that was set upright: which are marked, which are in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np

from kit.paper.find import PX_PER_MM, Points
from kit.paper.geometry import GUIDE_SIDE, GUIDES, Bubble, Row
from kit.paper.noted import list_values, note_rows
from kit.paper.pictures import Gray
from kit.study.choice import UNSURE
from kit.study.sighting import SIGN

# Mean darkness inside a bubble, from 0 (the paper around it) to 1 (black). Between the two is doubt.
BLANK_BELOW: Final = 0.06
MARK_FROM: Final = 0.11
# A mark is at least this share as dark as the person's others; a smudge beside one is less than this.
_LIKE_OTHERS: Final = 0.4
_SMUDGE: Final = 0.16
_ENOUGH_MARKS: Final = 4
# Share of the radius that is looked at: inside of the printed ring.
_INSIDE: Final = 0.68
# What is only this much darker than paper is grain, not ink.
_GRAIN: Final = 0.10
_GUIDE_REACH: Final = 5.0


@dataclass(frozen=True, slots=True)
class Doubt:
    """A bubble that a person has to look at."""

    item_id: str
    option_id: str
    fill: float


@dataclass(frozen=True, slots=True)
class Marks:
    """What a sheet says; an item that nobody marked is in neither."""

    answers: dict[str, list[str]]
    doubts: list[Doubt]


@dataclass(frozen=True, slots=True)
class Note:
    """What is ticked on a sheet of offers; empty where a list was left blank."""

    told: dict[str, str]
    signs: list[str]
    is_clear: bool


def read_marks(upright: Gray, rows: Sequence[Row]) -> Marks:
    """Read the bubbles of an upright sheet."""
    return _judge(rows, _measure(upright, rows))


def read_note(upright: Gray) -> Note:
    """Read an upright sheet of offers. A list is judged as a whole, over all rows that it takes."""
    rows = note_rows()
    merged: dict[str, tuple[list[Bubble], list[float]]] = {name: ([], []) for name in list_values()}
    for row, fills in zip(rows, _measure(upright, rows), strict=True):
        merged[row.item_id][0].extend(row.bubbles)
        merged[row.item_id][1].extend(fills)
    lists = [Row(0, name, name == SIGN, 0.0, tuple(bubbles)) for name, (bubbles, _) in merged.items()]
    marks = _judge(lists, [fills for _, fills in merged.values()])
    told = {name: "".join(marks.answers.get(name, ())) for name in merged if name != SIGN}
    return Note(told, marks.answers.get(SIGN, []), not marks.doubts)


def _measure(upright: Gray, rows: Sequence[Row]) -> list[list[float]]:
    """How dark each bubble of each row is."""
    return [
        [_fill(upright, bubble, shift) for bubble in row.bubbles]
        for row, shift in zip(rows, _shifts(upright, rows), strict=True)
    ]


def _judge(rows: Sequence[Row], measured: Sequence[Sequence[float]]) -> Marks:
    usual = _usual([fill for fills in measured for fill in fills])
    answers: dict[str, list[str]] = {}
    doubts: list[Doubt] = []
    for row, fills in zip(rows, measured, strict=True):
        chosen, unclear = _decide(row, fills, usual)
        if unclear:
            doubts += [Doubt(row.item_id, b.option_id, round(fills[n], 3)) for n, b in unclear]
        elif chosen:
            answers[row.item_id] = chosen
    return Marks(answers, doubts)


def _usual(fills: Sequence[float]) -> float:
    """How dark this person's marks are; 0 where too few are there to tell."""
    marked = [fill for fill in fills if fill >= MARK_FROM]
    return float(np.median(marked)) if len(marked) >= _ENOUGH_MARKS else 0.0


def _decide(row: Row, fills: Sequence[float], usual: float) -> tuple[list[str], list[tuple[int, Bubble]]]:
    """The options chosen in a row, or the bubbles that leave it in doubt."""
    mark_from = max(MARK_FROM, _LIKE_OTHERS * usual)
    marked = [place for place, fill in enumerate(fills) if fill >= mark_from]
    # Beside a plain mark, what is very much lighter is a smudge; alone it may be somebody's faint mark.
    blank_below = min(MARK_FROM, max(BLANK_BELOW, _SMUDGE * usual)) if marked else BLANK_BELOW
    faint = [place for place, fill in enumerate(fills) if blank_below <= fill < mark_from]
    ids = [row.bubbles[place].option_id for place in marked]
    several = row.several and UNSURE not in ids
    if faint or (len(marked) > 1 and not several):
        return [], [(place, row.bubbles[place]) for place in sorted({*marked, *faint})]
    return ids, []


def _fill(upright: Gray, bubble: Bubble, shift: tuple[Points, Points]) -> float:
    """How dark the inside of a bubble is, against the paper beside it."""
    left, right = shift
    part = (bubble.x - GUIDES[0]) / (GUIDES[1] - GUIDES[0])
    x, y = np.array([bubble.x, bubble.y]) + (1 - part) * left + part * right
    reach = round(1.7 * bubble.r * PX_PER_MM)
    window = _window(upright, x, y, reach)
    inside = _disc(reach, _INSIDE * bubble.r * PX_PER_MM)
    dark = 1.0 - window[inside] / _paper(window, reach - int(1.25 * bubble.r * PX_PER_MM))[inside]
    return float(np.where(dark > _GRAIN, dark, 0.0).mean())


def _paper(window: Gray, rim: int) -> Points:
    """How bright blank paper would be everywhere in a window: its edges tell, also where a shadow ends."""
    edges = (window[:, :rim], window[:, -rim:], window[:rim], window[-rim:])
    left, right, top, bottom = (np.percentile(edge, 80) for edge in edges)
    slope = np.linspace(-0.6, 0.6, len(window))
    plane = (left + right + top + bottom) / 4 + (right - left) * slope + ((bottom - top) * slope)[:, None]
    return np.asarray(np.maximum(plane, 40.0), float)


def _window(upright: Gray, x: float, y: float, reach: int) -> Gray:
    column = min(max(round(x * PX_PER_MM), reach), upright.shape[1] - reach - 1)
    line = min(max(round(y * PX_PER_MM), reach), upright.shape[0] - reach - 1)
    return upright[line - reach : line + reach + 1, column - reach : column + reach + 1]


@cache
def _disc(reach: int, radius: float) -> Any:
    across, down = np.ogrid[-reach : reach + 1, -reach : reach + 1]
    return across**2 + down**2 <= radius**2


def _shifts(upright: Gray, rows: Sequence[Row]) -> list[tuple[Points, Points]]:
    """How far each row lies from its place at its left and right end: paper is folded and curled."""
    ends = [_smooth([_guide(upright, x, row.y) for row in rows]) for x in GUIDES]
    return list(zip(*ends, strict=True))


def _guide(upright: Gray, x: float, y: float) -> Points | None:
    """Where the guide of a row is, against its place; None where it cannot be seen."""
    reach = int(_GUIDE_REACH * PX_PER_MM)
    window = _window(upright, x, y, reach).astype(float)
    low, high = np.percentile(window, (3, 80))
    if high - low < 40:
        return None
    dark = window < (low + high) / 2
    area = dark.sum() / (GUIDE_SIDE * PX_PER_MM) ** 2
    if not 0.6 < area < 1.7:
        return None
    lines, columns = np.nonzero(dark)
    # A stray mark beside it would draw the centre away: a square is not wider than its side.
    if max(np.std(lines), np.std(columns)) > 0.45 * GUIDE_SIDE * PX_PER_MM:
        return None
    return (np.array([columns.mean(), lines.mean()]) - reach) / PX_PER_MM


def _smooth(found: Sequence[Points | None]) -> list[Points]:
    """Each guide's shift; one that was not seen is taken from those around it."""
    seen = [place for place, shift in enumerate(found) if shift is not None]
    if not seen:
        return [np.zeros(2) for _ in found]
    known = np.array([found[place] for place in seen], float)
    every = np.arange(len(found))
    return list(np.stack([np.interp(every, seen, known[:, axis]) for axis in (0, 1)], axis=1))

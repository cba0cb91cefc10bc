"""What may leave: groups and cells of a few people are withheld, and what would name them by itself.

That a withheld count cannot be worked out from the others is not decided here: published counts carry the
noise of `kit.report.publish.noise`. References: NCES SLDS Technical Brief 3 (2010); Hundepool et al.,
Statistical Disclosure Control (2012), chapter 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from kit.report.stats.paired import Numbers

SMALLEST: Final = {"public": 10, "internal": 5}
"""Groups below this many people are withheld, by reader of the report."""

NO_EXTREMES_BELOW: Final = 20
"""Below this many people a share of 0 or 1 is not printed (it would speak of every single one)."""

GroupName = tuple[str, str]


def withheld(sizes: Sequence[int], smallest: int) -> list[bool]:
    """Which members of a list with a published total are withheld.

    All below `smallest`; then the next smallest, until at least two are withheld and any one of them might
    hold `smallest` people while each of the others holds one. Example: 40, 12, 4 at 5 withholds 12 and 4.
    """
    hidden = [0 < size < smallest for size in sizes]
    if not any(hidden):
        return hidden
    order = sorted((i for i, size in enumerate(sizes) if not hidden[i] and size > 0), key=lambda i: sizes[i])
    for index in order:
        people = sum(size for size, h in zip(sizes, hidden, strict=True) if h)
        if sum(hidden) > 1 and people >= smallest + sum(hidden) - 1:
            break
        hidden[index] = True
    return hidden


def withheld_cells(counts: Numbers, smallest: int) -> Numbers:
    """The same for a table whose margins are known: one small cell, and the whole table is withheld.

    Margins leave little room in a table: a zero that is printed gives its neighbours away.
    Example: [[30, 3], [20, 25]] at 5 withholds all four cells.
    """
    return np.full(counts.shape, bool(((counts > 0) & (counts < smallest)).any()))


def bins_of_many(
    values: Numbers, counts: Numbers, smallest: int, width: int = 1
) -> list[tuple[int, int, int]]:
    """A distribution over whole numbers as bins `(first, last, people)` of `smallest` people or more.

    `values` ascend. Bins are `width` numbers wide, an odd number of them, and one lies around zero. Then the
    smallest bin joins the neighbour on its own side of zero where there is one, else the smaller one, until
    none is below `smallest`; none is left where everybody together are fewer. Example:
    -1, 0, 2, 3, 7 with 6, 9, 4, 3, 2 people at 5 become (-1, -1, 6), (0, 0, 9), (2, 7, 9).
    """
    bins: list[tuple[int, int, int]] = []
    for value, n in zip(values.tolist(), counts.tolist(), strict=True):
        first, last = _bin_of(value, width)
        before = bins.pop()[2] if bins and bins[-1][0] == first else 0
        bins.append((first, last, before + n))
    while len(bins) > 1 and min(n for _, _, n in bins) < smallest:
        at = min(range(len(bins)), key=lambda i: bins[i][2])
        beside = [i for i in (at - 1, at + 1) if 0 <= i < len(bins)]
        other = min(beside, key=lambda i: (_side(bins[i]) != _side(bins[at]), bins[i][2]))
        first, last = sorted((at, other))
        joined = (bins[first][0], bins[last][1], bins[first][2] + bins[last][2])
        bins[first : last + 1] = [joined]
    return bins if bins and bins[0][2] >= smallest else []


def _bin_of(value: int, width: int) -> tuple[int, int]:
    """First and last number of the bin that a number falls into."""
    middle, half = round(value / width) * width, width // 2
    return middle - half, middle + half


def _side(one: tuple[int, int, int]) -> int:
    """Below zero, at it or across it, above it."""
    return (one[0] > 0) - (one[1] < 0)


def printable_share(share: float | None, n: int) -> float | None:
    """A share that may be printed; None where everybody (or nobody) of a small group answered so."""
    return None if n < NO_EXTREMES_BELOW and share in (0.0, 1.0) else share


def is_small(n: float | None, smallest: int) -> bool:
    """Whether a count speaks of somebody, and of fewer than may be spoken of."""
    return n is not None and 0 < n < smallest

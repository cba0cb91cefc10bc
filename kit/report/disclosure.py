"""What may leave: small groups are withheld, and their neighbours too where they would give them away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from kit.report.stats.paired import Numbers

SMALLEST: Final = {"public": 10, "internal": 5}
"""Groups below this many people are withheld, by reader of the report."""

NO_EXTREMES_BELOW: Final = 20
"""Below this many people a share of 0 or 1 is not printed (it would speak of every single one)."""


def withheld(sizes: Sequence[int], smallest: int) -> list[bool]:
    """Which members of a list with a published total are withheld.

    All below `smallest`; and as long as the withheld ones together are fewer than `smallest` people or only
    one, also the next smallest, for total minus the others would give it away. Example: 40, 12, 4 at 5
    withholds 12 and 4.
    """
    hidden = [0 < size < smallest for size in sizes]
    if not any(hidden):
        return hidden
    order = sorted((i for i, size in enumerate(sizes) if not hidden[i] and size > 0), key=lambda i: sizes[i])
    for index in order:
        people = sum(size for size, h in zip(sizes, hidden, strict=True) if h)
        if sum(hidden) > 1 and people >= smallest:
            break
        hidden[index] = True
    return hidden


def withheld_cells(counts: Numbers, smallest: int) -> Numbers:
    """The same for a table with published margins: no row and no column is left with a single withheld cell.

    Example: [[30, 3], [20, 25]] at 5 withholds all four cells.
    """
    hidden = (counts > 0) & (counts < smallest)
    changed = bool(hidden.any())
    while changed:
        changed = False
        for lines, marks in ((counts, hidden), (counts.T, hidden.T)):
            for line, mark in zip(lines, marks, strict=True):
                if mark.sum() == 1 and (~mark & (line > 0)).any():
                    candidates = np.where(~mark & (line > 0), line, np.iinfo(np.int64).max)
                    mark[int(candidates.argmin())] = True
                    changed = True
    return hidden


def printable_share(share: float, n: int) -> float | None:
    """A share that may be printed; None where everybody (or nobody) of a small group answered so."""
    return None if n < NO_EXTREMES_BELOW and share in (0.0, 1.0) else share

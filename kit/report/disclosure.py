"""What may leave: small groups are withheld, and their neighbours too where they would give them away.

A group of fewer than k people is safe when everything that is published leaves room for k people in it. A
part of groups that nobody prints (the teachers of one school) is safe when there may also be nobody in it.
Both are asked of a linear program over all published sums at once, whichever groups a report prints, so that
two reports with different groups say no more than one. References: NCES SLDS Technical Brief 3 (2010);
Willenborg & de Waal, Elements of Statistical Disclosure Control (2001), on linked tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from kit.report.stats.paired import Numbers

SMALLEST: Final = {"public": 10, "internal": 5}
"""Groups below this many people are withheld, by reader of the report."""

NO_EXTREMES_BELOW: Final = 20
"""Below this many people a share of 0 or 1 is not printed (it would speak of every single one)."""

TRIALS: Final = 12
"""Neighbours tried one by one before simply the smallest is withheld."""

_NEAR: Final = 1e-6

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


def printable_share(share: float | None, n: int) -> float | None:
    """A share that may be printed; None where everybody (or nobody) of a small group answered so."""
    return None if n < NO_EXTREMES_BELOW and share in (0.0, 1.0) else share


def is_small(n: float | None, smallest: int) -> bool:
    """Whether a count speaks of somebody, and of fewer than may be spoken of."""
    return n is not None and 0 < n < smallest


@dataclass(frozen=True)
class Released:
    """Sums of cells that are known: each row of `rows` marks the cells of one sum (rows x cells, 0/1)."""

    rows: Any
    cells: Numbers

    def reach(self, target: Numbers, *, most: bool) -> float:
        """The largest (or least) sum over the target's cells that the known sums allow."""
        return float(target @ self._extreme(target, most=most))

    def _extreme(self, target: Numbers, *, most: bool) -> Numbers:
        from scipy.optimize import linprog

        cost = -target if most else target
        found = linprog(cost, A_eq=self.rows, b_eq=self.rows @ self.cells, bounds=(0, None), method="highs")
        return np.asarray(found.x if found.x is not None else self.cells, dtype=float)

    def empties(self, targets: Numbers) -> Numbers:
        """Which of the cells may all be empty, tried together and, where that fails, one by one."""
        left = targets.copy()
        while left.any():
            found = left & (self._extreme(left.astype(float), most=False) < _NEAR)
            if not found.any():
                break
            left &= ~found
        for cell in np.flatnonzero(left):
            one = np.zeros(len(left))
            one[cell] = 1.0
            left[cell] = self.reach(one, most=False) > _NEAR
        return targets & ~left


@dataclass(frozen=True)
class Groups:
    """Groups of cells that a report may print; `members` marks the cells of each (groups x cells)."""

    names: tuple[GroupName, ...]
    members: Numbers

    @classmethod
    def of(cls, labels: Mapping[str, Sequence[str]]) -> Groups:
        """Make groups from the labels of each cell, for each way of grouping."""
        names = [(by, name) for by, column in labels.items() for name in sorted(set(column))]
        columns = {by: np.asarray(column, dtype=object) for by, column in labels.items()}
        rows = [columns[by] == name for by, name in names]
        return cls(tuple(names), np.array(rows, dtype=bool).reshape(len(names), -1))

    def hidden(self, populations: Iterable[Numbers], smallest: int) -> frozenset[GroupName]:
        """The groups to withhold, given the people of each cell in every population that is printed."""
        known = [np.asarray(cells, dtype=float) for cells in populations]
        sizes = np.array([self.members @ cells for cells in known])
        shown: Numbers = np.asarray((sizes >= smallest).all(axis=0))
        for cells in known:
            self._hide(shown, cells, smallest)
        return frozenset(name for name, show in zip(self.names, shown, strict=True) if not show)

    def _released(self, shown: Numbers, cells: Numbers) -> Released:
        from scipy.sparse import csr_array

        rows = np.vstack([self.members[shown], np.ones((1, len(cells)), dtype=bool)])
        once = {row.tobytes(): i for i, row in enumerate(np.packbits(rows, axis=1))}
        return Released(csr_array(rows[sorted(once.values())].astype(float)), cells)

    def _hide(self, shown: Numbers, cells: Numbers, smallest: int) -> None:
        """Withhold more groups until nothing small is exposed; `shown` is changed in place."""
        whole = self.members.all(axis=1)
        while (target := self._exposed(shown, cells, smallest)) is not None:
            near = (self.members & target).any(axis=1) | self._siblings(target, shown)
            sizes = self.members @ cells
            able = [int(group) for group in np.flatnonzero(shown & ~whole)]
            if not able:
                return
            order = sorted(able, key=lambda g: (not near[g], sizes[g]))
            self._drop(shown, self._helpful(order[:TRIALS], shown, cells, target, smallest))

    def _siblings(self, target: Numbers, shown: Numbers) -> Numbers:
        """Groups of the same kind as a withheld group with just these cells."""
        same = (self.members == target).all(axis=1) & ~shown
        kinds = {by for (by, _), is_same in zip(self.names, same, strict=True) if is_same}
        return np.array([by in kinds for by, _ in self.names], dtype=bool)

    def _drop(self, shown: Numbers, group: int) -> None:
        """Withhold a group under all of its names: a site with one session is that session."""
        shown &= ~(self.members == self.members[group]).all(axis=1)

    def _helpful(
        self, order: Sequence[int], shown: Numbers, cells: Numbers, target: Numbers, smallest: int
    ) -> int:
        for group in order:
            trial = shown.copy()
            self._drop(trial, group)
            if not self._is_exposed(self._released(trial, cells), target, smallest):
                return group
        return order[0]

    def _is_exposed(self, released: Released, target: Numbers, smallest: int) -> bool:
        wanted = target.astype(float)
        if released.reach(wanted, most=True) >= smallest - _NEAR:
            return False
        return int(target.sum()) > 1 or released.reach(wanted, most=False) > _NEAR

    def _exposed(self, shown: Numbers, cells: Numbers, smallest: int) -> Numbers | None:
        """The cells of a withheld group, or one cell, that the printed sums do not leave in doubt."""
        released = self._released(shown, cells)
        sizes = self.members @ cells
        whole = self.members.all(axis=1)
        free = ~(self.members[shown & ~whole].any(axis=0))
        pool = float(cells[free].sum())
        for group in np.flatnonzero(~shown & (sizes > 0) & (sizes < smallest)):
            target = self.members[group]
            if pool >= smallest and (target & free).any():
                continue
            if released.reach(target.astype(float), most=True) < smallest - _NEAR:
                return np.asarray(target)
        small = (cells > 0) & (cells < smallest)
        if free.sum() > 1:
            small &= ~free
        for cell in np.flatnonzero(small & ~released.empties(small)):
            target = np.zeros(len(cells), dtype=bool)
            target[cell] = True
            if self._is_exposed(released, target, smallest):
                return target
        return None

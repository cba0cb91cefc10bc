"""The noise of what is published: a function of the sum of people's record keys and of nothing else.

A count is moved by the difference of two numbers drawn from 0 to its reach, so that its mean is the count
itself and values far away are rare: with a reach of five ±5 comes once in 36 draws each, no noise six times.
Zero stays zero, a count below ten is not told at all, and from ten on the reach is what is left above ten, at
most five: so no published count is below ten. Whoever sees 40 knows 35 to 45.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Final

import pandas as pd

from kit.bundle.layout import KEY
from kit.report.stats.distributions import Interval
from kit.report.stats.withholding import SMALLEST, is_small

K: Final = SMALLEST["public"]
REACH: Final = 5
"""No published count is further than this from the true one."""
TENTHS: Final = 10
"""A sum of scores is moved by up to five tenths of one person's full mark."""


def deviation(key: int, reach: int) -> int:
    """The noise of the people whose keys add up to `key`: -reach to reach, triangular, mean zero."""
    if reach <= 0:
        return 0
    digest = hashlib.blake2b(str(key).encode(), digest_size=16).digest()
    first, second = (int.from_bytes(half, "big") % (reach + 1) for half in (digest[:8], digest[8:]))
    return first - second


def protected_count(n: int, key: int) -> int | None:
    """A count as it is published; None below ten people. Example: 0 is 0, 7 is None, 40 is 35 to 45."""
    if is_small(n, K):
        return None
    return n + deviation(key, min(REACH, n - K)) if n else 0


@dataclass(frozen=True)
class People:
    """Some people of the cube: how many, and the sum of their keys."""

    n: int
    key: int

    @classmethod
    def of(cls, cells: pd.DataFrame) -> People:
        """The people of some cells."""
        return cls(int(cells["n"].sum()), int(cells[KEY].sum()))

    @property
    def count(self) -> int | None:
        """How many they are, as it is published."""
        return protected_count(self.n, self.key)

    def within(self, whole: People) -> int | None:
        """The same beside a published whole: None where the others would be fewer than ten."""
        return None if is_small(whole.n - self.n, K) else self.count

    def shift(self, salt: str, most: float) -> float:
        """By how much the mean score of these people is moved, in points of `most`.

        As if up to half of one person's full mark were added or taken away: all others together cannot work
        out what one of them scored. `salt` names the wave, so that a change is not told by two equal moves.
        """
        if not self.n:
            return 0.0
        drawn = int.from_bytes(hashlib.blake2b(f"{salt}{self.key}".encode(), digest_size=8).digest(), "big")
        return deviation(drawn, REACH) * most / TENTHS / self.n


def hundredth(value: float | None, most: float = 1.0) -> float | None:
    """A figure to a whole hundredth of `most`: shares of one, points of the full mark."""
    return None if value is None else round(round(100.0 * value / most) * most / 100.0, 9)


def share_of(part: People, whole: People) -> float | None:
    """A share of two protected counts, to a whole hundredth; None where either may not be told.

    Noise makes neither all nor nobody of them.
    """
    over, under = part.within(whole), whole.count
    if over is None or not under:
        return None
    if part.n in (0, whole.n):
        return part.n / whole.n
    return hundredth(min(0.99, max(0.01, over / under)))


def outward_hundredths(ci: Interval | None, most: float = 1.0) -> Interval | None:
    """An interval whose ends are rounded away from each other to whole hundredths of `most`."""
    if ci is None:
        return None
    low, high = (100.0 * side / most for side in ci)
    return math.floor(round(low, 9)) * most / 100.0, math.ceil(round(high, 9)) * most / 100.0


def moved(ci: Interval | None, by: float, most: float, n: int) -> Interval | None:
    """An interval around a moved mean that holds the true one, and claims neither more nor less than it.

    It is as much wider as the mean can have been moved, whichever way it was. Where that would bring zero
    into it, it ends just short of zero: what is proven does not depend on the noise.
    """
    if ci is None or n == 0:
        return None
    room = 2 * REACH * most / TENTHS / n
    wide = outward_hundredths((ci[0] + by - room, ci[1] + by + room), most)
    assert wide is not None
    step = most / 1000.0
    low = max(wide[0], step) if ci[0] > 0 else wide[0]
    high = min(wide[1], -step) if ci[1] < 0 else wide[1]
    return low, high

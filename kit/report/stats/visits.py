"""One item over several visits of a place, answered by other people each time."""

from __future__ import annotations

import math
from typing import Literal

from kit.report.stats.distributions import Interval, z_score

Course = Literal["right_now", "still_wrong", "unsure"]

_Z = z_score(0.975)


def share_interval(right: int, n: int) -> Interval:
    """95 % interval of a proportion (0-1) of `n` > 0 people, `right` of whom gave the answer; Wilson's score.

    (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n), kept within 0 and 1. Unlike p +- z sqrt(pq/n)
    it neither leaves 0-1 nor shrinks to a point when all or nobody was right. Reference: Wilson 1927, J. Am.
    Stat. Assoc. 22:209; Agresti & Coull 1998. Example: 8 of 10 give (0.4902, 0.9433).
    """
    p, z2 = right / n, _Z * _Z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    reach = _Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def item_course(right: int, n: int, understood_from: float) -> Course:
    """Where an item that was wrong last time stands now, among `n` > 0 other people.

    `right_now` when the whole Wilson interval of the share right lies at or above `understood_from` (0-1),
    `still_wrong` when it lies below, else `unsure`. It says nothing of a change: those who were wrong last
    time need not be here. Example: 29 of 30 from .6 on is right_now, 3 of 30 still_wrong, 18 of 30 unsure.
    """
    low, high = share_interval(right, n)
    if low >= understood_from:
        return "right_now"
    return "still_wrong" if high < understood_from else "unsure"

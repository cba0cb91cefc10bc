"""Who came from where, as far as it tells stuffing from a crowd. Addresses live only here, in memory.

In a hall of many addresses each holds a few people: one that brings many more is somebody who plays them. A
hall behind one router has one address for all: no number tells a crowd from a player there, so nobody is
refused, and the officer is shown what came in a burst, beside how many are expected.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from kit.errors import TooMany
from kit.session.run.guesses import network

MANY_ADDRESSES: Final = 8
"""From here on a hall shows what an address usually holds."""
FEW_PEOPLE: Final = 2
MOST_OF_ADDRESS: Final = 10
"""A phone that is handed round a family, an office behind a router of its own."""

BURST_PEOPLE: Final = 10
BURST_GAP: Final = 2.0
"""Seconds between two people of a burst: typed by hand, a join takes ten times as long."""

_HERE: Final = ("127.0.0.1", "::1")


@dataclass
class Burst:
    """People who come from one address right behind each other, as long as they do.

    `unmarked` are those whom the store does not know yet as its people; `marking` is held by who tells it.
    """

    ended: float
    people: int = 0
    burst_id: int | None = None
    unmarked: list[str] = field(default_factory=list)
    marking: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass
class _Hall:
    people: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    runs: dict[str, Burst] = field(default_factory=dict)


class Arrivals:
    """Joins by session and address."""

    REMEMBERED: Final = 200

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._halls: OrderedDict[str, _Hall] = OrderedDict()

    def check(self, code: str, address: str) -> None:
        """Raise TooMany where an address has brought far more people than others of this hall."""
        hall, address = self._hall(code), network(address)
        own = len(hall.people.get(address, ()))
        if own < MOST_OF_ADDRESS or address in _HERE:
            return
        others = [len(people) for name, people in hall.people.items() if name != address]
        if len(others) >= MANY_ADDRESSES and statistics.median(others) <= FEW_PEOPLE:
            raise TooMany("many_from_here", most=MOST_OF_ADDRESS)

    def note(self, code: str, address: str, participant_id: str) -> Burst | None:
        """Note that somebody has joined; the burst they came in. A phone that asks again is nobody new."""
        hall, address, now = self._hall(code), network(address), self._now()
        if participant_id in hall.people[address]:
            return None
        hall.people[address].add(participant_id)
        run = hall.runs.get(address)
        if run is None or now - run.ended > BURST_GAP:
            run = hall.runs[address] = Burst(now)
        run.people += 1
        run.unmarked.append(participant_id)
        run.ended = now
        return run if run.people >= BURST_PEOPLE else None

    def forget(self, code: str) -> None:
        """Drop what is known of a deleted session."""
        self._halls.pop(code, None)

    def _hall(self, code: str) -> _Hall:
        hall = self._halls.setdefault(code, _Hall())
        self._halls.move_to_end(code)
        while len(self._halls) > self.REMEMBERED:
            self._halls.popitem(last=False)
        return hall

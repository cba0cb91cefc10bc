"""The slowing of guesses at personal codes, without slowing those who come back.

A code has a check sign, so a slip of the finger is no guess: only codes that could exist are counted. They
use up the budgets of their address, of their session, and of their word in that session. An address cannot be
trusted alone, for one laptop can hold hundreds; so when a session's budget or a word's is used up, only these
go on: addresses from which people came back more often than not, and, by a budget of their own, addresses
that have never been wrong. A right code gives its address room for three more.

What this cannot give: behind one router that hides its phones, somebody who tries possible codes without
pause uses up what all of them share, and nothing but a code tells who comes back from who guesses. The
officer is told. Those who kept their phone's token need no code; others come back through the kiosk.

In 90 minutes at most some 900 of 118 million codes can be tried in a session, from however many addresses.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from kit.errors import TooMany
from kit.session.run.guesses import network


@dataclass(slots=True)
class _Budget:
    level: float
    at: float


@dataclass(slots=True)
class _Record:
    """What came from an address: room, wrong codes, and the people who came back."""

    wrong: int = 0
    right: set[int] = field(default_factory=set)


class CodeGuesses:
    """Budgets of wrong personal codes, as (at once, a second). All of it lives only here, in memory."""

    ADDRESS: Final = (30.0, 1 / 30)
    SESSION: Final = (200.0, 0.05)
    WORD: Final = (20.0, 1 / 300)
    NEWCOMERS: Final = (200.0, 0.05)
    FOR_A_RIGHT_ONE: Final = 3
    TOLD_FROM: Final = 10
    # For so many seconds the very same wrong code is the same guess, however often it is typed.
    AGAIN: Final = 60.0
    REMEMBERED: Final = 20_000

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._budgets: OrderedDict[tuple[str, ...], _Budget] = OrderedDict()
        self._records: OrderedDict[str, _Record] = OrderedDict()
        self._wrong: OrderedDict[tuple[str, int], float] = OrderedDict()

    def was_wrong(self, session: str, code: str) -> bool:
        """Whether this very code was wrong a moment ago: trying it again costs nothing and asks nobody."""
        since = self._wrong.get((session, hash(code)))
        return since is not None and self._now() - since < self.AGAIN

    def check(self, address: str, session: str, code: str) -> None:
        """Raise TooMany when a code that could exist must not be tried now."""
        address, word = network(address), code.partition("-")[0]
        if self._left(("address", address), self.ADDRESS) < 1:
            raise TooMany("too_many", seconds=30)
        tight = min(
            self._left(("session", session), self.SESSION), self._left(("word", session, word), self.WORD)
        )
        if tight < 1 and not self._goes_on(address, session):
            raise TooMany("too_many", seconds=60)

    def are_made(self, session: str) -> bool:
        """Whether more possible codes were wrong lately than people mistype: the officer is told."""
        tried = self.SESSION[0] - self._left(("session", session), self.SESSION)
        return tried >= self.TOLD_FROM

    def wrong(self, address: str, session: str, code: str) -> None:
        """Note a code that nobody has."""
        address, word = network(address), code.partition("-")[0]
        self._record(address).wrong += 1
        self._spend(("address", address), self.ADDRESS, 1)
        self._spend(("session", session), self.SESSION, 1)
        self._spend(("word", session, word), self.WORD, 1)
        self._wrong[session, hash(code)] = self._now()
        self._wrong.move_to_end((session, hash(code)))
        while len(self._wrong) > self.REMEMBERED:
            self._wrong.popitem(last=False)

    def right(self, address: str, code: str) -> None:
        """Note that somebody came back; the same person again tells nothing new."""
        address = network(address)
        record, person = self._record(address), hash(code)
        if person not in record.right:
            record.right.add(person)
            self._spend(("address", address), self.ADDRESS, -self.FOR_A_RIGHT_ONE)

    def _goes_on(self, address: str, session: str) -> bool:
        record = self._record(address)
        if record.wrong:
            return len(record.right) > record.wrong
        if record.right:
            return True
        newcomers = ("newcomers", session)
        if self._left(newcomers, self.NEWCOMERS) < 1:
            return False
        self._spend(newcomers, self.NEWCOMERS, 1)
        return True

    def _record(self, address: str) -> _Record:
        record = self._records.setdefault(address, _Record())
        self._records.move_to_end(address)
        while len(self._records) > self.REMEMBERED:
            self._records.popitem(last=False)
        return record

    def _left(self, key: tuple[str, ...], budget: tuple[float, float]) -> float:
        kept, now = self._budgets.get(key), self._now()
        if kept is None:
            return budget[0]
        kept.level = min(budget[0], kept.level + (now - kept.at) * budget[1])
        kept.at = now
        return kept.level

    def _spend(self, key: tuple[str, ...], budget: tuple[float, float], amount: float) -> None:
        level = min(budget[0], max(0.0, self._left(key, budget) - amount))
        self._budgets[key] = _Budget(level, self._now())
        self._budgets.move_to_end(key)
        while len(self._budgets) > self.REMEMBERED:
            self._budgets.popitem(last=False)

"""The slowing of guesses: how many wrong codes an address, and all of them together, may try."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from kit.errors import TooMany


@dataclass(slots=True)
class _Bucket:
    level: float
    at: float
    # Codes this address has shown to know: using them again is no guess.
    known: set[str] = field(default_factory=set)

    def refill(self, capacity: float, per_second: float) -> None:
        now = time.monotonic()
        self.level = min(capacity, self.level + (now - self.at) * per_second)
        self.at = now


class Guesses:
    """Slows the guessing of codes: wrong codes use up a budget, right ones cost nothing.

    One address has room for a whole class behind it that mistypes (120 wrong codes at once, then two a
    second); all addresses together have 2,000, then fifty a second. Addresses live only here, in memory.

    What this hides is sessions that hang on no wall any more. The code of one that runs is no secret and is
    not asked about here (`Live.hangs`): to find it among 244 million, somebody who tries a thousand a second
    needs a day and a half, and then has what everybody in the hall can read. Keys of remotes have 192 bits.
    """

    ADDRESS: Final = (120.0, 2.0)
    ALL: Final = (2_000.0, 50.0)
    # When everybody's budget is gone, only addresses that have guessed wrong this often must wait.
    SUSPICIOUS: Final = 20.0
    REMEMBERED: Final = 10_000
    KNOWN: Final = 8

    def __init__(self, address: tuple[float, float] = ADDRESS, everybody: tuple[float, float] = ALL) -> None:
        self._address, self._everybody = address, everybody
        self._all = _Bucket(everybody[0], time.monotonic())
        self._addresses: OrderedDict[str, _Bucket] = OrderedDict()

    def check(self, address: str, code: str = "") -> None:
        """Raise TooMany when this address must wait, unless it has used this very code before."""
        bucket = self._addresses.get(network(address))
        if bucket is None or code in bucket.known:
            return
        self._refill(bucket)
        exhausted = bucket.level < 1
        crowd = self._all.level < 1 and self._address[0] - bucket.level > self.SUSPICIOUS
        if exhausted or crowd:
            raise TooMany("too_many", seconds=5)

    def wrong(self, address: str) -> None:
        """Note a wrong code."""
        bucket = self._bucket(address)
        self._refill(bucket)
        bucket.level = max(0.0, bucket.level - 1)
        self._all.level = max(0.0, self._all.level - 1)

    def right(self, address: str, code: str) -> None:
        """Note a right code: whoever sits beside a guesser behind one router goes on undisturbed."""
        known = self._bucket(address).known
        if len(known) < self.KNOWN:
            known.add(code)

    def _bucket(self, address: str) -> _Bucket:
        key = network(address)
        bucket = self._addresses.setdefault(key, _Bucket(self._address[0], time.monotonic()))
        self._addresses.move_to_end(key)
        while len(self._addresses) > self.REMEMBERED:
            self._addresses.popitem(last=False)
        return bucket

    def _refill(self, bucket: _Bucket) -> None:
        bucket.refill(*self._address)
        self._all.refill(*self._everybody)


def network(address: str) -> str:
    """What counts as one address: an IPv6 device has billions, so those of one network are one."""
    return ":".join(address.split(":")[:4]) if address.count(":") > 1 else address

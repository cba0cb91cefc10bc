"""Remotes: officers' phones that lead a session beside the deck, known in memory and for a short time.

The deck shows a key in a QR code; the first phone that opens it brings a token of its own making and is the
remote from then on. A service that starts anew knows none: the phone is paired once more.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from kit.errors import Conflict, NotAllowed, NotFound, TooMany
from kit.session.acts.codes import hash_token

KEY_SECONDS: Final = 300.0
"""How long a QR code may be opened."""

REMOTE_SECONDS: Final = 4 * 3600.0
"""How long a phone stays a remote: a meeting with its preparation."""

FRESH_SECONDS: Final = 5.0
"""A turn that no deck has taken for so long is not made up for."""

ACTS: Final = (30.0, 5.0)
"""Requests that a remote may make at once, and then a second."""


@dataclass(frozen=True)
class Turn:
    """What the deck is to follow: `step` slides on or back, or to the slide of the stage `runs`."""

    n: int
    step: int
    runs: str
    at: float


@dataclass
class Remote:
    """The remote of one session: a key that waits for a phone, or the phone that has used it."""

    code: str
    key: str
    key_until: float
    token_hash: str = ""
    until: float = 0.0
    level: float = ACTS[0]
    filled_at: float = 0.0


@dataclass
class Lectern:
    """What a deck and its remote tell each other: turns one way, the slide on the screen the other."""

    turns: deque[Turn] = field(default_factory=lambda: deque(maxlen=20))
    n: int = 0
    slide: dict[str, Any] | None = None
    decks: int = 0
    heard_at: float = float("-inf")
    turned: asyncio.Event = field(default_factory=asyncio.Event)


class Remotes:
    """The remotes of all sessions; used in the loop's own thread only."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: dict[str, Remote] = {}
        self._paired: dict[str, Remote] = {}
        self._lecterns: dict[str, Lectern] = {}

    # Pairing

    def offer(self, code: str) -> Remote:
        """Make a key for a session; an earlier key that nobody has opened is void."""
        self._waiting[code] = Remote(code, secrets.token_urlsafe(24), self._clock() + KEY_SECONDS)
        return self._waiting[code]

    def knows_key(self, key: str) -> bool:
        """Whether the page of a remote may be sent to who brings this key: also after it was used."""
        return any(
            hmac.compare_digest(one.key.encode(), key.encode())
            for one in (*self._waiting.values(), *self._paired.values())
            if self._clock() < (one.until or one.key_until)
        )

    def pair(self, key: str, token: str) -> Remote:
        """Let the phone with a token be the remote that a key is for; the same phone may ask again.

        Raises NotFound for a key that is unknown, over, or used by another phone.
        """
        token_hash = hash_token(token)
        for one in self._paired.values():
            if hmac.compare_digest(one.key.encode(), key.encode()) and one.token_hash == token_hash:
                return one
        for code, one in list(self._waiting.items()):
            if hmac.compare_digest(one.key.encode(), key.encode()) and self._clock() < one.key_until:
                del self._waiting[code]
                one.token_hash, one.until = token_hash, self._clock() + REMOTE_SECONDS
                one.filled_at = self._clock()
                self._paired[code] = one
                return one
        raise NotFound("remote_key_over")

    def admit(self, token: str) -> Remote:
        """The remote that holds a token. Raises NotAllowed, TooMany for one that asks without a pause."""
        token_hash = hash_token(token)
        for one in self._paired.values():
            if hmac.compare_digest(one.token_hash, token_hash) and self._clock() < one.until:
                now = self._clock()
                one.level = min(ACTS[0], one.level + (now - one.filled_at) * ACTS[1])
                one.filled_at = now
                if one.level < 1:
                    raise TooMany("remote_fast")
                one.level -= 1
                return one
        raise NotAllowed("remote_over")

    def seconds_left(self, code: str) -> tuple[str, int]:
        """Whether a session has a `paired` phone, a key that is `waiting`, or `none`; for how long yet."""
        for state, one in (("waiting", self._waiting.get(code)), ("paired", self._paired.get(code))):
            until = 0.0 if one is None else one.until or one.key_until
            if one is not None and self._clock() < until:
                return state, round(until - self._clock())
        return "none", 0

    def end(self, code: str) -> None:
        """Forget the remote of a session and any key for one."""
        self._waiting.pop(code, None)
        self._paired.pop(code, None)

    def forget(self, code: str) -> None:
        """Forget all of a deleted session."""
        self.end(code)
        self._lecterns.pop(code, None)

    # Turning

    def lectern(self, code: str) -> Lectern:
        """What deck and remote of a session tell each other."""
        return self._lecterns.setdefault(code, Lectern())

    def has_deck(self, code: str) -> bool:
        """Whether a deck listens, or did a moment ago."""
        lectern = self.lectern(code)
        return lectern.decks > 0 or self._clock() - lectern.heard_at < FRESH_SECONDS

    def turn(self, code: str, *, step: int = 0, runs: str = "") -> None:
        """Tell the deck to turn. Raises Conflict when a step finds no deck that listens."""
        if step and not self.has_deck(code):
            raise Conflict("remote_no_deck")
        lectern = self.lectern(code)
        lectern.n += 1
        lectern.turns.append(Turn(lectern.n, step, runs, self._clock()))
        lectern.turned.set()
        lectern.turned = asyncio.Event()

    async def turns(self, code: str, after: int, seconds: float) -> tuple[int, list[Turn]]:
        """The number of the last turn, and the fresh turns behind `after`; waits for one for so long.

        Who knows no number yet (`after` below 0), or one of an earlier service, is only told the present.
        """
        lectern = self.lectern(code)
        if after == lectern.n and seconds > 0:
            lectern.decks += 1
            try:
                await asyncio.wait_for(lectern.turned.wait(), seconds)
            except TimeoutError:
                pass
            finally:
                lectern.decks -= 1
        lectern.heard_at = self._clock()
        if not 0 <= after <= lectern.n:
            return lectern.n, []
        oldest = self._clock() - FRESH_SECONDS
        return lectern.n, [one for one in lectern.turns if one.n > after and one.at >= oldest]

    def stop(self) -> None:
        """Let every deck that waits go."""
        for lectern in self._lecterns.values():
            lectern.turned.set()

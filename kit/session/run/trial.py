"""A phone tried out before a session: that it came, and how far its clock is from this laptop's.

Kept in memory alone: a number and a time, of no phone in particular.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from kit.session.store import clock

MOST: Final = 100_000


class Trial:
    """How many phones have reached the service since the trial began, and what the first one's clock said."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Forget the phones that came before."""
        self._phones = 0
        self._first_at: str | None = None
        self._ahead: float | None = None

    def reached(self, phone_clock: datetime) -> None:
        """Note a phone; of the first one also how far its clock is ahead of the laptop's."""
        self._phones = min(self._phones + 1, MOST)
        if self._first_at is None:
            self._first_at = clock.now()
            self._ahead = (phone_clock.astimezone(UTC) - datetime.now(UTC)).total_seconds()

    def told(self) -> dict[str, Any]:
        """`{phones, first_at, clock_ahead}`; seconds by which the first phone's clock is ahead."""
        return {"phones": self._phones, "first_at": self._first_at, "clock_ahead": self._ahead}

"""The one clock of the store."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> str:
    """The time as the store keeps it: UTC, ISO 8601, whole milliseconds."""
    return stamp(datetime.now(UTC))


def stamp(moment: datetime) -> str:
    """A moment in UTC as the store keeps it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

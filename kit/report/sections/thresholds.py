"""From how many people, or from which share, a report says something. Each stands once."""

from __future__ import annotations

from typing import Final

COUNTS_ONLY_BELOW: Final = 5
"""Fewer matched people than this are only counted: an interval would promise what so few cannot bear."""
EVERYTHING_FROM: Final = 10
"""From this many matched people on items and groups are judged."""
FULL_STATISTICS_FOR_GROUPS: Final = 60
"""With more groups than this each has only its mean, interval and counts: nobody reads the rest."""
ALPHA_FROM: Final = 50
"""Alpha of fewer people says more about these people than about the quiz."""
PERSISTS_FROM: Final = 0.10
"""A wrong answer persists if at least this share still gives it."""
WARN_SHARE: Final = 0.15
"""From this share of full (or empty) marks on, the scale no longer shows change."""
MANY_LOST_BELOW: Final = 0.7
"""Below this share of people who answered twice the result speaks of a selection."""
ITEM_UNDERSTOOD_FROM: Final = 0.6
"""From this share right after the session an item counts as understood."""
RETURNED_FROM: Final = 0.5
"""From this share of those who answered twice on, those who came back may speak of what is still there."""

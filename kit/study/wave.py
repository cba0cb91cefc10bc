"""Waves: the occasions of answering, in their order, and which form a person gets on each."""

from __future__ import annotations

from typing import Final

PRE: Final = "pre"
POST: Final = "post"
FOLLOWUP: Final = "followup"
PRACTICE: Final = "practice"
POLL: Final = "poll"

WAVES: Final = (PRE, POST, FOLLOWUP)
"""The measured waves, in the order in which a person meets them."""

UNSCORED_WAVES: Final = (PRACTICE, POLL)
"""Waves whose answers are kept and never scored."""

COUNTS_FROM_PERCENT: Final = 80
"""An attempt cut off by the end of its wave counts when this share of the scored items is answered."""


def form_of(arm: str, wave: str) -> str:
    """The form of an arm in a measured wave: `AB` gets A before, B after, and A again at follow-up."""
    return arm[1] if wave == POST else arm[0]


def counts(answered: int, asked: int) -> bool:
    """Whether an attempt counts; what is missing of it is then taken as "don't know"."""
    return 100 * answered >= COUNTS_FROM_PERCENT * asked

"""A choice: the option ids somebody picked for one item, and how it is written in one column."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

UNSURE: Final = "unsure"
"""The built-in option "don't know" of every scored item: exclusive, kept apart, worth nothing."""

AGREEMENT: Final = ("1", "2", "3", "4", "5")
"""The options of an attitude statement, from "do not agree at all" to "agree fully"."""

MARKS: Final = (("A", "▲"), ("B", "●"), ("C", "■"), ("D", "◆"), ("E", "★"), ("F", "⬟"))
"""Letter and shape of the options in their order: read without colour, from the last row."""

MAX_OPTIONS: Final = 12
"""More do not fit a phone's screen."""

MAX_LENGTH: Final = 400
"""Letters of a written choice: the width of the store's column."""

_JOIN: Final = "+"


def write_choice(option_ids: Iterable[str]) -> str:
    """Option ids as one text, in the order given: `a+c`."""
    return _JOIN.join(option_ids)


def read_choice(written: str) -> list[str]:
    """The option ids of a written choice: `a+c` gives `a` and `c`."""
    return written.split(_JOIN)

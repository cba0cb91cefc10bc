"""Whom to phone: the help numbers, each said once; their words are in `locale/*/study.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class HelpLine:
    """One number as people read it; `urgent` is the one for danger now."""

    name: str
    number: str
    urgent: bool = False

    @property
    def dialled(self) -> str:
        """The number without what is there for the eye: `0800-1000` is `08001000`."""
        return "".join(sign for sign in self.number if sign.isdigit() or sign == "+")


HELP_LINES: Final = (
    HelpLine("police", "110", urgent=True),
    HelpLine("women_children", "129"),
    HelpLine("women_children_chat", "08111-129-129"),
    HelpLine("migrants", "0800-1000"),
    HelpLine("migrants_chat", "0811-8080-141"),
    HelpLine("migrants_abroad", "+62 21 2924 4800"),
)

HELP_NUMBERS: Final = {line.name: line.number for line in HELP_LINES}
"""For sentences that name a number: `{police}` is 110."""

"""What could lead to a person is taken out of texts that others will read."""

from __future__ import annotations

import re
from typing import Final

MASK: Final = "•••"
_ENDINGS: Final = "com|net|org|info|id|me|my|sg|kh|mm|ph|vn|co|io|ly|gg|to|app|link|site|online|xyz|top|shop"
_LINK: Final = re.compile(
    rf"(?:https?://|www\.)\S+|[\w.+-]+@[\w.-]+|@[\w.]{{3,}}|\b(?:[\w-]+\.)+(?:{_ENDINGS})\b(?:/\S*)?", re.I
)
# Five digits and more: phone, account and identity numbers, however they are spaced; no years, no ages. With
# a zero in front, as a phone number begins, fewer will do.
_NUMBER: Final = re.compile(r"\+?\d(?:[\s().,/-]{0,3}\d){4,}|\b0\d{3}\b")


def mask(text: str) -> str:
    """Take out of a text what could lead to a person: numbers and addresses."""
    return _NUMBER.sub(MASK, _LINK.sub(MASK, text))

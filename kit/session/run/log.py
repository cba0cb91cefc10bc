"""What goes into the log: where something broke and of which kind, never the words or numbers in it."""

from __future__ import annotations

import logging
import re
import time
import traceback
from collections.abc import Callable
from typing import Final

_FRAME: Final = re.compile(r'^  File "(?P<file>[^"]+)", line (?P<line>\d+)(?:, in (?P<name>[\w<>.]+))?')
_CLASS: Final = re.compile(r"^([A-Za-z_][\w.]*)(?::|$)")


def describe_fault(error: BaseException) -> str:
    """The classes and lines of an error and its causes; messages may hold what people wrote."""
    return describe_trace("".join(traceback.format_exception(error)))


def describe_trace(printed: str) -> str:
    """The same from a printed traceback, such as that of a child process."""
    kept = []
    for line in printed.splitlines():
        if frame := _FRAME.match(line):
            kept.append(f"{frame['file']}:{frame['line']} {frame['name'] or ''}".rstrip())
        elif (kind := _CLASS.match(line)) and kept:
            kept.append(kind[1])
    return "\n  ".join(kept) or "unknown"


class Sparse(logging.Filter):
    """Lets so many records a minute pass: what strangers make go wrong must not fill the disk."""

    MOST: Final = 60
    SECONDS: Final = 60.0

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._since = now()
        self._passed = 0

    def filter(self, _record: logging.LogRecord) -> bool:
        """Whether a record is among the first of its minute."""
        now = self._now()
        if now - self._since >= self.SECONDS:
            self._since, self._passed = now, 0
        self._passed += 1
        return self._passed <= self.MOST

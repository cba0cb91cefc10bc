"""What goes into the log: where something broke and of which kind, never the words or numbers in it."""

from __future__ import annotations

import re
import traceback
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

"""Why a bundle, a table or a store cannot be reported on, and what is to be remarked about one that can."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from kit.errors import BadSource
from kit.text import message, plain_parts

SHOWN: Final = 20
"""Faults listed in full; the rest is a number."""


@dataclass(frozen=True)
class Remark:
    """One fault of a source, or something its owner should know; `key` is a sentence in `report.faults`."""

    key: str
    values: tuple[tuple[str, object], ...] = ()

    def render(self, language: str = "id") -> str:
        """Place, fault, remedy in one line."""
        return message(f"report.faults.{self.key}", language, **dict(self.values))


def remark(key: str, /, **values: object) -> Remark:
    """Make a remark from keyword values."""
    return Remark(key, tuple(plain_parts(values).items()))


class SourceFault(BadSource):
    """A source that no report can be made from; `faults` lists the places, where there are several."""

    def __init__(self, key: str, /, faults: Iterable[Remark] = (), **values: object) -> None:
        self.faults = tuple(faults)
        super().__init__(key, count=len(self.faults), **plain_parts(values))

    def title(self, language: str = "id") -> str:
        """One sentence: what is wrong."""
        return message(f"report.refusals.{self.key}.title", language, **self.values)

    def remedy(self, language: str = "id") -> str:
        """One sentence: what to do now."""
        return message(f"report.refusals.{self.key}.remedy", language, **self.values)

    def render(self, language: str = "id") -> str:
        """Both sentences, then one line for each fault."""
        lines = [one.render(language) for one in self.faults[:SHOWN]]
        if len(self.faults) > SHOWN:
            lines.append(message("report.faults.more", language, n=len(self.faults) - SHOWN))
        return "\n".join([super().render(language), *(f"  {line}" for line in lines)])

"""Item kinds as a table: a row says what a kind needs, how it is answered, and whether it is scored.

Adding a kind is a row here, a scoring rule where exact choice does not do, and its drawing on the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kit.study.choice import AGREEMENT, UNSURE

SIGNALS: Final = ("fraud", "genuine")
"""What an offer is: the built-in options, and the key, of an offer item."""


@dataclass(frozen=True)
class Kind:
    """One kind of item.

    `needs` names the fields its author must write and `refuses` those that mean nothing here, `built_in` the
    options everybody gets without writing them (after the author's own), `phrases` whether the options are
    phrases marked in the scenario, `several` whether more than one option may be chosen (an item of a kind
    that does not refuse the field `several` may say so itself), `scored` whether it can be right or wrong; a
    scored kind always offers "don't know" last.
    """

    name: str
    needs: tuple[str, ...]
    refuses: tuple[str, ...]
    built_in: tuple[str, ...] = ()
    own_options: bool = False
    phrases: bool = False
    several: bool = False
    scored: bool = True


_GROUNDS: Final = ("rationale", "sources")
_OF_SCORED: Final = ("signal", "key", "cues", "difficulty")

KINDS: Final = {
    kind.name: kind
    for kind in (
        Kind(
            "offer",
            needs=("scenario", "signal", *_GROUNDS),
            refuses=("options", "key", "several"),
            built_in=(*SIGNALS, UNSURE),
        ),
        Kind(
            "choice",
            needs=("options", "key", *_GROUNDS),
            refuses=("signal", "cues", "several"),
            built_in=(UNSURE,),
            own_options=True,
        ),
        Kind(
            "multi",
            needs=("options", "key", *_GROUNDS),
            refuses=("signal", "cues", "several"),
            built_in=(UNSURE,),
            own_options=True,
            several=True,
        ),
        Kind(
            "spot",
            needs=("scenario", "key", *_GROUNDS),
            refuses=("signal", "options", "cues", "several"),
            built_in=(UNSURE,),
            phrases=True,
            several=True,
        ),
        Kind(
            "likert",
            needs=(),
            refuses=("options", "scenario", "several", *_OF_SCORED),
            built_in=AGREEMENT,
            scored=False,
        ),
        Kind(
            "plan",
            needs=("options",),
            refuses=("scenario", "twin", "several", *_OF_SCORED),
            own_options=True,
            scored=False,
        ),
        Kind(
            "behaviour",
            needs=("options",),
            refuses=("scenario", "twin", *_OF_SCORED),
            own_options=True,
            scored=False,
        ),
    )
}

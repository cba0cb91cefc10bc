"""A sighting: an offer that somebody has heard of, told in closed lists, without a person or a place.

Words for the codes stand in `kit/locale/<language>/sighting.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    "kind": ("job", "umrah", "study", "marriage", "sea", "loan", "other"),
    "channel": ("facebook", "whatsapp", "tiktok", "telegram", "person", "relative", "other"),
    "country": (
        *("malaysia", "cambodia", "myanmar", "laos", "thailand", "arab", "taiwan", "hongkong"),
        *("japan", "korea", "australia", "other", "unknown"),
    ),
    "promise": ("salary", "free", "quick", "no_papers", "easy", "other"),
    "heard": ("this_month", "earlier"),
}
"""What is told of each offer, one value of each list."""

SIGNS: Final = (
    "tourist_visa", "passport_held", "pay_person", "no_contract", "keep_secret", "false_age", "debt", "hurry",
)  # fmt: skip
"""Warning signs; several or none may be told."""

KIND: Final = "kind"
"""The one list that a note on paper must name a value of."""

SIGN: Final = "sign"
"""The name of the list of signs where counts stand beside each other."""

ALL: Final = "all"
"""The list with one value, of the same name: how many notes there are."""

SHOWN_FROM: Final = 5
"""Fewer notes of a kind are neither shown nor kept beyond the rows of people."""


def counts_of(rows: Iterable[Mapping[str, str | tuple[str, ...]]]) -> dict[tuple[str, str], int]:
    """How many notes name each `(list, value)`; one list at a time, so that no note can be put together."""
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        # On paper a list may be left blank.
        named = [(ALL, ALL), *((name, str(row[name])) for name in LISTS if row[name])]
        for place in [*named, *((SIGN, sign) for sign in row["signs"])]:
            counts[place] = counts.get(place, 0) + 1
    return counts


def kept_counts(counts: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    """What may be kept of counts when the rows are gone: values that enough people have named.

    In a list of which each note names one value at most, a single value left out could be worked out from the
    others and the sum; the least of those kept then goes with it.
    """
    if counts.get((ALL, ALL), 0) < SHOWN_FROM:
        return {}
    kept = {place: n for place, n in counts.items() if n >= SHOWN_FROM}
    for name in LISTS:
        small = [place for place, n in counts.items() if place[0] == name and n < SHOWN_FROM]
        large = [place for place in kept if place[0] == name]
        if len(small) == 1 and large:
            del kept[min(large, key=lambda place: (kept[place], place))]
    return kept

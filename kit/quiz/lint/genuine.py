"""Rules about genuine offers: what no lawful offer does, as far as a machine can see it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from kit.quiz.lint.hit import Hit
from kit.quiz.model import Item, Quiz
from kit.quiz.panel.guesser import whole

DIRECT_HIRE: Final = "L38"
JAPAN_NURSE_ROUTE: Final = "G06"
OFFICIAL: Final = frozenset({"official-next-step", "in-register-by-own-search"})
_CASH = re.compile(r"\b(tunai|kontan|cash)\b", re.IGNORECASE)
# "Tidak ada yang dibayar tunai" is the opposite of paying cash; another sentence's "tidak" is not.
_REFUSED = re.compile(
    r"\b(tidak|bukan|tanpa|jangan|dilarang)\b([^\w.!?\n]+\w+){0,4}[^\w.!?\n]+$", re.IGNORECASE
)
_CODE = re.compile(r"\b(virtual account|VA|kode (bayar|billing|pembayaran))\b")
_NURSE = re.compile(r"\bperawat\b", re.IGNORECASE)
_JAPAN = re.compile(r"\bJepang\b")


def genuine_cash(quiz: Quiz) -> Iterator[Hit]:
    """No lawful step is paid in cash to somebody."""
    for item in _genuine(quiz):
        text = whole(item)
        if any(not _REFUSED.search(text[: found.start()]) for found in _CASH.finditer(text)):
            yield Hit("genuine_cash", f"items.{item.item_id}")


def genuine_code(quiz: Quiz) -> Iterator[Hit]:
    """A payment code is safe only when it comes from the applicant's own account."""
    for item in _genuine(quiz):
        if item.cues and _CODE.search(whole(item)) and "own-account-code" not in item.cues.decisive:
            yield Hit("genuine_code", f"items.{item.item_id}.cues")


def genuine_direct_hire(quiz: Quiz) -> Iterator[Hit]:
    """Direct hire is safe only with the official check that its rule asks for."""
    for item in _genuine(quiz):
        if DIRECT_HIRE in item.sources and item.cues and not OFFICIAL.intersection(item.cues.decisive):
            yield Hit("genuine_direct_hire", f"items.{item.item_id}.cues", {"fact_id": DIRECT_HIRE})


def genuine_japan_nurse(quiz: Quiz) -> Iterator[Hit]:
    """Nurses go to Japan by the route between governments."""
    for item in _genuine(quiz):
        text = whole(item)
        if _NURSE.search(text) and _JAPAN.search(text) and JAPAN_NURSE_ROUTE not in item.sources:
            yield Hit("genuine_japan_nurse", f"items.{item.item_id}.sources", {"fact_id": JAPAN_NURSE_ROUTE})


def _genuine(quiz: Quiz) -> list[Item]:
    return [item for item in quiz.items if item.signal == "genuine"]


RULES: Final[tuple[Callable[[Quiz], Iterator[Hit]], ...]] = (
    genuine_cash,
    genuine_code,
    genuine_direct_hire,
    genuine_japan_nurse,
)

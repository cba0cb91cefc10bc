"""Raised hands in the store: people by option of each poll."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import delete, insert, select

from kit.session.store.tables import hand
from kit.session.store.transaction import Reading, Writing


def replace_hands(tx: Writing, session_id: str, item_id: str, counts: Mapping[str, int]) -> None:
    """Keep the hands of a poll in place of those that were typed before; none at all removes them."""
    tx.change(delete(hand).where(hand.c.session_id == session_id, hand.c.item_id == item_id))
    if any(counts.values()):
        same = {"session_id": session_id, "item_id": item_id}
        rows = [{**same, "option_id": option_id, "people": n} for option_id, n in counts.items()]
        tx.change(insert(hand), rows)


def session_hands(tx: Reading, session_id: str) -> dict[str, dict[str, int]]:
    """The hands of a session as `{item_id: {option_id: people}}`."""
    columns = (hand.c.item_id, hand.c.option_id, hand.c.people)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    query = select(*columns).where(hand.c.session_id == session_id).order_by(*columns[:2])
    for item_id, option_id, people in tx.tuples(query):
        found[item_id][option_id] = people
    return dict(found)

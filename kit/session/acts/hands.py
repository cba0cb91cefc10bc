"""Raised hands: counts for a poll that the officer types in; of nobody, and never paired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from kit.errors import BadRequest, Conflict, NotFound
from kit.session.acts.polls import poll_answers, poll_splits
from kit.session.acts.view import SessionView, view_session
from kit.session.store.hands import replace_hands, session_hands
from kit.session.store.transaction import Reading, Writing
from kit.study.sighting import SHOWN_FROM
from kit.study.stage import CLOSED

MOST_HANDS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Hands:
    """The hands of one poll, by option; what is left out is none."""

    code: str
    item_id: str
    counts: Mapping[str, int]


def record_hands(tx: Writing, asked: Hands) -> None:
    """Keep the hands of a poll in place of earlier ones. Raises NotFound, BadRequest, Conflict."""
    view = view_session(tx, asked.code)
    item = view.polls().get(asked.item_id)
    if item is None:
        raise NotFound("hands_poll", item_id=asked.item_id)
    if view.stage == CLOSED:
        raise Conflict("hands_closed")
    options = [option.option_id for option in item.options]
    if unknown := set(asked.counts) - set(options):
        raise BadRequest("hands_option", option=sorted(unknown)[0], known=", ".join(options))
    if not all(0 <= n <= MOST_HANDS for n in asked.counts.values()):
        raise BadRequest("hands_many", most=MOST_HANDS)
    counts = {option: asked.counts.get(option, 0) for option in options}
    replace_hands(tx, view.session_id, asked.item_id, counts)


def hands_beside_phones(tx: Reading, view: SessionView) -> dict[str, dict[str, Any]]:
    """For each poll with hands `{hands, phones, answered}`; no split of fewer than five phones."""
    raised = session_hands(tx, view.session_id)
    if not raised:
        return {}
    splits, answered = poll_splits(tx, view), poll_answers(tx, view)
    return {
        item_id: {
            "hands": counts,
            "phones": splits[item_id] if answered[item_id] >= SHOWN_FROM else {},
            "answered": answered[item_id],
        }
        for item_id, counts in raised.items()
    }

"""What the room chose in its polls."""

from __future__ import annotations

from kit.session.acts.view import SessionView
from kit.session.store.responses import poll_choices
from kit.session.store.transaction import Reading
from kit.study.choice import read_choice


def poll_splits(tx: Reading, view: SessionView) -> dict[str, dict[str, int]]:
    """`{item_id: {option_id: people}}` of the polls; who chose several options counts for each."""
    splits = {
        item_id: {option.option_id: 0 for option in item.options} for item_id, item in view.polls().items()
    }
    for item_id, choice, people in poll_choices(tx, view.session_id):
        for option_id in read_choice(choice):
            if item_id in splits and option_id in splits[item_id]:
                splits[item_id][option_id] += people
    return splits


def poll_answers(tx: Reading, view: SessionView) -> dict[str, int]:
    """People who answered each poll: with several choices allowed a split does not tell."""
    answers = dict.fromkeys(view.polls(), 0)
    for item_id, _, people in poll_choices(tx, view.session_id):
        if item_id in answers:
            answers[item_id] += people
    return answers

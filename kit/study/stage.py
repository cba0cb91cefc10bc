"""Stages of a session: their order, where one may go from each, and which of them show the key."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from kit.study.wave import FOLLOWUP, POLL, POST, PRACTICE, PRE, WAVES

LOBBY: Final = "lobby"
LESSON: Final = "lesson"
REVEAL: Final = "reveal"
RESULTS: Final = "results"
CLOSED: Final = "closed"

STAGES: Final = (LOBBY, PRE, LESSON, POLL, REVEAL, PRACTICE, POST, RESULTS, CLOSED, FOLLOWUP)
"""Stages by name, in the order of a session; `poll` and `reveal` carry an item: `poll:poll-01`."""

KEY_STAGES: Final = (RESULTS, CLOSED, FOLLOWUP)
"""Stages in which a person may see the key of what was answered; nobody can join any more."""


def stage_name(stage: str) -> str:
    """The stage without its item: `poll:poll-01` is `poll`."""
    return stage.partition(":")[0]


def stage_item(stage: str) -> str:
    """The item of a stage, empty for stages without one: `poll:poll-01` gives `poll-01`."""
    return stage.partition(":")[2]


def with_item(name: str, item_id: str) -> str:
    """A stage that carries an item: `poll` with `poll-01` is `poll:poll-01`."""
    return f"{name}:{item_id}"


def shows_key(stage: str) -> bool:
    """Whether people may see the key in this stage."""
    return stage_name(stage) in KEY_STAGES


def wave_of(stage: str) -> str | None:
    """The wave whose items a stage shows, None when there is nothing to answer."""
    name = stage_name(stage)
    if name in (POLL, REVEAL):
        return POLL
    return name if name in (*WAVES, PRACTICE) else None


def takes_answers(stage: str) -> bool:
    """Whether answers are taken: once a poll is revealed, none are."""
    return wave_of(stage) is not None and stage_name(stage) != REVEAL


def moves(stage: str, polls: Iterable[str] = (), *, practice: bool = False) -> list[str]:
    """The stages a facilitator may go to from a stage; going back one step is undo.

    `polls` are the ids of the session's polls, `practice` says whether it has offers to practise on. Never
    back from the results: the keys are out.
    """
    asked = [with_item(POLL, item_id) for item_id in polls]
    if practice:
        asked.append(PRACTICE)
    onward = {
        LOBBY: [PRE],
        PRE: [LESSON],
        LESSON: [PRE, *asked, POST],
        POLL: [with_item(REVEAL, stage_item(stage)), LESSON],
        REVEAL: [LESSON, *asked, POST],
        PRACTICE: [LESSON, POST],
        POST: [LESSON, RESULTS],
        RESULTS: [CLOSED],
        CLOSED: [FOLLOWUP],
        FOLLOWUP: [CLOSED],
    }
    return onward[stage_name(stage)]

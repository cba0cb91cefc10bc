"""Remotes in memory: one phone a key, each for its time; a turn that no deck takes is not made up for."""

from __future__ import annotations

import asyncio

import pytest

from kit.errors import Conflict, NotAllowed, NotFound, TooMany
from kit.session.run.remotes import ACTS, FRESH_SECONDS, KEY_SECONDS, REMOTE_SECONDS, Remotes

OWN, OTHER = "o" * 32, "x" * 32


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def remotes(clock: Clock) -> Remotes:
    return Remotes(clock)


def test_a_key_is_for_one_phone_which_may_ask_again(remotes: Remotes) -> None:
    key = remotes.offer("ABC234").key
    assert remotes.seconds_left("ABC234") == ("waiting", KEY_SECONDS)
    assert remotes.pair(key, OWN).code == "ABC234"
    assert remotes.pair(key, OWN).code == "ABC234", "its first answer was lost"
    with pytest.raises(NotFound):
        remotes.pair(key, OTHER)
    assert remotes.admit(OWN).code == "ABC234"
    with pytest.raises(NotAllowed):
        remotes.admit(OTHER)


def test_keys_and_remotes_end_by_themselves(remotes: Remotes, clock: Clock) -> None:
    late = remotes.offer("ABC234").key
    clock.now = KEY_SECONDS
    assert not remotes.knows_key(late)
    with pytest.raises(NotFound):
        remotes.pair(late, OWN)
    remotes.pair(remotes.offer("ABC234").key, OWN)
    clock.now += REMOTE_SECONDS - 1
    assert remotes.admit(OWN)
    clock.now += 1
    with pytest.raises(NotAllowed):
        remotes.admit(OWN)
    assert remotes.seconds_left("ABC234") == ("none", 0)


def test_a_new_phone_replaces_the_first_and_ending_voids_all(remotes: Remotes) -> None:
    remotes.pair(remotes.offer("ABC234").key, OWN)
    waiting = remotes.offer("ABC234").key
    assert remotes.admit(OWN), "an open QR code takes nothing from the phone that is paired"
    remotes.pair(waiting, OTHER)
    with pytest.raises(NotAllowed):
        remotes.admit(OWN)
    unused = remotes.offer("ABC234").key
    remotes.end("ABC234")
    assert not remotes.knows_key(unused)
    with pytest.raises(NotAllowed):
        remotes.admit(OTHER)


def test_a_remote_that_asks_without_a_pause_must_wait(remotes: Remotes, clock: Clock) -> None:
    remotes.pair(remotes.offer("ABC234").key, OWN)
    for _ in range(int(ACTS[0])):
        remotes.admit(OWN)
    with pytest.raises(TooMany):
        remotes.admit(OWN)
    clock.now += 1
    assert remotes.admit(OWN)


def test_the_deck_gets_each_fresh_turn_once(remotes: Remotes, clock: Clock) -> None:
    async def follow() -> None:
        assert await remotes.turns("ABC234", -1, 0) == (0, [])
        waiting = asyncio.ensure_future(remotes.turns("ABC234", 0, 5))
        await asyncio.sleep(0)
        remotes.turn("ABC234", step=1)
        n, made = await waiting
        assert (n, [(one.step, one.runs) for one in made]) == (1, [(1, "")])
        remotes.turn("ABC234", runs="pre")
        assert [one.runs for one in (await remotes.turns("ABC234", 1, 0))[1]] == ["pre"]
        assert await remotes.turns("ABC234", 2, 0) == (2, [])
        assert await remotes.turns("ABC234", 99, 5) == (2, []), "a number of an earlier service"
        remotes.turn("ABC234", step=-1)
        clock.now += FRESH_SECONDS + 1
        assert await remotes.turns("ABC234", 2, 0) == (3, []), "nobody wants the slide of a while ago"

    asyncio.run(follow())


def test_a_step_without_a_deck_is_refused_and_a_stage_is_not(remotes: Remotes) -> None:
    with pytest.raises(Conflict):
        remotes.turn("ABC234", step=1)
    remotes.turn("ABC234", runs="pre")

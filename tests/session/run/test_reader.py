"""Readings in company give each person what a reading alone would give."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from kit.errors import Conflict, NotAllowed
from kit.session.acts import answer as answering
from kit.session.acts import attend
from kit.session.acts import move as moving
from kit.session.acts import open as opening
from kit.session.acts.feedback import feedback, feedback_all
from kit.session.run import reader
from kit.session.store.store import Store
from kit.session.store.transaction import Reading
from tests.session.conftest import OPENING, QUIZ


def hall(store: Store, people: int) -> tuple[str, list[str]]:
    """A session in its first wave: code and tokens; the n-th person has answered n items."""
    with store.writing() as tx:
        code = opening.open_session(tx, OPENING)
        asked = attend.Join(code, "student", True, "id")
        tokens = [attend.join(tx, asked).token for _ in range(people)]
        moving.move(tx, (code, "pre"))
    with store.writing() as tx:
        everybody = [attend.identify(tx, code, token) for token in tokens]
        answering.record_responses(
            tx,
            [
                answering.Answer(who, "pre", item.item_id, ("unsure",), 1)
                for number, who in enumerate(everybody)
                for item in QUIZ.form_items(who.arm[0])[:number]
            ],
        )
    return code, tokens


def ask_all(store: Store, *asked: tuple[Any, Any]) -> list[Any]:
    """Ask at the same moment; results or refusals."""

    async def ask() -> list[Any]:
        company = reader.Reader(store)
        asking = (company.ask(reading, request) for reading, request in asked)
        return await asyncio.gather(*asking, return_exceptions=True)

    return asyncio.run(ask())


def test_each_gets_in_company_what_it_gets_alone(store: Store) -> None:
    code, tokens = hall(store, 7)
    known = ask_all(store, *((attend.identify_all, (code, token)) for token in tokens))
    with store.reading() as tx:
        assert known == [attend.identify(tx, code, token) for token in tokens]
    opened = ask_all(store, *((answering.open_waves, (who, "pre")) for who in known))
    assert [len(one["responses"]) for one in opened] == list(range(7))
    for who, one in zip(known, opened, strict=True):
        with store.reading() as tx:
            assert one == answering.open_wave(tx, who, "pre")
    with store.writing() as tx:
        for stage in ("lesson", "post", "results"):
            moving.move(tx, (code, stage))
    told = ask_all(store, *((feedback_all, who) for who in known))
    for who, one in zip(known, told, strict=True):
        with store.reading() as tx:
            assert one == feedback(tx, who)


def test_a_refused_one_does_not_spoil_the_others(store: Store) -> None:
    code, tokens = hall(store, 2)
    first, second = ask_all(store, *((attend.identify_all, (code, token)) for token in tokens))
    stranger = attend.Identity(
        **{name: getattr(first, name) for name in attend.Identity.__slots__} | {"token_hash": "x"}
    )
    found = ask_all(
        store,
        (attend.identify_all, (code, "no-token-of-ours")),
        (answering.open_waves, (stranger, "pre")),
        (answering.open_waves, (first, "post")),
        (answering.open_waves, (second, "pre")),
    )
    assert [type(one) for one in found[:3]] == [NotAllowed, NotAllowed, Conflict]
    assert len(found[3]["responses"]) == 1


def test_all_who_wait_share_the_next_transaction(store: Store) -> None:
    batches: list[int] = []

    def count(tx: Reading, asked: Sequence[int]) -> list[int]:
        batches.append(len(asked))
        return [one * 2 for one in asked]

    assert ask_all(store, *((count, number) for number in range(600))) == [n * 2 for n in range(600)]
    assert sum(batches) == 600
    assert max(batches) == reader.MOST_TOGETHER
    assert len(batches) == 3


def test_a_failure_is_told_to_all_of_its_batch_and_the_next_goes_on(store: Store) -> None:
    def fail(tx: Reading, asked: Sequence[int]) -> list[int]:
        if 0 in asked:
            raise RuntimeError("broken")
        return list(asked)

    async def twice() -> list[Any]:
        company = reader.Reader(store)
        first = await asyncio.gather(*(company.ask(fail, n) for n in (0, 1)), return_exceptions=True)
        return [*first, await company.ask(fail, 2)]

    first, second, third = asyncio.run(twice())
    assert isinstance(first, RuntimeError)
    assert isinstance(second, RuntimeError)
    assert third == 2


def test_who_gives_up_waiting_disturbs_nobody(store: Store) -> None:
    def echo(tx: Reading, asked: Sequence[int]) -> list[int]:
        return list(asked)

    async def leave() -> int:
        company = reader.Reader(store)
        gone = asyncio.create_task(company.ask(echo, 1))
        stays = asyncio.create_task(company.ask(echo, 2))
        await asyncio.sleep(0)
        gone.cancel()
        return await stays

    assert asyncio.run(leave()) == 2

"""The writer answers each request of a batch for itself, and goes on whatever happens to one."""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from kit.errors import Conflict, KitError, NotAllowed, Unavailable
from kit.session.acts import answer as answering
from kit.session.acts import attend
from kit.session.acts import move as moving
from kit.session.acts import open as opening
from kit.session.run.writer import Writer, one_by_one
from kit.session.store.responses import responses_of
from kit.session.store.sessions import find_or_add_site
from kit.session.store.store import Store
from kit.session.store.transaction import Writing
from tests.session.conftest import OPENING, QUIZ, join


def test_a_batch_answers_each_request_for_itself(writer: Writer) -> None:
    code = writer.run(opening.open_session, OPENING)
    people = [join(writer, code) for _ in range(3)]
    writer.run(moving.move, (code, "pre"))
    item = QUIZ.form_items(people[0].arm[0])[0]
    stranger = attend.Identity(
        **{**{n: getattr(people[0], n) for n in attend.Identity.__slots__}, "token_hash": "x"}
    )
    answers = [
        answering.Answer(people[0], "pre", item.item_id, ("fraud",), 1),
        answering.Answer(people[0], "pre", item.item_id, ("genuine",), 3),
        answering.Answer(people[0], "pre", item.item_id, ("unsure",), 2),
        answering.Answer(people[0], "pre", "nothing", ("fraud",), 1),
        answering.Answer(people[0], "post", item.item_id, ("fraud",), 1),
        answering.Answer(stranger, "pre", item.item_id, ("fraud",), 9),
    ]
    futures = [writer.submit(answering.record_responses, answer) for answer in answers]
    assert [future.result() for future in futures[:3]][-1].seq == 3
    assert isinstance(futures[3].exception(), KitError)
    assert isinstance(futures[4].exception(), Conflict)
    assert isinstance(futures[5].exception(), NotAllowed)
    with writer._store.reading() as tx:
        (row,) = responses_of(tx, [people[0].participant_id])[people[0].participant_id]
    assert (row["choice"], row["seq"]) == ("genuine", 3)


def test_a_failing_request_does_not_spoil_its_batch(writer: Writer) -> None:
    def explode(_tx: object, _requests: object) -> list[object]:
        raise RuntimeError("boom")

    futures = [writer.submit(explode, None)]
    futures += [
        writer.submit(one, OPENING) for one in [lambda tx, r: [opening.open_session(tx, x) for x in r]] * 3
    ]
    assert isinstance(futures[0].exception(), KitError)
    assert len({future.result() for future in futures[1:]}) == 3


def test_a_caller_who_gives_up_does_not_stop_the_writer(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'kit.db'}")
    writer = Writer(store)
    gate = threading.Event()
    writer.maintain(gate.wait)
    given_up = writer.submit(lambda tx, asked: [None] * len(asked), None)
    assert given_up.cancel()
    gate.set()
    assert writer.submit(one_by_one(opening.open_session), OPENING).result(20)
    writer.close()
    store.close()


def test_a_failed_write_logs_no_values(tmp_path: Path, caplog: Any) -> None:
    store = Store(f"sqlite:///{tmp_path / 'kit.db'}")
    writer = Writer(store)

    def twice(tx: Any, asked: Any) -> list[None]:
        for _ in range(2):
            find_or_add_site(tx, "same-id", {"name": f"Desa Rahasia {time.time_ns()}"})
        return [None]

    with pytest.raises(Exception):  # noqa: B017, PT011 - whichever; the log is what counts
        writer.submit(twice, "the asker's words").result()
    writer.close()
    store.close()
    assert "IntegrityError" in caplog.text
    assert "Rahasia" not in caplog.text
    assert "asker" not in caplog.text


def die(_tx: Writing, _requests: object) -> list[object]:
    raise SystemExit


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_writer_says_so_and_takes_nothing(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'kit.db'}")
    writer = Writer(store)
    writer.submit(die, None)
    writer._thread.join(5)
    assert not writer.is_alive
    assert writer.alarm == "writer_dead"
    with pytest.raises(Unavailable) as refusal:
        writer.submit(one_by_one(lambda tx, request: request), 1)
    assert refusal.value.key == "writer_dead"
    writer.close()
    store.close()


def test_an_officer_finds_a_place_in_a_full_queue(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'kit.db'}")
    writer = Writer(store)
    held = threading.Event()
    writer.maintain(lambda: held.wait(10))
    order: list[str] = []
    note = one_by_one(lambda tx, request: order.append(request))
    with contextlib.suppress(Unavailable):
        while True:
            writer.submit(note, "phone")
    asked = writer.submit(note, "officer", first=True)
    held.set()
    asked.result(20)
    assert "phone" not in order[: order.index("officer")] or order.index("officer") < 2_000
    writer.close()
    store.close()

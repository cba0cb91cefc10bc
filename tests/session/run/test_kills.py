"""Killed under load and at each step of writing: what was acknowledged is stored."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from kit.session.acts import answer as answering
from kit.session.acts import attend
from kit.session.acts import move as moving
from kit.session.acts import open as opening
from kit.session.run.writer import Writer
from kit.session.store.store import Store
from tests.session.conftest import OPENING
from tests.session.load import OFFERS, Load, at_pre, check_kept, rows_of


def test_twenty_kills_under_load_lose_nothing_acknowledged(held: tuple[Any, str]) -> None:
    service, code = held
    people = at_pre(service, code, 6)
    dice = random.Random(4021)
    back = []
    with Load(people, [service.url]) as load:
        for _ in range(20):
            time.sleep(dice.uniform(0.02, 0.4))
            service.process.kill()
            service.process.wait(10)
            check_kept(dict(load.acknowledged), rows_of(service.results))
            began = time.monotonic()
            service.restart(kill=True)
            back.append(time.monotonic() - began)
        time.sleep(0.3)
        after = len(load.acknowledged)
    stored = rows_of(service.results)
    check_kept(load.acknowledged, stored)
    assert after
    assert load.failures >= 20
    assert service.control.session(code)["stage"] == "pre"
    answers = sum(load.acknowledged.values())
    print(f"{answers} acknowledged, 0 lost; back in {min(back):.2f} to {max(back):.2f} s")
    assert min(back) < 3


KILLED = """
import os, signal, sys
from sqlalchemy import event
from kit.session.acts import answer as answering
from kit.session.acts import attend
from kit.session.run.writer import Writer
from kit.session.store.store import Store

step, url, code, token = sys.argv[1:]

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

class Dying(Store):
    def writing(self):
        if step == "committed":
            return self._commit_and_die()
        return super().writing()

    import contextlib
    @contextlib.contextmanager
    def _commit_and_die(self):
        with super().writing() as transaction:
            yield transaction
        die()

store = Dying(url)
with store.reading() as tx:
    who = attend.identify(tx, code, token)
if step == "begun":
    event.listen(store._engine, "begin", die)
if step == "written":
    event.listen(store._engine, "after_cursor_execute",
                 lambda c, cursor, statement, *rest: die() if statement.startswith("INSERT") else None)
if step == "commit":
    event.listen(store._engine, "commit", die)
writer = Writer(store)
print("acknowledged", writer.submit(answering.record_responses, answering.Answer(
    who, "pre", sys.stdin.readline().strip(), ("fraud",), 7)).result().seq, flush=True)
die()
"""


@pytest.mark.parametrize(
    ("step", "acknowledged", "kept"),
    [
        ("begun", False, False),
        ("written", False, False),
        ("commit", False, False),
        ("committed", False, True),
        ("answered", True, True),
    ],
)
def test_a_kill_at_each_step_of_writing_keeps_all_or_nothing(
    step: str, acknowledged: bool, kept: bool, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'kit.db'}"
    store = Store(url)
    writer = Writer(store)
    code = writer.run(opening.open_session, OPENING)
    joined = writer.run(attend.join, attend.Join(code, "student", True, "id"))
    writer.run(moving.move, (code, "pre"))
    with store.reading() as tx:
        arm = attend.identify(tx, code, joined.token).arm
    writer.close()
    store.close()
    item = OFFERS[arm[0]][0]
    command = [sys.executable, "-c", KILLED, step, url, code, joined.token]
    died = subprocess.run(command, input=item, capture_output=True, text=True, timeout=60, check=False)
    assert died.returncode == -9, died.stderr
    assert ("acknowledged 7" in died.stdout) == acknowledged
    assert rows_of(tmp_path) == ({(joined.participant_id, item): ("fraud", 7)} if kept else {})
    store = Store(url)
    writer = Writer(store)
    with store.reading() as tx:
        who = attend.identify(tx, code, joined.token)
    again = answering.Answer(who, "pre", item, ("fraud",), 7)
    assert writer.submit(answering.record_responses, again).result().seq == 7
    writer.close()
    store.close()

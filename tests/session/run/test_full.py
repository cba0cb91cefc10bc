"""A full disk and a full queue: nothing is acknowledged that is not kept, and it is said so."""

from __future__ import annotations

import contextlib
import itertools
import os
import resource
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kit.errors import Unavailable
from kit.session.acts import move as moving
from kit.session.acts import open as opening
from kit.session.run.writer import MAX_QUEUED, Writer
from kit.session.store.participants import session_participants
from kit.session.store.store import Store
from tests.session.conftest import OPENING, join
from tests.session.load import OFFERS, at_pre, check_kept, choice_of, rows_of


def can_mount() -> bool:
    if os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory() as folder:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "none", folder], capture_output=True, check=False)
        return mounted.returncode == 0 and not subprocess.run(["umount", folder], check=False).returncode


class Quota:
    """A limit on the size of files, which every user may set."""

    alarm = "store_failed"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, service: Any) -> None:
        used = (service.results / "kit.db-wal").stat().st_size
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (used, resource.RLIM_INFINITY))

    def free(self, service: Any) -> None:
        everything = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, everything)

    def give_back(self) -> None:
        """Nothing was taken."""


class SmallDisk:
    """A disk of two megabytes, for whom may mount one."""

    alarm = "disk_full"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(folder)], check=True)

    def fill(self, service: Any) -> None:
        with contextlib.suppress(OSError), (self.folder / "film.mp4").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))

    def free(self, service: Any) -> None:
        (self.folder / "film.mp4").unlink()

    def give_back(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)


@pytest.fixture(params=[Quota, *([SmallDisk] if can_mount() else [])], ids=lambda kind: kind.__name__)
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    limited = request.param(tmp_path / "disk")
    yield limited
    limited.give_back()


def test_a_full_disk_acknowledges_nothing_and_raises_an_alarm_until_there_is_space(
    disk: Any, start: Callable[..., Any]
) -> None:
    service = start("disk")
    code = service.open_session()
    person = at_pre(service, code, 1)[0]
    form = person.wave("pre").json()["form"]
    disk.fill(service)
    acknowledged: dict[tuple[str, str], int] = {}
    refused = None
    for seq, item in itertools.islice(itertools.product(range(1, 400), OFFERS[form]), 2_000):
        reply = person.put("pre", item, [choice_of(seq)], seq)
        if reply.status_code != 200:
            refused = reply
            break
        acknowledged[(person.participant_id, item)] = seq
    assert refused is not None
    assert (refused.status_code, refused.json()["code"]) == (503, disk.alarm)
    assert int(refused.headers["retry-after"]) >= 1
    assert service.control.session(code)["alarm"] == disk.alarm
    assert service.control.sessions()[0]["alarm"] == disk.alarm
    assert person.http.get("/api/health").json() == {"status": "alarm", "alarm": disk.alarm}
    # Reading goes on, and an attempt that changes nothing does not end the alarm.
    assert person.wave("pre").status_code == 200
    assert person.put("pre", OFFERS[form][0], ["nonsense"]).status_code == 422
    assert service.control.session(code)["alarm"] == disk.alarm
    disk.free(service)
    reply = person.put("pre", item, [choice_of(seq)], seq)
    assert reply.status_code == 200
    acknowledged[(person.participant_id, item)] = seq
    assert service.control.session(code)["alarm"] is None
    check_kept(acknowledged, rows_of(service.results))
    service.restart(kill=True)
    check_kept(acknowledged, rows_of(service.results))


def test_a_full_queue_answers_503_and_says_when_to_come_back(in_process: Callable[..., Any]) -> None:
    hall = in_process()
    writer: Writer = hall.service.writer
    path = f"/api/sessions/{writer.run(opening.open_session, OPENING)}/participants"
    body = {"audience": "student", "consent": True}
    gate = threading.Event()
    writer.maintain(gate.wait)
    time.sleep(0.2)
    for _ in range(MAX_QUEUED):
        last = writer.submit(lambda tx, asked: [None] * len(asked), None)
    full = hall.http.post(path, json=body)
    gate.set()
    assert (full.status_code, full.json()["code"]) == (503, "queue_full")
    assert int(full.headers["retry-after"]) >= 1
    last.result(60)
    assert hall.http.post(path, json=body).status_code == 201


def test_a_full_disk_refuses_without_losing_what_was_kept(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'kit.db'}")
    writer = Writer(store)
    code = writer.run(opening.open_session, OPENING)
    who = join(writer, code)
    writer.run(moving.move, (code, "pre"))

    def pages(limit: int) -> None:
        with store._engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count={limit}")

    with store._engine.connect() as connection:
        used = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    pages(used)

    def crowd() -> None:
        for _ in range(500):
            join(writer, code)

    with pytest.raises(Unavailable) as refusal:
        crowd()
    assert refusal.value.key == "disk_full"
    assert writer.alarm == "disk_full"
    pages(2**30)
    join(writer, code)
    assert writer.alarm is None
    with store.reading() as tx:
        assert who.participant_id in {
            row["participant_id"] for row in session_participants(tx, who.session_id)
        }
    writer.close()
    store.close()

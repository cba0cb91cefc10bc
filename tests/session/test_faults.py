"""Kill it, fill its disk, cut its lines: what was acknowledged is stored, and phones carry on."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import random
import resource
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console
from rich.progress import Progress

from kit.errors import Unavailable
from kit.session import requests, rules
from kit.session.client import Control, wait_until_healthy
from kit.session.rehearsal import conduct, make_phones
from kit.session.store import MIGRATIONS, Store
from kit.session.writer import MAX_QUEUED, Writer, one_by_one
from tests.session.conftest import OPENING, QUIZ

OFFERS = {form: [i.item_id for i in QUIZ.form_items(form) if i.kind == "offer"] for form in QUIZ.forms}


def choice_of(seq: int) -> str:
    return ("fraud", "genuine", "unsure")[seq % 3]


class Load:
    """Phones that answer without pause, and note what was acknowledged to them."""

    def __init__(self, people: list[Any], urls: list[str]) -> None:
        self.acknowledged: dict[tuple[str, str], int] = {}
        self.refused: list[int] = []
        self.failures = 0
        self._urls = urls
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=self._answer, args=(person,)) for person in people]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join(30)

    def _answer(self, person: Any) -> None:
        form = person.wave("pre").json()["form"]
        turns = itertools.cycle(self._urls)
        url = next(turns)
        for seq, item in ((seq, item) for seq in itertools.count(1) for item in OFFERS[form]):
            path = f"/api/sessions/{person.code}/waves/pre/responses/{item}"
            # The same answer again until it is acknowledged, as the page does.
            while not self._ending.is_set():
                try:
                    reply = person.http.put(
                        url + path, json={"choice": [choice_of(seq)], "seq": seq}, timeout=10
                    )
                except httpx.HTTPError:
                    self.failures += 1
                    url = next(turns)
                    time.sleep(0.03)
                    continue
                if reply.status_code == 200:
                    assert reply.json() == {"item_id": item, "seq": seq}
                    self.acknowledged[(person.participant_id, item)] = seq
                    break
                self.refused.append(reply.status_code)
                time.sleep(0.03)
            if self._ending.is_set():
                return


def rows_of(results: Path) -> dict[tuple[str, str], tuple[str, int]]:
    with contextlib.closing(sqlite3.connect(f"file:{results / 'kit.db'}?mode=ro", uri=True)) as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        found = store.execute("SELECT participant_id, item_id, choice, seq FROM response").fetchall()
    return {(participant, item): (choice, seq) for participant, item, choice, seq in found}


def check_kept(
    acknowledged: dict[tuple[str, str], int], stored: dict[tuple[str, str], tuple[str, int]]
) -> None:
    for key, seq in acknowledged.items():
        assert key in stored, "an acknowledged answer is lost"
        assert stored[key][1] >= seq, "an acknowledged answer is older than what was acknowledged"
    for choice, seq in stored.values():
        assert choice == choice_of(seq), "an answer is stored with another one's number"


@pytest.fixture
def held(service: Any) -> tuple[Any, str]:
    code = service.open_session()
    return service, code


def at_pre(service: Any, code: str, people: int) -> list[Any]:
    joined = [service.join(code) for _ in range(people)]
    service.control.move(code, "pre")
    return joined


# Killed


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
from kit.session import requests, rules
from kit.session.store import Store
from kit.session.writer import Writer

step, url, code, token = sys.argv[1:]

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

class Dying(Store):
    def begin(self):
        if step == "committed":
            return self._commit_and_die()
        return super().begin()

    import contextlib
    @contextlib.contextmanager
    def _commit_and_die(self):
        with super().begin() as transaction:
            yield transaction
        die()

store = Dying(url)
with store.reading() as tx:
    who = rules.identify(tx, code, token)
if step == "begun":
    event.listen(store._engine, "begin", die)
if step == "written":
    event.listen(store._engine, "after_cursor_execute",
                 lambda c, cursor, statement, *rest: die() if statement.startswith("INSERT") else None)
if step == "commit":
    event.listen(store._engine, "commit", die)
writer = Writer(store)
print("acknowledged", writer.submit(rules.record_responses, requests.Answer(
    who, "pre", sys.stdin.readline().strip(), ("fraud",), 7)).result(), flush=True)
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
    step: str, acknowledged: bool, kept: bool, tmp_path: Path, quick_environment: dict[str, str]
) -> None:
    url = f"sqlite:///{tmp_path / 'kit.db'}"
    store = Store(url)
    writer = Writer(store)
    code = writer.run(rules.open_session, OPENING)
    joined = writer.run(rules.join, requests.Join(code, "student", True, "id"))
    writer.run(rules.move, (code, "pre"))
    with store.reading() as tx:
        arm = rules.identify(tx, code, joined.token).arm
    writer.close()
    store.close()
    item = OFFERS[arm[0]][0]
    command = [sys.executable, "-c", KILLED, step, url, code, joined.token]
    died = subprocess.run(
        command, input=item, capture_output=True, text=True, env=quick_environment, timeout=60, check=False
    )
    assert died.returncode == -9, died.stderr
    assert ("acknowledged 7" in died.stdout) == acknowledged
    assert rows_of(tmp_path) == ({(joined.participant_id, item): ("fraud", 7)} if kept else {})
    store = Store(url)
    writer = Writer(store)
    with store.reading() as tx:
        who = rules.identify(tx, code, joined.token)
    again = requests.Answer(who, "pre", item, ("fraud",), 7)
    assert writer.submit(rules.record_responses, again).result() == 7
    writer.close()
    store.close()


# A full disk


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
    path = f"/api/sessions/{writer.run(rules.open_session, OPENING)}/participants"
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


def test_a_caller_who_gives_up_does_not_stop_the_writer(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'kit.db'}")
    writer = Writer(store)
    gate = threading.Event()
    writer.maintain(gate.wait)
    given_up = writer.submit(lambda tx, asked: [None] * len(asked), None)
    assert given_up.cancel()
    gate.set()
    assert writer.submit(one_by_one(rules.open_session), OPENING).result(20)
    writer.close()
    store.close()


# Lost, late and double messages


def send_and_hang_up(service: Any, person: Any, item: str, body: dict[str, object]) -> None:
    """Put an answer on the line and be gone before the acknowledgement comes."""
    content = json.dumps(body).encode()
    head = (
        f"PUT /api/sessions/{person.code}/waves/pre/responses/{item} HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: {person.http.headers['authorization']}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", service.port)) as line:
        line.sendall(head.encode() + content)
        line.shutdown(socket.SHUT_WR)


def test_an_acknowledgement_lost_after_the_commit_is_given_again(held: tuple[Any, str]) -> None:
    service, code = held
    (person,) = at_pre(service, code, 1)
    item = person.wave("pre").json()["items"][0]["item_id"]
    send_and_hang_up(service, person, item, {"choice": ["fraud"], "seq": 5})
    deadline = time.monotonic() + 10
    while not rows_of(service.results) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert rows_of(service.results) == {(person.participant_id, item): ("fraud", 5)}
    assert person.put("pre", item, ["fraud"], 5).json() == {"item_id": item, "seq": 5}
    assert person.put("pre", item, ["genuine"], 5).json() == {"item_id": item, "seq": 5}
    assert person.put("pre", item, ["genuine"], 4).json() == {"item_id": item, "seq": 5}
    assert rows_of(service.results) == {(person.participant_id, item): ("fraud", 5)}


def test_joining_again_after_a_lost_answer_gives_the_same_person(any_service: Any) -> None:
    code, other = any_service.open_session(), any_service.open_session()
    body = {"audience": "student", "consent": True, "request_id": "a-secret-number-of-the-phone"}
    http = any_service.phone()
    first, second = (http.post(f"/api/sessions/{code}/participants", json=body).json() for _ in range(2))
    assert first == second
    elsewhere = http.post(f"/api/sessions/{other}/participants", json=body).json()
    assert elsewhere["token"] != first["token"]
    assert any_service.control.session(code)["joined"] == 1
    short = http.post(f"/api/sessions/{code}/participants", json={**body, "request_id": "guessable"})
    assert short.status_code == 422


def test_two_tabs_with_one_token_agree_on_the_highest_number(held: tuple[Any, str]) -> None:
    service, code = held
    (person,) = at_pre(service, code, 1)
    item = person.wave("pre").json()["items"][0]["item_id"]
    tab = service.phone()
    tab.headers["Authorization"] = person.http.headers["authorization"]
    path = f"/api/sessions/{code}/waves/pre/responses/{item}"
    assert tab.put(path, json={"choice": ["genuine"], "seq": 3}).json()["seq"] == 3
    assert person.put("pre", item, ["fraud"], 2).json()["seq"] == 3
    assert person.put("pre", item, ["fraud"], 4).json()["seq"] == 4
    for http in (tab, person.http):
        kept = http.get(f"/api/sessions/{code}/waves/pre").json()["responses"][item]
        assert kept == {"choice": ["fraud"], "seq": 4}


def test_of_two_phones_with_one_personal_code_only_the_newer_goes_on(any_service: Any) -> None:
    code = any_service.open_session()
    (person,) = at_pre(any_service, code, 1)
    item = person.wave("pre").json()["items"][0]["item_id"]
    person.put("pre", item, ["fraud"])
    second = any_service.phone()
    resume = f"/api/sessions/{code}/participants/resume"
    taken = second.post(resume, json={"personal_code": person.personal_code}).json()
    second.headers["Authorization"] = f"Bearer {taken['token']}"
    assert second.get(f"/api/sessions/{code}/waves/pre").json()["responses"][item]["choice"] == ["fraud"]
    for old in (person.wave("pre"), person.put("pre", item, ["genuine"], 2), person.submit("pre")):
        assert (old.status_code, old.json()["code"]) == (401, "stale_token")
    for stage in ("lesson", "post", "results"):
        any_service.control.move(code, stage)
    assert person.feedback().json()["code"] == "stale_token"
    assert second.get(f"/api/sessions/{code}/feedback").status_code == 200


def test_a_clock_that_jumps_changes_no_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    years = itertools.cycle([2038, 1970, 2026, 1999])
    for module in ("rules", "store", "upkeep"):
        monkeypatch.setattr(f"kit.session.{module}.now", lambda: f"{next(years)}-01-01T00:00:00.000Z")
    store = Store(f"sqlite:///{tmp_path / 'kit.db'}")
    writer = Writer(store)
    code = writer.run(rules.open_session, OPENING)
    tokens = [writer.run(rules.join, requests.Join(code, "student", True, "id")).token for _ in range(8)]
    writer.run(rules.move, (code, "pre"))
    with store.reading() as tx:
        people = [rules.identify(tx, code, token) for token in tokens]
    assert (
        sorted(who.arm for who in people[:4])
        == sorted(who.arm for who in people[4:])
        == ["AB", "AB", "BA", "BA"]
    )
    for who in people:
        item = OFFERS[who.arm[0]][0]
        for seq in (3, 1, 5, 2, 4):
            answer = requests.Answer(who, "pre", item, (choice_of(seq),), seq)
            assert writer.submit(rules.record_responses, answer).result() >= seq
    writer.close()
    store.close()
    assert set(rows_of(tmp_path).values()) == {(choice_of(5), 5)}


# Bad lines

PHONES = 14


class ChaosProxy:
    """A line between phones and service with delays, resets, and answers that never arrive."""

    def __init__(self, port: int, seed: int) -> None:
        self.target = port
        self.dice = random.Random(seed)
        self.resets = self.swallowed = 0
        self.lines: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> ChaosProxy:
        self.server = await asyncio.start_server(self.carry, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.close()
        for line in list(self.lines):
            line.cancel()
        await asyncio.gather(*self.lines, return_exceptions=True)
        await asyncio.sleep(0.1)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.current_task()
        assert line is not None
        self.lines.add(line)
        line.add_done_callback(self.lines.discard)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        ways = [
            asyncio.create_task(self.forward(reader, far_writer, writer, back=False)),
            asyncio.create_task(self.forward(far_reader, writer, far_writer, back=True)),
        ]
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        for end in (writer, far_writer):
            end.transport.abort()
        await asyncio.gather(*ways, return_exceptions=True)

    async def forward(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        other: asyncio.StreamWriter,
        *,
        back: bool,
    ) -> None:
        with contextlib.suppress(OSError):
            while part := await source.read(65_536):
                await asyncio.sleep(self.dice.uniform(0, 0.02))
                fate = self.dice.random()
                if fate < 0.03:
                    self.resets += 1
                    sink.transport.abort()
                    other.transport.abort()
                    return
                if back and fate < 0.06:
                    # Half-closed: the request went through, its answer does not.
                    self.swallowed += 1
                    sink.write_eof()
                    await asyncio.sleep(0.05)
                    return
                sink.write(part)
                await sink.drain()


async def hold_session(service: Any, code: str, phones: int) -> tuple[Any, list[Any], ChaosProxy]:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with (
        ChaosProxy(service.port, seed=7) as line,
        httpx.AsyncClient(base_url=line.url, trust_env=False, timeout=30, limits=limits) as http,
    ):
        people, tally = make_phones(code, http, [QUIZ], phones=phones, seed=3, hurry=0)
        attending = [asyncio.create_task(phone.attend()) for phone in people]
        with Progress(console=Console(quiet=True)) as bar:
            await conduct(service.control, code, people, tally, bar)
        await asyncio.wait(attending, timeout=20)
        for task in attending:
            task.cancel()
        await asyncio.gather(*attending, return_exceptions=True)
    return tally, people, line


def test_phones_on_bad_lines_lose_nothing_and_count_once(held: tuple[Any, str]) -> None:
    service, code = held
    tally, people, line = asyncio.run(hold_session(service, code, phones=PHONES))
    assert line.resets + line.swallowed > 30
    assert (tally.lost, tally.double, tally.refused) == (0, 0, 0)
    with contextlib.closing(sqlite3.connect(service.results / "kit.db")) as store:
        (stored,) = store.execute("SELECT count(*) FROM response").fetchone()
    assert stored == sum(len(phone.acknowledged) for phone in people)
    live = service.control.session(code)
    assert live["joined"] == PHONES, "a repeated request to join made a second person"
    print(f"{stored} answers, {line.resets} resets, {line.swallowed} answers swallowed, 0 lost, 0 double")


# Migrations


def test_a_store_of_the_first_kit_goes_on_and_its_backup_can_be_restored(
    tmp_path: Path, start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    results = tmp_path / "results"
    results.mkdir()
    path = results / "kit.db"
    first = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, first)
    for version in (first / "versions").glob("v0*.py"):
        if not version.name.startswith("v0001"):
            version.unlink()
    monkeypatch.setattr("kit.session.store.MIGRATIONS", first)
    Store(f"sqlite:///{path}").close()
    monkeypatch.undo()
    with contextlib.closing(sqlite3.connect(path)) as old, old:
        old.execute("INSERT INTO site (site_id, name) VALUES ('s', 'Kebon Kosong')")
        old.execute(
            "INSERT INTO session (session_id, code, site_id, held_on, minors_consent, rehearsal, "
            "followup_days, stage, version, seed, opened_at) "
            "VALUES (?, 'K7M4QX', 's', '2026-11-23', 1, 0, 90, 'lobby', 1, 'x', '2026-11-23T01:00:00.000Z')",
            ("0123456789abcdef" * 2,),
        )
        old.execute(
            "INSERT INTO session_quiz VALUES (?, 'students', 0, ?, ?)",
            ("0123456789abcdef" * 2, QUIZ.sha256, QUIZ.canonical_json()),
        )
    service = start()
    person = service.join("K7M4QX")
    (backup,) = (results / "backups").iterdir()
    assert backup.stat().st_mode & 0o077 == 0
    service.process.kill()
    service.process.wait(10)
    for leftover in results.glob("kit.db*"):
        leftover.unlink()
    shutil.copy(backup, path)
    service.restart(kill=True)
    assert service.control.session("K7M4QX")["joined"] == 0, "the backup is from before anybody joined"
    assert service.join("K7M4QX").participant_id != person.participant_id


def test_a_migration_that_fails_leaves_the_store_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, backups = tmp_path / "kit.db", tmp_path / "backups"
    Store(f"sqlite:///{path}").close()
    broken = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, broken)
    (broken / "versions" / "v9_broken.py").write_text(
        "from alembic import op\nimport sqlalchemy as sa\nrevision = 'broken'\ndown_revision = '0002'\n"
        "def upgrade():\n    op.add_column('site', sa.Column('half', sa.String(5)))\n"
        "    op.execute('SELECT nothing FROM nowhere')\n"
    )
    with monkeypatch.context() as patched:
        patched.setattr("kit.session.store.MIGRATIONS", broken)
        with pytest.raises(Unavailable):
            Store(f"sqlite:///{path}", backups=backups)
    assert len(list(backups.iterdir())) == 1
    with contextlib.closing(sqlite3.connect(path)) as store:
        assert "half" not in [row[1] for row in store.execute("PRAGMA table_info(site)")]
    Store(f"sqlite:///{path}").close()


# Replicas


@pytest.fixture
def replicas(start: Callable[..., Any], new_database: str) -> tuple[Any, Any]:
    return start("one", store=new_database), start("two", store=new_database)


def follow(service: Any, code: str, seen: list[tuple[str, float]], ready: threading.Event) -> None:
    with service.phone().stream("GET", f"/api/sessions/{code}/stream") as events:
        for line in events.iter_lines():
            if line.startswith("data: "):
                seen.append((json.loads(line[6:])["stage"], time.monotonic()))
                ready.set()
                if seen[-1][0] == "pre":
                    return


@pytest.mark.postgres
def test_two_replicas_are_one_service(replicas: tuple[Any, Any]) -> None:
    one, two = replicas
    code = one.open_session()
    person = one.join(code)
    times: list[list[tuple[str, float]]] = [[], []]
    ready = [threading.Event(), threading.Event()]
    followers = [
        threading.Thread(target=follow, args=(service, code, seen, event))
        for service, seen, event in zip(replicas, times, ready, strict=True)
    ]
    for follower in followers:
        follower.start()
    assert all(event.wait(10) for event in ready)
    began = time.monotonic()
    one.control.move(code, "pre")
    for follower in followers:
        follower.join(15)
    late = [seen[-1][1] - began for seen in times]
    assert [seen[-1][0] for seen in times] == ["pre", "pre"]
    print(f"stage change seen after {late[0]:.2f} s on the same replica, {late[1]:.2f} s on the other")
    assert max(late) < 3
    person.http.base_url = httpx.URL(two.url)
    item = person.wave("pre").json()["items"][0]["item_id"]
    assert person.put("pre", item, ["fraud"]).status_code == 200
    person.http.base_url = httpx.URL(one.url)
    assert person.wave("pre").json()["responses"][item]["choice"] == ["fraud"]
    resumed = two.phone().post(
        f"/api/sessions/{code}/participants/resume", json={"personal_code": person.personal_code}
    )
    assert resumed.status_code == 200
    for old in (person.wave("pre"), person.put("pre", item, ["genuine"], 2)):
        assert (old.status_code, old.json()["code"]) == (401, "stale_token")


@pytest.mark.postgres
def test_joins_on_both_replicas_at_once_keep_the_arms_in_balance(replicas: tuple[Any, Any]) -> None:
    code = replicas[0].open_session()
    statuses: list[int] = []

    def join(service: Any) -> None:
        http = service.phone()
        for _ in range(10):
            body = {"audience": "student", "consent": True}
            statuses.append(http.post(f"/api/sessions/{code}/participants", json=body).status_code)

    threads = [threading.Thread(target=join, args=(service,)) for service in replicas for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert statuses == [201] * 60
    people = Control(replicas[1].url, replicas[1].environment["KIT_CONTROL_TOKEN"])
    assert people.session(code)["joined"] == 60
    people.close_connection()
    store = Store(replicas[0].store, read_only=True)
    with store.reading() as tx:
        arms = [row["arm"] for row in tx.participants(rules.view_session(tx, code).row["session_id"])]
    store.close()
    assert (arms.count("AB"), arms.count("BA")) == (30, 30)


@pytest.mark.postgres
def test_a_replica_killed_under_load_loses_nothing(replicas: tuple[Any, Any]) -> None:
    one, two = replicas
    code = one.open_session()
    people = at_pre(one, code, 5)
    with Load(people, [one.url, two.url]) as load:
        time.sleep(1)
        one.process.kill()
        one.process.wait(10)
        time.sleep(1)
    assert load.failures
    store = Store(two.store, read_only=True)
    with store.reading() as tx:
        rows = tx.session_responses(rules.view_session(tx, code).row["session_id"])
    store.close()
    stored = {(row["participant_id"], row["item_id"]): (row["choice"], row["seq"]) for row in rows}
    check_kept(load.acknowledged, stored)
    assert two.control.session(code)["joined"] == 5
    one.restart(kill=True)
    assert wait_until_healthy(one.control, one.process)

"""A hall of phones against the real service: `uv run --group dev python -m tests.bench hall`.

The service runs pinned to one core, the generator to another; server CPU seconds and the generator's own lag
stand beside every latency.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from kit.session.client import Control, wait_until_healthy
from tests.bench.phones import Crowd, Lag, Line, quantiles

TOKEN = "token-of-the-bench-0123456789"
ONE_COMMIT_EACH = """
import sys
import kit.session.run.writer as writer
from kit.session.server import main

writer.MAX_BATCH, writer.GATHER_SECONDS = 1, 0
sys.exit(main())
"""


# The same request taken, checked and answered in the same way, but nothing is stored.
NOOP = """
import sys
from fastapi import Request
import kit.session.server as server
from kit.session.http import requests, wire
from kit.session.http.app import create_app
from kit.session.http.guard import PARTICIPANT
from kit.session.http.replies import Reply

async def noop(item_id: str, body: requests.ResponseRequest):
    return Reply(wire.ResponseReply(item_id=item_id, seq=body.seq))

def create(settings):
    app = create_app(settings)
    path, guards = "/noop/{code}/{wave}/{item_id}", PARTICIPANT.dependencies
    app.add_api_route(path, noop, methods=["PUT"], dependencies=guards)
    app.router.routes.insert(0, app.router.routes.pop())
    return app

server.create_app = create
sys.exit(server.main())
"""


class Server:
    """The service as its own process on core 0."""

    def __init__(self, folder: Path, port: int, *, store: str = "", program: list[str] | None = None) -> None:
        environment = {
            **os.environ,
            "KIT_RESULTS": str(folder),
            "KIT_STORE": store,
            "KIT_CONTROL_TOKEN": TOKEN,
        }
        command = [sys.executable, *(program or ["-m", "kit.session.server"]), "--port", str(port)]
        self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
        self.port = port
        self.folder = folder
        self.control = Control(f"http://127.0.0.1:{port}", TOKEN, timeout=60)
        assert wait_until_healthy(self.control, self.process)
        self.watched = psutil.Process(self.process.pid)
        if len(os.sched_getaffinity(0)) > 1:
            self.watched.cpu_affinity([0])

    def cpu(self) -> float:
        times = self.watched.cpu_times()
        return float(times.user + times.system)

    def memory(self) -> float:
        return self.watched.memory_info().rss / 2**20

    def open(self) -> str:
        return str(self.control.open_session(quizzes=["students"], site="Bench", rehearsal=True)["code"])

    def stop(self) -> None:
        self.control.close_connection()
        self.process.terminate()
        self.process.wait(20)


def show(name: str, **figures: object) -> None:
    """One line of the table."""
    print(f"{name:34}", "  ".join(f"{key}={value}" for key, value in figures.items()), flush=True)


async def whole_session(server: Server, size: int, spread: float = 2.0) -> float:
    """Everything a hall does once; returns server CPU seconds for an answer."""
    code = server.open()
    crowd = Crowd([server.port], code, size)
    lag = Lag()
    cpu = server.cpu()
    joined = await crowd.join_all()
    show(f"{size} phones: join", seconds=f"{joined:.2f}", cpu=f"{server.cpu() - cpu:.2f}", lag_ms=lag.stop())
    costs: list[float] = []
    for wave, path in (("pre", ["pre"]), ("post", ["lesson", "post"])):
        for stage in path:
            cpu, start, lag = server.cpu(), time.perf_counter(), Lag()
            await asyncio.to_thread(server.control.move, code, stage)
            delays = await crowd.told(stage, start)
            show(
                f"{size} phones: stage {stage}",
                told_ms=quantiles(delays),
                cpu=f"{server.cpu() - cpu:.2f}",
                lag_ms=lag.stop(),
            )
        cpu, lag = server.cpu(), Lag()
        took = await crowd.load_wave(wave)
        show(
            f"{size} phones: items of {wave}",
            ms=quantiles(took),
            cpu=f"{server.cpu() - cpu:.2f}",
            lag_ms=lag.stop(),
        )
        latencies: list[float] = []
        lag = Lag()
        for place in range(max(len(items) for items in crowd.items)):
            cpu = server.cpu()
            latencies += await crowd.answer(wave, place, spread)
            costs.append((server.cpu() - cpu) / size)
        show(
            f"{size} phones: answers in {spread:g} s",
            ack_ms=quantiles(latencies),
            cpu_per_question=f"{1000 * sorted(costs)[len(costs) // 2] * size / 1000:.2f}",
            lag_ms=lag.stop(),
        )
        await crowd.submit(wave)
        show(f"{size} phones: kept {wave}", **await crowd.check(wave))
        if wave == "pre":
            await polls(server, crowd)
    stages = len({at for at in crowd.streams[0].told})
    show(
        f"{size} phones: messages",
        told_per_phone=stages,
        memory_mb=f"{server.memory():.0f}",
        refused=crowd.refused,
    )
    await asyncio.to_thread(server.control.move, code, "results")
    show(f"{size} phones: store", **kept_in_store(server, crowd))
    crowd.drop()
    return sorted(costs)[len(costs) // 2]


async def polls(server: Server, crowd: Crowd) -> None:
    quiz = server.control.session(crowd.code)["quizzes"][0]
    await asyncio.to_thread(server.control.move, crowd.code, "lesson")
    for poll in quiz["polls"][:3]:
        await asyncio.to_thread(server.control.move, crowd.code, f"poll:{poll}")
        await crowd.load_wave("poll")
        lag = Lag()
        took = await crowd.answer("poll", 0, 1.0)
        show(f"{crowd.size} phones: {poll}", ack_ms=quantiles(took), lag_ms=lag.stop())
        await asyncio.to_thread(server.control.move, crowd.code, f"reveal:{poll}")


def kept_in_store(server: Server, crowd: Crowd) -> dict[str, int]:
    """Every acknowledged response against the rows of the store: lost, double, wrong."""
    store = sqlite3.connect(f"file:{server.folder / 'kit.db'}?mode=ro", uri=True)
    rows = store.execute(
        "SELECT participant_id, wave, item_id, choice FROM response JOIN participant USING (participant_id)"
        " JOIN session USING (session_id) WHERE code = ?",
        (crowd.code,),
    ).fetchall()
    store.close()
    kept = {(code, wave, item): choice for code, wave, item, choice in rows}
    expected = {
        (crowd.codes[n], wave, item): choice for (n, wave, item), choice in crowd.acknowledged.items()
    }
    return {
        "acknowledged": len(expected),
        "lost": len(expected.keys() - kept.keys()),
        "double": len(rows) - len(kept),
        "wrong": sum(kept[key] != choice for key, choice in expected.items() if key in kept),
    }


async def reconnecting(server: Server, size: int) -> None:
    code = server.open()
    crowd = Crowd([server.port], code, size)
    await crowd.join_all()
    await asyncio.to_thread(server.control.move, code, "pre")
    await crowd.load_wave("pre")
    await crowd.answer("pre", 0, 1.0)
    crowd.drop()
    await asyncio.sleep(0.5)
    cpu, lag = server.cpu(), Lag()
    took = await crowd.reconnect("pre", 5.0)
    kept = await crowd.check("pre")
    show(
        f"{size} phones: all reconnect in 5 s",
        ms=quantiles(took),
        cpu=f"{server.cpu() - cpu:.2f}",
        lag_ms=lag.stop(),
        **kept,
    )
    crowd.drop()


async def throughput(server: Server, workers: int, seconds: float, kind: str) -> float:
    """Requests a second with `workers` phones that never pause: durable answers, or one of two no-ops."""
    code = server.open()
    crowd = Crowd([server.port], code, workers)
    await crowd.join_all()
    await asyncio.to_thread(server.control.move, code, "pre")
    await crowd.load_wave("pre")
    end = time.perf_counter() + seconds
    done = 0

    async def phone(number: int, line: Line) -> None:
        nonlocal done
        seq = 0
        while time.perf_counter() < end:
            seq += 1
            item = crowd.items[number][seq % 10]["item_id"]
            body = {"choice": ["unsure"], "seq": seq}
            raw = crowd.request(number, "PUT", f"/waves/pre/responses/{item}", body)
            if kind == "health":
                raw = b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n"
            elif kind == "noop":
                stored, same = f"/api/sessions/{code}/waves/pre/responses/{item}", f"/noop/{code}/pre/{item}"
                raw = raw.replace(stored.encode(), same.encode())
            status, answer = await line.ask(raw)
            assert status == 200, answer
            done += 1

    await asyncio.gather(*(phone(number, line) for number, line in enumerate(crowd.lines)))
    crowd.drop()
    return done / seconds


def with_server(work: Callable[[Server], object], *, program: list[str] | None = None) -> None:
    from tests.conftest import free_port

    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), free_port(), program=program)
        try:
            work(server)
        finally:
            server.stop()


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="hall")
    parser.add_argument("--phones", type=int, nargs="*", default=[100, 1000, 5000])
    parser.add_argument("--seconds", type=float, default=5.0)
    chosen = parser.parse_args(arguments)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if len(os.sched_getaffinity(0)) > 1:
        psutil.Process().cpu_affinity([1])
    costs: dict[int, float] = {}
    for size in chosen.phones:
        spread = 2.0 * max(1.0, size / 1000)

        def run(server: Server, size: int = size, spread: float = spread) -> None:
            show(f"{size} phones: idle service", memory_mb=f"{server.memory():.0f}")
            costs[size] = asyncio.run(whole_session(server, size, spread))

        with_server(run)
    smallest, largest = min(costs), max(costs)
    show(
        "cost of an answer",
        **{f"ms_{size}": f"{1000 * cost:.2f}" for size, cost in costs.items()},
        ratio=f"{costs[largest] / costs[smallest]:.2f}",
    )
    with_server(lambda server: asyncio.run(reconnecting(server, min(1000, largest))))
    rates: dict[str, float] = {}
    for name, kind, program in (
        ("health", "health", None),
        ("noop", "noop", ["-c", NOOP]),
        ("durable", "durable", None),
        ("one_commit_each", "durable", ["-c", ONE_COMMIT_EACH]),
    ):

        def measure(server: Server, name: str = name, kind: str = kind) -> None:
            rates[name] = asyncio.run(throughput(server, 200, chosen.seconds, kind))

        with_server(measure, program=program)
    show(
        "answers a second, 200 phones",
        **{name: f"{rate:.0f}" for name, rate in rates.items()},
        of_noop=f"{rates['durable'] / rates['noop']:.2f}",
        of_one_commit_each=f"{rates['durable'] / rates['one_commit_each']:.1f}",
    )
    print(json.dumps({"cores": os.cpu_count(), "python": sys.version.split()[0]}))


if __name__ == "__main__":
    main()

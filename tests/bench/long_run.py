"""A long run: phones coming and going, the service killed and its clock set wrong; what is lost, what grows.

In the first half the service is killed now and then. In the second it lives on, so that what it gathers is
seen. In both its clock jumps by days and by years, and a session that was closed before must keep its people.

`python -m tests.bench long [--minutes 30] [--phones 300]`. Bounded, loopback only.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
import psutil

from kit.session.store.participants import participants_by_id
from kit.session.store.responses import responses_of
from kit.session.store.store import Store
from tests.conftest import RunningService, spawn_service, start_service

DISTURB_EVERY: Final = 90.0
"""Seconds; at least three times in either half of any run."""
SAMPLE_SECONDS: Final = 5.0
WARM_SECONDS: Final = 60.0
"""After a start the service still fills what it remembers."""
JUMPS: Final = (-3_650, -400, -2, 0, 2, 400, 3_650)
"""Days by which the clock is wrong."""
KEPT_PEOPLE: Final = 12


@dataclass(frozen=True)
class Sample:
    """Resident megabytes and open files of the service at a moment."""

    memory: float
    files: int


@dataclass
class Kept:
    """The last seq that was acknowledged, by person and item; and how often nobody answered."""

    acknowledged: dict[tuple[str, str], int] = field(default_factory=dict)
    unanswered: int = 0
    refused: Counter[int] = field(default_factory=Counter)
    joins: int = 0


async def live_as_phone(service: RunningService, code: str, kept: Kept, ending: float) -> None:
    """Join, answer and change answers, go, come again as somebody else."""
    while time.monotonic() < ending:
        try:
            async with httpx.AsyncClient(base_url=service.url, timeout=20, trust_env=False) as phone:
                asked = {"audience": "resident", "consent": True}
                reply = await phone.post(f"/api/sessions/{code}/participants", json=asked)
                me = reply.raise_for_status().json()
                kept.joins += 1
                phone.headers["Authorization"] = f"Bearer {me['token']}"
                items = (
                    (await phone.get(f"/api/sessions/{code}/waves/pre")).raise_for_status().json()["items"]
                )
                await _answer(phone, code, me["participant_id"], items, kept)
        except httpx.HTTPStatusError as refusal:
            kept.refused[refusal.response.status_code] += 1
            await asyncio.sleep(random.uniform(0.5, 2))
        except httpx.HTTPError:
            kept.unanswered += 1
            await asyncio.sleep(random.uniform(0.5, 2))
        await asyncio.sleep(random.uniform(5, 25))


async def _answer(
    phone: httpx.AsyncClient, code: str, person: str, items: list[dict[str, Any]], kept: Kept
) -> None:
    for seq in (1, 2):
        for item in items:
            path = f"/api/sessions/{code}/waves/pre/responses/{item['item_id']}"
            reply = await phone.put(path, json={"choice": [item["options"][0]["option_id"]], "seq": seq})
            reply.raise_for_status()
            kept.acknowledged[person, item["item_id"]] = seq
            await asyncio.sleep(random.uniform(0.2, 1.5))


async def disturb(service: RunningService, offset: Path, ending: float, samples: list[Sample]) -> None:
    """Set the clock wrong and kill the service now and then; sample it once it is killed no more."""
    began = time.monotonic()
    half = (ending - began) / 2
    pause, warm = min(DISTURB_EVERY, half / 4), min(WARM_SECONDS, half / 4)
    disturbed, killed = began, began
    while time.monotonic() < ending:
        await asyncio.sleep(SAMPLE_SECONDS)
        now = time.monotonic()
        if now - began > half and now - killed > warm:
            process = psutil.Process(service.process.pid)
            samples.append(Sample(process.memory_info().rss / 2**20, process.num_fds()))
        if now - disturbed > pause:
            disturbed = now
            offset.write_text(str(86_400 * random.choice(JUMPS)))
            if now - began < half:
                await asyncio.to_thread(service.restart, kill=True)
                killed = time.monotonic()


async def run(
    service: RunningService, offset: Path, code: str, phones: int, minutes: float
) -> tuple[Kept, list[Sample]]:
    """The whole run."""
    kept = Kept()
    samples: list[Sample] = []
    ending = time.monotonic() + minutes * 60
    crowd = [live_as_phone(service, code, kept, ending) for _ in range(phones)]
    await asyncio.gather(*crowd, disturb(service, offset, ending, samples))
    return kept, samples


def close_one_before(service: RunningService) -> list[str]:
    """A session that is over before the clock goes wrong; its people."""
    code = service.open_session("students")
    people = [service.join(code) for _ in range(KEPT_PEOPLE)]
    service.control.move(code, "pre")
    for person in people:
        person.answer("pre", 3)
    service.control.close(code)
    return [person.participant_id for person in people]


def lost(service: RunningService, kept: Kept, before: list[str]) -> tuple[int, int]:
    """Acknowledged answers that are not stored with at least their seq; people of the closed session gone."""
    people = list({person for person, _ in kept.acknowledged})
    store = Store(f"sqlite:///{service.results / 'kit.db'}", read_only=True)
    try:
        with store.reading() as tx:
            found = responses_of(tx, people, ["pre"])
            still = participants_by_id(tx, before)
    finally:
        store.close()
    stored = {(person, row["item_id"]): row["seq"] for person, rows in found.items() for row in rows}
    gone = sum(stored.get(key, 0) < seq for key, seq in kept.acknowledged.items())
    return gone, len(before) - len(still)


def main() -> None:
    """Run it; fails where anything is lost, or memory or descriptors grow by a quarter."""
    parser = argparse.ArgumentParser(prog="tests.bench long")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--phones", type=int, default=300)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        offset = Path(folder) / "offset"
        offset.write_text("0")
        service = start_service(
            Path(folder) / "results",
            begin=partial(spawn_service, module="tests.bench.clocked"),
            CLOCK_OFFSET=str(offset),
        )
        try:
            before = close_one_before(service)
            code = service.open_session("residents", minors_consent=False)
            service.control.move(code, "pre")
            whole = run(service, offset, code, given.phones, min(120.0, given.minutes))
            kept, samples = asyncio.run(whole)
            gone, people = lost(service, kept, before)
        finally:
            service.stop()
    third = max(1, len(samples) // 3)
    early, late = samples[:third], samples[-third:]
    memory = [sum(one.memory for one in part) / len(part) for part in (early, late)]
    files = [max(one.files for one in part) for part in (early, late)]
    print(
        f"{given.minutes:g} minutes, {given.phones} phones: {kept.joins} joins, "
        f"{len(kept.acknowledged)} answers acknowledged, {gone} lost, {kept.unanswered} times no answer, "
        f"refused {dict(kept.refused)}; "
        f"{people} of {len(before)} people of a closed session deleted by a wrong clock; "
        f"memory {memory[0]:.0f} → {memory[1]:.0f} MB, open files {files[0]} → {files[1]}"
    )
    if gone or people or memory[1] > 1.25 * memory[0] or files[1] > 1.25 * files[0]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()

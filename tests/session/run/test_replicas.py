"""Two replicas on one PostgreSQL are one service."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from kit.session.acts.view import view_session
from kit.session.client import Control, wait_until_healthy
from kit.session.store.participants import session_participants
from kit.session.store.responses import session_responses
from kit.session.store.store import Store
from tests.session.load import Load, at_pre, check_kept


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
        assert (old.status_code, old.json()["code"]) == (401, "code_elsewhere")


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
        arms = [row["arm"] for row in session_participants(tx, view_session(tx, code).session_id)]
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
        rows = session_responses(tx, view_session(tx, code).session_id)
    store.close()
    stored = {(row["participant_id"], row["item_id"]): (row["choice"], row["seq"]) for row in rows}
    check_kept(load.acknowledged, stored)
    assert two.control.session(code)["joined"] == 5
    one.restart(kill=True)
    assert wait_until_healthy(one.control, one.process)

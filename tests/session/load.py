"""Phones that answer without pause, and what was acknowledged to them against what is stored."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import httpx

from tests.session.conftest import QUIZ

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


def at_pre(service: Any, code: str, people: int) -> list[Any]:
    joined = [service.join(code) for _ in range(people)]
    service.control.move(code, "pre")
    return joined

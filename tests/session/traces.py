"""What a session leaves behind on the disk, and letting it have happened on other days."""

from __future__ import annotations

import contextlib
import sqlite3
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from kit.session.acts import answer as answering
from kit.session.acts import attend
from kit.session.acts import move as moving
from kit.session.run.writer import Writer


def contents(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file below a folder, packed ones unpacked."""
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        yield path, path.read_bytes()
        if path.suffix == ".parquet":
            yield path, pd.read_parquet(path).to_json().encode()
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                yield path, b"".join(book.read(name) for name in book.namelist())


def check_no_trace(folder: Path, traces: list[str]) -> None:
    for path, content in contents(folder):
        for trace in traces:
            assert trace.encode() not in content, f"{trace} is in {path.relative_to(folder)}"


def change_store(folder: Path, statement: str, *values: object) -> None:
    with contextlib.closing(sqlite3.connect(folder / "kit.db")) as store, store:
        store.execute(statement, values)


def take_part(writer: Writer, code: str) -> None:
    """Somebody joins and answers one item of the open session."""
    writer.run(moving.move, (code, "pre"))
    joined = writer.run(attend.join, attend.Join(code, "student", True, "id"))
    who = writer.run(lambda tx, token: attend.identify(tx, code, token), joined.token)
    item = writer.run(lambda tx, who: answering.open_wave(tx, who, "pre"), who)["items"][0]
    answer = answering.Answer(who, "pre", item["item_id"], ("unsure",), 1)
    writer.submit(answering.record_responses, answer).result()


def happened(folder: Path, opened: str, joined: str, answered: str, closed: str | None = None) -> None:
    """Let everything in the store have happened on other days."""
    change_store(folder, "UPDATE session SET held_on = ?", opened)
    places = {"session.opened_at": opened, "participant.joined_at": joined, "response.answered_at": answered}
    for place, day in {**places, "session.closed_at": closed, "session.first_closed_at": closed}.items():
        table, _, column = place.partition(".")
        change_store(folder, f"UPDATE {table} SET {column} = ?", day and f"{day}T10:00:00.000Z")


def wait_for(condition: Callable[[], Any], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)

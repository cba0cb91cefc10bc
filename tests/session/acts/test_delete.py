"""When people are due for deletion, whatever the clock says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.session.acts import delete as deleting
from kit.session.acts import move as moving
from kit.session.acts import open as opening
from kit.session.acts.clock_trust import Look
from kit.session.acts.view import view_session
from kit.session.run.writer import Writer
from kit.session.store.sights import keep_sight
from kit.session.store.store import Store
from tests.session.conftest import OPENING
from tests.session.traces import happened, take_part


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    """A store without a service around it."""
    store = Store(f"sqlite:///{tmp_path / 'kit.db'}")
    writer = Writer(store)
    yield writer
    writer.close()
    store.close()


def look(writer: Writer, day: str) -> list[str]:
    """What is due on a day, on a laptop that was in use every week before."""
    with writer._store.writing() as tx:
        keep_sight(tx, seen_at=f"{day}T10:00:00.000Z")
    found: list[str] = writer.run(deleting.find_due, Look(f"{day}T10:00:00.000Z")).codes
    return found


def stage_of(writer: Writer, code: str) -> tuple[str, str | None]:
    row = writer.run(lambda tx, code: view_session(tx, code).row, code)
    return row["stage"], row["closed_at"]


def test_a_session_nobody_closed_falls_due_after_its_last_answer(writer: Writer, tmp_path: Path) -> None:
    code = writer.run(opening.open_session, OPENING)
    take_part(writer, code)
    happened(tmp_path, opened="2026-11-01", joined="2026-11-02", answered="2026-11-23")
    assert look(writer, "2027-03-22") == [], "day 119 after the last answer"
    assert look(writer, "2027-03-23") == [], "the first look only takes note"
    assert stage_of(writer, code) == ("pre", None)
    assert look(writer, "2027-03-24") == [code]
    assert stage_of(writer, code) == ("closed", "2026-11-23T10:00:00.000Z")
    assert look(writer, "2027-03-25") == [code], "the service was killed before it was done"


def test_somebody_who_answers_between_the_looks_keeps_it_open(writer: Writer, tmp_path: Path) -> None:
    code = writer.run(opening.open_session, OPENING)
    take_part(writer, code)
    happened(tmp_path, opened="2026-11-01", joined="2026-11-02", answered="2026-11-23")
    assert look(writer, "2027-03-23") == []
    happened(tmp_path, opened="2026-11-01", joined="2026-11-02", answered="2027-03-24")
    assert look(writer, "2027-03-25") == []
    assert look(writer, "2027-07-21") == []
    assert stage_of(writer, code) == ("pre", None)


def test_a_follow_up_left_open_falls_due_like_a_closed_session(writer: Writer, tmp_path: Path) -> None:
    code = writer.run(opening.open_session, OPENING)
    take_part(writer, code)
    writer.run(moving.close, code)
    writer.run(moving.move, (code, "followup"))
    happened(tmp_path, "2026-11-23", joined="2026-11-23", answered="2026-11-23", closed="2026-11-24")
    assert [look(writer, f"2027-03-{day}") for day in (23, 24, 25)] == [[], [], [code]]
    assert stage_of(writer, code) == ("closed", "2026-11-24T10:00:00.000Z")


def test_a_session_nobody_joined_stays_open(writer: Writer, tmp_path: Path) -> None:
    code = writer.run(opening.open_session, OPENING)
    happened(tmp_path, opened="2020-01-01", joined="", answered="")
    assert [look(writer, f"2026-11-{day}") for day in (23, 25, 27)] == [[], [], []]
    assert stage_of(writer, code) == ("lobby", None)


def test_a_session_reopened_in_the_last_moment_keeps_its_people(writer: Writer) -> None:
    code = writer.run(opening.open_session, OPENING)
    take_part(writer, code)
    writer.run(moving.close, code)
    writer.run(moving.move, (code, "followup"))
    assert writer.run(deleting.purge_people, (code, "2027-03-26T08:00:00.000Z")) == {}
    writer.run(moving.close, code)
    assert writer.run(deleting.purge_people, (code, "2027-03-26T08:00:00.000Z"))["participant"] == 1

"""Nobody is deleted because of a clock that stood still or jumped, nor kept for ever because of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from kit.session.acts import delete as deleting
from kit.session.acts import move as moving
from kit.session.acts import open as opening
from kit.session.acts.clock_trust import Look, clock_trust
from kit.session.acts.follow import list_sessions
from kit.session.run.writer import Writer
from kit.session.store import clock
from kit.session.store.store import Store
from tests.session.conftest import OPENING
from tests.session.traces import change_store, happened, take_part


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    """A store without a service around it."""
    store = Store(f"sqlite:///{tmp_path / 'kit.db'}")
    writer = Writer(store)
    yield writer
    writer.close()
    store.close()


@pytest.fixture
def code(writer: Writer) -> str:
    """A closed session with somebody in it."""
    code: str = writer.run(opening.open_session, OPENING)
    take_part(writer, code)
    writer.run(moving.close, code)
    return code


def at(day: str) -> str:
    return f"{day}T10:00:00.000Z"


def look(writer: Writer, day: str) -> list[str]:
    found: list[str] = writer.run(deleting.find_due, Look(at(day))).codes
    return found


def weekly(writer: Writer, first: str, last: str) -> list[str]:
    """What falls due on a laptop that is in use every week from one day to another."""
    day, end, found = date.fromisoformat(first), date.fromisoformat(last), []
    while day <= end:
        found += look(writer, day.isoformat())
        day += timedelta(days=7)
    return found


def set_back(folder: Path, code: str) -> None:
    """The session was held on 23 November 2026."""
    happened(folder, "2026-11-23", "2026-11-23", "2026-11-23", closed="2026-11-23")


def test_people_are_deleted_when_every_witness_says_so(writer: Writer, code: str, tmp_path: Path) -> None:
    set_back(tmp_path, code)
    assert weekly(writer, "2026-11-24", "2027-03-22") == []
    assert look(writer, "2027-03-24") == [], "found due for the first time"
    assert look(writer, "2027-03-25") == [code]


def test_a_jump_ahead_deletes_nobody_however_often_it_is_looked_at(
    writer: Writer, code: str, tmp_path: Path
) -> None:
    set_back(tmp_path, code)
    assert look(writer, "2026-11-24") == []
    assert weekly(writer, "2035-01-01", "2035-03-20") == []
    assert weekly(writer, "2026-12-24", "2027-04-22") == [], "the window is counted from the correction"
    assert weekly(writer, "2027-04-23", "2027-05-10")[:1] == [code]


def test_a_session_held_while_the_clock_stood_in_2016_is_counted_from_the_correction(
    writer: Writer, code: str, tmp_path: Path
) -> None:
    happened(tmp_path, "2016-01-01", "2016-01-01", "2016-01-01", closed="2016-01-01")
    assert look(writer, "2016-01-01") == []
    assert weekly(writer, "2026-11-27", "2027-03-26") == []
    assert weekly(writer, "2027-04-02", "2027-04-09") == [code]


def test_the_day_that_the_officer_gave_outweighs_a_clock_behind(
    writer: Writer, code: str, tmp_path: Path
) -> None:
    happened(tmp_path, "2019-01-01", "2019-01-01", "2019-01-01", closed="2019-01-01")
    change_store(tmp_path, "UPDATE session SET held_on = '2026-11-26'")
    assert weekly(writer, "2019-01-01", "2019-12-30") == [], "it lies in this clock's future"
    assert weekly(writer, "2026-11-27", "2027-03-26") == []


def test_a_session_of_a_clock_ten_years_ahead_is_not_kept_for_ten_years(
    writer: Writer, code: str, tmp_path: Path
) -> None:
    happened(tmp_path, "2036-01-01", "2036-01-01", "2036-01-01", closed="2036-01-01")
    change_store(tmp_path, "UPDATE session SET held_on = '2026-11-20'")
    assert look(writer, "2036-01-01") == []
    assert weekly(writer, "2026-11-27", "2027-03-26") == []
    assert weekly(writer, "2027-04-02", "2027-04-09") == [code]


def test_a_clock_that_stands_while_the_machine_runs_is_doubted(writer: Writer, code: str) -> None:
    now = clock.now()
    writer.run(deleting.find_due, Look(now))
    standing = Look(now, started_at=now, lived=3 * 24 * 3600.0)
    assert writer.run(deleting.find_due, standing).trust.doubt == "stood"
    awake = Look(now, started_at=now, lived=3600.0)
    assert not writer.run(deleting.find_due, awake).trust.fresh


def test_before_the_first_look_the_newest_file_is_the_witness(writer: Writer) -> None:
    behind = Look(at("2016-01-01"), newest_file=at("2026-11-26"))
    assert writer.run(deleting.find_due, behind).trust.doubt == "behind"


def test_opening_and_closing_once_more_prolongs_nothing(writer: Writer, code: str, tmp_path: Path) -> None:
    set_back(tmp_path, code)
    writer.run(moving.move, (code, "followup"))
    writer.run(moving.close, code)
    change_store(tmp_path, "UPDATE session SET closed_at = ?", at("2026-11-24"))
    weekly(writer, "2026-11-24", "2027-03-22")
    (told,) = writer.run(lambda tx, _: list_sessions(tx), None)
    assert (told["followup_until"], told["kept_until"]) == ("2027-02-21", "2027-03-23")
    assert [look(writer, f"2027-03-{day}") for day in (24, 25)] == [[], [code]]


def test_a_postponed_deletion_says_why(writer: Writer, code: str, tmp_path: Path) -> None:
    set_back(tmp_path, code)
    assert writer.run(lambda tx, _: list_sessions(tx), None)[0]["postponed"] is None
    look(writer, "2016-01-01")
    look(writer, clock.now()[:10])
    (told,) = writer.run(lambda tx, _: list_sessions(tx), None)
    assert told["postponed"] == "ahead"
    assert told["kept_until"] > "2027-03-23"
    with writer._store.reading() as tx:
        assert clock_trust(tx).doubt == "ahead"


@pytest.mark.parametrize(("days", "differs"), [(0, False), (1, False), (2, True), (-2, True), (-3000, True)])
def test_opening_warns_when_the_day_and_the_clock_differ(writer: Writer, days: int, differs: bool) -> None:
    day = date.fromisoformat(clock.now()[:10]) + timedelta(days=days)
    writer.run(opening.open_session, replace(OPENING, held_on=day.isoformat()))
    (told,) = writer.run(lambda tx, _: list_sessions(tx), None)
    assert told["dates_differ"] is differs

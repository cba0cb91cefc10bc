"""What the kit never keeps, what it keeps for a while, and what is gone when it is deleted."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kit.session import deletion, requests, rules
from kit.session.client import Refused
from kit.session.database import backup_sqlite
from kit.session.store import Store
from kit.session.writer import Writer
from tests.session.conftest import OPENING


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


def test_nothing_about_a_participant_but_the_answers_is_kept(service: Any) -> None:
    code = service.open_session()
    phone = {
        "User-Agent": "Tangguh-Unik/3310",
        "X-Forwarded-For": "203.0.113.77",
        "Referer": "http://rumah.budi/",
    }
    people = []
    for _ in range(2):
        person = service.join(code)
        person.http.headers.update(phone)
        people.append(person)
    named = {"audience": "student", "consent": True, "name": "Budi Rahasia", "phone": "081234567890"}
    extra = service.phone()
    extra.headers.update(phone)
    assert extra.post(f"/api/sessions/{code}/participants?name=Budi+Rahasia", json=named).status_code == 201
    service.control.move(code, "pre")
    for person in people:
        item = person.wave("pre").json()["items"][0]["item_id"]
        told = {"choice": ["fraud"], "seq": 1, "comment": "Saya Budi Rahasia", "at": "1999-01-01"}
        path = f"/api/sessions/{code}/waves/pre/responses/{item}"
        assert person.http.put(path, json=told).status_code == 200
        assert person.http.put(path, json={"choice": ["Budi Rahasia"], "seq": 2}).status_code == 422
        person.answer("pre", right=3)
    service.control.close(code)
    backup_sqlite(service.results / "kit.db", service.results / "backups" / "kit-now.db")
    traces = ["Tangguh", "203.0.113.77", "rumah.budi", "Budi", "081234567890", "1999-01-01", "127.0.0.1"]
    check_no_trace(service.results, traces)
    bundle = service.results / service.control.session(code)["bundle"]
    codes = [person.personal_code for person in people]
    check_no_trace(bundle, codes)


def test_nobody_takes_part_without_saying_yes(service: Any) -> None:
    code = service.open_session()
    http = service.phone()
    for consent in (False, None, "yes", 1, "true"):
        body = {"audience": "student", "consent": consent}
        assert http.post(f"/api/sessions/{code}/participants", json=body).status_code == 422
    assert http.post(f"/api/sessions/{code}/participants", json={"audience": "student"}).status_code == 422
    assert service.control.session(code)["joined"] == 0


def test_only_sessions_that_admit_minors_need_the_tick(service: Any) -> None:
    assert service.open_session("teachers", minors_consent=False)
    for quizzes in (["students"], ["teachers", "students"]):
        with pytest.raises(Refused) as refusal:
            service.open_session(*quizzes, minors_consent=False)
        assert refusal.value.key == "minors_consent_needed"


@pytest.mark.parametrize(("people", "suppressed"), [(4, True), (5, False)])
def test_the_room_is_shown_from_five_pairs_on(service: Any, people: int, suppressed: bool) -> None:
    code = service.open_session()
    joined = [service.join(code) for _ in range(people)]
    for wave, right in (("pre", 5), ("lesson", 0), ("post", 9)):
        service.control.move(code, wave)
        for person in joined if wave != "lesson" else []:
            person.answer(wave, right=right)
    service.control.move(code, "results")
    results = service.control.session(code)["results"]
    assert results["suppressed"] == suppressed
    assert (set(results) == {"n_pairs", "suppressed"}) == suppressed


# Retention


def test_a_wrong_clock_deletes_nobody(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'kit.db'}")
    writer = Writer(store)
    code = writer.run(rules.open_session, OPENING)
    writer.run(rules.close, code)
    with store.begin() as tx:
        tx.update_session(code, closed_at="2026-11-23T10:00:00.000Z")

    def look(moment: str) -> list[str]:
        return writer.run(deletion.find_due, f"{moment}T08:00:00.000Z")

    assert look("2027-03-23") == [], "day 120 is not over"
    assert look("2035-01-01") == [], "one look in a far future only takes note"
    assert look("2026-11-24") == [], "and an ordinary day forgets it"
    assert look("2035-01-01") == []
    assert look("2027-03-24") == [], "the clock went back, yet it is due now: noted anew"
    assert look("2027-03-24") == []
    assert look("2027-03-25") == [code]
    assert look("2027-03-26") == [code]
    writer.run(deletion.purge_people, (code, "2027-03-26T08:00:00.000Z"))
    assert look("2027-03-27") == []
    writer.close()
    store.close()


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    """A store without a service around it."""
    store = Store(f"sqlite:///{tmp_path / 'kit.db'}")
    writer = Writer(store)
    yield writer
    writer.close()
    store.close()


def take_part(writer: Writer, code: str) -> None:
    """Somebody joins and answers one item of the open session."""
    writer.run(rules.move, (code, "pre"))
    joined = writer.run(rules.join, requests.Join(code, "student", True, "id"))
    who = writer.run(lambda tx, token: rules.identify(tx, code, token), joined.token)
    item = writer.run(lambda tx, who: rules.open_wave(tx, who, "pre"), who)["items"][0]
    answer = requests.Answer(who, "pre", item["item_id"], ("unsure",), 1)
    writer.submit(rules.record_responses, answer).result()


def happened(folder: Path, opened: str, joined: str, answered: str, closed: str | None = None) -> None:
    """Let everything in the store have happened on other days."""
    places = {"session.opened_at": opened, "participant.joined_at": joined, "response.answered_at": answered}
    for place, day in {**places, "session.closed_at": closed}.items():
        table, _, column = place.partition(".")
        change_store(folder, f"UPDATE {table} SET {column} = ?", day and f"{day}T10:00:00.000Z")


def look(writer: Writer, day: str) -> list[str]:
    found: list[str] = writer.run(deletion.find_due, f"{day}T10:00:00.000Z")
    return found


def stage_of(writer: Writer, code: str) -> tuple[str, str | None]:
    row = writer.run(lambda tx, code: rules.view_session(tx, code).row, code)
    return row["stage"], row["closed_at"]


def test_a_session_nobody_closed_falls_due_after_its_last_answer(writer: Writer, tmp_path: Path) -> None:
    code = writer.run(rules.open_session, OPENING)
    take_part(writer, code)
    happened(tmp_path, opened="2026-11-01", joined="2026-11-02", answered="2026-11-23")
    assert look(writer, "2027-03-22") == [], "day 119 after the last answer"
    assert look(writer, "2027-03-23") == [], "the first look only takes note"
    assert stage_of(writer, code) == ("pre", None)
    assert look(writer, "2027-03-24") == [code]
    assert stage_of(writer, code) == ("closed", "2026-11-23T10:00:00.000Z")
    assert look(writer, "2027-03-25") == [code], "the service was killed before it was done"


def test_somebody_who_answers_between_the_looks_keeps_it_open(writer: Writer, tmp_path: Path) -> None:
    code = writer.run(rules.open_session, OPENING)
    take_part(writer, code)
    happened(tmp_path, opened="2026-11-01", joined="2026-11-02", answered="2026-11-23")
    assert look(writer, "2027-03-23") == []
    happened(tmp_path, opened="2026-11-01", joined="2026-11-02", answered="2027-03-24")
    assert look(writer, "2027-03-25") == []
    assert look(writer, "2027-07-21") == []
    assert stage_of(writer, code) == ("pre", None)


def test_a_follow_up_left_open_falls_due_like_a_closed_session(writer: Writer, tmp_path: Path) -> None:
    code = writer.run(rules.open_session, OPENING)
    take_part(writer, code)
    writer.run(rules.close, code)
    writer.run(rules.move, (code, "followup"))
    happened(tmp_path, "2026-11-23", joined="2026-11-23", answered="2026-11-23", closed="2026-11-24")
    assert [look(writer, f"2027-03-{day}") for day in (23, 24, 25)] == [[], [], [code]]
    assert stage_of(writer, code) == ("closed", "2026-11-24T10:00:00.000Z")


def test_a_session_nobody_joined_stays_open(writer: Writer, tmp_path: Path) -> None:
    code = writer.run(rules.open_session, OPENING)
    happened(tmp_path, opened="2020-01-01", joined="", answered="")
    assert [look(writer, f"2026-11-{day}") for day in (23, 25, 27)] == [[], [], []]
    assert stage_of(writer, code) == ("lobby", None)


def test_a_session_reopened_in_the_last_moment_keeps_its_people(writer: Writer) -> None:
    code = writer.run(rules.open_session, OPENING)
    take_part(writer, code)
    writer.run(rules.close, code)
    writer.run(rules.move, (code, "followup"))
    assert writer.run(deletion.purge_people, (code, "2027-03-26T08:00:00.000Z")) == {}
    writer.run(rules.close, code)
    assert writer.run(deletion.purge_people, (code, "2027-03-26T08:00:00.000Z"))["participant"] == 1


def wait_for(condition: Callable[[], Any], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_people_are_deleted_after_their_time_and_the_report_stays(service: Any) -> None:
    code, kept = service.open_session(), service.open_session()
    people = [service.join(code) for _ in range(3)]
    other = service.join(kept)
    service.control.move(code, "pre")
    for person in people:
        person.answer("pre", right=3)
    bundle = service.results / service.control.close(code)["bundle"]
    backup_sqlite(service.results / "kit.db", service.results / "backups" / "kit-old.db")
    # The laptop stands in a cupboard; somebody has moved the bundle away.
    for path in bundle.iterdir():
        path.unlink()
    bundle.rmdir()
    change_store(
        service.results, "UPDATE session SET closed_at = '2020-01-01T10:00:00.000Z' WHERE code = ?", code
    )
    service.restart()
    noted = "SELECT due_noted_at FROM session WHERE due_noted_at IS NOT NULL"
    with contextlib.closing(sqlite3.connect(service.results / "kit.db")) as store:
        wait_for(lambda: store.execute(noted).fetchall())
    assert service.control.session(code)["joined"] == 3
    change_store(
        service.results, "UPDATE session SET due_noted_at = '2021-01-01T10:00:00.000Z' WHERE code = ?", code
    )
    service.restart()
    wait_for(lambda: service.control.session(code)["purged_at"])
    wait_for(lambda: bundle.is_dir() and not (bundle / "participants.parquet").exists())
    wait_for(lambda: not (service.results / "backups").exists())
    service.process.terminate()
    service.process.wait(15)
    traces = [person.participant_id for person in people] + [person.personal_code for person in people]
    check_no_trace(service.results, traces)
    service.restart(kill=True)
    names = {path.name for path in bundle.iterdir()}
    assert names >= {"session.json", "cube.parquet", "report.html", "report.json", "manifest.json"}
    assert not names & set(deletion.RAW_FILES)
    sums = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    assert set(sums) == names - {"manifest.json"}
    assert all(
        hashlib.sha256((bundle / name).read_bytes()).hexdigest() == kept for name, kept in sums.items()
    )
    live = service.control.session(code)
    assert (live["joined"], live["moves"], live["results"], live["stage"]) == (0, [], None, "closed")
    for again in (lambda: service.control.close(code), lambda: service.control.move(code, "closed")):
        with pytest.raises(Refused) as refusal:
            again()
        assert refusal.value.key == "session_purged"
    assert (bundle / "report.json").is_file()
    assert people[0].feedback().json()["code"] == "stale_token"
    assert service.control.session(kept)["joined"] == 1
    assert other.wave("pre").json()["code"] == "wave_closed"


def test_a_session_left_open_ends_with_a_report_of_all_its_answers_and_nobody_in_it(service: Any) -> None:
    never_closed, reopened = service.open_session(), service.open_session(site="Tanjung Asri")
    silent = service.open_session(site="Rawa Indah")
    person, returner, watcher = (service.join(code) for code in (never_closed, reopened, silent))
    service.control.move(never_closed, "pre")
    person.answer("pre", right=3)
    service.control.move(reopened, "pre")
    returner.answer("pre", right=3)
    stale = service.results / service.control.close(reopened)["bundle"]
    service.control.move(reopened, "followup")
    returner.answer("followup", right=5)
    assert "followup" not in set(pd.read_parquet(stale / "responses.parquet")["wave"])
    happened(service.results, "2020-01-01", "2020-01-01", answered="2020-01-03", closed="2020-01-02")
    change_store(service.results, "UPDATE session SET closed_at = NULL WHERE code <> ?", reopened)
    change_store(service.results, "UPDATE session SET due_noted_at = '2020-09-01T10:00:00.000Z'")
    service.restart()
    for code in (never_closed, reopened, silent):
        wait_for(lambda code=code: service.control.session(code)["purged_at"])
        live = service.control.session(code)
        assert (live["stage"], live["joined"]) == ("closed", 0)
        bundle = service.results / live["bundle"]
        wait_for(lambda bundle=bundle: not (bundle / "participants.parquet").exists())
        assert (bundle / "report.html").is_file()
    told = json.loads((stale / "report.json").read_text(encoding="utf-8"))
    assert told["flow"]["n_joined"] == 1
    cube = pd.read_parquet(stale / "cube.parquet")
    assert set(cube[cube["part"] == "attempt"]["wave"]) == {"pre", "followup"}
    people = (person, returner, watcher)
    service.process.terminate()
    service.process.wait(15)
    check_no_trace(
        service.results, [one.participant_id for one in people] + [one.personal_code for one in people]
    )
    service.restart(kill=True)


# Deletion


def test_a_deleted_session_leaves_no_trace_even_while_somebody_reads(service: Any) -> None:
    code, kept = (
        service.open_session(site="Desa Rahasia Sekali", event="Acara Hilang"),
        service.open_session(),
    )
    people = [service.join(code) for _ in range(20)]
    other = service.join(kept)
    service.control.notes(code, "Catatan yang harus hilang")
    service.control.move(code, "pre")
    people[0].answer("pre", right=3)
    # A bundle's writer was killed, a migration made a backup, and another program is reading.
    half = service.results / f".2026-11-23-desa-rahasia-sekali-{code}.new"
    half.mkdir()
    (half / "responses.parquet").write_text(people[0].participant_id)
    backup_sqlite(service.results / "kit.db", service.results / "backups" / "kit-old.db")
    reader = sqlite3.connect(
        f"file:{service.results / 'kit.db'}?mode=ro", uri=True, check_same_thread=False, isolation_level=None
    )
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM participant").fetchone() == (21,)
    threading.Timer(2.0, reader.close).start()
    began = time.monotonic()
    receipt = service.control.delete(code)
    assert time.monotonic() - began > 1.5, "the reader was waited for"
    assert receipt["scrubbed"] is True
    assert receipt["rows"] == {
        "response": 17, "attempt": 1, "participant": 20, "session_quiz": 1, "session": 1, "site": 1,
    }  # fmt: skip
    assert sorted(receipt["files"]) == [half.name, "backups"]
    traces = [code, "Desa Rahasia Sekali", "Acara Hilang", "Catatan yang harus hilang", "desa-rahasia"]
    traces += [value for person in people for value in (person.participant_id, person.personal_code)]
    check_no_trace(service.results, traces)
    assert service.control.session(kept)["joined"] == 1
    assert other.wave("pre").json()["code"] == "wave_closed"
    for gone in (people[0].wave("pre"), people[0].put("pre", "offer-01", ["fraud"])):
        assert gone.status_code == 401
    assert service.phone().get(f"/api/sessions/{code}").status_code == 404
    with pytest.raises(Refused) as refusal:
        service.control.delete(code)
    assert refusal.value.status == 404


def test_people_go_on_answering_while_another_session_is_deleted(service: Any) -> None:
    code, other = service.open_session(), service.open_session()
    person = service.join(code)
    service.control.move(code, "pre")
    items = [item["item_id"] for item in person.wave("pre").json()["items"] if item["kind"] == "offer"]
    for _ in range(10):
        service.join(other)
    deleting = threading.Thread(target=service.control.delete, args=(other,))
    deleting.start()
    slowest = 0.0
    for seq in range(1, 20):
        began = time.monotonic()
        assert person.put("pre", items[seq % len(items)], ["fraud"], seq).status_code == 200
        slowest = max(slowest, time.monotonic() - began)
    deleting.join(30)
    assert slowest < 5

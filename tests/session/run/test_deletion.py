"""A deleted session leaves no trace, and nobody else is disturbed."""

from __future__ import annotations

import sqlite3
import threading
import time
from typing import Any

import pytest

from kit.session.client import Refused
from kit.session.store.engine import backup_sqlite
from tests.session.traces import check_no_trace


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
        "response": 17, "attempt": 1, "question": 0, "sighting": 0, "sheet": 0, "packet": 0,
        "sighting_sheet": 0,
        "participant": 20, "session_quiz": 1, "session": 1, "site": 1,
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


def test_delete_leaves_nothing_and_gives_a_receipt(service: Any) -> None:
    code = service.open_session(site="Desa Rahasia Sekali")
    person = service.join(code)
    service.control.move(code, "pre")
    person.answer("pre", right=2)
    service.control.close(code)
    receipt = service.control.delete(code)
    assert receipt["rows"]["participant"] == 1
    assert receipt["rows"]["response"] >= 14
    assert len(receipt["files"]) == 1
    for path in service.results.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for trace in (code, person.participant_id, person.personal_code, "Desa Rahasia Sekali"):
                assert trace.encode() not in content, f"{trace} is still in {path.name}"
    assert service.phone().get(f"/api/sessions/{code}").status_code == 404

"""Readings cannot write, and neither readings nor writings remember anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.errors import Unavailable
from kit.session.acts import attend
from kit.session.acts import move as moving
from kit.session.acts import open as opening
from kit.session.acts.view import view_session
from kit.session.run.writer import Writer
from kit.session.store.attempts import add_attempt, submitted_waves
from kit.session.store.participants import replace_token, token_hashes
from kit.session.store.responses import ResponseRow, responses_of, upsert_responses
from kit.session.store.sessions import all_sessions, find_or_add_site
from kit.session.store.store import Store
from kit.session.store.transaction import Reading, Writing
from tests.session.conftest import OPENING, join


def test_readers_cannot_write(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'kit.db'}")
    assert not hasattr(Reading, "change")
    with pytest.raises(Unavailable), store.reading() as tx:
        # The database refuses too, whatever is made of its connection.
        find_or_add_site(Writing(tx._connection, tx.snapshots, b""), "x", {"name": "X"})
    with store.reading() as tx:
        assert all_sessions(tx) == []
    store.close()


def test_what_is_asked_again_is_read_again(store: Store, writer: Writer) -> None:
    code = writer.run(opening.open_session, OPENING)
    who = join(writer, code)
    me = who.participant_id
    with store.writing() as tx:
        before = (responses_of(tx, [me], {"pre"}), submitted_waves(tx, [me]), token_hashes(tx, [me]))
        upsert_responses(tx, [ResponseRow(me, "pre", "x", "a", 1, "now")])
        add_attempt(tx, me, "pre", "A")
        replace_token(tx, me, "another", who.token_hash)
        after = (responses_of(tx, [me], {"pre"}), submitted_waves(tx, [me]), token_hashes(tx, [me]))
        assert view_session(tx, code).stage == "lobby"
        moving.move(tx, (code, "pre"))
        assert view_session(tx, code).stage == "pre"
    assert before == ({}, {}, {me: (who.token_hash, None)})
    assert [row["choice"] for row in after[0][me]] == ["a"]
    assert after[1:] == ({me: {"pre"}}, {me: ("another", who.token_hash)})


def test_people_who_come_twice_in_one_batch_are_one(store: Store, writer: Writer) -> None:
    code = writer.run(opening.open_session, OPENING)
    asked = attend.Join(code, "student", True, "id", "a-secret-number-of-the-phone")
    with store.writing() as tx:
        first, stranger, second = attend.join_all(tx, [asked, attend.Join("NOSUCH", *("", True, "")), asked])
    assert first == second
    assert getattr(stranger, "key", None) == "unknown_code"

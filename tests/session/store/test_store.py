"""The store: reopened, held by one service, and keeping the higher seq."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.errors import Unavailable
from kit.session.acts import open as opening
from kit.session.acts.view import view_session
from kit.session.run.writer import Writer
from kit.session.store.participants import session_participants
from kit.session.store.responses import ResponseRow, responses_of, upsert_responses
from kit.session.store.store import Store
from tests.session.conftest import OPENING, QUIZ, join


def test_sessions_survive_reopening_the_store(store_url: str) -> None:
    store = Store(store_url)
    writer = Writer(store)
    code = writer.run(opening.open_session, OPENING)
    who = join(writer, code)
    writer.close()
    store.close()
    store = Store(store_url)
    with store.reading() as tx:
        view = view_session(tx, code)
        assert view.quizzes[0].sha256 == QUIZ.sha256
        assert len(session_participants(tx, who.session_id)) == 1
    store.close()


def test_editing_a_quiz_does_not_change_a_past_session(writer: Writer) -> None:
    code = writer.run(opening.open_session, OPENING)
    writer._store.snapshots.__init__()  # type: ignore[misc]
    with writer._store.reading() as tx:
        kept = view_session(tx, code).quizzes[0]
    assert kept.canonical_json() == QUIZ.canonical_json()


def test_a_second_service_on_one_sqlite_store_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'kit.db'}"
    first = Store(url)
    with pytest.raises(Unavailable) as refusal:
        Store(url)
    assert refusal.value.key == "store_in_use"
    first.close()
    Store(url).close()


def test_upsert_keeps_the_higher_seq(store: Store, writer: Writer) -> None:
    code = writer.run(opening.open_session, OPENING)
    who = join(writer, code)
    row = ResponseRow(who.participant_id, "pre", "x", "a", 5, "now")
    with store.writing() as tx:
        assert set(upsert_responses(tx, [row]).values()) == {5}
        lower = ResponseRow(who.participant_id, "pre", "x", "b", 4, "later")
        assert set(upsert_responses(tx, [lower]).values()) == {5}
    with store.reading() as tx:
        assert responses_of(tx, [who.participant_id])[who.participant_id][0]["choice"] == "a"

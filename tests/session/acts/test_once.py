"""A request that arrives again, early, late, or for something else."""

from __future__ import annotations

import dataclasses

import pytest

from kit.errors import BadRequest
from kit.session.acts.once import MAX_KEY, Keyed, check_key, once
from kit.session.acts.open import open_session
from kit.session.run.writer import Writer
from kit.session.store.requests import add_request
from tests.session.conftest import OPENING

OPEN = once("open", open_session, lambda _asked, code: str(code))
NAME = once("name", lambda tx, asked: asked, lambda asked, _result: str(asked))


def test_the_same_key_does_it_once_and_answers_the_same(writer: Writer) -> None:
    first = writer.run(OPEN, Keyed("a-key", OPENING))
    again = writer.run(OPEN, Keyed("a-key", dataclasses.replace(OPENING, event="Lain")))
    assert again == first
    assert len({first, writer.run(OPEN, Keyed("other", OPENING)), writer.run(OPEN, Keyed("", OPENING))}) == 3
    assert writer.run(OPEN, Keyed("", OPENING)) != first, "without a key it is done as often as it is asked"


def test_a_key_is_for_one_act_on_one_session(writer: Writer) -> None:
    writer.run(NAME, Keyed("a-key", "ABC234"))
    for act, asked in ((OPEN, OPENING), (NAME, "DEF234")):
        with pytest.raises(BadRequest) as refused:
            writer.run(act, Keyed("a-key", asked))
        assert refused.value.key == "key_used"
    assert writer.run(NAME, Keyed("a-key", "ABC234")) == "ABC234"


def test_what_was_refused_keeps_no_key(writer: Writer) -> None:
    with pytest.raises(BadRequest):
        writer.run(OPEN, Keyed("a-key", dataclasses.replace(OPENING, held_on="gestern")))
    assert writer.run(OPEN, Keyed("a-key", OPENING))


def test_a_key_is_forgotten_after_a_day(writer: Writer) -> None:
    row = {"act": "name", "code": "ABC234"}
    for key, moment in (("old", "2020-01-01T00:00:00Z"), ("new", "2999-01-01T00:00:00Z")):
        kept = row | {"request_id": key, "done_at": moment}
        writer.run(lambda tx, kept: add_request(tx, kept, older_than=""), kept)
    assert writer.run(NAME, Keyed("third", "DEF234")) == "DEF234"
    assert writer.run(NAME, Keyed("old", "DEF234")) == "DEF234"
    with pytest.raises(BadRequest):
        writer.run(NAME, Keyed("new", "DEF234"))


def test_a_key_is_short_and_plain() -> None:
    assert check_key("k" * MAX_KEY) == "k" * MAX_KEY
    for key in ("k" * (MAX_KEY + 1), "kün", "a\nb"):
        with pytest.raises(BadRequest):
            check_key(key)

"""The same request twice is one act, in the service too."""

from __future__ import annotations

from typing import Any

import pytest

from kit.session.client import Refused

OPENING: dict[str, Any] = {"quizzes": ["students"], "site": "SMA Ganda", "minors_consent": True}


def test_opening_twice_with_one_key_opens_one_session(service: Any) -> None:
    first = service.control.open_session(**OPENING, key="a-key-of-the-form")
    before = len(service.control.sessions())
    again = service.control.open_session(**OPENING, key="a-key-of-the-form")
    assert again["code"] == first["code"]
    assert len(service.control.sessions()) == before
    assert service.control.open_session(**OPENING, key="another")["code"] != first["code"]


def test_a_move_that_arrives_late_once_more_turns_nothing_back(service: Any) -> None:
    code = service.control.open_session(**OPENING)["code"]
    service.control.move(code, "pre", key="start-pre")
    service.control.move(code, "lesson")
    assert service.control.move(code, "pre", key="start-pre")["stage"] == "lesson"


def test_a_key_survives_a_restart_and_serves_one_act_only(service: Any) -> None:
    first = service.control.open_session(**OPENING, key="kept")["code"]
    service.restart(kill=True)
    assert service.control.open_session(**OPENING, key="kept")["code"] == first
    with pytest.raises(Refused) as refused:
        service.control.move(first, "pre", key="kept")
    assert refused.value.problem["code"] == "key_used"
    with pytest.raises(Refused) as refused:
        service.control.move(first, "pre", key="x" * 65)
    assert refused.value.problem["code"] == "bad_key"


def test_a_refused_act_keeps_no_key(service: Any) -> None:
    with pytest.raises(Refused):
        service.control.open_session(quizzes=["students"], site="", minors_consent=True, key="again")
    assert service.control.open_session(**OPENING, key="again")["stage"] == "lobby"

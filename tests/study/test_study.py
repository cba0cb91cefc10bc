"""Stages lead where they should, waves choose their forms, choices are read as they were written."""

from __future__ import annotations

import pytest

from kit.study.choice import UNSURE, read_choice, write_choice
from kit.study.kinds import KINDS
from kit.study.stage import (
    STAGES,
    moves,
    shows_key,
    stage_item,
    stage_name,
    takes_answers,
    wave_of,
    with_item,
)
from kit.study.wave import WAVES, counts, form_of

POLLS = ("poll-01", "poll-02")


def every_stage() -> list[str]:
    return [with_item(name, "poll-01") if name in ("poll", "reveal") else name for name in STAGES]


def test_every_stage_can_be_left_and_every_stage_but_the_first_can_be_reached() -> None:
    reached = {stage_name(onward) for stage in every_stage() for onward in moves(stage, POLLS, practice=True)}
    assert all(moves(stage, POLLS) for stage in every_stage())
    assert reached == set(STAGES) - {"lobby"}


def test_nobody_answers_again_after_a_key_was_shown_but_in_the_follow_up() -> None:
    for stage in every_stage():
        if shows_key(stage) and stage != "followup":
            assert not takes_answers(stage)
            assert {wave_of(onward) for onward in moves(stage, POLLS)} <= {None, "followup"}


def test_practice_lies_between_the_lesson_and_the_second_quiz_where_there_are_offers_for_it() -> None:
    assert "practice" in moves("lesson", POLLS, practice=True)
    assert "practice" not in moves("lesson", POLLS)
    assert moves("practice") == ["lesson", "post"]
    assert wave_of("practice") == "practice"
    assert not shows_key("practice")


def test_a_revealed_poll_takes_no_answers() -> None:
    assert takes_answers("poll:poll-01")
    assert not takes_answers("reveal:poll-01")
    assert wave_of("reveal:poll-01") == "poll"
    assert stage_item("reveal:poll-01") == "poll-01"


def test_a_person_meets_the_other_form_after_and_the_first_again_weeks_later() -> None:
    assert [form_of("AB", wave) for wave in WAVES] == ["A", "B", "A"]
    assert [form_of("BA", wave) for wave in WAVES] == ["B", "A", "B"]


@pytest.mark.parametrize(
    ("answered", "asked", "counted"), [(8, 10, True), (7, 10, False), (11, 14, False), (12, 14, True)]
)
def test_an_attempt_counts_from_eighty_per_cent(answered: int, asked: int, counted: bool) -> None:
    assert counts(answered, asked) is counted


def test_a_choice_is_read_as_it_was_written() -> None:
    assert read_choice(write_choice(["a", "c"])) == ["a", "c"]


def test_every_scored_kind_offers_not_knowing_last() -> None:
    for kind in KINDS.values():
        assert (UNSURE in kind.built_in) == kind.scored
        if kind.scored:
            assert kind.built_in[-1] == UNSURE

"""The order of the tests loses none, and names no file that is gone."""

from __future__ import annotations

from tests.conftest import ROOT
from tests.order import MEASURED, OTHERS, PER_TEST, WAITING, in_turns


def test_every_file_and_room_that_the_order_names_is_there() -> None:
    tests = ROOT / "tests"
    assert [name for name in MEASURED if not (tests / name).is_file()] == []
    assert [room for room in (*WAITING, *PER_TEST) if not (tests / room).is_dir()] == []


def test_a_file_that_waits_begins_beside_one_that_computes() -> None:
    files = {"page/test_a.py": 10, "page/test_b.py": 10, "quiz/test_c.py": 40, "study/test_d.py": 5}
    assert in_turns(files) == ["page/test_a.py", "quiz/test_c.py", "study/test_d.py", "page/test_b.py"]
    assert 40 * OTHERS < 10 * PER_TEST["page"] < 45 * OTHERS + 10 * PER_TEST["page"]


def test_no_file_is_lost_where_there_is_only_one_kind() -> None:
    for room in ("quiz", "page"):
        files = {f"{room}/test_{n}.py": n for n in range(1, 6)}
        assert in_turns(files) == sorted(files, reverse=True)

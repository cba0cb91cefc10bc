"""Packets: printed from the contract's layout, balanced, and nobody before a sheet is read."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from kit.paper.command import type_lines
from kit.paper.geometry import MARKERS
from kit.session.client import Refused
from tests.paper.conftest import Desk


def test_the_layout_names_every_bubble_of_every_sheet(desk: Desk) -> None:
    assert [sheet["page"] for sheet in desk.sheets] == list(range(1, 7))
    assert [sheet["wave"] for sheet in desk.sheets] == ["pre", "post"] * 3
    for sheet in desk.sheets:
        assert sheet["markers"] == [list(centre) for centre in MARKERS]
        places = [(bubble["x"], bubble["y"]) for bubble in sheet["bubbles"]]
        assert len(set(places)) == len(places)
        assert all(20 < x < 195 and 55 < y < 270 for x, y in places)


def test_arms_of_paper_come_in_blocks_of_their_own(service: Any) -> None:
    code = service.open_session()
    forms = [packet["sheets"][0]["form"] for packet in service.control.reserve_packets(code, 8)["packets"]]
    forms += [packet["sheets"][0]["form"] for packet in service.control.reserve_packets(code, 4)["packets"]]
    assert [Counter(forms[start : start + 4]) for start in (0, 4, 8)] == [{"A": 2, "B": 2}] * 3
    assert service.control.session(code)["joined"] == 0


def test_nobody_gets_a_code_twice(service: Any) -> None:
    code = service.open_session()
    packets = [one for _ in range(2) for one in service.control.reserve_packets(code, 200)["packets"]]
    assert len({packet["personal_code"] for packet in packets}) == 400
    assert [packet["number"] for packet in packets] == list(range(1, 401))


def test_forms_of_paper_carry_no_key(service: Any) -> None:
    told = service.control.paper_forms(service.open_session())
    assert not {"key", "signal", "rationale"} & {name for form in told["forms"] for name in _names(form)}


def _names(node: Any) -> set[str]:
    if isinstance(node, dict):
        return set(node) | {name for inside in node.values() for name in _names(inside)}
    return {name for inside in node for name in _names(inside)} if isinstance(node, list) else set()


def test_a_session_prints_a_thousand_packets_and_no_more(service: Any) -> None:
    code = service.open_session()
    service.control.reserve_packets(code, 999)
    with pytest.raises(Refused) as refused:
        service.control.reserve_packets(code, 2)
    assert refused.value.key == "packets_many"


def test_a_typed_line_is_a_sheet(desk: Desk) -> None:
    sheet = desk.sheets[0]
    items = list(desk.first_answers(sheet))
    signs = " ".join("3" if item.startswith("feel") else "a" for item in items)
    (line,) = type_lines(desk.service.control, desk.code, "pre", f"{sheet['personal_code']} {signs}")
    assert line["status"] == "read"
    assert desk.joined == 1
    assert desk.service.control.session(desk.code)["finished"]["pre"] == 1


def test_typing_is_checked_sign_by_sign(desk: Desk) -> None:
    code = desk.sheets[0]["personal_code"]
    other = desk.sheets[2]["personal_code"]
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    count = len(desk.first_answers(desk.sheets[0]))
    text = "\n".join(
        [f"{wrong} {'a ' * count}", f"{code} a a a", f"{other} {'z ' * count}", "RUSA-482193-K a", ""]
    )
    lines = type_lines(desk.service.control, desk.code, "pre", text)
    assert [line["reason"] for line in lines[:3]] == ["code_mistyped", "typed_count", "typed_sign"]
    assert {line["status"] for line in lines} == {"refused"}
    twice = type_lines(desk.service.control, desk.code, "pre", f"{code} a\n{code} b")
    assert [line["reason"] for line in twice] == ["typed_twice", "typed_twice"]
    assert desk.joined == 0

from __future__ import annotations

import re
from collections import Counter

from kit.session import codes


def test_join_codes_use_no_look_alikes() -> None:
    for _ in range(200):
        code = codes.new_join_code()
        assert re.fullmatch(r"[ACDEFGHJKMNPQRTUVWXY34679]{6}", code)
        assert codes.normalise_join_code(f" {code[:3].lower()}-{code[3:]} ") == code


def test_personal_codes_survive_careless_typing() -> None:
    assert codes.normalise_personal_code("rusa 4821") == "RUSA-4821"
    assert codes.normalise_personal_code("Rusa-48O1") == "RUSA-4801"
    code = codes.new_personal_code()
    assert codes.normalise_personal_code(code) == code


def test_arms_come_in_random_blocks_of_four() -> None:
    arms = [codes.arm_of("seed", "student", position) for position in range(400)]
    for start in range(0, 400, 4):
        assert sorted(arms[start : start + 4]) == ["AB", "AB", "BA", "BA"]
    assert len(Counter(tuple(arms[start : start + 4]) for start in range(0, 400, 4))) == 6
    assert arms == [codes.arm_of("seed", "student", position) for position in range(400)]
    assert arms != [codes.arm_of("seed", "teacher", position) for position in range(400)]

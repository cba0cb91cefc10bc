"""Codes are easy to say aloud, and arms come in blocks."""

from __future__ import annotations

import re
from collections import Counter

from kit.session.acts import codes


def test_join_codes_use_no_look_alikes() -> None:
    for _ in range(200):
        code = codes.new_join_code()
        assert re.fullmatch(r"[ACDEFGHJKMNPQRTUVWXY34679]{6}", code)
        assert codes.normalise_join_code(f" {code[:3].lower()}-{code[3:]} ") == code


def test_personal_codes_survive_careless_typing() -> None:
    assert codes.normalise_personal_code("rusa 4821") == "RUSA-4821", "as earlier kits gave them"
    assert codes.normalise_personal_code("Rusa-48O1") == "RUSA-4801"
    for number in range(200):
        code = codes.personal_code_for("", "seed", number)
        assert re.fullmatch(r"[A-Z]{3,9}-\d{6}-[A-HJKMNP-Z]", code)
        assert codes.normalise_personal_code(code.lower().replace("-", " ")) == code
        assert codes.normalise_personal_code(code.replace("0", "o").replace("1", "l")) == code
        assert codes.is_possible(code)


def test_a_hundred_million_personal_codes() -> None:
    assert len(set(codes.WORDS)) * 1_000_000 >= 10**8


def test_no_slip_of_a_finger_makes_another_code() -> None:
    for number in range(100):
        code = codes.personal_code_for("", "seed", number)
        word, digits, letter = code.split("-")
        for place in range(6):
            for digit in set("0123456789") - {digits[place]}:
                wrong = digits[:place] + digit + digits[place + 1 :]
                assert not codes.is_possible(f"{word}-{wrong}-{letter}")
        for place in range(5):
            swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
            assert swapped == digits or not codes.is_possible(f"{word}-{swapped}-{letter}")
        assert not codes.is_possible(f"RUMPUT-{digits}-{letter}")


def test_a_phone_that_asks_again_is_given_the_same_code() -> None:
    first = codes.personal_code_for("a" * 24, "seed", 0)
    assert first == codes.personal_code_for("a" * 24, "seed", 0)
    assert first != codes.personal_code_for("a" * 24, "seed", 1)
    assert first != codes.personal_code_for("b" * 24, "seed", 0)


def test_arms_come_in_random_blocks_of_four() -> None:
    arms = [codes.arm_of("seed", "student", position) for position in range(400)]
    for start in range(0, 400, 4):
        assert sorted(arms[start : start + 4]) == ["AB", "AB", "BA", "BA"]
    assert len(Counter(tuple(arms[start : start + 4]) for start in range(0, 400, 4))) == 6
    assert arms == [codes.arm_of("seed", "student", position) for position in range(400)]
    assert arms != [codes.arm_of("seed", "teacher", position) for position in range(400)]

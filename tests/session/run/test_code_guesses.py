"""Guessing personal codes gains nothing, and a school that comes back does not notice that it is watched."""

from __future__ import annotations

import random

from kit.errors import TooMany
from kit.session.acts import codes
from kit.session.run.code_guesses import CodeGuesses

HALL = "K7M4QX"


class Hall:
    """A session with people in it, and a clock of its own."""

    def __init__(self, people: int) -> None:
        self.moment = 0.0
        self.guesses = CodeGuesses(lambda: self.moment)
        drawn = (codes.personal_code_for(f"{number:024d}", "hall", 0) for number in range(2 * people))
        self.codes = list(dict.fromkeys(drawn))[:people]
        self.taken: list[str] = []
        self.tried = 0
        self._known = set(self.codes)

    def resume(self, address: str, typed: str) -> int:
        """What the service answers."""
        if not codes.is_possible(typed) or self.guesses.was_wrong(HALL, typed):
            return 404
        try:
            self.guesses.check(address, HALL, typed)
        except TooMany:
            return 429
        self.tried += 1
        if typed in self._known:
            self.guesses.right(address, typed)
            self.taken.append(typed)
            return 200
        self.guesses.wrong(address, HALL, typed)
        return 404


def slip(code: str, dice: random.Random) -> str:
    """A code with one digit mistyped."""
    place = code.index("-") + 1 + dice.randrange(6)
    return code[:place] + str((int(code[place]) + 1 + dice.randrange(9)) % 10) + code[place + 1 :]


def test_250_addresses_take_over_nobody_of_a_thousand_in_90_minutes() -> None:
    hall, dice = Hall(1_000), random.Random(7)
    while hall.moment < 90 * 60:
        for number in range(250):
            guess = codes.personal_code_for(f"{dice.getrandbits(96):024d}", "thief", 0)
            hall.resume(f"10.0.0.{number}", guess)
        hall.moment += 10
    print(f"{hall.tried} codes tried, {len(hall.taken)} people taken over")
    assert hall.taken == []
    assert hall.tried < 1_000


def test_a_school_of_300_behind_one_router_comes_back_with_typos() -> None:
    hall, dice = Hall(300), random.Random(3)
    answers = []
    for code in hall.codes:
        for _ in range(dice.randrange(3)):
            answers.append(hall.resume("10.0.0.1", slip(code, dice)))
        answers.append(hall.resume("10.0.0.1", code))
        hall.moment += 0.2
    assert 429 not in answers
    assert answers.count(200) == 300


def test_honest_people_come_back_while_somebody_guesses() -> None:
    hall, dice = Hall(300), random.Random(5)
    for number in range(100):
        for _ in range(30):
            guess = codes.personal_code_for(f"{dice.getrandbits(96):024d}", "thief", 0)
            hall.resume(f"10.0.9.{number}", guess)
    answers = [hall.resume("10.0.0.1", code) for code in hall.codes]
    assert set(answers) == {200}


def test_the_same_wrong_code_however_often_is_one_guess() -> None:
    hall = Hall(400)
    word = hall.codes[0].partition("-")[0]
    for _ in range(200):
        assert hall.resume("10.0.0.1", f"{word}-0000") == 404
        hall.moment += 0.1
    assert hall.tried == 1
    assert [hall.resume("10.0.0.1", code) for code in hall.codes] == [200] * 400


def test_a_wrong_code_counts_again_after_a_minute() -> None:
    hall = Hall(1)
    for _ in range(3):
        hall.resume("10.0.0.1", "RUSA-0000")
        hall.moment += hall.guesses.AGAIN
    assert hall.tried == 3


def test_the_officer_is_told_of_guesses_and_not_of_slips() -> None:
    hall, dice = Hall(300), random.Random(5)
    for code in hall.codes:
        hall.resume("10.0.0.1", slip(code, dice))
        hall.resume("10.0.0.1", code)
        hall.moment += 1
    assert not hall.guesses.are_made(HALL)
    for _ in range(20):
        hall.resume("10.0.0.2", codes.personal_code_for(f"{dice.getrandbits(96):024d}", "thief", 0))
    assert hall.guesses.are_made(HALL)
    hall.moment += 3600
    assert not hall.guesses.are_made(HALL)

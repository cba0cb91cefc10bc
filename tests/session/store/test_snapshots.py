"""The quizzes of sessions are parsed once, shared between threads, and bounded."""

from __future__ import annotations

import concurrent.futures
import random
import sys
from collections.abc import Iterator

import pytest

from kit.session.acts.open import open_session
from kit.session.acts.view import view_all, view_session
from kit.session.store.snapshots import Snapshot, Snapshots
from kit.session.store.store import Store
from tests.session.conftest import OPENING, QUIZ

# More than any listing may cost anew: the cache once held 64.
MANY = 100


@pytest.fixture
def codes(store: Store) -> list[str]:
    with store.writing() as tx:
        return [open_session(tx, OPENING) for _ in range(MANY)]


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads change places as often as they can."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def test_a_listing_of_many_sessions_parses_nothing_the_second_time(store: Store, codes: list[str]) -> None:
    with store.reading() as tx:
        first = {view.code: view.quizzes for view in view_all(tx)}
    with store.reading() as tx:
        second = {view.code: view.quizzes for view in view_all(tx)}
    assert len(first) == MANY
    assert all(second[code] is quizzes for code, quizzes in first.items())


def test_sessions_of_one_quiz_share_one_parsed_copy(store: Store, codes: list[str]) -> None:
    with store.reading() as tx:
        assert len({id(quiz) for view in view_all(tx) for quiz in view.quizzes}) == 1


@pytest.mark.usefixtures("hasty")
def test_threads_that_look_at_many_sessions_disturb_nobody(store: Store, codes: list[str]) -> None:
    store.snapshots.MOST = 8  # type: ignore[misc] - so that everybody pushes somebody out

    def look(seed: int) -> int:
        dice = random.Random(seed)
        seen = 0
        with store.reading() as tx:
            for code in dice.sample(codes, MANY):
                seen += view_session(tx, code).quizzes[0].quiz_id == QUIZ.quiz_id
        return seen

    with concurrent.futures.ThreadPoolExecutor(6) as threads:
        assert list(threads.map(look, range(12))) == [MANY] * 12


def test_the_least_recently_used_goes_first_and_the_bound_holds() -> None:
    kept = Snapshots()
    kept.LEAST = kept._room = 2  # type: ignore[misc]
    asked: list[list[str]] = []
    quiz = QUIZ.canonical_json()

    def read(missing: list[str]) -> list[Snapshot]:
        asked.append(missing)
        return [Snapshot(one, QUIZ.sha256, quiz) for one in missing]

    for one in ("a", "b", "a", "c", "a", "b"):
        assert kept.quizzes([one], read)[one][0].quiz_id == QUIZ.quiz_id
    assert asked == [["a"], ["b"], ["c"], ["b"]], "a was in use, b was not"
    kept.forget("a")
    assert len(kept) == 1
    everybody = [str(number) for number in range(3 * Snapshots.MOST)]
    assert set(kept.quizzes(everybody, read)) == set(everybody)
    assert len(kept) == Snapshots.MOST

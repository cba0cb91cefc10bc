"""Names of sites that differ in nothing that anybody sees."""

from __future__ import annotations

import pytest

from kit.errors import BadRequest
from kit.session.acts import open as opening
from kit.session.acts.view import view_session
from kit.session.run.writer import Writer
from kit.session.store.store import Store
from kit.study.spelling import plain_name, same_looking
from tests.session.conftest import QUIZ

SAME = [
    "Kebon\u200b Kosong",
    "Kebon\u00a0Kosong",
    "\ufeffKebon Kosong\u2060",
    "\uff2b\uff45\uff42\uff4f\uff4e Kosong",
    "K\u0435bon Kosong",
    "\u041aebon \u041a\u043esong",
    "Kebon  Kosong\u3164",
]


@pytest.mark.parametrize("name", SAME)
def test_two_names_that_look_the_same_are_one_site(tmp_path: pytest.TempPathFactory, name: str) -> None:
    store = Store(f"sqlite:///{tmp_path}/kit.db")
    writer = Writer(store)
    sites = set()
    for one in ("Kebon Kosong", name):
        asked = opening.OpenSession(quizzes=[QUIZ], site={"name": one}, minors_consent=True)
        code = writer.run(opening.open_session, asked)
        with store.reading() as tx:
            sites.add((view_session(tx, code).row["site_id"], view_session(tx, code).site["name"]))
    assert len(sites) == 1
    assert sites.pop()[1] == "Kebon Kosong"
    writer.close()
    store.close()


@pytest.mark.parametrize("name", ["\u3164", "\u200b\u200d", "\u2800", "\u00ad", "\u0301"])
def test_a_name_that_nobody_sees_is_refused(tmp_path: pytest.TempPathFactory, name: str) -> None:
    store = Store(f"sqlite:///{tmp_path}/kit.db")
    writer = Writer(store)
    asked = opening.OpenSession(quizzes=[QUIZ], site={"name": name}, minors_consent=True)
    with pytest.raises(BadRequest) as refusal:
        writer.run(opening.open_session, asked)
    assert refusal.value.key == "site_needed"
    writer.close()
    store.close()


def test_a_composed_letter_and_its_parts_are_one() -> None:
    assert plain_name("Cafe\u0301") == plain_name("Caf\u00e9") == "Caf\u00e9"


def test_names_that_differ_stay_apart() -> None:
    assert len({same_looking(name) for name in ("Kebon", "kebon", "Keboon", "Kebon 1", "Kebon l")}) == 5

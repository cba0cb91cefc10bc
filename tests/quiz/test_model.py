"""The quiz and its public view: what may be seen before the results, and what a page may send."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from kit.quiz.model import Item, Quiz, Text, quiz_from_dict
from kit.quiz.read import load_quizzes
from kit.study.choice import UNSURE

QUIZZES = load_quizzes(Path(__file__).parents[2] / "quizzes")
ITEMS = [(quiz, item) for quiz in QUIZZES.values() for item in quiz.items]
PUBLIC = {"item_id", "kind", "scenario", "stem", "options"}
SECRET = ("cues", "difficulty", "decisive")


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_public_view_has_no_key_and_nothing_that_tells_it(language: str) -> None:
    for quiz, item in ITEMS:
        (shown,) = quiz.public([item.item_id], language)
        # Only an item that decides for itself whether it takes several says so.
        assert set(shown) == PUBLIC | ({"several"} if item.several else set())
        assert not set(SECRET) & set(json.dumps(shown).split('"'))
        assert shown["scenario"] is None or set(shown["scenario"]) == {
            "channel", "from", "text", "image", "alt",
        }  # fmt: skip
        assert all(set(option) == {"option_id", "text"} for option in shown["options"])
        sent = json.dumps(shown, ensure_ascii=False)
        for secret in (item.rationale and item.rationale.in_(language), item.twin):
            assert not secret or secret not in sent


def test_the_order_of_options_does_not_depend_on_the_key() -> None:
    for quiz, item in ITEMS:
        other = dataclasses.replace(
            item, own_key=(), signal="genuine" if item.signal == "fraud" else item.signal and "fraud"
        )
        assert other.public("id") == quiz.item(item.item_id).public("id")


def test_dont_know_is_the_last_option_of_every_item_that_can_be_wrong() -> None:
    for _, item in ITEMS:
        ids = [option.option_id for option in item.options]
        if item.scored:
            assert ids[-1] == UNSURE
            assert item.accepts([UNSURE])
            assert item.key <= set(ids)
        elif item.kind == "likert":
            assert ids == ["1", "2", "3", "4", "5"]
        else:
            assert ids == [option.option_id for option in item.own_options]
            assert UNSURE not in ids


def test_only_what_an_honest_page_could_send_is_accepted() -> None:
    for _, item in ITEMS:
        ids = [option.option_id for option in item.options if option.option_id != UNSURE]
        several = item.kind in ("multi", "spot") or item.several
        assert all(item.accepts([name]) for name in ids)
        assert item.accepts(ids[:2]) == several
        assert item.accepts([ids[0], ids[0]]) is False
        assert item.accepts([ids[0], UNSURE]) is False
        assert item.accepts([]) is False
        assert item.accepts(["a'; DROP TABLE response; --"]) is False


def test_a_quiz_is_its_id_and_the_hash_of_its_content() -> None:
    for quiz in QUIZZES.values():
        shuffled = json.loads(json.dumps(quiz.to_dict(), sort_keys=True))
        assert quiz_from_dict(shuffled).sha256 == quiz.sha256
        changed = dataclasses.replace(quiz, title=Text(quiz.title.id + ".", quiz.title.en))
        assert changed.sha256 != quiz.sha256


def test_a_quiz_cannot_be_changed() -> None:
    quiz: Quiz = QUIZZES["students"]
    item: Item = quiz.items[0]
    for thing, name in ((quiz, "forms"), (item, "own_key"), (item.stem, "id")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(thing, name, None)


@pytest.mark.parametrize(
    ("said", "letters"),
    [
        ("E: uang ke rekening orang.", "E"),
        ("C dan K: kantor membenarkan, visa jadi dulu.", "CK"),
        ("C, E, K terpenuhi: tercatat.", "CEK"),
        ("E, K, dan A terpenuhi.", "EKA"),
        ("Aman: diperiksa sendiri (C), visa terbit dulu (K), orang tua membaca (A).", "CKA"),
        ("Yang menentukan adalah K dan E: tanpa visa, kontrak nanti.", "KE"),
        ("Formulir A dan bentuk L sama.", ""),
    ],
)
def test_a_reason_names_its_checks_however_it_says_them(said: str, letters: str) -> None:
    item = dataclasses.replace(ITEMS[0][1], rationale=Text(said, said))
    assert "".join(item.letters) == letters

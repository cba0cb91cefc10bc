"""The loader: every fault has file, line and remedy, all faults come at once, and nothing crashes it."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.quiz.fault import QuizFaults
from kit.quiz.model import quiz_from_dict
from kit.quiz.read import load_quiz, load_quizzes
from kit.quiz.read.yaml import MAX_BYTES
from kit.text import message

ROOT = Path(__file__).resolve().parents[3]
LOCALE = yaml.safe_load((ROOT / "kit" / "locale" / "en" / "quiz.yaml").read_text(encoding="utf-8"))

QUIZ = """\
quiz_id: sample
title: {id: Contoh, en: Sample}
audience: [student]
reviewed_on: 2026-11-23
design: counterbalanced
forms: {A: [offer-01], B: [know-01]}
polls: [spot-01]
likert: [feel-01]
items:
  - item_id: offer-01
    kind: offer
    signal: fraud
    topic: scam-job
    twin: know-01
    scenario:
      channel: whatsapp
      from: {id: Nomor asing, en: Unknown number}
      text: {id: Kerja cepat kaya., en: Get rich fast.}
    stem: {id: Bagaimana menurutmu?, en: What do you think?}
    rationale: {id: Palsu., en: Fake.}
    sources: [L01]
  - item_id: know-01
    kind: choice
    topic: safe-route
    stem: {id: Ke mana bertanya?, en: Where to ask?}
    options:
      - {option_id: a, text: {id: Disnaker, en: Labour office}}
      - {option_id: b, text: {id: Calo, en: Broker}}
    key: [a]
    rationale: {id: Disnaker tahu., en: They know.}
    sources: [L01]
  - item_id: spot-01
    kind: spot
    topic: trafficking
    scenario:
      channel: telegram
      from: {id: Agen, en: Agent}
      text: {id: "[[a|paspor dititip]] lalu [[b|terbang]]", en: "[[a|leave the passport]] then [[b|fly]]"}
    stem: {id: Mana yang janggal?, en: What is odd?}
    key: [a]
    rationale: {id: Paspor milikmu., en: It is yours.}
    sources: [L01]
  - item_id: feel-01
    kind: likert
    topic: getting-help
    stem: {id: Saya tahu harus ke mana., en: I know where to go.}
"""

KNOW_KEY = "    key: [a]\n    rationale: {id: Dis"
# One change of the sample for each fault: what to replace, with what, and the words of the line at fault.
CHANGES: dict[str, tuple[str, str, str]] = {
    "not_yaml": ("design: counterbalanced", "design: [counterbalanced", ""),
    "alias": ("polls: [spot-01]", "polls: &p [spot-01]\nlikert: *p", "*p"),
    "too_deep": ("design: counterbalanced", "design: " + "[" * 30 + "]" * 30, "design"),
    "not_mapping": ("title: {id: Contoh, en: Sample}", "title: Contoh", "title"),
    "key_twice": ("design: counterbalanced", "design: same\ndesign: same", "design"),
    "key_unknown": ("design: counterbalanced", "design: counterbalanced\ncolour: red", "colour"),
    "key_missing": ("quiz_id: sample\n", "", "title"),
    "not_text": ("{id: Contoh, en: Sample}", '{id: "  ", en: Sample}', "title"),
    "control_character": ("{id: Contoh, en: Sample}", '{id: "Con\\0toh", en: Sample}', "title"),
    "not_allowed": ("kind: likert", "kind: riddle", "riddle"),
    "not_identifier": ("quiz_id: sample", "quiz_id: Sample Quiz", "quiz_id"),
    "not_list": ("audience: [student]", "audience: student", "audience"),
    "value_twice": ("audience: [student]", "audience: [student, student]", "audience"),
    "not_date": ("reviewed_on: 2026-11-23", "reviewed_on: 23/11/2026", "reviewed_on"),
    "item_unknown": ("polls: [spot-01]", "polls: [spot-01, spot-02]", "polls"),
    "item_twice": ("item_id: spot-01", "item_id: know-01", "know-01"),
    "item_used_twice": ("polls: [spot-01]", "polls: [spot-01, know-01]", "forms"),
    "kind_misplaced": ("polls: [spot-01]", "polls: [spot-01, feel-01]", "polls"),
    "form_b_missing": ("{A: [offer-01], B: [know-01]}", "{A: [offer-01, know-01]}", "forms"),
    "forms_unequal": ("A: [offer-01], B", "A: [offer-01, spot-01], B", "forms"),
    "form_empty": ("B: [know-01]", "B: []", "forms"),
    "image_missing": ("channel: whatsapp", "channel: whatsapp\n      image: no.png", "no.png"),
    "phrases_differ": ("[[b|fly]]", "[[c|fly]]", "paspor dititip"),
    "phrase_twice": ("[[b|terbang]]", "[[a|terbang]]", "paspor dititip"),
    "not_boolean": ("kind: likert", "kind: likert\n    several: perhaps", "perhaps"),
    "not_rating": ("kind: choice", "kind: choice\n    difficulty: [2, 6]", "difficulty"),
    "count_wrong": ("kind: offer", "kind: offer\n    cues: {decisive: []}", "decisive"),
    "option_twice": ("option_id: b", "option_id: a", "Calo"),
    "needed_by_kind": ("    signal: fraud\n", "", "offer-01"),
    "refused_by_kind": ("kind: likert", "kind: likert\n    key: [a]", "key"),
    "key_not_offered": (KNOW_KEY, KNOW_KEY.replace("[a]", "[z]"), "[z]"),
    "key_count": (KNOW_KEY, KNOW_KEY.replace("[a]", "[a, b]"), "[a, b]"),
    "options_few": (
        "      - {option_id: b, text: {id: Calo, en: Broker}}\n", "", "key",
    ),
    "options_many": (
        "    key: [a]\n    rationale: {id: Dis",
        "".join(f"      - {{option_id: o{n}, text: {{id: x, en: x}}}}\n" for n in range(12))
        + "    key: [a]\n    rationale: {id: Dis",
        "key",
    ),
}  # fmt: skip
# Faults of the file as a whole, shown by the tests below.
OF_FILES = {"unreadable", "too_large", "not_utf8", "empty", "quiz_id_twice"}


def faults_of(tmp_path: Path, content: str | bytes) -> QuizFaults:
    path = tmp_path / "quiz.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(QuizFaults) as caught:
        load_quiz(path)
    return caught.value


def load(tmp_path: Path, content: str) -> Any:
    path = tmp_path / "quiz.yaml"
    path.write_text(content, encoding="utf-8")
    return load_quiz(path)


def test_the_sample_is_a_quiz(tmp_path: Path) -> None:
    assert load(tmp_path, QUIZ).forms == {"A": ("offer-01",), "B": ("know-01",)}


def test_a_quiz_without_the_younger_fields_keeps_the_hash_of_its_first_sessions(tmp_path: Path) -> None:
    """Snapshots in stores and bundles are known by it; computed by the loader of 23 November 2026."""
    quiz = load(tmp_path, QUIZ)
    assert quiz.sha256 == "b84e6576f75b332ff4ceb8bc1cea384b85d191c5391c6b37bc6ff649a7ecf4b9"
    younger = {"practice", "boosters", "plan", "behaviour"}
    assert not younger & quiz.to_dict().keys()
    assert not {"cues", "difficulty", "several"} & {name for item in quiz.items for name in item.to_dict()}


FULL = """\
practice: [offer-02]
boosters: [offer-03]
plan: plan-01
behaviour: [did-01, did-02]
"""
CUES = (
    "{check: none, urgency: some, money: none, polish: neat, reassurance: some, doubt: none, length: short, "
    "decisive: [visa-does-not-fit, passport-held]}"
)
OFFER = """\
  - item_id: {item_id}
    kind: offer
    signal: fraud
    difficulty: [2, 4]
    cues: {cues}
    topic: scam-job
    scenario:
      channel: whatsapp
      from: {{id: Nomor asing, en: Unknown number}}
      text: {{id: Kerja cepat kaya., en: Get rich fast.}}
    stem: {{id: Lanjut?, en: Go on?}}
    rationale: {{id: Palsu., en: Fake.}}
    sources: [L01]
"""
OWN = """\
  - item_id: {item_id}
    kind: {kind}
    topic: getting-help
    stem: {{id: Apa yang kamu lakukan?, en: What did you do?}}
    options:
      - {{option_id: a, text: {{id: Tanya kantor, en: Ask the office}}}}
      - {{option_id: b, text: {{id: Tanya keluarga, en: Ask the family}}}}
"""


def full() -> str:
    head, items = QUIZ.split("items:\n")
    offers = "".join(OFFER.format(item_id=name, cues=CUES) for name in ("offer-02", "offer-03", "offer-04"))
    plan = OWN.format(item_id="plan-01", kind="plan")
    behaviour = OWN.format(item_id="did-01", kind="behaviour") + "    several: true\n"
    behaviour += OWN.format(item_id="did-02", kind="behaviour")
    return f"{head}{FULL}items:\n{items}{offers}{plan}{behaviour}"


def test_practice_boosters_plan_and_behaviour_are_read(tmp_path: Path) -> None:
    quiz = load(tmp_path, full())
    assert (quiz.practice, quiz.boosters, quiz.plan) == (("offer-02",), ("offer-03",), "plan-01")
    assert [quiz.item(name).takes_several for name in quiz.behaviour] == [True, False]
    assert [item.item_id for item in quiz.bank] == ["offer-04"]
    offer = quiz.item("offer-02")
    assert offer.cues.decisive == ("visa-does-not-fit", "passport-held")
    assert (offer.difficulty, offer.expected_difficulty) == ((2, 4), 3)


def test_plan_and_behaviour_are_never_scored_and_offer_no_dont_know(tmp_path: Path) -> None:
    quiz = load(tmp_path, full())
    for name in (quiz.plan, *quiz.behaviour):
        item = quiz.item(name)
        assert (item.scored, item.key) == (False, frozenset())
        assert [option.option_id for option in item.options] == ["a", "b"]
    assert quiz.item("did-01").accepts(["a", "b"])
    assert not quiz.item("did-02").accepts(["a", "b"])
    assert not quiz.item("plan-01").accepts(["a", "b"])


@pytest.mark.parametrize("language", ["id", "en"])
def test_nothing_of_cues_difficulty_or_decisive_facts_is_ever_public(language: str, tmp_path: Path) -> None:
    quiz = load(tmp_path, full())
    sent = yaml.safe_dump(quiz.public([item.item_id for item in quiz.items], language))
    for secret in ("cues", "difficulty", "decisive", "visa-does-not-fit", "urgency", "polish", "reassurance"):
        assert secret in yaml.safe_dump(quiz.to_dict())
        assert secret not in sent
    shown = {item["item_id"]: item for item in quiz.public(quiz.behaviour, language)}
    assert shown["did-01"]["several"] is True
    assert "several" not in shown["did-02"]


def test_a_full_quiz_survives_the_way_through_a_snapshot(tmp_path: Path) -> None:
    quiz = load(tmp_path, full())
    assert quiz_from_dict(json.loads(quiz.canonical_json())) == quiz


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("practice: [offer-02]", "practice: [know-01]", "kind_misplaced"),
        ("boosters: [offer-03]", "boosters: [offer-01]", "item_used_twice"),
        ("plan: plan-01", "plan: did-01", "kind_misplaced"),
        ("plan: plan-01", "plan: [plan-01]", "not_text"),
        ("behaviour: [did-01, did-02]", "behaviour: [feel-01]", "kind_misplaced"),
        ("polls: [spot-01]", "polls: [spot-01, plan-01]", "kind_misplaced"),
        ("check: none", "check: maybe", "not_allowed"),
        ("[visa-does-not-fit, passport-held]", "[bad-feeling]", "not_allowed"),
        ("polish: neat, ", "", "key_missing"),
        ("difficulty: [2, 4]", "difficulty: [2]", "not_rating"),
        ("difficulty: [2, 4]", "difficulty: [2, 3, 4]", "count_wrong"),
        ("kind: plan", "kind: plan\n    key: [a]", "refused_by_kind"),
        ("kind: behaviour", "kind: behaviour\n    scenario: {}", "refused_by_kind"),
    ],
)
def test_faults_of_the_younger_fields_are_named(old: str, new: str, key: str, tmp_path: Path) -> None:
    assert key in {fault.key for fault in faults_of(tmp_path, full().replace(old, new, 1)).faults}


def test_every_fault_has_a_test() -> None:
    assert set(CHANGES) | OF_FILES == set(LOCALE["faults"])


@pytest.mark.parametrize("key", CHANGES)
def test_a_fault_names_file_line_and_remedy(key: str, tmp_path: Path) -> None:
    old, new, words = CHANGES[key]
    assert QUIZ.count(old) == 1
    changed = QUIZ.replace(old, new)
    faults = faults_of(tmp_path, changed).faults
    fault = next(fault for fault in faults if fault.key == key)
    assert words in changed.splitlines()[fault.line - 1]
    for language in ("id", "en"):
        line = fault.render(language)
        assert line.startswith(f"{tmp_path / 'quiz.yaml'}:{fault.line}: {fault.place}: ")
        assert line.endswith(message(f"quiz.faults.{key}.remedy", language, **dict(fault.values)))
        assert "{" not in line.removeprefix(str(tmp_path))


def test_all_faults_come_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    changed = (
        QUIZ.replace("design: counterbalanced", "design: mixed")
        .replace("reviewed_on: 2026-11-23", "reviewed_on: today")
        .replace("key: [a]\n    rationale: {id: Dis", "key: [q]\n    rationale: {id: Dis")
        .replace("kind: likert", "kind: riddle")
    )
    refusal = faults_of(tmp_path, changed)
    assert [fault.key for fault in refusal.faults] == [
        "not_date", "not_allowed", "kind_misplaced", "key_not_offered", "not_allowed",
    ]  # fmt: skip
    assert [fault.line for fault in refusal.faults] == sorted(fault.line for fault in refusal.faults)
    assert len(refusal.render("id").splitlines()) == 6
    assert "5" in refusal.render("id").splitlines()[0]


def test_yes_dates_and_numbers_stay_what_was_written(tmp_path: Path) -> None:
    quiz = load(tmp_path, QUIZ.replace("{id: Contoh, en: Sample}", "{id: Yes, en: 0o17}"))
    assert (quiz.title.id, quiz.title.en) == ("Yes", "0o17")
    assert quiz.reviewed_on == "2026-11-23"
    off = QUIZ.replace(
        "{option_id: a, text: {id: Disnaker, en: Labour office}}",
        "{option_id: no, text: {id: 2026-01-01, en: 1e3}}",
    )
    option = load(
        tmp_path, off.replace("key: [a]\n    rationale: {id: Dis", "key: [no]\n    rationale: {id: Dis")
    )
    known = option.item("know-01").own_options[0]
    assert (known.option_id, known.text.id, known.text.en) == ("no", "2026-01-01", "1e3")


def test_phrase_ids_that_could_not_be_stored_are_refused(tmp_path: Path) -> None:
    for name in ("a+b", "unsure", "A B"):
        changed = QUIZ.replace("[[a|", f"[[{name}|").replace(
            "    key: [a]\n    rationale: {id: Pas", "    key: [b]\n    rationale: {id: Pas"
        )
        assert "not_identifier" in {fault.key for fault in faults_of(tmp_path, changed).faults}


def test_a_yaml_bomb_is_refused_before_it_grows(tmp_path: Path) -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True):
        bomb += f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
    began = time.perf_counter()
    (fault,) = faults_of(tmp_path, bomb).faults
    assert fault.key == "alias"
    assert fault.line == 2
    assert time.perf_counter() - began < 1


def test_files_that_cannot_be_read_say_so(tmp_path: Path) -> None:
    with pytest.raises(QuizFaults) as missing:
        load_quiz(tmp_path / "none.yaml")
    assert missing.value.faults[0].key == "unreadable"
    with pytest.raises(QuizFaults) as folder:
        load_quiz(tmp_path)
    assert folder.value.faults[0].key == "unreadable"
    assert faults_of(tmp_path, b"title: \xff\xfe\xfa").faults[0].key == "not_utf8"
    assert faults_of(tmp_path, "# nothing\n").faults[0].key == "empty"
    assert faults_of(tmp_path, b"a" * (MAX_BYTES + 1)).faults[0].key == "too_large"


def test_a_huge_file_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        os.truncate(file.fileno(), 50 * 1024**3)
    with pytest.raises(QuizFaults) as refusal:
        load_quiz(path)
    assert refusal.value.faults[0].key == "too_large"


def test_the_largest_file_full_of_faults_takes_no_time(tmp_path: Path) -> None:
    ids = ", ".join(f"i{n}" for n in range(100_000))
    began = time.perf_counter()
    faults_of(tmp_path, QUIZ.replace("polls: [spot-01]", f"polls: [{ids}]"))
    assert time.perf_counter() - began < 20


def test_two_files_with_one_quiz_id_are_refused(tmp_path: Path) -> None:
    for name in ("one.yaml", "two.yml"):
        (tmp_path / name).write_text(QUIZ, encoding="utf-8")
    with pytest.raises(QuizFaults) as refusal:
        load_quizzes(tmp_path)
    (fault,) = refusal.value.faults
    assert (fault.key, fault.path.name, fault.line) == ("quiz_id_twice", "two.yml", 1)


@pytest.mark.parametrize("path", sorted((ROOT / "quizzes").glob("*.yaml")), ids=lambda path: path.name)
def test_our_quizzes_survive_the_way_through_a_snapshot(path: Path) -> None:
    if path.name == "sources.yaml":
        with pytest.raises(QuizFaults):
            load_quiz(path)
        return
    quiz = load_quiz(path)
    again = quiz_from_dict(quiz.to_dict())
    assert again == quiz
    assert (again.sha256, again.canonical_json()) == (quiz.sha256, quiz.canonical_json())


# Whatever is written: a quiz, or faults that can be shown.

_LINES = QUIZ.splitlines(keepends=True)
_damage = st.lists(
    st.tuples(
        st.integers(0, len(_LINES) - 1),
        st.sampled_from(["drop", "twice", "indent", "replace", "swap"]),
        st.text(st.characters(codec="utf-8"), max_size=12),
    ),
    min_size=1,
    max_size=6,
)


def loads_or_lists_faults(path: Path) -> None:
    try:
        quiz = load_quiz(path)
    except QuizFaults as refusal:
        lines = refusal.render("en").splitlines()
        shown = [re.match(re.escape(f"{path}:") + r"[1-9]\d*: ", line) for line in lines[1:]]
    else:
        shown = [quiz_from_dict(quiz.to_dict()) == quiz, len(quiz.sha256) == 64]
    assert shown
    assert all(shown)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damage=_damage)
def test_no_damage_crashes_the_loader(damage: list[tuple[int, str, str]], tmp_path: Path) -> None:
    lines = list(_LINES)
    for number, how, text in damage:
        line = lines[number]
        head, colon, _ = line.partition(": ")
        lines[number] = {
            "drop": "",
            "twice": line * 2,
            "indent": "  " + line,
            "replace": f"{head}{colon}{text}\n",
            "swap": lines[number - 1],
        }[how]
    path = tmp_path / "damaged.yaml"
    path.write_text("".join(lines), encoding="utf-8")
    loads_or_lists_faults(path)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))
)
def test_no_bytes_crash_the_loader(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "noise.yaml"
    path.write_bytes(content)
    loads_or_lists_faults(path)

"""The item-writing lint: every rule fires on a quiz made to break it, and none fires on ours."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from kit.quiz.check import RULES, check_quizzes, run_check
from kit.quiz.lint.hit import SEVERITIES
from kit.text import message

HERE = Path(__file__).parent
FLAWED = HERE / "flawed"
QUIZZES = HERE.parent.parent / "quizzes"
TODAY = date(2026, 11, 26)

FIXTURES = {
    path.stem.replace("-", "_"): path
    for path in FLAWED.rglob("*.yaml")
    if path.name != "sources.yaml" and path.parent.name != "broken"
}


def test_our_own_quizzes_have_no_findings() -> None:
    assert [finding.render() for finding in check_quizzes([QUIZZES], "en", today=TODAY)] == []


def test_every_flawed_quiz_stands_for_a_rule() -> None:
    """Rules without a file here are tested by planting, in `lint/test_planting.py`."""
    assert set(FIXTURES) < set(RULES)


@pytest.mark.parametrize("rule", sorted(FIXTURES))
def test_a_flawed_quiz_fires_its_rule_and_no_other(rule: str) -> None:
    findings = check_quizzes([FIXTURES[rule]], "en", today=TODAY)
    assert {finding.rule for finding in findings} == {rule}
    assert {finding.severity for finding in findings} == {SEVERITIES[rule]}


@pytest.mark.parametrize("rule", sorted(FIXTURES))
@pytest.mark.parametrize("language", ["id", "en"])
def test_every_finding_says_file_line_place_fault_and_remedy(rule: str, language: str) -> None:
    for finding in check_quizzes([FIXTURES[rule]], language, today=TODAY):
        path = Path(finding.file)
        assert path.is_relative_to(FLAWED)
        assert 1 <= finding.line <= len(path.read_text(encoding="utf-8").splitlines())
        assert finding.place
        assert finding.fault.strip()
        assert finding.remedy.strip()
        assert "{" not in finding.fault + finding.remedy
        assert finding.render().startswith(f"{finding.file}:{finding.line}: {finding.place}: ")


def test_findings_differ_by_language() -> None:
    indonesian = check_quizzes([FIXTURES["offers_few"]], "id", today=TODAY)
    english = check_quizzes([FIXTURES["offers_few"]], "en", today=TODAY)
    assert indonesian[0].rule == english[0].rule
    assert indonesian[0].fault != english[0].fault


def test_a_finding_points_at_the_line_of_the_flaw() -> None:
    path = FIXTURES["source_unknown"]
    (finding,) = check_quizzes([path], "en", today=TODAY)
    assert "Z99" in finding.fault
    assert "sources: [L01, Z99]" in path.read_text(encoding="utf-8").splitlines()[finding.line - 1]


def test_broken_quiz_lists_every_fault_of_form_with_its_line() -> None:
    path = FLAWED / "broken" / "many-faults.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    found = {finding.rule: lines[finding.line - 1] for finding in check_quizzes([path], "en", today=TODAY)}
    assert set(found) == {"key_missing", "item_unknown", "image_missing", "item_twice", "key_not_offered"}
    assert "Kuis rusak" in found["key_missing"]
    assert "know-02" in found["item_unknown"]
    assert "tidak-ada.png" in found["image_missing"]
    assert "know-01" in found["item_twice"]
    assert "[c]" in found["key_not_offered"]


def test_one_quiz_id_in_two_files_is_found(tmp_path: Path) -> None:
    original = FIXTURES["reviewed_old"].read_text(encoding="utf-8").replace("2024-01-15", "2026-11-01")
    for name in ("one.yaml", "two.yaml"):
        (tmp_path / name).write_text(original, encoding="utf-8")
    register = (FLAWED / "sources.yaml").read_text(encoding="utf-8")
    (tmp_path / "sources.yaml").write_text(register, encoding="utf-8")
    findings = check_quizzes([tmp_path], "en", today=TODAY)
    assert [(Path(finding.file).name, finding.rule) for finding in findings] == [
        ("two.yaml", "quiz_id_twice")
    ]


def test_an_unconfirmed_fact_may_carry_a_poll(tmp_path: Path) -> None:
    quiz = FIXTURES["source_unconfirmed"].read_text(encoding="utf-8")
    quiz = quiz.replace("forms: {A: [know-01]}", "forms: {A: [know-02]}\npolls: [know-01]")
    item = quiz[quiz.index("  - item_id: know-01") :]
    quiz += item.replace("know-01", "know-02").replace("[L01, X01]", "[L01]")
    (tmp_path / "quiz.yaml").write_text(quiz, encoding="utf-8")
    register = (FLAWED / "sources.yaml").read_text(encoding="utf-8")
    (tmp_path / "sources.yaml").write_text(register, encoding="utf-8")
    assert check_quizzes([tmp_path], "en", today=TODAY) == []


@pytest.mark.parametrize(
    ("stem", "fires"),
    [
        ("Semua orang pergi kecuali siapa?", True),
        ("Siapa yang tidak boleh menempatkan pekerja?", True),
        ("Calo membawa orang yang tidak berhak masuk. Apa nama perbuatannya?", False),
        ("Rara tidak menekan iklannya. Bagaimana penilaianmu?", False),
    ],
)
def test_only_the_question_itself_counts_as_negative(stem: str, fires: bool, tmp_path: Path) -> None:
    quiz = FIXTURES["reviewed_old"].read_text(encoding="utf-8").replace("2024-01-15", "2026-11-01")
    quiz = quiz.replace("Ke mana bertanya tentang tawaran kerja?", stem)
    (tmp_path / "quiz.yaml").write_text(quiz, encoding="utf-8")
    rules = {finding.rule for finding in check_quizzes([tmp_path], "id", today=TODAY)}
    assert ("stem_negative" in rules) == fires


def test_an_explained_hard_word_passes(tmp_path: Path) -> None:
    quiz = FIXTURES["word_rare"].read_text(encoding="utf-8")
    (tmp_path / "quiz.yaml").write_text(
        quiz.replace("verifikasi", "verifikasi (pengecekan)"), encoding="utf-8"
    )
    rules = {finding.rule for finding in check_quizzes([tmp_path], "id", today=TODAY)}
    assert rules == {"sources_file_missing"}


def test_run_check_exits_1_with_findings_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_check([FIXTURES["offers_few"]], "en", "json") == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert found["rule"] == "offers_few"
    assert set(found) == {"file", "line", "place", "rule", "severity", "fault", "remedy"}


def test_run_check_exits_0_and_says_so_when_clean(capsys: pytest.CaptureFixture[str]) -> None:
    clean = [path for path in QUIZZES.glob("*.yaml") if path.name != "sources.yaml"]
    assert run_check(clean, "en") == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.strip().endswith(message("quiz.lint.clean", "en"))


def test_run_check_prints_reading_load_and_the_best_guessers_beside_the_findings(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run_check([QUIZZES], "en", panel=True)
    figures = capsys.readouterr().err
    for quiz_id, most in (("students", 800), ("teachers", 800), ("residents", 450)):
        for form in ("A", "B"):
            line = next(line for line in figures.splitlines() if line.startswith(f"{quiz_id} {form}: "))
            assert f"at most {most}" in line
    assert "Bayes on the words of the stem" in figures
    assert figures.count(" %  ") > 200


def test_a_register_named_among_quizzes_is_checked_as_a_register(tmp_path: Path) -> None:
    """`kit check quizzes/*.yaml` names sources.yaml too: it is no quiz, and its own faults are told."""
    assert check_quizzes(sorted(QUIZZES.glob("*.yaml")), "en", today=TODAY) == []
    register = tmp_path / "sources.yaml"
    register.write_text("L01: {title: A law}\n", encoding="utf-8")
    assert {finding.rule for finding in check_quizzes([register], "en")} == {"fact_incomplete"}

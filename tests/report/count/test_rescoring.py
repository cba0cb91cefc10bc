"""A wrong key is repaired by scoring anew: as if the corrected quiz had been answered from the start."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from kit.bundle.faults import SourceFault
from kit.quiz.model import Quiz, Text
from kit.report import Report, load, write_report
from tests.conftest import QUIZZES

REKEYED = {"know-01": ("b",), "know-05": ("c",)}
TURNED = {"offer-01": "genuine", "offer-11": "genuine"}


def changed(quiz: Quiz, **changes: dict[str, Any]) -> Quiz:
    """A quiz with changed items: `changed(quiz, own_key={"know-01": ("b",)})`."""
    items = [
        dataclasses.replace(i, **{name: v[i.item_id] for name, v in changes.items() if i.item_id in v})
        for i in quiz.items
    ]
    return dataclasses.replace(quiz, items=tuple(items))


def written(quiz: Quiz, folder: Path, name: str = "students.yaml") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(yaml.safe_dump(quiz.to_dict(), allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def marked_with(folder: Path, quiz: Quiz, to: Path) -> Path:
    """A copy of a bundle as it had been written with another quiz: same choices, that quiz's marks."""
    shutil.copytree(folder, to)
    keys = {i.item_id: {i.signal} if i.kind == "offer" else set(i.own_key) for i in quiz.items}
    signals = {i.item_id: i.signal for i in quiz.items}
    rows = pd.read_parquet(to / "responses.parquet")
    marks = [
        None if kind == "likert" or choice == "unsure" else int(set(choice.split("+")) == keys[item])
        for kind, choice, item in zip(rows["kind"], rows["choice"], rows["item"], strict=True)
    ]
    rows = rows.assign(correct=pd.array(marks, dtype="Int8"), signal=rows["item"].map(signals))
    rows.to_parquet(to / "responses.parquet", index=False)
    session = json.loads((to / "session.json").read_text(encoding="utf-8"))
    session["quizzes"] = [{"quiz_id": quiz.quiz_id, "sha256": quiz.sha256, "quiz": quiz.to_dict()}]
    (to / "session.json").write_text(json.dumps(session), encoding="utf-8")
    (to / "manifest.json").unlink()
    return to


def figures_of(report: Report) -> dict[str, Any]:
    """Everything but what tells where the numbers come from."""
    plain = report.to_dict()
    told = ("sources", "sessions", "notes", "fingerprint", "generated_at", "rescored")
    return {name: part for name, part in plain.items() if name not in told}


def sums(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def right(quiz_of: Callable[..., Quiz]) -> Quiz:
    return changed(quiz_of(), own_key=REKEYED, signal=TURNED)


@pytest.fixture
def wrong(quiz_of: Callable[..., Quiz]) -> Quiz:
    return quiz_of()


@pytest.fixture
def pair(bundle_of: Any, crowd_of: Any, right: Quiz, wrong: Quiz, tmp_path: Path) -> tuple[Path, Path]:
    """A bundle with the wrong keys, and the same people with the right ones."""
    oracle = bundle_of(crowd_of(n=60, drop=0.1, late=0.05, followup=0.5, quiz=right))
    return marked_with(oracle, wrong, tmp_path / "wrong"), oracle


def test_it_is_as_if_the_corrected_quiz_had_been_answered_from_the_start(
    pair: tuple[Path, Path], right: Quiz, tmp_path: Path
) -> None:
    wrong_folder, oracle = pair
    before = sums(wrong_folder)
    assert figures_of(load(wrong_folder).report()) != figures_of(load(oracle).report())
    rescored = load(wrong_folder, rescore=[written(right, tmp_path / "new")])
    assert figures_of(rescored.report()) == figures_of(load(oracle).report())
    assert sums(wrong_folder) == before


def test_the_report_names_both_hashes_the_items_and_the_marks(
    pair: tuple[Path, Path], right: Quiz, wrong: Quiz, tmp_path: Path
) -> None:
    report = load(pair[0], rescore=[written(right, tmp_path / "new")]).report()
    rows, oracle_rows = (pd.read_parquet(f / "responses.parquet") for f in pair)
    moved = (rows["correct"].fillna(-1) != oracle_rows["correct"].fillna(-1)).sum()
    (line,) = report.to_dict()["rescored"]
    assert (line["sha256_before"], line["sha256_after"]) == ([wrong.sha256], right.sha256)
    assert line["n_changed"] == moved > 0
    keys = {row["item"]: (row["keys_before"], row["key_after"]) for row in line["items"]}
    assert keys == {"know-01": (["a"], "b"), "know-05": (["a"], "c"), "offer-01": (["fraud"], "genuine"),
                    "offer-11": (["fraud"], "genuine")}  # fmt: skip
    assert sum(row["n_changed"] for row in line["items"]) == moved
    for language in ("id", "en"):
        (note,) = [n["text"] for n in report.to_dict(language)["notes"] if n["code"] == "rescored"]
        for word in (wrong.sha256[:12], right.sha256[:12], str(moved), "know-05"):
            assert word in note
        assert note in report.html(language)
    assert any(right.sha256[:12] in source for source in report.figures.sources)
    assert report.figures.sessions[0].quizzes == (("students", wrong.sha256),)
    assert report.fingerprint not in {load(folder).report().fingerprint for folder in pair}


def test_page_one_says_that_marks_were_given_anew(
    pair: tuple[Path, Path], right: Quiz, tmp_path: Path
) -> None:
    report = load(pair[0], rescore=[written(right, tmp_path / "new")]).report()
    assert report.summary("id").flags == ("Dinilai ulang dengan kunci yang diperbaiki.",)
    assert load(pair[1]).report().summary("id").flags == ()


def test_sessions_before_and_after_a_correction_are_counted_together(
    bundle_of: Any, crowd_of: Any, right: Quiz, wrong: Quiz, tmp_path: Path
) -> None:
    first = bundle_of(crowd_of(n=20, quiz=wrong, seed=1), code="ONE222", site="Desa Mawar")
    bundle_of(crowd_of(n=20, quiz=right, seed=2), code="TWO222", site="Desa Melati")
    together = load(first.parent, rescore=[written(right, tmp_path / "new")]).report()
    assert {row.quiz_id for row in together.figures.items} == {"students"}
    (line,) = together.figures.rescored
    assert set(line.sha256_before) == {wrong.sha256, right.sha256}


def test_a_narrowed_report_counts_its_own_marks(
    bundle_of: Any, crowd_of: Any, right: Quiz, wrong: Quiz, tmp_path: Path
) -> None:
    first = bundle_of(crowd_of(n=20, quiz=wrong, seed=1), code="ONE222", site="Desa Mawar")
    bundle_of(crowd_of(n=20, quiz=wrong, seed=2), code="TWO222", site="Desa Melati")
    loaded = load(first.parent, rescore=[written(right, tmp_path / "new")])
    parts = [loaded.where(site=site).report().figures.rescored[0].n_changed or 0
             for site in ("Desa Mawar", "Desa Melati")]  # fmt: skip
    assert min(parts) > 0
    assert sum(parts) == loaded.report().figures.rescored[0].n_changed


def test_other_quizzes_keep_their_marks(
    pair: tuple[Path, Path], bundle_of: Any, crowd_of: Any, right: Quiz, wrong: Quiz, tmp_path: Path
) -> None:
    other = dataclasses.replace(wrong, quiz_id="teachers")
    folder = bundle_of(crowd_of(n=30, quiz=other, seed=5), code="TEA222", site="SMA 1")
    both = load(pair[0], folder, rescore=[written(right, tmp_path / "new")]).where(session="TEA222")
    assert both.cube().score.equals(load(folder).cube().score)


def test_words_may_change_and_nothing_else_happens(
    pair: tuple[Path, Path], wrong: Quiz, tmp_path: Path
) -> None:
    why, stem = Text("Lihat lagi.", "Look again."), Text("Ke mana melapor?", "Where to report?")
    new = changed(wrong, rationale={"know-01": why}, sources={"know-01": ("R02",)}, stem={"know-01": stem})
    report = load(pair[0], rescore=[written(new, tmp_path / "new")]).report()
    assert figures_of(report) == figures_of(load(pair[0]).report())
    assert report.has_note("rescored_same")
    assert "Ke mana melapor?" not in report.html()


def other_quizzes(quiz: Quiz) -> Iterator[tuple[str, Quiz]]:
    """Corrections that are another quiz, by the fault they show."""
    options = quiz.item("know-01").own_options
    fewer = tuple(o for o in options if o.option_id != "d")
    turned = tuple(
        dataclasses.replace(o, text=p.text) for o, p in zip(options, reversed(options), strict=True)
    )
    forms = {"A": quiz.forms["A"][:-1], "B": quiz.forms["B"][:-1]}
    twins = {"know-01": "know-06", "know-06": "know-01", "know-02": "know-05", "know-05": "know-02"}
    yield "rescore_options", changed(quiz, own_options={"know-01": fewer})
    yield "rescore_moved", changed(quiz, own_options={"know-01": turned}, own_key={"know-01": ("d",)})
    yield "rescore_form", dataclasses.replace(quiz, forms=forms)
    yield "rescore_kind", changed(quiz, kind={"know-01": "multi"})
    yield "rescore_twin", changed(quiz, twin=twins)


@pytest.mark.parametrize("number", range(5))
def test_another_quiz_is_refused_with_file_place_and_remedy(
    bundle_of: Any, crowd_of: Any, wrong: Quiz, tmp_path: Path, number: int
) -> None:
    key, other = list(other_quizzes(wrong))[number]
    folder = bundle_of(crowd_of(n=12, quiz=wrong))
    with pytest.raises(SourceFault) as caught:
        load(folder, rescore=[written(other, tmp_path / "new")])
    assert key in {one.key for one in caught.value.faults}
    for language in ("id", "en"):
        text = caught.value.render(language)
        assert "students.yaml" in text
        assert "ABC234" in text
        assert "know-0" in text


def test_sources_without_choices_are_refused(
    pair: tuple[Path, Path], right: Quiz, responses_of: Any, crowd_of: Any, tmp_path: Path
) -> None:
    new = written(right, tmp_path / "new")
    totals = tmp_path / "totals.csv"
    totals.write_text("participant,pre,post\nP1,3,4\n")
    purged = shutil.copytree(pair[0], tmp_path / "purged")
    load(purged).cube().write(purged / "cube.parquet")
    (purged / "responses.parquet").unlink()
    unchosen = tmp_path / "unchosen.csv"
    responses_of(crowd_of(n=6)).drop(columns=["choice"]).to_csv(unchosen, index=False)
    for source, key in ((totals, "totals"), (purged, "purged"), (unchosen, "no_choices")):
        with pytest.raises(SourceFault) as caught:
            load(source, max_score=9, rescore=[new])
        assert caught.value.key == f"rescore_{key}"
        assert "--rescore" in caught.value.render("id")
    load(purged)


def test_a_quiz_that_nobody_answered_is_refused(pair: tuple[Path, Path], right: Quiz, tmp_path: Path) -> None:
    other = written(dataclasses.replace(right, quiz_id="teachers"), tmp_path / "new", "teachers.yaml")
    with pytest.raises(SourceFault) as caught:
        load(pair[0], rescore=[other])
    assert "teachers.yaml" in caught.value.render("en")
    assert "students" in caught.value.render("en")
    twice = [written(right, tmp_path / "new"), written(right, tmp_path / "new", "again.yaml")]
    with pytest.raises(SourceFault, match="two files"):
        load(pair[0], rescore=twice)


def test_a_table_with_choices_is_scored_anew(
    right: Quiz, wrong: Quiz, responses_of: Any, crowd_of: Any, tmp_path: Path
) -> None:
    new = written(right, tmp_path / "new")
    answers = responses_of(crowd_of(n=30, quiz=right)).query("kind != 'likert'")
    marks = [None if c == "unsure" else int({c} == wrong.item(i).key)
             for c, i in zip(answers["choice"], answers["item"], strict=True)]  # fmt: skip
    paths = []
    for name, rows in (("right", answers), ("wrong", answers.assign(correct=pd.array(marks, dtype="Int64")))):
        path = tmp_path / f"{name}.csv"
        rows.assign(session="S1").drop(columns=["quiz_id", "submitted"]).to_csv(path, index=False)
        paths.append(path)
    oracle, found = load(paths[0]).report(), load(paths[1], rescore=[new]).report()
    assert figures_of(found) == figures_of(oracle)
    assert found.figures.rescored[0].sha256_before == ()
    strange = paths[1].read_text().replace("know-01", "know-91")
    (tmp_path / "strange.csv").write_text(strange)
    with pytest.raises(SourceFault, match="know-91"):
        load(tmp_path / "strange.csv", rescore=[new])


def test_a_report_for_the_public_gives_no_small_count(
    bundle_of: Any, crowd_of: Any, quiz_of: Callable[..., Quiz], tmp_path: Path
) -> None:
    quiz = quiz_of()
    folder = bundle_of(crowd_of(n=12, quiz=quiz))
    new = written(changed(quiz, own_key={"know-01": ("d",)}), tmp_path / "new")
    inside, public = (load(folder, rescore=[new]).report(audience=a) for a in ("internal", "public"))
    (line,) = public.figures.rescored
    assert 0 < (inside.figures.rescored[0].n_changed or 0) < 10
    assert (line.n_changed, line.items[0].n_changed) == (None, None)
    assert public.has_note("rescored_few")


def test_the_command_takes_corrected_files(pair: tuple[Path, Path], right: Quiz, tmp_path: Path) -> None:
    outcome = write_report([pair[0]], tmp_path / "out", formats="json,html,pdf,xlsx",
                           rescore=[written(right, tmp_path / "new")])  # fmt: skip
    assert (
        json.loads(outcome.files[0].read_text(encoding="utf-8"))["rescored"][0]["sha256_after"]
        == right.sha256
    )


def by_hand(command: list[str], language: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from kit.cli import main; main()", "report", *command],
        env={**os.environ, "KIT_LANGUAGE": language, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def test_kit_report_rescores_what_a_real_session_stored(service: Any, tmp_path: Path) -> None:
    code = service.open_session("students")
    people = [service.join(code) for _ in range(6)]
    for stage, right in (("pre", 4), ("lesson", 0), ("post", 9)):
        service.control.move(code, stage)
        for person in people if right else []:
            person.answer(stage, right)
    service.control.move(code, "results")
    bundle = service.results / service.control.close(code)["bundle"]
    before = sums(bundle)
    plain = yaml.safe_load((QUIZZES / "students.yaml").read_text(encoding="utf-8"))
    turned = plain["forms"]["A"][0]
    for item in plain["items"]:
        if item["item_id"] == turned:
            item["signal"] = {"fraud": "genuine", "genuine": "fraud"}[item["signal"]]
    corrected = tmp_path / "students.yaml"
    corrected.write_text(yaml.safe_dump(plain, allow_unicode=True, sort_keys=False), encoding="utf-8")

    done = by_hand([str(bundle), "--rescore", str(corrected), "--format", "json", "-o", str(tmp_path)], "id")
    assert done.returncode == 0, done.stderr
    files = bundle / "report.json", next(tmp_path.glob("*.json"))
    old, new = (json.loads(file.read_text(encoding="utf-8")) for file in files)
    # The first item of form A was answered rightly by all: once by each of the six, before or after.
    (line,) = new["rescored"]
    assert (line["n_changed"], [row["item"] for row in line["items"]]) == (6, [turned])
    was, now = (r["score"]["mean_pre"] + r["score"]["mean_post"] for r in (old, new))
    assert now == pytest.approx(was - 1)
    assert sums(bundle) == before


@pytest.mark.parametrize(
    ("language", "words"), [("id", "bukan kuis yang dijawab"), ("en", "is not the quiz")]
)
def test_kit_report_refuses_another_quiz_in_the_readers_language(
    bundle_of: Any, crowd_of: Any, wrong: Quiz, tmp_path: Path, language: str, words: str
) -> None:
    folder = bundle_of(crowd_of(n=12, quiz=wrong))
    other = written(dict(other_quizzes(wrong))["rescore_form"], tmp_path / "new")
    refused = by_hand([str(folder), "--rescore", str(other), "-o", str(tmp_path / "out")], language)
    assert refused.returncode == 1
    assert words in refused.stderr
    assert "students.yaml" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (tmp_path / "out").exists()

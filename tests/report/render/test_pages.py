"""How long a report on the kit's own quizzes is, and how large its letters are on paper."""

from __future__ import annotations

import re
from pathlib import Path

import pypdfium2
import pytest

from kit.bundle.layout import SAMPLE_PREFIX
from kit.quiz.read import load_quiz
from kit.report import Report, load
from kit.report.render.page import page_context
from tests.conftest import ROOT
from tests.crowd import Crowd, leave_bundle
from tests.report.honest import wide

QUIZZES = Path(__file__).parents[3] / "quizzes"
POINTS = 0.7
"""Points of paper that a pixel of a chart is, as the template has it; page one's charts are at most 84 mm."""
HALF_PAGE = 84 / 25.4 * 72


def report_on(folder: Path, **people: int) -> Report:
    """A report on people of some audiences, each with its own quiz, at one site."""
    for number, (name, n) in enumerate(people.items()):
        quiz = load_quiz(QUIZZES / f"{name}.yaml")
        crowd = Crowd(n=n, drop=0.05, seed=number, quiz=quiz)
        leave_bundle(folder, crowd, code=f"S{number}2222", audience=quiz.audience[0], target=10)
    return load(folder).report()


def pages(report: Report, language: str) -> list[str]:
    """The words of each page of the PDF."""
    document = pypdfium2.PdfDocument(report.pdf(language))
    return [page.get_textpage().get_text_range() for page in document]


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_normal_event_has_at_most_six_pages_and_no_last_one_for_a_few_lines(
    language: str, tmp_path: Path
) -> None:
    found = pages(report_on(tmp_path, students=44), language)
    assert len(found) <= 6
    assert min(len(page.split()) for page in found) > 60, "no page is nearly empty"


def test_three_audiences_have_at_most_ten_pages(tmp_path: Path) -> None:
    report = report_on(tmp_path, students=40, teachers=24, residents=36)
    assert len(pages(report, "id")) <= 10
    assert len(report.html("id").encode()) < 200_000


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_letter_of_a_chart_is_eight_points_high_or_more(language: str, tmp_path: Path) -> None:
    report = report_on(tmp_path, students=44)
    first = page_context(report, language)["first_charts"]
    for name, chart in report.charts(language).items():
        scale = min(POINTS, HALF_PAGE / chart.width) if name in first else POINTS
        sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)px"', chart.svg)]
        assert min(sizes) * scale >= 8.0, (name, min(sizes), chart.width)


def test_the_headline_is_one_line_of_its_own(tmp_path: Path) -> None:
    """What explains a missing verdict stands below it, not in it."""
    context = page_context(report_on(tmp_path, students=44), "id")
    head, rest, _ = context["headline"]
    assert head.startswith("Naik rata-rata")
    assert rest == ""
    assert len(head) < 60


@pytest.mark.parametrize("language", ["id", "en"])
def test_an_event_with_follow_up_and_plans_has_six_pages(language: str) -> None:
    sample = min((ROOT / "results").glob(f"{SAMPLE_PREFIX}*"))
    assert len(pages(load(sample).report(), language)) <= 6


def test_what_the_scale_cuts_short_stands_below_the_headline(tmp_path: Path) -> None:
    report = wide(tmp_path, [(8, 10), (9, 10), (10, 10), (7, 10), (9, 9)])
    context = page_context(report, "id")
    note = report.view("id").say("page_one.edge")
    assert report.summary("id").change.endswith(note), "or this test says nothing"
    head, rest, several = context["headline"]
    assert (rest, several) == (note, False)
    assert note not in head


def test_headings_are_numbered_without_a_gap(tmp_path: Path) -> None:
    """A report for the public on seven people has hardly any heading left."""
    report_on(tmp_path, students=7)
    sections = page_context(load(tmp_path).report(audience="public"), "id")["sections"]
    assert len(sections) < 6
    assert [one["number"] for one in sections] == list(range(1, len(sections) + 1))


def test_of_several_quizzes_every_line_says_whose_it_is(tmp_path: Path) -> None:
    report = report_on(tmp_path, students=24, teachers=22)
    keys = [row[0].split("\n")[1] for row in report.tables("id")["items"].rows]
    assert all(key.startswith(("siswa · ", "guru, kepala sekolah · ")) for key in keys)
    alone = report_on(tmp_path / "alone", students=24)
    assert not any("siswa" in row[0].split("\n")[1] for row in alone.tables("id")["items"].rows)

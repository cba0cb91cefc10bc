"""What an event could have shown, and how many people the next one needs: the same in every format."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kit.report import Report, load
from kit.report.sections.base import View
from kit.report.sections.planning import Planning, PlanningSection, measure_planning
from kit.report.sections.sites import PooledFigures
from kit.report.stats.planning import people_needed, power_of_change
from tests.report.sections.test_sentences import BEFORE, figures


@pytest.fixture
def report(bundle_of: Callable[..., Path], crowd_of: Any) -> Report:
    return load(bundle_of(crowd_of(n=40))).report()


def test_the_smallest_change_is_proven_in_eighty_of_a_hundred_events(report: Report) -> None:
    score, planning = report.figures.score, report.figures.planning
    error = score.mean_change / score.t
    assert power_of_change(planning.smallest_change / error, score.df) == pytest.approx(0.8)
    assert planning.people_for_10 == people_needed(score.max / 10, planning.spread)


def test_every_format_says_it(report: Report) -> None:
    planning = report.figures.planning
    for language in ("id", "en"):
        view = View(report.figures, {}, language)
        [said] = PlanningSection().words(view)
        table = PlanningSection().tables(view)["planning"]
        assert said in report.html(language)
        assert table.title in report.html(language)
        book = openpyxl.load_workbook(io.BytesIO(report.xlsx(language)))
        cells = [cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
        assert {said, "planning.smallest_change", planning.people_for_10} <= set(cells)
    assert json.loads(report.json("id"))["planning"]["people_for_10"] == planning.people_for_10


def test_the_public_is_told_no_spread(bundle_of: Callable[..., Path], crowd_of: Any) -> None:
    found = load(bundle_of(crowd_of(n=40))).report(audience="public")
    assert found.figures.planning == Planning()


def test_three_sites_are_counted_and_not_their_people() -> None:
    pooled = PooledFigures(k=4, unit="site", estimate=6.0, ci=(-2.0, 14.0))
    planning = measure_planning(figures(BEFORE, pooled))
    assert planning.smallest_change is not None
    assert planning.people == (None,) * 4

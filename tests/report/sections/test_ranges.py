"""Ranges end where the scale ends, and no sentence or verdict claims more than is printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.report.sections.comparison import target_verdict
from kit.report.sections.spoken import outward
from tests.report.honest import wide


@pytest.mark.parametrize(
    ("ends", "printed"),
    [((9.6, 20.2), (9, 21)), ((-3.4, 2.0), (-4, 2)), ((0.34, 0.71), (0.3, 0.8)), ((10.0, 12.0), (10, 12))],
)
def test_ends_are_rounded_away_from_each_other(
    ends: tuple[float, float], printed: tuple[float, float]
) -> None:
    assert outward(*ends) == pytest.approx(printed)


def test_a_target_is_judged_by_the_range_that_is_printed() -> None:
    assert target_verdict(outward(9.96, 20.0), 10) == "open"
    assert target_verdict(outward(10.0, 20.0), 10) == "reached"
    assert target_verdict(outward(2.0, 9.4), 10) == "open"
    assert target_verdict(outward(2.0, 8.4), 10) == "missed"


def test_a_range_beyond_the_scale_is_cut_and_says_so(tmp_path: Path) -> None:
    pairs = [(9, 10), (10, 10), (8, 10), (10, 9), (2, 10), (10, 10)]
    change = wide(tmp_path, pairs).summary("id").change
    assert "langit-langit" in change
    assert "dan 19)" in change  # 100 less the mean before, 81.7, outward

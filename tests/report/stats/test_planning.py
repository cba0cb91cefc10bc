"""How many people a change needs, beside statsmodels; the guide prints the same numbers."""

from __future__ import annotations

import math

import nbformat
import pytest
from scipy import special
from statsmodels.stats.power import TTestPower

from kit.report.stats.planning import people_needed, power_of_change, smallest_change
from tests.conftest import ROOT

SPREADS = (15, 20, 25)
CHANGES = (5, 10, 15, 20)


@pytest.mark.parametrize("size", [0.1, 0.25, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("n", [2, 5, 10, 40, 1000])
def test_the_power_is_that_of_statsmodels(size: float, n: int) -> None:
    ours = power_of_change(size * math.sqrt(n), n - 1)
    assert ours == pytest.approx(TTestPower().power(size, n, 0.05), abs=1e-9)


def test_a_large_shift_has_a_power_where_scipy_has_none() -> None:
    assert math.isnan(special.nctdtr(39, 25.3, -2.02))
    assert power_of_change(25.3, 39) == pytest.approx(1.0)


@pytest.mark.parametrize("sd", SPREADS)
@pytest.mark.parametrize("change", [*CHANGES, 60])
def test_nobody_too_many_and_nobody_too_few(change: int, sd: int) -> None:
    n = people_needed(change, sd)
    assert TTestPower().power(change / sd, n, 0.05) >= 0.8
    assert n == 2 or TTestPower().power(change / sd, n - 1, 0.05) < 0.8


def test_the_smallest_change_needs_just_as_many_people_as_there_were() -> None:
    found = smallest_change(20 / math.sqrt(40), 39)
    assert found == pytest.approx(9.09, abs=0.005)
    assert people_needed(found + 1e-6, 20) == 40


def test_the_guide_prints_these_numbers_in_both_languages() -> None:
    book = nbformat.read(ROOT / "notebooks" / "guide.ipynb", as_version=4)
    cell = next(cell for cell in book.cells if cell.id == "sebelum-berapa-orang-perlu")
    rows = [line.strip("| ").split(" | ") for line in cell.source.splitlines() if line.startswith("| **")]
    wanted = [[f"**{change}**", *(str(people_needed(change, sd)) for sd in SPREADS)] for change in CHANGES]
    assert rows == wanted * 2

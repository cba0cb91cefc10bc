"""Items over visits: an interval that exists at 0 and at all, and no claim that it cannot bear."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from kit.report.stats.visits import item_course, share_interval


@given(st.integers(1, 200), st.data())
@settings(max_examples=60, deadline=None)
def test_interval_is_wilsons(n: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, n))
    assert share_interval(right, n) == pytest.approx(proportion_confint(right, n, method="wilson"), abs=1e-12)


def test_published_example_of_wilson() -> None:
    assert share_interval(8, 10) == pytest.approx((0.4902, 0.9433), abs=5e-5)


@pytest.mark.parametrize(
    ("right", "n", "course"),
    [
        (29, 30, "right_now"),
        (3, 30, "still_wrong"),
        (18, 30, "unsure"),
        (10, 10, "right_now"),
        (7, 10, "unsure"),
    ],
)
def test_course_is_told_only_where_the_whole_interval_bears_it(right: int, n: int, course: str) -> None:
    assert item_course(right, n, 0.6) == course

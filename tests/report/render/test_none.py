"""The renderer without a format says and draws everything, and makes no picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kit.report import Report, load
from kit.report.sections import SECTIONS


@pytest.fixture
def report(bundle_of: Callable[..., Path], crowd_of: Any) -> Report:
    return load(bundle_of(crowd_of(n=48, drop=0.1, followup=0.5))).report()


def test_it_shows_the_headings_in_order(report: Report) -> None:
    shown = report.shown("en")
    giving = [section.name for section in SECTIONS if not section.heading]
    assert list(shown.headings) == [name for name in giving if name in shown.headings]
    assert [heading.number for heading in shown.headings.values()] == list(range(1, len(shown.headings) + 1))
    assert shown.headings["items"].tables.keys() == {"items"}
    assert shown.headings["quality"].charts.keys() == {"likert"}


def test_it_draws_nothing_and_says_what_would_be_drawn(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kit.report.charts.look._in_tags", lambda *_: pytest.fail("a picture was made"))
    charts = report.shown("en").headings["change"].charts
    assert charts["gain"].title.startswith("Change in items right")
    assert "up" in charts["gain"].alt
    assert charts["gain"].spec["config"]["background"] == "#ffffff"


def test_it_says_what_the_pages_say(report: Report) -> None:
    shown = report.shown("id")
    assert report.summary("id") == shown.page_one
    html = report.html("id")
    for heading in shown.headings.values():
        for line in heading.lines:
            assert line.split("“")[0].split("'")[0] in html

"""The letters of a report are shipped with the kit, and no chart cuts any of them off."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from fontTools.ttLib import TTFont

import kit
from kit.bundle.layout import SAMPLE_PREFIX
from kit.report import Report, load
from kit.report.charts.fonts import FACES, FAMILY, FOLDER
from kit.report.charts.look import Chart
from kit.text import LANGUAGES
from tests.conftest import ROOT

LONG = "Desa Binaan Imigrasi Watulimo Rejosari Kertamukti Sindangbarang, Kecamatan Pangkalan Balai"
MARKS = "→▲▼●○−≥≤τ²⟨⟩′…“”–·×Šđŵ0123456789"


@cache
def _widths(weight: int) -> tuple[dict[int, str], Any, int]:
    font: Any = TTFont(io.BytesIO(FACES[weight].read_bytes()))
    return font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm


def width_of(text: str, size: float, weight: int) -> float:
    """Pixels of a text as it is set; a letter the font lacks counts as a wide one."""
    names, metrics, units = _widths(weight)
    return sum(metrics[names[ord(x)]][0] if ord(x) in names else units for x in text) * size / units


def texts(chart: Chart) -> Iterator[tuple[str, float, float]]:
    """Every text of a chart with its left and right end in pixels; none is turned but the axis title."""

    def walk(node: Any, x: float) -> Iterator[tuple[str, float, float]]:
        moved = re.search(r"translate\(([-\d.]+)", node.get("transform", ""))
        x += float(moved[1]) if moved else 0.0
        words = "".join(node.itertext())
        if node.tag.endswith("}text") and words and "rotate(-90" not in node.get("transform", ""):
            weight = 700 if node.get("font-weight") in ("bold", "700") else 400
            wide = width_of(words, float(node.get("font-size", "13px")[:-2]), weight)
            left = x - {"end": wide, "middle": wide / 2}.get(node.get("text-anchor", ""), 0.0)
            yield words, left, left + wide
        for part in node:
            yield from walk(part, x)

    root = ElementTree.fromstring(chart.svg)
    yield from walk(root, 0.0)


@pytest.fixture
def wide_report(bundle_of: Callable[..., Path], crowd_of: Any) -> Report:
    first = bundle_of(crowd_of(n=44, followup=0.6), site=f"{LONG} Timur")
    for number in range(1, 4):
        bundle_of(
            crowd_of(n=36, seed=number),
            site=f"{LONG} {number}",
            code=f"ABC23{4 + number}",
            audience="principal",
        )
    return load(first.parent).report()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_any_chart_is_cut_off(wide_report: Report, language: str) -> None:
    charts = wide_report.charts(language)
    assert {"gain", "discernment", "items", "sites"} <= set(charts)
    cut = [
        f"{name}: {words!r} from {left:.0f} to {right:.0f} of {chart.width:.0f}"
        for name, chart in charts.items()
        for words, left, right in texts(chart)
        if left < -0.5 or right > chart.width + 0.5
    ]
    assert not cut, "\n".join(cut)


def test_the_measure_finds_a_text_that_is_cut_off() -> None:
    text = '<text x="0" font-size="13px">belum terbukti</text>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="40">{text}</svg>'
    _, left, right = next(texts(Chart(svg, "", "")))
    assert left == 0
    assert right > 40


def test_the_faces_have_our_letters_and_figures_of_one_width() -> None:
    for weight in FACES:
        names, metrics, _ = _widths(weight)
        assert not [mark for mark in MARKS if ord(mark) not in names]
        assert len({metrics[names[ord(figure)]][0] for figure in "0123456789"}) == 1


def test_every_letter_of_the_locales_is_in_the_faces() -> None:
    said = {
        letter
        for path in (Path(kit.__file__).parent / "locale").glob("*/report.yaml")
        for letter in path.read_text(encoding="utf-8")
    }
    for weight in FACES:
        assert not {letter for letter in said if letter.isprintable()} - {chr(x) for x in _widths(weight)[0]}


def test_page_charts_and_pdf_set_the_shipped_family(wide_report: Report) -> None:
    html = wide_report.html()
    assert html.count(f'@font-face {{ font-family: "{FAMILY}"') == len(FACES)
    assert len(html.encode()) < 200_000
    assert all(FAMILY in chart.svg for chart in wide_report.charts().values())
    assert b"SourceSans3-Regular" in wide_report.pdf()
    assert (FOLDER / "OFL.md").read_text(encoding="utf-8").count("SIL OPEN FONT LICENSE") >= 1


def test_a_chart_shown_as_an_image_brings_its_letters_along() -> None:
    """An image takes no font from its page, and a family with a number in its name needs quotes."""
    chart = Chart('<svg font-family="x" height="1"><text>Naik &amp; turun</text></svg>', "", "")
    assert chart.letters == "Naik & turun"
    assert chart.alone("RULES") == chart.svg.replace('height="1">', 'height="1"><style>RULES</style>')


def test_every_chart_names_its_family_so_that_browsers_take_it(wide_report: Report) -> None:
    for chart in wide_report.charts().values():
        assert f"font-family=\"'{FAMILY}', " in chart.svg


def boxes(chart: Chart) -> list[tuple[str, float, float, float, float]]:
    """Every level text of a chart: left, right, top and bottom of its letters in pixels; no halos."""
    found: list[tuple[str, float, float, float, float]] = []

    def walk(node: Any, x: float, y: float) -> None:
        moved = re.search(r"translate\(([-\d.]+),\s*([-\d.]+)", node.get("transform", ""))
        x, y = (x + float(moved[1]), y + float(moved[2])) if moved else (x, y)
        words = "".join(node.itertext())
        turned, halo = "rotate" in node.get("transform", ""), node.get("stroke-width") == "4"
        if node.tag.endswith("}text") and words and not turned and not halo:
            size = float(node.get("font-size", "13px")[:-2])
            wide = width_of(words, size, 700 if node.get("font-weight") in ("bold", "700") else 400)
            left = x - {"end": wide, "middle": wide / 2}.get(node.get("text-anchor", ""), 0.0)
            found.append((words, left, left + wide, y - 0.7 * size, y))
        for part in node:
            walk(part, x, y)

    walk(ElementTree.fromstring(chart.svg), 0.0, 0.0)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_any_chart_lies_on_another(language: str) -> None:
    """The sample has all that is drawn of a session: plans, behaviour, practice, opinions, follow-up."""
    sample = min((ROOT / "results").glob(f"{SAMPLE_PREFIX}*"))
    charts = load(sample).report().charts(language)
    assert {"behaviour-1", "behaviour-2", "practice", "likert", "gain"} <= set(charts)
    covered = [
        f"{name}: {one[0]!r} and {other[0]!r}"
        for name, chart in charts.items()
        for one, other in itertools.combinations(boxes(chart), 2)
        if min(one[2], other[2]) - max(one[1], other[1]) > 1
        and min(one[4], other[4]) - max(one[3], other[3]) > 1
    ]
    assert not covered, "\n".join(covered)
    assert not [words for words, *_ in boxes(charts["likert"]) if words.endswith("…")]

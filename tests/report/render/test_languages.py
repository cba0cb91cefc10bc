"""A report knows no language: words are chosen when a format is written."""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

import kit
from kit.report import Report, load
from kit.report.sections.base import Figures

LOCALE = Path(kit.__file__).parent / "locale"


def words_of(tree: Any) -> Iterator[str]:
    """Every word of a locale file."""
    if isinstance(tree, dict):
        for part in tree.values():
            yield from words_of(part)
    else:
        yield from re.findall(r"[a-z]{4,}", re.sub(r"\{[^}]*\}", " ", str(tree)).lower())


def only_indonesian() -> set[str]:
    """Words of the Indonesian report that the English one never uses."""
    indonesian, english = (
        set(words_of(yaml.safe_load((LOCALE / language / "report.yaml").read_text(encoding="utf-8"))))
        for language in ("id", "en")
    )
    return indonesian - english


@pytest.fixture
def report(bundle_of: Callable[..., Path], crowd_of: Any) -> Report:
    """An Indonesian report with a target, verdicts, opinions and a follow-up."""
    crowd = crowd_of(n=60, know_gain=0.3, hit_post=0.95, drop=0.1, followup=0.5)
    return load(bundle_of(crowd, site="Cianjur", target=5)).report(by=["site", "audience"])


def cells_of(workbook: bytes) -> list[str]:
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    return [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]


def test_an_indonesian_report_written_as_english_workbook_has_no_indonesian_word(report: Report) -> None:
    assert report.language == "id"
    assert report.to_dict()["target"]["verdict"] == "tercapai"
    # What the officer wrote stays in the words of the officer.
    (written,) = (row["text"] for row in report.to_dict()["officer_notes"])
    assert any(written in cell for cell in cells_of(report.xlsx("en")))
    cells = [cell.replace(written, "").lower() for cell in cells_of(report.xlsx("en"))]
    foreign = only_indonesian()
    assert "tercapai" in foreign
    found = {word for cell in cells for word in re.findall(r"[a-z]{4,}", cell) if word in foreign}
    assert found == set()
    assert "reached" in cells


def test_the_words_of_every_format_are_those_of_the_language_asked_for(report: Report) -> None:
    foreign = only_indonesian()
    words = report.shown("en").words()
    for row in report.to_dict()["officer_notes"]:
        assert row["text"] in words
        words = words.replace(row["text"], "")
    said = re.findall(r"[a-z]{4,}", words.lower())
    assert {word for word in said if word in foreign} == set()
    assert report.to_dict("en")["target"]["verdict"] == "reached"


def texts_in(value: Any) -> Iterator[str]:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from texts_in(getattr(value, field.name))
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts_in(part)
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from texts_in(part)
    elif isinstance(value, str):
        yield value


def test_figures_hold_codes_and_no_sentence(report: Report) -> None:
    figures: Figures = report.figures
    names = {report.figures.sessions[0].site, "Gelar 2026"}
    notes = {row["text"] for row in report.to_dict()["officer_notes"]}
    texts = {text for text in texts_in(figures.parts)} - names - notes
    assert not [text for text in texts if " " in text and not text.startswith(("≥", "≤"))]

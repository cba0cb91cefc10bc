"""From Markdown to slides."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat

from kit.notebook.slides import heading, keyed_slides, least_minutes, split_slides
from kit.quiz.lint.hall import Hall
from tests.conftest import ROOT


def test_a_line_of_dashes_parts_slides() -> None:
    slides = split_slides("# Satu\n\nx\n\n---\n\n## Dua\n\n- a")
    assert [slide.title for slide in slides] == ["Satu", "Dua"]
    assert [slide.layout for slide in slides] == ["title", "text"]


def test_notes_are_not_in_the_slide() -> None:
    (slide,) = split_slides("## Visa\n\nTeks.\n\n<!-- notes: (2 menit) Rahasia *penting*. -->")
    assert "Rahasia" not in slide.html + slide.english
    assert "Rahasia <em>penting</em>" in slide.notes
    assert slide.minutes == 2


def test_english_stands_apart() -> None:
    (slide,) = split_slides('## Visa\n\nKerja\n\n<div lang="en">\n\n## Visa\n\nWork\n\n</div>')
    assert "Work" not in slide.html
    assert "Work" in slide.english


def test_a_drawing_comes_into_the_page_with_its_words() -> None:
    (slide,) = split_slides("## C\n\n![Percakapan “di ponsel”](asset:chat)")
    assert slide.layout == "picture"
    assert "<svg" in slide.html
    assert 'aria-label="Percakapan “di ponsel”"' in slide.html


def test_few_words_stand_large() -> None:
    (slide,) = split_slides("## Paspormu, tanganmu\n\nBukan di agen.")
    assert slide.layout == "statement"


def test_a_heading_is_plain_text() -> None:
    assert heading("## Cek *dulu*, [baca](x) `C-E`") == "Cek dulu, baca C-E"


def test_stations_are_slides_named_after_their_call(tmp_path: Path) -> None:
    book = nbformat.v4.new_notebook()
    book.cells = [
        nbformat.v4.new_markdown_cell("# A\n\n---\n\n## B"),
        nbformat.v4.new_code_cell('x = 1\nhall.wave("pre")', metadata={"kit": {"minutes": 8}}),
    ]
    nbformat.write(book, tmp_path / "x.ipynb")
    keyed = keyed_slides(tmp_path / "x.ipynb")
    assert [slide.title for _, slide in keyed] == ["A", "B", "wave"]
    assert [slide.minutes for _, slide in keyed] == [0, 0, 8]
    assert [key for key, _ in keyed] == [
        f"{book.cells[0].id}-0",
        f"{book.cells[0].id}-1",
        f"{book.cells[1].id}-0",
    ]


def test_tags_say_the_shortest_deck_that_shows_a_cell() -> None:
    assert least_minutes(["min60"]) == 60
    assert least_minutes(["remove-input", "min90"]) == 90
    assert least_minutes([]) == 0
    assert least_minutes(["minimal", "min"]) == 0


def test_the_guide_plans_the_minutes_of_the_students_deck() -> None:
    hall = Hall.beside(ROOT / "quizzes")
    deck = hall.decks["students"]
    guide = json.loads((ROOT / "notebooks" / "guide.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in guide["cells"]]
    table = next(text for text in cells if "Satu notebook, tiga panjang" in text)
    for language, first, practice in (("id", "Sapa", "Latihan bersama"), ("en", "Welcome", "Practice")):
        rows = [row.strip("| ").split("|") for row in table.split("\n") if row.startswith("| ")]
        start = next(n for n, (name, *_) in enumerate(rows) if name.strip().startswith(first))
        end = next(n for n in range(start, len(rows)) if "**" in rows[n][0])
        planned = {name.strip(): [_count(part) for part in parts] for name, *parts in rows[start:end]}
        said = [sum(column) for column in zip(*planned.values(), strict=True)]
        assert said == list(deck.lengths) == [deck.minutes(length) for length in deck.lengths], language
        drill = next(slide.minutes for slide in deck.slides if slide.runs == "practice")
        assert planned[practice] == [drill] * 3


def _count(cell: str) -> int:
    """A cell of minutes; a dash is none."""
    return int(cell.strip(" –") or 0)

"""From Markdown to slides."""

from __future__ import annotations

from pathlib import Path

import nbformat

from kit.notebook.slides import heading, keyed_slides, least_minutes, split_slides


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

"""From the Markdown of a notebook cell to slides: HTML for the projector, notes for the facilitator.

One cell is one slide, or several separated by lines of `---`. In a slide
`<!-- notes: … -->` is for the facilitator only, `<div lang="en">…</div>` is the English text of the slide,
and `![words](asset:NAME)` is a drawing of the kit (`kit/page/art/NAME.svg`), put into the page itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, Final

import kit.schemas  # noqa: F401

# isort: split
import nbformat
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML

from kit.bundle.told import read_bounded

MAX_NOTEBOOK: Final = 20_000_000
ART: Final = Path(__file__).parent.parent / "page" / "art"
_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
_ENGLISH = re.compile(r'<div lang="en">(.*?)</div>', re.DOTALL)
_LEAST = re.compile(r"min(\d+)")
_MINUTES = re.compile(r"\((\d+)\s*(?:menit|min)", re.IGNORECASE)


@dataclass(frozen=True)
class Slide:
    """One slide; `english` is empty where the text serves both languages, `minutes` 0 where none are set.

    `item` is the item that a station is about.
    """

    title: str
    html: str
    english: str
    notes: str
    minutes: int
    layout: str
    item: str = ""


class _Renderer(RendererHTML):
    """HTML with the kit's own drawings put in place of `asset:` images."""

    def image(self, tokens: Any, idx: int, options: Any, env: Any) -> str:
        """Draw an image token."""
        token = tokens[idx]
        source, words = str(token.attrs.get("src", "")), str(token.content)
        if source.startswith("asset:"):
            return f'<span class="art" role="img" aria-label="{escape(words)}">{drawing(source[6:])}</span>'
        return f'<img src="{escape(source)}" alt="{escape(words)}">'


_markdown = MarkdownIt("commonmark", renderer_cls=_Renderer).enable("table")


@cache
def drawing(name: str) -> str:
    """Return one of the kit's drawings as SVG text; an unknown name is a defect of the notebook."""
    if not re.fullmatch(r"[a-z0-9-]+", name):
        raise ValueError(name)
    svg = (ART / f"{name}.svg").read_text(encoding="utf-8")
    return svg[svg.index("<svg") :]


def split_slides(source: str) -> list[Slide]:
    """Return the slides of one Markdown cell."""
    parts = re.split(r"^-{3,}\s*$", source, flags=re.MULTILINE)
    return [_slide(part) for part in parts if part.strip()]


def _slide(source: str) -> Slide:
    comments = [text.strip() for text in _COMMENT.findall(source)]
    notes = "\n\n".join(text.split(":", 1)[1].strip() for text in comments if text.startswith("notes:"))
    text = _COMMENT.sub("", source)
    english = "\n".join(_ENGLISH.findall(text)).strip()
    text = _ENGLISH.sub("", text).strip()
    minutes = _MINUTES.search(notes)
    return Slide(
        title=heading(text),
        html=_markdown.render(text),
        english=_markdown.render(english) if english else "",
        notes=_markdown.render(notes) if notes else "",
        minutes=int(minutes[1]) if minutes else 0,
        layout=_layout(text),
    )


def heading(source: str) -> str:
    """Return the first heading of a Markdown text without its marks, or its first line."""
    found = re.search(r"^#+\s+(.*)$", source, re.MULTILINE)
    line = found[1] if found else next((line for line in source.splitlines() if line.strip()), "")
    return re.sub(r"[*_`]|\[([^\]]*)\]\([^)]*\)", r"\1", line).strip()


def _layout(text: str) -> str:
    """Choose a layout by what is there: a picture stands beside the text, few words stand alone and large."""
    if "](asset:" in text:
        return "picture"
    body = re.sub(r"^#.*$", "", text, flags=re.MULTILINE).strip()
    if text.startswith("# "):
        return "title"
    return "statement" if len(body) <= 120 and not re.search(r"^[-*|\d]", body, re.MULTILINE) else "text"


def read_notebook(path: Path) -> Any:
    """Return a notebook file as nbformat reads it. Raises SourceFault for one that is far too large."""
    text = read_bounded(path, MAX_NOTEBOOK).decode()
    return nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]


def notebook_title(book: Any, language: str = "id") -> str:
    """Return the first heading of a notebook, the English one where asked for and there, else nothing."""
    source = next((cell.source for cell in book.cells if cell.cell_type == "markdown"), "")
    english = "\n".join(_ENGLISH.findall(source)) if language == "en" else ""
    return heading(english or source)


def least_minutes(tags: Iterable[str]) -> int:
    """Return the shortest deck that shows a cell: 60 for one tagged `min60`, 0 for one without such a tag."""
    return max((int(found[1]) for tag in tags if (found := _LEAST.fullmatch(tag))), default=0)


def keyed_slides(path: Path) -> list[tuple[str, Slide]]:
    """Return every slide of a notebook with the key the deck gives it, stations named after their call."""
    found: list[tuple[str, Slide]] = []
    for cell in read_notebook(path).cells:
        minutes = int(cell.metadata.get("kit", {}).get("minutes", 0))
        slides = split_slides(cell.source) if cell.cell_type == "markdown" else _station(cell.source, minutes)
        found += [(f"{cell.id}-{number}", slide) for number, slide in enumerate(slides)]
    return found


def _station(code: str, minutes: int) -> list[Slide]:
    """Return the slide of a code cell that ends with a call such as `hall.lobby()`, titled `lobby`.

    A text has its minutes in its notes; a station has no notes, so its cell has them in `kit.minutes`.
    """
    last = next((line for line in reversed(code.splitlines()) if line.strip()), "")
    call = re.fullmatch(r"hall\.(\w+)\((?:[\"']([\w-]*)[\"'])?.*\)", last)
    return [Slide(call[1], "", "", "", minutes, "station", call[2] or "")] if call else []

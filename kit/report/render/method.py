"""How the figures are computed, in plain words: the method document, for the report that carries it along."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

CARRIED: Final = Path(__file__).parent / "method"
"""Where an installed kit has the document; a clone has it in its `docs`."""
IN_A_CLONE: Final = Path(__file__).parents[3] / "docs"
NAMES: Final = {"id": "method.md", "en": "method.en.md"}
_LINK: Final = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_HEADING: Final = re.compile(r"<(/?)h2>")


def method_words(language: str) -> str:
    """The document as Markdown without its title, and without links, which would lead out of the report."""
    name = NAMES.get(language, NAMES["id"])
    found = next(folder / name for folder in (CARRIED, IN_A_CLONE) if (folder / name).is_file())
    return _LINK.sub(r"\1", found.read_text(encoding="utf-8").partition("\n")[2])


def method_html(language: str) -> str:
    """The document as HTML; its headings stand below one of the report's."""
    # Loaded here: other formats do without it.
    from markdown_it import MarkdownIt

    made = str(MarkdownIt("commonmark", {"html": False}).enable("table").render(method_words(language)))
    return _HEADING.sub(r"<\1h3>", made)

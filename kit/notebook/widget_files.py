"""The script and the style of a widget, each as one text made from plain files."""

from __future__ import annotations

import mimetypes
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Any, Final

from kit.page.build import PAGE, made_modules
from kit.page.join import constant, join, text
from kit.text import LANGUAGES, sentences

HERE: Final = Path(__file__).parent


@cache
def script(name: str, *sections: str) -> str:
    """A widget's module joined with all it imports, and the sections of words that it says in it.

    Sections are those of `notebook.yaml` and `study.yaml`; both languages come along, so that switching needs
    no kernel.
    """
    made = made_modules() | {HERE / "words.js": constant("WIDGET_WORDS", browser_words(*sections))}
    return text(join(HERE / name, made), HERE / name)


@cache
def style(*names: str) -> str:
    """Tokens and item styles followed by style sheets of the page or of this folder."""
    shared = (PAGE / "theme.css", PAGE / "page.css")
    own = (HERE / name if (HERE / name).is_file() else PAGE / name for name in names)
    return "\n".join(path.read_text(encoding="utf-8") for path in (*shared, *own))


def browser_words(*sections: str) -> dict[str, dict[str, Any]]:
    """Sections of the notebooks' words as `{id: {section: …}, en: {section: …}}`."""
    notebook, study = sentences("notebook"), sentences("study")
    said = {language: {**notebook[language], **study[language]} for language in LANGUAGES}
    return {language: {name: part[name] for name in sections} for language, part in said.items()}


def picture(path: Path) -> str:
    """A picture file as a data URL: a page in Jupyter loads nothing from the service."""
    kind = mimetypes.guess_type(path.name)[0] or "image/png"
    return f"data:{kind};base64,{b64encode(path.read_bytes()).decode()}"

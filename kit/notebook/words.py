"""The words that notebooks send to the browser, in both languages at once: switching needs no kernel."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from kit.text import LANGUAGES

_LOCALE: Final = Path(__file__).parent.parent / "locale"


@cache
def _all(language: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(
        (_LOCALE / language / "notebook.yaml").read_text(encoding="utf-8")
    )
    return loaded


def words(*sections: str) -> dict[str, dict[str, Any]]:
    """Return `{id: {section: …}, en: {section: …}}` of the notebook's locale files."""
    return {language: {name: _all(language)[name] for name in sections} for language in LANGUAGES}

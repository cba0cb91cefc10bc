"""The JavaScript and style of a widget as one text, made from plain files without a build."""

from __future__ import annotations

import mimetypes
import re
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
PAGE: Final = HERE.parent / "page"
_IMPORT = re.compile(r'(from\s+)"(\.{1,2}/[^"]+)"')


@cache
def script(path: Path) -> str:
    """Return a module whose relative imports are data URLs: it has no address to resolve them by."""
    text = path.read_text(encoding="utf-8")

    def inline(found: re.Match[str]) -> str:
        inner = script((path.parent / found[2]).resolve())
        return f'{found[1]}"data:text/javascript;base64,{b64encode(inner.encode()).decode()}"'

    return _IMPORT.sub(inline, text)


@cache
def style(name: str) -> str:
    """Return the shared tokens and item styles followed by a style sheet of this folder."""
    files = (PAGE / "theme.css", PAGE / "page.css", HERE / name)
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def picture(path: Path) -> str:
    """Return a picture file as a data URL."""
    kind = mimetypes.guess_type(path.name)[0] or "image/png"
    return f"data:{kind};base64,{b64encode(path.read_bytes()).decode()}"

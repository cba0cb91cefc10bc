"""The letters of every report: Source Sans 3 (Adobe, SIL OFL 1.1), shipped, so that no machine clips a text.

Its figures all have one width, and it has Latin Extended, Greek, arrows and our own marks. Charts, PDF and
HTML set the same two faces; a page takes along only the letters it shows, as a document embedding its fonts.
"""

from __future__ import annotations

import io
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent
FAMILY: Final = "Source Sans 3"
FACES: Final = {400: FOLDER / "SourceSans3-Regular.ttf", 700: FOLDER / "SourceSans3-Bold.ttf"}
"""The file of each weight."""


@cache
def register_with_charts() -> None:
    """Make the faces known to the renderer of charts, once for a process."""
    # Loaded here: reports without charts are spared a JavaScript engine.
    import vl_convert

    vl_convert.register_font_directory(str(FOLDER))


def face_rules(text: str) -> str:
    """CSS rules that carry both faces with the letters of a text and no others: about 15 kB each."""
    letters = "".join(sorted({letter for letter in text if letter.isprintable()}))
    return "\n".join(_face_rule(weight, letters) for weight in FACES)


@cache
def _face_rule(weight: int, letters: str) -> str:
    source = b64encode(_subset(FACES[weight], letters)).decode("ascii")
    return (
        f'@font-face {{ font-family: "{FAMILY}"; font-weight: {weight}; '
        f"src: url(data:font/woff;base64,{source}) format('woff'); }}"
    )


def _subset(path: Path, letters: str) -> bytes:
    # Loaded here: other formats do without it.
    from fontTools import subset

    options = subset.Options(
        flavor="woff", layout_features=["kern", "tnum"], hinting=False, recalc_timestamp=False
    )
    font: Any = subset.load_font(io.BytesIO(path.read_bytes()), options)
    cutter = subset.Subsetter(options)
    cutter.populate(text=letters)
    cutter.subset(font)
    written = io.BytesIO()
    subset.save_font(font, written, options)
    return written.getvalue()

"""Names that look the same are the same: what may differ in their signs without anybody seeing it."""

from __future__ import annotations

import unicodedata
from typing import Final

# Signs that show nothing and are no format signs by their category: fillers and the blank of Braille.
_BLANK: Final = "\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u2800\u3164\uffa0\u034f"
_UNSEEN: Final = ("Cf", "Cc", "Co", "Cn", "Cs")

_LATIN: Final = str.maketrans(
    # Cyrillic and Greek letters that no typeface of a phone tells from Latin ones (Unicode TR 39).
    "АВЕЅІЈКМНОРСТУХҮԚԜаеѕіјорсухһԁԛԝѵ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοϲν" + "ı’‘ʼ‐‑‒–—",
    "ABESIJKMHOPCTYXYQWaesijopcyxhdqwv" + "ABEZHIKMNOPTYXocv" + "i'''-----",
)


def plain_name(name: str) -> str:
    """A name in one composed form, without signs that nobody sees; empty when nothing of it is seen.

    Example: `Kebon\\u200b  Kosong` and `Kebon Kosong` give `Kebon Kosong`.
    """
    composed = unicodedata.normalize("NFKC", name)
    seen = (sign for sign in composed if sign not in _BLANK and unicodedata.category(sign) not in _UNSEEN)
    words = " ".join("".join(seen).split())
    return words if any(unicodedata.category(sign)[0] in "LNPS" for sign in words) else ""


def same_looking(name: str) -> str:
    """What names that look the same have in common; for comparing only, never shown."""
    return unicodedata.normalize("NFKC", plain_name(name).translate(_LATIN))


_FIGURES: Final = str.maketrans("01", "ol")


def alike_name(name: str) -> str:
    """What names have in common that a hurried hand writes for one place; for asking only.

    Capitals, blanks, hyphens and dots do not count, nor do look-alike letters and accents.
    Example: `Kebon Kosong`, `KEBON-KOSONG` and `Keb0n kosong` give `kebonkosong`.
    """
    apart = unicodedata.normalize("NFKD", same_looking(name).casefold()).translate(_FIGURES)
    return "".join(sign for sign in apart if unicodedata.category(sign)[0] in "LN")

"""What no report may ever do, whatever it is made from."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from kit.report import Report, load

# No word may claim what the session did: no comparison group, no cause.
CAUSAL_ID = (
    r"\b(karena|sebab|menyebabkan|disebabkan|berkat|akibat|mengakibatkan|berdampak|dampak|pengaruh\w*"
    r"|meningkatkan|menurunkan|menghasilkan|membuat)\b"
)
CAUSAL_EN = (
    r"\b(because|cause[sd]?|causing|due to|thanks to|led to|leads to|result(ed|s) in|impact\w*"
    r"|owing to|made people|effective\w*)\b"
)


def wide(folder: Path, pairs: list[tuple[Any, Any]], most: int = 10, **request: Any) -> Report:
    rows = "".join(f"P{i:03d},{a},{b}\n" for i, (a, b) in enumerate(pairs))
    path = folder / "data.csv"
    path.write_text("participant,pre,post\n" + rows, encoding="utf-8")
    return load(path, max_score=most).report(**request)


def leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, f"{place}.{key}" if place else key)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from leaves(part, f"{place}.{number}")
    else:
        yield place, value


def check_honest(report: Report) -> None:
    """No NaN, infinity or p = 0; every null has a note in words; no causal verb; page one fits."""
    for language, banned in (("id", CAUSAL_ID), ("en", CAUSAL_EN)):
        plain = json.loads(report.json(language))
        about = [place for note in plain["notes"] for place in note["about"]]
        for place, value in leaves(plain):
            if isinstance(value, float):
                assert math.isfinite(value), place
            if place.rpartition(".")[2] in ("p", "p_t", "p_signflip", "p_mcnemar", "p_fisher", "p_holm"):
                assert value is None or 0 < value <= 1, place
            if value is None:
                assert any(fnmatchcase(place, pattern) for pattern in about), (
                    f"{place} is null without a note"
                )
        page = report.summary(language)
        text = page.words() + " ".join(note["text"] for note in plain["notes"])
        text += re.sub(r"<style.*?</style>|<[^>]+>", " ", report.html(language), flags=re.S)
        assert not re.findall(banned, text.lower()), re.findall(banned, text.lower())
        assert "nan" not in text.lower().split()
        assert len(re.findall(r"\S*\w\S*", page.words())) <= 120, page.words()

"""The words: each sentence is asked for somewhere, and help numbers stand once."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from kit.study.help import HELP_LINES

ROOT = Path(__file__).resolve().parents[2]
KIT = ROOT / "kit"
LOCALE = KIT / "locale" / "id"
SOURCES = [path for kind in ("py", "js", "html", "j2") for path in KIT.rglob(f"*.{kind}")]
# Areas whose words are all handed over whole or asked for by the code that knows their keys.
AREAS = ("booster", "cli", "errors", "item", "notebook", "page", "remote", "study")
# Sections that are walked over, key by key, by what the data holds.
WALKED = {"study": ("audiences", "stages", "help"), "item": ("channels",), "notebook": ("pages", "cards")}
# What the functions that look words up put in front of every path: these name no sentence.
PREFIXES = {"station.\0", "kiosk.\0", "notebook.\0", "study.\0"}
QUOTED = re.compile(r"\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`")


def leaves(tree: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(tree, dict):
        return [path]
    return [leaf for name, inside in tree.items() for leaf in leaves(inside, (*path, str(name)))]


@cache
def asked() -> tuple[set[str], list[re.Pattern[str]]]:
    """What the sources name: words as they stand, and patterns where a part is filled in."""
    plain: set[str] = set()
    filled: set[str] = set()
    for path in SOURCES:
        source = path.read_text(encoding="utf-8")
        plain |= set(re.findall(r"\bwords\.([\w.]+)", source))
        plain |= set(re.findall(r"[\"']([\w.]+)[\"']", source))  # quoted inside a template too
        for found in QUOTED.finditer(source):
            text = next(part for part in found.groups() if part is not None)
            if re.fullmatch(r"[\w.]+", text):
                plain.add(text)
            elif re.fullmatch(r"[\w.]*(?:\$?\{[^{}]*\}[\w.]*)+", text):
                filled.add(re.sub(r"\$?\{[^{}]*\}", "\0", text))
    # Jinja and Python join names: "start." ~ kind, kind ~ "_title".
    filled |= {f"{text}\0" for text in plain if text.endswith((".", "_"))}
    filled |= {f"\0{text}" for text in plain if text.startswith(("_", "."))}
    patterns = [
        re.compile(re.escape(text).replace("\0", r"\w+")) for text in filled - PREFIXES if text.strip("\0._")
    ]
    return plain, patterns


def is_asked(area: str, leaf: tuple[str, ...]) -> bool:
    """Whether a source names this key; what looks words up may add its area or its first section."""
    plain, patterns = asked()
    whole = (area, *leaf)
    names = [".".join(whole[place:]) for place in range(min(3, len(whole)))]
    return any(name in plain or any(pattern.fullmatch(name) for pattern in patterns) for name in names)


@pytest.mark.parametrize("area", AREAS)
def test_every_sentence_is_asked_for(area: str) -> None:
    tree = yaml.safe_load((LOCALE / f"{area}.yaml").read_text(encoding="utf-8"))
    unused = [
        ".".join(leaf)
        for leaf in leaves(tree)
        if leaf[0] not in WALKED.get(area, ()) and not is_asked(area, leaf[:-1] if area == "errors" else leaf)
    ]
    assert unused == []


def test_a_sentence_nobody_asks_for_would_be_found() -> None:
    assert not is_asked("notebook", ("station", "poll", "nobody_asks_for_this"))


def test_both_halves_of_the_page_say_different_things() -> None:
    tree = yaml.safe_load((LOCALE / "page.yaml").read_text(encoding="utf-8"))
    assert set(tree["first"]).isdisjoint(tree["later"])


def test_help_numbers_stand_once() -> None:
    """In code and locale no number is typed but in kit/study/help.py; material may only name these."""
    numbers = {line.number for line in HELP_LINES}
    long = [number for number in numbers if len(number) > 3]
    sources = [*SOURCES, *KIT.rglob("*.yaml")]
    typed = {
        f"{path.relative_to(ROOT)}: {number}"
        for path in sources
        if path.name != "help.py"
        for number in long
        if number in path.read_text(encoding="utf-8")
    }
    assert typed == set()
    for path in [*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("quizzes/*.yaml")]:
        named = re.findall(r"\b0800-?\d{4}\b|\b0811[\d-]{8,}\b", path.read_text(encoding="utf-8"))
        assert set(named) <= numbers, path.name

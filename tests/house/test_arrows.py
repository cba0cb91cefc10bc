"""Who may know whom, down to the single file: no circle anywhere, no arrow upwards inside a room."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KIT = ROOT / "kit"

# Lower rooms first: a file may import from its own room and from those before it.
REPORT = ("stats", "read", "count", "charts", "sections", "publish", "render")


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_name(path): path for path in KIT.rglob("*.py")}


@cache
def known_by(path: Path) -> set[str]:
    """The modules of the kit that a file imports anywhere in it, late imports included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else node.module for name in whole}
    return {name for name in found if name in MODULES}


def circles(graph: dict[str, set[str]]) -> Iterator[list[str]]:
    """Every way that leads back to where it began, each found once."""
    done: set[str] = set()

    def walk(name: str, way: list[str]) -> Iterator[list[str]]:
        if name in way:
            yield way[way.index(name) :]
        elif name not in done:
            for known in sorted(graph[name]):
                yield from walk(known, [*way, name])
            done.add(name)

    for name in sorted(graph):
        yield from walk(name, [])


def test_no_file_knows_itself_by_way_of_others() -> None:
    graph = {name: known_by(path) - {name} for name, path in MODULES.items()}
    assert list(circles(graph)) == []


def test_a_circle_would_be_found() -> None:
    assert list(circles({"a": {"b"}, "b": {"c"}, "c": {"b"}})) == [["b", "c"]]


@pytest.mark.parametrize("room", REPORT)
def test_a_report_is_made_from_below(room: str) -> None:
    allowed = REPORT[: REPORT.index(room) + 1]
    for path in sorted((KIT / "report" / room).rglob("*.py")):
        rooms = {name.split(".")[2] for name in known_by(path) if re.match(r"kit\.report\.\w+\.", name)}
        assert rooms <= set(allowed), path.relative_to(ROOT)


CITED = re.compile(r"\b(?:design|evaluation|facts|style)(?:\.md\b|, section \d)|\bissue \d", re.IGNORECASE)


def test_nothing_cites_a_document_that_the_repository_does_not_hold() -> None:
    files = {*KIT.rglob("*.py"), *(ROOT / "tests").rglob("*.py")} - {Path(__file__)}
    found = {str(path.relative_to(ROOT)): CITED.findall(path.read_text(encoding="utf-8")) for path in files}
    assert {name: citations for name, citations in found.items() if citations} == {}

"""Read YAML safely: words stay words, and what could grow or repeat is refused before anything is built."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NoReturn

import yaml

from kit.quiz.fault import Fault, QuizFaults
from kit.quiz.read.authored import Authored, Steps

MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 20
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Authored:
    """Read one file. Raises QuizFaults with the one fault of a file that is no YAML of the kind we take."""
    walk = _Walk(path)
    plain = walk.value(_compose(path), ())
    return Authored(path, plain, walk.lines, tuple(walk.faults))


class _Walk:
    """Turns nodes into plain data, keeping the line of each value.

    A scalar is the text that was written: `Yes`, `2026-11-23` and `0o17` are words here.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: dict[Steps, int] = {}
        self.faults: list[Fault] = []

    def value(self, node: yaml.Node, steps: Steps) -> Any:
        self.lines.setdefault(steps, _line(node))
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, steps)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(element, (*steps, number)) for number, element in enumerate(node.value)]
        return str(node.value)

    def mapping(self, node: yaml.MappingNode, steps: Steps) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value in node.value:
            name = str(key_node.value)
            if name in found:
                place = ".".join(str(step) for step in (*steps, name))
                self.faults.append(Fault(self.path, _line(key_node), place, "key_twice", (("name", name),)))
            else:
                found[name] = self.value(value, (*steps, name))
        return found


def _compose(path: Path) -> yaml.Node:
    source = _source(path)
    try:
        _refuse_bombs(path, source)
        root = yaml.compose(source, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        _stop(path, 1 if mark is None else mark.line + 1, "not_yaml", problem=error.problem or "")
    except yaml.YAMLError:
        _stop(path, 1, "not_yaml", problem="")
    if root is None:
        _stop(path, 1, "empty")
    return root


def _source(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            _stop(path, 1, "too_large", limit=MAX_BYTES)
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        _stop(path, 1, "not_utf8")
    except (OSError, ValueError):
        _stop(path, 1, "unreadable")


def _refuse_bombs(path: Path, source: str) -> None:
    """Refuse aliases and deep nesting from the event stream, before anything is built."""
    depth = 0
    for event in yaml.parse(source, Loader=_LOADER):
        mark = event.start_mark
        line = 1 if mark is None else mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            _stop(path, line, "alias")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                _stop(path, line, "too_deep", limit=MAX_DEPTH)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _stop(path: Path, line: int, key: str, **values: object) -> NoReturn:
    raise QuizFaults([Fault(path, line, path.name, key, tuple(values.items()))])


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1

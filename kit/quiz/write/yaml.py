"""Write a quiz as YAML in the form that authors use; what is read back is the same quiz."""

from __future__ import annotations

from typing import Any, Final

import yaml

from kit.quiz.model import Quiz

WIDTH: Final = 110


class _Dumper(yaml.SafeDumper):
    """Chat messages as blocks, lists of ids on one line."""


class _OneLine(dict[str, Any]):
    """A mapping written on one line."""


def quiz_to_yaml(quiz: Quiz) -> str:
    """The quiz as YAML text."""
    plain = quiz.to_dict()
    items = [_item(item) for item in plain.pop("items")]
    plain["forms"] = {name: _Ids(ids) for name, ids in plain["forms"].items()}
    ordered = {name: _one_line(name, value) for name, value in plain.items()} | {"items": items}
    return yaml.dump(ordered, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=WIDTH)


class _Ids(list[Any]):
    """A list written on one line."""


def _item(item: dict[str, Any]) -> dict[str, Any]:
    return {name: _one_line(name, value) for name, value in item.items()}


def _one_line(name: str, value: Any) -> Any:
    if name == "cues":
        return _OneLine({cue: _one_line(cue, chosen) for cue, chosen in value.items()})
    short = isinstance(value, list) and all(not isinstance(element, dict) for element in value)
    return _Ids(value) if short else value


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


def _ids(dumper: yaml.SafeDumper, ids: _Ids) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", ids, flow_style=True)


def _pairs(dumper: yaml.SafeDumper, pairs: _OneLine) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", pairs, flow_style=True)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(_Ids, _ids)
_Dumper.add_representer(_OneLine, _pairs)

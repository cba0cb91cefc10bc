"""Judge an authored file: pydantic for the shape of each value, `references` for what spans several."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from kit.quiz.fault import Fault, QuizFaults
from kit.quiz.model import Cues, Item, Option, Quiz, Scenario, Text, quiz_schema
from kit.quiz.read import references
from kit.quiz.read.authored import Authored, Steps

# What pydantic calls the refusals that are no rule of our own.
_SHAPES: Final = {
    "string_type": "not_text",
    "tuple_type": "not_list",
    "dataclass_type": "not_mapping",
    "mapping_type": "not_mapping",
    "dict_type": "not_mapping",
    "missing": "key_missing",
    "unexpected_keyword_argument": "key_unknown",
    "bool_parsing": "not_boolean",
    "bool_type": "not_boolean",
    "int_parsing": "not_rating",
    "int_type": "not_rating",
    "greater_than_equal": "not_rating",
    "less_than_equal": "not_rating",
    "too_short": "count_wrong",
    "too_long": "count_wrong",
}
_INSIDE: Final[dict[str, type]] = {
    "title": Text,
    "items": Item,
    "stem": Text,
    "scenario": Scenario,
    "from": Text,
    "text": Text,
    "alt": Text,
    "options": Option,
    "rationale": Text,
    "cues": Cues,
}


def quiz_of(authored: Authored) -> Quiz:
    """The quiz of a file. Raises QuizFaults with all its faults, in the order of lines."""
    faults = [*authored.faults, *references.faults(authored)]
    quiz = None
    try:
        quiz = quiz_schema().validate_python(authored.plain)
    except ValidationError as error:
        faults += [_fault(authored, detail) for detail in error.errors()]
    if faults or quiz is None:
        raise QuizFaults(sorted(faults, key=lambda fault: fault.line))
    return quiz


def _fault(authored: Authored, detail: ErrorDetails) -> Fault:
    steps, values = tuple(detail["loc"]), dict(detail.get("ctx", {}))
    key = _SHAPES.get(detail["type"], detail["type"])
    if key == "key_missing" and isinstance(steps[-1], int):
        # The second of two ratings is missing: no name that could be added.
        return authored.fault(steps[:-1], "not_rating")
    if key == "key_missing":
        return authored.fault(steps[:-1], key, name=steps[-1])
    if key == "key_unknown":
        return authored.fault(steps, key, name=steps[-1], known=", ".join(_known(steps[:-1])))
    if "at" in values:
        steps += (int(values.pop("at")),)
    return authored.fault(steps, key, **(values if detail["type"] == key else {}))


def _known(steps: Steps) -> Iterator[str]:
    """The keys that a mapping may have, as they are written in the file."""
    names = [step for step in steps if isinstance(step, str)]
    holder: Any = _INSIDE[names[-1]] if names else Quiz
    written = {"sender": "from", "own_options": "options", "own_key": "key"}
    for field in dataclasses.fields(holder):
        yield written.get(field.name, field.name)

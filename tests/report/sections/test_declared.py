"""Every figure has said what becomes of it in a report for the public: there is no default."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from kit.report.sections import SECTIONS
from kit.report.sections.base import Part, Public, declare, without_inside


def parts_in(hint: Any) -> Iterator[type]:
    """Every dataclass that a type speaks of."""
    if dataclasses.is_dataclass(hint):
        yield hint
    for inner in typing.get_args(hint):
        yield from parts_in(inner)


def reachable(part: type) -> Iterator[type]:
    """A part and every part inside it."""
    yield part
    hints = typing.get_type_hints(part)
    for field in dataclasses.fields(part):
        for inner in parts_in(hints[field.name]):
            yield from reachable(inner)


def undeclared(part: type) -> set[str]:
    """Figures that no rule mentions, and rules that speak of no figure."""
    declared = set(getattr(part, "public", {}))
    return declared ^ {field.name for field in dataclasses.fields(part)}


ALL = dict.fromkeys(part for section in SECTIONS for kind in section.parts for part in reachable(kind))


@pytest.mark.parametrize("part", ALL, ids=lambda part: part.__name__)
def test_every_figure_has_a_rule(part: type) -> None:
    assert issubclass(part, Part), "figures inside figures declare theirs too"
    assert undeclared(part) == set()


def test_every_section_has_figures_with_a_place_of_their_own() -> None:
    keys = [kind.key for section in SECTIONS for kind in section.parts]
    assert all(keys)
    assert len(set(keys)) == len(keys)


@dataclass(frozen=True)
class Forgetful(Part):
    public: ClassVar = declare(always="n", never="names")

    n: int = 0
    names: tuple[str, ...] = ()
    forgotten: float | None = None


def test_a_forgotten_figure_is_found() -> None:
    assert undeclared(Forgetful) == {"forgotten"}
    with pytest.raises(KeyError):
        without_inside(Forgetful(3, ("Sari",), 0.5))


def test_what_never_leaves_is_emptied_even_if_its_section_forgets_it() -> None:
    @dataclass(frozen=True)
    class Whole(Part):
        public: ClassVar = declare(by_rule="inner", never="secret")

        inner: tuple[Inner, ...] = ()
        secret: int | None = None

    @dataclass(frozen=True)
    class Inner(Part):
        public: ClassVar = declare(always="n", never="changes")

        n: int = 0
        changes: tuple[int, ...] = ()

    assert without_inside(Whole((Inner(12, (1, 2)),), 7)) == Whole((Inner(12, ()),), None)
    assert set(Public) == {Public.ALWAYS, Public.BY_RULE, Public.NEVER}

"""What a section of a report is: it measures figures, says which of them may leave, and puts them in words.

Figures are numbers and codes and know no language. Everything else of a report (assembling, withholding, the
formats) walks the tuple `SECTIONS` and asks each section for its share.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from enum import Enum, IntEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from kit.bundle.read import SessionRecord
from kit.quiz.model import Quiz
from kit.report.count.counting import Counted
from kit.report.count.cube import Cube
from kit.report.count.forms import FormPlan
from kit.report.count.rescoring import Rescoring
from kit.report.sections.cells import Cells
from kit.report.sections.spoken import number
from kit.report.stats.paired import Pairs
from kit.report.stats.withholding import GroupName
from kit.text import message

if TYPE_CHECKING:
    from kit.report.charts.look import Drawing

Parts = Mapping[str, Any]
"""Figures by their key in `report.json`: a `Part`, or a tuple of them."""
SheetRow = tuple[str | float | int | None, ...]


class Tells(IntEnum):
    """How much is told: only where the data come from, also who took part, also how they answered."""

    SOURCES = 0
    PEOPLE = 1
    SCORES = 2


class Public(Enum):
    """What becomes of a figure in a report for the public."""

    ALWAYS = "leaves as it was measured, wherever its section may speak"
    BY_RULE = "leaves as the section's `withhold` returns it"
    NEVER = "is emptied, whatever `withhold` returns"


def declare(*, always: str = "", by_rule: str = "", never: str = "") -> Mapping[str, Public]:
    """Say of every figure of a part what becomes of it; a figure that is not named here has no rule."""
    named = ((Public.ALWAYS, always), (Public.BY_RULE, by_rule), (Public.NEVER, never))
    return {name: public for public, names in named for name in names.split()}


@dataclass(frozen=True)
class Part:
    """Figures that belong together. There is no default for `public`: `declare` names every field.

    `key` is the place in `report.json` (empty for figures inside other figures), `many` whether a list of
    them stands there, `written` whether it is written at all, `on_sheet` whether its section writes it to a
    sheet of the workbook (else it stands on the first), `verdicts` where the words for `verdict_code`
    are found.
    """

    key: ClassVar[str] = ""
    many: ClassVar[bool] = False
    written: ClassVar[bool] = True
    on_sheet: ClassVar[bool] = False
    verdicts: ClassVar[str] = ""
    public: ClassVar[Mapping[str, Public]]


P = TypeVar("P", bound=Part)


@dataclass(frozen=True)
class Note:
    """A sentence about the figures, by code; `about` names the places (`items.*.rest_r_pre`) it explains."""

    code: str
    values: tuple[tuple[str, object], ...] = ()
    about: tuple[str, ...] = ()


def note(code: str, *about: str, **values: object) -> Note:
    """Make a note; `about` are places in report.json, `*` for any part."""
    return Note(code, tuple(values.items()), about)


def note_text(one: Note, language: str) -> str:
    """A note in words."""
    words = {name: _spoken(name, value, language) for name, value in one.values}
    return message(f"report.notes.{one.code}", language, **words)


def _spoken(name: str, value: object, language: str) -> object:
    """A number of a note as people of a language write it: a probability with three decimals, else one."""
    return number(value, language, 3 if name == "p" else 1) if isinstance(value, float) else value


@dataclass(frozen=True)
class Options:
    """How the report was asked for."""

    by: tuple[str, ...] = ()
    target: float | None = None
    audience: str = "internal"
    compare: tuple[str, ...] = ()

    @property
    def is_public(self) -> bool:
        """Whether the report is for the public."""
        return self.audience == "public"


@dataclass(frozen=True)
class SessionLine:
    """One session as the report names it; it holds no figure of a person."""

    code: str
    title: dict[str, str]
    event: str
    site: str
    held_on: str
    quizzes: tuple[tuple[str, str], ...]
    site_id: str = ""


@dataclass(frozen=True)
class Figures:
    """Everything a report says, before words.

    `parts` holds the figures of all sections by their key in `report.json`; `of` and `rows` read them by
    type, and an analyst may write `figures.score`. `most` is the full mark in points.
    """

    options: Options
    sources: tuple[str, ...]
    sessions: tuple[SessionLine, ...]
    most: int
    told: Tells = Tells.SCORES
    parts: Parts = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    def of(self, kind: type[P]) -> P:
        """The figures of a type of which there is one."""
        found: P = self.parts[kind.key]
        return found

    def rows(self, kind: type[P]) -> tuple[P, ...]:
        """The figures of a type of which there are many."""
        found: tuple[P, ...] = self.parts[kind.key]
        return found

    def with_parts(self, parts: Parts) -> Figures:
        """The same report with some of its figures replaced."""
        return replace(self, parts={**self.parts, **parts})

    def __getattr__(self, name: str) -> Any:
        parts = self.__dict__.get("parts", {})
        if name not in parts:
            raise AttributeError(name)
        return parts[name]


@dataclass(frozen=True)
class Evidence:
    """What there is to measure: counts, the forms they were counted with, and facts about the sessions.

    `cells` are the scores of `cube` on one scale, `elsewhere` those of comparison sites; `of_session` counts
    one session alone, whose items the whole cube no longer tells from those of others.
    """

    cube: Cube
    plan: FormPlan
    cells: Cells
    options: Options
    records: tuple[SessionRecord, ...] = ()
    versions: tuple[str, ...] = ()
    rescoring: Rescoring | None = None
    elsewhere: Cells | None = None
    of_session: Callable[[str], Counted] | None = None

    @cached_property
    def pairs(self) -> Pairs:
        """The people measured before and after."""
        return self.cells.pairs()


@dataclass(frozen=True)
class Secrecy:
    """What a section must know to withhold: groups that nobody may name, and how much may be told at all."""

    hidden: frozenset[GroupName]
    cube: Cube
    told: Tells


@dataclass(frozen=True)
class View:
    """Figures on their way to a reader: with the quizzes they are about and the language to speak."""

    figures: Figures
    quizzes: Mapping[str, Quiz]
    language: str

    def say(self, key: str, /, **values: object) -> str:
        """A sentence of the report in the reader's language."""
        return message(f"report.{key}", self.language, **values)

    def per_hundred(self, value: float) -> float:
        """Points of a score as points out of 100."""
        return 100.0 * value / (self.figures.most or 1)


@dataclass(frozen=True)
class Table:
    """A table as text; `shares` before and after are drawn in the second cell of each row."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[tuple[float, float] | None, ...] = ()


class Section(ABC):
    """One statistic of a report, from measuring to drawing.

    `heading` names the section under whose heading it stands (its own, unless said), `reads` the notes read
    there, in that order, and `tells` how much must be told for it to speak.
    """

    name: ClassVar[str]
    parts: ClassVar[tuple[type[Part], ...]]
    heading: ClassVar[str] = ""
    tells: ClassVar[Tells] = Tells.SCORES
    reads: ClassVar[tuple[str, ...]] = ()
    on_page_one: ClassVar[bool] = False
    """Whether its charts stand on page one rather than under its heading."""
    drawn_in_rows: ClassVar[bool] = False
    """Whether a table draws already what its charts show; they are then for notebooks."""

    @abstractmethod
    def measure(self, evidence: Evidence, so_far: Figures) -> Parts:
        """The figures, nothing withheld; `so_far` holds those of the sections before this one."""

    @abstractmethod
    def withhold(self, figures: Figures, secrecy: Secrecy) -> Parts:
        """The figures as a report for the public may hold them."""

    def withhold_inside(self, figures: Figures) -> Parts:
        """The figures as colleagues may see them, where that is less than everything."""
        return {}

    def blank(self, figures: Figures) -> Parts:
        """What is left where the section may not speak at all."""
        return {kind.key: () if kind.many else kind() for kind in self.parts}

    def stands(self, figures: Figures) -> bool:
        """Whether a report of this kind has such a section; if not, its number goes to the next."""
        return True

    def notes(self, figures: Figures, evidence: Evidence) -> Iterator[Note]:
        """A note for everything that is missing, doubtful or withheld."""
        yield from ()

    def words(self, view: View) -> list[str]:
        """The sentences under the heading."""
        return []

    def tables(self, view: View) -> dict[str, Table]:
        """The tables, by name."""
        return {}

    def charts(self, view: View) -> dict[str, Drawing]:
        """The charts that the figures allow, by name."""
        return {}

    def sheets(self, view: View) -> Iterator[tuple[str, Iterable[SheetRow]]]:
        """Rows for the sheets of the workbook, by the name of the sheet."""
        yield from ()


def without_inside(value: Any) -> Any:
    """Empty every figure that never leaves. Raises KeyError for a figure that no rule mentions."""
    if isinstance(value, tuple):
        return tuple(without_inside(part) for part in value)
    if not isinstance(value, Part):
        return value
    kept = {}
    for one in fields(value):
        never = value.public[one.name] is Public.NEVER
        kept[one.name] = _empty(one) if never else without_inside(getattr(value, one.name))
    return replace(value, **kept)


def _empty(one: Field[Any]) -> Any:
    if one.default_factory is not MISSING:
        return one.default_factory()
    return None if one.default is MISSING else one.default


def as_written(value: Any, language: str) -> Any:
    """Figures as plain lists and dictionaries; a verdict stands in words before its code."""
    if isinstance(value, Part):
        plain = {}
        for one in fields(value):
            found = getattr(value, one.name)
            if one.name == VERDICT_CODE:
                plain["verdict"] = verdict_words(value, found, language)
            plain[one.name] = as_written(found, language)
        return plain
    if isinstance(value, dict):
        return {key: as_written(part, language) for key, part in value.items()}
    return [as_written(part, language) for part in value] if isinstance(value, (list, tuple)) else value


VERDICT_CODE: Final = "verdict_code"


def verdict_words(part: Part, code: str | None, language: str) -> str | None:
    """The words for a verdict, None where there is no verdict."""
    return message(f"report.{part.verdicts.format(code=code)}", language) if code else None


def make_table(view: View, name: str, rows: Sequence[tuple[str, ...]]) -> dict[str, Table]:
    """A table without the columns in which no row has anything; none without rows, or with names alone."""
    if not rows:
        return {}
    columns = [column.strip() for column in view.say(f"tables.{name}.columns").split("|")]
    kept = [i for i in range(len(columns)) if any(row[i] not in ("", "–") for row in rows)]
    shown = tuple(tuple(row[i] for i in kept) for row in rows)
    if len(columns) > 1 >= len(kept):
        return {}
    return {name: Table(view.say(f"tables.{name}.title"), tuple(columns[i] for i in kept), shown)}


def flat_rows(name: str, value: Any) -> Iterator[SheetRow]:
    """Written figures as rows `place, value, low, high`; distributions are left to the JSON."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key != "changes":
                yield from flat_rows(f"{name}.{key}", part)
    elif isinstance(value, list):
        if len(value) == 2 and all(isinstance(x, float) for x in value):
            yield (name, None, *value)
        else:
            yield (name, ", ".join(str(x) for x in value))
    elif value is not None:
        yield (name, value if isinstance(value, (int, float)) else str(value))

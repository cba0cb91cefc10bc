"""Read quiz files: every fault of a file is listed at once, with file, line, place and remedy."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, NoReturn

import yaml

from kit.errors import BadQuiz
from kit.quiz.model import (
    AUDIENCES,
    CHANNELS,
    DESIGNS,
    KINDS,
    PHRASE,
    SIGNALS,
    TOPICS,
    UNSURE,
    Item,
    Option,
    Quiz,
    Scenario,
    Text,
)
from kit.text import message

MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 20
# More do not fit a phone's screen, nor all of them chosen the store's column.
MAX_OPTIONS: Final = 12
MAX_CHOICE: Final = 400
_UNTYPED: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Ids become parts of URLs, stage names and joined choices ("a+c").
IDENTIFIER: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Fault:
    """One fault of a quiz file; `key` names `{fault, remedy}` in the quiz locale."""

    path: Path
    line: int
    place: str
    key: str
    values: tuple[tuple[str, object], ...] = ()

    def render(self, language: str = "id") -> str:
        """`file:line: place: fault. remedy.`"""
        values = dict(self.values)
        fault = message(f"quiz.faults.{self.key}.fault", language, **values)
        remedy = message(f"quiz.faults.{self.key}.remedy", language, **values)
        return f"{self.path}:{self.line}: {self.place}: {fault} {remedy}"


class QuizFaults(BadQuiz):
    """A quiz file (or a folder of them) cannot be used; `faults` lists everything wrong with it."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("quiz_faults", count=len(self.faults))

    def render(self, language: str = "id") -> str:
        """The summary, then one line for each fault."""
        return "\n".join([super().render(language), *(fault.render(language) for fault in self.faults)])


def load_quiz(path: Path | str) -> Quiz:
    """Read one quiz file. Raises QuizFaults with everything that is wrong."""
    reader = _Reader(Path(path))
    quiz = reader.read()
    if quiz is None or reader.faults:
        raise QuizFaults(sorted(reader.faults, key=lambda fault: fault.line))
    return quiz


def quiz_paths(folder: Path) -> list[Path]:
    """The quiz files of a folder, in order; `sources.yaml` is the register of facts, not a quiz."""
    return sorted(path for path in folder.glob("*.y*ml") if path.name != "sources.yaml")


def load_quizzes(folder: Path | str) -> dict[str, Quiz]:
    """Read every quiz of a folder by `quiz_id`. Raises QuizFaults over all files at once."""
    quizzes: dict[str, Quiz] = {}
    faults: list[Fault] = []
    for path in quiz_paths(Path(folder)):
        try:
            quiz = load_quiz(path)
        except QuizFaults as error:
            faults += error.faults
            continue
        if quiz.quiz_id in quizzes:
            faults.append(Fault(path, 1, "quiz_id", "quiz_id_twice", (("quiz_id", quiz.quiz_id),)))
        quizzes[quiz.quiz_id] = quiz
    if faults:
        raise QuizFaults(faults)
    return quizzes


class _Unreadable(Exception):
    """The file has no nodes to walk; its one fault is recorded."""


class _Reader:
    """Walks the YAML nodes of one file, so that each fault knows its line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults: list[Fault] = []

    def fault(self, node: yaml.Node | int, place: str, key: str, **values: object) -> None:
        line = node if isinstance(node, int) else node.start_mark.line + 1
        self.faults.append(Fault(self.path, line, place, key, tuple(values.items())))

    # The file as nodes

    def read(self) -> Quiz | None:
        try:
            return self._quiz(self._compose())
        except _Unreadable:
            return None

    def stop(self, line: int, key: str, **values: object) -> NoReturn:
        self.fault(line, self.path.name, key, **values)
        raise _Unreadable

    def _compose(self) -> yaml.Node:
        try:
            with self.path.open("rb") as file:
                raw = file.read(MAX_BYTES + 1)
            if len(raw) > MAX_BYTES:
                self.stop(1, "too_large", limit=MAX_BYTES)
            source = raw.decode("utf-8-sig")
        except (OSError, ValueError) as error:
            self.stop(1, "not_utf8" if isinstance(error, UnicodeDecodeError) else "unreadable")
        try:
            self._refuse_bombs(source)
            root = yaml.compose(source, Loader=_LOADER)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self.stop(1 if mark is None else mark.line + 1, "not_yaml", problem=error.problem or "")
        except yaml.YAMLError:
            self.stop(1, "not_yaml", problem="")
        if root is None:
            self.stop(1, "empty")
        return root

    def _refuse_bombs(self, source: str) -> None:
        """Refuse aliases and deep nesting from the event stream, before anything is built."""
        depth = 0
        for event in yaml.parse(source, Loader=_LOADER):
            mark = event.start_mark
            line = 1 if mark is None else mark.line + 1
            if isinstance(event, yaml.AliasEvent):
                self.stop(line, "alias")
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    self.stop(line, "too_deep", limit=MAX_DEPTH)
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1

    # Small pieces

    def mapping(
        self, node: yaml.Node, place: str, required: Iterable[str], optional: Iterable[str] = ()
    ) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            self.fault(node, place, "not_mapping")
            return {}
        known = (*required, *optional)
        found: dict[str, yaml.Node] = {}
        for key_node, value in node.value:
            name = str(key_node.value)
            if name in found:
                self.fault(key_node, f"{place}.{name}", "key_twice", name=name)
            elif known and name not in known:
                self.fault(key_node, f"{place}.{name}", "key_unknown", name=name, known=", ".join(known))
            else:
                found[name] = value
        for name in required:
            if name not in found:
                self.fault(node, place, "key_missing", name=name)
        return found

    def string(self, node: yaml.Node | None, place: str) -> str:
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode) or not str(node.value).strip():
            self.fault(node, place, "not_text")
            return ""
        value = str(node.value).strip()
        if _UNTYPED.search(value):
            self.fault(node, place, "control_character")
        return value

    def one_of(self, node: yaml.Node | None, place: str, allowed: tuple[str, ...]) -> str:
        value = self.string(node, place)
        if value and node is not None and value not in allowed:
            self.fault(node, place, "not_allowed", value=value, allowed=", ".join(allowed))
        return value

    def identifier(self, node: yaml.Node | None, place: str) -> str:
        value = self.string(node, place)
        if value and node is not None and not IDENTIFIER.fullmatch(value):
            self.fault(node, place, "not_identifier", value=value)
        return value

    def elements(self, node: yaml.Node | None, place: str) -> list[yaml.Node]:
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.fault(node, place, "not_list")
            return []
        return list(node.value)

    def strings(self, node: yaml.Node | None, place: str) -> tuple[str, ...]:
        values: dict[str, None] = {}
        for element in self.elements(node, place):
            value = self.string(element, place)
            if value in values:
                self.fault(element, place, "value_twice", value=value)
            elif value:
                values[value] = None
        return tuple(values)

    def text(self, node: yaml.Node | None, place: str) -> Text:
        if node is None:
            return Text("", "")
        parts = self.mapping(node, place, ("id", "en"))
        return Text(self.string(parts.get("id"), f"{place}.id"), self.string(parts.get("en"), f"{place}.en"))

    # The quiz

    def _quiz(self, root: yaml.Node) -> Quiz | None:
        required = ("quiz_id", "title", "audience", "reviewed_on", "design", "forms", "items")
        fields = self.mapping(root, "quiz", required, ("polls", "likert"))
        item_nodes = self.elements(fields.get("items"), "items")
        items = tuple(self._items(item_nodes))
        audience = self.strings(fields.get("audience"), "audience")
        for value in audience:
            if value not in AUDIENCES:
                self.fault(
                    fields["audience"], "audience", "not_allowed", value=value, allowed=", ".join(AUDIENCES)
                )
        quiz = Quiz(
            quiz_id=self.identifier(fields.get("quiz_id"), "quiz_id"),
            title=self.text(fields.get("title"), "title"),
            audience=audience,
            reviewed_on=self._date(fields.get("reviewed_on")),
            design=self.one_of(fields.get("design"), "design", DESIGNS),
            forms=self._forms(fields.get("forms")),
            polls=self.strings(fields.get("polls"), "polls"),
            likert=self.strings(fields.get("likert"), "likert"),
            items=items,
        )
        self._references(quiz, fields)
        return quiz

    def _date(self, node: yaml.Node | None) -> str:
        value = self.string(node, "reviewed_on")
        try:
            return date.fromisoformat(value).isoformat() if value else ""
        except ValueError:
            if node is not None:
                self.fault(node, "reviewed_on", "not_date", value=value)
            return value

    def _forms(self, node: yaml.Node | None) -> dict[str, tuple[str, ...]]:
        if node is None:
            return {}
        fields = self.mapping(node, "forms", ("A",), ("B",))
        return {name: self.strings(value, f"forms.{name}") for name, value in fields.items()}

    def _references(self, quiz: Quiz, fields: dict[str, yaml.Node]) -> None:
        """Check what only the whole file can tell: every id a form, poll or twin names exists and fits."""
        kinds = {item.item_id: item.kind for item in quiz.items}
        lists = {**{f"forms.{name}": ids for name, ids in quiz.forms.items()}}
        lists |= {"polls": quiz.polls, "likert": quiz.likert}
        for place, ids in lists.items():
            node = fields[place.split(".")[0]] if ids else None
            for item_id in ids:
                if item_id not in kinds:
                    self.fault(node or 1, place, "item_unknown", item_id=item_id)
                elif (kinds[item_id] == "likert") != (place == "likert"):
                    self.fault(node or 1, place, "kind_misplaced", item_id=item_id, kind=kinds[item_id])
        if "forms" in fields:
            self._form_shape(quiz, fields["forms"])
            used = Counter(item_id for ids in lists.values() for item_id in ids)
            for item_id, times in used.items():
                if times > 1:
                    self.fault(fields["forms"], "forms", "item_used_twice", item_id=item_id)

    def _form_shape(self, quiz: Quiz, node: yaml.Node) -> None:
        if quiz.design == "counterbalanced" and "B" not in quiz.forms:
            self.fault(node, "forms", "form_b_missing")
        if len({len(ids) for ids in quiz.forms.values()}) > 1:
            lengths = ", ".join(f"{name}: {len(ids)}" for name, ids in quiz.forms.items())
            self.fault(node, "forms", "forms_unequal", lengths=lengths)
        for name, ids in quiz.forms.items():
            if not ids:
                self.fault(node, f"forms.{name}", "form_empty")

    # Items

    def _items(self, nodes: list[yaml.Node]) -> Iterator[Item]:
        seen: set[str] = set()
        twins: list[tuple[yaml.Node, str, str]] = []
        for number, node in enumerate(nodes, start=1):
            item = self._item(node, f"items[{number}]")
            if item is None:
                continue
            if item.item_id and item.item_id in seen:
                self.fault(node, f"items.{item.item_id}", "item_twice", item_id=item.item_id)
            seen.add(item.item_id)
            if item.twin:
                twins.append((node, item.item_id, item.twin))
            yield item
        for node, item_id, twin in twins:
            if twin not in seen:
                self.fault(node, f"items.{item_id}.twin", "item_unknown", item_id=twin)

    def _item(self, node: yaml.Node, place: str) -> Item | None:
        optional = ("signal", "twin", "scenario", "options", "key", "rationale", "sources")
        fields = self.mapping(node, place, ("item_id", "kind", "topic", "stem"), optional)
        if not fields:
            return None
        item_id = self.identifier(fields.get("item_id"), f"{place}.item_id")
        place = f"items.{item_id or place}"
        scenario = fields.get("scenario")
        item = Item(
            item_id=item_id,
            kind=self.one_of(fields.get("kind"), f"{place}.kind", KINDS),
            topic=self.one_of(fields.get("topic"), f"{place}.topic", TOPICS),
            stem=self.text(fields.get("stem"), f"{place}.stem"),
            signal=self.one_of(fields.get("signal"), f"{place}.signal", SIGNALS) or None,
            twin=self.string(fields.get("twin"), f"{place}.twin") or None,
            scenario=None if scenario is None else self._scenario(scenario, f"{place}.scenario"),
            own_options=self._options(fields.get("options"), f"{place}.options"),
            own_key=self.strings(fields.get("key"), f"{place}.key"),
            rationale=self.text(fields["rationale"], f"{place}.rationale") if "rationale" in fields else None,
            sources=self.strings(fields.get("sources"), f"{place}.sources"),
        )
        self._item_fits_kind(node, fields, item, place)
        return item

    def _scenario(self, node: yaml.Node, place: str) -> Scenario:
        fields = self.mapping(node, place, ("channel", "from", "text"), ("image", "alt"))
        image = self.string(fields.get("image"), f"{place}.image") or None
        if image and not self._image_exists(image):
            self.fault(fields["image"], f"{place}.image", "image_missing", image=image)
        if image and "alt" not in fields:
            self.fault(node, place, "key_missing", name="alt")
        text = self.text(fields.get("text"), f"{place}.text")
        marks = [[name for name, _ in PHRASE.findall(words)] for words in (text.id, text.en)]
        if marks[0] != marks[1] and sorted(marks[0]) != sorted(marks[1]):
            self.fault(node, f"{place}.text", "phrases_differ")
        if len(set(marks[0])) != len(marks[0]):
            self.fault(node, f"{place}.text", "phrase_twice")
        for name in dict.fromkeys(marks[0]):
            if not IDENTIFIER.fullmatch(name) or name == UNSURE:
                self.fault(node, f"{place}.text", "not_identifier", value=name)
        return Scenario(
            channel=self.one_of(fields.get("channel"), f"{place}.channel", CHANNELS),
            sender=self.text(fields.get("from"), f"{place}.from"),
            text=text,
            image=image,
            alt=self.text(fields["alt"], f"{place}.alt") if "alt" in fields else None,
        )

    def _image_exists(self, image: str) -> bool:
        """Images lie beside the quiz file, in `images/`: one plain file name, no path out of it."""
        return Path(image).name == image and (self.path.parent / "images" / image).is_file()

    def _options(self, node: yaml.Node | None, place: str) -> tuple[Option, ...]:
        options: list[Option] = []
        known = {UNSURE}
        for element in self.elements(node, place):
            fields = self.mapping(element, place, ("option_id", "text"))
            option_id = self.identifier(fields.get("option_id"), f"{place}.option_id")
            if option_id and option_id in known:
                self.fault(element, place, "option_twice", option_id=option_id)
            known.add(option_id)
            options.append(Option(option_id, self.text(fields.get("text"), f"{place}.{option_id}")))
        return tuple(options)

    def _item_fits_kind(self, node: yaml.Node, fields: dict[str, yaml.Node], item: Item, place: str) -> None:
        needs: dict[str, tuple[str, ...]] = {
            "offer": ("signal", "scenario", "rationale", "sources"),
            "choice": ("options", "key", "rationale", "sources"),
            "multi": ("options", "key", "rationale", "sources"),
            "spot": ("scenario", "key", "rationale", "sources"),
            "likert": (),
        }
        refuses: dict[str, tuple[str, ...]] = {
            "offer": ("options", "key"),
            "choice": ("signal",),
            "multi": ("signal",),
            "spot": ("signal", "options"),
            "likert": ("signal", "options", "key", "scenario"),
        }
        for name in needs.get(item.kind, ()):
            if name not in fields:
                self.fault(node, place, "needed_by_kind", name=name, kind=item.kind)
        for name in refuses.get(item.kind, ()):
            if name in fields:
                self.fault(fields[name], place, "refused_by_kind", name=name, kind=item.kind)
        if item.kind in ("choice", "multi", "spot"):
            self._key_fits(fields, item, place)

    def _key_fits(self, fields: dict[str, yaml.Node], item: Item, place: str) -> None:
        if "key" not in fields:
            return
        offered = {option.option_id for option in item.options} - {UNSURE}
        for option_id in item.own_key:
            if option_id not in offered:
                self.fault(fields["key"], f"{place}.key", "key_not_offered", option_id=option_id)
        if not item.own_key or (item.kind == "choice" and len(item.own_key) != 1):
            self.fault(fields["key"], f"{place}.key", "key_count", kind=item.kind)
        if len(offered) < 2:
            self.fault(fields["key"], place, "options_few")
        if len(offered) > MAX_OPTIONS or len("+".join(offered)) > MAX_CHOICE:
            self.fault(fields["key"], place, "options_many", limit=MAX_OPTIONS)

"""What may meet in one hall: the quizzes of a folder and the decks that teach them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kit.quiz.fault import QuizFaults
from kit.quiz.model import Item, Quiz
from kit.quiz.read import load_quiz, quiz_paths

DECKS: Final = "session_*.ipynb"
SHORTEST: Final = 45
SHOWN: Final = ("polls", "practice", "boosters")
"""Lists whose items are shown with their key while scored ones may still be to come."""

_ENGLISH = re.compile(r'<div lang="en">.*?</div>', re.DOTALL)
_NOTES = re.compile(r"<!--(.*?)-->", re.DOTALL)
_QUIZ_ID = re.compile(r"""Hall\(\s*["']([a-z0-9-]+)["']""")
_POLL = re.compile(r"""hall\.poll\(\s*["']([a-z0-9-]+)["']""")
_MINUTES = re.compile(r"\((\d+) menit")
_FROM = re.compile(r"\bmin(\d+)\b")


@dataclass(frozen=True)
class Slide:
    """One cell of a deck: what the room sees in Indonesian, what the speaker says, and how long it takes.

    `first` is the shortest deck that shows it: a cell tagged `min60` is left out of one of 45 minutes.
    `runs` is what it asks of the phones: the item_id of a poll, or `practice`.
    """

    number: int
    line: int
    text: str
    notes: str
    minutes: int
    first: int = 0
    runs: str = ""


@dataclass(frozen=True)
class Deck:
    """A session notebook; `lengths` are the minutes it promises.

    Those are `kit.minutes` of its metadata, and where cells are tagged, 45 minutes and each tagged length.
    """

    path: Path
    quiz_id: str
    slides: tuple[Slide, ...]
    lengths: tuple[int, ...]

    def minutes(self, length: int) -> int:
        """The minutes that the cells of the deck of this length add up to."""
        return sum(slide.minutes for slide in self.slides if slide.first <= length)


@dataclass(frozen=True)
class Hall:
    """Quizzes that people of one hall may answer, and the decks by quiz_id."""

    quizzes: tuple[Quiz, ...]
    decks: Mapping[str, Deck]

    @classmethod
    def beside(cls, folder: Path) -> Hall:
        """The usable quizzes of a folder, and the session notebooks in `notebooks` beside that folder."""
        decks = [deck for path in sorted((folder.parent / "notebooks").glob(DECKS)) if (deck := _deck(path))]
        return cls(tuple(_usable(folder)), {deck.quiz_id: deck for deck in decks})

    def scored(self) -> Iterator[tuple[Quiz, Item]]:
        """Every item of every form."""
        for quiz in self.quizzes:
            for form in quiz.forms:
                yield from ((quiz, item) for item in quiz.form_items(form))

    def shown(self) -> Iterator[tuple[Quiz, Item]]:
        """Every item that is shown with its key."""
        for quiz in self.quizzes:
            for name in SHOWN:
                yield from ((quiz, quiz.item(item_id)) for item_id in quiz.lists[name])


def _usable(folder: Path) -> Iterator[Quiz]:
    for path in quiz_paths(folder):
        try:
            yield load_quiz(path)
        except QuizFaults:
            # Its faults are listed where it is checked itself.
            continue


def _deck(path: Path) -> Deck | None:
    """The deck of a notebook; None for one that opens no session or cannot be read."""
    try:
        raw = path.read_text(encoding="utf-8")
        notebook = json.loads(raw)
        cells = [("".join(cell["source"]), cell) for cell in notebook["cells"]]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    opened = _QUIZ_ID.search("\n".join(source for source, cell in cells if cell["cell_type"] == "code"))
    if opened is None:
        return None
    slides = tuple(_slide(raw, number, source, cell) for number, (source, cell) in enumerate(cells, start=1))
    promised = notebook.get("metadata", {}).get("kit", {}).get("minutes")
    tagged = {slide.first for slide in slides if slide.first}
    lengths = {SHORTEST, *tagged} if tagged else set()
    return Deck(path, opened.group(1), slides, tuple(sorted(lengths | ({promised} if promised else set()))))


def _slide(raw: str, number: int, source: str, cell: Mapping[str, Any]) -> Slide:
    notes = " ".join(_NOTES.findall(source))
    about = cell.get("metadata", {})
    said = sum(int(count) for count in _MINUTES.findall(notes))
    first = _FROM.search(" ".join(about.get("tags", [])))
    return Slide(
        number=number,
        line=_line(raw, source),
        text=_NOTES.sub("", _ENGLISH.sub("", source)).strip() if cell["cell_type"] == "markdown" else "",
        notes=notes,
        minutes=said + int(about.get("kit", {}).get("minutes", 0)),
        first=int(first.group(1)) if first else 0,
        runs=_runs(source) if cell["cell_type"] == "code" else "",
    )


def _runs(source: str) -> str:
    poll = _POLL.search(source)
    return poll.group(1) if poll else "practice" if "hall.practice(" in source else ""


def _line(raw: str, source: str) -> int:
    """The line of the file at which a cell's text begins."""
    begin = json.dumps(source.split("\n")[0], ensure_ascii=False)[:-1]
    return raw.count("\n", 0, max(0, raw.find(begin))) + 1

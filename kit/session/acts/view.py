"""A session as the acts see it: its row, and the quizzes it was opened with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kit.errors import BadRequest, Conflict, NotFound
from kit.quiz.model import Item, Quiz, Text
from kit.quiz.vocabulary import AUDIENCES
from kit.session.store.sessions import all_sessions, find_sessions, session_quizzes
from kit.session.store.transaction import Reading, StoredRow
from kit.study.place import PLACE_FIELDS


@dataclass(frozen=True)
class SessionView:
    """A session as the acts see it: its stage and the quizzes it was opened with."""

    row: StoredRow
    quizzes: tuple[Quiz, ...] = field(repr=False)

    @property
    def code(self) -> str:
        """The join code."""
        return str(self.row["code"])

    @property
    def session_id(self) -> str:
        """The id that rows of people refer to."""
        return str(self.row["session_id"])

    @property
    def stage(self) -> str:
        """The running stage, such as `pre` or `poll:poll-01`."""
        return str(self.row["stage"])

    @property
    def version(self) -> int:
        """Grows with every change of the stage."""
        return int(self.row["version"])

    @property
    def site(self) -> dict[str, str]:
        """The fields of the place."""
        return {name: self.row[f"site_{name}"] for name in PLACE_FIELDS}

    @property
    def title(self) -> Text:
        """The quizzes' titles."""
        return Text(
            " · ".join(quiz.title.id for quiz in self.quizzes),
            " · ".join(quiz.title.en for quiz in self.quizzes),
        )

    @property
    def audiences(self) -> list[str]:
        """The audiences some quiz is for, in their usual order."""
        admitted = {audience for quiz in self.quizzes for audience in quiz.audience}
        return [audience for audience in AUDIENCES if audience in admitted]

    def quiz(self, quiz_id: str) -> Quiz:
        """A quiz of this session. Raises KeyError."""
        for quiz in self.quizzes:
            if quiz.quiz_id == quiz_id:
                return quiz
        raise KeyError(quiz_id)

    def quiz_for(self, audience: str) -> Quiz:
        """The quiz of an audience. Raises BadRequest."""
        for quiz in self.quizzes:
            if audience in quiz.audience:
                return quiz
        raise BadRequest("audience_unknown", audience=audience, audiences=", ".join(self.audiences))

    def polls(self) -> dict[str, Item]:
        """Every poll item of the session by id."""
        return {item_id: quiz.item(item_id) for quiz in self.quizzes for item_id in quiz.polls}

    @property
    def has_practice(self) -> bool:
        """Whether anybody here has offers to practise on."""
        return any(quiz.practice for quiz in self.quizzes)

    def check_not_purged(self) -> None:
        """Refuse to write a bundle anew from rows that are gone. Raises Conflict."""
        if purged_at := self.row["purged_at"]:
            raise Conflict("session_purged", code=self.code, day=purged_at[:10])


class Views(dict[str, SessionView]):
    """Sessions by join code."""

    def __missing__(self, code: str) -> SessionView:
        raise NotFound("unknown_code", code=code)


def view_session(tx: Reading, code: str) -> SessionView:
    """The session with a join code. Raises NotFound."""
    return view_sessions(tx, [code])[code]


def view_sessions(tx: Reading, codes: Iterable[str]) -> Views:
    """The sessions with these join codes; asked for any other code, the result raises NotFound."""
    return Views({view.code: view for view in _views(tx, list(find_sessions(tx, codes).values()))})


def view_all(tx: Reading) -> list[SessionView]:
    """All sessions, newest first."""
    return _views(tx, all_sessions(tx))


def _views(tx: Reading, rows: Sequence[StoredRow]) -> list[SessionView]:
    quizzes = session_quizzes(tx, [row["session_id"] for row in rows])
    return [SessionView(row, quizzes[row["session_id"]]) for row in rows]

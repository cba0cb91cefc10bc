"""`kit booster CODE -o DIR`: the boosters of a session as pictures and texts."""

from __future__ import annotations

from pathlib import Path

from kit.booster.cards import Card, cards_of, draw_card, write_card
from kit.bundle.layout import SESSION, bundles_of
from kit.bundle.read import read_session
from kit.config import Settings
from kit.errors import NotFound
from kit.quiz.model import Quiz
from kit.session.acts.codes import normalise_join_code
from kit.session.acts.view import view_session
from kit.session.store.store import Store


def write_boosters(session: str, chosen: Settings, out: Path) -> list[Path]:
    """Write every booster of a session in both languages; the files. Raises NotFound, SourceFault."""
    cards = [card for quiz in quizzes_of(session, chosen) for card in cards_of(quiz)]
    if not cards:
        raise NotFound("no_boosters", session=session)
    out.mkdir(parents=True, exist_ok=True)
    return [path for card in cards for path in _write(card, out)]


def quizzes_of(session: str, chosen: Settings) -> tuple[Quiz, ...]:
    """The quizzes a session was opened with; `session` is its bundle's folder or its code."""
    folder = Path(session)
    if (folder / SESSION).is_file():
        return read_session(folder).quizzes
    code = normalise_join_code(session)
    for folder in bundles_of(chosen.results, code):
        return read_session(folder).quizzes
    store = Store(chosen.store, read_only=True)
    try:
        with store.reading() as tx:
            return view_session(tx, code).quizzes
    finally:
        store.close()


def _write(card: Card, out: Path) -> list[Path]:
    picture, text = out / f"{card.name}.png", out / f"{card.name}.txt"
    picture.write_bytes(draw_card(card))
    text.write_text(write_card(card), encoding="utf-8")
    return [picture, text]

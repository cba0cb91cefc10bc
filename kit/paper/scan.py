"""From a file to readings: every sheet in it is read, or refused with a reason."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import cv2

from kit.paper.find import Found, Sight, find_sheets, is_fine, look
from kit.paper.geometry import NOTE_SCHEME, Row, rows_of
from kit.paper.marks import Doubt, Note, read_marks, read_note
from kit.paper.noted import NOTE
from kit.paper.pictures import Gray, Picture, Unreadable, open_pictures

Readers = Mapping[tuple[str, str, str], tuple[Row, ...]]
"""The rows of every sheet of a session, by (quiz, wave, form)."""

_PICTURE_HEIGHT: Final = 1100
_PICTURE_QUALITY: Final = 55


@dataclass(frozen=True)
class Sheet:
    """What was seen of one sheet, or why nothing was."""

    file: str
    page: int
    status: str
    reason: str = ""
    personal_code: str = ""
    wave: str = ""
    form: str = ""
    quiz: str = ""
    answers: Mapping[str, list[str]] = field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()
    clear: bool = True
    # A sheet of offers that belongs to nobody: its number, and what is ticked on it.
    number: str = ""
    note: Note | None = field(default=None, repr=False)
    picture: bytes = field(default=b"", repr=False)

    def wire(self) -> dict[str, Any]:
        """The reading as the service takes it."""
        same = ("personal_code", "wave", "form", "quiz", "clear")
        return {
            **{name: getattr(self, name) for name in same},
            "answers": dict(self.answers),
            "doubts": [asdict(doubt) for doubt in self.doubts],
            "picture": base64.b64encode(self.picture).decode(),
        }

    def wire_note(self) -> dict[str, Any]:
        """The offer that is ticked, as the service takes it."""
        assert self.note is not None
        heard = {"when" if name == "heard" else name: value for name, value in self.note.told.items()}
        return {"number": self.number, **heard, "signs": self.note.signs}

    def line(self) -> dict[str, Any]:
        """The reading as `kit scan` prints it."""
        same = ("file", "page", "personal_code", "wave", "status")
        return {
            **{name: getattr(self, name) for name in same},
            "answers": dict(self.answers),
            "doubts": [asdict(doubt) for doubt in self.doubts],
            "reason": self.reason,
            **({"number": self.number} if self.number else {}),
        }


def readers_of(forms: Mapping[str, Any]) -> Readers:
    """Where the bubbles of each kind of sheet are, from what the service says of them."""
    return {
        (form["quiz"], form["wave"], form["form"]): rows_of(form["items"], form["form"])
        for form in forms["forms"]
    }


def read_file(path: Path, code: str, readers: Readers) -> Iterator[Sheet]:
    """Read every sheet in a picture or PDF of a session; a file without any is one line that says why."""
    pictures = open_pictures(path)
    page = 1
    while True:
        try:
            picture = next(pictures)
        except StopIteration:
            return
        except Unreadable as why:
            yield Sheet(path.name, page, "refused", str(why))
            return
        yield from read_picture(picture, path.name, code, readers)
        page = picture.page + 1


def read_picture(picture: Picture, name: str, code: str, readers: Readers) -> Iterator[Sheet]:
    """Read every sheet in one picture."""
    sight = look(picture.small)
    found, left = find_sheets(sight)
    if not found or left > 1 or not is_fine(sight):
        # Small or many: in its full size, where it has more of it.
        whole = picture.whole()
        if whole is not picture.small:
            sight = look(whole)
            found, left = find_sheets(sight)
    for one in found:
        yield _read(one, name, picture.page, code, readers)
    if not found or left > 1:
        yield from _unread(sight, left, bool(found), Sheet(name, picture.page, "refused"))


def _read(found: Found, name: str, page: int, code: str, readers: Readers) -> Sheet:
    parts = found.text.split("/")
    if parts[0] == NOTE_SCHEME:
        return _read_note(found, parts, Sheet(name, page, "refused", wave=NOTE), code)
    if len(parts) != 6:
        return Sheet(name, page, "refused", "code_unreadable")
    _, session, personal_code, wave, form, quiz = parts
    told = Sheet(name, page, "refused", personal_code=personal_code, wave=wave, form=form, quiz=quiz)
    if session != code:
        return replace(told, reason="other_session")
    rows = readers.get((quiz, wave, form))
    if rows is None:
        return replace(told, reason="other_quiz")
    marks = read_marks(found.upright, rows)
    clear = found.corners == 4
    return replace(
        told,
        status="review" if marks.doubts or not clear else "read",
        answers=marks.answers,
        doubts=tuple(marks.doubts),
        clear=clear,
        picture=_jpeg(found.upright),
    )


def _read_note(found: Found, parts: Sequence[str], told: Sheet, code: str) -> Sheet:
    """An offer is counted or typed anew: no picture of it is kept, and nobody decides about it later."""
    if len(parts) != 3:
        return replace(told, reason="code_unreadable")
    _, session, number = parts
    told = replace(told, number=number)
    if session != code:
        return replace(told, reason="other_session")
    note = read_note(found.upright)
    if found.corners < 4 or not note.is_clear:
        return replace(told, reason="note_doubtful")
    return replace(told, status="read", note=note)


def _unread(sight: Sight, left: int, others: bool, nothing: Sheet) -> Iterator[Sheet]:
    """Why there is something in a picture that could not be read; nothing is passed over in silence."""
    if any(not code.is_sheet for code in sight.codes) and not others:
        yield replace(nothing, reason="booklet")
    elif any(code.is_sheet for code in sight.codes) and not others:
        yield replace(nothing, reason="torn")
    elif left >= 3:
        yield replace(nothing, reason="code_unreadable")
    elif left:
        yield replace(nothing, reason="torn")
    elif not others:
        yield replace(nothing, reason="nothing_found")


def _jpeg(upright: Gray) -> bytes:
    width = _PICTURE_HEIGHT * upright.shape[1] // upright.shape[0]
    small = cv2.resize(upright, (width, _PICTURE_HEIGHT), interpolation=cv2.INTER_AREA)
    _, packed = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _PICTURE_QUALITY])
    return packed.tobytes()

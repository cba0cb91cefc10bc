"""The JSON of paper: packets that are reserved, sheets that were read, and what a person decides."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from kit.session.acts.packets import MOST_PACKETS
from kit.session.http.wire import LanguageTag, OptionId, ReplyModel, ShortText
from kit.study.choice import MAX_OPTIONS

_Short = Annotated[str, StringConstraints(max_length=40)]
_Answers = Annotated[
    dict[_Short, Annotated[list[OptionId], Field(max_length=MAX_OPTIONS + 1)]], Field(max_length=100)
]
MOST_SHEETS = 100
"""Sheets of one request."""


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class PacketsRequest(_Wire):
    """How many people to reserve, and for whom; the session's first audience unless said."""

    n: Annotated[int, Field(ge=1, le=MOST_PACKETS)]
    audience: ShortText = ""


class Doubt(ReplyModel):
    """A bubble that a person has to look at; `fill` from 0 (paper) to 1 (ink)."""

    item_id: _Short
    option_id: OptionId
    fill: Annotated[float, Field(ge=0, le=1)]


class SheetRequest(_Wire):
    """What was read of one sheet, or typed from it."""

    personal_code: _Short
    wave: _Short
    form: _Short = ""
    quiz: _Short = ""
    answers: _Answers = Field(default_factory=dict)
    doubts: Annotated[list[Doubt], Field(max_length=1200)] = Field(default_factory=list)
    clear: StrictBool = True
    typed: StrictBool = False
    # Instead of answers, an entry an item in the order of the sheet: `a`, `ac`, `3`, `?`, `-` for blank.
    signs: Annotated[list[_Short], Field(max_length=100)] = Field(default_factory=list)
    # The sheet set upright as JPEG in base64; kept only until somebody has decided.
    picture: Annotated[str, StringConstraints(max_length=1_500_000)] = ""


class SheetsRequest(_Wire):
    """Readings of sheets; `more` says that others follow at once, so that no bundle is written yet."""

    sheets: Annotated[list[SheetRequest], Field(max_length=MOST_SHEETS)]
    more: StrictBool = False


class NotedRequest(_Wire):
    """An offer ticked on a sheet that belongs to nobody; a list that was left blank is empty."""

    number: _Short
    kind: _Short = ""
    channel: _Short = ""
    country: _Short = ""
    promise: _Short = ""
    when: _Short = ""
    signs: Annotated[list[_Short], Field(max_length=20)] = Field(default_factory=list)


class NotesRequest(_Wire):
    """Notes of offers that came on paper."""

    sightings: Annotated[list[NotedRequest], Field(max_length=MOST_SHEETS)]


class DecisionRequest(_Wire):
    """What a person saw: the choice for each item looked at, none for blank."""

    answers: _Answers = Field(default_factory=dict)
    discard: StrictBool = False


class PaperForm(ReplyModel):
    """What the sheets of one form and wave ask, without keys."""

    quiz_id: str
    title: dict[LanguageTag, str]
    quiz: str
    wave: str
    form: str
    items: list[dict[str, Any]]


class SheetOf(ReplyModel):
    """One sheet of a packet."""

    wave: str
    form: str


class Packet(ReplyModel):
    """A person to be: the code is told once and kept only as a hash."""

    number: int
    personal_code: str
    sheets: list[SheetOf]


class PacketsReply(ReplyModel):
    """People who were reserved, and what their sheets ask."""

    code: str
    audience: str
    packets: list[Packet]
    forms: list[PaperForm]


class FormsReply(ReplyModel):
    """What the sheets of a session ask."""

    code: str
    title: dict[LanguageTag, str]
    reserved: int
    forms: list[PaperForm]


class SheetReply(ReplyModel):
    """What became of a sheet."""

    status: Literal["read", "review", "refused"]
    reason: str
    sheet_id: str


class SheetsReply(ReplyModel):
    """What became of each sheet, in the order sent."""

    sheets: list[SheetReply]


class NotedReply(ReplyModel):
    """What became of a note; nothing of a note itself is told again."""

    status: Literal["read", "refused"]
    reason: str


class NotesReply(ReplyModel):
    """What became of each note, in the order sent."""

    sightings: list[NotedReply]


class ListedSheet(ReplyModel):
    """A sheet of the list, without anything that names a person; its picture may."""

    sheet_id: str
    wave: str
    form: str
    status: str
    reason: str
    read_at: str
    answers: dict[str, list[str]]
    doubts: list[Doubt]
    items: list[dict[str, Any]]

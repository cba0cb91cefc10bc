"""The JSON of an officer's remote: what the deck tells it, what it asks, what it is answered."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kit.session.http.control_wire import AskedInRoom
from kit.session.http.wire import Audience, ReplyModel

_Title = Annotated[str, StringConstraints(max_length=300)]
_Place = Annotated[int, Field(ge=0, le=10_000)]


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class PairRequest(_Request):
    """A phone that has opened the QR code: the key from it, and a secret that the phone has made."""

    key: Annotated[str, StringConstraints(max_length=64)]
    token: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{32,64}$")]


class TurnRequest(_Request):
    """One slide on or back."""

    step: Literal[1, -1]


class SlideTold(ReplyModel):
    """The slide on the projector: its place from 1, its title and the next one's, the stage it is for."""

    number: _Place
    of: _Place
    title: _Title = ""
    next: _Title = ""
    runs: Annotated[str, StringConstraints(max_length=60)] = ""


class OfferReply(ReplyModel):
    """A QR code (an SVG picture) and its address, for the notes window alone; good for one phone."""

    address: str
    qr: str
    seconds: int


class RemoteState(ReplyModel):
    """Whether a phone is the remote, a key waits for one, or neither; for how many seconds yet."""

    state: Literal["none", "waiting", "paired"]
    seconds: int


class TurnReply(ReplyModel):
    """One turn: steps on or back, or to the slide of a stage."""

    n: int
    step: int
    runs: str


class TurnsReply(ReplyModel):
    """The number of the last turn, fresh turns behind the one asked for, whether the slide is known."""

    n: int
    turns: list[TurnReply]
    told: bool


class RemoteReply(ReplyModel):
    """What a remote shows; `moves` are the stages that it may start."""

    code: str
    stage: str
    version: int
    moves: list[str]
    rehearsal: bool
    joined: int
    connected: int
    by_audience: dict[Audience, int]
    finished: dict[str, int]
    answered: dict[str, int]
    practised: int
    questions: AskedInRoom
    slide: SlideTold | None
    deck: bool
    seconds: int


class DoneReply(ReplyModel):
    """It was done."""

    done: bool

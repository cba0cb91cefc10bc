"""The JSON that crosses the wire, as frozen models: what the service takes and gives."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kit.session.requests import FOLLOWUP_DAYS, MAX_SEQ

Audience = Literal["student", "teacher", "principal", "resident"]
LanguageTag = Literal["id", "en"]
ShortText = Annotated[str, StringConstraints(max_length=200)]
OptionId = Annotated[str, StringConstraints(max_length=40)]


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class JoinRequest(_Message):
    """A person who wants to take part."""

    audience: Audience
    consent: bool
    language: LanguageTag = "id"


class ResumeRequest(_Message):
    """A person who was here before."""

    personal_code: Annotated[str, StringConstraints(min_length=1, max_length=40)]


class ResponseRequest(_Message):
    """One response; `seq` counts up on the phone, and the highest wins."""

    choice: Annotated[list[OptionId], Field(min_length=1, max_length=12)]
    seq: Annotated[int, Field(ge=1, le=MAX_SEQ)]


class JoinedReply(_Message):
    """Given once: the token is kept only as a hash."""

    participant_id: str
    token: str
    personal_code: str


class StateReply(_Message):
    """The public state of a session."""

    code: str
    title: dict[LanguageTag, str]
    stage: str
    version: int
    audiences: list[Audience]
    languages: list[LanguageTag]
    rehearsal: bool
    minors: bool
    office_contact: str | None


class WaveReply(_Message):
    """What a participant answers now."""

    wave: str
    form: str | None
    items: list[dict[str, Any]]
    responses: dict[str, dict[str, Any]]
    submitted: bool


class ResponseReply(_Message):
    """The seq that is stored now, on disk."""

    item_id: str
    seq: int


class SubmitReply(_Message):
    """The wave counts as finished."""

    wave: str
    submitted: bool


class FeedbackReply(_Message):
    """Own responses with key and rationale."""

    personal_code: str
    audience: Audience
    scores: dict[str, Any]
    items: list[dict[str, Any]]


class SiteRequest(_Message):
    """A village, ward, school or office."""

    name: ShortText
    district: ShortText = ""
    city: ShortText = ""
    province: ShortText = ""


class OpenRequest(_Message):
    """What a facilitator decides when opening a session."""

    quizzes: Annotated[list[ShortText], Field(max_length=4)]
    site: ShortText | SiteRequest
    event: ShortText = ""
    held_on: Annotated[str, StringConstraints(max_length=10)] = ""
    minors_consent: bool = False
    rehearsal: bool = False
    target: Annotated[float, Field(ge=-100, le=100)] | None = None
    followup_days: Annotated[int, Field(ge=1, le=730)] = FOLLOWUP_DAYS


class MoveRequest(_Message):
    """Where to go."""

    stage: Annotated[str, StringConstraints(max_length=60)]


class NotesRequest(_Message):
    """The officer's notes; no personal data."""

    text: Annotated[str, StringConstraints(max_length=20_000)]


class Problem(_Message):
    """RFC 9457: `title` says what is wrong, `detail` what to do."""

    type: str
    title: str
    status: int
    detail: str
    code: str

"""The JSON that crosses the wire, as frozen models: what the service takes and gives."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

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
    consent: StrictBool
    language: LanguageTag = "id"
    # A secret number made by the phone: asking again after a lost answer gives the same participant.
    request_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{22,64}$")] = ""


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


class QuizSummary(_Message):
    """One quiz of a session."""

    quiz_id: str
    title: dict[LanguageTag, str]
    audience: list[Audience]
    sha256: str
    polls: list[str]


class SessionSummary(_Message):
    """A session as the facilitator's list shows it."""

    code: str
    title: dict[LanguageTag, str]
    stage: str
    version: int
    event: str
    site: SiteRequest
    held_on: str
    rehearsal: bool
    target: float | None
    notes: str
    opened_at: str
    closed_at: str | None
    bundle: str | None
    followup_until: str | None
    purged_at: str | None
    joined: int
    by_audience: dict[Audience, int]
    finished: dict[str, int]
    quizzes: list[QuizSummary]
    connected: int
    alarm: str | None
    join_url: str


class LiveReply(SessionSummary):
    """One session with its live numbers; `results` only once the keys are out."""

    splits: dict[str, dict[str, int]]
    moves: list[str]
    results: dict[str, Any] | None


class ClosedReply(_Message):
    """Where the bundle lies, relative to the results folder."""

    bundle: str
    code: str
    stage: str


class NotesReply(_Message):
    """The notes as they are kept."""

    code: str
    notes: str


class Receipt(_Message):
    """What a deletion removed; `scrubbed` when no trace is left in the store's files."""

    code: str
    site: str
    held_on: str
    deleted_at: str
    rows: dict[str, int]
    files: list[str]
    scrubbed: bool


class HealthReply(_Message):
    """Whether the store takes responses."""

    status: Literal["ok", "alarm"]
    alarm: str | None


class Problem(_Message):
    """RFC 9457: `title` says what is wrong, `detail` what to do."""

    type: str
    title: str
    status: int
    detail: str
    code: str

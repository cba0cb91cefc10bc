"""The JSON that crosses the wire, as frozen models: what the service answers a phone.

What it answers an officer stands in `control_wire`, what it takes in `requests`.

Declared once: replies are made of these models, and the OpenAPI description follows from them. A reply may
not carry more than its model.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kit.session.acts.attend import Joined
from kit.study.place import MAX_FIELD

Audience = Literal["student", "teacher", "principal", "resident"]
LanguageTag = Literal["id", "en"]
ShortText = Annotated[str, StringConstraints(max_length=MAX_FIELD)]
OptionId = Annotated[str, StringConstraints(max_length=40)]


class ReplyModel(BaseModel):
    """Carries what is declared, and nothing else."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class JoinedReply(ReplyModel):
    """Given once: the token is kept only as a hash."""

    participant_id: str
    token: str
    personal_code: str
    # Whether an earlier code that was given belongs to somebody; left out where none was given.
    returning: Literal["known", "lost"] | None = None

    @classmethod
    def of(cls, joined: Joined) -> Self:
        """The reply for a person who was admitted."""
        told = {"participant_id": joined.participant_id, "token": joined.token}
        if joined.returning:
            told["returning"] = joined.returning
        return cls.model_validate({**told, "personal_code": joined.personal_code})


class StateReply(ReplyModel):
    """The public state of a session."""

    code: str
    title: dict[LanguageTag, str]
    stage: str
    version: int
    audiences: list[Audience]
    languages: list[LanguageTag]
    rehearsal: bool
    minors: bool
    # Whether questions to the officer are taken now; whether the site had a session before.
    questions: bool
    visited_before: bool
    office_contact: str | None
    # Days from the first closing until the people's rows are deleted.
    kept_days: int


class OptionReply(ReplyModel):
    """One choice of an item."""

    option_id: str
    text: str


class ScenarioReply(ReplyModel):
    """The message or vignette an item is about, and who seems to speak."""

    channel: str
    sender: Annotated[str, Field(alias="from")]
    text: str
    image: str | None
    alt: str | None


class ItemReply(ReplyModel):
    """An item as participants see it: without key, rationale, signal, topic, twin or sources."""

    item_id: str
    kind: str
    scenario: ScenarioReply | None
    stem: str
    options: list[OptionReply]
    # Only where an item itself decides that several options may be chosen; kinds say it for the others.
    several: bool = False


class PracticeOffer(ReplyModel):
    """An offer that nobody is scored by, in both languages, with its key and why."""

    audiences: list[str]
    item: dict[LanguageTag, ItemReply]
    key: list[str]
    rationale: dict[LanguageTag, str]


class PracticeReply(ReplyModel):
    """Everything there is to practise with alone."""

    offers: list[PracticeOffer]


class KeptReply(ReplyModel):
    """What is stored of one item."""

    choice: list[str]
    seq: int


class PracticeShown(ReplyModel):
    """What practice tells of an offer, to the person whose answer to it is stored.

    `correct` is null for "not sure yet"; `letters` are the checks of C-E-K-A-L that settle it.
    """

    key: list[str]
    correct: Literal[0, 1] | None
    rationale: str
    letters: list[str]


class PlanReply(ReplyModel):
    """The if-then plan that a person chose: what it completes, and what was chosen."""

    stem: str
    chosen: list[str]


class WaveReply(ReplyModel):
    """What a participant answers now."""

    wave: str
    form: str | None
    items: list[ItemReply]
    responses: dict[str, KeptReply]
    submitted: bool
    # People by option, only once the poll is revealed.
    split: dict[str, int] = {}
    # The plan made after the session; follow-up only.
    plan: PlanReply | None = None
    # What this person has practised, and of that alone; practice only.
    shown: dict[str, PracticeShown] = {}
    # Right decisions of ten by offer, from five answers on, for a person who is through; practice only.
    room: dict[str, int] = {}


class ResponseReply(ReplyModel):
    """The seq that is stored now, on disk; in practice also what was right."""

    item_id: str
    seq: int
    shown: PracticeShown | None = None


class SubmitReply(ReplyModel):
    """The wave counts as finished."""

    wave: str
    submitted: bool


class ScoreReply(ReplyModel):
    """Right items of an attempt that counts, and how many there were."""

    score: int
    max: int


class FeedbackItem(ItemReply):
    """An answered item with its key and rationale; `correct` is null for "don't know" and polls.

    `letters` are the checks of C-E-K-A-L that settle it, where the rationale names them.
    """

    wave: str
    choice: list[str]
    key: list[str]
    correct: Literal[0, 1] | None
    rationale: str
    letters: list[str]


class FeedbackReply(ReplyModel):
    """Own responses with key and rationale; scores by wave, null where no attempt counts."""

    audience: Audience
    scores: dict[str, ScoreReply | None]
    items: list[FeedbackItem]
    plan: PlanReply | None


class ReachedReply(ReplyModel):
    """A phone that is tried out has come through."""

    reached: bool


class AskedReply(ReplyModel):
    """A question is kept."""

    asked: bool


class SightedReply(ReplyModel):
    """A note of an offer is kept."""

    noted: bool


class StayedReply(ReplyModel):
    """Whose phone goes on."""

    participant_id: str


class ForgottenReply(ReplyModel):
    """A person's answers are deleted."""

    deleted: bool


class HealthReply(ReplyModel):
    """Whether the store takes responses."""

    status: Literal["ok", "alarm"]
    alarm: str | None


class Problem(ReplyModel):
    """RFC 9457: `title` says what is wrong, `detail` what to do; the rest is there where it applies."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    # Items still to be answered; stages that can be gone to, and the one that runs; what was asked for.
    missing: list[str] = []
    possible: str = ""
    current: str = ""
    stage: str = ""
    wave: str = ""

"""What the service takes: requests, checked against these models before an act sees them.

A request may carry more than is asked for.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from kit.session.acts.answer import MAX_SEQ
from kit.session.acts.groups import MOST_TOGETHER
from kit.session.acts.hands import MOST_HANDS
from kit.session.acts.open import FOLLOWUP_DAYS
from kit.session.http.wire import Audience, LanguageTag, OptionId, ShortText
from kit.study.choice import MAX_OPTIONS

MOST_EXPECTED: Final = 100_000


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class JoinRequest(_Request):
    """A person who wants to take part."""

    audience: Audience
    consent: StrictBool
    language: LanguageTag = "id"
    # The version of the text that the person read and consented to.
    consent_text: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{0,20}$")] = ""
    # A secret number made by the phone: asking again after a lost answer gives the same participant.
    request_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{22,64}$")] = ""
    # A personal code of an earlier session at the same site.
    earlier_code: Annotated[str, StringConstraints(max_length=40)] = ""
    # How many people answer together on this phone.
    people: Annotated[int, Field(ge=1, le=MOST_TOGETHER)] = 1


class ResumeRequest(_Request):
    """A person who was here before."""

    personal_code: Annotated[str, StringConstraints(min_length=1, max_length=40)]


class ResponseRequest(_Request):
    """One response; `seq` counts up on the phone, and the highest wins."""

    choice: Annotated[list[OptionId], Field(min_length=1, max_length=MAX_OPTIONS)]
    seq: Annotated[int, Field(ge=1, le=MAX_SEQ)]


class SiteRequest(_Request):
    """A village, ward, school or office."""

    name: ShortText
    district: ShortText = ""
    city: ShortText = ""
    province: ShortText = ""


class OpenRequest(_Request):
    """What a facilitator decides when opening a session."""

    quizzes: Annotated[list[ShortText], Field(max_length=4)]
    site: ShortText | SiteRequest
    event: ShortText = ""
    held_on: Annotated[str, StringConstraints(max_length=10)] = ""
    minors_consent: bool = False
    rehearsal: bool = False
    target: Annotated[float, Field(ge=-100, le=100)] | None = None
    followup_days: Annotated[int, Field(ge=1, le=730)] = FOLLOWUP_DAYS
    expected: Annotated[int, Field(ge=1, le=MOST_EXPECTED)] | None = None
    # Who consented for minors, when, and by which document.
    minors_consent_by: ShortText = ""
    minors_consent_on: Annotated[str, StringConstraints(max_length=10)] = ""
    minors_consent_document: ShortText = ""
    # The deck it is opened from, by the name of its file.
    notebook: ShortText = ""


class DoorRequest(_Request):
    """The door: closed or open, and how many are expected; what is left out stays, 0 expects nobody."""

    closed: StrictBool | None = None
    expected: Annotated[int, Field(ge=0, le=MOST_EXPECTED)] | None = None


class HandsRequest(_Request):
    """Hands that were raised, by option of a poll."""

    counts: dict[OptionId, Annotated[int, Field(ge=0, le=MOST_HANDS)]]


class BurstRequest(_Request):
    """Whether the people of a burst are left out of every figure."""

    set_aside: StrictBool


class MoveRequest(_Request):
    """Where to go."""

    stage: Annotated[str, StringConstraints(max_length=60)]


class NotesRequest(_Request):
    """The officer's notes; no personal data."""

    text: Annotated[str, StringConstraints(max_length=20_000)]


class MendRequest(_Request):
    """What is corrected of a session; what is left out stays."""

    event: ShortText | None = None
    site: SiteRequest | None = None
    held_on: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None
    notes: Annotated[str, StringConstraints(max_length=20_000)] | None = None


class MergeRequest(_Request):
    """The place that another one really is, by its `site_id`."""

    into: Annotated[str, StringConstraints(min_length=1, max_length=40)]


class AskRequest(_Request):
    """A question to the officer; how long it may be is for the act to say."""

    text: Annotated[str, StringConstraints(max_length=4_000)]


class OpenQuestionsRequest(_Request):
    """Whether questions are taken."""

    open: StrictBool


class JudgeRequest(_Request):
    """What becomes of a question."""

    state: Literal["new", "shown", "answered", "hidden"]


class SightRequest(_Request):
    """An offer that somebody has heard of: one code of each closed list, and the warning signs."""

    kind: OptionId
    channel: OptionId
    country: OptionId
    promise: OptionId
    signs: Annotated[list[OptionId], Field(max_length=20)] = []
    when: OptionId


class ReachedRequest(_Request):
    """What the clock of a phone says that is tried out."""

    clock: AwareDatetime


class OfficeRequest(_Request):
    """What an office fills in once."""

    name: ShortText = ""
    contact: ShortText = ""
    wifi: Annotated[str, StringConstraints(max_length=100)] = ""
    wifi_password: Annotated[str, StringConstraints(max_length=100)] = ""


class AddressRequest(_Request):
    """The address that phones are sent to."""

    address: Annotated[str, StringConstraints(max_length=60)]

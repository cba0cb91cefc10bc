"""The JSON that the service answers an officer: sessions and their numbers, door, deletions, questions."""

from __future__ import annotations

from dataclasses import asdict
from typing import Literal, Self

from kit.addresses import Address, Kind
from kit.office import Office
from kit.session.acts.unfinished import Unfinished
from kit.session.http.wire import Audience, LanguageTag, ReplyModel


class SiteReply(ReplyModel):
    """A place as it is kept."""

    name: str
    district: str
    city: str
    province: str


class KnownSiteReply(SiteReply):
    """A place that had meetings: their join codes, newest first, and the `site_id` of places that look alike.

    Rehearsals are left out.
    """

    site_id: str
    sessions: list[str]
    alike: list[str]


class MergedReply(ReplyModel):
    """The place that is left, and the join codes that were brought to it."""

    site_id: str
    moved: list[str]


class QuizSummary(ReplyModel):
    """One quiz of a session."""

    quiz_id: str
    title: dict[LanguageTag, str]
    audience: list[Audience]
    sha256: str
    polls: list[str]


class BurstReply(ReplyModel):
    """People who came from one address right behind each other; where from is not told."""

    burst_id: int
    began_at: str
    people: int
    seconds: float
    set_aside: bool


class DoorReply(ReplyModel):
    """Whether anybody new may come in, how many are expected, who came in bursts, who is set aside.

    People set aside are in no other number.
    """

    closed: bool
    expected: int | None
    set_aside: int
    bursts: list[BurstReply]


class SessionSummary(ReplyModel):
    """A session as the facilitator's list shows it."""

    code: str
    title: dict[LanguageTag, str]
    stage: str
    version: int
    event: str
    site_id: str
    site: SiteReply
    held_on: str
    rehearsal: bool
    target: float | None
    notes: str
    notebook: str
    opened_at: str
    closed_at: str | None
    bundle: str | None
    followup_until: str | None
    # The last day that people are kept; why it is later than usual: the clock was behind, stood or ran
    # ahead, or the session lies in its future (then there is no day yet).
    kept_until: str | None
    postponed: Literal["behind", "stood", "ahead", "future"] | None
    # The session's day and the clock at its opening are more than a day apart.
    dates_differ: bool
    purged_at: str | None
    joined: int
    by_audience: dict[Audience, int]
    finished: dict[str, int]
    quizzes: list[QuizSummary]
    connected: int
    alarm: str | None
    # Somebody tries personal codes in this session: what honest people mistype is not counted.
    guessed: bool
    join_url: str
    door: DoorReply


class RoomResults(ReplyModel):
    """The room's before and after; with `suppressed` nothing but the number of pairs."""

    n_pairs: int
    suppressed: bool
    max: int = 0
    mean_pre: float = 0.0
    hit_pre: float | None = None
    false_alarm_pre: float | None = None
    mean_post: float = 0.0
    hit_post: float | None = None
    false_alarm_post: float | None = None


class ToldResults(ReplyModel):
    """What page one of the report says of the room: the same people, sentences by language, and shares."""

    n_pairs: int | None
    change: dict[LanguageTag, str]
    verdict: dict[LanguageTag, str]
    hit_pre: float | None
    hit_post: float | None
    false_alarm_pre: float | None
    false_alarm_post: float | None


class PracticeItem(ReplyModel):
    """How the room answered one practice offer; `split` is null below five people."""

    quiz_id: str
    item_id: str
    answered: int
    split: dict[str, int] | None


class RoomPractice(ReplyModel):
    """Who has answered every practice offer, and each offer in its order."""

    finished: int
    items: list[PracticeItem]


class GroupsReply(ReplyModel):
    """Phones that several people share, and how many people; finished waves and polls count phones."""

    phones: int
    people: int
    finished: dict[str, int]
    splits: dict[str, dict[str, int]]


class AskedInRoom(ReplyModel):
    """Whether questions are open, how many wait, and the one that is on the screen."""

    open: bool
    waiting: int
    shown: str | None


class LiveReply(SessionSummary):
    """One session with its live numbers; `results` only once the keys are out."""

    # Whether the report of a closed session lies in its folder; null before.
    report: Literal["written", "writing", "unwritten"] | None
    finished_by_audience: dict[str, dict[Audience, int]]
    # People by option of each poll, and people who answered it.
    splits: dict[str, dict[str, int]]
    answered: dict[str, int]
    # Hands that were raised, as the officer typed them, and groups: in no other number.
    hands: dict[str, dict[str, int]]
    groups: GroupsReply
    practice: RoomPractice
    moves: list[str]
    results: RoomResults | None
    # Null while it is reckoned, and wherever `results` tells of too few.
    told: ToldResults | None
    questions: AskedInRoom
    # Offers that people here have heard of; null below five.
    sightings: int | None


class ClosedReply(ReplyModel):
    """Where the bundle lies, relative to the results folder."""

    bundle: str
    code: str
    stage: str


class NotesReply(ReplyModel):
    """The notes as they are kept."""

    code: str
    notes: str


class Receipt(ReplyModel):
    """What a deletion removed; `scrubbed` when no trace is left in the store's files."""

    code: str
    site: str
    held_on: str
    deleted_at: str
    rows: dict[str, int]
    files: list[str]
    scrubbed: bool


class UnfinishedDeletion(ReplyModel):
    """A deletion whose rows are gone and whose files are not: asked for again, it goes on from there."""

    code: str
    kind: Literal["session", "people", "person"]
    begun_at: str

    @classmethod
    def of(cls, begun: Unfinished) -> Self:
        """The reply for a deletion; whose it is, is not told."""
        return cls.model_validate({"code": begun.code, "kind": begun.kind, "begun_at": begun.begun_at})


class QuestionReply(ReplyModel):
    """A question, with numbers and addresses masked; nobody's name or id is beside it."""

    question_id: str
    text: str
    state: Literal["new", "shown", "answered", "hidden"]
    asked_at: str


class QuestionsReply(ReplyModel):
    """Whether questions are taken now, and all that were asked, the first one first."""

    open: bool
    questions: list[QuestionReply]


class TrialReply(ReplyModel):
    """Phones that have reached the service since the trial began; the first one's clock is seconds ahead."""

    phones: int
    first_at: str | None
    clock_ahead: float | None


class OfficeReply(ReplyModel):
    """What the office has filled in; for whoever leads the session alone, since a password is among it."""

    name: str
    contact: str
    wifi: str
    wifi_password: str

    @classmethod
    def of(cls, office: Office) -> Self:
        """The reply for an office."""
        return cls.model_validate(asdict(office))


class AddressReply(ReplyModel):
    """An address under which phones may reach this machine; `likely` is the one they are sent to."""

    address: str
    interface: str
    kind: Kind
    likely: bool

    @classmethod
    def of(cls, one: Address) -> Self:
        """The reply for an address."""
        return cls(address=one.address, interface=one.interface, kind=one.kind, likely=one.likely)

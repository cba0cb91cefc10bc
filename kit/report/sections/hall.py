"""What was counted beside the people: hands that were raised for a poll, and groups that shared one phone.

Nobody is known by a raised hand or by a shared phone, so neither is paired, scored as a person or in any
other figure: both stand here, each beside its own number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from kit.bundle.read import SessionRecord
from kit.report.sections.base import (
    Evidence,
    Figures,
    Note,
    Part,
    Parts,
    Secrecy,
    Section,
    Table,
    View,
    declare,
    make_table,
    note,
)
from kit.report.sections.spoken import long_date, number, whole
from kit.study.sighting import SHOWN_FROM


@dataclass(frozen=True)
class Raised(Part):
    """Hands raised for one option of a poll, of so many `hands` in all; and `phones` that chose it.

    `phones` is None where fewer than five phones answered; `answered` counts phones.
    """

    key: ClassVar = "hands"
    many: ClassVar = True
    public: ClassVar = declare(never="session site held_on quiz_id item option raised hands phones answered")

    session: str
    site: str
    held_on: str
    quiz_id: str
    item: str
    option: str
    raised: int
    hands: int
    phones: int | None = None
    answered: int | None = None


@dataclass(frozen=True)
class Together(Part):
    """Groups of a session: so many `phones` with so many `people`, and how many phones counted in a wave.

    The shares right are means over phones, told from five on; before and after are not of the same answers.
    """

    key: ClassVar = "groups_together"
    many: ClassVar = True
    public: ClassVar = declare(
        never="session site held_on phones people phones_pre phones_post share_pre share_post"
    )

    session: str
    site: str
    held_on: str
    phones: int
    people: int
    phones_pre: int = 0
    phones_post: int = 0
    share_pre: float | None = None
    share_post: float | None = None


def measure_raised(record: SessionRecord) -> Iterator[Raised]:
    """The raised hands of a session, poll by poll and option by option."""
    for item_id, told in record.hands:
        quiz = next((one for one in record.quizzes if item_id in one.polls), None)
        if quiz is None:
            continue
        few = told.answered < SHOWN_FROM
        for option in quiz.item(item_id).options:
            yield Raised(
                session=record.code,
                site=record.site,
                held_on=record.held_on,
                quiz_id=quiz.quiz_id,
                item=item_id,
                option=option.option_id,
                raised=told.hands.get(option.option_id, 0),
                hands=sum(told.hands.values()),
                phones=None if few else told.phones.get(option.option_id, 0),
                answered=None if few else told.answered,
            )


def measure_together(record: SessionRecord) -> Together | None:
    """The groups of a session; None where there were none."""
    told = record.groups
    if not told.phones:
        return None
    return Together(
        session=record.code,
        site=record.site,
        held_on=record.held_on,
        phones=told.phones,
        people=told.people,
        phones_pre=told.pre.phones,
        phones_post=told.post.phones,
        share_pre=told.pre.share if told.pre.phones >= SHOWN_FROM else None,
        share_post=told.post.share if told.post.phones >= SHOWN_FROM else None,
    )


class HallSection(Section):
    """Hands and groups, apart from everybody who is measured."""

    name = "hall"
    parts = (Raised, Together)
    reads = ("hands_unpaired", "groups_unpaired")

    def measure(self, evidence: Evidence, so_far: Figures) -> Parts:
        """The sessions that have any, by date."""
        records = sorted(evidence.records, key=lambda one: (one.held_on, one.code))
        together = (one for one in map(measure_together, records) if one is not None)
        raised = (one for record in records for one in measure_raised(record))
        return {Raised.key: tuple(raised), Together.key: tuple(together)}

    def withhold(self, figures: Figures, secrecy: Secrecy) -> Parts:
        """Nothing: these counts were made by eye, and their noise is not known."""
        return {Raised.key: (), Together.key: ()}

    def stands(self, figures: Figures) -> bool:
        """Only where something was counted so."""
        return bool(figures.rows(Raised) or figures.rows(Together))

    def notes(self, figures: Figures, evidence: Evidence) -> Iterator[Note]:
        """Neither is of persons."""
        if figures.rows(Raised):
            yield note("hands_unpaired", "hands.*", k=SHOWN_FROM)
        if figures.rows(Together):
            yield note("groups_unpaired", "groups_together.*", k=SHOWN_FROM)

    def words(self, view: View) -> list[str]:
        """For each session with groups, how many people shared how many phones."""
        return [_sentence(view, one) for one in view.figures.rows(Together)]

    def tables(self, view: View) -> dict[str, Table]:
        """A line for each option of each poll with hands, and for each session with groups."""
        raised = [_raised_row(view, one) for one in view.figures.rows(Raised)]
        together = [_together_row(view, one) for one in view.figures.rows(Together)]
        return make_table(view, "hands", raised) | make_table(view, "groups_together", together)


def _sentence(view: View, one: Together) -> str:
    return view.say(
        "sentences.groups_together",
        site=one.site or "–",
        day=long_date(one.held_on, view.language),
        phones=whole(one.phones, view.language),
        people=whole(one.people, view.language),
    )


def _raised_row(view: View, one: Raised) -> tuple[str, ...]:
    language = view.language
    item = view.quizzes[one.quiz_id].item(one.item)
    words = next(option.text.in_(language) for option in item.options if option.option_id == one.option)
    phones = "–" if one.phones is None else _of(view, one.phones, one.answered or 0)
    return (
        one.site or "–",
        long_date(one.held_on, language),
        item.stem.in_(language),
        words,
        _of(view, one.raised, one.hands),
        phones,
    )


def _of(view: View, n: int, total: int) -> str:
    return f"{whole(n, view.language)} / {whole(total, view.language)}"


def _together_row(view: View, one: Together) -> tuple[str, ...]:
    language = view.language
    shares = ("–" if x is None else number(100 * x, language, 0) for x in (one.share_pre, one.share_post))
    counts = (one.phones, one.people, one.phones_pre, one.phones_post)
    return (
        one.site or "–",
        long_date(one.held_on, language),
        *(whole(n, language) for n in counts),
        *shares,
    )

"""Any sequence of joining, answering, replaying, moving and restarting agrees with a plain dictionary."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule

from kit.errors import KitError
from kit.session.acts import answer as answering
from kit.session.acts import attend
from kit.session.acts import move as moving
from kit.session.acts import open as opening
from kit.session.acts.view import view_session
from kit.session.run.writer import Writer
from kit.session.store.attempts import session_attempts
from kit.session.store.participants import session_participants
from kit.session.store.responses import session_responses
from kit.session.store.store import Store
from tests.session.conftest import OPENING, QUIZ

POLL = QUIZ.polls[0]


ITEMS = sorted({item.item_id for item in QUIZ.items})


# The moves a facilitator has, written down once more by hand.
MOVES = {
    "lobby": {"pre"},
    "pre": {"lesson"},
    "lesson": {"pre", "post", "practice", *(f"poll:{poll}" for poll in QUIZ.polls)},
    "practice": {"lesson", "post"},
    "post": {"lesson", "results"},
    "results": {"closed"},
    "closed": {"followup"},
    "followup": {"closed"},
    **{f"poll:{poll}": {f"reveal:{poll}", "lesson"} for poll in QUIZ.polls},
    **{f"reveal:{p}": {"lesson", "post", "practice", *(f"poll:{q}" for q in QUIZ.polls)} for p in QUIZ.polls},
}


ANSWERED = ("pre", "post", "followup", "practice")
WAVE = {**{wave: wave for wave in ANSWERED}, **{f"poll:{p}": "poll" for p in QUIZ.polls}}


CHOICES = [
    ["fraud"],
    ["genuine"],
    ["unsure"],
    ["fraud"],
    ["genuine"],
    ["a"],
    ["b"],
    ["a", "b"],
    ["3"],
    ["x"],
    ["a", "unsure"],
    [],
]


@dataclasses.dataclass
class Person:
    """A participant as the dictionary knows one; `held` are all identities ever given."""

    participant_id: str
    personal_code: str
    arm: str
    held: list[attend.Identity]
    responses: dict[tuple[str, str], tuple[str, int]] = dataclasses.field(default_factory=dict)
    submitted: set[str] = dataclasses.field(default_factory=set)

    def items(self, wave: str, stage: str) -> list[str]:
        """The items this person may answer now."""
        if WAVE.get(stage) != wave:
            return []
        if wave == "poll":
            return [stage.partition(":")[2]]
        if wave == "practice":
            return list(QUIZ.practice)
        form = self.arm[1] if wave == "post" else self.arm[0]
        later = {"post": [QUIZ.plan or ""], "followup": QUIZ.behaviour}
        return [*QUIZ.forms[form], *QUIZ.likert, *later.get(wave, ())]


def _practised(person: Person) -> frozenset[tuple[str, str]]:
    """What a person has practised before a batch: its key has been shown."""
    return frozenset(key for key in person.responses if key[0] == "practice")


class Hall(RuleBasedStateMachine):
    """A session on a real store beside a dictionary."""

    people = Bundle("people")
    sent = Bundle("sent")

    @initialize(early=st.booleans())
    def open(self, early: bool) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.url = f"sqlite:///{Path(self.folder.name) / 'kit.db'}"
        self.stage = "lobby"
        self.known: list[Person] = []
        self.start()
        self.code = self.writer.run(opening.open_session, OPENING)
        if not early:
            self.move("pre", possible=True, pick=0)

    def start(self) -> None:
        self.store = Store(self.url)
        self.writer = Writer(self.store)

    def identity(self, token: str) -> attend.Identity:
        with self.store.reading() as tx:
            return attend.identify(tx, self.code, token)

    def answer_of(self, job: Any) -> Any:
        try:
            return job()
        except KitError as refusal:
            return refusal.key

    @rule(target=people, request_id=st.sampled_from(["", "phone-one", "phone-two"]))
    def join(self, request_id: str) -> Person | None:
        asked = attend.Join(self.code, "student", True, "id", request_id)
        answer = self.answer_of(lambda: self.writer.run(attend.join, asked))
        if self.stage in ("results", "closed", "followup"):
            assert answer == "session_over"
            return None
        who = self.identity(answer.token)
        for person in self.known:
            if person.participant_id == answer.participant_id:
                assert request_id, "only a repeated request gives the same person"
                return person
        person = Person(answer.participant_id, answer.personal_code, who.arm, [who])
        self.known.append(person)
        return person

    @rule(person=people)
    def resume_on_another_phone(self, person: Person | None) -> None:
        if person is None:
            return
        joined = self.writer.run(attend.resume, (self.code, person.personal_code.lower()))
        assert joined.participant_id == person.participant_id
        person.held.append(self.identity(joined.token))

    @rule(
        target=sent,
        person=people,
        number=st.integers(0, 1),
        wave=st.sampled_from(["now", "now", "now", "pre", "post", "poll", "practice"]),
        choice=st.sampled_from(CHOICES),
        seq=st.integers(1, 4),
        old_phone=st.booleans(),
    )
    def answer(
        self, person: Person | None, number: int, wave: str, choice: list[str], seq: int, old_phone: bool
    ) -> tuple[Person, answering.Answer] | None:
        if person is None:
            return None
        wave = WAVE.get(self.stage, "pre") if wave == "now" else wave
        open_now = person.items(wave, self.stage) or ITEMS
        who = person.held[0 if old_phone else -1]
        message = answering.Answer(who, wave, open_now[number % len(open_now)], tuple(choice), seq)
        self.deliver([(person, message)])
        return person, message

    @rule(
        person=people,
        number=st.integers(0, 1),
        tries=st.lists(
            st.tuples(st.sampled_from(["fraud", "genuine", "unsure"]), st.integers(1, 3)), min_size=2
        ),
    )
    @precondition(lambda self: WAVE.get(self.stage) in ("pre", "post", "followup"))
    def answers_to_one_item_race(
        self, person: Person | None, number: int, tries: list[tuple[str, int]]
    ) -> None:
        if person is None:
            return
        wave = WAVE[self.stage]
        item = person.items(wave, self.stage)[number]
        self.deliver(
            [(person, answering.Answer(person.held[-1], wave, item, (choice,), seq)) for choice, seq in tries]
        )

    @rule(again=st.lists(sent, min_size=2, max_size=8))
    def late_copies_arrive_in_any_order(self, again: list[tuple[Person, answering.Answer] | None]) -> None:
        self.deliver([message for message in again if message is not None])

    def deliver(self, messages: list[tuple[Person, answering.Answer]]) -> None:
        """Send at once what the writer may commit together; each answer must fit the dictionary's."""
        futures = [self.writer.submit(answering.record_responses, message) for _, message in messages]
        answers = [self.seq_of(future) for future in futures]
        settled = {p.participant_id: _practised(p) for p, _ in messages}
        expected = [self.expect(p, message, settled[p.participant_id]) for p, message in messages]
        for (person, message), answer, wanted in zip(messages, answers, expected, strict=True):
            if isinstance(wanted, str):
                assert answer == wanted
            else:
                # A batch answers with what is stored after all of it.
                assert answer in (wanted, person.responses[(message.wave, message.item_id)][1])

    def seq_of(self, future: Any) -> int | str:
        answer = self.answer_of(future.result)
        return answer if isinstance(answer, str) else answer.seq

    def expect(
        self, person: Person, message: answering.Answer, settled: frozenset[tuple[str, str]] = frozenset()
    ) -> int | str:
        if message.who is not person.held[-1] and message.who.token_hash != person.held[-1].token_hash:
            # The first phone is told that there is another one; those in between are not asked.
            return "code_elsewhere" if message.who.token_hash == person.held[0].token_hash else "stale_token"
        if WAVE.get(self.stage) != message.wave:
            return "wave_closed"
        if message.item_id not in person.items(message.wave, self.stage):
            return "item_unknown"
        if not QUIZ.item(message.item_id).accepts(message.choice):
            return "option_unknown"
        key = (message.wave, message.item_id)
        if message.seq > person.responses.get(key, ("", 0))[1]:
            if message.wave == "followup" and "followup" in person.submitted:
                return "followup_finished"
            if key in settled:
                return "practice_answered"
            person.responses[key] = ("+".join(message.choice), message.seq)
        return person.responses[key][1]

    @rule(person=people, wave=st.sampled_from(["pre", "post", "followup", "practice", "poll"]))
    def submit(self, person: Person | None, wave: str) -> None:
        if person is None:
            return
        answer = self.answer_of(lambda: self.writer.run(answering.submit, (person.held[-1], wave)))
        if WAVE.get(self.stage) != wave and not (wave == "poll" and self.stage.startswith("reveal:")):
            assert answer == "wave_closed"
        elif wave not in ("poll", "practice"):
            form = person.arm[1] if wave == "post" else person.arm[0]
            complete = all((wave, item) in person.responses for item in QUIZ.forms[form])
            assert answer == (None if complete else "answers_missing")
            if complete:
                person.submitted.add(wave)

    @rule(person=people)
    @precondition(lambda self: WAVE.get(self.stage) in ("pre", "post", "followup"))
    def answer_everything_and_submit(self, person: Person | None) -> None:
        if person is None:
            return
        wave = WAVE[self.stage]
        self.deliver(
            [
                (person, answering.Answer(person.held[-1], wave, item_id, (choice,), 9))
                for item_id in person.items(wave, self.stage)
                for choice in [QUIZ.item(item_id).options[-1].option_id]
            ]
        )
        self.submit(person, wave)

    @rule(stage=st.sampled_from(sorted(MOVES)), possible=st.booleans(), pick=st.integers(0, 100))
    def move(self, stage: str, possible: bool, pick: int) -> None:
        if possible:
            stage = sorted(MOVES[self.stage])[pick % len(MOVES[self.stage])]
        answer = self.answer_of(lambda: self.writer.run(moving.move, (self.code, stage)))
        if stage in MOVES[self.stage] or stage == self.stage:
            assert answer is None
            self.stage = stage
        else:
            assert answer == "impossible_move"

    @rule()
    def the_service_restarts(self) -> None:
        self.writer.close()
        self.store.close()
        self.start()

    @invariant()
    def the_store_holds_what_the_dictionary_holds(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.reading() as tx:
            view = view_session(tx, self.code)
            session_id = view.session_id
            stored = {
                (row["participant_id"], row["wave"], row["item_id"]): (row["choice"], row["seq"])
                for row in session_responses(tx, session_id)
            }
            attempts = {(row["participant_id"], row["wave"]) for row in session_attempts(tx, session_id)}
            arms = [row["arm"] for row in session_participants(tx, session_id)]
        assert view.stage == self.stage
        assert set(moving.possible_moves(view)) == MOVES[self.stage]
        assert stored == {
            (p.participant_id, *key): kept for p in self.known for key, kept in p.responses.items()
        }
        assert attempts == {(p.participant_id, wave) for p in self.known for wave in p.submitted}
        assert len(arms) == len(self.known)
        assert abs(arms.count("AB") - arms.count("BA")) <= 2

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.writer.close()
            self.store.close()
            self.folder.cleanup()


TestHall = Hall.TestCase


TestHall.settings = settings(
    max_examples=12, stateful_step_count=35, deadline=None, suppress_health_check=list(HealthCheck)
)

"""Simulated people with phones: they join, answer, come late and leave, all over real HTTP."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from kit.quiz.model import Item, Quiz
from kit.study.choice import UNSURE
from kit.study.stage import CLOSED, LOBBY, RESULTS, shows_key, stage_name
from kit.study.wave import POLL, PRACTICE, PRE, WAVES

# Every 12th comes late, every 9th leaves after the first wave: also the smallest rehearsal has some of each.
LATE_EVERY: Final = 12
DROPOUT_EVERY: Final = 9
RETRY_SHARE: Final = 0.15
# Chance of knowing an item before and after, and of taking any offer for a fraud.
SKILL: Final = {"pre": 0.45, "post": 0.65, "followup": 0.58, "practice": 0.55, "poll": 0.5}


@dataclass
class Tally:
    """What happened, counted over all phones."""

    sent: int = 0
    retried: int = 0
    lost: int = 0
    double: int = 0
    refused: int = 0
    done: dict[str, int] = field(default_factory=dict)

    def finish(self, stage: str) -> None:
        """One phone is done with a stage."""
        self.done[stage] = self.done.get(stage, 0) + 1


@dataclass
class Phone:
    """One simulated person with a phone; everything it does is drawn from its own seed."""

    number: int
    code: str
    http: httpx.AsyncClient
    items: Mapping[str, Item]
    tally: Tally
    dice: random.Random
    hurry: float
    late: bool = False
    drops_out: bool = False
    token: str = ""
    acknowledged: dict[tuple[str, str], tuple[list[str], int]] = field(default_factory=dict)

    async def attend(self) -> None:
        """Follow the session from joining to its end."""
        seen = -1
        while True:
            try:
                async with self.http.stream("GET", f"/api/sessions/{self.code}/stream", timeout=60) as events:
                    async for line in events.aiter_lines():
                        if not line.startswith("data: "):
                            continue
                        state = json.loads(line[6:])
                        if state["version"] <= seen:
                            continue
                        seen = state["version"]
                        if not await self.act(state):
                            return
            except (httpx.HTTPError, httpx.StreamError):
                await asyncio.sleep(self.dice.uniform(0.2, 1.0))

    async def act(self, state: Mapping[str, Any]) -> bool:
        """Do what a stage asks for; False when this person leaves."""
        stage = str(state["stage"])
        if not self.token:
            if shows_key(stage):
                return False
            if not self.late or stage not in (LOBBY, PRE):
                await self.join(state["audiences"])
        if self.token and stage in WAVES:
            await self.answer_wave(stage)
        elif self.token and stage == PRACTICE:
            await self.practise()
        elif self.token and stage_name(stage) == POLL:
            await self.answer_poll(stage)
        elif self.token and stage == RESULTS:
            await self.request("GET", "feedback")
            self.tally.finish(stage)
        if self.token and stage == LOBBY:
            self.tally.finish(stage)
        return stage != CLOSED and not (self.drops_out and stage == PRE)

    async def join(self, audiences: Sequence[str]) -> None:
        """Join with a random admitted audience."""
        await self.pause()
        language = "en" if self.dice.random() < 0.1 else "id"
        body = {
            "audience": self.dice.choice(audiences),
            "consent": True,
            "language": language,
            "request_id": secrets.token_urlsafe(24),
        }
        joined = await self.request("POST", "participants", body)
        if joined is not None:
            self.token = joined["token"]
            if self.dice.random() < RETRY_SHARE:
                # Changed phones: the personal code gives a new token for the same person.
                again = await self.request(
                    "POST", "participants/resume", {"personal_code": joined["personal_code"]}
                )
                self.token = again["token"] if again else self.token

    async def answer_wave(self, wave: str) -> None:
        """Answer every item of a wave, check what was kept, and submit."""
        opened = await self.request("GET", f"waves/{wave}")
        if opened is None:
            return
        for item in opened["items"]:
            await self.pause()
            await self.respond(wave, item)
        kept = await self.request("GET", f"waves/{wave}")
        if kept is not None:
            self.compare(wave, kept["responses"])
            await self.request("POST", f"waves/{wave}/submit")
        self.tally.finish(wave)

    async def practise(self) -> None:
        """Answer the practice offers one after the other, and read what was right."""
        opened = await self.request("GET", f"waves/{PRACTICE}")
        for item in opened["items"] if opened else ():
            await self.pause()
            await self.respond(PRACTICE, item)
        kept = await self.request("GET", f"waves/{PRACTICE}")
        if kept is not None:
            self.compare(PRACTICE, kept["responses"])
        self.tally.finish(PRACTICE)

    async def answer_poll(self, stage: str) -> None:
        """Take part in a poll."""
        opened = await self.request("GET", "waves/poll")
        if opened is not None:
            await self.pause()
            await self.respond(POLL, opened["items"][0])
        self.tally.finish(stage)

    async def respond(self, wave: str, item: Mapping[str, Any]) -> None:
        """Send one response; some phones send it twice, as phones on bad lines do."""
        choice = self.choose(wave, item)
        path = f"waves/{wave}/responses/{item['item_id']}"
        for _ in range(2 if self.dice.random() < RETRY_SHARE else 1):
            answer = await self.request("PUT", path, {"choice": choice, "seq": 1})
            if answer is not None:
                self.tally.sent += 1
                self.acknowledged[(wave, item["item_id"])] = (choice, 1)

    def choose(self, wave: str, item: Mapping[str, Any]) -> list[str]:
        """Choose as a person would who knows some of it."""
        options = [option["option_id"] for option in item["options"]]
        known = self.items.get(item["item_id"])
        if known is not None and known.key and self.dice.random() < SKILL[wave]:
            return [option for option in options if option in known.key]
        if UNSURE in options and self.dice.random() < 0.1:
            return [UNSURE]
        if item["kind"] == "offer":
            return ["fraud" if self.dice.random() < 0.6 else "genuine"]
        return [self.dice.choice([option for option in options if option != UNSURE])]

    def compare(self, wave: str, kept: Mapping[str, Mapping[str, Any]]) -> None:
        """Count acknowledged responses that are not kept as sent."""
        for (answered_wave, item_id), (choice, seq) in self.acknowledged.items():
            if answered_wave != wave:
                continue
            stored = kept.get(item_id)
            if stored is None:
                self.tally.lost += 1
            elif stored["choice"] != choice or stored["seq"] != seq:
                self.tally.double += 1

    async def request(self, method: str, path: str, body: object = None) -> Any:
        """Ask the service, again and again while the line is bad; None when it refuses."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        while True:
            try:
                response = await self.http.request(
                    method, f"/api/sessions/{self.code}/{path}", json=body, headers=headers
                )
            except httpx.HTTPError:
                self.tally.retried += 1
                await asyncio.sleep(self.dice.uniform(0.2, 1.0))
                continue
            if response.status_code in (429, 503):
                self.tally.retried += 1
                await asyncio.sleep(self.dice.uniform(0.5, 2.0))
                continue
            if response.is_error:
                self.tally.refused += 1
                return None
            return response.json()

    async def pause(self) -> None:
        """Read and think."""
        await asyncio.sleep(self.dice.expovariate(1 / self.hurry) if self.hurry else 0)


def make_phones(
    code: str, http: httpx.AsyncClient, quizzes: Sequence[Quiz], *, phones: int, seed: int, hurry: float
) -> tuple[list[Phone], Tally]:
    """Simulated people: a few come late, a few leave after the first wave."""
    tally = Tally()
    items = {item.item_id: item for quiz in quizzes for item in quiz.items}
    people = []
    for number in range(phones):
        dice = random.Random(f"{seed}:{number}")
        late = number % LATE_EVERY == LATE_EVERY - 1
        leaves = not late and number % DROPOUT_EVERY == DROPOUT_EVERY - 1
        people.append(Phone(number, code, http, items, tally, dice, hurry, late, leaves))
    return people, tally

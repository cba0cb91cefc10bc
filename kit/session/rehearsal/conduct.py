"""Holding a rehearsal: a session of its own moves through all its stages, or phones join a running one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from kit.config import Settings
from kit.errors import KitError, NotFound
from kit.quiz.model import Quiz
from kit.quiz.read import load_quizzes
from kit.session.client import Control, service_for_command
from kit.session.rehearsal.phones import Phone, Tally, make_phones
from kit.study.stage import LESSON, LOBBY, RESULTS, REVEAL, stage_name, with_item
from kit.study.wave import POLL, POST, PRACTICE, PRE, WAVES
from kit.text import message

STAGE_SECONDS: Final = 120.0


class Bar(Protocol):
    """Where the progress of each stage is told; rich's `Progress` is one."""

    def add_task(self, description: str, *, total: float | None) -> Any:
        """Begin to tell of a stage; what `update` knows it by."""

    def update(self, task_id: Any, *, completed: float | None) -> None:
        """Tell how many are done."""


async def conduct(control: Control, code: str, phones: Sequence[Phone], tally: Tally, bar: Bar) -> str:
    """Move a session through all its stages as its phones get done; the bundle's folder."""
    polls = [poll for quiz in control.session(code)["quizzes"] for poll in quiz["polls"]][:2]
    asked = [with_item(name, poll) for poll in polls for name in (POLL, REVEAL)]
    practice = [PRACTICE] if control.session(code)["practice"]["items"] else []
    stages = [PRE, LESSON, *asked, *practice, POST, RESULTS]
    on_time = sum(not phone.late for phone in phones)
    staying = sum(not phone.drops_out for phone in phones)
    expected = {LOBBY: on_time, PRE: on_time, **dict.fromkeys(stages[2:], staying)}
    for stage in [LOBBY, *stages]:
        if stage != LOBBY:
            await asyncio.to_thread(control.move, code, stage)
        waits = stage in (LOBBY, *WAVES, PRACTICE, RESULTS) or stage_name(stage) == POLL
        task = bar.add_task(stage, total=expected.get(stage, 1))
        deadline = asyncio.get_running_loop().time() + STAGE_SECONDS
        while waits and asyncio.get_running_loop().time() < deadline:
            done = tally.done.get(stage, 0)
            bar.update(task, completed=done)
            if done >= expected[stage]:
                break
            await asyncio.sleep(0.05)
        bar.update(task, completed=expected.get(stage, 1))
    bundle: str = (await asyncio.to_thread(control.close, code))["bundle"]
    return bundle


async def rehearse(
    control: Control,
    quizzes: Mapping[str, Quiz],
    *,
    phones: int,
    live: str = "",
    quiz_ids: Sequence[str] = ("students",),
    seed: int = 1,
    hurry: float = 0.05,
    console: Console | None = None,
    bar: Bar | None = None,
) -> tuple[Tally, str, str]:
    """Rehearse a session of its own, or join a running one; the tally, join code and bundle folder.

    Progress is drawn on `console`, or told to a `bar`.
    """
    code = live or control.open_session(quizzes=list(quiz_ids), site="Gladi", rehearsal=True)["code"]
    known = [
        quizzes[quiz["quiz_id"]] for quiz in control.session(code)["quizzes"] if quiz["quiz_id"] in quizzes
    ]
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    async with httpx.AsyncClient(base_url=control.url, trust_env=False, timeout=30, limits=limits) as http:
        people, tally = make_phones(code, http, known, phones=phones, seed=seed, hurry=2.0 if live else hurry)
        with Progress(*columns, console=console or Console(stderr=True), disable=bar is not None) as drawn:
            attending = [asyncio.create_task(phone.attend()) for phone in people]
            try:
                bundle = "" if live else await conduct(control, code, people, tally, bar or drawn)
                await asyncio.gather(*attending)
            finally:
                for task in attending:
                    task.cancel()
    return tally, code, bundle


def run_rehearsal(
    chosen: Settings, *, phones: int, live: str, quizzes: Sequence[str], seed: int, keep: bool
) -> int:
    """The command `kit rehearse`: 0 when nothing acknowledged was lost or doubled."""
    console = Console()
    known = load_quizzes(chosen.quizzes)
    for quiz_id in quizzes:
        if quiz_id not in known:
            raise NotFound("quiz_unknown", quiz_id=quiz_id, known=", ".join(known))
    with service_for_command(chosen) as control:
        rehearsal = rehearse(
            control, known, phones=phones, live=live, quiz_ids=quizzes, seed=seed, console=console
        )
        tally, code, bundle = asyncio.run(rehearsal)
        console.print(
            message(
                "cli.rehearsal_done",
                chosen.language,
                phones=phones,
                sent=tally.sent,
                lost=tally.lost,
                double=tally.double,
                bundle=chosen.results / bundle if bundle else control.session(code)["join_url"],
            )
        )
        if not keep and not live:
            try:
                control.delete(code)
            except KitError as error:
                console.print(error.render(chosen.language))
    return 0 if tally.lost == tally.double == 0 else 1

"""`/kit/rehearse`: a whole session with simulated people, or simulated people beside an open deck."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from typing import Any, Final

from tornado import web

from kit.errors import KitError
from kit.notebook.pages import Page
from kit.quiz.read import load_quizzes
from kit.study.stage import CLOSED, LOBBY

MOST: Final = 200
"""People that a rehearsal from a page may have: beside a deck, phones come first."""


class Rehearsal:
    """The one rehearsal that runs, and how far it is."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[str] | None = None
        self._told: list[dict[str, Any]] = []

    @property
    def runs(self) -> bool:
        """Whether one runs now."""
        return self._child is not None and self._child.poll() is None

    def begin(self, *arguments: str) -> None:
        """Begin one; while one runs nothing happens."""
        if self.runs:
            return
        self._told = []
        command = [sys.executable, "-m", "kit.session.rehearsal.told", *arguments]
        self._child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        threading.Thread(target=self._listen, args=(self._child,), daemon=True).start()

    def _listen(self, child: subprocess.Popen[str]) -> None:
        assert child.stdout is not None
        with child.stdout:
            for line in child.stdout:
                self._note(json.loads(line))
        child.wait()

    def _note(self, told: dict[str, Any]) -> None:
        """Keep the last word about each stage."""
        kept = [one for one in self._told if one.get("stage") != told.get("stage")]
        self._told = [*kept, told]

    def progress(self) -> dict[str, Any]:
        """`{running, stages: [{stage, done, of}], end}`; `end` is its last word, null while it runs."""
        stages = [one for one in self._told if "stage" in one]
        end = next((one for one in self._told if "stage" not in one), None)
        if end is None and self._child is not None and not self.runs:
            end = {"failed": ""}
        return {"running": self.runs, "stages": stages, "end": end}


RUNNING: Final = Rehearsal()


class Rehearse(Page):
    """`/kit/rehearse`: the form and the progress."""

    @web.authenticated
    async def get(self) -> None:
        """Show both."""
        if not self.switched_language():
            await self._draw()

    @web.authenticated
    async def post(self) -> None:
        """Begin a rehearsal."""
        phones = self.get_body_argument("phones", "")
        quiz, live = self.get_body_argument("quiz", ""), self.get_body_argument("live", "")
        quizzes, open_ones, failed = await self._look()
        if not phones.isdigit() or not 1 <= int(phones) <= MOST:
            failed = self.office("rehearse.bad_number", most=MOST)
        elif (live and live not in open_ones) or (not live and quiz not in quizzes):
            failed = self.office("rehearse.gone")
        if failed:
            await self._draw(failed)
            return
        RUNNING.begin("--phones", phones, *(("--live", live) if live else ("--quiz", quiz)))
        self.redirect(f"{self.base_url}kit/rehearse", status=303)

    async def _look(self) -> tuple[dict[str, str], dict[str, str], str]:
        """The quizzes and the rehearsals that are open in a deck, by id and code; and what is wrong."""
        try:
            known = await asyncio.to_thread(load_quizzes, self.chosen.quizzes)
            sessions = await self.control("sessions")
        except KitError as error:
            return {}, {}, error.render(self.language)
        quizzes = {quiz_id: quiz.title.in_(self.language) for quiz_id, quiz in known.items()}
        held = [one for one in sessions if one["rehearsal"] and one["stage"] != CLOSED and one["notebook"]]
        return quizzes, {one["code"]: one["event"] or one["site"]["name"] for one in held}, ""

    async def _draw(self, failed: str = "") -> None:
        quizzes, live, trouble = await self._look()
        self.show(
            "rehearse.html",
            quizzes=quizzes,
            live=live,
            failed=failed or trouble,
            told=self._told(RUNNING.progress()),
        )

    def _told(self, progress: dict[str, Any]) -> dict[str, Any]:
        """The progress with its stages in words."""
        stages = [{**one, "name": self._stage(one["stage"])} for one in progress["stages"]]
        end = progress["end"]
        said = ""
        if end and "failed" in end:
            said = self.office("rehearse.failed", why=end["failed"])
        elif end:
            lost = end["lost"] + end["double"]
            said = self.office("rehearse.lost" if lost else "rehearse.done", n=lost or end["sent"])
        good = bool(end) and "failed" not in end and not end["lost"] + end["double"]
        return {"running": progress["running"], "stages": stages, "said": said, "good": good}

    def _stage(self, stage: str) -> str:
        name, _, item = stage.partition(":")
        return " ".join(filter(None, (self.stage(name or LOBBY), item)))


class Progress(Rehearse):
    """`/kit/rehearse/progress`: how far it is, for the page that shows it."""

    @web.authenticated
    async def get(self) -> None:
        """Send it."""
        self.finish(self._told(RUNNING.progress()))


ROUTES: Final = [
    (r"kit/rehearse", Rehearse),
    (r"kit/rehearse/progress", Progress),
]

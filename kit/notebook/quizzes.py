"""`/kit/quizzes`: check the quizzes of this laptop, and install one from a file."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from tornado import web

from kit.errors import KitError
from kit.notebook.pages import Page
from kit.quiz.read import load_quiz, load_quizzes

MAX_BYTES: Final = 1_000_000
CHECK_SECONDS: Final = 300
_CHECK: Final = "from kit.cli import main; main()"


class Quizzes(Page):
    """`/kit/quizzes`: the list."""

    @web.authenticated
    async def get(self) -> None:
        """Show it."""
        if not self.switched_language():
            await self.draw()

    async def draw(self, *, done: str = "", failed: str = "", findings: list[Any] | None = None) -> None:
        """Draw the page, with what was just done or found."""
        try:
            known = await asyncio.to_thread(load_quizzes, self.chosen.quizzes)
        except KitError as error:
            known, failed = {}, failed or error.render(self.language)
        self.show("quizzes.html", quizzes=known, done=done, failed=failed, findings=findings)


class CheckQuizzes(Quizzes):
    """`/kit/quizzes/check`: what `kit check` finds, guessers included."""

    @web.authenticated
    async def get(self) -> None:
        """Lead back to the list: a check is asked for by its button."""
        self.redirect(f"{self.base_url}kit/quizzes")

    @web.authenticated
    async def post(self) -> None:
        """Check all quizzes of this laptop."""
        try:
            findings = await asyncio.to_thread(self._check)
        except (subprocess.SubprocessError, ValueError, OSError):
            await self.draw(failed=self.office("quizzes.check_failed"))
            return
        await self.draw(findings=findings, done="" if findings else self.office("quizzes.clean"))

    def _check(self) -> list[dict[str, Any]]:
        command = [sys.executable, "-c", _CHECK, "check", str(self.chosen.quizzes), "--format", "json"]
        # A process of its own: the guessers are trained, and the projector must not wait for them.
        ran = subprocess.run(command, capture_output=True, timeout=CHECK_SECONDS, check=False)
        found: list[dict[str, Any]] = json.loads(ran.stdout)
        return found


class ImportQuiz(Quizzes):
    """`/kit/quizzes/import`: install a quiz file."""

    @web.authenticated
    async def get(self) -> None:
        """Lead back to the list: there is nothing to see here."""
        self.redirect(f"{self.base_url}kit/quizzes")

    @web.authenticated
    async def post(self) -> None:
        """Read the file; without faults it becomes a quiz of this laptop."""
        sent = next(iter(self.request.files.get("file", [])), None)
        if sent is None or len(sent["body"]) > MAX_BYTES:
            await self.draw(failed=self.office("quizzes.no_file"))
            return
        try:
            name = await asyncio.to_thread(
                self._install, sent["body"], bool(self.get_body_argument("again", ""))
            )
        except KitError as error:
            await self.draw(failed=error.render(self.language))
            return
        said = "quizzes.installed" if name[1] else "quizzes.exists"
        told = self.office(said, quiz_id=name[0])
        await self.draw(done=told) if name[1] else await self.draw(failed=told)

    def _install(self, content: bytes, again: bool) -> tuple[str, bool]:
        """The id of a quiz, and whether it was installed. Raises BadQuiz with every fault."""
        with tempfile.TemporaryDirectory() as folder:
            # The name that was sent is only a name: what the file says decides where it goes.
            rough = Path(folder) / "quiz.yaml"
            rough.write_bytes(content)
            quiz = load_quiz(rough)
        target = self._home_of(quiz.quiz_id)
        if target.exists() and not again:
            return quiz.quiz_id, False
        beside = target.with_name(f".{target.name}.part")
        beside.write_bytes(content)
        beside.replace(target)
        return quiz.quiz_id, True

    def _home_of(self, quiz_id: str) -> Path:
        """The file that has this quiz already, whatever its name, else one named after it."""
        for path in sorted(self.chosen.quizzes.glob("*.yaml")):
            try:
                if load_quiz(path).quiz_id == quiz_id:
                    return path
            except KitError:
                continue
        return self.chosen.quizzes / f"{quiz_id}.yaml"


ROUTES: Final = [
    (r"kit/quizzes", Quizzes),
    (r"kit/quizzes/check", CheckQuizzes),
    (r"kit/quizzes/import", ImportQuiz),
]

"""Taken away from a closed session: the day of its follow-up for a calendar, all of it for a stick."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from tornado import web

from kit.notebook.pages import Page

FOLLOWUP_AFTER: Final = timedelta(weeks=6)
"""Best between four and eight weeks after the meeting, as the follow-up itself says."""


class TakeAway(Page):
    """A page about one bundle of `results/`."""

    def bundle(self, name: str) -> Path:
        """The folder of a bundle. Raises HTTPError(404)."""
        folder = self.chosen.results / name
        written = folder / "session.json"
        if name.startswith(".") or folder.resolve().parent != self.chosen.results.resolve():
            raise web.HTTPError(404)
        if not written.is_file():
            raise web.HTTPError(404)
        return folder

    def send_file(self, name: str, kind: str, content: bytes) -> None:
        """Send a file to be kept under a name."""
        self.set_header("Content-Type", kind)
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        self.finish(content)


class Calendar(TakeAway):
    """`/kit/followup/BUNDLE.ics`: a day six weeks after the meeting."""

    @web.authenticated
    async def get(self, name: str) -> None:
        """Send the calendar file."""
        about = json.loads((self.bundle(name) / "session.json").read_text(encoding="utf-8"))
        words = self.say("start.calendar", site=about["site"]["name"], code=about["code"])
        self.send_file(f"{name}.ics", "text/calendar; charset=utf-8", calendar_of(about, words).encode())


class Backup(TakeAway):
    """`/kit/backup/BUNDLE.zip`: the whole folder of a session."""

    @web.authenticated
    async def get(self, name: str) -> None:
        """Send the folder in one file."""
        folder = self.bundle(name)
        self.send_file(f"{name}.zip", "application/zip", await asyncio.to_thread(zip_of, folder))


def calendar_of(about: dict[str, Any], words: str) -> str:
    """An all-day event for the follow-up of a session, as RFC 5545 has it."""
    day = date.fromisoformat(about["held_on"]) + FOLLOWUP_AFTER
    text = words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", " ")
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Desa Binaan Kit//ID",
        "BEGIN:VEVENT",
        f"UID:{about['code']}-followup@desa-binaan-kit",
        f"DTSTAMP:{day:%Y%m%d}T000000Z",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"SUMMARY:{text}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _folded(line: str) -> list[str]:
    """A line in pieces of at most 75 bytes, those after the first behind a blank (RFC 5545, 3.1)."""
    pieces, piece = [], ""
    for sign in line:
        if len((piece + sign).encode()) > 75:
            pieces.append(piece)
            piece = " "
        piece += sign
    return [*pieces, piece]


def zip_of(folder: Path) -> bytes:
    """All files of a folder in one zip file, under the folder's name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                archive.write(path, Path(folder.name) / path.relative_to(folder))
    return packed.getvalue()

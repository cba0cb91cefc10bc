"""`/kit/paper/CODE`: print packets, upload photos of sheets, decide what is in doubt, type what is left."""

from __future__ import annotations

import asyncio
import io
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from tornado import web

from kit.errors import KitError
from kit.notebook.pages import Page
from kit.paper.command import scan_lines, type_lines
from kit.paper.draw import mark_of, write_paper
from kit.paper.noted import NOTE, list_values
from kit.study.sighting import LISTS, SHOWN_FROM, SIGN
from kit.text import message

_STATUSES = ("read", "review", "refused")


class PaperPage(Page):
    """What the pages of paper share: the service's words, and the page itself."""

    def words(self, path: str, **values: object) -> str:
        """A sentence of the paper's words."""
        return message(f"paper.{path}", self.language, **values)

    async def draw(self, code: str, *, lines: list[dict[str, Any]] | None = None, failed: str = "") -> None:
        """Show the page, with what became of the sheets handed in just now."""
        session, sheets, trouble = await asyncio.to_thread(self._look, code)
        count = {name: sum(line["status"] == name for line in lines or ()) for name in _STATUSES}
        self.show(
            "paper.html",
            code=code,
            words=self.words,
            session=session,
            waiting=[sheet for sheet in sheets if sheet["status"] == "review"],
            lines=lines,
            count=count,
            failed=failed or trouble,
            mark_of=mark_of,
            lists=list_values(),
            say_offer=lambda key: message(key, self.language),
            note_from=SHOWN_FROM,
        )

    def _look(self, code: str) -> tuple[dict[str, Any], list[dict[str, Any]], str]:
        with self.service() as control:
            try:
                return control.session(code), control.sheets(code), ""
            except KitError as error:
                return {"audiences": []}, [], error.render(self.language)


class Paper(PaperPage):
    """`/kit/paper/CODE`: the page."""

    @web.authenticated
    async def get(self, code: str) -> None:
        """Show it."""
        await self.draw(code)


class PrintPaper(PaperPage):
    """`/kit/paper/CODE/print`: packets, booklets and their layout as one archive."""

    @web.authenticated
    async def post(self, code: str) -> None:
        """Reserve packets and send what is to be printed."""
        n = self.get_body_argument("n", "30")
        try:
            archive = await asyncio.to_thread(self._archive, code, int(n) if n.isdigit() else 0)
        except KitError as error:
            await self.draw(code, failed=error.render(self.language))
            return
        self.set_header("Content-Type", "application/zip")
        self.set_header("Content-Disposition", f'attachment; filename="paper-{code}.zip"')
        self.finish(archive)

    def _archive(self, code: str, n: int) -> bytes:
        audience, large = self.get_body_argument("audience", ""), bool(self.get_body_argument("large", ""))
        with self.service() as control, tempfile.TemporaryDirectory() as folder:
            reserved = control.reserve_packets(code, n, audience)
            written = write_paper(reserved, Path(folder), large=large, language=self.language)
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                for path in written:
                    archive.write(path, path.name)
        return packed.getvalue()


class ScanPaper(PaperPage):
    """`/kit/paper/CODE/scan`: photos and scans from a form; they are gone when the answer is written."""

    @web.authenticated
    async def post(self, code: str) -> None:
        """Read them and show what became of each sheet."""
        try:
            lines = await asyncio.to_thread(self._read, code)
        except KitError as error:
            await self.draw(code, failed=error.render(self.language))
            return
        await self.draw(code, lines=lines)

    def _read(self, code: str) -> list[dict[str, Any]]:
        with self.service() as control, tempfile.TemporaryDirectory() as folder:
            paths = []
            for place, file in enumerate(self.request.files.get("files", [])):
                # The name given is only shown: it never becomes a path.
                paths.append(Path(folder) / str(place))
                paths[-1].write_bytes(file["body"])
            names = [file["filename"] for file in self.request.files.get("files", [])]
            lines = list(scan_lines(control, code, paths))
        return [{**line, "file": names[int(line["file"])]} for line in lines]


class TypePaper(PaperPage):
    """`/kit/paper/CODE/type`: the keyboard grid."""

    @web.authenticated
    async def post(self, code: str) -> None:
        """Keep what was typed and show what became of each line."""
        wave, text = self.get_body_argument("wave", "pre"), self.get_body_argument("text", "")
        try:
            with self.service() as control:
                lines = await asyncio.to_thread(type_lines, control, code, wave, text)
        except KitError as error:
            await self.draw(code, failed=error.render(self.language))
            return
        await self.draw(code, lines=lines)


class NotePaper(PaperPage):
    """`/kit/paper/CODE/note`: an offer typed from a sheet that could not be read."""

    @web.authenticated
    async def post(self, code: str) -> None:
        """Keep it and show what became of it."""
        number, signs = self.get_body_argument("number", ""), self.get_body_arguments(SIGN)
        told = {"when" if name == "heard" else name: self.get_body_argument(name, "") for name in LISTS}
        try:
            with self.service() as control:
                (outcome,) = await asyncio.to_thread(
                    control.send_sightings, code, [{"number": number, **told, "signs": signs}]
                )
        except KitError as error:
            await self.draw(code, failed=error.render(self.language))
            return
        line = {"personal_code": "", "number": number, "wave": NOTE, "file": "", "page": ""}
        await self.draw(code, lines=[{**line, **outcome}])


class DecidePaper(PaperPage):
    """`/kit/paper/CODE/sheets/ID`: a person's decision on a sheet."""

    @web.authenticated
    async def post(self, code: str, sheet_id: str) -> None:
        """Hand it in."""
        discard = bool(self.get_body_argument("discard", ""))
        items = self.get_body_arguments("item")
        answers = {item: [one for one in self.get_body_arguments(item) if one] for item in items}
        decision = {"discard": True} if discard else {"answers": answers}
        try:
            with self.service() as control:
                await asyncio.to_thread(control.decide_sheet, code, sheet_id, **decision)
        except KitError as error:
            await self.draw(code, failed=error.render(self.language))
            return
        self.redirect(f"{self.base_url}kit/paper/{code}#review", status=303)


class SheetPicture(PaperPage):
    """`/kit/paper/CODE/pictures/ID`: the picture of a sheet that waits."""

    @web.authenticated
    async def get(self, code: str, sheet_id: str) -> None:
        """Send it, never to be kept by the browser."""
        try:
            with self.service() as control:
                picture = await asyncio.to_thread(control.sheet_picture, code, sheet_id)
        except KitError:
            raise web.HTTPError(404) from None
        self.set_header("Content-Type", "image/jpeg")
        self.finish(picture)


ROUTES = [
    (r"kit/paper/([A-Z0-9]{6})", Paper),
    (r"kit/paper/([A-Z0-9]{6})/print", PrintPaper),
    (r"kit/paper/([A-Z0-9]{6})/scan", ScanPaper),
    (r"kit/paper/([A-Z0-9]{6})/type", TypePaper),
    (r"kit/paper/([A-Z0-9]{6})/note", NotePaper),
    (r"kit/paper/([A-Z0-9]{6})/sheets/([0-9a-f]{32})", DecidePaper),
    (r"kit/paper/([A-Z0-9]{6})/pictures/([0-9a-f]{32})", SheetPicture),
]

"""What facilitators ask of paper: packets to print, sheets that were read, and the list to look through."""

from __future__ import annotations

import base64
import binascii

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from kit.errors import BadRequest, NotFound
from kit.session.acts import codes
from kit.session.acts.packets import ReservePackets, paper_forms, reserve_packets
from kit.session.acts.sheets import (
    Decision,
    Outcome,
    SheetReading,
    decide_sheet,
    is_closed,
    list_sheets,
    take_sheet,
)
from kit.session.acts.sight import NotedSheet, sight_on_paper
from kit.session.http import paper_wire as wire
from kit.session.http.guard import service_of
from kit.session.http.replies import Reply
from kit.session.run import files
from kit.session.run.writer import one_by_one

_reserve, _take, _decide, _note = (
    one_by_one(act) for act in (reserve_packets, take_sheet, decide_sheet, sight_on_paper)
)
_JPEG = b"\xff\xd8\xff"


async def packets(request: Request, code: str, body: wire.PacketsRequest) -> Reply[wire.PacketsReply]:
    """Reserve people for whom sheets are printed; they count as joined when a sheet of theirs is read."""
    asked = ReservePackets(codes.normalise_join_code(code), body.n, body.audience)
    reserved = await service_of(request).write(_reserve, asked)
    return Reply(wire.PacketsReply.model_validate(reserved), 201)


async def forms(request: Request, code: str) -> Reply[wire.FormsReply]:
    """What the sheets of a session ask; no keys."""
    told = await service_of(request).read(paper_forms, codes.normalise_join_code(code))
    return Reply(wire.FormsReply.model_validate(told))


async def sheets(request: Request, code: str, body: wire.SheetsRequest) -> Reply[wire.SheetsReply]:
    """Take what was read of sheets; answered only after a durable commit."""
    service, code = service_of(request), codes.normalise_join_code(code)
    pictures = [_picture(sheet.picture) for sheet in body.sheets]
    outcomes: list[Outcome] = []
    for sheet, picture in zip(body.sheets, pictures, strict=True):
        outcome = await service.write(_take, (code, _reading(sheet)))
        if outcome.keep_picture and picture:
            await run_in_threadpool(files.keep_picture, service.settings, code, outcome.sheet_id, picture)
        for sheet_id in outcome.settled:
            await run_in_threadpool(files.drop_picture, service.settings, code, sheet_id)
        outcomes.append(outcome)
    if not body.more:
        await _count_anew(request, code)
    return Reply(wire.SheetsReply(sheets=[_told(outcome) for outcome in outcomes]))


async def sightings(request: Request, code: str, body: wire.NotesRequest) -> Reply[wire.NotesReply]:
    """Take offers that were ticked on paper, each sheet once."""
    service, code = service_of(request), codes.normalise_join_code(code)
    replies = []
    for note in body.sightings:
        told = note.model_dump(exclude={"number", "signs", "when"}) | {"heard": note.when}
        reason = await service.write(_note, NotedSheet(code, note.number, told, tuple(note.signs)))
        kept = reason in ("", "note_again")
        replies.append(wire.NotedReply(status="read" if kept else "refused", reason=reason))
    if any(reply.status == "read" and not reply.reason for reply in replies):
        await _count_anew(request, code)
    return Reply(wire.NotesReply(sightings=replies))


async def listed(request: Request, code: str) -> Reply[list[wire.ListedSheet]]:
    """The sheets of a session, those that somebody has to look at first."""
    found = await service_of(request).read(list_sheets, codes.normalise_join_code(code))
    return Reply([wire.ListedSheet.model_validate(sheet) for sheet in found])


async def picture(request: Request, code: str, sheet_id: str) -> Response:
    """The picture of a sheet that waits for a decision."""
    asked = service_of(request).settings, codes.normalise_join_code(code), sheet_id
    found = await run_in_threadpool(files.find_picture, *asked)
    if found is None:
        raise NotFound("unknown_sheet")
    return Response(found, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


async def decide(
    request: Request, code: str, sheet_id: str, body: wire.DecisionRequest
) -> Reply[wire.SheetReply]:
    """Decide a sheet; its picture goes with the decision."""
    service, code = service_of(request), codes.normalise_join_code(code)
    answers = {item_id: tuple(choice) for item_id, choice in body.answers.items()}
    outcome = await service.write(_decide, Decision(code, sheet_id, answers, body.discard))
    await run_in_threadpool(files.drop_picture, service.settings, code, sheet_id)
    await _count_anew(request, code)
    return Reply(_told(outcome))


async def _count_anew(request: Request, code: str) -> None:
    """Let the room's results and a bundle that is written already take in what came on paper."""
    service = service_of(request)
    service.recount(code)
    await service.live.refresh(code)
    if await service.read(is_closed, code):
        await service.upkeep.write_bundle(code)


def _reading(sheet: wire.SheetRequest) -> SheetReading:
    return SheetReading(
        personal_code=sheet.personal_code,
        wave=sheet.wave,
        form=sheet.form,
        quiz=sheet.quiz,
        answers={item_id: tuple(choice) for item_id, choice in sheet.answers.items()},
        doubts=tuple(doubt.model_dump() for doubt in sheet.doubts),
        clear=sheet.clear,
        typed=sheet.typed,
        signs=tuple(sheet.signs),
    )


def _picture(encoded: str) -> bytes:
    try:
        picture = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise BadRequest("sheet_picture") from None
    if picture and not picture.startswith(_JPEG):
        raise BadRequest("sheet_picture")
    return picture


def _told(outcome: Outcome) -> wire.SheetReply:
    return wire.SheetReply(status=outcome.status, reason=outcome.reason, sheet_id=outcome.sheet_id)  # type: ignore[arg-type]

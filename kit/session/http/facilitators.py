"""What facilitators ask, from the deck and the command line."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import segno
from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from kit.addresses import keep_address, phone_address, phone_addresses
from kit.errors import BadRequest
from kit.quiz.model import Quiz
from kit.quiz.read import load_quizzes
from kit.session.acts import codes
from kit.session.acts import move as moving
from kit.session.acts.door import DoorRequest, SetAside, set_aside, set_door
from kit.session.acts.follow import list_sessions
from kit.session.acts.hands import Hands, record_hands
from kit.session.acts.once import Keyed, check_key, once
from kit.session.acts.open import OpenSession
from kit.session.acts.open import open_session as open_act
from kit.session.acts.unfinished import unfinished
from kit.session.http import control_wire as wire
from kit.session.http import requests
from kit.session.http.guard import service_of
from kit.session.http.replies import Reply
from kit.session.run.writer import one_by_one
from kit.study.stage import CLOSED

_open, _move, _close, _notes, _door, _set_aside, _hands = (
    one_by_one(act)
    for act in (
        once("open", open_act, lambda _asked, code: str(code)),
        once("move", moving.move, lambda asked, _result: str(asked[0])),
        once("close", moving.close, lambda asked, _result: str(asked)),
        moving.write_notes,
        set_door,
        set_aside,
        record_hands,
    )
)


async def open_session(request: Request, body: requests.OpenRequest) -> Reply[wire.LiveReply]:
    """Open a session."""
    service = service_of(request)
    quizzes = await run_in_threadpool(_chosen_quizzes, service.settings.quizzes, body.quizzes)
    site = {"name": body.site} if isinstance(body.site, str) else body.site.model_dump()
    opening = OpenSession(quizzes=quizzes, site=site, **body.model_dump(exclude={"quizzes", "site"}))
    code = await service.write_for_officer(_open, keyed(request, opening))
    # Before the first phone asks: its code hangs on the wall from now on.
    await service.live.refresh(code)
    service.on_open()
    return Reply(await describe_live(request, code), 201)


async def sessions(request: Request) -> Reply[list[wire.SessionSummary]]:
    """All sessions, newest first."""
    listed = await service_of(request).read_for_officer(list_sessions)
    return Reply([wire.SessionSummary.model_validate(_with_live(request, one)) for one in listed])


async def session(request: Request, code: str) -> Reply[wire.LiveReply]:
    """One session with its live numbers."""
    return Reply(await describe_live(request, code))


async def move(request: Request, code: str, body: requests.MoveRequest) -> Reply[wire.LiveReply]:
    """Move a session to a stage."""
    service, code = service_of(request), codes.normalise_join_code(code)
    await service.write_for_officer(_move, keyed(request, (code, body.stage)))
    await service.live.refresh(code)
    service.on_open()
    if body.stage == CLOSED:
        service.remotes.end(code)
        await service.upkeep.write_bundle(code)
    return Reply(await describe_live(request, code))


async def close(request: Request, code: str) -> Reply[wire.ClosedReply]:
    """Close a session from any stage and write its bundle; again writes the bundle anew."""
    service, code = service_of(request), codes.normalise_join_code(code)
    await service.write_for_officer(_close, keyed(request, code))
    service.remotes.end(code)
    await service.live.refresh(code)
    return Reply(wire.ClosedReply(bundle=await service.upkeep.write_bundle(code), code=code, stage=CLOSED))


async def notes(request: Request, code: str, body: requests.NotesRequest) -> Reply[wire.NotesReply]:
    """Keep the officer's notes."""
    code = codes.normalise_join_code(code)
    kept = await service_of(request).write_for_officer(_notes, (code, body.text))
    return Reply(wire.NotesReply(code=code, notes=kept))


async def door(request: Request, code: str, body: requests.DoorRequest) -> Reply[wire.LiveReply]:
    """Close or open the door for whoever is new, and say how many are expected."""
    code = codes.normalise_join_code(code)
    asked = DoorRequest(code, body.closed, body.expected)
    await service_of(request).write_for_officer(_door, asked)
    return Reply(await describe_live(request, code))


async def hands(
    request: Request, code: str, item_id: str, body: requests.HandsRequest
) -> Reply[wire.LiveReply]:
    """Keep the hands that were raised for a poll, as the officer counted them."""
    code = codes.normalise_join_code(code)
    await service_of(request).write_for_officer(_hands, Hands(code, item_id, body.counts))
    return Reply(await describe_live(request, code))


async def burst(
    request: Request, code: str, burst_id: int, body: requests.BurstRequest
) -> Reply[wire.LiveReply]:
    """Set the people of a burst aside, or take them back; a closed session's bundle is written anew."""
    service, code = service_of(request), codes.normalise_join_code(code)
    await service.write_for_officer(_set_aside, SetAside(code, burst_id, body.set_aside))
    service.recount(code)
    described = await describe_live(request, code)
    if described.stage == CLOSED:
        await service.upkeep.write_bundle(code)
    return Reply(described)


async def qr(request: Request, code: str) -> Response:
    """The join address as a QR code."""
    described = await describe_live(request, code)
    picture = io.BytesIO()
    segno.make(described.join_url, error="m").save(
        picture, kind="svg", border=2, xmldecl=False, svgclass=None, lineclass=None, omitsize=True
    )
    return Response(picture.getvalue(), media_type="image/svg+xml")


async def delete(request: Request, code: str) -> Reply[wire.Receipt]:
    """Remove a session's rows, bundle and the store's backups; answers a receipt."""
    code = codes.normalise_join_code(code)
    return Reply(wire.Receipt(code=code, **await service_of(request).upkeep.delete(code)))


async def deletions(request: Request) -> Reply[list[wire.UnfinishedDeletion]]:
    """Deletions that wait for a file which somebody holds, or for a quiet moment."""
    service = service_of(request)
    noted = await service.read_for_officer(unfinished)
    # Notes first: one that ends meanwhile is then found among those that are nearly done.
    known = {begun.deletion_id for begun in noted}
    found = noted + [one for one in service.upkeep.nearly_deleted() if one.deletion_id not in known]
    return Reply([wire.UnfinishedDeletion.of(begun) for begun in found])


def keyed(request: Request, asked: Any) -> Keyed:
    """What is asked, with the key by which a request that arrives twice is one act."""
    return Keyed(check_key(request.headers.get("idempotency-key", "")), asked)


async def describe_live(request: Request, code: str) -> wire.LiveReply:
    """A session with its live numbers. Raises NotFound."""
    service = service_of(request)
    described = await service.describe(codes.normalise_join_code(code))
    report = None
    if described["stage"] == CLOSED:
        state = service.upkeep.report_state
        report = await run_in_threadpool(state, described["code"], described["closed_at"])
    room = described["results"]
    told = None
    if room is not None and not room["suppressed"]:
        told = service.told_results(described["code"])
    more = {"report": report, "told": told}
    return wire.LiveReply.model_validate(_with_live(request, described) | more)


def _with_live(request: Request, described: Mapping[str, Any]) -> dict[str, Any]:
    service = service_of(request)
    server = request.scope.get("server") or ("127.0.0.1", 80)
    return {
        **described,
        "connected": service.live.connected(described["code"]),
        "alarm": service.writer.alarm,
        "guessed": service.personal_guesses.are_made(described["code"]),
        "join_url": join_url(server[0], server[1], described["code"], service.settings.private),
    }


def join_url(host: str, port: int, code: str, private: Path) -> str:
    """The address that phones open: the laptop's present one, for Wi-Fi changes while a session runs."""
    if host.startswith("127.") or host in ("::1", "0.0.0.0"):
        host = phone_address(private)
    return f"http://{host}{'' if port == 80 else f':{port}'}/{code}"


async def addresses(request: Request) -> Reply[list[wire.AddressReply]]:
    """Every address under which phones may reach this machine, the one they are sent to first."""
    return Reply(await run_in_threadpool(_addresses, service_of(request).settings.private))


async def choose_address(request: Request, body: requests.AddressRequest) -> Reply[list[wire.AddressReply]]:
    """Send phones to an address from now on; QR code and join address follow."""
    private = service_of(request).settings.private
    known = await run_in_threadpool(_addresses, private)
    usable = [one.address for one in known if one.kind != "loopback"] or [known[0].address]
    if body.address not in usable:
        raise BadRequest("address_unknown", known=", ".join(usable))
    await run_in_threadpool(keep_address, private, body.address)
    return Reply(await run_in_threadpool(_addresses, private))


def _addresses(private: Path) -> list[wire.AddressReply]:
    return [wire.AddressReply.of(one) for one in phone_addresses(private)]


def _chosen_quizzes(folder: Path, quiz_ids: list[str]) -> list[Quiz]:
    known = load_quizzes(folder)
    for quiz_id in quiz_ids:
        if quiz_id not in known:
            raise BadRequest("quiz_unknown", quiz_id=quiz_id, known=", ".join(known))
    return [known[quiz_id] for quiz_id in dict.fromkeys(quiz_ids)]

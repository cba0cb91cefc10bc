"""The officer's remote: a phone that turns the deck, starts and stops waves, and reads what people ask."""

from __future__ import annotations

import io
from typing import Annotated, Any

import segno
from fastapi import Query, Request
from starlette.responses import Response

from kit.errors import Forbidden, NotFound
from kit.session.acts import codes
from kit.session.http import control_wire, facilitators, requests, voices
from kit.session.http import remote_wire as wire
from kit.session.http.assets import Assets
from kit.session.http.guard import address_of, remote_of, service_of
from kit.session.http.replies import Reply
from kit.study.stage import CLOSED
from kit.study.wave import FOLLOWUP

_NEVER = (CLOSED, FOLLOWUP)
"""Where no remote leads: a session is ended where its notes are written."""

WAIT_SECONDS = 5.0
_Wait = Annotated[float, Query(ge=0, le=WAIT_SECONDS)]
_After = Annotated[int, Query(ge=-1, le=10**9)]


# Asked by the laptop


async def offer(request: Request, code: str) -> Reply[wire.OfferReply]:
    """Make a QR code for the officer's phone."""
    described = await facilitators.describe_live(request, code)
    remote = service_of(request).remotes.offer(described.code)
    address = f"{described.join_url.rpartition('/')[0]}/remote/{remote.key}"
    picture = io.BytesIO()
    segno.make(address, error="m").save(picture, kind="svg", border=2, xmldecl=False, omitsize=True)
    _, seconds = service_of(request).remotes.seconds_left(described.code)
    return Reply(wire.OfferReply(address=address, qr=picture.getvalue().decode(), seconds=seconds), 201)


async def offered(request: Request, code: str) -> Reply[wire.RemoteState]:
    """Whether a phone is the remote."""
    described = await facilitators.describe_live(request, code)
    state, seconds = service_of(request).remotes.seconds_left(described.code)
    return Reply(wire.RemoteState.model_validate({"state": state, "seconds": seconds}))


async def end(request: Request, code: str) -> Reply[wire.RemoteState]:
    """Forget the remote; its token is void at once."""
    described = await facilitators.describe_live(request, code)
    service_of(request).remotes.end(described.code)
    return Reply(wire.RemoteState(state="none", seconds=0))


async def turns(request: Request, code: str, after: _After = -1, wait: _Wait = 0.0) -> Reply[wire.TurnsReply]:
    """What the deck is to follow; waits for it."""
    code = codes.normalise_join_code(code)
    service = service_of(request)
    await service.live.board(code)
    n, made = await service.remotes.turns(code, after, wait)
    told = service.remotes.lectern(code).slide is not None
    listed = [{"n": one.n, "step": one.step, "runs": one.runs} for one in made]
    return Reply(wire.TurnsReply.model_validate({"n": n, "turns": listed, "told": told}))


async def tell_slide(request: Request, code: str, body: wire.SlideTold) -> Reply[wire.DoneReply]:
    """Note which slide is on the projector."""
    code = codes.normalise_join_code(code)
    await service_of(request).live.board(code)
    service_of(request).remotes.lectern(code).slide = body.model_dump()
    return Reply(wire.DoneReply(done=True))


# Asked by the phone


async def page(request: Request, key: str) -> Response:
    """The page of the remote, for who brings a key that is good; for anybody else, that it is over."""
    service, address = service_of(request), address_of(request)
    assets: Assets = request.app.state.assets
    if service.remotes.knows_key(key):
        return assets.remote(request)
    service.guesses.check(address)
    service.guesses.wrong(address)
    return assets.remote(request, over=True)


async def pair(request: Request, body: wire.PairRequest) -> Reply[wire.RemoteReply]:
    """Be the remote that a key is for."""
    service, address = service_of(request), address_of(request)
    try:
        remote = service.remotes.pair(body.key, body.token)
    except NotFound:
        service.guesses.check(address)
        service.guesses.wrong(address)
        raise
    return Reply(await _shown(request, remote.code), 201)


async def look(request: Request) -> Reply[wire.RemoteReply]:
    """What runs, and what the projector shows."""
    return Reply(await _shown(request, remote_of(request).code))


async def turn(request: Request, body: wire.TurnRequest) -> Reply[wire.DoneReply]:
    """Turn the deck."""
    service_of(request).remotes.turn(remote_of(request).code, step=body.step)
    return Reply(wire.DoneReply(done=True))


async def move(request: Request, body: requests.MoveRequest) -> Reply[wire.RemoteReply]:
    """Move the session to a stage; the deck turns to its slide."""
    code = remote_of(request).code
    if body.stage in _NEVER:
        raise Forbidden("remote_ends_nothing")
    await facilitators.move(request, code, body)
    service_of(request).remotes.turn(code, runs=body.stage)
    return Reply(await _shown(request, code))


async def questions(request: Request) -> Reply[control_wire.QuestionsReply]:
    """What people ask."""
    return await voices.questions(request, remote_of(request).code)


async def open_questions(
    request: Request, body: requests.OpenQuestionsRequest
) -> Reply[control_wire.QuestionsReply]:
    """Open or close the questions."""
    return await voices.open_questions(request, remote_of(request).code, body)


async def judge(
    request: Request, question_id: str, body: requests.JudgeRequest
) -> Reply[control_wire.QuestionsReply]:
    """Put a question on the screen, mark it as answered, or hide it."""
    return await voices.judge(request, remote_of(request).code, question_id, body)


async def leave(request: Request) -> Reply[wire.DoneReply]:
    """Be the remote no longer."""
    service_of(request).remotes.end(remote_of(request).code)
    return Reply(wire.DoneReply(done=True))


async def _shown(request: Request, code: str) -> wire.RemoteReply:
    described = await facilitators.describe_live(request, code)
    remotes = service_of(request).remotes
    same = ("code", "stage", "version", "rehearsal", "joined", "connected", "by_audience", "finished")
    told: dict[str, Any] = described.model_dump(include={*same, "answered", "questions"})
    return wire.RemoteReply.model_validate(
        told
        | {
            "moves": [one for one in described.moves if one not in _NEVER],
            "practised": described.practice.finished,
            "slide": remotes.lectern(code).slide,
            "deck": remotes.has_deck(code),
            "seconds": remotes.seconds_left(code)[1],
        }
    )

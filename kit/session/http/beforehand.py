"""Before a session: the office's own words, and the phone that is tried out first."""

from __future__ import annotations

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from kit.office import Office, keep_office, read_office
from kit.session.http import control_wire as wire
from kit.session.http import requests
from kit.session.http.guard import service_of
from kit.session.http.participants import page_beside
from kit.session.http.replies import Reply
from kit.session.http.wire import ReachedReply


async def trial_page(request: Request) -> Response:
    """The page that a phone opens to be tried out."""
    return page_beside(request, "coba")


async def reached(request: Request, body: requests.ReachedRequest) -> Reply[ReachedReply]:
    """Note that a phone has come this far, and what its clock says; nothing of whose it is."""
    service_of(request).trial.reached(body.clock)
    return Reply(ReachedReply(reached=True))


async def trial(request: Request) -> Reply[wire.TrialReply]:
    """Which phones have reached the service since the trial began."""
    return Reply(wire.TrialReply.model_validate(service_of(request).trial.told()))


async def begin_trial(request: Request) -> Reply[wire.TrialReply]:
    """Begin anew: forget the phones that came before."""
    service_of(request).trial.begin()
    return await trial(request)


async def office(request: Request) -> Reply[wire.OfficeReply]:
    """What the office has filled in."""
    kept = await run_in_threadpool(read_office, service_of(request).settings)
    return Reply(wire.OfficeReply.of(kept))


async def fill_office(request: Request, body: requests.OfficeRequest) -> Reply[wire.OfficeReply]:
    """Keep what the office fills in; phones show its contact at once."""
    service = service_of(request)
    kept = await run_in_threadpool(keep_office, service.settings, Office(**body.model_dump()))
    shown = await run_in_threadpool(read_office, service.settings)
    await service.live.tell_contact(shown.contact)
    return Reply(wire.OfficeReply.of(kept))

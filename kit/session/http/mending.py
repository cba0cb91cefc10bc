"""Correcting a session after it was opened, and the places that meetings are held at."""

from __future__ import annotations

from fastapi import Request

from kit.session.acts import codes
from kit.session.acts import mend as acts
from kit.session.acts.once import once
from kit.session.http import control_wire as wire
from kit.session.http import requests
from kit.session.http.facilitators import describe_live, keyed
from kit.session.http.guard import service_of
from kit.session.http.replies import Reply
from kit.session.run.writer import one_by_one
from kit.study.stage import CLOSED

_mend = one_by_one(once("mend", acts.mend_session, lambda asked, _result: asked.code))
_merge = one_by_one(acts.merge_sites)


async def mend(request: Request, code: str, body: requests.MendRequest) -> Reply[wire.LiveReply]:
    """Correct place, day, event or notes of a session; a closed session's bundle is written anew."""
    code = codes.normalise_join_code(code)
    site = None if body.site is None else body.site.model_dump()
    asked = acts.MendRequest(code, body.event, site, body.held_on, body.notes)
    await service_of(request).write_for_officer(_mend, keyed(request, asked))
    await _write_anew(request, code)
    return Reply(await describe_live(request, code))


async def sites(request: Request) -> Reply[list[wire.KnownSiteReply]]:
    """Every place that had a real session, with the places that look like it."""
    listed = await service_of(request).read_for_officer(acts.list_sites)
    return Reply([wire.KnownSiteReply.model_validate(one) for one in listed])


async def merge(request: Request, site_id: str, body: requests.MergeRequest) -> Reply[wire.MergedReply]:
    """Bring the sessions of a place to another that it really is; their bundles follow."""
    asked = acts.MergeRequest(site_id, body.into)
    moved: list[str] = await service_of(request).write_for_officer(_merge, asked)
    for code in moved:
        await _write_anew(request, code)
    return Reply(wire.MergedReply(site_id=body.into, moved=moved))


async def _write_anew(request: Request, code: str) -> None:
    service = service_of(request)
    await service.live.refresh(code)
    session = await describe_live(request, code)
    if session.purged_at:
        await service.upkeep.move_place(code)
    elif session.stage == CLOSED:
        await service.upkeep.write_bundle(code)

"""What participants and their pages ask."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from functools import partial

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from kit.errors import KitError, NotFound, Unavailable
from kit.session.acts import codes
from kit.session.acts.answer import Answer, open_waves, record_responses, submit_all
from kit.session.acts.attend import Join, join_all
from kit.session.acts.attend import resume as resume_act
from kit.session.acts.attend import stay as stay_act
from kit.session.acts.feedback import feedback_all
from kit.session.acts.practice_alone import practice_offers
from kit.session.http import requests, wire
from kit.session.http.assets import Assets, quiz_image
from kit.session.http.guard import address_of, asker, bearer, known_code, service_of
from kit.session.http.replies import PackedReply, Reply, WrittenReply
from kit.session.http.stream import state_events
from kit.session.run.service import Service
from kit.session.run.writer import one_by_one
from kit.session.store.sessions import short_codes_are_known
from kit.study.wave import UNSCORED_WAVES, WAVES

_resume, _stay = one_by_one(resume_act), one_by_one(stay_act)


async def page(request: Request, code: str = "") -> Response:
    """The participant page."""
    # A dot, quote, blank or slash around a code comes with it from messages and posters.
    if len(codes.normalise_join_code(code)) != codes.CODE_LENGTH and not _is_word(code):
        raise NotFound("unknown_page")
    state = b""
    with contextlib.suppress(KitError):
        # A wrong code counts as a guess here too; the page then finds out by itself and says so.
        state = (await service_of(request).live.board(await known_code(request, code))).state
    return _assets(request).index(request, state)


async def front(request: Request) -> Response:
    """The participant page without a code."""
    return _assets(request).index(request)


async def practise(request: Request) -> Response:
    """The page for practising alone."""
    return _assets(request).alone(request, "latihan")


def page_beside(request: Request, name: str) -> Response:
    """A page beside a session, by the word in its address."""
    return _assets(request).alone(request, name)


async def register(request: Request) -> Response:
    """The model of the official register."""
    return _assets(request).alone(request, "daftar")


async def practice(request: Request) -> PackedReply[wire.PracticeReply]:
    """Offers to practise with, keys included: those that nobody is or will be scored by."""
    service = service_of(request)
    offers = await service.read(practice_offers, service.settings.quizzes)
    return PackedReply(request, wire.PracticeReply.model_validate({"offers": offers}))


async def static(request: Request, path: str) -> Response:
    """A file of the participant page."""
    return _assets(request).file(request, path)


async def image(request: Request, name: str) -> Response:
    """A picture of a quiz."""
    return await run_in_threadpool(quiz_image, service_of(request).settings.quizzes, name)


async def health(request: Request) -> Reply[wire.HealthReply]:
    """Whether the service answers, and whether the store takes responses."""
    writer = service_of(request).writer
    if not writer.is_alive:
        raise Unavailable("writer_dead")
    alarm = writer.alarm
    return Reply(wire.HealthReply(status="ok" if alarm is None else "alarm", alarm=alarm))


async def state(request: Request, code: str) -> WrittenReply[wire.StateReply]:
    """The public state, with an ETag for pages that poll."""
    board = await service_of(request).live.board(await known_code(request, code))
    headers = {"ETag": board.etag, "Cache-Control": "no-cache"}
    is_known = request.headers.get("if-none-match") == board.etag
    return WrittenReply(None if is_known else board.state, headers)


async def stream(request: Request, code: str) -> Response:
    """The public state as server-sent events."""
    live = service_of(request).live
    board = await live.board(await known_code(request, code))
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(state_events(live, board), media_type="text/event-stream", headers=headers)


async def join(request: Request, code: str, body: requests.JoinRequest) -> Reply[wire.JoinedReply]:
    """Admit a person."""
    code = await known_code(request, code)
    service, address = service_of(request), address_of(request)
    service.arrivals.check(code, address)
    earlier = codes.normalise_personal_code(body.earlier_code) if body.earlier_code else ""
    if earlier:
        if not await _could_exist(service, code, earlier, before=True):
            raise NotFound("unknown_earlier_code")
        service.personal_guesses.check(address, code, earlier)
    asked = Join(
        code,
        body.audience,
        body.consent,
        body.language,
        body.request_id,
        body.consent_text,
        earlier,
        body.people,
    )
    joined = await service.write(join_all, asked)
    await service.note_arrival(code, address, joined.participant_id)
    if joined.returning == "lost":
        service.personal_guesses.wrong(address, code, earlier)
    return Reply(wire.JoinedReply.of(joined), 201)


async def resume(request: Request, code: str, body: requests.ResumeRequest) -> Reply[wire.JoinedReply]:
    """Give a person who was here before a new token."""
    code = await known_code(request, code)
    service, address = service_of(request), address_of(request)
    personal_code = codes.normalise_personal_code(body.personal_code)
    if service.personal_guesses.was_wrong(code, personal_code) or not await _could_exist(
        service, code, personal_code
    ):
        raise NotFound("unknown_personal_code")
    service.personal_guesses.check(address, code, personal_code)
    try:
        joined = await service.write(_resume, (code, personal_code))
    except NotFound:
        service.personal_guesses.wrong(address, code, personal_code)
        raise
    service.personal_guesses.right(address, personal_code)
    return Reply(wire.JoinedReply.of(joined))


async def stay(request: Request, code: str) -> Reply[wire.StayedReply]:
    """Let the phone go on whose code was used on another one meanwhile; that one is told in its turn."""
    asked = (codes.normalise_join_code(code), bearer(request) or "")
    return Reply(wire.StayedReply(participant_id=await service_of(request).write(_stay, asked)))


async def wave(
    request: Request, code: str, wave: str, language: wire.LanguageTag | None = None
) -> PackedReply[wire.WaveReply]:
    """What this participant answers now, in the language of joining or the one asked for."""
    who = asker(request)
    who = replace(who, language=language or who.language)
    opened = await service_of(request).ask(open_waves, (who, _known_wave(wave)))
    return PackedReply(request, wire.WaveReply.model_validate(opened))


async def respond(
    request: Request,
    code: str,
    wave: str,
    item_id: str,
    body: requests.ResponseRequest,
    language: wire.LanguageTag | None = None,
) -> Reply[wire.ResponseReply]:
    """Record a response; answered only after a durable commit. Practice then tells what was right."""
    who = asker(request)
    who = replace(who, language=language or who.language)
    answer = Answer(who, _known_wave(wave), item_id, tuple(body.choice), body.seq)
    recorded = await service_of(request).write(record_responses, answer)
    reply = {"item_id": item_id, "seq": recorded.seq}
    if recorded.shown is not None:
        reply["shown"] = recorded.shown
    return Reply(wire.ResponseReply.model_validate(reply))


async def submit(request: Request, code: str, wave: str) -> Reply[wire.SubmitReply]:
    """Note that this participant is done with a wave."""
    await service_of(request).write(submit_all, (asker(request), _known_wave(wave)))
    return Reply(wire.SubmitReply(wave=wave, submitted=True))


async def feedback(
    request: Request, code: str, language: wire.LanguageTag | None = None
) -> PackedReply[wire.FeedbackReply]:
    """This participant's own responses with key and rationale, once the keys are out."""
    who = asker(request)
    who = replace(who, language=language or who.language)
    told = await service_of(request).ask(feedback_all, who)
    return PackedReply(request, wire.FeedbackReply.model_validate(told))


async def forget(request: Request, code: str) -> Reply[wire.ForgottenReply]:
    """Delete this participant with every answer; what was counted before stays, without them."""
    await service_of(request).upkeep.delete_person(asker(request))
    return Reply(wire.ForgottenReply(deleted=True))


async def _could_exist(service: Service, code: str, personal_code: str, *, before: bool = False) -> bool:
    """Whether a session, or one at its site `before`, can have given a code: else it is no guess.

    Any four digits make a short code, so these count only where an earlier kit has given some.
    """
    if not codes.is_possible(personal_code):
        return False
    if not codes.is_short(personal_code):
        return True
    return bool(await service.read(partial(short_codes_are_known, before=before), code))


def _is_word(text: str) -> bool:
    return text.replace("-", "").isalnum() and len(text) <= 12


def _assets(request: Request) -> Assets:
    assets: Assets = request.app.state.assets
    return assets


def _known_wave(wave: str) -> str:
    if wave not in (*WAVES, *UNSCORED_WAVES):
        raise NotFound("unknown_wave", wave=wave[:40])
    return wave

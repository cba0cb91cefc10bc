"""The service: thin HTTP over the rules. The route table is at the end."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import hmac
import io
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import segno
from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response, StreamingResponse

import kit
from kit.config import Settings, ensure_control_token
from kit.errors import BadRequest, Forbidden, KitError, NotAllowed, NotFound
from kit.quiz.model import Quiz
from kit.quiz.parse import load_quizzes
from kit.session import codes, control, messages, reader, requests, rules
from kit.session.assets import Assets, quiz_image
from kit.session.guard import Guard, Guesses
from kit.session.live import Live
from kit.session.openapi import describe_api
from kit.session.problem import speak_problems
from kit.session.reader import Reader
from kit.session.store import Store
from kit.session.upkeep import Upkeep
from kit.session.writer import Writer, one_by_one

KNOWN_TOKENS: Final = 20_000
_open, _move, _close, _join, _resume, _submit, _notes = (
    one_by_one(rule)
    for rule in (
        rules.open_session,
        rules.move,
        rules.close,
        rules.join,
        rules.resume,
        rules.submit,
        rules.write_notes,
    )
)


class Service:
    """Everything one running service holds; the routes are its methods."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.control_token = ensure_control_token(settings)
        self.store = Store(settings.store, backups=settings.backups)
        self.writer = Writer(self.store)
        self.reader = Reader(self.store)
        self.live = Live(self.store, settings.office_contact)
        self.assets = Assets()
        self.guesses = Guesses()
        # A personal code is one of a million, and a hall has a thousand of them: fewer guesses.
        self.personal_guesses = Guesses(address=(60.0, 0.2), everybody=(300.0, 2.0))
        self._identities: OrderedDict[tuple[str, str], requests.Identity] = OrderedDict()
        self._results: dict[tuple[str, int], dict[str, Any] | None] = {}
        self.upkeep = Upkeep(settings, self.store, self.writer, self._forget)

    def shut(self) -> None:
        """Commit what is queued and give everything back."""
        self.writer.close()
        self.store.close()

    async def write(self, rule: Callable[..., Sequence[Any]], request: object) -> Any:
        """Run a rule in the writer; answers only after the commit."""
        return await asyncio.wrap_future(self.writer.submit(rule, request))

    async def read(self, reading: Callable[..., Any], *arguments: object) -> Any:
        """Run a reading beside the writer."""
        return await run_in_threadpool(self._read, reading, *arguments)

    def _read(self, reading: Callable[..., Any], *arguments: object) -> Any:
        with self.store.reading() as tx:
            return reading(tx, *arguments)

    # Who asks

    async def known_code(self, request: Request, code: str) -> str:
        """The normalised code of an existing session; wrong ones are counted and slowed down."""
        address = request.client.host if request.client else ""
        code = codes.normalise_join_code(code)
        self.guesses.check(address, code)
        try:
            await self.live.board(code)
        except NotFound:
            self.guesses.wrong(address)
            raise
        self.guesses.right(address, code)
        return code

    async def participant(self, request: Request, code: str) -> requests.Identity:
        """The participant who asks. Raises NotAllowed."""
        token = _bearer(request)
        if token is None:
            await self.known_code(request, code)
            raise NotAllowed("token_needed")
        key = (codes.normalise_join_code(code), codes.hash_token(token))
        who = self._identities.get(key)
        if who is None:
            who = await self.reader.ask(reader.identify, (key[0], token))
            self._identities[key] = who
            if len(self._identities) > KNOWN_TOKENS:
                self._identities.popitem(last=False)
        return who

    def facilitator(self, request: Request) -> None:
        """Admit only the holder of the control token, and no page of another site."""
        origin = request.headers.get("origin")
        if origin is not None and origin.partition("://")[2] != request.headers.get("host"):
            raise Forbidden("foreign_origin")
        if not hmac.compare_digest((_bearer(request) or "").encode(), self.control_token.encode()):
            raise NotAllowed("control_token_needed")

    # Participants

    async def page(self, request: Request, code: str = "") -> Response:
        """The participant page."""
        if not code.replace("-", "").isalnum() or len(code) > 12:
            raise NotFound("unknown_page")
        state = b""
        with contextlib.suppress(KitError):
            # A wrong code counts as a guess here too; the page then finds out by itself and says so.
            state = (await self.live.board(await self.known_code(request, code))).state
        return self.assets.index(request, state)

    async def front(self, request: Request) -> Response:
        """The participant page without a code."""
        return self.assets.index(request)

    async def static(self, request: Request, path: str) -> Response:
        """A file of the participant page."""
        return self.assets.file(request, path)

    async def image(self, name: str) -> Response:
        """A picture of a quiz."""
        return await run_in_threadpool(quiz_image, self.settings.quizzes, name)

    async def health(self) -> Response:
        """Whether the service answers, and whether the store takes responses."""
        return _json({"status": "ok" if self.writer.alarm is None else "alarm", "alarm": self.writer.alarm})

    async def state(self, request: Request, code: str) -> Response:
        """The public state, with an ETag for pages that poll."""
        board = await self.live.board(await self.known_code(request, code))
        headers = {"ETag": board.etag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == board.etag:
            return Response(status_code=304, headers=headers)
        return Response(board.state, media_type="application/json", headers=headers)

    async def stream(self, request: Request, code: str) -> Response:
        """The public state as server-sent events."""
        board = await self.live.board(await self.known_code(request, code))
        headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
        return StreamingResponse(self.live.stream(board), media_type="text/event-stream", headers=headers)

    async def join(self, request: Request, code: str, body: messages.JoinRequest) -> Response:
        """Admit a person."""
        code = await self.known_code(request, code)
        asked = requests.Join(code, body.audience, body.consent, body.language, body.request_id)
        joined = await self.write(_join, asked)
        return _json(_joined(joined), 201)

    async def resume(self, request: Request, code: str, body: messages.ResumeRequest) -> Response:
        """Give a person who was here before a new token."""
        code = await self.known_code(request, code)
        address = request.client.host if request.client else ""
        self.personal_guesses.check(address)
        try:
            joined = await self.write(_resume, (code, body.personal_code))
        except NotFound:
            self.personal_guesses.wrong(address)
            raise
        return _json(_joined(joined))

    async def wave(
        self, request: Request, code: str, wave: str, language: messages.LanguageTag | None = None
    ) -> Response:
        """What this participant answers now, in the language of joining or the one asked for."""
        who = await self.participant(request, code)
        who = replace(who, language=language or who.language)
        return _packed(request, await self.reader.ask(reader.open_wave, (who, _wave(wave))))

    async def respond(
        self, request: Request, code: str, wave: str, item_id: str, body: messages.ResponseRequest
    ) -> Response:
        """Record a response; answered only after a durable commit."""
        who = await self.participant(request, code)
        answer = requests.Answer(who, _wave(wave), item_id, tuple(body.choice), body.seq)
        seq = await self.write(rules.record_responses, answer)
        return _json({"item_id": item_id, "seq": seq})

    async def submit(self, request: Request, code: str, wave: str) -> Response:
        """Note that this participant is done with a wave."""
        who = await self.participant(request, code)
        await self.write(_submit, (who, _wave(wave)))
        return _json({"wave": wave, "submitted": True})

    async def feedback(
        self, request: Request, code: str, language: messages.LanguageTag | None = None
    ) -> Response:
        """This participant's own responses with key and rationale, once the keys are out."""
        who = await self.participant(request, code)
        who = replace(who, language=language or who.language)
        return _packed(request, await self.reader.ask(reader.feedback, who))

    # Facilitators

    async def open_session(self, request: Request, body: messages.OpenRequest) -> Response:
        """Open a session."""
        self.facilitator(request)
        quizzes = await run_in_threadpool(_chosen_quizzes, self.settings.quizzes, body.quizzes)
        site = {"name": body.site} if isinstance(body.site, str) else body.site.model_dump()
        opening = requests.OpenSession(
            quizzes=quizzes, site=site, **body.model_dump(exclude={"quizzes", "site"})
        )
        code = await self.write(_open, opening)
        return _json(await self._described(request, code), 201)

    async def sessions(self, request: Request) -> Response:
        """All sessions, newest first."""
        self.facilitator(request)
        rows = await self.read(control.list_sessions)
        return _json([self._with_live(request, row) for row in rows])

    async def session(self, request: Request, code: str) -> Response:
        """One session with its live numbers."""
        self.facilitator(request)
        return _json(await self._described(request, code))

    async def move(self, request: Request, code: str, body: messages.MoveRequest) -> Response:
        """Move a session to a stage."""
        self.facilitator(request)
        code = codes.normalise_join_code(code)
        await self.write(_move, (code, body.stage))
        await self.live.refresh(code)
        if body.stage == "closed":
            await self.upkeep.write_bundle(code)
        return _json(await self._described(request, code))

    async def close(self, request: Request, code: str) -> Response:
        """Close a session from any stage and write its bundle; again writes the bundle anew."""
        self.facilitator(request)
        code = codes.normalise_join_code(code)
        await self.write(_close, code)
        await self.live.refresh(code)
        return _json({"bundle": await self.upkeep.write_bundle(code), "code": code, "stage": "closed"})

    async def notes(self, request: Request, code: str, body: messages.NotesRequest) -> Response:
        """Keep the officer's notes."""
        self.facilitator(request)
        code = codes.normalise_join_code(code)
        return _json({"code": code, "notes": await self.write(_notes, (code, body.text))})

    async def qr(self, request: Request, code: str) -> Response:
        """The join address as a QR code."""
        self.facilitator(request)
        described = await self._described(request, code)
        picture = io.BytesIO()
        segno.make(described["join_url"], error="m").save(
            picture, kind="svg", border=2, xmldecl=False, svgclass=None, lineclass=None, omitsize=True
        )
        return Response(picture.getvalue(), media_type="image/svg+xml")

    async def delete(self, request: Request, code: str) -> Response:
        """Remove a session's rows, bundle and the store's backups; answers a receipt."""
        self.facilitator(request)
        code = codes.normalise_join_code(code)
        described = await self._described(request, code)
        receipt = {"code": code, "site": described["site"]["name"], "held_on": described["held_on"]}
        return _json(receipt | await self.upkeep.delete(code))

    def _forget(self, code: str) -> None:
        self.live.forget(code)
        self._identities = OrderedDict((key, who) for key, who in self._identities.items() if key[0] != code)
        self._results = {key: result for key, result in self._results.items() if key[0] != code}

    async def _described(self, request: Request, code: str) -> dict[str, Any]:
        code = codes.normalise_join_code(code)
        described = await self.read(control.describe_session, code, self._results)
        return self._with_live(request, described)

    def _with_live(self, request: Request, described: dict[str, Any]) -> dict[str, Any]:
        server = request.scope.get("server") or ("127.0.0.1", 80)
        return {
            **described,
            "connected": self.live.connected(described["code"]),
            "alarm": self.writer.alarm,
            "join_url": control.join_url(server[0], server[1], described["code"]),
        }


# Small pieces


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _json(content: object, status: int = 200) -> Response:
    return JSONResponse(content, status_code=status, headers={"Cache-Control": "no-store"})


def _packed(request: Request, content: object) -> Response:
    """JSON with a quiz in it, compressed when the browser takes that: a third of the bytes on the air."""
    response = _json(content)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return response
    headers = {"Cache-Control": "no-store", "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(gzip.compress(bytes(response.body), 5), media_type="application/json", headers=headers)


def _joined(joined: requests.Joined) -> dict[str, str]:
    return {
        "participant_id": joined.participant_id,
        "token": joined.token,
        "personal_code": joined.personal_code,
    }


def _wave(wave: str) -> str:
    if wave not in (*rules.WAVES, "poll"):
        raise NotFound("unknown_wave", wave=wave[:40])
    return wave


def _chosen_quizzes(folder: Path, quiz_ids: list[str]) -> list[Quiz]:
    known = load_quizzes(folder)
    for quiz_id in quiz_ids:
        if quiz_id not in known:
            raise BadRequest("quiz_unknown", quiz_id=quiz_id, known=", ".join(known))
    return [known[quiz_id] for quiz_id in dict.fromkeys(quiz_ids)]


def create_app(settings: Settings) -> FastAPI:
    """Build the ASGI application over a store. Raises Unavailable when the store cannot be opened."""
    service = Service(settings)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        upkeep = service.upkeep
        tasks = [asyncio.create_task(work) for work in (upkeep.keep_retention(), upkeep.collect_garbage())]
        if not service.store.is_sqlite:
            tasks.append(asyncio.create_task(service.live.watch()))
        yield
        service.live.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await run_in_threadpool(service.shut)

    app = FastAPI(
        title="desa-binaan-kit",
        version=kit.__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        # A redirection would repeat whatever host name the request carried.
        redirect_slashes=False,
        lifespan=lifespan,
        responses={"default": {"model": messages.Problem, "description": "Problem (RFC 9457)"}},
    )
    app.state.service = service
    for method, path, endpoint, options in routes(service):
        app.add_api_route(path, endpoint, methods=[method], **options)
    speak_problems(app)
    describe_api(app)
    app.add_middleware(Guard)
    return app


PUBLIC, PARTICIPANT, FACILITATOR = "public", "participant", "facilitator"


def routes(s: Service) -> list[tuple[str, str, Callable[..., Any], dict[str, Any]]]:
    """Every route: method, path, endpoint, and who may ask (as its OpenAPI tag)."""
    one, waves = "/api/sessions/{code}", "/api/sessions/{code}/waves/{wave}"
    held = "/api/control/sessions/{code}"
    table: list[tuple[str, str, Callable[..., Any], str, Any, int]] = [
        # First what a thousand phones ask at once: routes are tried in this order.
        ("PUT", f"{waves}/responses/{{item_id}}", s.respond, PARTICIPANT, messages.ResponseReply, 200),
        ("GET", "/", s.front, PUBLIC, None, 200),
        ("GET", "/static/{path:path}", s.static, PUBLIC, None, 200),
        ("GET", "/images/{name}", s.image, PUBLIC, None, 200),
        ("GET", "/api/health", s.health, PUBLIC, messages.HealthReply, 200),
        ("GET", one, s.state, PUBLIC, messages.StateReply, 200),
        ("GET", f"{one}/stream", s.stream, PUBLIC, None, 200),
        ("POST", f"{one}/participants", s.join, PUBLIC, messages.JoinedReply, 201),
        ("POST", f"{one}/participants/resume", s.resume, PUBLIC, messages.JoinedReply, 200),
        ("GET", waves, s.wave, PARTICIPANT, messages.WaveReply, 200),
        ("POST", f"{waves}/submit", s.submit, PARTICIPANT, messages.SubmitReply, 200),
        ("GET", f"{one}/feedback", s.feedback, PARTICIPANT, messages.FeedbackReply, 200),
        ("POST", "/api/control/sessions", s.open_session, FACILITATOR, messages.LiveReply, 201),
        ("GET", "/api/control/sessions", s.sessions, FACILITATOR, list[messages.SessionSummary], 200),
        ("GET", held, s.session, FACILITATOR, messages.LiveReply, 200),
        ("PUT", f"{held}/stage", s.move, FACILITATOR, messages.LiveReply, 200),
        ("POST", f"{held}/close", s.close, FACILITATOR, messages.ClosedReply, 200),
        ("PUT", f"{held}/notes", s.notes, FACILITATOR, messages.NotesReply, 200),
        ("GET", f"{held}/qr.svg", s.qr, FACILITATOR, None, 200),
        ("DELETE", held, s.delete, FACILITATOR, messages.Receipt, 200),
        # Last: any other single word may be a join code from a QR.
        ("GET", "/{code}", s.page, PUBLIC, None, 200),
    ]
    return [
        (method, path, endpoint, {"tags": [who], "response_model": model, "status_code": status})
        for method, path, endpoint, who, model, status in table
    ]

"""Who may ask: a guard stands on each route of the table, and nowhere else."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from fastapi import Depends, Request
from fastapi.params import Depends as Dependency

from kit.errors import Forbidden, NotAllowed, NotFound
from kit.session.acts import codes
from kit.session.acts.attend import Identity
from kit.session.run.remotes import Remote
from kit.session.run.service import Service


@dataclass(frozen=True)
class Guard:
    """Who may ask a route. `admit` raises NotAllowed or Forbidden; None admits everybody."""

    name: str
    admit: Callable[[Request], Awaitable[None]] | None = None

    @property
    def dependencies(self) -> list[Dependency]:
        """The guard as FastAPI takes it: it runs before anything of the route does."""
        return [] if self.admit is None else [Depends(self.admit)]


def service_of(request: Request) -> Service:
    """The service behind an application."""
    service: Service = request.app.state.service
    return service


def address_of(request: Request) -> str:
    """The address that asks; empty where there is none."""
    return request.client.host if request.client else ""


async def known_code(request: Request, code: str) -> str:
    """The normalised code of an existing session; wrong ones are counted and slowed down.

    Whoever brings the code of a session that runs has read it from the wall, whatever others behind the same
    router try: only codes that hang nowhere have to wait.
    """
    service, address = service_of(request), address_of(request)
    code = codes.normalise_join_code(code)
    if not service.live.hangs(code):
        service.guesses.check(address, code)
    try:
        await service.live.board(code)
    except NotFound:
        service.guesses.wrong(address)
        raise
    service.guesses.right(address, code)
    return code


def asker(request: Request) -> Identity:
    """The participant that the guard of this route has admitted."""
    who: Identity = request.state.asker
    return who


async def _admit_participant(request: Request) -> None:
    """Admit only who holds a token of the session that is asked for."""
    code = request.path_params["code"]
    token = bearer(request)
    if token is None:
        await known_code(request, code)
        raise NotAllowed("token_needed")
    who = await service_of(request).identify(codes.normalise_join_code(code), token)
    request.state.asker = who


async def _admit_earlier(request: Request) -> None:
    """Admit whoever brings a token: whether it was valid until somebody came back is for the act to say."""
    if bearer(request) is None:
        await known_code(request, request.path_params["code"])
        raise NotAllowed("token_needed")


async def _admit_facilitator(request: Request) -> None:
    """Admit only the holder of the control token, and no page of another site."""
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != request.headers.get("host"):
        raise Forbidden("foreign_origin")
    token = service_of(request).control_token
    if not hmac.compare_digest((bearer(request) or "").encode(), token.encode()):
        raise NotAllowed("control_token_needed")


def remote_of(request: Request) -> Remote:
    """The remote that the guard of this route has admitted."""
    remote: Remote = request.state.remote
    return remote


async def _admit_remote(request: Request) -> None:
    """Admit only the phone that is the remote of some session; wrong tokens are counted as guesses."""
    service, address = service_of(request), address_of(request)
    try:
        request.state.remote = service.remotes.admit(bearer(request) or "")
    except NotAllowed:
        service.guesses.check(address)
        service.guesses.wrong(address)
        raise


def bearer(request: Request) -> str | None:
    """The token that a request carries."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


PUBLIC: Final = Guard("public")
EARLIER: Final = Guard("participant", _admit_earlier)
PARTICIPANT: Final = Guard("participant", _admit_participant)
FACILITATOR: Final = Guard("facilitator", _admit_facilitator)
REMOTE: Final = Guard("remote", _admit_remote)

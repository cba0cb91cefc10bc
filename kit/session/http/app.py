"""The ASGI application over a service."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator
from typing import Final

from anyio import to_thread
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

import kit
from kit.config import Settings
from kit.session.http import wire
from kit.session.http.assets import Assets
from kit.session.http.limits import Limits
from kit.session.http.openapi import describe_api
from kit.session.http.problem import speak_problems
from kit.session.http.routes import add_routes
from kit.session.http.turns import Turns
from kit.session.run.service import PHONE_THREADS, Service

WATCH_SECONDS: Final = 1.0
_log = logging.getLogger("kit.http")


def create_app(settings: Settings) -> FastAPI:
    """Build the ASGI application over a store. Raises Unavailable when the store cannot be opened."""
    service = Service(settings)
    app = FastAPI(
        title="desa-binaan-kit",
        version=kit.__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        # A redirection would repeat whatever host name the request carried.
        redirect_slashes=False,
        lifespan=_lifespan,
        responses={"default": {"model": wire.Problem, "description": "Problem (RFC 9457)"}},
    )
    app.state.service = service
    app.state.assets = Assets()
    add_routes(app)
    speak_problems(app)
    describe_api(app)
    app.add_middleware(Limits)
    app.add_middleware(Turns)
    return app


async def _end_with_writer(service: Service) -> None:
    """End this process when its writer has died: whoever watches it starts a whole one."""
    while service.writer.is_alive:
        await asyncio.sleep(WATCH_SECONDS)
    _log.error("the writer has died; the service ends")
    signal.raise_signal(signal.SIGTERM)


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    upkeep = service.upkeep
    to_thread.current_default_thread_limiter().total_tokens = PHONE_THREADS
    work = (upkeep.keep_retention(), upkeep.collect_garbage(), _end_with_writer(service))
    tasks = [asyncio.create_task(one) for one in work]
    await service.live.begin()
    if not service.store.is_sqlite:
        tasks.append(asyncio.create_task(service.live.watch()))
    yield
    service.live.stop()
    service.remotes.stop()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await run_in_threadpool(service.shut)

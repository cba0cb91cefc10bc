"""The table of routes: what may be asked, by whom, and in which order it is tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from fastapi import FastAPI

from kit.session.http import beforehand, facilitators, mending, paper, participants, remote, voices
from kit.session.http.guard import EARLIER, FACILITATOR, PARTICIPANT, PUBLIC, REMOTE, Guard
from kit.session.http.replies import reply_model


@dataclass(frozen=True)
class Route:
    """One row. What a route answers stands in the return annotation of its endpoint."""

    method: str
    path: str
    endpoint: Callable[..., Any]
    guard: Guard
    status: int = 200


_ONE: Final = "/api/sessions/{code}"
_WAVE: Final = f"{_ONE}/waves/{{wave}}"
_HELD: Final = "/api/control/sessions/{code}"

ROUTES: Final = (
    # First what a thousand phones ask at once: routes are tried in this order.
    Route("PUT", f"{_WAVE}/responses/{{item_id}}", participants.respond, PARTICIPANT),
    Route("GET", "/", participants.front, PUBLIC),
    Route("GET", "/latihan", participants.practise, PUBLIC),
    Route("GET", "/daftar", participants.register, PUBLIC),
    Route("GET", "/coba", beforehand.trial_page, PUBLIC),
    Route("GET", "/static/{path:path}", participants.static, PUBLIC),
    Route("GET", "/images/{name}", participants.image, PUBLIC),
    Route("GET", "/api/health", participants.health, PUBLIC),
    Route("POST", "/api/trial", beforehand.reached, PUBLIC),
    Route("GET", "/api/practice", participants.practice, PUBLIC),
    Route("GET", _ONE, participants.state, PUBLIC),
    Route("GET", f"{_ONE}/stream", participants.stream, PUBLIC),
    Route("POST", f"{_ONE}/participants", participants.join, PUBLIC, 201),
    Route("DELETE", f"{_ONE}/participants/me", participants.forget, PARTICIPANT),
    Route("POST", f"{_ONE}/participants/resume", participants.resume, PUBLIC),
    Route("POST", f"{_ONE}/participants/stay", participants.stay, EARLIER),
    Route("GET", _WAVE, participants.wave, PARTICIPANT),
    Route("POST", f"{_WAVE}/submit", participants.submit, PARTICIPANT),
    Route("GET", f"{_ONE}/feedback", participants.feedback, PARTICIPANT),
    Route("POST", f"{_ONE}/questions", voices.ask, PARTICIPANT, 201),
    Route("POST", f"{_ONE}/sightings", voices.sight, PARTICIPANT, 201),
    Route("POST", "/api/control/sessions", facilitators.open_session, FACILITATOR, 201),
    Route("GET", "/api/control/sessions", facilitators.sessions, FACILITATOR),
    Route("GET", _HELD, facilitators.session, FACILITATOR),
    Route("PATCH", _HELD, mending.mend, FACILITATOR),
    Route("PUT", f"{_HELD}/stage", facilitators.move, FACILITATOR),
    Route("POST", f"{_HELD}/close", facilitators.close, FACILITATOR),
    Route("PUT", f"{_HELD}/notes", facilitators.notes, FACILITATOR),
    Route("PUT", f"{_HELD}/door", facilitators.door, FACILITATOR),
    Route("PUT", f"{_HELD}/hands/{{item_id}}", facilitators.hands, FACILITATOR),
    Route("PUT", f"{_HELD}/bursts/{{burst_id}}", facilitators.burst, FACILITATOR),
    Route("GET", f"{_HELD}/questions", voices.questions, FACILITATOR),
    Route("PUT", f"{_HELD}/questions", voices.open_questions, FACILITATOR),
    Route("PUT", f"{_HELD}/questions/{{question_id}}", voices.judge, FACILITATOR),
    Route("GET", f"{_HELD}/qr.svg", facilitators.qr, FACILITATOR),
    Route("POST", f"{_HELD}/packets", paper.packets, FACILITATOR, 201),
    Route("GET", f"{_HELD}/packets", paper.forms, FACILITATOR),
    Route("POST", f"{_HELD}/sheets", paper.sheets, FACILITATOR),
    Route("POST", f"{_HELD}/sightings", paper.sightings, FACILITATOR),
    Route("GET", f"{_HELD}/sheets", paper.listed, FACILITATOR),
    Route("GET", f"{_HELD}/sheets/{{sheet_id}}/picture", paper.picture, FACILITATOR),
    Route("PUT", f"{_HELD}/sheets/{{sheet_id}}", paper.decide, FACILITATOR),
    Route("DELETE", _HELD, facilitators.delete, FACILITATOR),
    Route("GET", "/api/control/sites", mending.sites, FACILITATOR),
    Route("POST", "/api/control/sites/{site_id}/merge", mending.merge, FACILITATOR),
    Route("GET", "/api/control/office", beforehand.office, FACILITATOR),
    Route("PUT", "/api/control/office", beforehand.fill_office, FACILITATOR),
    Route("GET", "/api/control/trial", beforehand.trial, FACILITATOR),
    Route("PUT", "/api/control/trial", beforehand.begin_trial, FACILITATOR),
    Route("GET", "/api/control/addresses", facilitators.addresses, FACILITATOR),
    Route("PUT", "/api/control/address", facilitators.choose_address, FACILITATOR),
    Route("GET", "/api/control/deletions", facilitators.deletions, FACILITATOR),
    Route("POST", f"{_HELD}/remote", remote.offer, FACILITATOR, 201),
    Route("GET", f"{_HELD}/remote", remote.offered, FACILITATOR),
    Route("DELETE", f"{_HELD}/remote", remote.end, FACILITATOR),
    Route("GET", f"{_HELD}/remote/turns", remote.turns, FACILITATOR),
    Route("PUT", f"{_HELD}/remote/slide", remote.tell_slide, FACILITATOR),
    Route("GET", "/remote/{key}", remote.page, PUBLIC),
    Route("POST", "/api/remote", remote.pair, PUBLIC, 201),
    Route("GET", "/api/remote", remote.look, REMOTE),
    Route("DELETE", "/api/remote", remote.leave, REMOTE),
    Route("POST", "/api/remote/turn", remote.turn, REMOTE),
    Route("PUT", "/api/remote/stage", remote.move, REMOTE),
    Route("GET", "/api/remote/questions", remote.questions, REMOTE),
    Route("PUT", "/api/remote/questions", remote.open_questions, REMOTE),
    Route("PUT", "/api/remote/questions/{question_id}", remote.judge, REMOTE),
    # Last: any other single word may be a join code from a QR.
    Route("GET", "/{code}", participants.page, PUBLIC),
    Route("GET", "/{code}/", participants.page, PUBLIC),
)


def add_routes(app: FastAPI) -> None:
    """Give an application every route of the table, each behind its guard."""
    for route in ROUTES:
        app.add_api_route(
            route.path,
            route.endpoint,
            methods=[route.method],
            tags=[route.guard.name],
            dependencies=route.guard.dependencies,
            response_model=reply_model(route.endpoint),
            status_code=route.status,
        )

"""Errors as RFC 9457 `application/problem+json`, in the reader's language, with a remedy."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from kit.errors import BadRequest, KitError, NotFound
from kit.session.http.replies import write_json
from kit.session.http.wire import Problem
from kit.text import choose_language

# What a program may want to branch on, beside the words.
_EXTRA = ("missing", "possible", "current", "stage", "wave")
_RETRY_SECONDS = {503: "2", 429: "5"}


def problem_response(error: KitError, language: str) -> Response:
    """`{type, title, status, detail, code, …}`: `title` says what is wrong, `detail` what to do."""
    headers = {"Cache-Control": "no-store", "Content-Language": language}
    if error.status in _RETRY_SECONDS:
        headers["Retry-After"] = _RETRY_SECONDS[error.status]
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if error.status in (408, 413):
        # The rest of the body may never end.
        headers["Connection"] = "close"
    content = {
        "type": f"urn:desa-binaan-kit:{error.key}",
        "title": error.title(language),
        "status": error.status,
        "detail": error.remedy(language),
        "code": error.key,
        **{name: error.values[name] for name in _EXTRA if name in error.values},
    }
    problem = Problem.model_validate(content)
    return Response(write_json(problem), error.status, headers, "application/problem+json")


def speak_problems(app: FastAPI) -> None:
    """Make an application answer every error as a problem."""
    app.add_exception_handler(KitError, _kit_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)


async def _kit_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, KitError)
    return problem_response(error, choose_language(request.headers.get("accept-language")))


async def _invalid(request: Request, error: Exception) -> Response:
    places = [
        ".".join(str(part) for part in fault["loc"])
        for fault in (error.errors() if isinstance(error, RequestValidationError) else [])
    ]
    return await _kit_error(request, BadRequest("bad_json", place=", ".join(places[:5])))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, KitError):
        return await _kit_error(request, error.__cause__)
    if error.status_code == 405:
        refusal: KitError = KitError("wrong_method")
    elif error.status_code == 404:
        refusal = NotFound("unknown_page")
    else:
        refusal = BadRequest("bad_json", place="body")
    refusal.status = error.status_code
    response = await _kit_error(request, refusal)
    response.headers.update(error.headers or {})
    return response

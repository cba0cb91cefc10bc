"""Errors as RFC 9457 `application/problem+json`, in the reader's language, with a remedy."""

from __future__ import annotations

from starlette.responses import JSONResponse

from kit.errors import KitError

# What a program may want to branch on, beside the words.
_EXTRA = ("missing", "possible", "current", "stage", "wave")
_RETRY_SECONDS = {503: "2", 429: "5"}


class ProblemResponse(JSONResponse):
    """JSON with the media type of problems."""

    media_type = "application/problem+json"


def problem_response(error: KitError, language: str, *, close: bool = False) -> ProblemResponse:
    """`{type, title, status, detail, code, …}`: `title` says what is wrong, `detail` what to do."""
    headers = {"Cache-Control": "no-store", "Content-Language": language}
    if error.status in _RETRY_SECONDS:
        headers["Retry-After"] = _RETRY_SECONDS[error.status]
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if close:
        headers["Connection"] = "close"
    content = {
        "type": f"urn:desa-binaan-kit:{error.key}",
        "title": error.title(language),
        "status": error.status,
        "detail": error.remedy(language),
        "code": error.key,
    }
    content |= {name: error.values[name] for name in _EXTRA if name in error.values}
    return ProblemResponse(content, status_code=error.status, headers=headers)

"""The OpenAPI description: who may ask what, and that every refusal is a problem."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI

_PROBLEM: Final = {
    "description": "Problem (RFC 9457)",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_SCHEMES: Final = {
    "participant": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of joining or resuming; void when another phone resumes.",
    },
    "facilitator": {"type": "http", "scheme": "bearer", "description": "KIT_CONTROL_TOKEN"},
    "remote": {
        "type": "http",
        "scheme": "bearer",
        "description": "The secret of the phone that opened the notes window's QR code; void after hours.",
    },
}
_MEDIA: Final = {
    "/": ["text/html"],
    "/latihan": ["text/html"],
    "/coba": ["text/html"],
    "/daftar": ["text/html"],
    "/remote/{key}": ["text/html"],
    "/{code}": ["text/html"],
    "/{code}/": ["text/html"],
    "/static/{path}": [
        "text/javascript",
        "text/css",
        "text/html",
        "image/svg+xml",
        "image/png",
        "image/jpeg",
    ],
    "/images/{name}": ["image/svg+xml", "image/png", "image/jpeg"],
    "/api/sessions/{code}/stream": ["text/event-stream"],
    "/api/control/sessions/{code}/qr.svg": ["image/svg+xml"],
    "/api/control/sessions/{code}/sheets/{sheet_id}/picture": ["image/jpeg"],
}
_REFUSALS: Final = {
    "participant": ("401", "409"),
    "facilitator": ("401", "403", "409"),
    "remote": ("401", "403", "409", "429"),
    "public": ("429",),
}


def describe_api(app: FastAPI) -> None:
    """Complete the description that FastAPI makes: schemes, refusals, and no error model of its own."""
    made = app.openapi

    def complete() -> dict[str, Any]:
        known = app.openapi_schema is not None
        schema = made()
        if not known:
            schema["components"]["securitySchemes"] = _SCHEMES
            for name in ("HTTPValidationError", "ValidationError"):
                schema["components"]["schemas"].pop(name, None)
            for path, methods in schema["paths"].items():
                for operation in methods.values():
                    _complete_operation(path, operation)
        return schema

    app.openapi = complete  # type: ignore[method-assign]


def _complete_operation(path: str, operation: dict[str, Any]) -> None:
    (who,) = operation["tags"]
    if who in _SCHEMES:
        operation["security"] = [{who: []}]
    # A body that is no JSON, is too large or too slow, a code that nobody has, a queue that is full.
    for status in ("400", "404", "408", "413", "422", "503", *_REFUSALS[who]):
        operation["responses"][status] = _PROBLEM
    operation["responses"].pop("default", None)
    if path == "/api/sessions/{code}":
        operation["responses"]["304"] = {"description": "Nothing new since the ETag given"}
    if path in _MEDIA:
        answer = {media: {"schema": {"type": "string"}} for media in _MEDIA[path]}
        operation["responses"]["200"] = {"description": "As is", "content": answer}
    if path == "/remote/{key}":
        # A person stands before it, no program.
        page = {"text/html": {"schema": {"type": "string"}}}
        operation["responses"]["404"] = {"description": "A page that says that it is over", "content": page}

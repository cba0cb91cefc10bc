"""Replies: every JSON answer is a model of the wire, checked as it is made and written by itself."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response

# A model, or a list of models.
Content = TypeVar("Content", bound=BaseModel | Sequence[BaseModel])


class Reply(Response, Generic[Content]):
    """JSON made of a model; a route's return annotation `Reply[...]` is all that describes its answer.

    FastAPI's own way (`response_model`) would check a second time, field by field in Python.
    """

    media_type: str | None = "application/json"

    def __init__(self, content: Content, status: int = 200) -> None:
        super().__init__(write_json(content), status, {"Cache-Control": "no-store"})


class PackedReply(Reply[Content]):
    """The same with a quiz in it, compressed when the browser takes that: a third of the bytes on the air."""

    def __init__(self, request: Request, content: Content) -> None:
        super().__init__(content)
        if "gzip" in request.headers.get("accept-encoding", ""):
            self.body = gzip.compress(bytes(self.body), 5)
            self.headers["Content-Encoding"] = "gzip"
            self.headers["Vary"] = "Accept-Encoding"
            self.headers["Content-Length"] = str(len(self.body))


class WrittenReply(Reply[Content]):
    """JSON that is written already, once for everybody; a test holds it to its model.

    None says that the page has it already (304).
    """

    def __init__(self, written: bytes | None, headers: Mapping[str, str]) -> None:
        if written is None:
            self.media_type = None
        Response.__init__(self, written, 304 if written is None else 200, headers)


def write_json(content: BaseModel | Sequence[BaseModel]) -> bytes:
    """A model as it crosses the wire: what was left out when it was made stays out."""
    if isinstance(content, BaseModel):
        return content.model_dump_json(exclude_unset=True, by_alias=True).encode()
    return b"[" + b",".join(write_json(one) for one in content) + b"]"


def reply_model(endpoint: Any) -> Any:
    """The model that a route answers with, from its return annotation; None when it is no JSON."""
    answer = get_type_hints(endpoint)["return"]
    origin = get_origin(answer)
    return get_args(answer)[0] if origin is not None and issubclass(origin, Reply) else None

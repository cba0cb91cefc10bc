"""The participant page's files, read once, compressed once, and named by their content."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from kit.errors import NotFound
from kit.page.build import ALONE, page_files
from kit.session.acts.codes import ALPHABET

_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
}
_IMAGE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}\.(?:svg|png|jpg)")
_STATE: Final = b'<script type="application/json" id="state">'
_FOREVER: Final = "public, max-age=31536000, immutable"
_MEETING: Final = "private, max-age=14400"
"""Opened again without a network for as long as a meeting lasts: on plain http nothing else can do that. What
the page says of its session is corrected by the stream as soon as there is a network."""


@dataclass(frozen=True)
class Asset:
    """One file as it is sent."""

    media_type: str
    plain: bytes
    packed: bytes

    def response(self, request: Request, cache: str) -> Response:
        """The file, compressed when the browser takes that."""
        headers = {"Cache-Control": cache, "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(self.packed, media_type=self.media_type, headers=headers)
        return Response(self.plain, media_type=self.media_type, headers=headers)


class Assets:
    """Everything under `/static/`, and the page itself. Only files found at start are ever served."""

    def __init__(self) -> None:
        contents = page_files(ALPHABET)
        digest = hashlib.sha256()
        for name, content in contents.items():
            digest.update(name.encode() + b"\0" + content)
        self.version = digest.hexdigest()[:12]
        # Scripts import each other relatively, so a versioned folder versions all of them.
        static = f"/static/{self.version}/".encode()
        self._index = contents.pop("index.html").replace(b"/static/", static)
        alone = {name: contents.pop(f"{name}.html").replace(b"/static/", static) for name in ALONE}
        remote = {name: contents.pop(f"remote/{name}.html") for name in ("remote", "over")}
        self._remote = {
            name: _asset(".html", page.replace(b"/static/", static)) for name, page in remote.items()
        }
        self._alone = {name: _asset(".html", content) for name, content in alone.items()}
        self._files = {name: _asset(Path(name).suffix, content) for name, content in contents.items()}

    def index(self, request: Request, state: bytes = b"") -> Response:
        """The participant page, with the session's public state in it: a round trip less for every phone."""
        return _page(self._index, state).response(request, _MEETING if state else "no-cache")

    def alone(self, request: Request, name: str) -> Response:
        """A page beside a session: practising alone, the model of the register."""
        return self._alone[name].response(request, "no-cache")

    def remote(self, request: Request, *, over: bool = False) -> Response:
        """The page of the officer's remote, or the one that says that its address is over."""
        response = self._remote["over" if over else "remote"].response(request, "no-store")
        response.status_code = 404 if over else 200
        return response

    def file(self, request: Request, path: str) -> Response:
        """A file by `<version>/<name>` (kept forever) or plain name. Raises NotFound."""
        version, _, name = path.partition("/")
        if version == self.version and name in self._files:
            return self._files[name].response(request, _FOREVER)
        # An old version's address gives the present file, not to be kept.
        for candidate in (path, name):
            if candidate in self._files:
                return self._files[candidate].response(request, "no-cache")
        raise NotFound("unknown_page")


def quiz_image(folder: Path, name: str) -> Response:
    """A picture of a quiz from `quizzes/images/`. Raises NotFound."""
    path = folder / "images" / name
    if not _IMAGE_NAME.fullmatch(name) or not path.is_file() or path.is_symlink():
        raise NotFound("unknown_page")
    return Response(
        path.read_bytes(), media_type=_TYPES[path.suffix], headers={"Cache-Control": "max-age=3600"}
    )


def _asset(suffix: str, content: bytes) -> Asset:
    return Asset(_TYPES[suffix], content, gzip.compress(content, 9, mtime=0))


@lru_cache(maxsize=64)
def _page(index: bytes, state: bytes) -> Asset:
    # Inside a script element only "<" could end it.
    return _asset(".html", index.replace(_STATE, _STATE + state.replace(b"<", b"\\u003c")))

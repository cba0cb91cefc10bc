"""Files as grey pictures, page by page: photos, scans and PDFs, none of them larger than memory allows."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import pypdfium2
from PIL import Image, UnidentifiedImageError
from pillow_heif import register_heif_opener

Gray = np.ndarray[Any, np.dtype[np.uint8]]

MOST_BYTES: Final = 400 * 1024 * 1024
MOST_PIXELS: Final = 120_000_000
MOST_PAGES: Final = 400
"""Pages of one file: a ream of paper, scanned on both sides, is two files (told in `paper.reasons`)."""
PAGE_DPI: Final = 200
PAGE_PIXELS: Final = 12_000_000
# Above this length of the longer side a picture is looked at in half size first.
_HALVE_FROM: Final = 3000
register_heif_opener()


class Unreadable(Exception):
    """A file or page that is no picture; the reason is a key of `paper.reasons`."""


@dataclass
class Picture:
    """One page of a file: `small` to look at first, and the whole where that is not enough."""

    page: int
    small: Gray
    _load_whole: Callable[[], Gray] | None = field(default=None, repr=False)

    def whole(self) -> Gray:
        """The picture in its own size."""
        return self.small if self._load_whole is None else self._load_whole()


def open_pictures(path: Path) -> Iterator[Picture]:
    """The pages of a file, one in memory at a time. Raises Unreadable."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Unreadable("too_large")
        content = path.read_bytes()
    except OSError:
        raise Unreadable("not_picture") from None
    if b"%PDF-" in content[:1024]:
        yield from _pdf_pages(content)
    else:
        yield from _pictures(content)


def _pdf_pages(content: bytes) -> Iterator[Picture]:
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        raise Unreadable("locked" if "password" in str(error).lower() else "not_picture") from None
    try:
        if len(document) > MOST_PAGES:
            raise Unreadable("too_many_pages")
        for place in range(len(document)):
            try:
                drawn = _draw_page(document, place)
            except pypdfium2.PdfiumError:
                # A broken page is one in which nothing is found; those behind it are read.
                drawn = np.full((10, 10), 255, np.uint8)
            yield Picture(place + 1, drawn)
    finally:
        document.close()


def _draw_page(document: Any, place: int) -> Gray:
    """A page at 200 dpi, or less where it is so large that this would be too many pixels."""
    page = document[place]
    try:
        width, height = page.get_size()
        scale = min(PAGE_DPI / 72, (PAGE_PIXELS / max(1.0, width * height)) ** 0.5)
        bitmap = page.render(scale=scale, grayscale=True)
        drawn: Gray = np.array(bitmap.to_numpy()).reshape(bitmap.height, bitmap.width, -1)[:, :, 0]
        bitmap.close()
        return drawn
    finally:
        page.close()


def _pictures(content: bytes) -> Iterator[Picture]:
    """The frames of a picture; its size is asked before anything is unpacked."""
    try:
        with warnings.catch_warnings():
            # Its size is checked here, with words for people.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(content))
    except Image.DecompressionBombError:
        raise Unreadable("too_large") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        raise Unreadable("not_picture") from None
    with opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise Unreadable("too_large")
        if opened.format in ("JPEG", "MPO"):
            yield _jpeg(content, max(opened.size))
            return
        frames = min(getattr(opened, "n_frames", 1), MOST_PAGES + 1)
        if frames > MOST_PAGES:
            raise Unreadable("too_many_pages")
        for place in range(frames):
            yield Picture(place + 1, _frame(opened, place))


def _frame(opened: Image.Image, place: int) -> Gray:
    try:
        opened.seek(place)
        if opened.width * opened.height > MOST_PIXELS:
            raise Unreadable("too_large")
        # What is transparent is paper.
        colours = opened.convert("RGBA")
        paper = Image.new("RGBA", colours.size, "white")
        return np.asarray(Image.alpha_composite(paper, colours).convert("L"))
    except (OSError, ValueError, SyntaxError, EOFError):
        raise Unreadable("not_picture") from None


def _jpeg(content: bytes, longer: int) -> Picture:
    def decode(mode: int) -> Gray:
        decoded = cv2.imdecode(np.frombuffer(content, np.uint8), mode | cv2.IMREAD_IGNORE_ORIENTATION)
        if decoded is None:
            raise Unreadable("not_picture")
        return np.asarray(decoded, np.uint8)

    if longer < _HALVE_FROM:
        return Picture(1, decode(cv2.IMREAD_GRAYSCALE))
    half = decode(cv2.IMREAD_REDUCED_GRAYSCALE_2)
    return Picture(1, half, lambda: decode(cv2.IMREAD_GRAYSCALE))

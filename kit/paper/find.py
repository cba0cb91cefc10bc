"""Finding answer sheets in a picture: markers, codes, and which of them belong to one sheet.

A code names a person, the markers say where the bubbles are: to put the marks of one sheet down to the person
of another would be the worst fault of all. So a code and markers make a sheet only if all of them fit one
plane to a few millimetres, each marker with its own size and turn, and no marker serves two sheets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import cv2
import numpy as np
import zxingcpp

from kit.paper.geometry import BOOKLET_SCHEME, MARKER_SIDE, MARKERS, NOTE_SCHEME, PAGE, QR, SCHEME
from kit.paper.pictures import Gray

Points = np.ndarray[Any, np.dtype[np.float64]]

PX_PER_MM: Final = 6.0
# How far, in millimetres, markers and code may lie from one plane: folds and curled paper bend it.
MOST_BENT: Final = 3.5
# How far from where the rest of the sheet lets it be expected a marker may lie, in millimetres.
_REACH: Final = 24.0
# Below this many pixels a millimetre of the small picture, the whole one is used.
_FINE: Final = 4.0
_LEFT, _TOP, _SIDE = QR
_QR_CORNERS: Final = np.array(
    [(_LEFT, _TOP), (_LEFT + _SIDE, _TOP), (_LEFT + _SIDE, _TOP + _SIDE), (_LEFT, _TOP + _SIDE)], float
)
_QR_ONLY: Final = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_OURS: Final = tuple(f"{scheme}/" for scheme in (SCHEME, NOTE_SCHEME, BOOKLET_SCHEME))
# The marker next to the code first: from it the next one can be foretold.
_ORDER: Final = (1, 2, 0, 3)


@dataclass(frozen=True)
class Code:
    """A QR code of ours in a picture."""

    text: str
    corners: Points

    @property
    def is_sheet(self) -> bool:
        """Whether it is the code of a sheet to fill in, not of a booklet."""
        return self.text.startswith((f"{SCHEME}/", f"{NOTE_SCHEME}/"))


@dataclass(frozen=True)
class Found:
    """A sheet in a picture, set upright: `upright` has 6 pixels a millimetre; `corners` of 4 were seen."""

    text: str
    corners: int
    upright: Gray = field(repr=False)


@dataclass
class Sight:
    """Everything of ours in one picture."""

    gray: Gray = field(repr=False)
    codes: list[Code]
    markers: list[tuple[int, Points]]


def look(gray: Gray) -> Sight:
    """Find markers and codes."""
    corners, ids, _ = _detector().detectMarkers(gray)
    found = [] if ids is None else ids.flatten().tolist()
    markers = [
        (name, np.asarray(four, float).reshape(4, 2))
        for name, four in zip(found, corners, strict=True)
        if name < len(MARKERS)
    ]
    return Sight(gray, list(_codes(gray)), markers)


def find_sheets(sight: Sight, whole: Gray | None = None) -> tuple[list[Found], int]:
    """The sheets of a picture, and how many markers belong to none; `whole` is the picture in full size."""
    found, left = [], list(range(len(sight.markers)))
    for code in _sheet_codes(sight):
        fitted = _fit(code, sight, left)
        if fitted is None:
            continue
        plane, used = fitted
        left = [place for place in left if place not in used]
        found.append(Found(code.text, len(used), _upright(sight.gray, whole, plane)))
    return found, len(left)


def is_fine(sight: Sight) -> bool:
    """Whether what was seen is large enough to be read in this size of the picture."""
    sizes = [np.linalg.norm(four[0] - four[1]) / MARKER_SIDE for _, four in sight.markers]
    return bool(sizes) and float(min(sizes)) >= _FINE


def _sheet_codes(sight: Sight) -> list[Code]:
    codes = [code for code in sight.codes if code.is_sheet]
    if not codes and (plane := _plane_of_markers(sight)) is not None:
        # A code too blurred or small as it lies: once more, upright and enlarged.
        codes = list(_code_upright(sight.gray, plane))
    return codes


def _plane_of_markers(sight: Sight) -> Points | None:
    """Millimetres to pixels, where the markers of a single sheet are in sight."""
    names = [name for name, _ in sight.markers]
    if len(names) < 3 or len(set(names)) < len(names):
        return None
    return _plane([_marker_corners(name) for name in names], [four for _, four in sight.markers])


def _code_upright(gray: Gray, plane: Points) -> Iterator[Code]:
    margin, scale = 4.0, 14.0
    size = int((_SIDE + 2 * margin) * scale)
    shift = np.array([[scale, 0, (margin - _LEFT) * scale], [0, scale, (margin - _TOP) * scale], [0, 0, 1]])
    drawn = cv2.warpPerspective(gray, shift @ _back(plane), (size, size), flags=cv2.INTER_CUBIC)
    for code in _codes(np.asarray(drawn, np.uint8)):
        there = cv2.perspectiveTransform(code.corners.reshape(1, 4, 2), plane @ _back(shift))
        yield Code(code.text, np.asarray(there, float).reshape(4, 2))


def _codes(gray: Gray) -> Iterator[Code]:
    for code in zxingcpp.read_barcodes(gray, formats=_QR_ONLY):
        if code.text.startswith(_OURS):
            four = code.position
            ends = (four.top_left, four.top_right, four.bottom_right, four.bottom_left)
            yield Code(code.text, np.array([(end.x, end.y) for end in ends], float))


def _fit(code: Code, sight: Sight, free: Sequence[int]) -> tuple[Points, list[int]] | None:
    """The plane of a code and the markers around it; None where fewer than three of them fit."""
    ours, theirs, used = [_QR_CORNERS], [code.corners], []
    for name in _ORDER:
        plane = _plane(ours, theirs)
        if plane is None:
            return None
        place = _nearest(name, plane, sight, free)
        if place is not None:
            ours.append(_marker_corners(name))
            theirs.append(sight.markers[place][1])
            used.append(place)
    if len(used) < 3:
        return None
    plane = _plane(ours, theirs)
    if plane is None or _bent(plane, ours, theirs) > MOST_BENT:
        return None
    return plane, used


def _nearest(name: int, plane: Points, sight: Sight, free: Sequence[int]) -> int | None:
    """The free marker of a name that lies nearest to where it should, in millimetres on the sheet."""
    back, centre = _back(plane), np.array(MARKERS[name])
    away = {
        place: float(np.linalg.norm(_moved(sight.markers[place][1], back).mean(axis=0) - centre))
        for place in free
        if sight.markers[place][0] == name
    }
    if not away:
        return None
    place = min(away, key=away.__getitem__)
    return place if away[place] <= _REACH else None


def _plane(ours: Sequence[Points], theirs: Sequence[Points]) -> Points | None:
    plane, _ = cv2.findHomography(np.concatenate(ours), np.concatenate(theirs), 0)
    if plane is None or not np.isfinite(plane).all() or abs(np.linalg.det(plane)) < 1e-12:
        return None
    return np.asarray(plane, float)


def _bent(plane: Points, ours: Sequence[Points], theirs: Sequence[Points]) -> float:
    """The largest distance of any corner from where the plane has it, in millimetres on the sheet."""
    back = _back(plane)
    away = [
        np.linalg.norm(_moved(there, back) - here, axis=1).max()
        for here, there in zip(ours, theirs, strict=True)
    ]
    return float(max(away))


def _upright(gray: Gray, whole: Gray | None, plane: Points) -> Gray:
    size = (int(PAGE[0] * PX_PER_MM), int(PAGE[1] * PX_PER_MM))
    shrink = np.diag([1 / PX_PER_MM, 1 / PX_PER_MM, 1.0])
    if whole is not None:
        factor = whole.shape[1] / gray.shape[1]
        gray, plane = whole, np.diag([factor, factor, 1.0]) @ plane
    drawn = cv2.warpPerspective(
        gray, plane @ shrink, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderValue=255
    )
    return np.asarray(drawn, np.uint8)


def _back(plane: Points) -> Points:
    return np.asarray(np.linalg.inv(plane), float)


def _moved(points: Points, plane: Points) -> Points:
    return np.asarray(cv2.perspectiveTransform(points.reshape(1, -1, 2), plane), float).reshape(-1, 2)


@cache
def _marker_corners(name: int) -> Points:
    x, y = MARKERS[name]
    half = MARKER_SIDE / 2
    return np.array([(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)])


@cache
def _detector() -> Any:
    """The markers, in a print so small that a photo of four sheets still shows them."""
    settings = cv2.aruco.DetectorParameters()
    settings.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    settings.minMarkerPerimeterRate = 0.015
    settings.adaptiveThreshWinSizeMin = 11
    settings.adaptiveThreshWinSizeMax = 43
    settings.adaptiveThreshWinSizeStep = 16
    return cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50), settings)

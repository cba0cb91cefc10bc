"""Simulated people and cameras: marks drawn on printed sheets, and photos of them. Seeded throughout."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

DPI = 200
PX = DPI / 25.4
KINDS = ("fill", "fill", "pencil", "tick", "cross", "half", "scribble")
Pixels = Any


@dataclass(frozen=True)
class Marked:
    """A sheet with marks: its pixels, what was marked, and whether everything on it is clear."""

    pixels: Pixels
    answers: dict[str, list[str]]
    clean: bool


def mark_sheet(page: Pixels, sheet: dict[str, Any], several: set[str], rng: random.Random) -> Marked:
    """Fill in a printed page as one person would; some leave blanks, double marks, crossed-out marks."""
    pixels = page.copy()
    by_item: dict[str, list[dict[str, Any]]] = {}
    for bubble in sheet["bubbles"]:
        by_item.setdefault(bubble["item_id"], []).append(bubble)
    kind = rng.choice(KINDS)
    ink = rng.randint(95, 135) if kind == "pencil" else rng.randint(15, 75)
    careless = rng.random() < 0.12
    answers, clean = {}, True
    for item_id, bubbles in by_item.items():
        fate = rng.random() if careless else 1.0
        if rng.random() < 0.02:
            continue
        chosen = [rng.choice(bubbles)]
        if item_id in several and rng.random() < 0.5:
            chosen = rng.sample(bubbles[:-1], 2)
        if fate < 0.05:
            # Twice, or crossed out and corrected: nobody can know without looking.
            chosen, clean = rng.sample(bubbles[:-1], 2), clean and item_id in several
            answers[item_id] = sorted(bubble["option_id"] for bubble in chosen)
            for bubble in chosen:
                draw_mark(pixels, bubble, kind, ink, rng)
            continue
        if fate < 0.09:
            smudge(pixels, rng.choice(bubbles), rng)
            clean = False
        for bubble in chosen:
            draw_mark(pixels, bubble, kind, ink, rng)
        answers[item_id] = sorted(bubble["option_id"] for bubble in chosen)
    return Marked(pixels, answers, clean)


def draw_mark(pixels: Pixels, bubble: dict[str, Any], kind: str, ink: int, rng: random.Random) -> None:
    """One mark, a little beside where it should be."""
    r = bubble["r"] * PX
    x, y = (bubble[name] * PX + rng.uniform(-0.12, 0.12) * r for name in ("x", "y"))
    pen = max(3, round(rng.uniform(0.5, 0.8) * PX))

    def line(*points: tuple[float, float]) -> None:
        path = np.array([[(x + a * r) * 8, (y + b * r) * 8] for a, b in points], np.int32)
        cv2.polylines(pixels, [path], False, ink, pen, cv2.LINE_AA, 3)

    if kind in ("fill", "pencil"):
        cv2.circle(pixels, (round(x), round(y)), round(r * rng.uniform(0.75, 1.0)), ink, -1, cv2.LINE_AA)
    elif kind == "half":
        cv2.ellipse(
            pixels,
            (round(x), round(y)),
            (round(0.85 * r), round(0.85 * r)),
            rng.uniform(0, 360),
            0,
            190,
            ink,
            -1,
            cv2.LINE_AA,
        )
    elif kind == "tick":
        line((-0.8, 0.0), (-0.15, 0.75), (1.2, -1.1))
    elif kind == "cross":
        line((-0.85, -0.8), (0.85, 0.8))
        line((-0.8, 0.85), (0.85, -0.85))
    else:
        steps = [(-0.8 + 0.2 * n, rng.uniform(0.5, 0.8) * (-1) ** n) for n in range(9)]
        line(*steps)


def smudge(pixels: Pixels, bubble: dict[str, Any], rng: random.Random) -> None:
    """A faint dirty finger over a bubble."""
    layer = np.zeros(pixels.shape, np.float32)
    x, y, r = (round(bubble[name] * PX) for name in ("x", "y", "r"))
    axes = (round(r * rng.uniform(0.6, 2)), round(r * rng.uniform(0.4, 1.2)))
    cv2.ellipse(layer, (x, y), axes, rng.uniform(0, 180), 0, 360, rng.uniform(10, 45), -1)
    layer = cv2.GaussianBlur(layer, (0, 0), 0.25 * r)
    np.copyto(pixels, np.clip(pixels - layer, 0, 255).astype(np.uint8))


def photograph(pixels: Pixels, rng: random.Random, *, width: int = 3000, height: int = 4000) -> bytes:
    """A phone's photo of a sheet: tilted up to 25°, turned, folded, shaded, blurred, JPEG 60."""
    paper = _fold(pixels, rng) if rng.random() < 0.3 else pixels
    plane = _camera(paper.shape, width, height, rng)
    table = rng.randint(60, 150)
    size = (width, height)
    photo = cv2.warpPerspective(paper, plane, size, flags=cv2.INTER_LINEAR, borderValue=table)
    photo = _shade(photo, rng)
    sigma = rng.uniform(0.4, 1.8)
    photo = cv2.GaussianBlur(photo, (0, 0), sigma)
    noise = np.random.default_rng(rng.randrange(2**32)).normal(0, rng.uniform(1, 6), (500, 750))
    grain = cv2.resize(noise.astype(np.float32), (width, height), interpolation=cv2.INTER_NEAREST)
    photo = np.clip(photo + grain, 0, 255).astype(np.uint8)
    turned = np.rot90(photo, rng.choice((0, 0, 0, 1, 2, 3)))
    _, packed = cv2.imencode(".jpg", np.ascontiguousarray(turned), [cv2.IMWRITE_JPEG_QUALITY, 60])
    return bytes(packed.tobytes())


def scan_flat(pixels: Pixels, rng: random.Random) -> bytes:
    """A scanner's picture of a sheet: fed in a little askew, soft, grainy, JPEG 75, no perspective."""
    tall, wide = pixels.shape
    turn = cv2.getRotationMatrix2D((wide / 2, tall / 2), rng.uniform(-1.5, 1.5), 1.0)
    turn[:, 2] += [rng.uniform(-1.5, 1.5) * PX for _ in range(2)]
    flat = cv2.warpAffine(pixels, turn, (wide, tall), flags=cv2.INTER_LINEAR, borderValue=255)
    flat = cv2.GaussianBlur(flat, (0, 0), rng.uniform(0.3, 0.8))
    noise = np.random.default_rng(rng.randrange(2**32)).normal(0, rng.uniform(1, 4), flat.shape)
    flat = np.clip(flat * rng.uniform(0.94, 1.0) + noise, 0, 255).astype(np.uint8)
    _, packed = cv2.imencode(".jpg", flat, [cv2.IMWRITE_JPEG_QUALITY, 75])
    return bytes(packed.tobytes())


def _camera(shape: tuple[int, ...], width: int, height: int, rng: random.Random) -> Pixels:
    """A sheet before a camera that is turned by up to 25° about each axis and held at a slant."""
    tall, wide = shape[:2]
    tilt, swing = (np.radians(rng.uniform(-25, 25)) * rng.random() ** 0.5 for _ in range(2))
    roll = np.radians(rng.uniform(-12, 12))
    flat = np.array([(-wide, -tall, 0), (wide, -tall, 0), (wide, tall, 0), (-wide, tall, 0)], float) / 2
    turn = cv2.Rodrigues(np.array([tilt, 0, 0]))[0] @ cv2.Rodrigues(np.array([0, swing, 0]))[0]
    turn = cv2.Rodrigues(np.array([0, 0, roll]))[0] @ turn
    solid = flat @ turn.T
    away = 1.9 * tall
    seen = solid[:, :2] * (away / (away + solid[:, 2:]))
    spread = np.ptp(seen, axis=0)
    scale = min(width / spread[0], height / spread[1]) * rng.uniform(0.82, 0.96)
    middle = (seen.max(axis=0) + seen.min(axis=0)) / 2
    there = (seen - middle) * scale + (width / 2, height / 2)
    here = np.array([(0, 0), (wide, 0), (wide, tall), (0, tall)], np.float32)
    return cv2.getPerspectiveTransform(here, there.astype(np.float32))


def _fold(pixels: Pixels, rng: random.Random) -> Pixels:
    """A sheet that was folded across or along its middle and does not lie flat any more."""
    tall, wide = pixels.shape
    across, down = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(tall, dtype=np.float32))
    bend = rng.uniform(-1.2, 1.2) * PX
    if rng.random() < 0.6:
        crease = tall * rng.uniform(0.45, 0.55)
        lift = 1 - np.abs(down - crease) / crease
        shadow = np.exp(-(((down - crease) / (0.6 * PX)) ** 2))
    else:
        crease = wide * rng.uniform(0.45, 0.55)
        lift = 1 - np.abs(across - crease) / crease
        shadow = np.exp(-(((across - crease) / (0.6 * PX)) ** 2))
    bent = cv2.remap(
        pixels, across + 0.6 * bend * lift, down + bend * lift, cv2.INTER_LINEAR, borderValue=255
    )
    return np.clip(bent - 50 * shadow, 0, 255).astype(np.uint8)


def _shade(photo: Pixels, rng: random.Random) -> Pixels:
    """Uneven light, and half the time the shadow of a hand with a soft edge."""
    tall, wide = photo.shape
    small = np.ones((tall // 20, wide // 20), np.float32)
    down, across = np.mgrid[0 : small.shape[0], 0 : small.shape[1]]
    angle = rng.uniform(0, 2 * np.pi)
    slope = (np.cos(angle) * across / small.shape[1] + np.sin(angle) * down / small.shape[0]) * 0.25
    small *= 0.9 - np.abs(slope).astype(np.float32)
    if rng.random() < 0.5:
        cut = np.cos(angle + 1) * (across - small.shape[1] / 2) + np.sin(angle + 1) * (
            down - small.shape[0] / 2
        )
        soft = 1 / (1 + np.exp(-cut / rng.uniform(1.5, 8)))
        small *= (1 - rng.uniform(0.2, 0.5) * soft).astype(np.float32)
    light = cv2.resize(small, (wide, tall), interpolation=cv2.INTER_LINEAR)
    return np.clip(photo * light, 0, 255)

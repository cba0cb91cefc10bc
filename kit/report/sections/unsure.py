""" "Don't know", taken apart: how much of a gain is only that fewer people said so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

import pandas as pd

from kit.report.count.cube import Cube
from kit.report.sections.base import Figures, Part, View, declare
from kit.report.sections.score import Score
from kit.report.sections.sites import headline
from kit.report.sections.spoken import number, points
from kit.report.stats.withholding import printable_share

FLOWS: Final = ("unsure_right", "wrong_right", "right_wrong", "right_unsure", "unsure_wrong")
MOST: Final = 0.5
"""From more than this share of the gain on, page one says that it is fewer `don't know`."""


@dataclass(frozen=True)
class Unsure(Part):
    """Share of scored answers that were `don't know`, and what the same people's answers turned into.

    The flows are shares (0-1) of answers to an item and then to itself or its twin; `of_gain` is the part of
    the gain that is `don't know` turned right, less right turned `don't know`.
    """

    key: ClassVar = "unsure"
    public: ClassVar = declare(
        by_rule="pre post of_gain", never="unsure_right wrong_right right_wrong right_unsure unsure_wrong"
    )

    pre: float | None = None
    post: float | None = None
    unsure_right: float | None = None
    wrong_right: float | None = None
    right_wrong: float | None = None
    right_unsure: float | None = None
    unsure_wrong: float | None = None
    of_gain: float | None = None


def measure_unsure(cube: Cube) -> Unsure:
    """Shares before and after of matched people, and the five ways an answer can turn."""
    matched = cube.answer[cube.answer["matched"] == 1]
    shares = []
    for wave in ("pre", "post"):
        rows = matched[matched["wave"] == wave]
        total = int(rows["n"].sum())
        shares.append(int(rows.loc[rows["correct"].isna(), "n"].sum()) / total if total else None)
    return replace(Unsure(*shares), **_flows(cube.shift))


def _flows(shift: pd.DataFrame) -> dict[str, Any]:
    total = int(shift["n"].sum())
    if total == 0:
        return {}
    before, after = (
        shift[f"correct_{wave}"].map({1: "right", 0: "wrong"}).astype("str").fillna("unsure")
        for wave in ("pre", "post")
    )
    moved = (before + "_" + after).to_numpy()
    found = {name: float(shift.loc[moved == name, "n"].sum()) / total for name in FLOWS}
    of_unsure = found["unsure_right"] - found["right_unsure"]
    gain = of_unsure + found["wrong_right"] - found["right_wrong"]
    return found | {"of_gain": of_unsure / gain if gain > 0 else None}


def public_unsure(found: Unsure, n: int) -> Unsure:
    """Shares that may be printed; of the gain tenths, so that no count follows from it."""
    of_gain = None if found.of_gain is None else round(found.of_gain, 1)
    return Unsure(printable_share(found.pre, n), printable_share(found.post, n), of_gain=of_gain)


def is_mostly_unsure(figures: Figures) -> bool:
    """Whether a proven gain is for more than half fewer `don't know`."""
    (_, ci), of_gain = headline(figures), figures.of(Unsure).of_gain
    proven = ci is not None and ci[0] > 0 and not figures.of(Score).one_order
    return proven and of_gain is not None and of_gain > MOST


def gain_of_unsure(view: View) -> str:
    """For page one: how much of the gain is fewer `don't know`, where that is more than half."""
    mean, _ = headline(view.figures)
    if mean is None or not is_mostly_unsure(view.figures):
        return ""
    gain = view.per_hundred(mean)
    part = min(1.0, view.figures.of(Unsure).of_gain or 0.0) * gain
    named = {"gain": points(gain, view.language), "part": points(part, view.language)}
    return view.say("page_one.of_unsure", **named)


def unsure_sentences(view: View) -> list[str]:
    """`Don't know` before and after, and what became of answers, out of 100."""
    found, lines = view.figures.of(Unsure), []
    if found.pre is not None and found.post is not None:
        pre, post = (number(100 * x, view.language, 0) for x in (found.pre, found.post))
        lines.append(view.say("sentences.unsure", pre=pre, post=post))
    flows = {name: getattr(found, name) for name in FLOWS}
    if None not in flows.values():
        shown = {name: number(100 * (x or 0.0), view.language, 0) for name, x in flows.items()}
        lines.append(view.say("sentences.unsure_flows", **shown))
    return lines

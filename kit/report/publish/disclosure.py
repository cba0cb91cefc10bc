"""What a report keeps of its figures.

People: no group below ten in a report for the public, and none that leaves fewer than ten others. Answers:
the share right of an item is given from ten people on; who gave which answer only in cells of ten or more.
Each section knows its own figures; here they are asked one after the other. What is left gets the noise of
`kit.report.publish.protect`, so that no difference of published counts tells a withheld one.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from kit.report.count.cube import Cube
from kit.report.publish.protect import protect
from kit.report.sections import SECTIONS
from kit.report.sections.base import Figures, Parts, Secrecy, Section, Tells, without_inside
from kit.report.sections.flow import Flow
from kit.report.sections.score import Score, are_too_alike
from kit.report.stats.withholding import SMALLEST, GroupName

K: Final = SMALLEST["public"]
GROUPINGS: Final = ("site", "audience", "session", "event", "quiz_id")
POPULATIONS: Final = ("pairs", "pre", "post", "joined")


def people_cells(score: pd.DataFrame) -> pd.DataFrame:
    """People of each cell of site, audience, session, event, quiz and order, in each published population."""
    pre, post, n = score["pre"].notna(), score["post"].notna(), score["n"].astype("int64")
    keys = score[list(GROUPINGS)].fillna("")
    counted = keys.assign(
        arm=keys["quiz_id"] + "/" + score["arm"].fillna(""),
        pairs=n.where(pre & post, 0),
        pre=n.where(pre, 0),
        post=n.where(post, 0),
        joined=n,
    )
    return counted.groupby([*GROUPINGS, "arm"], sort=True)[list(POPULATIONS)].sum().reset_index()


def hidden_groups(cube: Cube) -> frozenset[GroupName]:
    """Groups that no report for the public on these people names, whichever groups it is asked for."""
    cells = people_cells(cube.score)
    if cells.empty:
        return frozenset()
    whole = cells[list(POPULATIONS)].sum()
    hidden = set()
    for by in (*GROUPINGS, "arm"):
        sizes = cells.groupby(by, sort=False)[list(POPULATIONS)].sum()
        rest = whole - sizes
        few = (sizes < K).any(axis=1) | ((rest["pairs"] > 0) & (rest["pairs"] < K))
        hidden |= {(by, str(name)) for name in sizes.index[few]}
    return frozenset(hidden)


def withhold(figures: Figures, cube: Cube, compared: Cube | None = None) -> Figures:
    """The figures as their readers may have them: colleagues, or the public; `compared` are other sites."""
    if not figures.options.is_public:
        for section in SECTIONS:
            figures = figures.with_parts(section.withhold_inside(figures))
        return figures
    told = _told(figures, cube)
    hidden = hidden_groups(cube) if told == Tells.SCORES else frozenset()
    secrecy = Secrecy(hidden, cube, told)
    parts: dict[str, object] = {}
    for section in SECTIONS:
        parts |= _kept(section, figures, secrecy)
    kept = Figures(
        figures.options, figures.sources, figures.sessions, figures.most, told, parts, figures.notes
    )
    return kept if told == Tells.SOURCES else protect(kept, cube, compared)


def _told(figures: Figures, cube: Cube) -> Tells:
    """How much a report for the public tells at all: of few people nothing, of people all alike no answer."""
    n = figures.of(Flow).n_pairs or 0
    if n < K and not cube.score.empty:
        return Tells.SOURCES
    return Tells.PEOPLE if are_too_alike(figures.of(Score), n) else Tells.SCORES


def _kept(section: Section, figures: Figures, secrecy: Secrecy) -> Parts:
    """What a section leaves; figures that never leave are emptied even where its rule forgot them."""
    if section.tells > secrecy.told:
        return section.blank(figures)
    return {key: without_inside(part) for key, part in section.withhold(figures, secrecy).items()}

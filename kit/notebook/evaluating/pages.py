"""Pages beside the report: all villages of the office, items to replace, people needed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

from kit.bundle.read import BundleSummary
from kit.notebook.evaluating.choice import Choice
from kit.notebook.evaluating.lines import pandas_lines
from kit.notebook.evaluating.made import Maker
from kit.report import Report
from kit.report.sections.spoken import whole
from kit.report.stats.planning import people_needed
from kit.text import message

ADVICE: Final = ("replace", "mend", "keep")
USUAL_SPREAD: Final = 20.0
"""Standard deviation of people's changes, in points out of 100, where no report tells a better one."""
CHANGES: Final = (5, 10, 15, 20)


def villages(maker: Maker, bundles: Iterable[BundleSummary], language: str) -> list[dict[str, Any]]:
    """Each site of the office with its visits, and its change as the report on all of them has it."""
    of_site: dict[str, list[BundleSummary]] = {}
    for bundle in bundles:
        of_site.setdefault(bundle.place.site_id, []).append(bundle)
    if not of_site:
        return []
    folders = tuple(bundle.folder.name for found in of_site.values() for bundle in found)
    report = maker.report(Choice(sessions=folders, by=("site",)))
    told = _told_by_site(report, language)
    rows = [_village(site_id, found, told) for site_id, found in of_site.items()]
    return sorted(rows, key=lambda row: (row["site"].casefold(), row["site_id"]))


def _told_by_site(report: Report, language: str) -> dict[str, tuple[str, ...]]:
    """Site by site who joined, and what the table of groups says: people, before, after, change, interval."""
    groups = report.to_dict(language)["groups"]
    table = report.tables(language).get("groups")
    rows = table.rows if table else ()
    joined = (group["flow"]["n_joined"] for group in groups)
    came = ("–" if n is None else whole(n, language) for n in joined)
    return {group["site_id"]: (n, *row[2:]) for group, n, row in zip(groups, came, rows, strict=True)}


def _village(site_id: str, found: list[BundleSummary], told: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    visits = sorted(found, key=lambda bundle: (bundle.held_on, bundle.code))
    around = (visits[-1].place.district, visits[-1].place.city)
    return {
        "site_id": site_id,
        "site": visits[-1].site,
        "around": ", ".join(part for part in around if part),
        "folders": [bundle.folder.name for bundle in visits],
        "first": visits[0].held_on,
        "last": visits[-1].held_on,
        "followed_up": any(bundle.finished_followup for bundle in visits),
        "told": list(told.get(site_id, ("–",) * 6)),
    }


def items(maker: Maker, choice: Choice, language: str) -> dict[str, Any]:
    """The items of a report by what to do with them: replace, mend, use again."""
    table = maker.report(choice).tables(language).get("items")
    groups = []
    rows = list(table.rows) if table else []
    for code in ADVICE:
        word = message(f"report.advice.{code}", language)
        found = [row for row in rows if row[-1] == word]
        groups.append({"code": code, "rows": found})
    judged = sum(len(group["rows"]) for group in groups)
    columns = list(table.columns) if table else []
    lines = [] if choice.public else pandas_lines("items", choice)
    return {"columns": columns, "groups": groups, "unjudged": len(rows) - judged, "lines": lines}


def planning(report: Report | None) -> dict[str, Any]:
    """What a report says for the next one: the spread of changes, and how many of those who came count."""
    spread, share, smallest = USUAL_SPREAD, 0.8, None
    if report is not None:
        told = report.to_dict()
        most = told["score"]["max"] or 1
        found = told["planning"]
        spread = 100 * found["spread"] / most if found["spread"] else spread
        smallest = 100 * found["smallest_change"] / most if found["smallest_change"] else None
        share = told["flow"]["pairs_share"] or share
    return {"spread": round(spread, 1), "share": round(100 * share), "smallest": smallest}


def people_for(change: float, spread: float, share: float) -> dict[str, int] | None:
    """People to measure, and to invite where a share (per cent) answers twice; None for impossible ones."""
    if not (0 < change <= 100 and 0 < spread <= 100 and 0 < share <= 100):
        return None
    measured = people_needed(change, spread)
    return {"measured": measured, "invited": math.ceil(100 * measured / share)}

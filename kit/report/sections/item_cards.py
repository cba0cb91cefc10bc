"""Each item once: what was asked, before and after, what persists, where, how well it measures, what to do.

The rows are ordered by what needs teaching: the item that fewest answered rightly after the session first.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from kit.report.sections.base import Table, View, make_table
from kit.report.sections.item_figures import ItemFigures
from kit.report.sections.names import item_excerpt, key_text, option_text, quiz_item, quiz_people
from kit.report.sections.spoken import guarded_share, interval, number, points, share
from kit.report.sections.thresholds import EVERYTHING_FROM

EXCERPT: Final = 76
"""Letters of what was asked: two lines of its column."""
TELLS_LITTLE: Final = 0.2
"""An item-rest correlation that is surely below this says that an item asks something else."""
KNOWN_BY_ALL: Final = 0.9
"""From this share right before and after there was nothing left to learn."""


def item_cards(view: View) -> dict[str, Table]:
    """One row for each item; its shares before and after are drawn beside their numbers."""
    rows = sorted(view.figures.rows(ItemFigures), key=_by_need)
    made = make_table(view, "items", [_card(view, row) for row in rows])
    return {name: replace(table, shares=tuple(_drawn(row) for row in rows)) for name, table in made.items()}


def _by_need(row: ItemFigures) -> tuple[bool, float, str, str]:
    """Fewest right first; a bound stands in the middle of what it leaves open, no share at all last."""
    after = row.p_post
    if after is None and row.bound_post:
        mark, bound = row.bound_post.split()
        after = int(bound) / 200 + (0.5 if mark == "≥" else 0.0)
    return after is None, after or 0.0, row.quiz_id, row.item


def _drawn(row: ItemFigures) -> tuple[float, float] | None:
    return None if row.p_pre is None or row.p_post is None else (row.p_pre, row.p_post)


def shown_shares(view: View, row: ItemFigures) -> tuple[str, str]:
    """Right before and after, out of 100, or what stands for a share that is withheld."""
    return (
        row.bound_pre or guarded_share(row.p_pre, row.n_pre, view.language),
        row.bound_post or guarded_share(row.p_post, row.n_post, view.language),
    )


def _card(view: View, row: ItemFigures) -> tuple[str, ...]:
    before, after = shown_shares(view, row)
    return (
        f"{item_excerpt(view, row, EXCERPT)}\n{_key(view, row)}",
        "–" if before == after == "–" else f"{before} → {after}",
        _change(view, row),
        _persisting(view, row),
        _sites(view, row),
        f"{view.say(f'advice.{code}')}{_quality(view, row)}" if (code := advice(row)) else "–",
    )


def _key(view: View, row: ItemFigures) -> str:
    """The id of an item (and whose quiz it is, where there are several), its people, and its key."""
    n = str(row.n_pre) if row.n_pre == row.n_post else f"{row.n_pre}/{row.n_post}"
    quizzes = {one.quiz_id for one in view.figures.rows(ItemFigures)}
    whose = [quiz_people(view, row.quiz_id)] if len(quizzes) > 1 else []
    parts = [*whose, row.item, view.say("charts.n", n=n)]
    item = quiz_item(view, row.quiz_id, row.item)
    key = row.signal or (item and "+".join(sorted(item.key)))
    if key:
        parts.append(view.say("key", key=key_text(view, row.quiz_id, row.item, key)))
    return " · ".join(parts)


def _change(view: View, row: ItemFigures) -> str:
    if row.change is None:
        return "–"
    change = points(100 * row.change, view.language, signed=True)
    if row.ci is not None:
        change += f" ({interval(row.ci, view.language, 100, 0)})"
    if not row.verdict_code:
        return change
    mark = view.say(f"item_marks.{row.verdict_code}")
    return f"{change}\n{mark} {view.say(f'item_verdicts.{row.verdict_code}')}"


def _persisting(view: View, row: ItemFigures) -> str:
    if row.persisting is None:
        return ""
    choice = option_text(view, row, row.persisting.choice)
    return f"{choice} ({share(row.persisting.share_post, view.language)})"


def _sites(view: View, row: ItemFigures) -> str:
    if not row.by_site:
        return ""
    up, same, down = row.by_site
    return view.say("sites_moved", up=up, down=down, all=up + same + down)


def _quality(view: View, row: ItemFigures) -> str:
    """How the item goes with the rest, before and after, on a line of its own."""
    waves = [x for x in (row.rest_r_pre, row.rest_r_post) if x is not None]
    return "\nr " + " → ".join(number(x, view.language, 2) for x in waves) if waves else ""


def advice(row: ItemFigures) -> str | None:
    """Use an item again, mend it, or replace it; None where too few answered to say.

    Replace: nearly all were right before and after. Mend: a wrong answer was given more often than the key
    after the session, or the item-rest correlation is surely (97.5 %, Fisher's z) below 0.2.
    """
    if row.p_pre is None or row.p_post is None or min(row.n_pre, row.n_post) < EVERYTHING_FROM:
        return None
    if min(row.p_pre, row.p_post) >= KNOWN_BY_ALL:
        return "replace"
    astray = row.persisting is not None and row.persisting.share_post > row.p_post
    return "mend" if astray or _asks_something_else(row) else "keep"


def _asks_something_else(row: ItemFigures) -> bool:
    r = row.rest_r_post
    if r is None or abs(r) >= 1:
        return False
    return math.tanh(math.atanh(r) + 1.96 / math.sqrt(row.n_post - 3)) < TELLS_LITTLE

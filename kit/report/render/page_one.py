"""Page one in words, by rule: the change, the verdict, who counted, what to do, what is unknown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from kit.report.publish.findings import Findings
from kit.report.sections.base import Figures, Tells, View
from kit.report.sections.change import change_sentence
from kit.report.sections.comparison import Comparison, Target, compared_sentence
from kit.report.sections.discernment import offer_sentences, verdict_key, verdict_text
from kit.report.sections.discernment_figures import DiscernmentFigures
from kit.report.sections.flow import Flow, pairs_share
from kit.report.sections.followup import Followup, is_followup_hidden
from kit.report.sections.item_figures import ItemFigures, ItemRef
from kit.report.sections.limits import Rescored
from kit.report.sections.names import item_labels
from kit.report.sections.score import Score
from kit.report.sections.sites import PooledFigures, headline, is_site_interval_hidden, printed_range
from kit.report.sections.spoken import date_range, declared, guarded_share, long_date, whole
from kit.report.sections.thresholds import (
    EVERYTHING_FROM,
    ITEM_UNDERSTOOD_FROM,
    MANY_LOST_BELOW,
    WARN_SHARE,
)
from kit.report.sections.unsure import gain_of_unsure

STEPS: Final = 2
OPEN: Final = 2
"""Items that few had right, on page one."""
MOST_WORDS: Final = 120
BRIEF: Final = 16
"""Letters of an item's name on page one, where every word counts."""
SOME_LOST_BELOW: Final = 0.9
"""Below this share of people who answered twice those who did not may differ."""
LEAST_PRESSING: Final = (
    ("pair", 2),
    ("next_steps", 1),
    ("unknown", 1),
    ("understood", 2),
    ("wrong", 1),
    ("understood", 1),
    ("understood", 0),
)
"""What page one leaves out, first things first, until it is short enough: a list, and how many stay."""


@dataclass(frozen=True)
class Summary:
    """Page one: at most 120 words for a head of office."""

    title: str
    place: str
    target: str
    change: str
    compared: str
    verdict: str
    verdict_mark: str
    verdict_text: str
    pair: tuple[str, ...]
    counted: str
    understood: tuple[str, ...]
    wrong: tuple[str, ...]
    next_steps: tuple[str, ...]
    unknown: tuple[str, ...]
    fingerprint: str
    date: str

    headings: tuple[str, str, str, str]
    flags: tuple[str, ...]

    def words(self) -> str:
        """Everything page one says outside its charts, headings included."""
        lists = zip(self.headings, (self.understood, self.wrong, self.next_steps, self.unknown), strict=True)
        parts = [
            *self.flags, self.title, self.place, self.target, self.change, self.compared, self.verdict,
            *self.pair, self.counted, *(part for head, lines in lists if lines for part in (head, *lines)),
            self.fingerprint, self.date,
        ]  # fmt: skip
        return "\n".join(part for part in parts if part)

    def length(self) -> int:
        """How many words page one has; arrows, dots and marks are none."""
        return sum(any(letter.isalnum() for letter in word) for word in self.words().split())


def summarise(findings: Findings, language: str) -> Summary:
    """Write page one, and leave out the least pressing lines until it has 120 words."""
    page = _full_page(findings, findings.view(language))
    order = list(LEAST_PRESSING)
    if findings.figures.of(PooledFigures).k == 2:
        # That two places speak for no others is one limit more: both stay as long as they can.
        order.sort(key=lambda one: one[0] == "unknown")
    for field, keep in order:
        if page.length() > MOST_WORDS:
            page = replace(page, **{field: getattr(page, field)[:keep]})
    return page


def _full_page(findings: Findings, view: View) -> Summary:
    figures, say = findings.figures, view.say
    code = verdict_key(figures)
    shown, labels = _items_of_people(figures), item_labels(view, longest=BRIEF)
    best = sorted(
        (row for row in shown if _is_understood(row)), key=lambda row: (-_right_after(row)[0], row.place)
    )
    made_on = long_date(findings.generated_at.date().isoformat(), view.language)
    return Summary(
        title=_title(view),
        place=_place(view),
        target=_target(view),
        change=change_sentence(view),
        compared=" ".join(line for line in (gain_of_unsure(view), compared_sentence(view)) if line),
        verdict=say(f"verdicts.{code}.name"),
        verdict_mark=say(f"verdicts.{code}.mark"),
        verdict_text=verdict_text(view),
        pair=offer_sentences(view),
        counted=_counted(view),
        understood=tuple(_item_line(view, row, labels) for row in best[:3]),
        wrong=_wrong_lines(view, shown, labels),
        next_steps=tuple(say(f"next_steps.{step}") for step in _next_steps(figures)[:STEPS]),
        unknown=tuple(say(f"unknown.{what}") for what in list(_unknown(figures))[:STEPS]),
        fingerprint=f"{say(_mark(figures))} {findings.fingerprint}",
        date=f"{say('made_on')} {made_on}",
        headings=(
            say("page_one.understood"),
            say("page_one.wrong"),
            say("page_one.next"),
            say("page_one.unknown"),
        ),
        flags=tuple(say(f"flags.{name}") for name in _flags(findings)),
    )


def _flags(findings: Findings) -> Iterator[str]:
    """What a reader must know before any number."""
    if findings.has_note("rehearsal"):
        yield "rehearsal"
    if any(line.items for line in findings.figures.rows(Rescored)):
        yield "rescored"


def _title(view: View) -> str:
    sessions = view.figures.sessions
    titles = {s.title.get(view.language) or next(iter(s.title.values())) for s in sessions}
    return titles.pop() if len(titles) == 1 else view.say("title")


def _place(view: View) -> str:
    sessions = view.figures.sessions
    if not sessions:
        return ", ".join(view.figures.sources)
    when = date_range(sessions[0].held_on, sessions[-1].held_on, view.language)
    if len(sessions) == 1:
        return view.say("page_one.place", site=sessions[0].site, date=when)
    sites = len({s.site for s in sessions})
    return view.say("page_one.many", sessions=len(sessions), sites=sites, date=when)


def _target(view: View) -> str:
    """The target and its verdict; two sites (or sessions) speak for nobody but their own people."""
    target = view.figures.of(Target)
    if target.points is None or target.verdict_code is None or view.figures.told == Tells.PEOPLE:
        return ""
    verdict = view.say(f"target.{target.verdict_code}")
    judged = printed_range(view.figures) is not None and not view.figures.of(Score).one_order
    if target.verdict_code == "open" and judged:
        verdict = view.say("target.open_within")
    line = "target.line_here" if view.figures.of(PooledFigures).k == 2 else "target.line"
    return view.say(line, points=declared(target.points, view.language), verdict=verdict)


def _counted(view: View) -> str:
    flow, language = view.figures.of(Flow), view.language
    if flow.n_pairs is None:
        return ""
    if flow.n_joined is None:
        return view.say("page_one.counted_pairs", pairs=whole(flow.n_pairs, language))
    return view.say(
        "page_one.counted",
        joined=whole(flow.n_joined, language),
        pairs=whole(flow.n_pairs, language),
        share=pairs_share(flow, language),
        lost=whole(max(0, flow.n_joined - flow.n_pairs), language),
    )


def _items_of_people(figures: Figures) -> list[ItemFigures]:
    """Items with enough answers."""
    rows = figures.rows(ItemFigures)
    return [row for row in rows if (row.change is not None and row.p_post is not None) or row.bound_post]


def _mark(figures: Figures) -> str:
    """What a report is known by: inside a fingerprint of the data, for the public a random number."""
    return "mark" if figures.options.is_public else "fingerprint"


def _right_after(row: ItemFigures) -> tuple[float, float]:
    """The share right after, twice; or from where to where it lies, where a bound stands for it."""
    if row.p_post is None and row.bound_post:
        mark, bound = row.bound_post.split()
        return (float(bound) / 100, 1.0) if mark == "≥" else (0.0, float(bound) / 100)
    return row.p_post or 0.0, row.p_post or 0.0


def _is_understood(row: ItemFigures) -> bool:
    """Whether what is printed says so; "≥ 50" says neither this nor the contrary."""
    return _right_after(row)[0] >= ITEM_UNDERSTOOD_FROM


def _is_open(row: ItemFigures) -> bool:
    return _right_after(row)[1] < ITEM_UNDERSTOOD_FROM


def _wrong_lines(view: View, rows: list[ItemFigures], labels: dict[ItemRef, str]) -> tuple[str, ...]:
    """The items that fewest had right; how many they are, where bounds do not tell which."""
    least = sorted((row for row in rows if _is_open(row)), key=lambda row: (_right_after(row)[1], row.place))
    bounded = [row for row in least if row.p_post is None]
    if len(bounded) <= OPEN:
        return tuple(_item_line(view, row, labels) for row in least[:OPEN])
    n, bound = whole(len(bounded), view.language), max(bounded, key=lambda row: _right_after(row)[1])
    exact = [row for row in least if row.p_post is not None][: OPEN - 1]
    lines = [_item_line(view, row, labels) for row in exact]
    return (*lines, view.say("page_one.items_many", share=bound.bound_post, n=n))


def _item_line(view: View, row: ItemFigures, labels: dict[ItemRef, str]) -> str:
    share_right = row.bound_post or guarded_share(row.p_post, row.n_post, view.language)
    return view.say("page_one.item", label=labels[row.place], share=share_right)


def _next_steps(figures: Figures) -> list[str]:
    """What to do next, most pressing first."""
    found = [*_steps_of_content(figures), *_steps_of_measuring(figures)]
    return found or ([] if is_site_interval_hidden(figures) else ["keep"])


def _steps_of_content(figures: Figures) -> Iterator[str]:
    verdict, flow = figures.of(DiscernmentFigures).verdict_code, figures.of(Flow)
    if verdict == "warier_only":
        yield "genuine"
    if verdict in ("duller", "more_trusting"):
        yield "duller"
    if flow.n_joined and (flow.n_pairs or 0) < MANY_LOST_BELOW * flow.n_joined:
        yield "stay"
    if any(_is_open(row) for row in _items_of_people(figures)):
        yield "repeat"
    if figures.of(Target).verdict_code == "missed":
        yield "target"
    kept = figures.of(Followup)
    if kept.is_most and kept.retained_ci is not None and kept.retained_ci[0] <= 0:
        yield "refresh"


def _steps_of_measuring(figures: Figures) -> Iterator[str]:
    flow, genuine = figures.of(Flow), figures.of(DiscernmentFigures).n_genuine
    if (figures.of(Score).ceiling_pre or 0) >= WARN_SHARE:
        yield "harder"
    if (flow.n_pairs or 0) < EVERYTHING_FROM or figures.told == Tells.PEOPLE:
        yield "bigger"
    if figures.rows(ItemFigures) and not genuine:
        yield "offers"
    if not flow.n_followup and not is_followup_hidden(figures):
        yield "followup"
    elif figures.of(Followup).n is not None and not figures.of(Followup).is_most:
        yield "return"
    mean, ci = headline(figures)
    if figures.of(Score).one_order:
        yield "orders"
    elif mean is not None and not is_site_interval_hidden(figures) and (ci is None or ci[0] <= 0):
        yield "review"


def _unknown(figures: Figures) -> Iterator[str]:
    """What nobody may read into the numbers, weightiest first."""
    flow, pooled = figures.of(Flow), figures.of(PooledFigures)
    if pooled.k == 2:
        yield "two_sites" if pooled.unit == "site" else "two_sessions"
    yield _unknown_origin(figures.of(Comparison))
    if verdict_key(figures) == "none":
        yield "careful"
    if flow.n_joined and (flow.n_pairs or 0) < SOME_LOST_BELOW * flow.n_joined:
        yield "lost"
    if not flow.n_followup and not is_followup_hidden(figures):
        yield "no_followup"
    if pooled.k is not None and pooled.k < 2:
        yield "one_site"


def _unknown_origin(comparison: Comparison) -> str:
    """What a comparison leaves open; sites that were compared were not drawn by lot."""
    if comparison.difference is None:
        return "no_comparison"
    ci = comparison.ci
    return "comparison_open" if ci is None or ci[0] <= 0 <= ci[1] else "comparison_differs"

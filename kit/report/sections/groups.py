"""Sites, audiences, sessions and events beside each other: never a ranking."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from kit.report.charts.altair_import import alt
from kit.report.charts.axes import reach, slopes, spread_labels
from kit.report.charts.look import SIZE, Drawing, values
from kit.report.sections.base import (
    Evidence,
    Figures,
    Note,
    Part,
    Parts,
    Secrecy,
    Section,
    SheetRow,
    Table,
    View,
    declare,
    make_table,
    note,
)
from kit.report.sections.cells import Cells, site_ids
from kit.report.sections.flow import Flow, measure_flow, public_flow
from kit.report.sections.names import session_name, squeezed
from kit.report.sections.score import Score, measure_score, public_score
from kit.report.sections.spoken import adds_up, interval, points, whole
from kit.report.sections.thresholds import EVERYTHING_FROM, FULL_STATISTICS_FOR_GROUPS
from kit.report.stats.withholding import SMALLEST, GroupName, withheld

SLOPES_UP_TO: Final = 8
LABELS_APART: Final = 6.0
AUDIENCES: Final = ("student", "teacher", "principal", "resident")
COLUMNS: Final = (
    "by", "name", "n_joined", "n_pairs", "mean_pre", "mean_post", "mean_change", "ci_low", "ci_high", "",
)  # fmt: skip


@dataclass(frozen=True)
class Group(Part):
    """One site, audience, session or event; `site_id` is the identity of a site, else empty."""

    key: ClassVar = "groups"
    many: ClassVar = True
    public: ClassVar = declare(always="by name site_id", by_rule="suppressed flow score")

    by: str
    name: str
    suppressed: bool
    flow: Flow
    score: Score
    site_id: str = ""


def measure_groups(cells: Cells, kinds: Iterable[str]) -> Iterator[Group]:
    """Every group of each kind; those of fewer than ten matched people have counts only."""
    for by in kinds:
        split = cells.split(by)
        full = len(split) <= FULL_STATISTICS_FOR_GROUPS
        for name, part in split:
            pairs = part.pairs()
            if pairs.total < EVERYTHING_FROM:
                yield Group(by, name, False, measure_flow(part), Score(max=cells.most))
                continue
            score = measure_score(part, full=full)
            flow = measure_flow(part, score.mean_change)
            yield Group(by, name, False, flow, replace(score, changes=()))


def without_figures(group: Group) -> Group:
    """A group that is named and of which nothing is told."""
    return Group(group.by, group.name, True, Flow(), Score(), group.site_id)


def group_name(view: View, group: Group) -> str:
    """The name of a group as people say it."""
    if group.by == "audience" and group.name in AUDIENCES:
        return view.say(f"audiences.{group.name}")
    if group.by == "session":
        return session_name(view, group.name)
    return group.name or "–"


class GroupsSection(Section):
    """Groups beside each other."""

    name = "groups"
    parts = (Group,)
    reads = (
        "one_site", "two_sites", "two_sessions", "sites_no_spread", "sites_hidden", "few_sites",
        "few_sessions", "site_alone", "sites_differ", "groups_brief", "group_details",
        "suppressed", "group_small", "comparison_small", "comparison_one_site",
    )  # fmt: skip

    def measure(self, evidence: Evidence, so_far: Figures) -> Parts:
        """All groups that the report was asked for."""
        groups, ids = measure_groups(evidence.cells, evidence.options.by), site_ids(evidence.cube.score)
        return {
            Group.key: tuple(
                replace(one, site_id=ids.get(one.name, "")) if one.by == "site" else one for one in groups
            )
        }

    def withhold(self, figures: Figures, secrecy: Secrecy) -> Parts:
        """No group below ten, none that others give away; of the rest no counts of ups and downs."""
        return {Group.key: tuple(_public_group(group, secrecy.hidden) for group in figures.rows(Group))}

    def withhold_inside(self, figures: Figures) -> Parts:
        """No group below five matched people, and a neighbour with it where the total gives it away."""
        found: list[Group] = []
        for by in figures.options.by:
            groups = [group for group in figures.rows(Group) if group.by == by]
            sizes = [group.flow.n_pairs or 0 for group in groups]
            hidden = withheld(sizes, SMALLEST["internal"])
            found += [without_figures(g) if hide else g for g, hide in zip(groups, hidden, strict=True)]
        return {Group.key: tuple(found)}

    def notes(self, figures: Figures, evidence: Evidence) -> Iterator[Note]:
        """What is not told of groups, and why."""
        groups, k = figures.rows(Group), SMALLEST[figures.options.audience]
        sizes = Counter(group.by for group in groups)
        measured = [group.by for group in groups if group.score.mean_change is not None]
        if any(sizes[by] > FULL_STATISTICS_FOR_GROUPS for by in measured):
            yield note("groups_brief", "groups.*")
        suppressed = sum(group.suppressed for group in groups)
        if suppressed:
            yield note("suppressed", "groups.*", n=suppressed, k=k)
        if any(not g.suppressed and g.score.mean_change is None for g in groups):
            yield note("group_small", "groups.*.score.*", k=EVERYTHING_FROM)
        if groups:
            yield note("group_details", "groups.*")

    def words(self, view: View) -> list[str]:
        """That printed differences may be off by one, where one is."""
        scores = [group.score for group in view.figures.rows(Group)]
        told = [(s.mean_pre, s.mean_post, s.mean_change) for s in scores]
        shown = [[view.per_hundred(x or 0.0) for x in means] for means in told if None not in means]
        return [] if all(adds_up(*means) for means in shown) else [view.say("sentences.rounded")]

    def tables(self, view: View) -> dict[str, Table]:
        """A line for each group."""
        return make_table(view, "groups", [_row(view, group) for group in view.figures.rows(Group)])

    def charts(self, view: View) -> dict[str, Drawing]:
        """Slopegraph of two to eight groups of one kind."""
        for by in view.figures.options.by:
            groups = [g for g in view.figures.rows(Group) if g.by == by and g.score.mean_change is not None]
            if 2 <= len(groups) <= SLOPES_UP_TO:
                return {"groups": _slopes(view, groups)}
        return {}

    def sheets(self, view: View) -> Iterator[tuple[str, Iterable[SheetRow]]]:
        """A row for each group, numbers as numbers."""
        rows: list[SheetRow] = [COLUMNS]
        for group in view.figures.rows(Group):
            flow, score = group.flow, group.score
            hidden = view.say("xlsx.note") if group.suppressed else None
            ci = score.ci or (None, None)
            rows.append((group.by, group.name, flow.n_joined, flow.n_pairs, score.mean_pre, score.mean_post,
                         score.mean_change, *ci, hidden))  # fmt: skip
        yield "sites", rows


def _public_group(group: Group, hidden: frozenset[GroupName]) -> Group:
    if (group.by, group.name) in hidden:
        return without_figures(group)
    score = public_score(group.score, group.flow.n_pairs or 0)
    score = replace(score, n_up=None, n_same=None, n_down=None, ceiling_pre=None, floor_pre=None)
    return replace(group, flow=replace(public_flow(group.flow), n_followup=None), score=score)


def _row(view: View, group: Group) -> tuple[str, ...]:
    first, language = (view.say(f"by.{group.by}"), group_name(view, group)), view.language
    if group.suppressed:
        k = SMALLEST[view.figures.options.audience]
        return (*first, view.say("rows.suppressed", k=k), "–", "–", "–", "–")
    n, s = group.flow.n_pairs or 0, group.score
    if s.mean_pre is None or s.mean_post is None or s.mean_change is None:
        few = view.say("rows.too_few", k=EVERYTHING_FROM)
        return (*first, whole(n, language), few, "–", "–", "–")
    return (
        *first,
        whole(n, language),
        points(view.per_hundred(s.mean_pre), language),
        points(view.per_hundred(s.mean_post), language),
        points(view.per_hundred(s.mean_change), language, signed=True),
        interval(s.ci, language, 100 / (s.max or 1), 0),
    )


def _slopes(view: View, groups: list[Group]) -> Drawing:
    waves = [view.say(f"waves.{wave}") for wave in ("pre", "post")]
    rows, heights, names = [], [], []
    for group in groups:
        n, s = group.flow.n_pairs or 0, group.score
        name = squeezed(group_name(view, group))
        names.append(f"{name} ({view.say('charts.n', n=n)})")
        for wave, mean, sd in ((waves[0], s.mean_pre, s.sd_pre), (waves[1], s.mean_post, s.sd_post)):
            middle, half = view.per_hundred(mean or 0.0), view.per_hundred(reach(sd, n))
            low, high = max(0.0, middle - half), min(100.0, middle + half)
            rows.append({"name": name, "wave": wave, "mean": middle, "low": low, "high": high})
        heights.append(view.per_hundred(s.mean_post or 0.0))
    ends = [
        {"wave": waves[1], "at": at, "label": label}
        for at, label in zip(spread_labels(heights, LABELS_APART), names, strict=True)
    ]
    labels = alt.Chart(values(ends)).mark_text(align="left", dx=14, fontSize=SIZE)
    chart = slopes(rows, waves, view.say("charts.groups.y"), labels)
    words = view.say("charts.groups.alt", names=", ".join(names))
    return Drawing(chart, "groups", view.say("charts.groups.title"), words)

"""Who was measured and who was lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from kit.report.count.cube import Cube
from kit.report.sections.base import (
    Evidence,
    Figures,
    Note,
    Part,
    Parts,
    Secrecy,
    Section,
    Table,
    Tells,
    View,
    declare,
    make_table,
    note,
)
from kit.report.sections.cells import Cells, moments
from kit.report.sections.spoken import guarded_share, outward, points, share, whole
from kit.report.sections.thresholds import COUNTS_ONLY_BELOW, MANY_LOST_BELOW
from kit.report.stats import paired
from kit.report.stats.distributions import Interval
from kit.report.stats.withholding import NO_EXTREMES_BELOW, SMALLEST, is_small, printable_share

K = SMALLEST["public"]
COUNTED = ("n_joined", "n_pre", "n_post", "n_pairs", "n_followup", "n_partial", "n_short")


@dataclass(frozen=True)
class Flow(Part):
    """Who was measured and who was lost. Leavers answered before and not after."""

    key: ClassVar = "flow"
    public: ClassVar = declare(
        by_rule="""n_joined n_pre n_post n_pairs stayers_mean_pre n_followup pairs_share
            leavers_mean_pre leavers_difference leavers_ci gain_times_share n_partial n_short""",
    )

    n_joined: int | None = None
    n_pre: int | None = None
    n_post: int | None = None
    n_pairs: int | None = None
    n_followup: int | None = None
    pairs_share: float | None = None
    stayers_mean_pre: float | None = None
    leavers_mean_pre: float | None = None
    leavers_difference: float | None = None
    leavers_ci: Interval | None = None
    gain_times_share: float | None = None
    n_partial: int | None = None
    n_short: int | None = None


def measure_flow(cells: Cells, change: float | None = None) -> Flow:
    """Count people per wave; compare those who stayed with those who left after the first wave."""
    n_joined, n_pairs = int(cells.n.sum()), cells.total("pre", "post")
    share = n_pairs / n_joined if n_joined else None
    flow = Flow(
        n_joined=n_joined,
        n_pre=cells.total("pre"),
        n_post=cells.total("post"),
        n_pairs=n_pairs,
        n_followup=cells.total("followup"),
        pairs_share=share,
        gain_times_share=None if change is None or share is None else change * share,
    )
    before, again = cells.present("pre"), cells.present("post")
    stayers, leavers = (
        moments(cells.waves["pre"][m], cells.n[m]) for m in (before & again, before & ~again)
    )  # fmt: skip
    flow = replace(flow, stayers_mean_pre=stayers[0] if stayers else None)
    if stayers is None or leavers is None or min(stayers[2], leavers[2]) < COUNTS_ONLY_BELOW:
        return flow
    welch = paired.welch_difference(leavers, stayers)
    return replace(
        flow, leavers_mean_pre=leavers[0], leavers_difference=welch.difference, leavers_ci=welch.ci
    )


def with_attempts(flow: Flow, cube: Cube) -> Flow:
    """The flow with its attempts that were cut off: those that count all the same, and those that do not."""
    status = cube.attempt.groupby("status")["n"].sum()
    partial, short = (int(status.get(name, 0)) for name in ("partial", "short"))
    return replace(flow, n_partial=partial, n_short=short)


def public_flow(flow: Flow) -> Flow:
    """How many came and stayed is told; how the few who left had answered is not."""
    if (flow.n_pre or 0) - (flow.n_pairs or 0) < K:
        flow = replace(flow, leavers_mean_pre=None, leavers_difference=None, leavers_ci=None)
    share = printable_share(flow.pairs_share, flow.n_joined or 0)
    return replace(
        flow,
        pairs_share=share,
        gain_times_share=None if share is None else flow.gain_times_share,
        n_followup=None if is_small(flow.n_followup, K) else flow.n_followup,
        n_partial=None if is_small(flow.n_partial, K) else flow.n_partial,
        n_short=None if is_small(flow.n_short, K) else flow.n_short,
    )


def pairs_share(flow: Flow, language: str) -> str:
    """Who answered twice, per cent; guarded where the figures withhold it."""
    joined, pairs = flow.n_joined or 0, flow.n_pairs or 0
    if flow.pairs_share is None and joined:
        return f"{guarded_share(pairs / joined, NO_EXTREMES_BELOW - 1, language)}%"
    return share(pairs / joined if joined else 0.0, language)


class FlowSection(Section):
    """Who was measured and who was lost."""

    name = "flow"
    parts = (Flow,)
    tells = Tells.PEOPLE
    reads = (
        "set_aside",
        "partial_attempts", "short_attempts", "nobody_left", "few_left", "few_left_hidden", "no_pre",
        "many_left",
    )  # fmt: skip

    def measure(self, evidence: Evidence, so_far: Figures) -> Parts:
        """People per wave, leavers against stayers, and attempts that were cut off."""
        enough = evidence.pairs.total >= COUNTS_ONLY_BELOW
        flow = measure_flow(evidence.cells, paired.mean_change(evidence.pairs).mean if enough else None)
        return {Flow.key: with_attempts(flow, evidence.cube)}

    def withhold(self, figures: Figures, secrecy: Secrecy) -> Parts:
        """Nothing on few leavers, nothing on few who came back."""
        return {Flow.key: public_flow(figures.of(Flow))}

    def notes(self, figures: Figures, evidence: Evidence) -> Iterator[Note]:
        """Cut-off attempts, leavers too few to compare, and many lost."""
        flow = figures.of(Flow)
        if aside := sum(record.set_aside for record in evidence.records):
            yield note("set_aside", n=aside)
        if flow.n_partial:
            yield note("partial_attempts", n=flow.n_partial)
        if flow.n_short:
            yield note("short_attempts", n=flow.n_short)
        if flow.leavers_ci is None:
            yield _no_leavers(flow, figures.options.is_public)
        if flow.n_pre == 0:
            yield note("no_pre", "flow.pairs_share", "flow.gain_times_share")
        elif flow.pairs_share is not None and flow.pairs_share < MANY_LOST_BELOW:
            yield note("many_left", share=round(100 * (1 - flow.pairs_share)))

    def words(self, view: View) -> list[str]:
        """How leavers differed, and the change if all who were lost had not changed."""
        flow, language, lines = view.figures.of(Flow), view.language, []
        if flow.leavers_ci is not None and flow.leavers_difference is not None:
            ends = outward(*(view.per_hundred(x) for x in flow.leavers_ci))
            low, high = (points(x, language) for x in ends)
            difference = points(view.per_hundred(flow.leavers_difference), language, signed=True)
            lines.append(view.say("sentences.leavers", difference=difference, low=low, high=high))
        if flow.gain_times_share is not None and flow.pairs_share is not None and flow.pairs_share < 1:
            value = points(view.per_hundred(flow.gain_times_share), language, signed=True)
            lines.append(view.say("sentences.times_share", points=value))
        return lines

    def tables(self, view: View) -> dict[str, Table]:
        """People per wave."""
        flow = view.figures.of(Flow)
        found = [(name, getattr(flow, name)) for name in COUNTED]
        # Nobody was cut off, nobody came back: that needs no row.
        told = [(name, n) for name, n in found if n or (n == 0 and name in COUNTED[:4])]
        rows = [(view.say(f"rows.{name}"), whole(n, view.language)) for name, n in told]
        return make_table(view, "flow", rows)


def _no_leavers(flow: Flow, public: bool) -> Note:
    lost = (flow.n_pre or 0) - (flow.n_pairs or 0)
    hidden = public and (flow.n_pre is None or 0 != lost < K)
    lost = lost if flow.n_pre is not None else K
    code = "nobody_left" if lost == 0 else "few_left_hidden" if hidden else "few_left"
    about = ("flow.stayers_mean_pre", "flow.leavers_*", "groups.*.flow.*")
    return note(code, *about, n=K if hidden else lost)

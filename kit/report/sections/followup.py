"""What is still there at follow-up, for the people of all three waves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

import numpy as np

from kit.report.charts.altair_import import alt
from kit.report.charts.axes import reach, slopes
from kit.report.charts.look import SIZE, Drawing, values
from kit.report.sections.base import (
    Evidence,
    Figures,
    Note,
    Part,
    Parts,
    Secrecy,
    Section,
    View,
    declare,
    note,
)
from kit.report.sections.cells import Cells, cluster_column
from kit.report.sections.flow import Flow
from kit.report.sections.sites import POOLED_FROM
from kit.report.sections.spoken import points, share, shares, whole
from kit.report.sections.thresholds import COUNTS_ONLY_BELOW, RETURNED_FROM
from kit.report.stats import effect, paired
from kit.report.stats.distributions import Interval
from kit.report.stats.paired import Numbers
from kit.report.stats.withholding import SMALLEST, is_small
from kit.study.wave import WAVES

K = SMALLEST["public"]
_OTHERS: Final = tuple(
    f"followup.{name}" for name in ("others_mean_*", "difference_pre", "difference_pre_ci", "tipping")
)


@dataclass(frozen=True)
class Followup(Part):
    """People of all three waves, in points; `retained` is the share of the gain still there.

    `n_before` are those who answered twice, `returned` the share of them who came back. `others_*` are those
    who did not; `tipping` is how far below their own first score these would have to be, on average, for
    nothing to be left of everybody's gain.
    """

    key: ClassVar = "followup"
    public: ClassVar = declare(
        by_rule="""n n_before returned mean_pre mean_post mean_followup retained retained_ci sd_pre sd_post
            sd_followup tipping""",
        never="others_mean_pre others_mean_post difference_pre difference_pre_ci",
    )

    n: int | None = None
    n_before: int | None = None
    returned: float | None = None
    mean_pre: float | None = None
    mean_post: float | None = None
    mean_followup: float | None = None
    retained: float | None = None
    retained_ci: Interval | None = None
    sd_pre: float | None = None
    sd_post: float | None = None
    sd_followup: float | None = None
    others_mean_pre: float | None = None
    others_mean_post: float | None = None
    difference_pre: float | None = None
    difference_pre_ci: Interval | None = None
    tipping: float | None = None

    @property
    def is_most(self) -> bool:
        """Whether at least half of those who answered twice came back."""
        return self.returned is not None and self.returned >= RETURNED_FROM


def measure_followup(cells: Cells) -> Followup:
    """Means of the people of all three waves, how they differ from the others, and what is still there."""
    rows = cells.chosen(cells.present(*WAVES))
    n, total, before = rows.n, int(rows.n.sum()), cells.total("pre", "post")
    counted = Followup(n=total, n_before=before, returned=total / before if before else None)
    if total < COUNTS_ONLY_BELOW:
        return counted
    pre, post, later = (rows.waves[w] for w in WAVES)
    means = [paired.weighted_mean(x, n) for x in (pre, post, later)]
    kept = effect.retained(pre, post, later, n, _sites(rows)) if counted.is_most else effect.Ratio(None, None)
    spreads = [paired.weighted_sd(x, n) for x in (pre, post, later)]
    found = replace(
        counted,
        mean_pre=means[0],
        mean_post=means[1],
        mean_followup=means[2],
        retained=kept.value,
        retained_ci=kept.ci,
        sd_pre=spreads[0],
        sd_post=spreads[1],
        sd_followup=spreads[2],
    )
    return _beside_others(found, cells)


def _sites(rows: Cells) -> Numbers | None:
    """The site of each cell, where sites are enough to be the units."""
    site = np.unique(rows.labels[cluster_column(rows)][0], return_inverse=True)[1]
    return site if site.max(initial=0) + 1 >= POOLED_FROM else None


def _beside_others(found: Followup, cells: Cells) -> Followup:
    """Those who did not come back, before and after, and how bad off they would have to be."""
    absent = cells.chosen(cells.present("pre", "post") & np.isnan(cells.waves["followup"]))
    people = int(absent.n.sum())
    if found.n is None or found.mean_pre is None or found.mean_followup is None or people == 0:
        return found
    left = found.mean_followup - found.mean_pre
    came = (found.mean_pre, found.sd_pre, found.n)
    found = replace(found, tipping=found.n * left / people if left > 0 else None)
    if people < COUNTS_ONLY_BELOW:
        return found
    pre, n = absent.waves["pre"], absent.n
    mean = paired.weighted_mean(pre, n)
    welch = paired.welch_difference(came, (mean, paired.weighted_sd(pre, n), people))
    return replace(
        found,
        others_mean_pre=mean,
        others_mean_post=paired.weighted_mean(absent.waves["post"], n),
        difference_pre=welch.difference,
        difference_pre_ci=welch.ci,
    )


def is_followup_hidden(figures: Figures) -> bool:
    """Whether there was a follow-up that a report for the public keeps back: too few came back."""
    return figures.options.is_public and None in (figures.of(Flow).n_followup, figures.of(Followup).n)


class FollowupSection(Section):
    """The people of all three waves."""

    name = "followup"
    parts = (Followup,)
    reads = (
        "no_followup", "followup_few", "followup_minority", "no_gain_to_keep", "retained_no_spread",
        "followup_others", "followup_hidden",
    )  # fmt: skip

    def measure(self, evidence: Evidence, so_far: Figures) -> Parts:
        """Three means and the share of the gain that is left."""
        return {Followup.key: measure_followup(evidence.cells)}

    def withhold(self, figures: Figures, secrecy: Secrecy) -> Parts:
        """Nothing of fewer than ten who came back."""
        found = figures.of(Followup)
        return {Followup.key: Followup() if is_small(found.n, K) else found}

    def notes(self, figures: Figures, evidence: Evidence) -> Iterator[Note]:
        """No follow-up, one of too few, or no gain that could be kept."""
        found = figures.of(Followup)
        if is_followup_hidden(figures):
            yield note("followup_hidden", "followup.*", "flow.n_followup", k=K)
        elif not figures.of(Flow).n_followup:
            yield note("no_followup", "followup.*", "flow.n_followup")
        elif found.mean_followup is None:
            yield note("followup_few", "followup.*", k=COUNTS_ONLY_BELOW)
        elif not found.is_most:
            yield note("followup_minority", "followup.retained*")
        elif found.retained is None:
            yield note("no_gain_to_keep", "followup.retained*")
        elif found.retained_ci is None:
            yield note("retained_no_spread", "followup.retained_ci")
        said = (found.others_mean_pre, found.others_mean_post, found.difference_pre_ci, found.tipping)
        if found.mean_followup is not None and None in said:
            yield note("followup_others", *_OTHERS, k=COUNTS_ONLY_BELOW)

    def words(self, view: View) -> list[str]:
        """Who came back and who they are, the three means, how much is left, and what would undo it."""
        found, language = view.figures.of(Followup), view.language
        means = (found.mean_pre, found.mean_post, found.mean_followup)
        if found.n is None or None in means:
            return []
        pre, post, later = (points(view.per_hundred(mean or 0.0), language) for mean in means)
        n = whole(found.n, language)
        before = whole(found.n_before or 0, language)
        lines = [view.say("sentences.returned", n=n, before=before), *_others_sentences(view, found)]
        lines.append(view.say("sentences.retained_open", n=n, pre=pre, post=post, followup=later))
        if found.retained is not None and found.retained_ci is not None:
            low, high = shares(found.retained_ci, language)
            kept = share(found.retained, language)
            key = "retained" if found.retained <= 1 else "retained_all"
            lines.append(view.say(f"sentences.{key}", share=kept, low=low, high=high))
        if found.tipping is not None:
            lines.append(
                view.say("sentences.tipping", points=points(view.per_hundred(found.tipping), language))
            )
        return lines

    def charts(self, view: View) -> dict[str, Drawing]:
        """The mean of the people of all three waves."""
        found = view.figures.of(Followup)
        means = (found.mean_pre, found.mean_post, found.mean_followup)
        if found.n is None or None in means:
            return {}
        return {"waves": _waves(view, found, [mean or 0.0 for mean in means])}


def _others_sentences(view: View, found: Followup) -> Iterator[str]:
    """How those who came back stood before and after, beside those who did not."""
    means = (found.mean_pre, found.mean_post, found.others_mean_pre, found.others_mean_post)
    if None not in means:
        shown = [points(view.per_hundred(mean or 0.0), view.language) for mean in means]
        named = dict(zip(("pre", "post", "others_pre", "others_post"), shown, strict=True))
        yield view.say("sentences.returners", **named)


def _waves(view: View, found: Followup, means: list[float]) -> Drawing:
    names = [view.say(f"waves.{wave}") for wave in WAVES]
    n, spreads = found.n or 0, (found.sd_pre, found.sd_post, found.sd_followup)
    rows: list[dict[str, Any]] = []
    for wave, mean, sd in zip(names, means, spreads, strict=True):
        middle, half = view.per_hundred(mean), view.per_hundred(reach(sd, n))
        rows.append({"name": "", "wave": wave, "mean": middle, "low": middle - half, "high": middle + half})
    shown = [points(row["mean"], view.language) for row in rows]
    ends = [
        {"wave": row["wave"], "at": row["high"], "label": text} for row, text in zip(rows, shown, strict=True)
    ]
    labels = alt.Chart(values(ends)).mark_text(dy=-10, baseline="bottom", fontSize=SIZE, fontWeight="bold")
    chart = slopes(rows, names, view.say("charts.waves.y"), labels)
    words = view.say("charts.waves.alt", n=n, pre=shown[0], post=shown[1], followup=shown[2])
    return Drawing(chart, "waves", view.say("charts.waves.title"), words)

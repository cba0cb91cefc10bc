"""Over sites: their mean by random effects, how much they differ, and each with its interval."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

import numpy as np

from kit.report.charts.altair_import import alt
from kit.report.charts.look import (
    ACCENT,
    INK,
    MUTED,
    PAPER,
    ROW,
    SIGNED,
    SOFT,
    Drawing,
    values,
)
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
    as_written,
    declare,
    flat_rows,
    make_table,
    note,
)
from kit.report.sections.cells import Cells, cluster_column, site_ids
from kit.report.sections.flow import Flow
from kit.report.sections.names import session_name, squeezed
from kit.report.sections.score import Score
from kit.report.sections.spoken import interval, outward, points, share, value
from kit.report.sections.thresholds import COUNTS_ONLY_BELOW
from kit.report.stats import pooling
from kit.report.stats.distributions import Interval, t_quantile
from kit.report.stats.withholding import NO_EXTREMES_BELOW, SMALLEST, withheld

FOREST_UP_TO: Final = 30
POOLED_FROM: Final = 3
PREDICTED_FROM: Final = 5
WIDER_FROM: Final = 1.5
"""A design effect from which on people of one site are said to resemble each other."""


@dataclass(frozen=True)
class SiteEstimate(Part):
    """One line of the forest plot; `site_id` is empty where sessions of one site are the lines."""

    public: ClassVar = declare(always="site_id", by_rule="name n mean_change ci")

    name: str
    n: int
    mean_change: float
    ci: Interval | None
    site_id: str = ""


@dataclass(frozen=True)
class PooledFigures(Part):
    """The mean over sites by random effects, and how much sites differ; points."""

    key: ClassVar = "pooled"
    on_sheet: ClassVar = True
    public: ClassVar = declare(
        always="k unit",
        by_rule="""estimate ci tau2 i2 prediction_interval icc design_effect cluster_robust_ci reml_estimate
            reml_ci sites""",
    )

    k: int | None = None
    unit: str | None = None
    estimate: float | None = None
    ci: Interval | None = None
    tau2: float | None = None
    i2: float | None = None
    prediction_interval: Interval | None = None
    icc: float | None = None
    design_effect: float | None = None
    cluster_robust_ci: Interval | None = None
    reml_estimate: float | None = None
    reml_ci: Interval | None = None
    sites: tuple[SiteEstimate, ...] = ()


def headline(figures: Figures) -> tuple[float | None, Interval | None]:
    """The change that page one prints: over sites from three sites on, else over people; points.

    Where sites are the units and their interval may not be told, there is none: one over people alone would
    promise more than the sites do.
    """
    score, pooled = figures.of(Score), figures.of(PooledFigures)
    if pooled.estimate is not None and pooled.ci is not None:
        return pooled.estimate, pooled.ci
    return score.mean_change, None if is_site_interval_hidden(figures) else score.ci


def printed_range(figures: Figures) -> tuple[Interval, bool] | None:
    """The range of the headline in points of 100 as it is printed, and whether the scale cuts it short.

    Everything that is decided on a change (words, target) is decided on these two ends: cut where the scale
    ends, since nobody can rise above full marks, and rounded outward.
    """
    _, ci = headline(figures)
    if ci is None:
        return None
    scale = 100.0 / (figures.most or 1)
    before = scale * (figures.of(Score).mean_pre or 0.0)
    low, high = scale * ci[0], scale * ci[1]
    inside = max(low, -before), min(high, 100.0 - before)
    return outward(*inside), inside != (low, high)


def is_site_interval_hidden(figures: Figures) -> bool:
    """Whether sites are the units of a report for the public that may not tell their interval."""
    pooled = figures.of(PooledFigures)
    several = (pooled.k or 0) >= POOLED_FROM and pooled.estimate is None
    return figures.options.is_public and several and not pooled.sites


def site_moments(cells: Cells, unit: str) -> tuple[list[str], pooling.SiteMoments] | None:
    """Names and moments of the sites (or sessions) that have matched people."""
    matched = cells.matched()
    if not len(matched.n):
        return None
    _, codes = np.unique(matched.labels[unit][0], return_inverse=True)
    return matched.names(unit), pooling.site_moments(codes, matched.level_changes(), matched.n.astype(float))


def measure_pooled(cells: Cells) -> PooledFigures:
    """The mean over sites, how much they differ, what a new site may expect."""
    unit = cluster_column(cells)
    found = site_moments(cells, unit)
    if found is None:
        return PooledFigures(k=0, unit=unit)
    names, moments = found
    k = len(names)
    if k < 2 or int(moments.n.sum()) < COUNTS_ONLY_BELOW:
        return PooledFigures(k=k, unit=unit)
    icc = pooling.intraclass_correlation(moments)
    described = PooledFigures(
        k=k,
        unit=unit,
        icc=icc,
        design_effect=None if icc is None else pooling.design_effect(moments, icc),
        sites=tuple(_site_lines(names, moments)),
    )
    return described if k < POOLED_FROM else _pooled(described, moments)


def _pooled(described: PooledFigures, moments: pooling.SiteMoments) -> PooledFigures:
    described = replace(described, cluster_robust_ci=pooling.cluster_robust(moments).ci)
    pooled, mixed = pooling.pool_sites(moments), pooling.random_intercept(moments)
    if pooled:
        described = replace(
            described,
            estimate=pooled.estimate,
            ci=pooled.ci,
            tau2=pooled.tau2,
            i2=pooled.i2,
            prediction_interval=pooled.prediction_interval,
        )
    return replace(described, reml_estimate=mixed.estimate, reml_ci=mixed.ci) if mixed else described


def _site_lines(names: list[str], moments: pooling.SiteMoments) -> Iterator[SiteEstimate]:
    errors = np.sqrt(moments.error_variances)
    for name, n, mean, se in zip(names, moments.n, moments.mean, errors, strict=True):
        reach = t_quantile(float(n) - 1) * float(se) if n > 1 else 0.0
        ci: Interval | None = (float(mean) - reach, float(mean) + reach) if reach > 0 else None
        yield SiteEstimate(name, int(n), float(mean), ci)


class SitesSection(Section):
    """The mean over sites, and each site with its interval."""

    name = "sites"
    heading = "groups"
    parts = (PooledFigures,)

    def measure(self, evidence: Evidence, so_far: Figures) -> Parts:
        """Moments of the sites and what follows from them."""
        pooled = measure_pooled(evidence.cells)
        if pooled.unit == "site":
            ids = site_ids(evidence.cube.score)
            sites = tuple(replace(site, site_id=ids.get(site.name, "")) for site in pooled.sites)
            pooled = replace(pooled, sites=sites)
        return {PooledFigures.key: pooled}

    def withhold(self, figures: Figures, secrecy: Secrecy) -> Parts:
        """All or nothing: design effect and intervals together give the size and mean of a hidden site."""
        pooled = figures.of(PooledFigures)
        unit = pooled.unit or "site"
        if any(by == unit for by, _ in secrecy.hidden):
            return {PooledFigures.key: PooledFigures(k=pooled.k, unit=pooled.unit)}
        shown = tuple(site for site in pooled.sites if site.ci is not None or site.n >= NO_EXTREMES_BELOW)
        return {PooledFigures.key: replace(pooled, sites=shown)}

    def withhold_inside(self, figures: Figures) -> Parts:
        """For colleagues: sites below five matched people are not named."""
        pooled = figures.of(PooledFigures)
        hidden = withheld([site.n for site in pooled.sites], SMALLEST["internal"])
        shown = tuple(site for site, hide in zip(pooled.sites, hidden, strict=True) if not hide)
        return {PooledFigures.key: replace(pooled, sites=shown)}

    def notes(self, figures: Figures, evidence: Evidence) -> Iterator[Note]:
        """Too few sites, sites kept back, sites without spread."""
        pooled = figures.of(PooledFigures)
        k = pooled.k or 0
        several = k >= POOLED_FROM and (figures.of(Flow).n_pairs or 0) >= COUNTS_ONLY_BELOW
        if pooled.k == 1:
            yield note("one_site", "pooled.*")
        elif pooled.k == 2:
            yield note("two_sites" if pooled.unit == "site" else "two_sessions", "pooled.*")
        elif several and pooled.estimate is None:
            hidden = figures.options.is_public and not pooled.sites
            yield note("sites_hidden" if hidden else "sites_no_spread", "pooled.*")
        elif several and k < PREDICTED_FROM:
            code = "few_sites" if pooled.unit == "site" else "few_sessions"
            yield note(code, "pooled.prediction_interval")
        if any(site.ci is None for site in pooled.sites):
            yield note("site_alone", "pooled.sites.*.ci")
        if pooled.design_effect is not None and pooled.design_effect > WIDER_FROM and k >= POOLED_FROM:
            yield note("sites_differ", effect=round(pooled.design_effect, 1))

    def words(self, view: View) -> list[str]:
        """The pooled mean and what a new site may expect."""
        pooled, language, lines = view.figures.of(PooledFigures), view.language, []
        unit = view.say(f"by.{pooled.unit or 'site'}")
        if pooled.estimate is not None and pooled.ci is not None:
            ends = outward(*(view.per_hundred(x) for x in pooled.ci))
            low, high = (points(x, language) for x in ends)
            mean = points(view.per_hundred(pooled.estimate), language, signed=True)
            lines.append(view.say("sentences.pooled", unit=unit, mean=mean, low=low, high=high, k=pooled.k))
        if pooled.prediction_interval is not None:
            ends = outward(*(view.per_hundred(x) for x in pooled.prediction_interval))
            low, high = (points(x, language) for x in ends)
            lines.append(view.say("sentences.prediction", unit=unit, low=low, high=high))
        return lines

    def tables(self, view: View) -> dict[str, Table]:
        """Pooled estimate, heterogeneity, and two other ways to the same mean."""
        made = make_table(view, "pooled", list(_pooled_rows(view)))
        unit = view.say(f"by.{view.figures.of(PooledFigures).unit or 'site'}")
        return {name: replace(table, title=table.title.format(unit=unit)) for name, table in made.items()}

    def charts(self, view: View) -> dict[str, Drawing]:
        """Forest plot in alphabetical order with the pooled band; many sites as a histogram."""
        pooled, language = view.figures.of(PooledFigures), view.language
        if len(pooled.sites) < 2:
            return {}
        mean = "–"
        if pooled.estimate is not None:
            mean = points(view.per_hundred(pooled.estimate), language, signed=True)
        if len(pooled.sites) > FOREST_UP_TO:
            title, words = view.say("charts.sites_many.title"), view.say(
                "charts.sites_many.alt", k=pooled.k, mean=mean
            )  # fmt: skip
            return {"sites": Drawing(_histogram(pooled, view), "sites", title, words)}
        words = view.say("charts.sites.alt", k=len(pooled.sites), mean=mean)
        title = view.say("charts.sites.title", unit=view.say(f"by.{pooled.unit or 'site'}"))
        return {"sites": Drawing(_forest(pooled, view), "sites", title, words)}

    def sheets(self, view: View) -> Iterator[tuple[str, Iterable[SheetRow]]]:
        """The pooled figures below the groups."""
        pooled = as_written(view.figures.of(PooledFigures), view.language)
        pooled.pop("sites")
        yield "sites", [(), *flat_rows("pooled", pooled)]


def _pooled_rows(view: View) -> Iterator[tuple[str, ...]]:
    p, score, language = view.figures.of(PooledFigures), view.figures.of(Score), view.language
    scale, unit = view.per_hundred(1.0), view.say(f"by.{p.unit or 'site'}")

    def mean(found: float | None) -> str:
        return "–" if found is None else points(scale * found, language, signed=True)

    def ends(found: Interval | None) -> str:
        return interval(found, language, scale, 0)

    if p.estimate is not None:
        yield view.say("rows.estimate", unit=unit), mean(p.estimate), ends(p.ci)
        yield view.say("rows.prediction", unit=unit), "", ends(p.prediction_interval)
        tau2 = None if p.tau2 is None else p.tau2 * scale**2
        yield view.say("rows.tau2", unit=unit), value(tau2, language, 1), ""
        yield view.say("rows.i2"), share(p.i2 or 0.0, language), ""
    if p.icc is not None:
        yield view.say("rows.icc"), value(p.icc, language, 3), ""
        yield view.say("rows.design_effect"), value(p.design_effect, language), ""
    # Without either nothing is told over sites, so these stay away too.
    told = p.icc is not None or p.estimate is not None
    if told and p.cluster_robust_ci is not None:
        yield view.say("rows.cluster_robust", unit=unit), mean(score.mean_change), ends(p.cluster_robust_ci)
    if told and p.reml_estimate is not None:
        yield view.say("rows.reml"), mean(p.reml_estimate), ends(p.reml_ci)


def _forest(pooled: PooledFigures, view: View) -> Any:
    def named(name: str) -> str:
        return session_name(view, name) if pooled.unit == "session" else name

    rows: list[dict[str, Any]] = [
        {
            "site": f"{squeezed(named(site.name)) or '–'} ({view.say('charts.n', n=site.n)})",
            "mean": view.per_hundred(site.mean_change),
            "low": view.per_hundred((site.ci or (site.mean_change,) * 2)[0]),
            "high": view.per_hundred((site.ci or (site.mean_change,) * 2)[1]),
        }
        for site in pooled.sites
    ]
    order = [row["site"] for row in rows]
    axis = alt.Axis(title=view.say("charts.sites.x"), tickCount=6, labelExpr=SIGNED)
    x = alt.X("mean:Q", axis=axis, scale=alt.Scale(nice=True, zero=True))
    base = alt.Chart(values(rows)).encode(
        y=alt.Y("site:N", sort=order, axis=alt.Axis(title=None, domain=False, ticks=False))
    )
    layers = [alt.Chart(values([{"x": 0}])).mark_rule(color=INK, strokeDash=[4, 3]).encode(x=alt.X("x:Q"))]
    if pooled.estimate is not None and pooled.ci is not None:
        band = {"low": view.per_hundred(pooled.ci[0]), "high": view.per_hundred(pooled.ci[1]),
                "mean": view.per_hundred(pooled.estimate)}  # fmt: skip
        layers.insert(
            0, alt.Chart(values([band])).mark_rect(color=SOFT).encode(x=alt.X("low:Q"), x2=alt.X2("high:Q"))
        )
        layers.append(
            alt.Chart(values([band])).mark_rule(color=ACCENT, strokeWidth=1.5).encode(x=alt.X("mean:Q"))
        )
    layers.append(base.mark_rule(color=MUTED, strokeWidth=1.5).encode(x=alt.X("low:Q"), x2=alt.X2("high:Q")))
    layers.append(base.mark_point(size=80, filled=True, color=ACCENT, shape="square", opacity=1).encode(x=x))
    return alt.layer(*layers, width=380, height=ROW * len(rows))


def _histogram(pooled: PooledFigures, view: View) -> Any:
    means = np.array([view.per_hundred(site.mean_change) for site in pooled.sites])
    counts, edges = np.histogram(means, bins=20)
    rows = [
        {"low": float(a), "high": float(b), "n": int(n)}
        for a, b, n in zip(edges[:-1], edges[1:], counts, strict=True)
    ]
    axis = alt.Axis(title=view.say("charts.sites_many.x"), labelExpr=SIGNED)
    bars = (
        alt.Chart(values(rows))
        .mark_bar(color=ACCENT, stroke=PAPER)
        .encode(
            x=alt.X("low:Q", axis=axis, scale=alt.Scale(zero=True)),
            x2=alt.X2("high:Q"),
            y=alt.Y("n:Q", axis=alt.Axis(title=view.say("charts.sites_many.y"), tickCount=4)),
        )
    )
    zero = alt.Chart(values([{"x": 0}])).mark_rule(color=INK, strokeDash=[4, 3]).encode(x=alt.X("x:Q"))
    return alt.layer(bars, zero, width=420, height=200)

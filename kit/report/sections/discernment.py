"""More careful, or only more suspicious: fraud called fraud, genuine called fraud."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from kit.report.charts.altair_import import alt
from kit.report.charts.look import ACCENT, INK, PAPER, SIZE, Drawing, hundred, values
from kit.report.sections.base import (
    Evidence,
    Figures,
    Note,
    Parts,
    Secrecy,
    Section,
    Table,
    Tells,
    View,
    make_table,
    note,
)
from kit.report.sections.cells import cluster_column
from kit.report.sections.discernment_figures import (
    ACCEPTED,
    RATES,
    UNDECIDED,
    DiscernmentFigures,
    measure_discernment,
    public_discernment,
)
from kit.report.sections.flow import Flow
from kit.report.sections.spoken import adds_up, guarded_share, interval, points, value, whole
from kit.report.stats.ordinal import FEWEST_PEOPLE

APPENDIX: Final = ("d_prime", "criterion", "decidedness")
"""What the model says, in the order of the table."""


def verdict_key(figures: Figures) -> str:
    """The verdict on discernment; where there is none, whether it was kept back or cannot be given."""
    code = figures.of(DiscernmentFigures).verdict_code
    hidden = figures.told < Tells.SCORES or any(one.code == "discernment_hidden" for one in figures.notes)
    return code or ("withheld" if hidden else "none")


def verdict_text(view: View) -> str:
    """The verdict in a sentence; where there is none, the true reason."""
    key, reason = verdict_key(view.figures), view.figures.of(DiscernmentFigures).reason
    if key == "none" and reason:
        return view.say(f"notes.discernment_{reason}", k=FEWEST_PEOPLE)
    return view.say(f"verdicts.{key}.text")


def offer_sentences(view: View) -> tuple[str, ...]:
    """The numbers that always stand beside the verdict: frauds and genuine ones refused, and undecided."""
    return _before_after(view, {"hits": RATES[:2], "false_alarms": RATES[2:], "undecided": UNDECIDED})


def _practice_sentences(view: View) -> tuple[str, ...]:
    """What changed in practice: frauds that would go on, genuine jobs that would be lost."""
    return _before_after(view, {"accepted": ACCEPTED, "jobs_lost": RATES[2:]})


def _before_after(view: View, wanted: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    found, lines = view.figures.of(DiscernmentFigures), []
    for key, names in wanted.items():
        pair = [getattr(found, name) for name in names]
        if None not in pair:
            pre, post = (guarded_share(rate, found.n or 0, view.language) for rate in pair)
            lines.append(view.say(f"page_one.{key}", pre=pre, post=post))
    return tuple(lines)


class DiscernmentSection(Section):
    """Hits, false alarms and what follows from them."""

    name = "discernment"
    parts = (DiscernmentFigures,)
    reads = (
        "no_offers", "no_genuine_offers", "no_fraud_offers", "discernment_few", "discernment_extreme",
        "discernment_not_converged", "discernment_one_order", "discernment_arms_small",
        "discernment_unsure_unknown", "discernment_no_spread", "discernment_part", "rate_no_spread",
        "totals_only", "discernment_hidden", "discernment_levels_hidden",
    )  # fmt: skip
    on_page_one = True

    def measure(self, evidence: Evidence, so_far: Figures) -> Parts:
        """Rates and the model's figures before and after."""
        unit = cluster_column(evidence.cells)
        return {DiscernmentFigures.key: measure_discernment(evidence.cube, evidence.plan, unit)}

    def withhold(self, figures: Figures, secrecy: Secrecy) -> Parts:
        """No rate of all or none of a small group."""
        n = figures.of(Flow).n_pairs or 0
        return {DiscernmentFigures.key: public_discernment(figures.of(DiscernmentFigures), n)}

    def notes(self, figures: Figures, evidence: Evidence) -> Iterator[Note]:
        """Why there is no verdict, or a verdict on only some of the people."""
        found, public = figures.of(DiscernmentFigures), figures.options.is_public
        if found.hit_rate_pre is not None and None in found.rate_intervals:
            yield note("rate_no_spread", "discernment.*_rate_*_ci")
        if found.n_fraud and found.n_genuine and not found.n and evidence.cube.answer.empty:
            # Totals are all that is known, as the items say; not that few people answered.
            return
        if found.verdict_code is None:
            yield from _no_verdict(found)
        elif found.n is not None and found.n < (figures.of(Flow).n_pairs or 0):
            yield note("discernment_part", n=found.n)
        offers = bool(found.n_fraud and found.n_genuine and not evidence.cube.signal.empty)
        if public and offers and found.hit_rate_pre is None:
            yield note("discernment_hidden", "discernment.*")
        if public:
            yield note("discernment_levels_hidden", "discernment.*")

    def words(self, view: View) -> list[str]:
        """The verdict, its numbers, and what changed in practice."""
        lines = [verdict_text(view), *offer_sentences(view), *_practice_sentences(view)]
        found = view.figures.of(DiscernmentFigures)
        pairs = [[getattr(found, wave) for wave in waves] for waves in (RATES[:2], RATES[2:], UNDECIDED)]
        told = [(100 * pre, 100 * post) for pre, post in pairs if None not in (pre, post)]
        if not all(adds_up(pre, post, post - pre) for pre, post in told):
            lines.append(view.say("sentences.rounded"))
        return lines

    def tables(self, view: View) -> dict[str, Table]:
        """Rates and the model's figures; the pooled d' of earlier reports last."""
        return make_table(view, "discernment", list(_rows(view)))

    def charts(self, view: View) -> dict[str, Drawing]:
        """Two pairs of bars: fraud called fraud and genuine called fraud, before and after."""
        found = view.figures.of(DiscernmentFigures)
        if None in found.rates:
            return {}
        return {"discernment": _bars(view, found, [rate or 0.0 for rate in found.rates])}


def _no_verdict(found: DiscernmentFigures) -> Iterator[Note]:
    if not found.n_fraud and not found.n_genuine:
        yield note("no_offers", "discernment.*")
    elif not found.n_genuine:
        yield note("no_genuine_offers", "discernment.*")
    elif not found.n_fraud:
        yield note("no_fraud_offers", "discernment.*")
    elif found.reason == "few" or not found.n:
        yield note("discernment_few", "discernment.*", k=FEWEST_PEOPLE)
    elif found.reason:
        yield note(f"discernment_{found.reason}", "discernment.*")


def _rows(view: View) -> Iterator[tuple[str, ...]]:
    found, language = view.figures.of(DiscernmentFigures), view.language
    rates = {"hit_rate": RATES[:2], "false_alarm_rate": RATES[2:], "unsure_rate": UNDECIDED}
    for name, waves in rates.items():
        pre, post = (getattr(found, wave) for wave in waves)
        if pre is not None and post is not None:
            shown = (guarded_share(rate, found.n or 0, language) for rate in (pre, post))
            moved = points(100 * (post - pre), language, signed=True)
            yield (view.say(f"rows.{name}"), *shown, moved, "")
    for name in (*APPENDIX, "pooled_d_prime", "spread"):
        levels = (getattr(found, f"{name}_{wave}", None) for wave in ("pre", "post"))
        numbers = [value(x, language) for x in (*levels, getattr(found, f"{name}_change", None))]
        ci = getattr(found, f"{name}_change_ci", None)
        if set(numbers) != {"–"}:
            yield (view.say(f"rows.{name}"), *numbers, interval(ci, language, digits=2))


def _bars(view: View, found: DiscernmentFigures, rates: list[float]) -> Drawing:
    shown = [guarded_share(rate, found.n or 0, view.language) for rate in rates]
    names = [view.say(f"charts.discernment.{name}") for name in ("hits", "false_alarms")]
    waves = [view.say(f"waves.{wave}") for wave in ("pre", "post")]
    rows = [
        {
            "offer": names[i // 2],
            "wave": waves[i % 2],
            "share": 100 * rate,
            "low": 100 * (ci or (rate, rate))[0],
            "high": 100 * (ci or (rate, rate))[1],
            "label": shown[i],
        }
        for i, (rate, ci) in enumerate(zip(rates, found.rate_intervals, strict=True))
    ]
    words = dict(zip(("hit_pre", "hit_post", "false_pre", "false_post"), shown, strict=True))
    title = view.say("charts.discernment.title", n=whole(found.n or 0, view.language))
    layers = _facets(rows, names, waves, view.say("charts.discernment.x"))
    return Drawing(layers, "discernment", title, view.say("charts.discernment.alt", **words))


def _facets(rows: list[dict[str, Any]], names: list[str], waves: list[str], title: str) -> Any:
    fill = alt.Color("wave:N", scale=alt.Scale(domain=waves, range=["#ffffff", ACCENT]), legend=None)
    stroke = alt.StrokeValue(ACCENT)
    base = alt.Chart().encode(
        y=alt.Y("wave:N", sort=waves, axis=alt.Axis(title=None, domain=False, ticks=False)),
        x=alt.X("share:Q", **hundred(title)),
    )
    bars = base.mark_bar(size=20, strokeWidth=1.5).encode(color=fill, stroke=stroke)
    # Ink with white beneath is seen on the filled bar and beside it.
    spans = [
        base.mark_rule(strokeWidth=width, color=color).encode(x=alt.X("low:Q"), x2=alt.X2("high:Q"))
        for width, color in ((4, PAPER), (1.6, INK))
    ]
    labels = base.mark_text(align="left", dx=6, fontWeight="bold").encode(
        x=alt.X("high:Q"), text=alt.Text("label:N")
    )
    header = alt.Header(
        title=None,
        labelOrient="top",
        labelAnchor="start",
        labelFontSize=SIZE,
        labelFontWeight="bold",
        labelColor=INK,
    )
    layers = alt.layer(bars, *spans, labels, data=values(rows), width=220, height=76)
    return layers.facet(row=alt.Row("offer:N", sort=names, header=header), spacing=12)

"""The change of the people who answered before and after, and its range."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from kit.report.charts.altair_import import alt
from kit.report.charts.look import ACCENT, INK, MUTED, PAPER, SIGNED, SIZE, WARM, Drawing, values
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
from kit.report.sections.flow import Flow
from kit.report.sections.score import Score, WilcoxonFigures, measure_score, public_score
from kit.report.sections.sites import (
    POOLED_FROM,
    PooledFigures,
    headline,
    is_site_interval_hidden,
    printed_range,
)
from kit.report.sections.spoken import adds_up, interval, p_value, points, share, shares, value, whole
from kit.report.sections.thresholds import COUNTS_ONLY_BELOW, EVERYTHING_FROM, WARN_SHARE
from kit.report.sections.unsure import Unsure, measure_unsure, public_unsure, unsure_sentences
from kit.report.stats.distributions import SMALLEST_P, Interval
from kit.report.stats.withholding import NO_EXTREMES_BELOW, SMALLEST

K = SMALLEST["public"]
FEW_CHANGED: Final = 6
"""Below this many people who changed the smallest possible p deserves a word."""
_SIDES: Final = {"down": WARM, "same": MUTED, "up": ACCENT}


def change_sentence(view: View) -> str:
    """The change in one sentence, out of 100, with its range."""
    figures, language = view.figures, view.language
    n = figures.of(Flow).n_pairs
    if n is None:
        return view.say("page_one.withheld", k=K)
    if n == 0:
        return view.say("page_one.nobody")
    if figures.told == Tells.PEOPLE:
        return view.say("page_one.alike", k=NO_EXTREMES_BELOW)
    mean, _ = headline(figures)
    if mean is None:
        return view.say("page_one.few", n=n)
    shown = points(view.per_hundred(mean), language, signed=True)
    if figures.of(Score).one_order:
        return view.say("page_one.one_order", mean=shown)
    printed = printed_range(figures)
    if printed is None and is_site_interval_hidden(figures):
        return view.say("page_one.sites_hidden", mean=shown)
    if printed is None and mean == 0:
        return view.say("page_one.same")
    if printed is None:
        return view.say("page_one.no_interval", mean=shown)
    said = _with_range(view, view.per_hundred(mean), *printed[0])
    return f"{said} {view.say('page_one.edge')}" if printed[1] else said


def _with_range(view: View, mean: float, low: float, high: float) -> str:
    language = view.language
    if low > 0 or high < 0:
        key, sides = ("up", (mean, low, high)) if low > 0 else ("down", (-mean, -high, -low))
        named = zip(("mean", "low", "high"), sides, strict=True)
        return view.say(f"page_one.{key}", **{name: points(x, language) for name, x in named})
    around = {"low": points(low, language), "high": points(high, language)}
    return view.say("page_one.around", mean=points(mean, language, signed=True), **around)


class ChangeSection(Section):
    """The change and its range."""

    name = "change"
    parts = (Score, Unsure)
    reads = (
        "nobody_matched", "counts_only", "unsure_flows", "small_group", "nobody_changed",
        "all_changed_alike", "no_spread", "full_marks_before", "gain_unbounded", "all_dropped", "floor",
        "arms_no_spread", "smallest_p", "tiny_p", "mixed_max", "changes_hidden",
    )  # fmt: skip
    on_page_one = True

    def measure(self, evidence: Evidence, so_far: Figures) -> Parts:
        """Scores of matched people, and their don't knows."""
        return {Score.key: measure_score(evidence.cells), Unsure.key: measure_unsure(evidence.cube)}

    def withhold(self, figures: Figures, secrecy: Secrecy) -> Parts:
        """No distribution, no count of a few, no share of all or none."""
        n = figures.of(Flow).n_pairs or 0
        return {
            Score.key: _public_score(figures, secrecy, n),
            Unsure.key: public_unsure(figures.of(Unsure), n),
        }

    def blank(self, figures: Figures) -> Parts:
        """The full mark is no figure of people."""
        return {**super().blank(figures), Score.key: Score(max=figures.of(Score).max)}

    def notes(self, figures: Figures, evidence: Evidence) -> Iterator[Note]:
        """Too few people, and whatever of the score does not exist."""
        n = figures.of(Flow).n_pairs or 0
        yield from _size_notes(n)
        if None in (figures.of(Unsure).unsure_right, figures.of(Unsure).of_gain):
            yield note("unsure_flows", "unsure.*")
        measured = figures.of(Score).mean_change is not None
        if figures.options.is_public:
            # What is missing there is kept back, and says nothing of how people answered.
            yield note("changes_hidden", "score.*")
            yield from _ends_of_scale(figures.of(Score), n) if measured else ()
        elif measured:
            yield from _spread_notes(figures.of(Score))
            yield from _gain_notes(figures.of(Score))
            yield from _ends_of_scale(figures.of(Score), n)

    def words(self, view: View) -> list[str]:
        """The change, who moved, how rare that would be, and what was there to learn."""
        figures, language = view.figures, view.language
        score, lines = figures.of(Score), [change_sentence(view)]
        if score.mean_change is None:
            return lines
        counts = {"up": score.n_up, "same": score.n_same, "down": score.n_down}
        if None not in counts.values():
            shown = {name: whole(n or 0, language) for name, n in counts.items()}
            lines.append(view.say("sentences.up_same_down", **shown))
        lines += _p_sentences(view)
        lines += _gain_sentences(view)
        n = round((score.ceiling_pre or 0.0) * (figures.of(Flow).n_pairs or 0))
        if n >= (K if figures.options.is_public else 1):
            lines.append(view.say("sentences.ceiling", n=whole(n, language)))
        lines += unsure_sentences(view)
        means = (score.mean_pre or 0.0, score.mean_post or 0.0, score.mean_change)
        if not adds_up(*(view.per_hundred(x) for x in means), digits=1):
            lines.append(view.say("sentences.rounded"))
        return lines

    def tables(self, view: View) -> dict[str, Table]:
        """Every statistic of the score with its method."""
        if view.figures.of(Score).mean_change is None:
            return {}
        # Inside, a note says why a measure is missing; for the public one sentence says it of all.
        inside = not view.figures.options.is_public
        rows = [row for row in _score_rows(view, view.figures.of(Score)) if inside or row[1] != "–"]
        return make_table(view, "score", rows)

    def charts(self, view: View) -> dict[str, Drawing]:
        """Histogram of the change with 0 marked; for the public only down, same and up."""
        score = view.figures.of(Score)
        counts = {"up": score.n_up, "same": score.n_same, "down": score.n_down}
        known = {name: n for name, n in counts.items() if n is not None}
        if len(known) < len(counts) or score.mean_change is None:
            return {}
        words = {name: whole(n, view.language) for name, n in known.items()}
        wide = len(score.changes) > 1
        mixed = any(one.code == "mixed_max" for one in view.figures.notes)
        what = ("points" if mixed else "items") if wide else "people"
        scale = view.per_hundred(1.0) if mixed else 1.0
        layers = _histogram(view, score.changes, scale) if wide else _three_bars(view, known)
        # Protected parts need not add up: the title says the people that page one says.
        n = whole(view.figures.of(Flow).n_pairs or sum(known.values()), view.language)
        title = view.say(f"charts.gain.title_{what}", n=n, max=score.max)
        return {"gain": Drawing(layers, "gain", title, view.say("charts.gain.alt", **words))}


def _public_score(figures: Figures, secrecy: Secrecy, n: int) -> Score:
    """The score as it may leave; without a range where that of the sites is kept back."""
    score, pooled = public_score(figures.of(Score), n), figures.of(PooledFigures)
    if (pooled.k or 0) < POOLED_FROM or not any(by == pooled.unit for by, _ in secrecy.hidden):
        return score
    bare: dict[str, Any] = dict.fromkeys(
        ("ci", "t", "df", "p_t", "p_signflip", "d_av_ci", "d_z_ci", "normalised_gain_ci")
    )
    return replace(score, **bare, wilcoxon=WilcoxonFigures())


def _size_notes(n: int) -> Iterator[Note]:
    if n == 0:
        yield note("nobody_matched", "score.*", "unsure.*", "flow.*", "discernment.*", "target.*", "pooled.*")
    elif n < COUNTS_ONLY_BELOW:
        about = ("score.*", "flow.*", "discernment.*", "target.*", "pooled.*")
        yield note("counts_only", *about, n=n, k=COUNTS_ONLY_BELOW)
    elif n < EVERYTHING_FROM:
        yield note("small_group", "items.*", n=n, k=EVERYTHING_FROM)


def _spread_notes(score: Score) -> Iterator[Note]:
    if score.sd_change == 0:
        about = ("ci", "t", "df", "p_t", "d_z", "d_z_ci", "hedges_g_z", "normalised_gain_ci", "d_av_ci")
        code = "nobody_changed" if score.mean_change == 0 else "all_changed_alike"
        yield note(
            code, *(f"score.{name}" for name in about), "score.wilcoxon.*", "pooled.*", "groups.*.score.*"
        )
    elif score.ci is None:
        yield note("arms_no_spread", "score.*", "groups.*.score.*")
    elif score.wilcoxon.p is None and None not in (score.n_up, score.n_same, score.n_down):
        yield note("nobody_changed", "score.wilcoxon.*")
    if score.r is None or score.d_av is None:
        yield note(
            "no_spread", "score.r", "score.d_av", "score.d_av_ci", "score.hedges_g_av", "groups.*.score.*"
        )


def _gain_notes(score: Score) -> Iterator[Note]:
    if score.normalised_gain is None:
        yield note(
            "full_marks_before", "score.normalised_gain", "score.normalised_gain_ci", "groups.*.score.*"
        )
    elif score.normalised_gain_ci is None and score.sd_change != 0:
        yield note("gain_unbounded", "score.normalised_gain_ci", "groups.*.score.*")
    if score.normalised_change is None and score.normalised_change_dropped is not None:
        yield note("all_dropped", "score.normalised_change", "groups.*.score.*")
    changed = (score.n_up or 0) + (score.n_down or 0)
    if score.n_up is not None and score.n_down is not None and 0 < changed < FEW_CHANGED:
        yield note("smallest_p", n=changed, p=2.0 ** (1 - changed))
    if SMALLEST_P in (score.p_t, score.p_signflip, score.wilcoxon.p):
        yield note("tiny_p", p=f"{SMALLEST_P:g}")


def _ends_of_scale(score: Score, n_pairs: int) -> Iterator[Note]:
    if score.ceiling_pre is not None and score.ceiling_pre >= WARN_SHARE:
        yield note("ceiling", n=round(score.ceiling_pre * n_pairs))
    if score.floor_pre is not None and score.floor_pre >= WARN_SHARE:
        yield note("floor", n=round(score.floor_pre * n_pairs))


def _p_sentences(view: View) -> list[str]:
    """How rare the change would be, by the t of its range; not for several sites, nor for one order."""
    score = view.figures.of(Score)
    p = score.p_t
    if p is None or score.one_order:
        return []
    if (view.figures.of(PooledFigures).k or 0) >= 2:
        by_site = any(row.p_sites is not None for row in view.figures.parts.get("items", ()))
        return [view.say("sentences.p_people_items_by_site" if by_site else "sentences.p_people")]
    if p < 0.001:
        return [view.say("sentences.p_small")]
    return [view.say("sentences.p_some", n=whole(1000 * p, view.language))]


def _gain_sentences(view: View) -> list[str]:
    """The change as a share of what was left; with several sites the headline is a mean of sites."""
    score, language = view.figures.of(Score), view.language
    several = (view.figures.of(PooledFigures).k or 0) >= 2
    if score.normalised_gain is None or (score.mean_change or 0.0) <= 0 or several:
        return []
    gain = share(score.normalised_gain, language)
    if score.normalised_gain_ci is None:
        key = "gain_hidden" if view.figures.options.is_public else "gain_open"
        return [view.say(f"sentences.{key}", gain=gain)]
    low, high = shares(score.normalised_gain_ci, language)
    return [view.say("sentences.gain", gain=gain, low=low, high=high)]


def _inside(s: Score) -> Interval | None:
    """The range of the change, cut where the scale ends, as on page one."""
    if s.ci is None or s.mean_pre is None or s.max is None:
        return s.ci
    return max(s.ci[0], -s.mean_pre), min(s.ci[1], s.max - s.mean_pre)


def _score_rows(view: View, s: Score) -> Iterator[tuple[str, ...]]:
    language = view.language
    dropped = "–" if s.normalised_change_dropped is None else s.normalised_change_dropped
    how = {name: view.say(f"methods.{name}", max=s.max, dropped=dropped) for name in
           ("score", "p", "wilcoxon", "d_av", "d_z", "gain", "change", "hedges")}  # fmt: skip

    def score_points(found: float | None, *, signed: bool = False) -> str:
        shown = "–" if found is None else value(view.per_hundred(found), language, 1)
        return f"+{shown}" if signed and (found or 0.0) > 0 else shown

    def line(
        name: str, text: str, ci: Interval | None = None, method: str = "", scaled: bool = False
    ) -> tuple[str, ...]:
        scale, digits = (view.per_hundred(1.0), 1) if scaled else (1.0, 2)
        return (view.say(f"rows.{name}"), text, interval(ci, language, scale, digits) if ci else "", method)

    def measured(name: str, ci: Interval | None = None, method: str = "") -> tuple[str, ...]:
        return line(name, value(getattr(s, name), language), ci, method)

    def part(name: str, found: float | None) -> tuple[str, ...]:
        return line(name, "–" if found is None else share(found, language))

    yield line("mean_pre", score_points(s.mean_pre))
    yield line("mean_post", score_points(s.mean_post))
    yield line("mean_change", score_points(s.mean_change, signed=True), _inside(s), how["score"], scaled=True)
    labels = view.say("waves.pre"), view.say("waves.post"), view.say("rows.change")
    for label, sd in zip(labels, (s.sd_pre, s.sd_post, s.sd_change), strict=True):
        yield (view.say("rows.sd", name=label.lower()), score_points(sd), "", "")
    yield measured("r")
    p_t, p_ranks = (f"p {p_value(p, language)}" for p in (s.p_t, s.wilcoxon.p))
    df = "–" if s.df is None else value(s.df, language, 0 if s.df == round(s.df) else 1)
    yield (f"{view.say('rows.t')} ({df})", value(s.t, language), p_t, "")
    yield line("p_signflip", p_value(s.p_signflip, language), method=how["p"])
    yield (view.say("rows.wilcoxon"), value(s.wilcoxon.w_plus, language, 1), p_ranks, how["wilcoxon"])
    yield line("rank_biserial", value(s.wilcoxon.rank_biserial, language))
    yield measured("d_av", s.d_av_ci, how["d_av"])
    yield measured("d_z", s.d_z_ci, how["d_z"])
    yield measured("hedges_g_av", method=how["hedges"])
    yield measured("hedges_g_z", method=how["hedges"])
    yield measured("normalised_gain", s.normalised_gain_ci, how["gain"])
    yield measured("normalised_change", method=how["change"])
    yield part("ceiling_pre", s.ceiling_pre)
    yield part("floor_pre", s.floor_pre)


def _histogram(view: View, changes: tuple[tuple[int, int, int], ...], scale: float) -> Any:
    """Bars whose area is people: one of several points is as low as its people are thinly spread.

    Changes of one quiz are items; those of several quizzes points of 100, hence `scale`.
    """
    rows = [
        {
            "from": scale * (first - 0.44),
            "to": scale * (last + 0.44),
            "middle": scale * (first + last) / 2,
            "height": n / (last - first + 1),
            "side": "up" if first > 0 else "down" if last < 0 else "same",
            "label": whole(n, view.language),
        }
        for first, last, n in changes
    ]
    low, high = scale * (min(0, changes[0][0]) - 0.7), scale * (max(0, changes[-1][1]) + 0.7)
    key = "x" if scale == 1.0 else "x_points"
    title = view.say(f"charts.gain.{key}", max=view.figures.of(Score).max)
    base = alt.Chart(values(rows))
    axis = alt.Axis(title=title, tickMinStep=1, grid=False, labelExpr=SIGNED)
    x = alt.X("from:Q", scale=alt.Scale(domain=[low, high], nice=False), axis=axis)
    y = alt.Y("height:Q", axis=None)
    sides = list(_SIDES)
    color = alt.Color("side:N", scale=alt.Scale(domain=sides, range=list(_SIDES.values())), legend=None)
    bars = base.mark_rect().encode(x=x, x2=alt.X2("to:Q"), y=y, y2=alt.Y2Datum(0), color=color)
    text: dict[str, Any] = {"dy": -9, "fontSize": SIZE - 1}
    # White under each number keeps it readable where it crosses the mark of 0.
    halo = base.mark_text(**text, stroke=PAPER, strokeWidth=4, opacity=1)
    labels = [
        mark.encode(x=alt.X("middle:Q"), y=y, text=alt.Text("label:N"))
        for mark in (halo, base.mark_text(**text))
    ]
    zero = (
        alt.Chart(values([{"d": 0}]))
        .mark_rule(color=INK, strokeWidth=1.5, strokeDash=[4, 3])
        .encode(x=alt.X("d:Q"))
    )
    return alt.layer(zero, bars, *labels, width=290, height=225)


def _three_bars(view: View, counts: dict[str, int]) -> Any:
    order = [view.say(f"charts.gain_words.{name}") for name in _SIDES]
    rows = [
        {"side": word, "n": counts[name], "label": whole(counts[name], view.language)}
        for name, word in zip(_SIDES, order, strict=True)
    ]
    base = alt.Chart(values(rows)).encode(
        y=alt.Y("side:N", sort=order, axis=alt.Axis(title=None, domain=False, ticks=False)),
        x=alt.X("n:Q", axis=alt.Axis(title=view.say("charts.gain.y"), tickCount=4)),
    )
    color = alt.Color("side:N", scale=alt.Scale(domain=order, range=list(_SIDES.values())), legend=None)
    bars = base.mark_bar(size=24).encode(color=color)
    words = base.mark_text(align="left", dx=6).encode(text=alt.Text("label:N"))
    return alt.layer(bars, words, width=230, height=150)

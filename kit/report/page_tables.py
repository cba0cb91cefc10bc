"""The tables of the later pages, as text."""

from __future__ import annotations

from collections.abc import Iterable

from kit.report.disclosure import SMALLEST
from kit.report.figures import Figures, Group, ItemFigures
from kit.report.measure import EVERYTHING_FROM
from kit.report.numbers import guarded_share, number, p_value, points, share, whole
from kit.report.report import Report
from kit.report.stats.distributions import Interval
from kit.report.wording import Table, item_excerpt, option_text, per_hundred, say

Row = tuple[str, ...]


def all_tables(report: Report, language: str) -> dict[str, Table]:
    """Every table that has rows, by name."""
    figures = report.figures
    rows: dict[str, list[Row]] = {
        "flow": _flow(figures, language),
        "score": _score(figures, language),
        "discernment": _discernment(figures, language),
        "items": [_item(report, row, language) for row in figures.items],
        "fold": [
            _fold(row, language) for row in figures.items if row.n11 is not None or row.p_mcnemar is not None
        ],
        "twins": [
            (t.item, t.twin, whole(t.n, language), *_counts((t.n11, t.n01, t.n10, t.n00), language))
            for t in figures.twins
        ],
        "groups": [_group(group, report, language) for group in figures.groups],
        "pooled": _pooled(figures, language),
        "quality": [_quality(report, row, language) for row in figures.items],
        "options": [line for row in figures.items for line in _options(report, row, language)],
    }
    return {name: _table(name, lines, language) for name, lines in rows.items() if lines}


def _table(name: str, rows: list[Row], language: str) -> Table:
    columns = say(f"tables.{name}.columns", language).split("|")
    return Table(say(f"tables.{name}.title", language), tuple(c.strip() for c in columns), tuple(rows))


def _interval(ci: Interval | None, language: str, scale: float = 1.0, digits: int = 1) -> str:
    if ci is None:
        return "–"
    low, high = (number(scale * side, language, digits) for side in ci)
    return say("to", language, low=low, high=high)


def _value(value: float | None, language: str, digits: int = 2) -> str:
    return "–" if value is None else number(value, language, digits)


def _counts(values: Iterable[int | None], language: str) -> Row:
    return tuple("–" if value is None else whole(value, language) for value in values)


def _flow(figures: Figures, language: str) -> list[Row]:
    flow = figures.flow
    names = ("n_joined", "n_pre", "n_post", "n_pairs", "n_followup", "n_partial", "n_short")
    found = [(name, getattr(flow, name)) for name in names]
    return [(say(f"rows.{name}", language), whole(n, language)) for name, n in found if n is not None]


def _score(figures: Figures, language: str) -> list[Row]:
    s = figures.score
    if s.mean_change is None:
        return []
    how = {name: say(f"methods.{name}", language, max=s.max, dropped=s.normalised_change_dropped) for name in
           ("score", "p", "wilcoxon", "d_av", "d_z", "gain", "change", "hedges")}  # fmt: skip
    lines: list[tuple[str, str, str, str]] = [
        (say("rows.mean_pre", language), _value(s.mean_pre, language), "", ""),
        (say("rows.mean_post", language), _value(s.mean_post, language), "", ""),
        (
            say("rows.mean_change", language),
            _value(s.mean_change, language),
            _interval(s.ci, language, digits=2),
            how["score"],
        ),
    ]
    for name, value in (("pre", s.sd_pre), ("post", s.sd_post), ("change", s.sd_change)):
        label = say("rows.mean_change", language) if name == "change" else say(f"waves.{name}", language)
        lines.append((say("rows.sd", language, name=label.lower()), _value(value, language), "", ""))
    lines += [
        (say("rows.r", language), _value(s.r, language), "", ""),
        (f"{say('rows.t', language)} ({s.df})", _value(s.t, language), f"p {p_value(s.p_t, language)}", ""),
        (say("rows.p_signflip", language), p_value(s.p_signflip, language), "", how["p"]),
        (say("rows.wilcoxon", language), _value(s.wilcoxon.w_plus, language, 1), f"p {p_value(s.wilcoxon.p, language)}", how["wilcoxon"]),
        (say("rows.rank_biserial", language), _value(s.wilcoxon.rank_biserial, language), "", ""),
        (say("rows.d_av", language), _value(s.d_av, language), _interval(s.d_av_ci, language, digits=2), how["d_av"]),
        (say("rows.d_z", language), _value(s.d_z, language), _interval(s.d_z_ci, language, digits=2), how["d_z"]),
        (say("rows.hedges_g_av", language), _value(s.hedges_g_av, language), "", how["hedges"]),
        (say("rows.hedges_g_z", language), _value(s.hedges_g_z, language), "", how["hedges"]),
        (say("rows.normalised_gain", language), _value(s.normalised_gain, language), _interval(s.normalised_gain_ci, language, digits=2), how["gain"]),
        (say("rows.normalised_change", language), _value(s.normalised_change, language), "", how["change"]),
        (say("rows.ceiling_pre", language), share(s.ceiling_pre or 0.0, language), "", ""),
        (say("rows.floor_pre", language), share(s.floor_pre or 0.0, language), "", ""),
    ]  # fmt: skip
    return list(lines)


def _discernment(figures: Figures, language: str) -> list[Row]:
    d = figures.discernment
    if d.hit_rate_pre is None or d.false_alarm_rate_pre is None:
        return []
    n = d.n or 0
    rows: list[Row] = []
    for name, pre, post in (
        ("hit_rate", d.hit_rate_pre, d.hit_rate_post),
        ("false_alarm_rate", d.false_alarm_rate_pre, d.false_alarm_rate_post),
    ):
        moved = points(100 * ((post or 0.0) - pre), language, signed=True)
        shown = (guarded_share(pre, n, language), guarded_share(post, n, language))
        rows.append((say(f"rows.{name}", language), *shown, moved, ""))
    for name, before, after, change, ci in (
        ("d_prime", d.d_prime_pre, d.d_prime_post, d.d_prime_change, d.d_prime_change_ci),
        ("criterion", d.criterion_pre, d.criterion_post, d.criterion_change, d.criterion_change_ci),
    ):
        numbers = (_value(before, language), _value(after, language), _value(change, language))
        rows.append((say(f"rows.{name}", language), *numbers, _interval(ci, language, digits=2)))
    return rows


def _item(report: Report, row: ItemFigures, language: str) -> Row:
    verdict = "–"
    if row.verdict_code:
        mark = say(f"item_marks.{row.verdict_code}", language)
        verdict = f"{mark} {say(f'item_verdicts.{row.verdict_code}', language)}"
    change = "–" if row.change is None else points(100 * row.change, language, signed=True)
    return (
        row.item,
        item_excerpt(report, row, language),
        guarded_share(row.p_pre, row.n_pre, language),
        guarded_share(row.p_post, row.n_post, language),
        change,
        _interval(row.ci, language, 100, 0),
        verdict,
    )


def _fold(row: ItemFigures, language: str) -> Row:
    counts = _counts((row.n11, row.n01, row.n10, row.n00), language)
    return (row.item, whole(row.n, language), *counts)


def _quality(report: Report, row: ItemFigures, language: str) -> Row:
    persisting = ""
    if row.persisting:
        choice = option_text(report, row, row.persisting.choice, language)
        persisting = f"{choice} ({share(row.persisting.share_post, language)})"
    return (
        row.item,
        guarded_share(row.p_pre, row.n_pre, language),
        guarded_share(row.p_post, row.n_post, language),
        _value(row.rest_r_pre, language),
        _value(row.rest_r_post, language),
        persisting,
    )


def _options(report: Report, row: ItemFigures, language: str) -> list[Row]:
    choices = sorted({*row.options_pre, *row.options_post}, key=lambda c: (c == "unsure", c))
    lines: list[Row] = []
    for choice in choices:
        shown = []
        for counts, n in ((row.options_pre, row.n_pre), (row.options_post, row.n_post)):
            count = counts.get(choice, 0)
            shown.append("–" if count is None or not n else guarded_share(count / n, n, language))
        lines.append((row.item, option_text(report, row, choice, language), *shown))
    return lines


def group_name(group: Group, language: str) -> str:
    """The name of a group as people say it."""
    known = ("student", "teacher", "principal", "resident")
    if group.by == "audience" and group.name in known:
        return say(f"audiences.{group.name}", language)
    return group.name or "–"


def _group(group: Group, report: Report, language: str) -> Row:
    first = (say(f"by.{group.by}", language), group_name(group, language))
    if group.suppressed:
        k = SMALLEST[report.figures.options.audience]
        return (*first, say("rows.suppressed", language, k=k), "–", "–", "–", "–")
    n, s = group.flow.n_pairs or 0, group.score
    if s.mean_pre is None or s.mean_post is None or s.mean_change is None:
        few = say("rows.too_few", language, k=EVERYTHING_FROM)
        return (*first, whole(n, language), few, "–", "–", "–")
    most = s.max
    return (
        *first,
        whole(n, language),
        points(per_hundred(s.mean_pre, most), language),
        points(per_hundred(s.mean_post, most), language),
        points(per_hundred(s.mean_change, most), language, signed=True),
        _interval(s.ci, language, 100 / (most or 1), 0),
    )


def _pooled(figures: Figures, language: str) -> list[Row]:
    p = figures.pooled
    if p.icc is None and p.estimate is None:
        return []
    mean = figures.score.mean_change
    rows: list[Row] = []
    if p.estimate is not None:
        rows += [
            (
                say("rows.estimate", language),
                _value(p.estimate, language),
                _interval(p.ci, language, digits=2),
            ),
            (say("rows.prediction", language), "", _interval(p.prediction_interval, language, digits=2)),
            (say("rows.tau2", language), _value(p.tau2, language), ""),
            (say("rows.i2", language), share(p.i2 or 0.0, language), ""),
        ]
    if p.icc is not None:
        rows += [
            (say("rows.icc", language), _value(p.icc, language, 3), ""),
            (say("rows.design_effect", language), _value(p.design_effect, language), ""),
        ]
    if p.cluster_robust_ci is not None:
        ci = _interval(p.cluster_robust_ci, language, digits=2)
        rows.append((say("rows.cluster_robust", language), _value(mean, language), ci))
    if p.reml_estimate is not None:
        ci = _interval(p.reml_ci, language, digits=2)
        rows.append((say("rows.reml", language), _value(p.reml_estimate, language), ci))
    return rows

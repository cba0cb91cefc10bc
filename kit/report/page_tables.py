"""The tables of the later pages, as text."""

from __future__ import annotations

from collections.abc import Iterable

from kit.report.disclosure import SMALLEST
from kit.report.figures import Figures, Group, ItemFigures, Rescored, RescoredItem, TwinFigures
from kit.report.labels import Place, item_labels
from kit.report.measure import EVERYTHING_FROM
from kit.report.numbers import guarded_share, number, p_value, points, share, whole
from kit.report.report import Report
from kit.report.stats.distributions import Interval
from kit.report.wording import Table, item_excerpt, key_text, option_text, per_hundred, say

Row = tuple[str, ...]


def all_tables(report: Report, language: str) -> dict[str, Table]:
    """Every table that has rows, by name."""
    figures, labels = report.figures, item_labels(report, language, ids=True)
    rows: dict[str, list[Row]] = {
        "flow": _flow(figures, language),
        "score": _score(figures, language),
        "discernment": _discernment(figures, language),
        "items": [_item(report, row, language) for row in figures.items],
        "fold": [_fold(row, labels, language) for row in figures.items if row.n11 is not None],
        "twins": [
            (*_twins(t, labels), whole(t.n, language), *_counts((t.n11, t.n01, t.n10, t.n00), language))
            for t in figures.twins
            if t.n11 is not None
        ],
        "groups": [_group(group, report, language) for group in figures.groups],
        "pooled": _pooled(figures, language),
        "quality": [_quality(report, row, labels, language) for row in figures.items],
        "options": [_options(report, row, labels, language) for row in figures.items if _says_more(row)],
        "rescored": [
            _rescored(report, line, row, labels, language) for line in figures.rescored for row in line.items
        ],
    }
    return {name: _table(name, lines, language) for name, lines in rows.items() if lines}


def _table(name: str, rows: list[Row], language: str) -> Table:
    """A table without the columns in which no row has anything."""
    columns = [c.strip() for c in say(f"tables.{name}.columns", language).split("|")]
    kept = [i for i in range(len(columns)) if any(row[i] not in ("", "–") for row in rows)]
    shown = tuple(tuple(row[i] for i in kept) for row in rows)
    return Table(say(f"tables.{name}.title", language), tuple(columns[i] for i in kept), shown)


def _interval(ci: Interval | None, language: str, scale: float = 1.0, digits: int = 1) -> str:
    if ci is None:
        return "–"
    low, high = (number(scale * side, language, digits) for side in ci)
    # One piece: a range broken over two lines is misread.
    return say("to", language, low=low, high=high).replace(" ", "\u00a0")


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
    dropped = "–" if s.normalised_change_dropped is None else s.normalised_change_dropped
    how = {name: say(f"methods.{name}", language, max=s.max, dropped=dropped) for name in
           ("score", "p", "wilcoxon", "d_av", "d_z", "gain", "change", "hedges")}  # fmt: skip

    def line(name: str, value: str, ci: Interval | None = None, method: str = "") -> Row:
        return (say(f"rows.{name}", language), value, _interval(ci, language, digits=2) if ci else "", method)

    def measured(name: str, ci: Interval | None = None, method: str = "") -> Row:
        return line(name, _value(getattr(s, name), language), ci, method)

    change = say("rows.change", language)
    spreads = [
        (say("rows.sd", language, name=label.lower()), _value(value, language), "", "")
        for label, value in (
            (say("waves.pre", language), s.sd_pre),
            (say("waves.post", language), s.sd_post),
            (change, s.sd_change),
        )
    ]
    ranks = s.wilcoxon
    rows = [
        measured("mean_pre"),
        measured("mean_post"),
        measured("mean_change", s.ci, how["score"]),
        *spreads,
        measured("r"),
        (f"{say('rows.t', language)} ({s.df})", _value(s.t, language), f"p {p_value(s.p_t, language)}", ""),
        line("p_signflip", p_value(s.p_signflip, language), method=how["p"]),
        (
            say("rows.wilcoxon", language),
            _value(ranks.w_plus, language, 1),
            f"p {p_value(ranks.p, language)}",
            how["wilcoxon"],
        ),
        line("rank_biserial", _value(ranks.rank_biserial, language)),
        measured("d_av", s.d_av_ci, how["d_av"]),
        measured("d_z", s.d_z_ci, how["d_z"]),
        measured("hedges_g_av", method=how["hedges"]),
        measured("hedges_g_z", method=how["hedges"]),
        measured("normalised_gain", s.normalised_gain_ci, how["gain"]),
        measured("normalised_change", method=how["change"]),
        line("ceiling_pre", "–" if s.ceiling_pre is None else share(s.ceiling_pre, language)),
        line("floor_pre", "–" if s.floor_pre is None else share(s.floor_pre, language)),
    ]
    # Inside, a note says why a measure is missing; for the public one sentence says it of all.
    inside = figures.options.audience == "internal"
    return [row for row in rows if inside or row[1] != "–"]


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
        f"{item_excerpt(report, row, language)} ({row.item})",
        row.bound_pre or guarded_share(row.p_pre, row.n_pre, language),
        row.bound_post or guarded_share(row.p_post, row.n_post, language),
        change,
        _interval(row.ci, language, 100, 0),
        verdict,
    )


def _twins(pair: TwinFigures, labels: dict[Place, str]) -> Row:
    return tuple(labels.get((pair.quiz_id, item), item) for item in (pair.item, pair.twin))


def _rescored(
    report: Report, line: Rescored, row: RescoredItem, labels: dict[Place, str], language: str
) -> Row:
    """The key an item was scored by and the key it has now, in words."""
    before = " / ".join(key_text(report, line.quiz_id, row.item, key, language) for key in row.keys_before)
    after = key_text(report, line.quiz_id, row.item, row.key_after, language)
    label = labels.get((line.quiz_id, row.item), row.item)
    return (label, before or "–", after, *_counts((row.n_changed,), language))


def _fold(row: ItemFigures, labels: dict[Place, str], language: str) -> Row:
    counts = _counts((row.n11, row.n01, row.n10, row.n00), language)
    return (labels[row.quiz_id, row.item], whole(row.n, language), *counts)


def _quality(report: Report, row: ItemFigures, labels: dict[Place, str], language: str) -> Row:
    persisting = ""
    if row.persisting:
        choice = option_text(report, row, row.persisting.choice, language)
        persisting = f"{choice} ({share(row.persisting.share_post, language)})"
    return (
        labels[row.quiz_id, row.item],
        row.bound_pre or guarded_share(row.p_pre, row.n_pre, language),
        row.bound_post or guarded_share(row.p_post, row.n_post, language),
        _value(row.rest_r_pre, language),
        _value(row.rest_r_post, language),
        persisting,
    )


def _says_more(row: ItemFigures) -> bool:
    """Whether the options of an item say more than its share right does."""
    waves = ((row.options_pre, row.p_pre, row.n_pre), (row.options_post, row.p_post, row.n_post))
    others = any(count != round((p or 0.0) * n) for counts, p, n in waves for count in counts.values())
    return others or len({*row.options_pre, *row.options_post}) > 1


def _options(report: Report, row: ItemFigures, labels: dict[Place, str], language: str) -> Row:
    """All options of an item in one cell: words, share before and after."""
    choices = sorted({*row.options_pre, *row.options_post}, key=lambda c: (c == "unsure", c))
    # An option that a report for the public does not count was withheld, or chosen by nobody.
    absent = None if report.figures.options.audience == "public" else 0
    shown = []
    for choice in choices:
        before, after = (
            _option_share(counts.get(choice, absent), n, language)
            for counts, n in ((row.options_pre, row.n_pre), (row.options_post, row.n_post))
        )
        shown.append(f"{option_text(report, row, choice, language)} {before} → {after}")
    return (labels[row.quiz_id, row.item], " · ".join(shown))


def _option_share(count: int | None, n: int, language: str) -> str:
    return "–" if count is None or not n else guarded_share(count / n, n, language)


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

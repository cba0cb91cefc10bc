"""Page one in words, by rule: the change, the verdict, who counted, what to do, what is unknown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from kit.quiz.model import PHRASE
from kit.report.assemble import headline
from kit.report.disclosure import NO_EXTREMES_BELOW, SMALLEST
from kit.report.figures import Figures, Flow, ItemFigures
from kit.report.labels import Place, item_labels, item_topic, quiz_item, shortened
from kit.report.notes import followup_hidden, scores_withheld
from kit.report.numbers import date_range, guarded_share, long_date, points, share, whole
from kit.report.report import Report
from kit.text import message

UNDERSTOOD_FROM: Final = 0.6
STEPS: Final = 2
MOST_WORDS: Final = 120


@dataclass(frozen=True)
class Table:
    """A table as text."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


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


def say(key: str, language: str, /, **values: object) -> str:
    """A sentence of the report."""
    return message(f"report.{key}", language, **values)


def summarise(report: Report, language: str) -> Summary:
    """Write page one, and leave out the least pressing lines until it has 120 words."""
    page = _full_page(report, language)
    for field, keep in (
        ("next_steps", 1),
        ("understood", 2),
        ("wrong", 1),
        ("understood", 1),
        ("understood", 0),
        ("unknown", 1),
    ):
        if page.length() > MOST_WORDS:
            page = replace(page, **{field: getattr(page, field)[:keep]})
    return page


def _full_page(report: Report, language: str) -> Summary:
    figures = report.figures
    code = verdict_key(figures)
    shown, labels = _items_by_share(figures), item_labels(report, language)
    first, second, third, fourth = (
        say(f"page_one.{name}", language) for name in ("understood", "wrong", "next", "unknown")
    )
    return Summary(
        title=_title(report, language),
        place=_place(figures, language),
        target=_target(figures, language),
        change=change_sentence(figures, language),
        compared=compared_sentence(figures, language),
        verdict=say(f"verdicts.{code}.name", language),
        verdict_mark=say(f"verdicts.{code}.mark", language),
        verdict_text=say(f"verdicts.{code}.text", language),
        pair=offer_sentences(figures, language),
        counted=_counted(figures, language),
        understood=tuple(_item_line(i, labels, language) for i in shown[:3] if _is_understood(i)),
        wrong=tuple(_item_line(i, labels, language) for i in reversed(shown[-2:]) if not _is_understood(i)),
        next_steps=tuple(say(f"next_steps.{k}", language) for k in _next_steps(figures)[:STEPS]),
        unknown=tuple(say(f"unknown.{k}", language) for k in _unknown(figures)[:STEPS]),
        fingerprint=f"{say('fingerprint', language)} {report.fingerprint}",
        date=f"{say('made_on', language)} {long_date(report.generated_at.date().isoformat(), language)}",
        headings=(first, second, third, fourth),
        flags=tuple(say(f"flags.{name}", language) for name in _flags(report)),
    )


def _flags(report: Report) -> list[str]:
    """What a reader must know before any number."""
    anew = any(line.items for line in report.figures.rescored)
    return ["rehearsal"] * report.has_note("rehearsal") + ["rescored"] * anew


def _title(report: Report, language: str) -> str:
    titles = {s.title.get(language) or next(iter(s.title.values())) for s in report.figures.sessions}
    return titles.pop() if len(titles) == 1 else say("title", language)


def _place(figures: Figures, language: str) -> str:
    sessions = figures.sessions
    if not sessions:
        return ", ".join(figures.sources)
    when = date_range(sessions[0].held_on, sessions[-1].held_on, language)
    if len(sessions) == 1:
        return say("page_one.place", language, site=sessions[0].site, date=when)
    sites = len({s.site for s in sessions})
    return say("page_one.many", language, sessions=len(sessions), sites=sites, date=when)


def _target(figures: Figures, language: str) -> str:
    target = figures.target
    if target.points is None or target.verdict_code is None or scores_withheld(figures):
        return ""
    verdict = say(f"target.{target.verdict_code}", language)
    return say("target.line", language, points=points(target.points, language, signed=True), verdict=verdict)


def per_hundred(value: float, most: int | None) -> float:
    """Points of a score as points out of 100."""
    return 100.0 * value / (most or 1)


def verdict_key(figures: Figures) -> str:
    """The verdict on discernment; where there is none, whether it was kept back or cannot be given."""
    found, notes = figures.discernment, {note.code for note in figures.notes}
    if found.verdict_code is None and notes & {"withheld_all", "withheld_alike", "discernment_hidden"}:
        return "withheld"
    return found.verdict_code or "none"


def change_sentence(figures: Figures, language: str) -> str:
    """The change in one sentence, out of 100, with its range."""
    n, most = figures.flow.n_pairs, figures.score.max
    if n is None:
        return say("page_one.withheld", language, k=SMALLEST["public"])
    if n == 0:
        return say("page_one.nobody", language)
    if scores_withheld(figures):
        return say("page_one.alike", language, k=NO_EXTREMES_BELOW)
    mean, ci = headline(figures.score, figures.pooled)
    if mean is None:
        return say("page_one.few", language, n=n)
    value = per_hundred(mean, most)
    if ci is None and mean == 0:
        return say("page_one.same", language)
    if ci is None:
        return say("page_one.no_interval", language, mean=points(value, language, signed=True))
    low, high = (per_hundred(side, most) for side in ci)
    if low > 0:
        return _between("up", value, low, high, language)
    if high < 0:
        return _between("down", -value, -high, -low, language)
    return say(
        "page_one.around",
        language,
        mean=points(value, language, signed=True),
        low=points(low, language),
        high=points(high, language),
    )


def compared_sentence(figures: Figures, language: str) -> str:
    """The difference from comparison sites in one sentence, where there are some."""
    comparison, most = figures.comparison, figures.score.max
    if comparison.difference is None:
        return ""
    difference = points(per_hundred(comparison.difference, most), language, signed=True)
    if comparison.ci is None:
        return say("sentences.compared_open", language, difference=difference)
    low, high = (points(per_hundred(side, most), language) for side in comparison.ci)
    return say("sentences.compared", language, difference=difference, low=low, high=high)


def _between(key: str, mean: float, low: float, high: float, language: str) -> str:
    values = {name: points(x, language) for name, x in (("mean", mean), ("low", low), ("high", high))}
    return say(f"page_one.{key}", language, **values)


def offer_sentences(figures: Figures, language: str) -> tuple[str, ...]:
    """The two numbers that always stand beside the verdict."""
    found = figures.discernment
    n = found.n or 0
    pairs = (
        ("hits", found.hit_rate_pre, found.hit_rate_post),
        ("false_alarms", found.false_alarm_rate_pre, found.false_alarm_rate_post),
    )
    return tuple(
        say(
            f"page_one.{key}",
            language,
            pre=guarded_share(pre, n, language),
            post=guarded_share(post, n, language),
        )
        for key, pre, post in pairs
        if pre is not None and post is not None
    )


def _counted(figures: Figures, language: str) -> str:
    flow = figures.flow
    if flow.n_joined is None or flow.n_pairs is None:
        return ""
    return say(
        "page_one.counted",
        language,
        joined=whole(flow.n_joined, language),
        pairs=whole(flow.n_pairs, language),
        share=_pairs_share(flow, language),
        lost=whole(flow.n_joined - flow.n_pairs, language),
    )


def _pairs_share(flow: Flow, language: str) -> str:
    """Who answered twice, per cent; guarded where the figures withhold it."""
    joined, pairs = flow.n_joined or 0, flow.n_pairs or 0
    if flow.pairs_share is None and joined:
        return f"{guarded_share(pairs / joined, joined, language)}%"
    return share(pairs / joined if joined else 0.0, language)


def _items_by_share(figures: Figures) -> list[ItemFigures]:
    """Items with enough answers, the best understood after the session first."""
    judged = [row for row in figures.items if row.change is not None and row.p_post is not None]
    return sorted(judged, key=lambda row: (-(row.p_post or 0.0), row.quiz_id, row.item))


def _is_understood(row: ItemFigures) -> bool:
    return (row.p_post or 0.0) >= UNDERSTOOD_FROM


def _item_line(row: ItemFigures, labels: dict[Place, str], language: str) -> str:
    share_right = guarded_share(row.p_post, row.n_post, language)
    return say("page_one.item", language, label=labels[row.quiz_id, row.item], share=share_right)


def _next_steps(figures: Figures) -> list[str]:
    """What to do next, most pressing first."""
    verdict, flow, steps = figures.discernment.verdict_code, figures.flow, []
    if verdict == "warier_only":
        steps.append("genuine")
    if verdict in ("duller", "more_trusting"):
        steps.append("duller")
    if flow.n_joined and (flow.n_pairs or 0) < 0.7 * flow.n_joined:
        steps.append("stay")
    if not all(_is_understood(row) for row in _items_by_share(figures)):
        steps.append("repeat")
    if (figures.score.ceiling_pre or 0) >= 0.15:
        steps.append("harder")
    if (flow.n_pairs or 0) < 10 or scores_withheld(figures):
        steps.append("bigger")
    if figures.items and not figures.discernment.n_genuine:
        steps.append("offers")
    if not flow.n_followup and not followup_hidden(figures):
        steps.append("followup")
    mean, ci = headline(figures.score, figures.pooled)
    if mean is not None and (ci is None or ci[0] <= 0):
        steps.append("review")
    return steps or ["keep"]


def _unknown(figures: Figures) -> list[str]:
    """What nobody may read into the numbers, weightiest first."""
    found, flow, pooled = [], figures.flow, figures.pooled
    if pooled.k == 2:
        found.append("two_sites" if pooled.unit == "site" else "two_sessions")
    found.append(_unknown_origin(figures))
    if verdict_key(figures) == "none":
        found.append("careful")
    if flow.n_joined and (flow.n_pairs or 0) < 0.9 * flow.n_joined:
        found.append("lost")
    if not flow.n_followup and not followup_hidden(figures):
        found.append("no_followup")
    if pooled.k is not None and pooled.k < 2:
        found.append("one_site")
    return found


def _unknown_origin(figures: Figures) -> str:
    """What a comparison leaves open; sites that were compared were not drawn by lot."""
    comparison = figures.comparison
    if comparison.difference is None:
        return "no_comparison"
    ci = comparison.ci
    return "comparison_open" if ci is None or ci[0] <= 0 <= ci[1] else "comparison_differs"


def item_excerpt(report: Report, row: ItemFigures, language: str, limit: int = 90) -> str:
    """The start of what was asked: the scenario of an offer, else the stem."""
    item = quiz_item(report, row.quiz_id, row.item)
    if item is None:
        return item_topic(report, row, language)
    if item.scenario is not None and item.kind in ("offer", "spot"):
        text = f"{item.scenario.sender.in_(language)}: {item.scenario.text.in_(language)}"
    else:
        text = item.stem.in_(language)
    return shortened(PHRASE.sub(r"\2", text), limit)


def option_text(report: Report, row: ItemFigures, choice: str, language: str) -> str:
    """An option in words: its own text where the quiz is known."""
    return key_text(report, row.quiz_id, row.item, choice, language)


def key_text(report: Report, quiz_id: str, item_id: str, choice: str, language: str) -> str:
    """Chosen options of an item in words, joined by +."""
    if choice in ("fraud", "genuine", "unsure", "right", "wrong", "*"):
        return say(f"options.{choice}", language)
    item = quiz_item(report, quiz_id, item_id)
    texts = {o.option_id: o.text.in_(language) for o in item.options} if item else {}
    return " + ".join(texts.get(part, part) for part in choice.split("+"))


def make_tables(report: Report, language: str) -> dict[str, Table]:
    """The tables of the later pages."""
    from kit.report.page_tables import all_tables

    return all_tables(report, language)

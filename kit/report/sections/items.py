"""Item by item: what of it may leave, and how it is read and drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from kit.report.charts.altair_import import alt
from kit.report.charts.axes import ABOVE, BELOW, TALL, WIDE, item_lines
from kit.report.charts.look import ACCENT, INK, LINE, PAPER, SIZE, Drawing, hundred, values
from kit.report.count.cube import Cube
from kit.report.sections.base import (
    Evidence,
    Figures,
    Note,
    Parts,
    Secrecy,
    Section,
    SheetRow,
    Table,
    View,
    note,
)
from kit.report.sections.discernment_figures import DiscernmentFigures, public_discernment
from kit.report.sections.flow import Flow
from kit.report.sections.item_cards import advice, item_cards
from kit.report.sections.item_figures import (
    SITES_ARE_UNITS_FROM,
    ItemFigures,
    ItemRef,
    count_sites,
    measure_items,
)
from kit.report.sections.names import find_quiz, item_excerpt, item_labels, option_text
from kit.report.sections.spoken import adds_up
from kit.report.sections.thresholds import EVERYTHING_FROM
from kit.report.stats import items
from kit.report.stats.withholding import SMALLEST, is_small, printable_share, withheld_cells

K = SMALLEST["public"]
_COUNTS: Final = ("n", "n_pre", "n_post", "n11", "n01", "n10", "n00", "p_pre", "p_post", "change")
_TESTS: Final = ("p_mcnemar", "p_fisher", "p_holm", "rest_r_pre", "rest_r_post")


class ItemsSection(Section):
    """Item by item."""

    name = "items"
    parts = (ItemFigures,)
    drawn_in_rows = True
    reads = (
        "items_few", "items_very_few", "items_part_hidden", "items_by_arm", "items_paired", "items_by_site",
        "items_by_person", "items_sites_unknown", "forms_unknown", "several_quizzes", "items_no_signal",
        "items_hidden", "folds_hidden",
    )  # fmt: skip

    def measure(self, evidence: Evidence, so_far: Figures) -> Parts:
        """Shares, tests, options and four-fold tables of each item."""
        return {ItemFigures.key: tuple(measure_items(evidence.cube, evidence.plan))}

    def withhold(self, figures: Figures, secrecy: Secrecy) -> Parts:
        """Nothing on few people, no share of all or none of them, and nothing such a thing follows from."""
        return {ItemFigures.key: tuple(public_items(figures, secrecy))}

    def withhold_inside(self, figures: Figures) -> Parts:
        """No answers of a wave in which fewer than five people met the item."""
        return {ItemFigures.key: tuple(_without_few(row) for row in figures.rows(ItemFigures))}

    def notes(self, figures: Figures, evidence: Evidence) -> Iterator[Note]:
        """How items were tested, and what of them is missing."""
        rows, answered = figures.rows(ItemFigures), not evidence.cube.answer.empty
        if not answered:
            yield note("totals_only", "unsure.*", "items.*", "twins.*", "reliability.*", "discernment.*")
        if rows:
            by_site = count_sites(evidence.cube) >= SITES_ARE_UNITS_FROM
            yield from _test_notes(rows, by_site=by_site, public=figures.options.is_public)
        elif figures.options.is_public and answered and not evidence.plan.open_forms:
            yield note("items_hidden", "items.*", "twins.*", "reliability.*", k=K)

    def words(self, view: View) -> list[str]:
        """That printed differences may be off by one, where one is."""
        told = [(row.p_pre, row.p_post, row.change) for row in view.figures.rows(ItemFigures)]
        shown = [[100 * (x or 0.0) for x in shares] for shares in told if None not in shares]
        return [] if all(adds_up(*shares) for shares in shown) else [view.say("sentences.rounded")]

    def tables(self, view: View) -> dict[str, Table]:
        """A row for each item, with all that is said of it."""
        return item_cards(view)

    def charts(self, view: View) -> dict[str, Drawing]:
        """A dumbbell per item: open circle before, filled after, verdict in words; a chart for each form."""
        shown = [row for row in view.figures.rows(ItemFigures) if _is_drawn(row)]
        labels = item_labels(view)
        drawn: dict[str, Drawing] = {}
        for place in dict.fromkeys((row.quiz_id, row.form) for row in shown):
            rows = [row for row in shown if (row.quiz_id, row.form) == place]
            drawn[f"items-{len(drawn) + 1}" if drawn else "items"] = _dumbbells(view, place, rows, labels)
        return drawn

    def sheets(self, view: View) -> Iterator[tuple[str, Iterable[SheetRow]]]:
        """A row for each item, numbers as numbers."""
        yield "items", list(_sheet_rows(view))


def _without_few(row: ItemFigures) -> ItemFigures:
    """An item without what fewer than five people answered, before or after, and what follows from it."""
    few = [wave for wave in ("pre", "post") if is_small(getattr(row, f"n_{wave}"), SMALLEST["internal"])]
    if not few:
        return row
    bare: dict[str, Any] = {f"p_{w}": None for w in few} | {f"options_{w}": {} for w in few}
    bare |= dict.fromkeys(f"rest_r_{w}" for w in few)
    bare |= dict.fromkeys(("n11", "n01", "n10", "n00", "change", "ci"))
    bare |= dict.fromkeys(("p_mcnemar", "p_fisher", "p_sites", "p_holm", "persisting"))
    return replace(row, **bare, shift=(), by_site=())


def _test_notes(rows: Sequence[ItemFigures], *, by_site: bool, public: bool) -> Iterator[Note]:
    """How items were tested; a report for the public keeps the figures back, not how they were made."""
    if any(row.ci is None for row in rows) and public:
        yield note("items_part_hidden", "items.*", "twins.*", k=K)
    elif any(row.ci is None for row in rows):
        yield note("items_few", "items.*", k=EVERYTHING_FROM)
    if not public and any(None in (row.p_pre, row.p_post) for row in rows):
        yield note("items_very_few", "items.*", k=SMALLEST["internal"])
    if any(row.p_fisher is not None for row in rows):
        about = [f"items.*.{x}" for x in ("n11", "n01", "n10", "n00", "p_mcnemar", "shift")]
        yield note("items_by_arm", *about)
    if any(row.p_mcnemar is not None for row in rows):
        yield note("items_paired", "items.*.p_fisher")
    if any(row.sites_unknown for row in rows):
        yield note("items_sites_unknown", "items.*.p_holm", "items.*.verdict*", "items.*.p_sites")
    elif by_site:
        yield note("items_by_site", "items.*.p_sites")
    else:
        yield note("items_by_person", "items.*.p_sites")
    if not public and any(row.rest_r_pre is None or row.rest_r_post is None for row in rows):
        yield note("item_constant", "items.*.rest_r_pre", "items.*.rest_r_post", k=EVERYTHING_FROM)
    yield note("items_no_signal", "items.*.signal", "items.*.persisting*")


def public_items(figures: Figures, secrecy: Secrecy) -> list[ItemFigures]:
    """The items of a report for the public."""
    given = _answers_given(secrecy.cube)
    rows = [public_tables(row, *given.get(row.place, (set(), set()))) for row in figures.rows(ItemFigures)]
    n_pairs = figures.of(Flow).n_pairs or 0
    found = public_discernment(figures.of(DiscernmentFigures), n_pairs)
    kept = [row for row in rows if _may_show(row, secrecy)]
    return withhold_shares(kept, split_offers=found.hit_rate_pre is not None)


def _may_show(row: ItemFigures, secrecy: Secrecy) -> bool:
    """Items of a quiz of ten people on, each asked ten people before and ten after, or not in a wave."""
    few = is_small(row.n_pre, K) or is_small(row.n_post, K) or is_small(row.n, K)
    return ("quiz_id", row.quiz_id) not in secrecy.hidden and not few


def _answers_given(cube: Cube) -> dict[ItemRef, tuple[set[str], set[str]]]:
    """For each item its right answers, and all that anybody ever gave."""
    answers = cube.answer[cube.answer["matched"] == 1]
    return {
        (str(quiz_id), str(item)): (
            set(rows.loc[rows["correct"] == 1, "choice"].unique()),
            set(rows["choice"].unique()),
        )
        for (quiz_id, item), rows in answers.groupby(["quiz_id", "item"], sort=False)
    }


def public_tables(row: ItemFigures, right: Iterable[str], seen: Iterable[str]) -> ItemFigures:
    """An item whose tables hold no cell of fewer than ten people; `right` are its right answers."""
    keys, ever = set(right), set(seen)
    row = replace(
        row,
        options_pre=public_options(row.options_pre, keys, ever),
        options_post=public_options(row.options_post, keys, ever),
        shift=() if is_table_withheld(n for _, _, n in row.shift) else row.shift,
    )
    if is_table_withheld(row.fold):
        row = replace(row, n11=None, n01=None, n10=None, n00=None)
    return row if _may_name_persisting(row) else replace(row, persisting=None)


def is_table_withheld(counts: Iterable[int | None]) -> bool:
    """Whether some cell of a table of people speaks of fewer than ten."""
    known = np.array([n for n in counts if n is not None], dtype=np.int64)
    return bool(withheld_cells(known, K).any())


def _may_name_persisting(row: ItemFigures) -> bool:
    """Whether ten people gave the wrong answer before and ten after, and it is listed among the options."""
    found = row.persisting
    if found is None or found.choice not in row.options_post:
        return False
    after, before = round(found.share_post * row.n_post), round((found.share_pre or 0.0) * row.n_pre)
    return after >= K and before >= K


def public_options(
    counts: Mapping[str, int | None], right: Iterable[str], seen: Iterable[str]
) -> dict[str, int | None]:
    """Options that ten people or more chose; one left alone among the wrong ones takes the next along.

    The count of the right option is the item's share. `seen` are the options anybody ever chose.
    """
    known = {choice: n or 0 for choice, n in counts.items()}
    wrong = sorted({*seen, *known} - set(right), key=lambda choice: (known.get(choice, 0), choice))
    hidden = [choice for choice in wrong if known.get(choice, 0) < K]
    if len(hidden) == 1 and is_small(known.get(hidden[0], 0), K):
        hidden = wrong[:2]
    return {choice: n for choice, n in known.items() if n >= K and choice not in hidden}


def withhold_shares(rows: Sequence[ItemFigures], *, split_offers: bool) -> list[ItemFigures]:
    """Withhold shares of all or none below 20 people, with neighbours: the sum of the items is known.

    `split_offers`: hits are printed, so that fraud offers have a sum of their own.
    """
    hidden: dict[str, set[ItemRef]] = {"pre": set(), "post": set()}
    for wave, gone in hidden.items():
        for quiz_id in dict.fromkeys(row.quiz_id for row in rows):
            asked = [r for r in rows if r.quiz_id == quiz_id and getattr(r, f"p_{wave}") is not None]
            for part in _sums(asked, split_offers):
                gone |= _with_neighbours(part, asked, wave)
    shown = [_without_shares(row, {w for w in hidden if row.place in hidden[w]}) for row in rows]
    if any(row.n11 is None and row.p_mcnemar is None and row.p_fisher is None for row in shown):
        # An adjusted p can be another item's p times a whole number.
        shown = [replace(row, p_holm=None) for row in shown]
    return shown


def _sums(rows: Sequence[ItemFigures], split_offers: bool) -> Iterable[list[ItemFigures]]:
    """Items whose right answers may be told from the others' by a published sum."""
    parts: dict[tuple[str, bool], list[ItemFigures]] = {}
    for row in rows:
        parts.setdefault((row.form, split_offers and row.signal == "fraud"), []).append(row)
    return parts.values()


def _with_neighbours(part: Sequence[ItemFigures], asked: Sequence[ItemFigures], wave: str) -> set[ItemRef]:
    """Items without a printable share, and others, until a right answer may have been given to either."""

    def people(row: ItemFigures) -> int:
        return int(getattr(row, f"n_{wave}"))

    def share(row: ItemFigures) -> float:
        return float(getattr(row, f"p_{wave}"))

    hidden = [row for row in part if printable_share(share(row), people(row)) is None]
    if not hidden:
        return set()
    rest = sorted((row for row in part if row not in hidden), key=lambda row: -abs(share(row) - 0.5))
    while not _has_room([(share(r), people(r)) for r in hidden]):
        if not rest:
            return {row.place for row in asked}
        hidden.append(rest.pop(0))
    return {row.place for row in hidden}


def _has_room(shares: Sequence[tuple[float, int]]) -> bool:
    right, people = sum(p * n for p, n in shares), sum(n for _, n in shares)
    return len(shares) > 1 and 0.5 < right < people - 0.5


def _without_shares(row: ItemFigures, waves: set[str]) -> ItemFigures:
    """An item without its share in some waves, and without what these or its four-fold table follow from."""
    paired = row.p_mcnemar is not None
    if waves:
        lost: dict[str, Any] = {f"p_{w}": None for w in waves} | {f"options_{w}": {} for w in waves}
        lost |= {f"bound_{w}": _bound(getattr(row, f"p_{w}"), getattr(row, f"n_{w}")) for w in waves}
        bare = dict.fromkeys(("n11", "n01", "n10", "n00", "change", "ci", "p_mcnemar", "p_fisher"))
        bare["p_sites"] = None
        return replace(row, **{**bare, **lost}, shift=(), persisting=None)
    if row.n11 is not None or not paired or row.p_pre is None or row.p_post is None:
        return row
    right = round(row.p_pre * row.n_pre), round(row.p_post * row.n_post)
    ci = items.independent_difference_interval(right, (row.n_pre, row.n_post))
    return replace(row, ci=ci, p_mcnemar=None, shift=())


def _bound(share: float, n: int) -> str:
    """What stands for the share of all or none of a few people; nothing for their neighbours' shares."""
    if printable_share(share, n) is not None:
        return ""
    return "≥ 90" if share == 1.0 else "≤ 10"


def _sheet_rows(view: View) -> Iterator[SheetRow]:
    item, what, verdict_head, persisting, sites, advised = view.say("tables.items_sheet.columns").split(" | ")
    head = ("quiz_id", "form", item, what, "signal", *_COUNTS, "ci_low", "ci_high", *_TESTS)
    yield (*head, verdict_head, persisting, *(f"{sites} {mark}" for mark in "+=−"), advised)
    for row in view.figures.rows(ItemFigures):
        verdict = view.say(f"item_verdicts.{row.verdict_code}") if row.verdict_code else None
        still = option_text(view, row, row.persisting.choice) if row.persisting else None
        yield (
            row.quiz_id, row.form, row.item, item_excerpt(view, row, 200), row.signal,
            *(getattr(row, name) for name in _COUNTS), *(row.ci or (None, None)),
            *(getattr(row, name) for name in _TESTS), verdict, still, *(row.by_site or (None,) * 3),
            view.say(f"advice.{code}") if (code := advice(row)) else None,
        )  # fmt: skip


def _is_drawn(row: ItemFigures) -> bool:
    return row.p_pre is not None and row.p_post is not None and row.change is not None


def chart_title(view: View, title: str, quiz_id: str) -> str:
    """The title of a chart, with the quiz where there are several."""
    quizzes = {row.quiz_id for row in view.figures.rows(ItemFigures)}
    quiz = find_quiz(view, quiz_id)
    return title if len(quizzes) < 2 else f"{title}: {quiz.title.in_(view.language) if quiz else quiz_id}"


def _dumbbells(view: View, place: ItemRef, shown: list[ItemFigures], labels: dict[ItemRef, str]) -> Drawing:
    rows: list[dict[str, Any]] = []
    for row in shown:
        mark = view.say(f"item_marks.{row.verdict_code}") if row.verdict_code else ""
        rows.append(
            {
                "item": row.item,
                "label": f"{labels[row.place]} · {_people(view, row)}",
                "pre": 100 * (row.p_pre or 0.0),
                "post": 100 * (row.p_post or 0.0),
                "verdict": f"{mark} {view.say(f'item_verdicts.{row.verdict_code}')}" if mark else "",
            }
        )
    title = chart_title(view, view.say("charts.items.title"), place[0])
    if {row.form for row in view.figures.rows(ItemFigures) if row.quiz_id == place[0]} != {place[1]}:
        title = view.say("charts.items.form", title=title, form=place[1])
    words = view.say("charts.items.alt", n=len(rows))
    return Drawing(_circles(view, rows), f"items-{'-'.join(place)}", title, words)


def _people(view: View, row: ItemFigures) -> str:
    """Who answered before and after: with parallel forms they are different people."""
    n = str(row.n_pre) if row.n_pre == row.n_post else f"{row.n_pre}/{row.n_post}"
    return view.say("charts.n", n=n)


def _circles(view: View, rows: list[dict[str, Any]]) -> Any:
    scale = hundred(view.say("charts.items.x"), orient="top")
    base = alt.Chart(values(rows)).encode(y=item_lines([row["item"] for row in rows]))
    line = base.mark_rule(strokeWidth=3, color=LINE, yOffset=BELOW).encode(
        x=alt.X("pre:Q", **scale), x2=alt.X2("post:Q")
    )
    circle: dict[str, Any] = {"filled": True, "opacity": 1, "yOffset": BELOW}
    before = base.mark_point(size=90, fill=PAPER, stroke=INK, strokeWidth=1.8, **circle)
    after = base.mark_point(size=100, fill=ACCENT, stroke=ACCENT, **circle)
    verdict = base.mark_text(align="left", fontSize=SIZE, dy=BELOW).encode(
        x=alt.XValue(WIDE + 10), text=alt.Text("verdict:N")
    )
    points = [before.encode(x=alt.X("pre:Q")), after.encode(x=alt.X("post:Q"))]
    layers = alt.layer(line, *points, verdict, *_named(base), width=WIDE, height=TALL * len(rows))
    return _with_key(view, layers)


def _named(base: Any) -> list[Any]:
    """The names above the lines, with paper beneath where they cross the grid."""
    text: dict[str, Any] = {"align": "left", "fontSize": SIZE, "dy": ABOVE}
    halo = base.mark_text(**text, stroke=PAPER, strokeWidth=4, opacity=1)
    return [one.encode(x=alt.XValue(0), text=alt.Text("label:N")) for one in (halo, base.mark_text(**text))]


def _with_key(view: View, layers: Any) -> Any:
    """A key above the chart: what the open and the filled circle mean."""
    before, after = (view.say(f"waves.{wave}") for wave in ("pre", "post"))
    rows = [{"x": 0, "label": before}, {"x": 110, "label": after}]
    base = alt.Chart(values(rows)).encode(x=alt.X("x:Q", scale=alt.Scale(domain=[-6, 354]), axis=None))
    fills = alt.Scale(domain=[before, after], range=[PAPER, ACCENT])
    circle = base.mark_point(size=90, filled=True, stroke=INK, strokeWidth=1.6, opacity=1).encode(
        fill=alt.Fill("label:N", scale=fills, legend=None)
    )
    text = base.mark_text(align="left", dx=10).encode(text=alt.Text("label:N"))
    return alt.vconcat(alt.layer(circle, text, width=360, height=16), layers, spacing=6)

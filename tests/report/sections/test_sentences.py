"""What a report can say: over a grid of situations, and every sentence of the locale by its key.

The sentences stand in `tests/report/sentences/<language>.txt`, so that a change of wording is seen. To write
them anew: `uv run python -m tests.report.sections.test_sentences`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

import kit.text
from kit.report.render.page_one import _next_steps, _target, _unknown
from kit.report.sections.base import Figures, Note, Options, Tells, View
from kit.report.sections.change import change_sentence
from kit.report.sections.comparison import Comparison, Target, compared_sentence, measure_target
from kit.report.sections.discernment import DiscernmentSection, verdict_key
from kit.report.sections.discernment_figures import DiscernmentFigures
from kit.report.sections.flow import Flow, FlowSection
from kit.report.sections.followup import Followup, FollowupSection
from kit.report.sections.item_figures import ItemFigures
from kit.report.sections.score import Score
from kit.report.sections.sites import PooledFigures, SiteEstimate, SitesSection
from kit.report.sections.unsure import Unsure, gain_of_unsure, unsure_sentences
from kit.text import LANGUAGES
from tests.report.honest import CAUSAL_EN, CAUSAL_ID

HERE = Path(__file__).parent.parent / "sentences"
CODES = (
    "sharper", "sharper_and_warier", "sharper_and_calmer", "warier_only", "more_decided", "no_change",
    "more_trusting", "duller",
)  # fmt: skip
REASONS = ("few", "extreme", "not_converged", "one_order", "arms_small", "unsure_unknown", "no_spread")
SITE = SiteEstimate("Desa A", 20, 1.0, (0.0, 2.0))
RATES: dict[str, Any] = {
    "n": 40, "n_fraud": 5, "n_genuine": 5, "hit_rate_pre": 0.6, "hit_rate_post": 0.8,
    "false_alarm_rate_pre": 0.35, "false_alarm_rate_post": 0.25, "unsure_rate_pre": 0.2,
    "unsure_rate_post": 0.1, "accepted_rate_pre": 0.2, "accepted_rate_post": 0.1,
}  # fmt: skip
BEFORE = Score(max=100, mean_pre=50.0, mean_post=57.0, mean_change=7.0, ci=(3.2, 10.9), sd_change=9.0)
CAME = Followup(n=40, n_before=60, returned=2 / 3, mean_pre=50.0, mean_post=70.0, mean_followup=64.0)


def figures(*parts: Any, told: Tells = Tells.SCORES, audience: str = "internal") -> Figures:
    kinds = (Score(), Flow(n_joined=48, n_pairs=40), PooledFigures(k=1, unit="site"), Unsure(),
             DiscernmentFigures(), Followup(), Comparison(), Target())  # fmt: skip
    held: dict[str, Any] = {part.key: part for part in (*kinds, *parts)}
    held.setdefault(ItemFigures.key, ())
    return Figures(Options(audience=audience), (), (), 100, told, held)


def changes() -> Iterator[tuple[str, Figures]]:
    yield "up", figures(BEFORE)
    yield "down", figures(replace(BEFORE, mean_change=-7.0, ci=(-10.9, -3.2)))
    yield "not proven", figures(replace(BEFORE, ci=(-1.4, 15.4)))
    yield "less than a point", figures(replace(BEFORE, mean_change=0.5, ci=(0.12, 0.88)))
    yield "beyond the scale", figures(replace(BEFORE, mean_pre=95.0, mean_change=4.0, ci=(1.0, 7.0)))
    yield "no spread", figures(replace(BEFORE, ci=None))
    yield "nobody changed", figures(replace(BEFORE, mean_change=0.0, ci=None))
    yield "one order", figures(replace(BEFORE, one_order=True))
    yield "over sites", figures(BEFORE, PooledFigures(k=4, unit="site", estimate=6.0, ci=(-2.0, 14.0)))
    yield "sites kept back", figures(BEFORE, PooledFigures(k=4, unit="site"), audience="public")
    yield "two sites", figures(BEFORE, PooledFigures(k=2, unit="site", sites=(SITE, SITE)))
    yield "few", figures(Flow(n_joined=9, n_pairs=4))
    yield "nobody", figures(Flow(n_joined=9, n_pairs=0))
    yield "too few for the public", figures(Flow(n_joined=9), audience="public")
    yield "too much alike", figures(BEFORE, told=Tells.PEOPLE, audience="public")


def offers() -> Iterator[tuple[str, Figures]]:
    for code in CODES:
        yield code, figures(DiscernmentFigures(**RATES, verdict_code=code))
    for reason in REASONS:
        yield f"none: {reason}", figures(DiscernmentFigures(**RATES, reason=reason))
    yield "none: no offers", figures()
    hidden = figures(DiscernmentFigures(n_fraud=5, n_genuine=5), audience="public")
    yield "kept back", replace(hidden, notes=(Note("discernment_hidden"),))


def later() -> Iterator[tuple[str, Figures]]:
    yield "most came back", figures(replace(CAME, retained=0.7, retained_ci=(0.4, 1.1), tipping=28.0))
    yield "all is left", figures(replace(CAME, mean_followup=72.0, retained=1.1, retained_ci=(0.8, 1.4)))
    yield "a minority", figures(replace(CAME, n=14, returned=14 / 60, tipping=4.3))
    yield "beside the others", figures(replace(CAME, others_mean_pre=40.0, others_mean_post=52.0))


def unsure() -> Iterator[tuple[str, Figures]]:
    yield "shares", figures(Unsure(0.2, 0.1))
    flows = Unsure(0.2, 0.1, 0.09, 0.05, 0.04, 0.02, 0.01, 0.875)
    yield "most of the gain", figures(BEFORE, flows)


def pages() -> Iterator[tuple[str, Figures]]:
    """Targets, steps and limits as page one has them."""
    for points, name in ((3.0, "reached"), (12.5, "missed"), (5.0, "not certain")):
        judged = figures(BEFORE)
        yield f"target {name}", judged.with_parts({Target.key: measure_target(judged, points)})
    two = figures(BEFORE, PooledFigures(k=2, unit="site", sites=(SITE, SITE)))
    yield "target, two sites", two.with_parts({Target.key: measure_target(two, 3.0)})
    order = figures(replace(BEFORE, one_order=True))
    yield "target, one order", order.with_parts({Target.key: measure_target(order, 3.0)})
    yield "two sessions of a site", figures(BEFORE, PooledFigures(k=2, unit="session", sites=(SITE, SITE)))
    yield "many lost", figures(BEFORE, Flow(n_joined=100, n_pairs=40))
    yield "small", figures(BEFORE, Flow(n_joined=9, n_pairs=8))
    yield "ceiling", figures(replace(BEFORE, ceiling_pre=0.3))
    yield "not proven", figures(replace(BEFORE, ci=(-1.4, 15.4)))
    yield "suspicious only", figures(BEFORE, DiscernmentFigures(**RATES, verdict_code="warier_only"))
    yield "duller", figures(BEFORE, DiscernmentFigures(**RATES, verdict_code="duller"))
    few = Followup(n=14, n_before=60, returned=14 / 60)
    yield "a minority came back", figures(BEFORE, Flow(n_joined=60, n_pairs=60, n_followup=14), few)
    compared = Comparison(("Desa Z",), 4, 90, 1.0, 6.0, (2.1, 9.9), 0.01)
    yield "compared", figures(BEFORE, compared)
    yield "compared, open", figures(BEFORE, replace(compared, ci=(-2.1, 14.0)))
    yield "compared with one site", figures(BEFORE, replace(compared, ci=None, p=None))


def sites() -> Iterator[tuple[str, Figures]]:
    held: dict[str, Any] = {"estimate": 6.0, "ci": (2.2, 9.9), "prediction_interval": (-1.2, 13.4)}
    yield "five sites", figures(BEFORE, PooledFigures(k=5, unit="site", **held))
    yield "five sessions of one site", figures(BEFORE, PooledFigures(k=5, unit="session", **held))


def people() -> Iterator[tuple[str, Figures]]:
    leavers: dict[str, Any] = {"leavers_difference": -6.2, "leavers_ci": (-12.1, -0.3)}
    yield (
        "leavers",
        figures(BEFORE, Flow(60, 55, 45, 45, 0, 0.75, 50.0, 43.8, gain_times_share=5.25, **leavers)),
    )
    yield "all stayed", figures(BEFORE, Flow(n_joined=40, n_pairs=40, pairs_share=1.0, gain_times_share=7.0))


def page_lines(view: View) -> str:
    found = view.figures
    steps = [view.say(f"next_steps.{step}") for step in _next_steps(found)]
    limits = [view.say(f"unknown.{what}") for what in _unknown(found)]
    return " ".join(line for line in (_target(view), compared_sentence(view), *steps, *limits) if line)


AREAS = (
    "flags", "verdicts", "target", "page_one", "next_steps", "unknown", "sections", "sentences", "notes",
    "methods", "method_text", "item_verdicts", "advice", "courses", "sightings_courses", "tables", "rows",
    "charts",
)  # fmt: skip
"""Everything in the locale that a reader of a report reads, but for refusals and faults of sources."""
PLACE = re.compile(r"{(\w+)}")


def leaves(language: str) -> Iterator[tuple[str, str]]:
    """Every sentence by its key, as the locale has it."""

    def below(key: str, node: Any) -> Iterator[tuple[str, str]]:
        if isinstance(node, str):
            yield key, node
            return
        for name, part in node.items():
            yield from below(f"{key}.{name}", part)

    locale = Path(kit.text.__file__).parent / "locale" / language / "report.yaml"
    words = yaml.safe_load(locale.read_text(encoding="utf-8"))
    for area in AREAS:
        yield from below(area, words[area])


def sentences(language: str) -> str:
    lines = []
    for name, found in pages():
        lines.append(f"page one, {name}: {page_lines(View(found, {}, language))}")
    for name, found in sites():
        lines.append(f"sites, {name}: {' '.join(SitesSection().words(View(found, {}, language)))}")
    for name, found in people():
        lines.append(f"people, {name}: {' '.join(FlowSection().words(View(found, {}, language)))}")
    for name, found in changes():
        lines.append(f"change, {name}: {change_sentence(View(found, {}, language))}")
    for name, found in offers():
        view = View(found, {}, language)
        said = " ".join(DiscernmentSection().words(view))
        lines.append(f"offers, {name}: {view.say(f'verdicts.{verdict_key(found)}.name')}. {said}")
    for name, found in later():
        lines.append(f"follow-up, {name}: {' '.join(FollowupSection().words(View(found, {}, language)))}")
    for name, found in unsure():
        view = View(found, {}, language)
        said = " ".join(line for line in (gain_of_unsure(view), *unsure_sentences(view)) if line)
        lines.append(f"don't know, {name}: {said}")
    lines.append("")
    lines += [f"{key}: {PLACE.sub(lambda place: f'[{place[1]}]', text)}" for key, text in leaves(language)]
    return "\n".join(lines) + "\n"


def keys_in_code() -> tuple[set[str], list[re.Pattern[str]]]:
    """Strings of the report's code that may be a key or the end of one; and keys made of parts."""
    whole: set[str] = set()
    made: list[re.Pattern[str]] = []
    for path in sorted((Path(kit.text.__file__).parent / "report").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [str(p.value) if isinstance(p, ast.Constant) else None for p in node.values]
                # `sentences.{key}` would read everything; `sentences.visits_{course}` tells what it reads.
                if re.search(r"\.[a-z_]+", "".join(part or "" for part in parts).strip(".")):
                    pattern = "".join(r"\w+" if part is None else re.escape(part) for part in parts)
                    made.append(re.compile(rf"(?:report\.)?{pattern}"))
    return whole, made


def test_every_sentence_of_the_locale_has_a_reader_in_the_report() -> None:
    """All keys stand in the reviewed files; here: none of them is a sentence that nobody can be told."""
    whole, made = keys_in_code()
    words = {word for text in whole for word in text.split()}
    unread = [
        key
        for key, _ in leaves("en")
        if not (
            key in whole or key.rpartition(".")[2] in words or any(pattern.fullmatch(key) for pattern in made)
        )
    ]
    assert unread == []


def test_both_languages_have_the_same_sentences_with_the_same_places() -> None:
    said = [{key: set(PLACE.findall(text)) for key, text in leaves(language)} for language in LANGUAGES]
    assert said[0] == said[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_those_that_were_read_and_agreed(language: str) -> None:
    assert sentences(language) == (HERE / f"{language}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(("language", "banned"), [("id", CAUSAL_ID), ("en", CAUSAL_EN)])
def test_no_sentence_names_a_cause(language: str, banned: str) -> None:
    assert not re.findall(banned, sentences(language).lower())


if __name__ == "__main__":
    for one in LANGUAGES:
        (HERE / f"{one}.txt").write_text(sentences(one), encoding="utf-8")

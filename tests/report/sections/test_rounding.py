"""What is printed of one number agrees wherever it is printed: headline, target, tables; over a grid."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import pytest

from kit.report.publish.noise import moved
from kit.report.render.page_one import _target
from kit.report.sections.base import Figures, View
from kit.report.sections.change import ChangeSection, change_sentence
from kit.report.sections.comparison import Target, measure_target, with_verdict
from kit.report.sections.discernment import DiscernmentSection
from kit.report.sections.discernment_figures import DiscernmentFigures
from kit.report.sections.flow import Flow
from kit.report.sections.groups import Group, GroupsSection
from kit.report.sections.score import Score
from kit.report.sections.sites import printed_range
from tests.report.sections.test_sentences import BEFORE, RATES, figures

TARGETS = (-5.0, 0.5, 5.0, 10.0, 12.5, 60.0)
CHANGES = [
    (mean, half) for mean in (-6.4, 0.3, 4.5, 9.96, 10.0, 14.51) for half in (0.04, 0.4, 4.46, 4.5, 9.0)
]
ROUNDED = "Differences are computed before rounding"


def numbers(text: str) -> list[float]:
    return [float(one.replace("−", "-")) for one in re.findall(r"[+−]?\d+(?:\.\d+)?", text)]


def _ends(mean: float, half: float, scale: float) -> tuple[float, float]:
    return (mean - half) * scale, (mean + half) * scale


def changed(mean: float, half: float, before: float = 50.0, most: int = 14) -> Figures:
    scale = most / 100
    score = replace(BEFORE, max=most, mean_pre=before * scale, mean_change=mean * scale, ci=None)
    score = replace(
        score, mean_post=(before + mean) * scale, ci=((mean - half) * scale, (mean + half) * scale)
    )
    return replace(figures(score), most=most)


@pytest.mark.parametrize("before", [0.0, 50.0, 93.2])
@pytest.mark.parametrize("target", TARGETS)
def test_a_target_is_decided_on_the_ends_that_page_one_prints(target: float, before: float) -> None:
    for mean, half in CHANGES:
        found = changed(mean, half, before)
        told = found.with_parts({Target.key: measure_target(found, target)})
        view = View(told, {}, "en")
        said = change_sentence(view)
        _, low, high = numbers(said.partition("on average")[2].replace("between", "0 between"))[:3]
        if said.startswith("Down"):
            low, high = -high, -low
        verdict = "reached" if low >= target else "missed" if high < target else "open"
        assert told.of(Target).verdict_code == verdict, said
        assert numbers(_target(view))[0] == target, "a target is printed as it was declared"


@pytest.mark.parametrize("n", [12, 40, 300])
def test_the_noise_of_a_report_for_the_public_leaves_the_verdict_true_of_what_is_printed(n: int) -> None:
    for (mean, half), target, share in itertools.product(CHANGES, TARGETS, (-1.0, 0.0, 1.0)):
        found = changed(mean, half)
        judged = measure_target(found, target)
        by = share * 14 / 2 / n
        score = found.of(Score)
        ci = with_verdict(moved(score.ci, by, 14.0, n), judged, 14.0)
        public = found.with_parts({Score.key: replace(score, ci=ci)})
        printed = printed_range(public)
        assert printed is not None
        (low, high), _ = printed
        holds = {"reached": low >= target, "missed": high < target, "open": low < target <= high}
        assert holds[judged.verdict_code or ""], (mean, half, target, by, printed, judged)


def test_printed_differences_add_up_or_a_note_says_why_not() -> None:
    told = set()
    for step in range(40):
        rates = {**RATES, "hit_rate_pre": 0.501 + step / 300, "hit_rate_post": 0.7 + step / 170}
        view = View(figures(DiscernmentFigures(**rates)), {}, "en")
        rows = DiscernmentSection().tables(view)["discernment"].rows
        cells = [[numbers(cell)[0] for cell in row[1:4]] for row in rows]
        off = [row for row in cells if row[1] - row[0] != row[2]]
        noted = any(line.startswith(ROUNDED) for line in DiscernmentSection().words(view))
        assert noted == bool(off)
        told.add(noted)
    assert told == {True, False}, "the grid holds both"


def test_the_table_of_the_score_is_in_points_of_100_like_page_one() -> None:
    told = set()
    for mean, half in CHANGES:
        view = View(changed(mean, half, before=50.06), {}, "en")
        rows = {row[0]: row for row in ChangeSection().tables(view)["score"].rows}
        pre, post = numbers(rows["mean before"][1])[0], numbers(rows["mean after"][1])[0]
        change, low, high = numbers(" ".join(rows["mean change"][1:3]))
        assert abs(change - mean) <= 0.05 + 1e-9
        assert low - 1e-9 <= mean - half < mean + half <= high + 1e-9, "ranges are rounded outward"
        noted = any(line.startswith(ROUNDED) for line in ChangeSection().words(view))
        assert noted == (round(post - pre, 1) != change)
        told.add(noted)
    assert told == {True, False}


def test_the_table_of_groups_notes_a_difference_that_is_off_by_one() -> None:
    for mean, off in ((7.0, False), (7.4, True)):
        score = changed(mean, 2.0, before=50.3, most=100).of(Score)
        group = Group("site", "Desa A", False, Flow(n_joined=40, n_pairs=40), score)
        view = View(figures().with_parts({Group.key: (group,)}), {}, "en")
        assert any(line.startswith(ROUNDED) for line in GroupsSection().words(view)) == off

"""A report for the public may say less than the internal one of the same data, never something else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kit.report import Report, load
from kit.report.sections.comparison import Target
from kit.report.sections.discernment_figures import DiscernmentFigures
from kit.report.sections.score import Score
from kit.report.sections.sites import headline
from tests.crowd import Crowd, leave_bundle

# Each example is two whole reports; shrinking one that fails would take minutes.
quick = settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
sizes = st.lists(st.sampled_from([4, 7, 9, 12, 20, 30]), min_size=1, max_size=6)


def claims(report: Report) -> dict[str, str]:
    """What a report claims, by what it is about; nothing where it gives no verdict."""
    figures = report.figures
    found: dict[str, str] = {}
    _, ci = headline(figures)
    if ci is not None and not figures.of(Score).one_order:
        found["change"] = "up" if ci[0] > 0 else "down" if ci[1] < 0 else "unproven"
    for name, code in (
        ("target", figures.of(Target).verdict_code),
        ("discernment", figures.of(DiscernmentFigures).verdict_code),
    ):
        if code not in (None, "open"):
            found[name] = str(code)
    return found


def remarks(report: Report) -> set[str]:
    """What the notes say of the people and their answers; not what they say of keeping back."""
    of_keeping_back = {
        *("public", "no_extremes", "suppressed", "group_small", "withheld_all", "withheld_alike"),
        "unsure_flows",
    }
    codes = {note.code for note in report.figures.notes} - of_keeping_back
    return {code for code in codes if not code.endswith("_hidden")}


def rows(people: list[int], seed: int) -> str:
    """Totals of people of sites that differ: a few sites turn a clear change into an open one."""
    rng = np.random.default_rng(seed)
    lines = ["site,participant,pre,post"]
    for site, n in enumerate(people):
        lean = rng.normal(1.0, 1.5)
        for person in range(n):
            pre = int(rng.integers(4, 12))
            post = int(np.clip(pre + round(lean + rng.normal(0, 1.5)), 0, 20))
            lines.append(f"Desa {site},S{site}P{person},{pre},{post}")
    return "\n".join(lines)


@quick
@given(people=sizes, seed=st.integers(0, 999))
def test_public_and_internal_never_contradict_each_other(
    people: list[int], seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("claims") / "rows.csv"
    path.write_text(rows(people, seed), encoding="utf-8")
    loaded = load(path, max_score=20)
    inside, outside = (loaded.report(target=5, audience=who) for who in ("internal", "public"))
    known, told = claims(inside), claims(outside)
    assert told.items() <= known.items()
    assert remarks(outside) <= remarks(inside)


def test_a_report_for_the_public_takes_nothing_that_is_kept_back_for_a_finding(tmp_path: Path) -> None:
    """Where correlations, ranges and tests are withheld, no note says that they do not exist."""
    for number, n in enumerate((40, 30, 30, 30, 7)):
        leave_bundle(
            tmp_path, Crowd(n=n, seed=number, drop=0.1), code=f"S{number}2222", site=f"Desa {number}"
        )
    for source in (tmp_path, *sorted(tmp_path.iterdir())):
        inside, outside = (load(source).report(audience=who) for who in ("internal", "public"))
        assert remarks(outside) <= remarks(inside), remarks(outside) - remarks(inside)


def test_a_site_that_is_kept_back_still_counts(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Four sites agree, the fifth, of nine people, does not: over people alone that would be a clear gain."""
    lines = ["site,participant,pre,post"]
    for site, (n, gain) in enumerate([(30, 2), (30, 3), (30, 2), (30, 3), (9, -8)]):
        lines += [f"Desa {site},S{site}P{i},{9 + i % 3},{9 + i % 3 + gain - i % 2}" for i in range(n)]
    path = tmp_path_factory.mktemp("kept") / "rows.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    loaded = load(path, max_score=20)
    inside, outside = (loaded.report(target=5, audience=who) for who in ("internal", "public"))
    assert claims(inside)["change"] == "unproven"
    assert "change" not in claims(outside)
    assert outside.figures.score.ci is None
    assert "tanpa putusan" in outside.summary("id").change
    assert "Tinjau isi sesi: kenaikan belum terbukti." not in outside.summary("id").next_steps

"""More careful, more suspicious or more decided: what a report says of offers, and when it says nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kit.bundle.layout import CUBE, SIGNAL_BEFORE_3, SIGNAL_COUNTS
from kit.report import load
from kit.report.count.cube import Cube
from kit.report.stats.discernment import discernment_verdict
from kit.report.stats.ordinal import arm_of_cells, ordinal_discernment
from tests.report.honest import check_honest

Make = Callable[..., Path]


def offers_by_person(folder: Path) -> pd.DataFrame:
    """Refused, undecided and asked offers of each person, straight from the rows."""
    rows = pd.read_parquet(folder / "responses.parquet")
    offers = rows[rows["kind"] == "offer"]
    people = {}
    for (name, arm), own in offers.groupby(["participant", "arm"]):
        counts: dict[str, Any] = {"arm": arm, "n": 1, "site": 0}
        for wave in ("pre", "post"):
            for signal in ("fraud", "genuine"):
                said = own.loc[(own["wave"] == wave) & (own["signal"] == signal), "choice"]
                counts[f"{signal}_refused_{wave}"] = (said == "fraud").sum()
                counts[f"{signal}_unsure_{wave}"] = (said == "unsure").sum()
                counts[f"{signal}_asked_{wave}"] = len(said)
        people[name] = counts
    return pd.DataFrame.from_dict(people, orient="index")


def test_figures_and_verdict_are_those_of_the_model_over_rows(bundle_of: Make, crowd_of: Any) -> None:
    folder = bundle_of(crowd_of(n=60))
    rows = offers_by_person(folder)
    arms = [arm_of_cells({c: part[c].to_numpy() for c in part}) for _, part in rows.groupby("arm")]
    known = ordinal_discernment(arms, by_site=False)
    found = load(folder).report().figures.discernment
    assert known.discernment is not None
    assert known.criterion is not None
    assert known.distance is not None
    assert known.pre is not None
    assert found.d_prime_change == pytest.approx(known.discernment.change, abs=1e-6)
    assert found.d_prime_change_ci == pytest.approx(known.discernment.ci, abs=1e-6)
    assert found.criterion_change_ci == pytest.approx(known.criterion.ci, abs=1e-6)
    assert found.decidedness_change_ci == pytest.approx(known.distance.ci, abs=1e-6)
    assert found.spread_pre == pytest.approx(known.pre.spread, abs=1e-6)
    assert found.verdict_code == discernment_verdict(
        known.discernment.joint_ci, known.criterion.joint_ci, known.distance.joint_ci
    )
    accepted = 1 - (rows["fraud_refused_post"] + rows["fraud_unsure_post"]).sum() / 300
    assert found.accepted_rate_post == pytest.approx(accepted, abs=1e-12)


def test_offers_left_unanswered_in_a_counted_attempt_are_undecided(bundle_of: Make, crowd_of: Any) -> None:
    folder = bundle_of(crowd_of(n=20), manifest=False)
    before = load(folder).report().figures.discernment.unsure_rate_post
    rows = pd.read_parquet(folder / "responses.parquet")
    answered = rows[(rows["wave"] == "post") & (rows["kind"] == "offer") & (rows["choice"] != "unsure")]
    rows.drop(index=answered.index[:1]).to_parquet(folder / "responses.parquet")
    after = load(folder).report().figures.discernment.unsure_rate_post
    assert after - before == pytest.approx(1 / 200, abs=1e-12)


def test_everybody_in_one_order_gets_figures_and_the_true_reason(bundle_of: Make, crowd_of: Any) -> None:
    folder = bundle_of(crowd_of(n=60), manifest=False)
    for name in ("responses.parquet", "participants.parquet"):
        rows = pd.read_parquet(folder / name)
        rows[rows["arm"] == "AB"].to_parquet(folder / name)
    report = load(folder).report()
    found = report.figures.discernment
    assert found.d_prime_change is not None
    assert found.verdict_code is None
    assert found.reason == "one_order"
    assert "in one order" in report.summary("en").verdict_text
    check_honest(report)


def test_a_cube_that_knows_no_undecided_offers_gives_pooled_figures_and_no_verdict(
    bundle_of: Make, crowd_of: Any, tmp_path: Path
) -> None:
    folder = bundle_of(crowd_of(n=40), manifest=False)
    now = load(folder)
    path = folder / CUBE
    now.cube().write(path)
    old = pd.read_parquet(path).rename(columns={new: old for old, new in SIGNAL_BEFORE_3.items()})
    old.drop(columns=[c for c in SIGNAL_COUNTS if c in old.columns]).to_parquet(path, index=False)
    for name in ("responses.parquet", "participants.parquet"):
        (folder / name).unlink()
    report = load(folder).report()
    found, known = report.figures.discernment, now.report().figures.discernment
    assert found.rates == known.rates
    assert found.pooled_d_prime_change == known.pooled_d_prime_change
    assert found.verdict_code is None
    assert report.has_note("discernment_unsure_unknown")
    assert (Cube.read(path) + now.cube()).signal["n"].sum() == 80
    check_honest(report)


def test_fewer_undecided_alone_are_named_as_that(bundle_of: Make, crowd_of: Any) -> None:
    assert discernment_verdict((-0.2, 0.3), (-0.1, 0.2), (-0.9, -0.2)) == "more_decided"
    assert discernment_verdict((-0.2, 0.3), (-0.4, -0.1), (-0.9, -0.2)) == "warier_only"
    assert discernment_verdict((-0.2, 0.3), (-0.1, 0.2), (-0.9, 0.2)) == "no_change"


def test_the_public_gets_changes_with_two_decimals_and_no_levels(bundle_of: Make, crowd_of: Any) -> None:
    loaded = load(bundle_of(crowd_of(n=60)))
    inside, outside = (loaded.report(audience=a).figures.discernment for a in ("internal", "public"))
    assert outside.verdict_code == inside.verdict_code
    assert outside.d_prime_change == round(outside.d_prime_change, 2)
    # Moved by up to half of what one of sixty people may pull it by (4/60), then a step of 0.04.
    assert outside.d_prime_change == pytest.approx(inside.d_prime_change, abs=2 / 60 + 0.021)
    assert outside.d_prime_change_ci[0] <= inside.d_prime_change_ci[0]
    assert outside.d_prime_change_ci[1] >= inside.d_prime_change_ci[1]
    assert (outside.d_prime_pre, outside.spread_post, outside.unsure_rate_pre) == (None, None, None)

"""The cube path gives the row path's numbers; cubes pool; order and names do not matter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kit.bundle.layout import KEY, KEYS, PARTS
from kit.report import load
from kit.report.count.answers import answer_codes
from kit.report.count.cube import Cube, in_order
from kit.report.count.engine import asked_once, connected, fetch, kept
from kit.report.read.held import held_table, named_table
from kit.report.stats.discernment import SignalCounts, discernment
from kit.report.stats.items import rest_correlation

ITEMS = [("o1", "fraud"), ("o2", "fraud"), ("o3", "genuine"), ("o4", "genuine"), ("k1", ""), ("k2", "")]
WAVES = ("pre", "post", "followup")

# A person: site, and per wave either absent (None) or one answer per item (1, 0 or don't know).
answers = st.lists(st.sampled_from([1, 0, None]), min_size=6, max_size=6)
person = st.tuples(st.sampled_from(["Utara", "Selatan"]), *[st.none() | answers] * 3)
events = st.lists(person, min_size=1, max_size=14)
# Each example is a whole report; shrinking one that fails would take minutes.
quick = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)


def rows_of(people: list[tuple], session: str = "S1") -> pd.DataFrame:
    rows = [
        (session, site, f"P{i}", wave, item, signal, "" if value is None else str(value))
        for i, (site, *waves) in enumerate(people)
        for wave, given_answers in zip(WAVES, waves, strict=True)
        if given_answers is not None
        for (item, signal), value in zip(ITEMS, given_answers, strict=True)
    ]
    columns = ["session", "site", "participant", "wave", "item", "signal", "correct"]
    return pd.DataFrame(rows, columns=columns, dtype="str")


def write(frame: pd.DataFrame, path: Path) -> Path:
    frame.to_csv(path, index=False)
    return path


def person_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """The plain way: a pivot of persons by wave with sums, all in pandas."""
    right = frame.assign(right=(frame["correct"] == "1").astype(float))
    right["hit"] = right["right"] * (right["signal"] == "fraud")
    right["false"] = ((right["correct"] == "0") & (right["signal"] == "genuine")).astype(float)
    return right.pivot_table(index=["session", "participant", "site"], columns="wave",
                             values=["right", "hit", "false"], aggfunc="sum")  # fmt: skip


@quick
@given(people=events)
def test_cube_path_is_the_row_path(people: list[tuple], tmp_path_factory: pytest.TempPathFactory) -> None:
    frame = rows_of(people)
    if frame.empty:
        return
    loaded = load(write(frame, tmp_path_factory.mktemp("cube") / "rows.csv"))
    figures = loaded.report().figures
    by_person = person_rows(frame)
    both = by_person.dropna(subset=[c for c in [("right", "pre"), ("right", "post")] if c in by_person])
    if not {("right", "pre"), ("right", "post")} <= set(by_person.columns):
        both = both.iloc[:0]
    assert figures.flow.n_pairs == len(both)
    if len(both) < 5:
        assert figures.score.mean_change is None
        return
    change = both["right", "post"] - both["right", "pre"]
    assert figures.score.mean_change == pytest.approx(change.mean(), abs=1e-12)
    assert figures.score.sd_change == pytest.approx(change.std(), abs=1e-12)
    by_rows = discernment(*(signal_rows(both, wave) for wave in ("pre", "post")), np.ones(len(both)))
    offers = figures.discernment
    assert offers.pooled_d_prime_change == pytest.approx(by_rows.d_prime_change, abs=1e-12)
    if by_rows.d_prime_change_ci is None:
        assert offers.pooled_d_prime_change_ci is None
    else:
        assert offers.pooled_d_prime_change_ci == pytest.approx(by_rows.d_prime_change_ci, abs=1e-12)
    unsure = frame[(frame["correct"] == "") & (frame["signal"] != "")]
    by_wave = unsure[unsure["participant"].isin(both.index.get_level_values("participant"))]["wave"]
    for wave in ("pre", "post"):
        rate = (by_wave == wave).sum() / (4 * len(both))
        assert getattr(offers, f"unsure_rate_{wave}") == pytest.approx(rate, abs=1e-12)


def signal_rows(both: pd.DataFrame, wave: str) -> SignalCounts:
    two = np.full(len(both), 2.0)
    return SignalCounts(both["hit", wave].to_numpy(), two, both["false", wave].to_numpy(), two)


def test_item_tables_are_those_of_the_rows(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    people = [("Utara", *(rng.choice([1, 0, None], 6).tolist() for _ in range(3))) for _ in range(60)]
    frame = rows_of(people)
    figures = load(write(frame, tmp_path / "rows.csv")).report().figures
    one = frame[frame["item"] == "k1"].pivot(index="participant", columns="wave", values="correct") == "1"
    row = next(r for r in figures.items if r.item == "k1")
    assert row.n11 == int((one["pre"] & one["post"]).sum())
    assert row.n01 == int((~one["pre"] & one["post"]).sum())
    assert row.n10 == int((one["pre"] & ~one["post"]).sum())
    wide = (frame.assign(r=(frame["correct"] == "1").astype(int))
            .query("wave == 'pre'").pivot(index="participant", columns="item", values="r"))  # fmt: skip
    assert row.rest_r_pre == pytest.approx(wide["k1"].corr(wide.drop(columns="k1").sum(axis=1)))
    total = wide.sum(axis=1)
    assert rest_correlation(
        wide["k1"].to_numpy(float), total.to_numpy(float), np.ones(60, dtype=int)
    ) == pytest.approx(row.rest_r_pre)
    alpha = 6 / 5 * (1 - wide.var().sum() / total.var())
    assert figures.reliability.pre.alpha == pytest.approx(alpha, abs=1e-12)


@quick
@given(first=events, second=events)
def test_merging_cubes_is_concatenating_rows(
    first: list[tuple], second: list[tuple], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("merge")
    frames = [rows_of(first, "S1"), rows_of(second, "S2")]
    if any(frame.empty for frame in frames):
        return
    parts = [load(write(frame, folder / f"{i}.csv")).cube() for i, frame in enumerate(frames)]
    whole = load(write(pd.concat(frames), folder / "both.csv")).cube()
    merged = parts[0] + parts[1]
    for name in PARTS:
        pd.testing.assert_frame_equal(getattr(merged, name), getattr(whole, name))


@quick
@given(people=events, seed=st.integers(0, 99))
def test_order_and_names_of_people_do_not_matter(
    people: list[tuple], seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    frame = rows_of(people)
    if frame.empty:
        return
    folder = tmp_path_factory.mktemp("order")
    names = frame["participant"].unique()
    renamed = dict(
        zip(names, np.random.default_rng(seed).permutation([f"X{i}" for i in range(len(names))]), strict=True)
    )
    shuffled = frame.assign(participant=frame["participant"].map(renamed)).sample(frac=1, random_state=seed)
    first = load(write(frame, folder / "a.csv")).report()
    second = load(write(shuffled, folder / "b.csv")).report()
    assert first.fingerprint == second.fingerprint
    assert first.figures.score == second.figures.score


@pytest.mark.postgres
def test_the_same_expression_counts_on_postgresql(  # type: ignore[no-untyped-def]
    bundle_of, crowd_of, new_database: str
) -> None:
    import ibis

    folder = bundle_of(crowd_of(n=40, drop=0.2, followup=0.3))
    here = load(folder).cube()
    there = ibis.connect(new_database.replace("+psycopg", ""))
    try:
        elsewhere = load(folder, connection=there).cube()
    finally:
        there.disconnect()
    assert len(here.score) > 10
    for name in PARTS:
        pd.testing.assert_frame_equal(getattr(elsewhere, name), getattr(here, name))


def test_cube_survives_its_file(tmp_path: Path, bundle_of, crowd_of) -> None:  # type: ignore[no-untyped-def]
    cube = load(bundle_of(crowd_of(n=30, drop=0.2, followup=0.3))).cube()
    cube.write(tmp_path / "cube.parquet")
    again = Cube.read(tmp_path / "cube.parquet")
    for name in PARTS:
        pd.testing.assert_frame_equal(getattr(again, name), getattr(cube, name))


def test_report_from_the_cube_alone_is_the_same(bundle_of, crowd_of) -> None:  # type: ignore[no-untyped-def]
    from kit.report import report_bundle

    folder = bundle_of(crowd_of(n=40, drop=0.1), manifest=False)
    report_bundle(folder, formats=["json"])
    before = load(folder).report()
    for name in ("responses.parquet", "participants.parquet"):
        (folder / name).unlink()
    after = load(folder).report()
    assert after.figures == before.figures
    assert after.fingerprint == before.fingerprint


def test_attempt_of_four_fifths_counts_and_a_shorter_one_is_a_loss(bundle_of, crowd_of) -> None:  # type: ignore[no-untyped-def]
    folder = bundle_of(crowd_of(n=20), manifest=False)
    path = folder / "responses.parquet"
    rows = pd.read_parquet(path)
    people = rows["participant"].unique()
    post = rows[(rows["wave"] == "post") & (rows["kind"] != "likert")]
    # 12 of 14 answered is 86 %; 11 of 14 is 79 %.
    cut = [
        *post[post["participant"] == people[0]].index[12:],
        *post[post["participant"] == people[1]].index[11:],
    ]
    rows.drop(index=cut).to_parquet(path)
    figures = load(folder).report().figures
    assert (figures.flow.n_joined, figures.flow.n_pairs) == (20, 19)
    assert (figures.flow.n_partial, figures.flow.n_short) == (1, 1)


def test_everyone_who_joined_is_counted_even_without_an_answer(bundle_of, crowd_of) -> None:  # type: ignore[no-untyped-def]
    folder = bundle_of(crowd_of(n=20, late=0.3, drop=0.5, seed=5))
    flow = load(folder).report().figures.flow
    assert flow.n_joined == 20
    assert flow.n_pre < 20


def test_more_than_thirteen_answers_to_one_item_keep_their_score() -> None:
    kinds = pd.DataFrame(
        [("q", "A", "s1", None, f"w{i:02d}", 0, 20 - i) for i in range(17)]
        + [("q", "A", "s1", None, "a+b", 1, 1)],
        columns=["quiz_id", "form", "item", "signal", "choice", "correct", "n"],
    )
    codes = answer_codes(kinds).set_index("choice")["code"]
    assert codes["a+b"] == 1
    assert codes["w16"] == 14
    assert codes.max() == 14


def test_a_question_is_put_into_sql_once_for_tables_of_the_same_columns() -> None:
    asked = []

    def question(least: int, people: ibis.Table, named: ibis.Table) -> ibis.Table:
        asked.append(least)
        grown = people.filter(people.age >= least)
        return grown.join(named, "place").group_by("name").agg(n=lambda t: t.count())

    def answer(least: int, ages: list[int], place: str) -> list[dict[str, Any]]:
        names = named_table(pd.DataFrame({"place": ["a", "b"], "name": ["Mawar", place]}), connection)
        rows = pd.DataFrame({"age": ages, "place": ["b"] * len(ages)})
        with kept(connection, held_table(rows, connection)) as people:
            found = asked_once(connection, question, least, people=people, named=names)
            return fetch(connection, found).to_dict("records")

    with connected() as connection:
        assert answer(18, [17, 18, 40], "Melati") == [{"name": "Melati", "n": 2}]
        assert answer(18, [20], "Anyelir") == [{"name": "Anyelir", "n": 1}]
        assert asked == [18]
        assert answer(17, [17, 18, 40], "Melati") == [{"name": "Melati", "n": 3}]
        assert asked == [18, 17]


def test_a_part_is_ordered_and_added_up_as_pandas_would() -> None:
    draw = np.random.default_rng(1)
    # More combinations of values than one whole number can tell apart.
    texts = {name: draw.choice([None, *map(str, range(400))], 5_000) for name in KEYS}
    waves = {wave: pd.array(draw.choice([None, *range(400)], 5_000), dtype="Int64") for wave in WAVES}
    once = pd.DataFrame({**texts, **waves, "n": draw.integers(1, 9, 5_000), KEY: draw.integers(0, 99, 5_000)})
    frame = pd.concat([once, once[::2]], ignore_index=True)
    columns = [*KEYS, *WAVES]
    typed = {**dict.fromkeys(KEYS, "str"), **dict.fromkeys([*WAVES, "n", KEY], "Int64")}
    added = frame.astype(typed).groupby(columns, dropna=False, sort=True)[["n", KEY]].sum().reset_index()
    pd.testing.assert_frame_equal(in_order("score", frame), added)

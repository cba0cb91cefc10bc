"""A site keeps its identity: names are labels, and two villages of one name are two."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kit.bundle.faults import SourceFault
from kit.bundle.layout import KEY, PARTS, UNSCORED
from kit.report import load, report_bundle
from kit.report.count.cube import Cube
from kit.report.loaded import Loaded
from kit.study.place import Site
from tests.crowd import as_schema_1

NORTH = Site("a" * 32, "Sukamaju", "Cibadak", "Sukabumi", "Jawa Barat")
SOUTH = Site("b" * 32, "Sukamaju", "Ciruas", "Serang", "Banten")
LABELS = ["Sukamaju (Cibadak)", "Sukamaju (Ciruas)"]
# Counts of answers whose people are not known carry keys that follow from what is counted.
UNKEYED = frozenset({*UNSCORED, "practice"})


@pytest.fixture
def villages(bundle_of: Callable[..., Path], crowd_of: Any) -> Path:
    """Two bundles of two villages that have one name."""
    bundle_of(crowd_of(n=20, seed=1), code="NRTH22", site=NORTH)
    return bundle_of(crowd_of(n=24, seed=2, know_gain=0.4), code="SQTH22", site=SOUTH).parent


def test_two_villages_of_one_name_are_two_sites(villages: Path) -> None:
    figures = load(villages).report(by=["site"]).figures
    assert [(group.name, group.flow.n_joined) for group in figures.groups] == list(
        zip(LABELS, (20, 24), strict=True)
    )
    assert (figures.pooled.k, figures.pooled.unit) == (2, "site")
    assert [session.site for session in figures.sessions] == LABELS


def test_they_are_pooled_as_two_sites(bundle_of: Callable[..., Path], crowd_of: Any, villages: Path) -> None:
    bundle_of(crowd_of(n=22, seed=3), code="THJRD2", site="Desa Mawar")
    report = load(villages).report()
    assert report.figures.pooled.k == 3
    assert report.figures.pooled.estimate is not None
    assert report.summary("id").place.startswith("3 sesi, 3 lokasi")


def test_two_sessions_of_one_village_are_one_site(bundle_of: Callable[..., Path], crowd_of: Any) -> None:
    first = bundle_of(crowd_of(n=20, seed=1), code="FJRST2", site=NORTH)
    bundle_of(crowd_of(n=20, seed=2), code="SECND2", site=NORTH)
    report = load(first.parent).report(by=["site"])
    assert [(group.name, group.flow.n_joined) for group in report.figures.groups] == [("Sukamaju", 40)]
    assert report.has_note("two_sessions")


def test_the_cube_knows_sites_by_id_and_where_they_lie(villages: Path) -> None:
    cube = load(villages).cube()
    assert dict(zip(cube.score["site_id"], cube.score["site"], strict=True)) == {
        NORTH.site_id: LABELS[0],
        SOUTH.site_id: LABELS[1],
    }
    assert cube.site.drop(columns=KEY).to_dict("records") == [
        {"site_id": site.site_id, "site": site.name, "district": site.district, "city": site.city,
         "province": site.province, "n": n} for site, n in ((NORTH, 20), (SOUTH, 24))
    ]  # fmt: skip


def test_pooled_cubes_are_the_cube_of_both(villages: Path) -> None:
    parts = [load(folder).cube() for folder in sorted(villages.iterdir())]
    assert [set(part.score["site"]) for part in parts] == [{"Sukamaju"}, {"Sukamaju"}]
    whole, pooled = load(villages).cube(), parts[0] + parts[1]
    for name in PARTS:
        left, right = getattr(pooled, name), getattr(whole, name)
        if name in UNKEYED:
            left, right = left.drop(columns=KEY), right.drop(columns=KEY)
        pd.testing.assert_frame_equal(left, right)


def test_identity_outlives_the_rows(villages: Path, tmp_path: Path) -> None:
    before = load(villages).report(by=["site"])
    for folder in villages.iterdir():
        report_bundle(folder, formats=["json"])
        for name in ("responses.parquet", "participants.parquet"):
            (folder / name).unlink()
    after = load(villages).report(by=["site"])
    assert after.fingerprint == before.fingerprint
    assert [group.name for group in after.figures.groups] == LABELS
    load(villages).cube().write(tmp_path / "cube.parquet")
    again = Cube.read(tmp_path / "cube.parquet")
    assert set(again.score["site"]) == set(LABELS)
    assert again.sites == [NORTH, SOUTH]


def test_one_of_them_is_chosen_by_label_or_id_and_both_by_name(villages: Path) -> None:
    loaded = load(villages)

    def joined(found: Loaded) -> int | None:
        return found.report().figures.flow.n_joined

    assert joined(loaded.where(site=LABELS[0])) == 20
    assert joined(loaded.where(site=SOUTH.site_id)) == 24
    assert joined(loaded.where(site="Sukamaju")) == 44
    assert joined(loaded.where(not_site=[LABELS[0]])) == 24


def test_one_of_them_may_be_the_comparison_of_the_other(villages: Path) -> None:
    loaded = load(villages)
    report = loaded.report(compare=[LABELS[1]], by=["site"])
    assert report.figures.flow.n_joined == 20
    assert report.figures.comparison.n_pairs == 24
    assert [group.name for group in report.figures.groups] == [LABELS[0]], "as in the whole"
    with pytest.raises(SourceFault, match="Ciruas"):
        loaded.report(compare=["Sukamaju"])


def test_a_small_site_is_withheld_though_another_has_its_name(
    bundle_of: Callable[..., Path], crowd_of: Any
) -> None:
    bundle_of(crowd_of(n=4, seed=1), code="NRTH22", site=NORTH)
    bundle_of(crowd_of(n=30, seed=2), code="SQTH22", site=SOUTH)
    folder = bundle_of(crowd_of(n=30, seed=3), code="THJRD2", site="Desa Mawar").parent
    groups = {g.name: g for g in load(folder).report(by=["site"], audience="public").figures.groups}
    assert groups[LABELS[0]].suppressed
    assert groups[LABELS[0]].flow.n_joined is None


def test_two_offices_have_two_sites_even_if_they_read_alike(
    bundle_of: Callable[..., Path], crowd_of: Any
) -> None:
    elsewhere = Site("c" * 32, *NORTH.place)
    bundle_of(crowd_of(n=20, seed=1), code="NRTH22", site=NORTH)
    folder = bundle_of(crowd_of(n=20, seed=2), code="QTHER2", site=elsewhere).parent
    groups = load(folder).report(by=["site"]).figures.groups
    assert [group.name for group in groups] == ["Sukamaju (1)", "Sukamaju (2)"]


def test_a_bundle_of_schema_1_is_of_the_registered_site_with_just_its_place(
    bundle_of: Callable[..., Path], crowd_of: Any, villages: Path
) -> None:
    as_schema_1(bundle_of(crowd_of(n=16, seed=3), code="EARLY2", site=NORTH))
    groups = load(villages).report(by=["site"]).figures.groups
    assert [(group.name, group.flow.n_joined) for group in groups] == [(LABELS[0], 36), (LABELS[1], 24)]


def totals(path: Path, header: str, *sites: str) -> Path:
    rows = [f"P{i}-{k},{k % 4},{k % 4 + 1 + i},{site}" for i, site in enumerate(sites) for k in range(12)]
    path.write_text("\n".join([f"participant,pre,post,{header}", *rows]) + "\n")
    return path


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_tables_may_tell_sites_of_one_name_apart(suffix: str, tmp_path: Path) -> None:
    path = totals(tmp_path / "t.csv", "site,district", "Sukamaju,Cibadak", "Sukamaju,Ciruas")
    if suffix == "parquet":
        pd.read_csv(path).to_parquet(tmp_path / "t.parquet")
    loaded = load(tmp_path / f"t.{suffix}", max_score=10)
    assert [group.name for group in loaded.report(by=["site"]).figures.groups] == LABELS
    assert loaded.where(site=LABELS[1]).report().figures.flow.n_joined == 12


def test_a_table_of_names_has_the_names_as_ids(tmp_path: Path) -> None:
    path = totals(tmp_path / "t.csv", "site", "Utara", "Selatan")
    cube = load(path, max_score=10).cube()
    assert set(cube.score["site_id"]) == set(cube.score["site"]) == {"Utara", "Selatan"}


def test_a_table_joins_the_registered_site_of_exactly_its_place(
    bundle_of: Callable[..., Path], crowd_of: Any, tmp_path: Path
) -> None:
    bundle = bundle_of(crowd_of(n=20, quiz=crowd_of().quiz), code="NRTH22", site=NORTH)
    header = "quiz_id,site,district,city,province"
    whole = totals(tmp_path / "whole.csv", header, f"students,{','.join(NORTH.place)}")
    bare = totals(tmp_path / "bare.csv", "quiz_id,site", "students,Sukamaju")
    together = load(bundle, whole, max_score=14).report(by=["site"])
    assert [(g.name, g.flow.n_joined) for g in together.figures.groups] == [("Sukamaju", 32)]
    apart = load(bundle, bare, max_score=14).report(by=["site"])
    assert [g.name for g in apart.figures.groups] == ["Sukamaju (1)", "Sukamaju (2)"]


def test_a_participant_in_two_districts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "participant,wave,item,correct,site,district\nP1,pre,i1,1,Sukamaju,Cibadak\nP1,post,i1,1,Sukamaju,Ciruas\n"
    )
    with pytest.raises(SourceFault) as caught:
        load(path)
    assert "participant P1 has “Ciruas” here and “Cibadak” before" in caught.value.render("en")

"""The evaluation without its page: reports made once, pandas that agrees, pages, tables from outside."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import kit.report
from kit.bundle.faults import SourceFault
from kit.bundle.layout import SAMPLE_PREFIX
from kit.bundle.read import find_bundles
from kit.notebook.evaluating.choice import Choice
from kit.notebook.evaluating.dropped import Drop
from kit.notebook.evaluating.made import Maker
from kit.notebook.evaluating.pages import CHANGES, items, people_for, planning, villages
from kit.notebook.evaluation import pairs_of
from tests.conftest import ROOT

RESULTS = ROOT / "results"
SAMPLES = tuple(sorted(path.name for path in RESULTS.glob(f"{SAMPLE_PREFIX}*")))
BOTH = Choice(sessions=SAMPLES, by=("session",))


@pytest.fixture(scope="module")
def maker() -> Maker:
    return Maker(RESULTS)


def run(lines: list[str]) -> Any:
    """What the last of some lines gives, run as an analyst would."""
    known = {"kit": kit, "pd": pd}
    exec("\n".join(lines[:-1]), known)
    return eval(lines[-1], known)


def by_group(written: dict[str, Any]) -> Callable[[Any], None]:
    def agrees(found: Any) -> None:
        for group in written["groups"]:
            told = [group["score"][f"mean_{wave}"] for wave in ("pre", "post")]
            assert found.loc[group["name"]].tolist() == pytest.approx(told)

    return agrees


def checks(written: dict[str, Any]) -> dict[str, Callable[[Any], None]]:
    """For each picture, how its pandas agrees with what the report says."""

    def gain(found: Any) -> None:
        score = written["score"]
        assert (found[found.index > 0].sum(), found.get(0, 0)) == (score["n_up"], score["n_same"])

    def discernment(found: Any) -> None:
        told = written["discernment"]
        names = {"fraud": "hit_rate", "genuine": "false_alarm_rate"}
        for key, rate in found.items():
            signal, wave = key.split("_")
            assert rate == pytest.approx(told[f"{names[signal]}_{wave}"])

    def each_item(found: Any) -> None:
        assert len(found) == len(written["items"])
        for row in written["items"]:
            shares = found.loc[(row["quiz_id"], row["item"])]
            assert [shares["pre"], shares["post"]] == pytest.approx([row["p_pre"], row["p_post"]])

    def answers(found: Any) -> None:
        for row in written["twins"]:
            told = [row["n00"], row["n01"], row["n10"], row["n11"]]
            pair = found.loc["–".join(sorted((row["item"], row["twin"])))]
            assert [pair.get((a, b), 0) for a in (0, 1) for b in (0, 1)] == told

    def visits(found: Any) -> None:
        for visit in written["visits"]:
            told = [visit["score"]["mean_pre"], visit["score"]["mean_post"]]
            assert found.loc[visit["session"]].tolist() == pytest.approx(told)

    def waves(found: Any) -> None:
        told = [written["followup"][f"mean_{wave}"] for wave in ("pre", "post", "followup")]
        assert found.tolist() == pytest.approx(told)

    def practice(found: Any) -> None:
        for row in written["practice"]:
            assert found.loc[(row["quiz_id"], row["item"])].tolist() == [row["right"], row["n"]]

    def behaviour(found: Any) -> None:
        for row in [*written["plan"], *written["behaviour"]]:
            for choice, n in row["counts"]:
                assert found[(row["quiz_id"], row["item"], row["wave"], choice)] == n

    def likert(found: Any) -> None:
        for row in written["likert"]:
            assert found.loc[(row["quiz_id"], row["item"], row["wave"])].tolist() == row["counts"]

    groups = by_group(written)
    return {
        "gain": gain, "discernment": discernment, "items": each_item, "answers": answers, "visits": visits,
        "waves": waves, "practice": practice, "behaviour": behaviour, "likert": likert, "groups": groups,
        "sites": groups,
    }  # fmt: skip


def test_the_lines_beside_each_picture_give_its_figures(
    maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIT_RESULTS", str(RESULTS))
    shown = maker.shown(BOTH, "id")
    drawn = [chart for section in shown["sections"] for chart in section["charts"]]
    known = checks(json.loads(maker.report(BOTH).json()))
    seen = set()
    for chart in drawn:
        assert len(chart["lines"]) == 3, chart["title"]
        kind = chart["name"].rstrip("0123456789").rstrip("-")
        if kind not in seen:
            known[kind](run(chart["lines"]))
        seen.add(kind)
    assert seen >= set(known) - {"groups"}


def test_a_report_is_made_once_whatever_order_it_is_asked_in(tmp_path: Path) -> None:
    for name in SAMPLES:
        shutil.copytree(RESULTS / name, tmp_path / name)
    own = Maker(tmp_path)
    first = own.report(Choice(sessions=SAMPLES[:1]))
    assert own.report(Choice(sessions=SAMPLES[:1], first="visits")) is first
    assert own.shown(Choice(sessions=SAMPLES[:1]), "id") == own.shown(Choice(sessions=SAMPLES[:1]), "id")
    assert own.report(Choice(sessions=SAMPLES[:1], target=5)) is not first
    (tmp_path / SAMPLES[0] / "manifest.json").write_text("{}")
    assert own.report(Choice(sessions=SAMPLES[:1])) is not first


def test_list_pages_and_report_say_the_same_numbers(maker: Maker) -> None:
    bundles = find_bundles(RESULTS)
    for bundle in bundles:
        flow = json.loads(maker.report(Choice(sessions=(bundle.folder.name,))).json())["flow"]
        assert (bundle.joined, pairs_of(bundle.folder)) == (flow["n_joined"], flow["n_pairs"])
    (row,) = villages(maker, bundles, "id")
    report = maker.report(Choice(sessions=SAMPLES, by=("site",)))
    flow = report.to_dict("id")["flow"]
    assert row["told"][:2] == [str(flow["n_joined"]), str(flow["n_pairs"])]
    assert tuple(row["told"][1:]) == report.tables("id")["groups"].rows[0][2:]
    assert row["folders"] == list(SAMPLES)


def test_a_public_report_is_shown_only_once_it_passed_the_door(maker: Maker) -> None:
    choice = Choice(sessions=SAMPLES, public=True)
    shown = maker.shown(choice, "id")
    assert maker.report(choice).published
    assert not any(chart["lines"] for section in shown["sections"] for chart in section["charts"])
    assert maker.report(choice).fingerprint in shown["summary"]["fingerprint"]


@pytest.mark.parametrize("name", ["../results", ".kit", "nowhere", "/etc"])
def test_an_address_leads_nowhere_else(maker: Maker, name: str) -> None:
    with pytest.raises(SourceFault):
        maker.report(Choice(sessions=(name,)))


def test_items_are_sorted_by_what_to_do_with_them(maker: Maker) -> None:
    found = items(maker, BOTH, "id")
    sorted_rows = [row for group in found["groups"] for row in group["rows"]]
    assert len(sorted_rows) + found["unjudged"] == len(maker.report(BOTH).to_dict()["items"])
    assert {row[-1] for row in found["groups"][0]["rows"]} <= {"ganti"}


def test_planning_counts_as_the_report_does(maker: Maker) -> None:
    report = maker.report(BOTH)
    told, written = planning(report), report.to_dict()["planning"]
    spread = 100 * written["spread"] / report.to_dict()["score"]["max"]
    assert told["spread"] == round(spread, 1)
    for change in CHANGES:
        needed = people_for(change, spread, 50)
        assert needed is not None
        assert needed["measured"] == written[f"people_for_{change}"]
        assert needed["invited"] == 2 * needed["measured"]
    assert people_for(0, 20, 80) is None


NAMED = (
    "Daftar nilai kelas IX;;;;\nNo;Nama Siswa;Awal;Akhir;Desa\n1;A;3;5;Mawar\n2;B;4;;Mawar\n3;C;4;6;Melati\n"
)


def test_columns_of_a_table_are_guessed_matched_and_counted(tmp_path: Path) -> None:
    drop = Drop()
    offered = drop.take("nilai.csv", NAMED.encode())
    assert [column["title"] for column in offered["columns"]] == ["No", "Nama Siswa", "Awal", "Akhir", "Desa"]
    assert offered["matched"] == {"participant": 1, "site": 4}
    with pytest.raises(SourceFault) as missing:
        drop.match(offered["id"], offered["matched"], 10)
    assert missing.value.key == "columns_needed"
    matched = {"participant": 1, "pre": 2, "post": 3, "site": 4}
    key, path, preview = drop.match(offered["id"], matched, 10)
    counts = {"people": 3, "pairs": 2, "only_pre": 1, "only_post": 0, "followup": 0}
    assert (preview["counts"], preview["sites"]) == (counts, 2)
    maker = Maker(tmp_path)
    maker.tables[key] = (path, 10)
    assert maker.report(Choice(table=key)).to_dict()["flow"]["n_pairs"] == 2


def test_a_bad_cell_is_named_by_the_row_its_owner_sees() -> None:
    drop = Drop()
    offered = drop.take("nilai.csv", NAMED.replace("3;C;4", "3;C;empat").encode())
    with pytest.raises(SourceFault) as refused:
        drop.match(offered["id"], {"participant": 1, "pre": 2, "post": 3}, 10)
    assert "baris 5" in refused.value.render("id")


@pytest.mark.parametrize("ending", ["xlsx", "parquet"])
def test_other_kinds_of_tables_are_read_alike(ending: str) -> None:
    frame = pd.DataFrame({"peserta": ["A", "B"], "sebelum": [3, 4], "sesudah": [5, 5]})
    written = io.BytesIO()
    frame.to_excel(written, index=False) if ending == "xlsx" else frame.to_parquet(written)
    drop = Drop()
    offered = drop.take(f"nilai.{ending}", written.getvalue())
    assert offered["matched"] == {"participant": 0, "pre": 1, "post": 2}
    assert drop.match(offered["id"], offered["matched"], 10)[2]["counts"]["pairs"] == 2


def test_what_is_no_table_is_refused_by_its_own_name() -> None:
    for name, content, key in (("foto.png", b"x", "unknown_format"), ("a.xlsx", b"x", "not_a_workbook")):
        with pytest.raises(SourceFault) as refused:
            Drop().take(name, content)
        assert refused.value.key == key
        assert name in refused.value.title("id")

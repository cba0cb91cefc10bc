"""One report: its keys, its words, what it refuses to say."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import kit
from kit.bundle.faults import SourceFault
from kit.quiz.model import Text
from kit.report import Report, load
from kit.report.sections import SECTIONS
from kit.report.sections.change import change_sentence
from kit.report.sections.names import item_labels
from kit.text import LANGUAGES
from tests.report.honest import check_honest, leaves

KEYS = {
    "flow": """n_joined n_pre n_post n_pairs n_followup pairs_share stayers_mean_pre leavers_mean_pre
        leavers_difference leavers_ci""",
    "score": """max mean_pre sd_pre mean_post sd_post mean_change ci sd_change r t df p_t p_signflip wilcoxon
        n_up n_same n_down d_av d_av_ci d_z d_z_ci hedges_g_z hedges_g_av normalised_gain normalised_gain_ci
        normalised_change ceiling_pre floor_pre""",
    "discernment": """n_fraud n_genuine hit_rate_pre hit_rate_post false_alarm_rate_pre
        false_alarm_rate_post d_prime_pre d_prime_post d_prime_change d_prime_change_ci criterion_pre
        criterion_post criterion_change criterion_change_ci unsure_rate_pre unsure_rate_post decidedness_pre
        decidedness_post decidedness_change decidedness_change_ci spread_pre spread_post pooled_d_prime_change
        verdict""",
    "followup": "n mean_pre mean_post mean_followup retained retained_ci",
    "pooled": "k estimate ci tau2 i2 prediction_interval icc design_effect",
}
ITEM_KEYS = """item n n11 n01 n10 n00 p_pre p_post change ci p_mcnemar p_holm verdict rest_r_pre rest_r_post
    options_pre options_post"""
NOTES_OF = {section.name: section.reads for section in SECTIONS}
# The section on the change says the same of any number of people, not only from 15 out of 100 on.
SAID_AS_SENTENCE = ("ceiling",)


@pytest.fixture
def report(bundle_of: Callable[..., Path], crowd_of: Any) -> Report:
    return load(bundle_of(crowd_of(n=60, drop=0.2, late=0.05, followup=0.5), target=5)).report()


def test_report_json_has_every_key(report: Report) -> None:
    plain = report.to_dict()
    assert {
        "kit",
        "fingerprint",
        "generated_at",
        "sources",
        "notes",
        "items",
        "reliability",
        "groups",
    } <= set(plain)
    for section, keys in KEYS.items():
        assert set(keys.split()) <= set(plain[section]), section
    assert set(ITEM_KEYS.split()) <= set(plain["items"][0])
    assert {"w_plus", "p", "rank_biserial"} <= set(plain["score"]["wilcoxon"])
    assert set(plain["reliability"]["pre"]) >= {"alpha", "ci"}
    assert {"code", "text"} <= set(plain["notes"][0])


def test_report_is_honest(report: Report) -> None:
    check_honest(report)


def test_page_one_says_what_a_head_of_office_needs(report: Report) -> None:
    page = report.summary("id")
    assert page.title == "Aman ke luar negeri"
    assert page.place == "Desa Mawar · 23 November 2026"
    assert re.fullmatch(r"Naik rata-rata \d+ poin dari 100 \(antara \d+ dan \d+\)\.", page.change)
    assert page.pair[0].startswith("Tawaran palsu ditolak: ")
    assert page.pair[1].startswith("Tawaran asli ikut ditolak: ")
    assert re.match(
        r"Dari 60 peserta, \d+ \(\d+%\) mengisi sebelum dan sesudah; \d+ tidak dihitung\.", page.counted
    )
    assert page.target.startswith("Sasaran +5 poin dari 100: ")
    assert page.unknown
    assert report.fingerprint in page.fingerprint


def test_page_one_names_items_as_people_do_and_never_by_id(report: Report) -> None:
    for language in ("id", "en"):
        page = report.summary(language)
        assert page.understood
        assert not re.search(r"(offer|know)-\d", page.words())
        for chart in report.charts(language).values():
            assert not re.search(r"(offer|know)-\d", re.sub(r'(id|href)="[^"]*"|url[^)]*[)]', "", chart.svg))
        labels = item_labels(report.view(language))
        assert len(set(labels.values())) == len(labels) == len(report.figures.items)
    assert re.fullmatch(r"\d+: (lowongan|tawaran|mencari).* \(.+\)", report.summary("id").understood[0])
    assert "offer-01" in report.html("id")


def test_items_that_begin_alike_are_told_apart(
    bundle_of: Callable[..., Path], crowd_of: Any, quiz_of: Any
) -> None:
    quiz = quiz_of()
    same = Text("Apa yang kamu lakukan?", "What do you do?")
    items = [dataclasses.replace(i, stem=same) if i.kind == "choice" else i for i in quiz.items]
    alike = dataclasses.replace(quiz, items=tuple(items))
    labels = item_labels(load(bundle_of(crowd_of(n=12, quiz=alike))).report().view("id"))
    assert len(set(labels.values())) == len(labels)


def test_every_version_of_a_quiz_keeps_its_own_words(
    bundle_of: Callable[..., Path], crowd_of: Any, quiz_of: Any
) -> None:
    quiz = quiz_of()
    first = bundle_of(crowd_of(n=12, quiz=quiz), code="ONE222", held_on="2026-11-01")
    stem = Text("Pertanyaan baru sekali?", "An all new item?")
    items = [
        dataclasses.replace(i, stem=stem, own_key=("b",)) if i.item_id == "know-01" else i for i in quiz.items
    ]
    bundle_of(crowd_of(n=12, quiz=dataclasses.replace(quiz, items=tuple(items))), code="TWO222")
    labels = item_labels(load(first.parent).report().view("en"))
    assert "Where to report" in labels["students", "know-01"]
    assert "An all new item" in next(v for (q, i), v in labels.items() if "@" in q and i == "know-01")


def test_a_rehearsal_says_so_before_any_number(bundle_of: Callable[..., Path], crowd_of: Any) -> None:
    found = load(bundle_of(crowd_of(n=12), rehearsal=True)).report()
    for language, word in (("id", "GLADI"), ("en", "REHEARSAL")):
        assert found.summary(language).words().startswith(word)
        assert word in found.html(language).split("<h1")[0]
    assert found.has_note("rehearsal")


def test_people_of_several_sites_are_not_taken_one_by_one(
    bundle_of: Callable[..., Path], crowd_of: Any
) -> None:
    for number in range(3):
        folder = bundle_of(crowd_of(n=20, seed=number), code=f"S{number}2222", site=f"Desa {number}")
    one, three = (load(source).report().html("en") for source in (folder, folder.parent))
    assert "If there were really no change" in one
    assert "If there were really no change" not in three
    assert "The change equals" not in three


def test_nothing_is_advised_about_items_that_nobody_saw_judged(
    bundle_of: Callable[..., Path], crowd_of: Any
) -> None:
    found = load(bundle_of(crowd_of(n=3))).report()
    assert "Take up the least often right cases again." not in found.summary("en").next_steps


def test_notes_of_the_officer_are_for_colleagues_and_hold_no_number(report: Report) -> None:
    assert "0812" not in report.json() + report.html()
    for words in (report.json(), report.html(), "\n".join(report.shown().headings["officer"].lines)):
        assert "Ibu Sari (HP •••) bertanya tentang agen." in words


def test_the_public_reads_no_note_of_the_officer(
    bundle_of: Callable[..., Path], crowd_of: Any, tmp_path: Path
) -> None:
    found = load(bundle_of(crowd_of(n=40))).report(audience="public")
    assert "officer" not in found.shown().headings
    assert "Ibu Sari" not in found.json() + found.html()


def test_no_genuine_offers(bundle_of: Callable[..., Path], crowd_of: Any, quiz_of: Any) -> None:
    found = load(bundle_of(crowd_of(n=20, quiz=quiz_of(fraud=6, genuine=0)))).report()
    assert found.figures.discernment.verdict_code is None
    assert found.to_dict()["discernment"]["verdict"] is None
    assert found.has_note("no_genuine_offers")
    assert "tidak memuat tawaran asli, jadi tidak bisa dibedakan" in found.html("id")
    check_honest(found)


def test_suspicion_is_not_called_learning(bundle_of: Callable[..., Path], crowd_of: Any) -> None:
    suspicious = crowd_of(n=150, hit_pre=0.6, hit_post=0.85, false_pre=0.3, false_post=0.6, know_gain=0.0)
    found = load(bundle_of(suspicious)).report()
    assert found.to_dict()["discernment"]["verdict"] == "Lebih curiga, belum terbukti lebih cermat"
    assert found.summary("id").next_steps[0] == "Latih juga mengenali tawaran asli."
    check_honest(found)


def test_same_form_gives_the_four_fold_table(
    bundle_of: Callable[..., Path], crowd_of: Any, quiz_of: Any
) -> None:
    found = load(bundle_of(crowd_of(n=40, quiz=quiz_of(design="same")))).report()
    for row in found.figures.items:
        assert (row.n11, row.n01, row.n10, row.n00) != (None,) * 4
        assert (row.n11 or 0) + (row.n01 or 0) + (row.n10 or 0) + (row.n00 or 0) == 40
        assert row.p_mcnemar is not None
    assert "answers" in found.charts()
    check_honest(found)


def test_parallel_forms_compare_arms_and_twins(report: Report) -> None:
    figures = report.figures
    assert figures.forms.arms == ("AB", "BA")
    assert figures.forms.balanced_change == pytest.approx(sum(figures.forms.change) / 2)
    assert {t.twin for t in figures.twins} & {"offer-11", "know-05"}
    assert all(row.p_mcnemar is None and row.p_fisher is not None for row in figures.items)


def test_unequal_forms_in_unequal_arms_are_pointed_out(bundle_of: Callable[..., Path], crowd_of: Any) -> None:
    import pandas as pd

    folder = bundle_of(crowd_of(n=60), manifest=False)
    rows, people = (pd.read_parquet(folder / f"{n}.parquet") for n in ("responses", "participants"))
    gone = people[people["arm"] == "BA"]["participant"].iloc[:24]
    rows = rows[~rows["participant"].isin(gone)]
    easy = (rows["form"] == "B") & (rows["kind"] != "likert")
    rows.loc[easy, "correct"] = 1
    rows.to_parquet(folder / "responses.parquet")
    assert load(folder).report().has_note("arms_unequal")


def test_target_is_reached_missed_or_open(bundle_of: Callable[..., Path], crowd_of: Any) -> None:
    loaded = load(bundle_of(crowd_of(n=80, know_gain=0.3)))
    score = loaded.report().figures.score
    middle = 100 * score.mean_change / score.max
    verdicts = [loaded.report(target=t).to_dict()["target"]["verdict"] for t in (1, middle, 60)]
    assert verdicts == ["tercapai", "belum pasti", "tidak tercapai"]


def test_impossible_requests_are_refused(bundle_of: Callable[..., Path], crowd_of: Any) -> None:
    loaded = load(bundle_of(crowd_of(n=12)))
    for request in ({"by": ["school"]}, {"target": 400}, {"audience": "press"}, {"compare": ["Nowhere"]},
                    {"compare": ["Desa Mawar"]}):  # fmt: skip
        with pytest.raises(SourceFault):
            loaded.report(**request)


def test_language_changes_words_and_no_number(report: Report) -> None:
    def numbers(language: str) -> list[Any]:
        return [v for _, v in leaves(report.to_dict(language)) if isinstance(v, (int, float))]

    assert numbers("id") == numbers("en")
    assert report.to_dict("en")["discernment"]["verdict"] != report.to_dict("id")["discernment"]["verdict"]
    assert change_sentence(report.view("en")).startswith("Up ")


def test_analysts_get_there_in_three_lines(bundle_of: Callable[..., Path], crowd_of: Any) -> None:
    data = load(bundle_of(crowd_of(n=30)))
    frame = data.cube().score
    assert frame["n"].sum() == 30
    assert data.where(audience="student").report().figures.flow.n_joined == 30
    assert data.where(site="Elsewhere").report().figures.flow.n_joined == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_note_is_read_in_one_section(language: str) -> None:
    words = Path(kit.__file__).parent / "locale" / language / "report.yaml"
    codes = list(yaml.safe_load(words.read_text(encoding="utf-8"))["notes"])
    shown = [code for section in NOTES_OF.values() for code in section]
    assert sorted(codes) == sorted([*shown, *SAID_AS_SENTENCE])


def test_answers_kept_back_from_the_public_are_not_called_totals(
    bundle_of: Callable[..., Path], crowd_of: Any
) -> None:
    found = load(bundle_of(crowd_of(n=12, followup=0.4, seed=3))).report(audience="public")
    codes = {note.code for note in found.figures.notes}
    assert {"items_hidden", "forms_hidden", "followup_hidden"} <= codes
    assert not {"totals_only", "one_form", "no_followup", "followup_few", "nobody_changed"} & codes
    assert not {"twins", "fold", "options"} & set(found.tables())
    assert "Butir demi butir tidak ditampilkan" in found.html("id")
    assert not any("kelak" in line for line in found.summary("id").unknown)
    check_honest(found)


def test_public_tables_have_no_empty_columns(bundle_of: Callable[..., Path], crowd_of: Any) -> None:
    found = load(bundle_of(crowd_of(n=40))).report(audience="public")
    for name, table in found.tables().items():
        assert {len(row) for row in table.rows} == {len(table.columns)}
        for column in zip(*table.rows, strict=True):
            assert set(column) - {"", "–"}, name
    assert "twins" not in found.tables()
    assert {"folds_hidden", "options_hidden", "likert_hidden", "changes_hidden"} <= {
        note.code for note in found.figures.notes
    }
    assert "likert" not in found.charts()
    assert found.pdf().startswith(b"%PDF")


def test_page_one_says_what_its_chart_and_its_lists_count(report: Report) -> None:
    assert "butir benar, dari 14" in report.charts("id")["gain"].title
    assert "sesudah" in report.summary("id").headings[0]

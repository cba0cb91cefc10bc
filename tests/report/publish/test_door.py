"""The one door: computing writes nothing, and no byte for the public is made without passing it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kit.bundle.faults import SourceFault
from kit.report import Register, Report, load, render_report
from kit.report.publish.door import publish
from kit.report.render.html import render_html
from kit.report.render.json import render_json
from kit.report.render.pdf import render_pdf
from kit.report.render.xlsx import render_xlsx
from kit.report.sections import SECTIONS
from kit.report.sections.base import Public


def table(n: int, seed: int = 0) -> pd.DataFrame:
    pre = [(i + seed) % 5 for i in range(n)]
    post = [a + 1 + (i * 7) % 3 for i, a in enumerate(pre)]
    return pd.DataFrame({"participant": [f"P{i}" for i in range(n)], "pre": pre, "post": post})


@pytest.fixture
def draft_of(tmp_path: Path) -> Callable[..., Report]:
    """`draft_of(table(30))` computes a report for the public."""

    def make(frame: pd.DataFrame) -> Report:
        path = tmp_path / "people.csv"
        frame.to_csv(path, index=False)
        return load(path, max_score=10).report(audience="public")

    return make


def written(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_computing_a_report_for_the_public_writes_nothing(
    draft_of: Callable[..., Report], own_register: Path
) -> None:
    draft = draft_of(table(30))
    draft.to_dict(), draft.summary(), draft.tables(), draft.shown()
    assert draft.is_draft
    assert written(own_register) == []


@pytest.mark.parametrize("form", ["html", "pdf", "xlsx", "json"])
def test_every_format_of_a_public_report_is_in_the_register(
    form: str, draft_of: Callable[..., Report], own_register: Path
) -> None:
    draft = draft_of(table(30))
    assert getattr(draft, form)()
    assert draft.release is not None
    assert (own_register / "releases" / draft.release.fingerprint / "release.json").is_file()


@pytest.mark.parametrize("form", ["html", "pdf", "xlsx", "json"])
def test_no_format_is_made_of_a_report_that_would_expose_a_few(
    form: str, draft_of: Callable[..., Report]
) -> None:
    draft_of(table(30)).json()
    with pytest.raises(SourceFault) as caught:
        getattr(draft_of(table(33)), form)()
    assert caught.value.key == "releases_close"


def test_a_published_report_passes_again_without_asking(
    draft_of: Callable[..., Report], tmp_path: Path, own_register: Path
) -> None:
    register = Register(tmp_path / "register")
    published = publish(draft_of(table(30)), register)
    assert not published.is_draft
    assert publish(published) is published
    assert published.html()
    assert written(own_register) == []
    assert published.release is not None
    assert (tmp_path / "register" / published.release.fingerprint).is_dir()


def test_a_refused_report_leaves_no_folder_behind(draft_of: Callable[..., Report], tmp_path: Path) -> None:
    draft_of(table(30)).json()
    with pytest.raises(SourceFault):
        render_report(draft_of(table(34)), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_report_that_tells_nothing_of_anybody_needs_no_register(
    draft_of: Callable[..., Report], own_register: Path
) -> None:
    published = publish(draft_of(table(7)))
    assert not published.is_draft
    assert json.loads(published.json())["flow"]["n_pairs"] is None
    assert written(own_register) == []


def test_internal_reports_never_knock(bundle_of: Callable[..., Path], crowd_of: Any) -> None:
    inside = load(bundle_of(crowd_of(n=12))).report()
    assert not inside.is_draft
    assert publish(inside) is inside


def test_a_register_that_cannot_be_used_is_said_in_every_format(
    draft_of: Callable[..., Report], own_register: Path
) -> None:
    (own_register / "releases").write_text("not a folder")
    draft = draft_of(table(30))
    assert not draft.has_note("releases_unknown")
    assert publish(draft).has_note("releases_unknown")
    assert "releases_unknown" in draft.json()


def test_figures_that_always_leave_leave_as_they_were_measured(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    table(40).to_csv(path, index=False)
    inside, outside = (load(path, max_score=10).report(audience=who) for who in ("internal", "public"))
    checked = 0
    for section in SECTIONS:
        for kind in (kind for kind in section.parts if not kind.many):
            for name in (name for name, public in kind.public.items() if public is Public.ALWAYS):
                assert getattr(outside.figures.of(kind), name) == getattr(inside.figures.of(kind), name)
                checked += 1
    assert checked > 5


@pytest.mark.parametrize(
    "render", [render_html, render_json, render_pdf, render_xlsx], ids=lambda r: r.__name__
)
def test_no_renderer_takes_a_draft(render: Any, draft_of: Callable[..., Report]) -> None:
    with pytest.raises(SourceFault) as caught:
        render(draft_of(table(30)), "id")
    assert caught.value.key == "draft_unpublished"

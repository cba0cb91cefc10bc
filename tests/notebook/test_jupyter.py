"""A results folder from elsewhere brings no code along that Jupyter, IPython or Voila would run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kit.config import settings
from kit.errors import Unavailable
from kit.notebook.jupyter import jupyter_command

PLANTED = (
    "ipython/profile_default/startup/00-first.py",
    "ipython/profile_default/ipython_config.py",
    "data/kernels/python3/kernel.json",
    "work/voila.py",
    "work/jupyter_server_config.d/more.py",
)


def test_what_lay_where_code_is_looked_for_is_gone_before_jupyter_starts(tmp_path: Path) -> None:
    chosen = replace(settings(), results=tmp_path / "hasil # dari %20 luar", url="http://127.0.0.1:1")
    folder = chosen.private / "jupyter"
    for name in PLANTED:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("raise SystemExit")
    jupyter_command(chosen, port=1)
    assert not [name for name in PLANTED if (folder / name).exists()]
    assert {name.split("/")[0] for name in PLANTED} == {"ipython", "data", "work"}
    assert all((folder / name.split("/")[0]).stat().st_mode & 0o077 == 0 for name in PLANTED)


@pytest.mark.parametrize("linked", ["work", ".", ".."])
def test_a_link_among_these_folders_is_refused_and_what_it_leads_to_stays(
    linked: str, tmp_path: Path
) -> None:
    chosen = replace(settings(), results=tmp_path / "results", url="http://127.0.0.1:1")
    home = tmp_path / "home"
    for kept in ("letter", "work/letter", "jupyter/work/letter"):
        (home / kept).parent.mkdir(parents=True, exist_ok=True)
        (home / kept).write_text("own")
    link = chosen.private / "jupyter" / linked if linked == "work" else chosen.private
    link = chosen.private / "jupyter" if linked == "." else link
    link.parent.mkdir(parents=True)
    link.symlink_to(home, target_is_directory=True)
    with pytest.raises(Unavailable) as refusal:
        jupyter_command(chosen, port=1)
    assert refusal.value.key == "folder_leads_away"
    assert [(home / kept).exists() for kept in ("letter", "work/letter", "jupyter/work/letter")] == [True] * 3

"""The bodies of `kit new` and `kit upgrade`, and what `kit serve` does in an empty folder."""

from __future__ import annotations

from pathlib import Path

from kit.config import in_clone, project_root, settings, spoken_language
from kit.errors import Conflict, NotFound
from kit.text import message
from kit.workspace.lay import differences, is_workspace, lay_out, upgrade


def lay_out_here() -> None:
    """Make the working directory a workspace unless it is in one, or in a clone. Raises Unavailable."""
    root = project_root()
    if is_workspace(root):
        return
    _say_laid(root, lay_out(root))


def run_new(folder: Path) -> int:
    """Lay out a folder; 0. Raises Conflict for the clone itself, Unavailable where nothing can be written."""
    folder = folder.expanduser().resolve()
    if in_clone() and folder == project_root():
        raise Conflict("is_clone", folder=folder)
    _say_laid(folder, lay_out(folder))
    return 0


def run_upgrade(*, write: bool) -> int:
    """Say how the workspace differs from this kit and, if asked, bring it up to it; 0."""
    root, language = project_root(), settings().language
    if in_clone() and root == Path(__file__).resolve().parents[2]:
        raise Conflict("is_clone", folder=root)
    if not is_workspace(root):
        raise NotFound("no_workspace", folder=root)
    found = [one for one in differences(root) if one.state != "same"]
    done = upgrade(root) if write else []
    for one in found:
        state = "done" if one in done else one.state
        print(f"{message(f'cli.upgrade.{state}', language)}  {one.name}")
    if not found:
        print(message("cli.upgrade.nothing", language))
    elif not write and any(one.state != "yours" for one in found):
        print(message("cli.upgrade.how", language))
    return 0


def _say_laid(folder: Path, laid: list[str]) -> None:
    print(message("cli.laid", spoken_language(), folder=folder, n=len(laid)))

"""The figures of each picture in three lines of pandas, from the same cube. A test runs them."""

from __future__ import annotations

import re
from typing import Final

from kit.notebook.evaluating.choice import Choice

_BOTH: Final = 'both = cube.score.dropna(subset=["pre", "post"])'


def _means(by: str, waves: str = '["pre", "post"]') -> tuple[str, str]:
    """Mean scores by a column: the mean of the arms' means, as each form then counts equally."""
    return (
        f'both = cube.score.dropna(subset=["pre", "post"]).set_index(["{by}", "arm"])',
        f'both[{waves}].mul(both["n"], axis=0).groupby(level=[0, 1]).sum()'
        '.div(both["n"].groupby(level=[0, 1]).sum(), axis=0).groupby(level=0).mean()',
    )


_LINES: Final[dict[str, tuple[str, str]]] = {
    "gain": (_BOTH, 'both.assign(change=both["post"] - both["pre"]).groupby("change")["n"].sum()'),
    "discernment": (
        'offers = cube.signal.filter(regex="refused|asked").mul(cube.signal["n"], axis=0).sum()',
        '{f"{signal}_{wave}": offers[f"{signal}_refused_{wave}"] / offers[f"{signal}_asked_{wave}"]'
        ' for signal in ("fraud", "genuine") for wave in ("pre", "post")}',
    ),
    "items": (
        'told = cube.answer[(cube.answer["matched"] == 1) & cube.answer["wave"].isin(["pre", "post"])]',
        'told.assign(right=told["n"] * told["correct"].fillna(0)).groupby(["quiz_id", "item", "wave"])'
        '[["right", "n"]].sum().eval("right / n").unstack()',
    ),
    "answers": (
        'both = cube.shift.assign(pair=["–".join(sorted(two)) for two in zip(cube.shift["item"], '
        'cube.shift["item_post"])])',
        'both.fillna({"correct_pre": 0, "correct_post": 0}).groupby(["pair", "correct_pre", "correct_post"])'
        '["n"].sum().unstack([1, 2], fill_value=0)',
    ),
    "visits": _means("session"),
    "waves": (
        'back = cube.score.dropna(subset=["pre", "post", "followup"])',
        'back[["pre", "post", "followup"]].mul(back["n"], axis=0).sum() / back["n"].sum()',
    ),
    "practice": (
        'tried = cube.practice.assign(right=cube.practice["n"].where(cube.practice["choice"] == '
        'cube.practice["signal"], 0))',
        'tried.groupby(["quiz_id", "item"])[["right", "n"]].sum()',
    ),
    "behaviour": (
        'said = pd.concat([cube.plan, cube.behaviour])',
        'said.groupby(["quiz_id", "item", "wave", "choice"])["n"].sum()',
    ),
    "likert": (
        'said = cube.likert.set_index(["quiz_id", "item", "wave", "choice"])',
        'said["n"].unstack(fill_value=0)',
    ),
}  # fmt: skip


def pandas_lines(chart: str, choice: Choice) -> list[str]:
    """Three lines for a picture by its name; none for one whose figures the cube does not hold."""
    kind = re.sub(r"-\d+$", "", chart)
    if kind in ("groups", "sites"):
        by = choice.by[0] if choice.by else "site"
        rest: tuple[str, str] | None = _means(by)
    else:
        rest = _LINES.get(kind)
    return [] if rest is None else [f"cube = {sources_line(choice)}.cube()", *rest]


def sources_line(choice: Choice) -> str:
    """The call that reads what was chosen; folders are found from any folder of the workspace."""
    named = ", ".join(f'"results/{name}"' for name in sorted(choice.sessions)) or '"tabel.csv", max_score=…'
    narrowed = f'.where(audience="{choice.audience}")' if choice.audience else ""
    return f"kit.report.load({named}){narrowed}"

"""People followed over months by their codes alone: through service, bundle and report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kit.report import load
from tests.conftest import Person

WAVES = ("pre", "lesson", "post")


def meet(service: Any, people: int, earlier: list[str], *, right: int) -> tuple[Path, list[Person]]:
    """A meeting of some people, the first of whom give an earlier code; its bundle."""
    code = service.open_session("residents", minors_consent=False)
    came = [service.join(code, audience="resident", quiz="residents") for _ in range(people)]
    for person, known in zip(came, earlier, strict=False):
        body = {"audience": "resident", "consent": True, "earlier_code": known}
        person.take(service.phone().post(f"/api/sessions/{code}/participants", json=body).json())
    for wave in WAVES:
        service.control.move(code, wave)
        for person in came if wave != "lesson" else []:
            person.answer(wave, right=right)
    service.control.move(code, "results")
    return service.results / service.control.close(code)["bundle"], came


@pytest.mark.parametrize("again", [6, 3])
def test_people_are_followed_from_visit_to_visit_without_a_name(service: Any, again: int) -> None:
    first, came = meet(service, 6, [], right=8)
    codes = [person.personal_code for person in came[:again]]
    lost = service.join(
        service.open_session("residents", site="Desa Lain"), audience="resident", quiz="residents"
    )
    second, _ = meet(service, again + 2, [*codes, lost.personal_code], right=5)
    then = pd.read_parquet(first / "participants.parquet")
    now = pd.read_parquet(second / "participants.parquet")
    known = now["returning_of"].dropna()
    assert set(known) - {""} <= set(then["participant"])
    assert len(set(known)) == again
    report = load(service.results).report()
    (one,) = report.figures.returning
    assert (one.known, one.lost) == (again, 1)
    if again < 5:
        assert (one.followed, one.share_then, one.ci) == (0, None, None)
        assert report.has_note("returning_few")
    else:
        most = len(came[0].quiz.form_items("A"))
        assert one.followed == again
        assert (one.share_then, one.share_now) == (pytest.approx(8 / most), pytest.approx(5 / most))
        assert "6 orang dikenal lagi" in report.shown("id").headings["returning"].lines[0]
    for path in second.rglob("*"):
        assert not any(code.encode() in path.read_bytes() for code in codes if path.is_file())

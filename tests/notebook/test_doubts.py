"""What the kit asks about before it keeps it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kit.notebook.doubts import FAR_DAYS, alike_places, is_far, spelled
from kit.study.place import Site


@pytest.mark.parametrize(("days", "far"), [(FAR_DAYS, False), (FAR_DAYS + 1, True)])
def test_a_day_is_far_more_than_a_year_away_on_either_side(days: int, far: bool) -> None:
    for distance in (timedelta(days=days), timedelta(days=-days)):
        assert is_far((date.today() + distance).isoformat()) is far
    assert not is_far("besok"), "what is no day is refused elsewhere"


def known(name: str, district: str = "", city: str = "") -> dict[str, str]:
    return {"site_id": name.lower(), "name": name, "district": district, "city": city, "province": ""}


def test_a_place_is_doubted_only_where_another_one_is_spelled_almost_so() -> None:
    here, away = known("SMAN 1 Kebon-Kosong", "Kemayoran"), known("Desa Mawar")
    assert alike_places(Site("", "sman 1 kebon kosong"), [here, away]) == [here]
    assert alike_places(Site("", "sman 1 kebon kosong", "Cikini"), [here]) == [], "it lies elsewhere"
    assert alike_places(Site("", "SMAN 1 Kebon-Kosong", "Kemayoran"), [here]) == [], "it is that place"
    assert alike_places(Site("", "Desa Melati"), [here, away]) == []


def test_a_place_is_told_with_what_lies_around_it() -> None:
    assert spelled(known("Desa Mawar", city="Bogor")) == "Desa Mawar, Bogor"

"""A session can be corrected until its report is final; two places can turn out to be one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kit.session.client import Refused


def about(service: Any, code: str) -> dict[str, Any]:
    """The `session.json` of a session's only bundle."""
    (folder,) = service.results.glob(f"*-{code}")
    found: dict[str, Any] = json.loads((folder / "session.json").read_text())
    assert folder.name == service.control.session(code)["bundle"]
    return found


def site_ids(service: Any, *codes: str) -> list[str]:
    return [service.control.session(code)["site_id"] for code in codes]


def test_a_closed_session_is_corrected_and_its_bundle_follows(service: Any) -> None:
    control = service.control
    code = service.open_session(site="Kebon Ksong", event="Pekn", held_on="2026-11-02")
    site_id = control.session(code)["site_id"]
    for _ in range(2):
        service.join(code)
    control.close(code)
    place = {"name": "Kebon Kosong", "district": "Kemayoran"}
    right = {"site": place, "held_on": "2026-11-20", "event": "Pekan", "notes": "Dua pertanyaan."}
    mended = control.mend(code, **right, key="one-key")
    assert (mended["site"]["name"], mended["site"]["district"]) == ("Kebon Kosong", "Kemayoran")
    assert mended["site_id"] == site_id, "the same place, better spelled"
    told = about(service, code)
    assert (told["held_on"], told["event"], told["notes"]) == ("2026-11-20", "Pekan", "Dua pertanyaan.")
    assert told["site"]["name"] == "Kebon Kosong"
    assert told["counts"]["joined"] == 2
    control.mend(code, event="Lain")
    control.mend(code, **right, key="one-key")
    assert control.session(code)["event"] == "Lain", "what arrives late once more turns nothing back"
    assert control.mend(code)["event"] == "Lain", "what is left out stays"


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"held_on": "2026-02-30"}, "bad_date"),
        ({"site": {"name": " \u200b"}}, "site_needed"),
        ({"event": "x" * 201}, "text_long"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    service: Any, wrong: dict[str, Any], fault: str
) -> None:
    code = service.open_session()
    before = service.control.session(code)
    with pytest.raises(Refused) as refused:
        service.control.mend(code, **wrong)
    assert refused.value.status == 422
    assert refused.value.problem["code"] in (fault, "bad_json")
    after = service.control.session(code)
    assert [after[name] for name in ("event", "site", "held_on")] == [
        before[name] for name in ("event", "site", "held_on")
    ]


def test_a_place_that_others_share_is_left_to_them(service: Any) -> None:
    first, second = service.open_session(site="Sukamaju"), service.open_session(site="Sukamaju")
    service.control.mend(second, site={"name": "Sukamulya"})
    assert service.control.session(first)["site"]["name"] == "Sukamaju"
    one, other = site_ids(service, first, second)
    assert one != other
    service.control.mend(second, site={"name": "Sukamaju"})
    assert site_ids(service, first, second) == [one, one]
    assert [site["name"] for site in service.control.sites()] == ["Sukamaju"], "nobody is at the other one"


def test_places_that_look_alike_are_told_and_can_be_merged(service: Any) -> None:
    control = service.control
    first = service.open_session(site="Kebon Kosong", held_on="2026-09-01")
    second = service.open_session(site={"name": "KEBON-KOSONG", "city": "Jakarta"}, held_on="2026-11-01")
    service.open_session(site="Kebon Jeruk")
    service.open_session(site="kebonkosong", rehearsal=True)
    control.close(second)
    one, other = site_ids(service, first, second)
    alike = {site["site_id"]: site["alike"] for site in control.sites()}
    assert (alike[one], alike[other], len(alike)) == ([other], [one], 3)
    phone = service.phone()
    assert not phone.get(f"/api/sessions/{second}").json()["visited_before"]
    assert control.merge_sites(other, one) == {"site_id": one, "moved": [second]}
    assert site_ids(service, first, second) == [one, one]
    assert about(service, second)["site"]["site_id"] == one
    assert phone.get(f"/api/sessions/{second}").json()["visited_before"]
    assert control.merge_sites(other, one)["moved"] == [], "asked again"
    for wrong in (("x", "y"), (one, one)):
        with pytest.raises(Refused):
            control.merge_sites(*wrong)

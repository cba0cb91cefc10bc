"""Offers people have heard of: closed lists, once the results are there, and counted from five on."""

from __future__ import annotations

from typing import Any

import pytest

from kit.study.sighting import SHOWN_FROM, SIGNS, counts_of, kept_counts

OFFER = {
    "kind": "job",
    "channel": "facebook",
    "country": "cambodia",
    "promise": "salary",
    "signs": ["debt", "tourist_visa"],
    "when": "this_month",
}


def sight(person: Any, **changed: Any) -> Any:
    return person.http.post(f"/api/sessions/{person.code}/sightings", json={**OFFER, **changed})


def to_results(service: Any, code: str) -> None:
    for stage in ("pre", "lesson", "post", "results"):
        service.control.move(code, stage)


def test_offers_are_noted_between_the_results_and_the_end(any_service: Any) -> None:
    code = any_service.open_session()
    people = [any_service.join(code) for _ in range(SHOWN_FROM)]
    assert (sight(people[0]).status_code, sight(people[0]).json()["code"]) == (409, "sightings_closed")
    to_results(any_service, code)
    for person in people[:-1]:
        assert sight(person).status_code == 201
    assert any_service.control.session(code)["sightings"] is None
    assert sight(people[-1]).status_code == 201
    assert any_service.control.session(code)["sightings"] == SHOWN_FROM
    any_service.control.close(code)
    assert sight(people[0]).status_code == 409


@pytest.mark.parametrize("name", ["kind", "channel", "country", "promise", "when"])
def test_nothing_but_the_closed_lists_is_taken(service: Any, name: str) -> None:
    code = service.open_session()
    person = service.join(code)
    to_results(service, code)
    refused = sight(person, **{name: "Pak Budi RT 3"})
    assert (refused.status_code, refused.json()["code"]) == (422, "sighting_unknown")
    assert sight(person, signs=["dekat masjid"]).status_code == 422
    assert sight(person, signs=list(SIGNS), place="RT 3").status_code == 201


def test_a_phone_notes_three_offers(service: Any) -> None:
    code = service.open_session()
    person = service.join(code)
    to_results(service, code)
    assert [sight(person).status_code for _ in range(4)] == [201, 201, 201, 429]


def rows(n: int, **changed: Any) -> list[dict[str, Any]]:
    one = {**OFFER, **changed}
    return [{**one, "heard": one["when"], "signs": tuple(one["signs"])} for _ in range(n)]


def test_what_fewer_than_five_named_is_not_kept() -> None:
    counts = counts_of([*rows(9), *rows(6, kind="umrah"), *rows(2, kind="study"), *rows(1, kind="sea")])
    kept = kept_counts(counts)
    assert kept[("all", "all")] == 18
    assert (kept[("kind", "job")], kept[("kind", "umrah")]) == (9, 6)
    assert ("kind", "study") not in kept
    assert ("kind", "sea") not in kept
    assert kept_counts(counts_of(rows(4))) == {}


def test_one_value_left_out_alone_takes_the_next_with_it() -> None:
    kept = kept_counts(counts_of([*rows(9), *rows(6, kind="umrah"), *rows(2, kind="study")]))
    assert {place for place in kept if place[0] == "kind"} == {("kind", "job")}

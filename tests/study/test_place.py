"""What people read of a site, and what it is known by."""

from __future__ import annotations

import pytest

from kit.study.place import Site, place_id, site_labels


def test_a_name_of_its_own_is_the_label() -> None:
    assert site_labels([Site("1", "Mawar", "X"), Site("2", "Melati")]) == {"1": "Mawar", "2": "Melati"}


@pytest.mark.parametrize(
    ("places", "labels"),
    [
        ([("A", "K", "P"), ("B", "K", "P")], ["Mawar (A)", "Mawar (B)"]),
        ([("A", "K", "P"), ("A", "L", "P")], ["Mawar (K)", "Mawar (L)"]),
        (
            [("A", "K", "P"), ("A", "L", "P"), ("B", "K", "P")],
            ["Mawar (A, K, P)", "Mawar (A, L, P)", "Mawar (B, K, P)"],
        ),
        ([("", "", ""), ("A", "", "")], ["Mawar (1)", "Mawar (2)"]),
    ],
)
def test_a_shared_name_gets_what_tells_its_sites_apart(
    places: list[tuple[str, str, str]], labels: list[str]
) -> None:
    sites = [Site(str(number), "Mawar", *place) for number, place in enumerate(places)]
    assert list(site_labels(reversed(sites)).values()) == labels


def test_no_two_sites_have_one_label() -> None:
    sites = [Site("1", "Mawar", "A"), Site("2", "Mawar", "B"), Site("3", "Mawar (A)")]
    assert sorted(site_labels(sites).values()) == ["Mawar (A)", "Mawar (A) 2", "Mawar (B)"]


def test_an_unregistered_site_is_its_place_in_words() -> None:
    assert place_id("Mawar") == "Mawar"
    assert place_id("Mawar", "", "Serang") == "Mawar||Serang|"
    assert Site(place_id("Mawar", "A"), "Mawar", "A").is_unregistered
    assert not Site("9" * 32, "Mawar", "A").is_unregistered

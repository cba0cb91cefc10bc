"""A place: the fields that name a site, its identity, and the label people read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from kit.study.spelling import alike_name

PLACE_FIELDS: Final = ("name", "district", "city", "province")
"""From the village, ward, school or office itself to what lies around it."""

MAX_FIELD: Final = 200
"""Letters of one field."""

_JOIN: Final = "|"


@dataclass(frozen=True)
class Site:
    """A village, ward, school or office. `site_id` tells it from others of its name; the rest are labels."""

    site_id: str
    name: str
    district: str = ""
    city: str = ""
    province: str = ""

    @property
    def place(self) -> tuple[str, str, str, str]:
        """The fields that name it, in the order of `PLACE_FIELDS`."""
        return self.name, self.district, self.city, self.province

    @property
    def is_unregistered(self) -> bool:
        """Whether no store gave it an identity: its id only repeats the place."""
        return self.site_id == place_id(*self.place)


def place_id(name: str, district: str = "", city: str = "", province: str = "") -> str:
    """The id of a site that no store has registered: its place in words, the bare name where that is all.

    Words and not a digest, so that every engine that counts rows can make the same id from columns.
    Example: `Kebon Kosong|Kemayoran|Jakarta Pusat|DKI Jakarta`.
    """
    return _JOIN.join((name, district, city, province)) if district or city or province else name


def are_alike(first: Site, second: Site) -> bool:
    """Whether two places may be one: names alike, and nothing around them that differs where both tell it."""
    if alike_name(first.name) != alike_name(second.name):
        return False
    around = zip(first.place[1:], second.place[1:], strict=True)
    return all(not (one and other) or alike_name(one) == alike_name(other) for one, other in around)


def site_labels(sites: Iterable[Site]) -> dict[str, str]:
    """The label of each site by its id: the name, with what tells it apart where several share the name.

    That is the district, else the city, else the province, else all of them; a number where the fields say
    nothing (the same in every report that holds the same sites). No two sites have one label.
    """
    by_id = {site.site_id: site for site in sorted(sites, key=lambda site: (site.place, site.site_id))}
    shared = Counter(site.name for site in by_id.values())
    labels = {site.site_id: site.name for site in by_id.values() if shared[site.name] == 1}
    for name in (name for name, n in shared.items() if n > 1):
        alike = [site for site in by_id.values() if site.name == name]
        for site, addition in zip(alike, _additions(alike), strict=True):
            labels[site.site_id] = _free(f"{name} ({addition})", {*labels.values(), *shared})
    return labels


def _additions(alike: list[Site]) -> list[str]:
    """What to write behind the shared name of each site."""
    whole = [", ".join(filter(None, site.place[1:])) for site in alike]
    for texts in (*zip(*(site.place[1:] for site in alike), strict=True), whole):
        if all(texts) and len(set(texts)) == len(texts):
            return list(texts)
    return [str(number) for number in range(1, len(alike) + 1)]


def _free(label: str, taken: set[str]) -> str:
    """The label, with a number behind it where some other site is already called that."""
    number, found = 2, label
    while found in taken:
        number, found = number + 1, f"{label} {number}"
    return found

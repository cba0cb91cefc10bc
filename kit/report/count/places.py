"""The sites of all sources: one identity and one label each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from kit.study.place import PLACE_FIELDS, Site, site_labels


@dataclass(frozen=True)
class Places:
    """Sites by identity. `same` leads from a place in words to the registered site of exactly this place.

    A store gives each site a random id, and has each place (name, district, city, province) once. So two
    registered ids are two sites, also where they come from the stores of two offices and read alike: whether
    these are one village only people can say, and nothing here guesses it. A source without ids (a bundle of
    schema 1, a table from outside) names its place in words; that is the registered site with exactly the
    same words, where there is one and only one, else a site of its own.

    A site that is not listed is called by its id: tables that know only names have the name as id.
    """

    sites: Mapping[str, Site] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    same: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, sites: Iterable[Site]) -> Places:
        """Bring sites together; an id that comes with two places keeps the last in order."""
        found = {site.site_id: site for site in sorted(sites, key=lambda site: site.place)}
        registered: dict[tuple[str, ...], list[str]] = {}
        for site in found.values():
            if not site.is_unregistered:
                registered.setdefault(site.place, []).append(site.site_id)
        same = {
            site.site_id: registered[site.place][0]
            for site in found.values()
            if site.is_unregistered and len(registered.get(site.place, ())) == 1
        }
        kept = {site_id: site for site_id, site in found.items() if site_id not in same}
        return cls(kept, site_labels(kept.values()), same)

    def identity(self, site_id: str) -> str:
        """The id under which a site is counted."""
        return self.same.get(site_id, site_id)

    def label(self, site_id: str) -> str:
        """What people read of a site."""
        return self.labels.get(self.identity(site_id), site_id)

    def ids(self, wanted: Iterable[str]) -> list[str]:
        """Every id, as rows have it, of sites that are asked for by label, by id, or by a shared name."""
        found = {site_id for text in wanted for site_id in self._meant(text)}
        return sorted(found | {words for words, site_id in self.same.items() if site_id in found})

    def _meant(self, text: str) -> list[str]:
        labelled = [site_id for site_id, label in self.labels.items() if label == text]
        if labelled or text in self.sites:
            return labelled or [text]
        return [site_id for site_id, site in self.sites.items() if site.name == text] or [text]

    def put_labels(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A table of counts with the identity and the label of each site; it has a `site_id`."""
        if frame.empty:
            return frame
        # By the few distinct ids: a table may have a million cells.
        codes, ids = pd.factorize(frame["site_id"], use_na_sentinel=False)
        named = ["" if pd.isna(site_id) else str(site_id) for site_id in ids]
        return frame.assign(
            site_id=_texts(codes, [self.identity(site_id) for site_id in named]),
            site=_texts(codes, [self.label(site_id) for site_id in named]),
        )

    def table(self, score: pd.DataFrame) -> pd.DataFrame:
        """The sites of a score table with their places, and the people who joined there."""
        people = score.groupby("site_id", sort=True, observed=True)["n"].sum()
        ids = [str(site_id) for site_id in people.index]
        sites = [self.sites.get(site_id) or Site(site_id, site_id) for site_id in ids]
        table = pd.DataFrame([site.place for site in sites], columns=["site", *PLACE_FIELDS[1:]])
        return table.assign(site_id=ids, n=people.to_numpy())

    @classmethod
    def from_table(cls, frame: pd.DataFrame) -> list[Site]:
        """The sites of such a table."""
        columns = ["site_id", "site", *PLACE_FIELDS[1:]]
        return [Site(*map(str, row)) for row in frame[columns].fillna("").itertuples(index=False)]


def _texts(codes: np.ndarray[Any, np.dtype[np.int64]], texts: list[str]) -> pd.Categorical[str]:
    """The text of each code; two codes may have one."""
    distinct = sorted(set(texts))
    order = {text: place for place, text in enumerate(distinct)}
    places = np.array([order[text] for text in texts], dtype=np.int64)
    return pd.Categorical.from_codes(places[codes], pd.Index(distinct))

"""What lies in a bundle: files, columns, versions.

| file | what it says |
|---|---|
| `session.json` | where, when, which quizzes (whole, with their hashes), how many; no person |
| `responses.parquet` | a row for each participant, wave and item; deleted after the retention time |
| `participants.parquet` | a row for everybody who joined; deleted after the retention time |
| `sightings.parquet` | how many heard of which offers, value by value from five on; stays |
| `cube.parquet` | counts of people and answers; after the retention time in cells of five people or more |
| `report.*` | the report in every format; stays |
| `manifest.json` | the sha256 of each file |

Schema 2 gives a site its identity: `session.json` has `site.site_id`, the tables have `site_id` beside the
label `site`. Schema 1 knew the place alone; it is still read, and the place in words is then the id.

Schema 3 counts of each person's offers also those left undecided, in which order the forms came, and right
answers to each item by site. Cubes of earlier schemas lack these: what
needs them is not computed from such a cube.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from kit.study.kinds import KINDS, SIGNALS
from kit.study.place import PLACE_FIELDS
from kit.study.wave import POST, PRE, WAVES

SCHEMA_VERSION: Final = 3
READABLE: Final = (1, 2, 3)

SESSION: Final = "session.json"
RESPONSES: Final = "responses.parquet"
PEOPLE: Final = "participants.parquet"
CUBE: Final = "cube.parquet"
SIGHTINGS: Final = "sightings.parquet"
MANIFEST: Final = "manifest.json"
MERGED: Final = "cells_merged"
"""What `session.json` says once the cells of the cube are merged: how many people of small groups it lost."""

SAMPLE_PREFIX: Final = "contoh-"
"""How the folders of the sample that comes with the kit begin; what makes them one is in `session.json`."""

RAW: Final = (RESPONSES, PEOPLE)
"""Files with rows of people."""
CHECKED: Final = (SESSION, *RAW, CUBE, SIGHTINGS)
"""Files that a report is made from."""
STAYING: Final = (SESSION, CUBE, "report.json", MANIFEST)
"""Without these, rows of people must not be deleted: nothing else would tell of the session."""

RESPONSE_COLUMNS: Final = {
    **dict.fromkeys(
        "session event site_id site audience participant arm quiz_id wave form item".split(), "string"
    ),
    **dict.fromkeys("kind signal choice".split(), "string"),
    "correct": "Int8",
    "submitted": "bool",
    "held_on": "string",
}
PEOPLE_COLUMNS: Final = tuple(
    "session event site_id site audience participant arm language joined_stage returning_of".split()
)

SIGHTING_COLUMNS: Final = {
    **dict.fromkeys("session site_id site held_on list value".split(), "string"),
    "n": "int64",
}

# The cube: a column `part` says which table a row of `cube.parquet` belongs to. `site_id` tells sites apart
# and comes behind the labels, which say in what order people read.
KEYS: Final = ("session", "event", "site", "audience", "held_on", "quiz_id", "arm", "site_id")
SCORE: Final = (*KEYS, *WAVES)
SIGNAL_COUNTS: Final = tuple(
    f"{signal}_{name}_{wave}"
    for wave in (PRE, POST)
    for signal in SIGNALS
    for name in ("refused", "unsure", "asked")
)
UNSCORED: Final = tuple(kind.name for kind in KINDS.values() if not kind.scored)
"""Kinds whose answers are only counted; each has a part of its own name in the cube."""
SIGNAL_BEFORE_3: Final = {
    f"{old}_{wave}": f"{new}_{wave}"
    for wave in (PRE, POST)
    for old, new in (
        ("hits", "fraud_refused"),
        ("fraud", "fraud_asked"),
        ("false", "genuine_refused"),
        ("genuine", "genuine_asked"),
    )
}
"""What the counts of offers were called in cubes that did not know the undecided ones."""
PARTS: Final[dict[str, tuple[str, ...]]] = {
    "score": SCORE,
    "signal": ("session", "site", "arm", "site_id", *SIGNAL_COUNTS),
    "right": ("quiz_id", "item", "wave", "site_id", "correct"),
    "answer": ("quiz_id", "wave", "form", "item", "choice", "correct", "total", "matched"),
    "shift": (
        *("quiz_id", "arm", "item", "item_post"),
        *("choice_pre", "correct_pre", "choice_post", "correct_post"),
    ),
    "attempt": ("quiz_id", "wave", "status"),
    **dict.fromkeys(UNSCORED, ("quiz_id", "item", "wave", "choice")),
    "practice": ("quiz_id", "item", "signal", "choice"),
    "site": ("site_id", "site", *PLACE_FIELDS[1:]),
}
KEY: Final = "key"
"""The column beside every count `n` of the cube: the sum of the record keys of the people it counts."""
NUMBERS: Final = frozenset(
    {*WAVES, *SIGNAL_COUNTS, "correct", "total", "matched", "correct_pre", "correct_post", "n", KEY}
)
"""Columns of the cube that hold whole numbers."""


def bundle_name(held_on: str, site: str, code: str) -> str:
    """`<held_on>-<site>-<code>`, safe on every file system."""
    plain = unicodedata.normalize("NFKD", site).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60] or "site"
    return f"{held_on}-{slug}-{code}"


def bundles_of(results: Path, code: str) -> list[Path]:
    """The bundles of a session in a results folder."""
    return [path for path in results.glob(f"*-{code}") if path.is_dir() and not path.is_symlink()]


def unfinished_of(results: Path, code: str) -> Iterator[Path]:
    """What a writer left behind of a session's bundle when it was killed."""
    for ending in ("new", "old"):
        yield from results.glob(f".*-{code}.{ending}")


def file_sum(path: Path) -> str:
    """The sha256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

"""Personal codes as people write them: those that look alike, and those measured only once."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

import pandas as pd

from kit.bundle.faults import Remark, remark
from kit.study.wave import POST, PRE

_PERSON: Final = ["session", "participant"]
_LIKE_DIGITS: Final = str.maketrans("OIL", "011")


def plain_code(code: str) -> str:
    """A personal code without what people mistype: case, blanks, hyphens, O for 0, I and L for 1."""
    if not code.isascii():
        code = unicodedata.normalize("NFKC", code)
    kept = code.upper() if code.isalnum() else "".join(filter(str.isalnum, code.upper()))
    return kept.translate(_LIKE_DIGITS)


def visible_code(code: str) -> str:
    """A code in which blanks at its ends, no-break blanks and joined signs can be seen: `P03␠`."""
    inner = code.strip(" ")
    left, right = code[: len(code) - len(code.lstrip(" "))], code[len(code.rstrip(" ")) :]
    shown = "".join("⍽" if sign != " " and sign.isspace() else sign for sign in inner)
    parts = "".join(
        f"{sign}◌{hex(ord(sign))[2:].upper()}" if unicodedata.combining(sign) else sign for sign in shown
    )
    return "␠" * len(left) + parts + "␠" * len(right) if inner else "␠" * len(code)


def near_matches(codes: Iterable[str]) -> list[tuple[str, ...]]:
    """Groups of different codes that look alike. Example: RUSA-4821 and rusa 4821."""
    groups: dict[str, list[str]] = {}
    for code in sorted(set(codes)):
        groups.setdefault(plain_code(code), []).append(code)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def people_remarks(frame: pd.DataFrame, shape: str) -> tuple[Remark, ...]:
    """Near-matches and people without a partner measurement: listed for the operator, never joined."""
    has = {wave: frame["wave"] == wave if shape == "long" else frame[wave].notna() for wave in (PRE, POST)}
    people = frame[_PERSON].assign(**has)
    if people.duplicated(_PERSON).any():
        people = people.groupby(_PERSON, sort=False)[[PRE, POST]].any().reset_index()
    people = people.sort_values(_PERSON, kind="stable")
    plain = people.assign(plain=[plain_code(code) for code in people["participant"]])
    like = plain[plain.duplicated(["session", "plain"], keep=False)]
    told: list[tuple[str, int, Remark]] = []
    for session, codes in like.groupby("session"):
        for group in near_matches(codes["participant"]):
            shown = " / ".join(map(visible_code, group))
            told.append((str(session), 0, remark("near_match", session=session, codes=shown)))
    for place, (wave, other) in enumerate(((PRE, POST), (POST, PRE)), start=1):
        for session, codes in people[people[wave] & ~people[other]].groupby("session"):
            lone = codes["participant"].tolist()
            shown = ", ".join(lone[:10]) + (" …" if len(lone) > 10 else "")
            told.append(
                (str(session), place, remark(f"only_{wave}", session=session, n=len(lone), codes=shown))
            )
    return tuple(one for _, _, one in sorted(told, key=lambda line: line[:2]))

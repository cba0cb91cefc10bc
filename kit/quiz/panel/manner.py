"""Guessers that read the manner of an offer: who sends it, how it speaks, its grammar, its sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from kit.quiz.model import Item
from kit.quiz.panel.guesser import FRAUD, GENUINE, Guesser, Sign, both_readings, message_of, whole
from kit.quiz.panel.outward import Measure, above_middle, words

FIRM: Final = re.compile(
    r"\b(PT|CV|LPK|Biro|Agen|HRD|Hotel|Panitia|Personalia|Studio|Toko|Universitas|Yayasan)\b"
)
PERSON: Final = re.compile(r"\b(Bang|Bu|Cak|Coach|Kak|Mas|Mbak|Om|Pak|Tante)\b")
COUNTRY: Final = re.compile(
    r"\b(Australia|Bangkok|Busan|Filipina|Hokkaido|Hong Kong|Jepang|Johor|Korea|Kuala Lumpur|Kyoto"
    r"|Malaysia|Manila|Melaka|Melbourne|Nagoya|Osaka|Penang|Selandia Baru|Singapura|Taipei"
    r"|Taiwan|Thailand|Turki|Vietnam)\b"
)
CURRENCY: Final = re.compile(r"RM\d|NT\$|HK\$|¥")
WAGE: Final = re.compile(r"gaji|upah|honor|uang saku|rm\d|nt\$|hk\$|¥")
OFFICE: Final = re.compile(r"SISKOP2MI|BP3MI|KP2MI|Disnaker|Imigrasi|Dinas|LTSA|\b[Ll]urah|[Kk]elurahan")
PAPERS: Final = re.compile(r"\b(akta|ijazah|kk|ktp|paspor)\b")
WEEKDAY: Final = re.compile(r"\b(senin|selasa|rabu|kamis|jumat|sabtu|minggu)\b")
DOUBTING: Final = re.compile(r"ragu|curiga|yakin|waswas|heran|bimbang|keberatan|percaya")
GREETING: Final = re.compile(r"\W*(hai+|halo|siang|sore|sel?amat|slmt|bro|gaes|maaf|kak|bu)\b")
SENTENCE: Final = re.compile(r"[.?!]+(?:\s|$)")
ABBREVIATED: Final = frozenset("blm bsok d dtg msh n pake sdh sm sndiri sy tgl trus udh utk yg".split())

SAID: Final[Mapping[str, frozenset[str]]] = {
    "“we” without the reader": frozenset({"kami"}),
    "“we” with the reader": frozenset({"kita"}),
    "“I”": frozenset({"aku", "saya", "sy"}),
    "hedge": frozenset("belum bisa boleh kalau mungkin sekitar".split()),
    "promise": frozenset("dijamin ditanggung gratis langsung pasti semua tanggung".split()),
    "soothing": frozenset("aman khawatir santai tenang".split()),
    "purpose": frozenset("agar biar supaya".split()),
    "order of time": frozenset("baru begitu belakangan nanti sebelum sesudah".split()),
    "company kept": frozenset("bareng bersama ikut sama sm".split()),
    "imperative": frozenset(
        "baca bawa bayar buka cari datang dtg jangan kirim lengkapi serahkan tanya".split()
    ),
    "condition": frozenset("bila kalau kalo".split()),
    "“yourself”": frozenset({"sendiri", "sndiri"}),
    "“over there”": frozenset("sana situ".split()),
    "contract": frozenset("kontrak kontraknya perjanjian perjanjiannya".split()),
    "work": frozenset("bekerja kerja".split()),
    "abbreviation": ABBREVIATED,
}
"""Lists of words; each is a sign when the message holds one of them."""


def manner_guessers() -> list[Guesser]:
    """Every guesser of this file, each read both ways."""
    found = [guesser for name, sign in _signs().items() for guesser in both_readings(name, sign)]
    for name, measure in _measures().items():
        for signal in (FRAUD, GENUINE):
            found.append(Guesser(f"{name}: {signal}", above_middle(measure, signal), mirrored=True))
    return found


def _signs() -> dict[str, Sign]:
    signs: dict[str, Sign] = {
        "sent by a firm": lambda item: bool(FIRM.search(_sender(item))),
        "sent by a person": lambda item: bool(PERSON.search(_sender(item))),
        "country named": lambda item: bool(COUNTRY.search(message_of(item))),
        "foreign money": lambda item: bool(CURRENCY.search(message_of(item))),
        "pay named": lambda item: bool(WAGE.search(message_of(item).lower())),
        "office named in the message": lambda item: bool(OFFICE.search(message_of(item))),
        "papers named": lambda item: bool(PAPERS.search(message_of(item).lower())),
        "weekday named": lambda item: bool(WEEKDAY.search(whole(item).lower())),
        "age in the stem": lambda item: bool(re.search(r"\(\d\d\)", item.stem.id)),
        "child": lambda item: bool(re.search(r"\b1[5-7]\b", whole(item))),
        "doubt or trust in the stem": lambda item: bool(DOUBTING.search(item.stem.id.lower())),
        "asked to, in the stem": lambda item: "diminta" in item.stem.id,
        "nobody asked yet": lambda item: "belum bertanya" in item.stem.id.lower(),
        "greeting": lambda item: bool(GREETING.match(message_of(item).lower())),
        "begins in lower case": lambda item: message_of(item).lstrip("“")[:1].islower(),
        "ends in a mark of its own": lambda item: bool(re.search(r"[^\w\s.,”]$", message_of(item).strip())),
        "colon": lambda item: ":" in message_of(item),
        "dash": lambda item: bool(re.search("[–-]", message_of(item))),
        "three lines": lambda item: message_of(item).count("\n") > 1,
        "last line the shorter": lambda item: _line(item, -1) < _line(item, 0),
    }
    return signs | {f"{name} in the message": _holds(listed) for name, listed in SAID.items()}


def _measures() -> dict[str, Measure]:
    return {
        "many sentences": lambda item: len(SENTENCE.findall(message_of(item))),
        "long sentences": lambda item: (
            len(words(message_of(item))) / max(1, len(SENTENCE.findall(message_of(item))))
        ),
        "many commas": lambda item: message_of(item).count(","),
        "many capitals": lambda item: (
            sum(sign.isupper() for sign in message_of(item)) / max(1, len(message_of(item)))
        ),
        "many words used once": lambda item: len(set(words(whole(item)))) / max(1, len(words(whole(item)))),
        "many endings in -nya": lambda item: len(re.findall(r"\w+nya\b", whole(item))),
        "many passives": lambda item: len(re.findall(r"\bdi\w{3,}", whole(item))),
        "long sender": lambda item: len(_sender(item)),
        "long in English": lambda item: len(words(item.scenario.text.en)) if item.scenario else 0,
    }


def _holds(listed: frozenset[str]) -> Sign:
    return lambda item: bool(listed.intersection(words(message_of(item))))


def _sender(item: Item) -> str:
    return item.scenario.sender.id if item.scenario else ""


def _line(item: Item, at: int) -> int:
    return len(message_of(item).split("\n")[at].split())

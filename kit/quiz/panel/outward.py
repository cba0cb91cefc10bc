"""Guessers that read one outward trait: cues, words, length, tone, marks, channel, place in the form."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from statistics import median
from typing import Final

from kit.quiz.model import Item
from kit.quiz.panel.guesser import (
    FRAUD,
    GENUINE,
    Guess,
    Guesser,
    Sign,
    both_readings,
    message_of,
    other,
    whole,
)
from kit.quiz.vocabulary import CHANNELS, CUES

# Words people take for alarm bells, and words they take for guarantees: used alone, both must mislead.
ALARMING: Final = frozenset(
    "akun bayar bebas biaya buruan cepat chat dm gaji gratis hari ini jangan juta kilat kuota langsung "
    "liburan malam mudah pesan rahasia rekening tiket titip transfer turis uang wa wisata ziarah".split()
)
REASSURING: Final = frozenset(
    "asuransi berizin bp3mi disnaker imigrasi izin jaminan kampus kantor kerja kontrak kop lengkap logo "
    "lurah p3mi pelatihan pemerintah resmi salinan sertifikat siskop2mi surat terdaftar tercatat visa".split()
)
OFFICIAL: Final = frozenset(
    "bp2mi bp3mi desa dinas disnaker imigrasi kbri kedutaan kelurahan kementerian kemlu kjri kp2mi lpsk "
    "lurah negara pemerintah polisi polres siskop2mi".split()
)
CHECKING: Final = frozenset(
    "cari cek cocok daftar dicek dicocokkan memastikan mencari mencocokkan menelepon mengecek menghubungi "
    "periksa memeriksa situs telepon terdaftar tanya bertanya".split()
)
NEGATIONS: Final = frozenset("bukan belum jangan tak tanpa tidak tiada".split())
HURRY: Final = frozenset(
    "besok buruan cepat hari ini kilat lusa malam menit nanti segera sekarang tinggal terakhir".split()
)
CASUAL: Final = frozenset(
    "aja banget bro deh dong guys kak kok lho loh mas mbak nih nggak gak nunggu sis sih ya yuk".split()
)
POLITE: Final = frozenset("bapak ibu hormat kasih mohon salam saudara selamat silakan terima".split())
FAMILY: Final = frozenset("adik anak ayah bapak bibi ibu istri kakak keluarga ortu paman suami tua".split())
EMOJI: Final = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b50]")
MONEY: Final = re.compile(r"\b(juta|ribu|rupiah|rp\d*|euro|ringgit|yen|won|dolar|biaya|bayar|gaji|upah)\b")

Measure = Callable[[Item], float]


def words(text: str) -> list[str]:
    """Lower-case words and numbers of a text."""
    return re.findall(r"[a-z0-9]+", text.lower())


def outward_guessers() -> list[Guesser]:
    """Every guesser of this file, in the order in which the panel prints them."""
    on_words = [*_lists(), *_single_words(), *_measures()]
    return [*_plain(), *_cues(), *on_words, *_looks(), *_channels(), *_places()]


def _plain() -> list[Guesser]:
    def most_frequent(offers: Sequence[Item]) -> list[str]:
        most = Counter(item.signal or "" for item in offers).most_common(1)[0][0]
        return [most] * len(offers)

    return [
        Guesser("always fraud", lambda offers: [FRAUD] * len(offers)),
        Guesser("always genuine", lambda offers: [GENUINE] * len(offers)),
        Guesser("always first option", lambda offers: [item.options[0].option_id for item in offers]),
        Guesser("most frequent key", most_frequent),
        Guesser("longest option", lambda offers: [_longest_option(item) for item in offers]),
    ]


def _longest_option(item: Item) -> str:
    return max(item.options[:2], key=lambda option: len(option.text.id)).option_id


def _cues() -> list[Guesser]:
    found: list[Guesser] = []
    for cue, values in CUES.items():
        for value in values:
            found += both_readings(f"cue {cue}={value}", _has_cue(cue, value))
    return found


def _has_cue(cue: str, value: str) -> Sign:
    return lambda item: item.cues is not None and getattr(item.cues, cue) == value


def _count(item: Item, listed: frozenset[str]) -> int:
    return sum(word in listed for word in words(whole(item)))


def _lists() -> list[Guesser]:
    signs: dict[str, Sign] = {
        "any alarming word": lambda item: _count(item, ALARMING) > 0,
        "two alarming words": lambda item: _count(item, ALARMING) > 1,
        "any reassuring word": lambda item: _count(item, REASSURING) > 0,
        "three reassuring words": lambda item: _count(item, REASSURING) > 2,
        "more alarming than reassuring": lambda item: _count(item, ALARMING) > _count(item, REASSURING),
        "as alarming as reassuring": lambda item: _count(item, ALARMING) >= _count(item, REASSURING),
        "any official word": lambda item: _count(item, OFFICIAL) > 0,
        "any word of hurry": lambda item: _count(item, HURRY) > 0,
        "any word of family": lambda item: _count(item, FAMILY) > 0,
        "any casual word": lambda item: _count(item, CASUAL) > 0,
        "any polite word": lambda item: _count(item, POLITE) > 0,
        "official word in the stem": lambda item: bool(OFFICIAL.intersection(words(item.stem.id))),
        "official check in the stem": lambda item: _official_check(item.stem.id),
        "checking word in the stem": lambda item: bool(CHECKING.intersection(words(item.stem.id))),
        "negation in the stem": lambda item: bool(NEGATIONS.intersection(words(item.stem.id))),
        "any negation": lambda item: _count(item, NEGATIONS) > 0,
        "two negations": lambda item: _count(item, NEGATIONS) > 1,
    }
    return [guesser for name, sign in signs.items() for guesser in both_readings(name, sign)]


def _official_check(stem: str) -> bool:
    said = set(words(stem))
    return bool(said & CHECKING) and bool(said & (OFFICIAL | {"kantor", "resmi", "situs", "p3mi"}))


def _single_words() -> list[Guesser]:
    found: list[Guesser] = []
    for word in sorted(ALARMING | REASSURING | NEGATIONS):
        found += both_readings(f"word {word}", _says(word))
    return found


def _says(word: str) -> Sign:
    return lambda item: word in words(whole(item))


def _looks() -> list[Guesser]:
    signs: dict[str, Sign] = {
        "exclamation mark": lambda item: "!" in whole(item),
        "question in the message": lambda item: "?" in message_of(item),
        "emoji": lambda item: bool(EMOJI.search(whole(item))),
        "digits": lambda item: bool(re.search(r"\d", whole(item))),
        "digits in the stem": lambda item: bool(re.search(r"\d", item.stem.id)),
        "money named": lambda item: bool(MONEY.search(whole(item).lower())),
        "shouting": lambda item: bool(re.search(r"\b[A-Z]{4,}\b", message_of(item))),
        "quotation marks": lambda item: bool(re.search(r"[“”\"]", whole(item))),
        "brackets": lambda item: "(" in whole(item),
        "several lines": lambda item: "\n" in message_of(item),
    }
    return [guesser for name, sign in signs.items() for guesser in both_readings(name, sign)]


def _measures() -> list[Guesser]:
    measures: dict[str, Measure] = {
        "long text": lambda item: len(words(whole(item))),
        "long message": lambda item: len(words(message_of(item))),
        "long stem": lambda item: len(words(item.stem.id)),
        "long words": lambda item: len(whole(item)) / max(1, len(words(whole(item)))),
        "many marks": lambda item: len(re.findall(r"[^\w\s]", whole(item))),
        "many digits": lambda item: len(re.findall(r"\d", whole(item))),
        "many negations": lambda item: _count(item, NEGATIONS),
    }
    found: list[Guesser] = []
    for name, measure in measures.items():
        for signal in (FRAUD, GENUINE):
            found.append(Guesser(f"{name}: {signal}", above_middle(measure, signal), mirrored=True))
    return found


def above_middle(measure: Measure, signal: str) -> Guess:
    """Guess the signal where the measure is at least the median of the form."""

    def guess(offers: Sequence[Item]) -> list[str]:
        middle = median(measure(item) for item in offers)
        return [signal if measure(item) >= middle else other(signal) for item in offers]

    return guess


def _channels() -> list[Guesser]:
    groups: dict[str, tuple[str, ...]] = {channel: (channel,) for channel in CHANNELS}
    groups |= {
        "chat": ("whatsapp", "telegram", "talk"),
        "social media": ("instagram", "tiktok", "facebook", "marketplace"),
        "paper": ("poster", "document", "email"),
    }
    return [
        guesser
        for name, channels in groups.items()
        for guesser in both_readings(f"channel {name}", _by_channel(channels))
    ]


def _by_channel(channels: tuple[str, ...]) -> Sign:
    return lambda item: item.scenario is not None and item.scenario.channel in channels


def _places() -> list[Guesser]:
    found: list[Guesser] = []
    for signal in (FRAUD, GENUINE):
        found += [
            Guesser(f"in turn, {signal} first", _by_place(lambda n, _: n % 2 == 0, signal), mirrored=True),
            Guesser(f"in pairs, {signal} first", _by_place(lambda n, _: n % 4 < 2, signal), mirrored=True),
            Guesser(f"first half: {signal}", _by_place(lambda n, size: n < size / 2, signal), mirrored=True),
        ]
    return found


def _by_place(first: Callable[[int, int], bool], signal: str) -> Guess:
    return lambda offers: [
        signal if first(number, len(offers)) else other(signal) for number in range(len(offers))
    ]

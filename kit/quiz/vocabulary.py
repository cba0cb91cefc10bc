"""The closed lists of a quiz file: audiences, topics, channels, cues, and the facts that settle an offer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

AUDIENCES: Final = ("student", "teacher", "principal", "resident")
DESIGNS: Final = ("counterbalanced", "same")
CHANNELS: Final = (
    "whatsapp", "telegram", "instagram", "tiktok", "facebook",
    "marketplace", "email", "poster", "talk", "document",
)  # fmt: skip
TOPICS: Final = (
    "nonprocedural", "trafficking", "smuggling", "scam-job", "travel-offer", "safe-route", "getting-help",
)  # fmt: skip

LETTERS: Final = ("C", "E", "K", "A", "L")
"""The five checks that every deck teaches: company, contract, visa, family, report."""

CUES: Final[Mapping[str, tuple[str, ...]]] = {
    "check": ("none", "passes", "fails", "irrelevant", "faked"),
    "urgency": ("none", "some"),
    "money": ("none", "lawful", "unlawful"),
    "polish": ("rough", "neat"),
    "reassurance": ("none", "some"),
    "doubt": ("none", "some"),
    "length": ("short", "long"),
}
"""What merely goes with an offer; within a form each value is spread evenly over fraud and genuine."""

SETTLING: Final[Mapping[str, tuple[str, ...]]] = {"check": ("fails", "faked"), "money": ("unlawful",)}
"""Values that only a fraud can have: they belong to what settles it."""

DECISIVE: Final[Mapping[str, str]] = {
    "visa-does-not-fit": "K",
    "no-visa": "K",
    "passport-held": "K",
    "false-age": "K",
    "money-to-a-person": "E",
    "cash-carried": "E",
    "debt-from-wages": "E",
    "contract-later": "E",
    "wage-below-law": "E",
    "hidden-from-family": "A",
    "not-in-register": "C",
    "told-to-lie": "L",
    "in-register-by-own-search": "C",
    "contract-before-leaving": "E",
    "own-account-code": "E",
    "visa-before-leaving": "K",
    "documents-kept-by-holder": "K",
    "family-informed": "A",
    "official-next-step": "L",
}
"""The facts that settle an offer, each with the letter under which the deck teaches it."""

SETTINGS: Final[Mapping[str, str]] = {
    "factory": "pabrik|perakit",
    "farm": "kebun|panen|ternak|peternakan|sawit",
    "ship": "kapal|pelaut|awak",
    "household": "rumah tangga|majikan",
    "care": "lansia|pengasuh|panti|perawat",
    "hospitality": "hotel|restoran|kedai|juru masak|dapur",
    "trade": "juru las|galangan|bangunan|tukang",
    "shop": "toko|warung|gudang|kasir|salon|butik",
    "online-work": "admin|operator data|kerja penipuan|layanan chat",
    "teaching": "mengajar|guru bahasa",
    "media": "siaran|figuran|serial",
    "contest": "lomba|turnamen|festival|sanggar|klub bola",
    "internship": "magang|ferienjob",
    "study": "kuliah|kampus|kursus",
    "exchange": "pertukaran|au pair|kemah",
    "working-holiday": "liburan sambil kerja|kerja sambil liburan",
    "programme": "antarpemerintah|program pemerintah|pemerintah ke korea|tes kerja ke korea",
    "tour": "wisata|studi banding",
    "pilgrimage": "umrah|haji|ziarah",
    "passport": "paspor biasa|paspor pertama|paspor di sekolah|membuat paspor|paspor 5 tahun",
    "fair": "pameran kerja|bursa kerja|pengarahan",
    "marriage": "nikah|menikah|jodoh|carikan suami",
}
"""What an offer is about, each with the words by which a slide shows it (at the start of one)."""

SAFE: Final = frozenset(
    {
        "in-register-by-own-search",
        "contract-before-leaving",
        "own-account-code",
        "visa-before-leaving",
        "documents-kept-by-holder",
        "family-informed",
        "official-next-step",
    }
)
"""The decisive facts that speak for going on; all others speak against it."""

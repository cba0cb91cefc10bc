"""Join codes, personal codes and tokens: easy to say aloud, hard to guess."""

from __future__ import annotations

import hashlib
import hmac
import random
import re
import secrets
from typing import Final

# No symbol that looks like another in a bad light: no O/0, I/1/L, B/8, S/5, Z/2.
ALPHABET: Final = "ACDEFGHJKMNPQRTUVWXY34679"
CODE_LENGTH: Final = 6
_WORDS: Final = (
    "RUSA KUDA SAPI DOMBA BEBEK AYAM ELANG MERAK PIPIT NURI KANCIL BADAK GAJAH LEBAH KUPU SEMUT PENYU "
    "HIU PAUS UDANG CUMI TUNA KERANG KAKAK PADI JAGUNG TEBU KOPI TEH CENGKIH PALA LADA JAHE KUNYIT "
    "SERAI PANDAN MELATI MAWAR KENANGA TERATAI CEMARA JATI MERANTI BERINGIN BAMBU ROTAN KELAPA SALAK "
    "MANGGA DUKU JERUK PISANG PEPAYA SAWO RAMBUTAN NANAS SEMANGKA MELON BULAN SURYA BINTANG AWAN HUJAN "
    "PELANGI ANGIN OMBAK PANTAI PULAU GUNUNG LEMBAH SUNGAI DANAU TELAGA HUTAN SAWAH KEBUN TAMAN RUMAH "
    "PINTU LAMPU MEJA BUKU PENA KERTAS PERAHU LAYAR JANGKAR SEPEDA KERETA GITAR SULING GONG ANGKLUNG "
    "WAYANG BATIK SARUNG PAYUNG TOPI"
).split()


def new_id() -> str:
    """A random id of 128 bits."""
    return secrets.token_hex(16)


def new_join_code() -> str:
    """Six unambiguous symbols."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def new_personal_code() -> str:
    """A word and four digits, such as `RUSA-4821`."""
    return f"{secrets.choice(_WORDS)}-{secrets.randbelow(10_000):04d}"


def new_token() -> str:
    """A bearer token of 256 bits."""
    return secrets.token_urlsafe(32)


def token_for(request_id: str, seed: str) -> str:
    """A new token; for a phone that sends its own secret number, always the same one in a session."""
    if not request_id:
        return new_token()
    return hmac.new(seed.encode(), request_id.encode(), hashlib.sha256).hexdigest()


def hash_token(token: str) -> str:
    """What the store keeps of a token: it is random, so a plain digest cannot be searched."""
    return hashlib.sha256(token.encode()).hexdigest()


def normalise_join_code(typed: str) -> str:
    """Upper case without blanks and hyphens."""
    return re.sub(r"[^0-9A-Z]", "", typed.upper())[:12]


def normalise_personal_code(typed: str) -> str:
    """`rusa 4821` and `RUSA4821` become `RUSA-4821`; letters O and I among the digits become 0 and 1."""
    packed = re.sub(r"[^0-9A-Z]", "", typed.upper())
    word, digits = packed[:-4], packed[-4:].translate(str.maketrans("OIL", "011"))
    return f"{word}-{digits}"


def arm_of(seed: str, audience: str, position: int) -> str:
    """The arm of the n-th person (from 0) of an audience: random blocks of four, two of each.

    The block is drawn from the session's secret seed, so that a restart continues the same sequence.
    """
    block, place = divmod(position, 4)
    arms = ["AB", "AB", "BA", "BA"]
    random.Random(f"{seed}:{audience}:{block}").shuffle(arms)
    return arms[place]

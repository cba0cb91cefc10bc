"""Join codes, personal codes and tokens: easy to say aloud, hard to guess."""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
import re
import secrets
from typing import Final

# No symbol that looks like another in a bad light: no O/0, I/1/L, B/8, S/5, Z/2.
ALPHABET: Final = "ACDEFGHJKMNPQRTUVWXY34679"
CODE_LENGTH: Final = 6
_TAKEN: Final = frozenset({"DAFTAR"})
# A hundred bits, in the room that codes of earlier kits had.
HASH_LENGTH: Final = 20
WORDS: Final = (
    "RUSA KUDA SAPI DOMBA BEBEK AYAM ELANG MERAK PIPIT NURI KANCIL BADAK GAJAH LEBAH KUPU SEMUT PENYU "
    "HIU PAUS UDANG CUMI TUNA KERANG KAKAK PADI JAGUNG TEBU KOPI TEH CENGKIH PALA LADA JAHE KUNYIT "
    "SERAI PANDAN MELATI MAWAR KENANGA TERATAI CEMARA JATI MERANTI BERINGIN BAMBU ROTAN KELAPA SALAK "
    "MANGGA DUKU JERUK PISANG PEPAYA SAWO RAMBUTAN NANAS SEMANGKA MELON BULAN SURYA BINTANG AWAN HUJAN "
    "PELANGI ANGIN OMBAK PANTAI PULAU GUNUNG LEMBAH SUNGAI DANAU TELAGA HUTAN SAWAH KEBUN TAMAN RUMAH "
    "PINTU LAMPU MEJA BUKU PENA KERTAS PERAHU LAYAR JANGKAR SEPEDA KERETA GITAR SULING GONG ANGKLUNG "
    "WAYANG BATIK SARUNG PAYUNG TOPI KERBAU KAMBING KELINCI ITIK ANGSA BANGAU CAMAR TUPAI LUMBA GARAM MADU "
    "SINGKONG TALAS KACANG BAYAM WORTEL LOBAK TERONG TIMUN KEMIRI"
).split()
_KNOWN_WORDS: Final = frozenset(WORDS)
# As many as a prime, so that every slip changes the sum; none looks like a digit.
_CHECK: Final = "ABCDEFGHJKMNPQRSTUVWXYZ"
_SIGNS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LOOK_ALIKE: Final = str.maketrans("OIL", "011")


def new_id() -> str:
    """A random id of 128 bits."""
    return secrets.token_hex(16)


def new_join_code() -> str:
    """Six unambiguous symbols, but no word that is the address of another page."""
    while (code := "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))) in _TAKEN:
        continue
    return code


def personal_code_for(request_id: str, seed: str, attempt: int) -> str:
    """A word, six digits and a check letter, such as `RUSA-482193-K`: one of 118 million, and easy to say.

    For a phone that sends its own secret number the n-th attempt always gives the same code, since the store
    keeps only its hash and a lost answer must be given again.
    """
    secret = hmac.new(seed.encode(), f"code:{attempt}:{request_id}".encode(), hashlib.sha256).digest()
    drawn = int.from_bytes(secret if request_id else secrets.token_bytes(32))
    number, word = drawn % 1_000_000, WORDS[drawn // 1_000_000 % len(WORDS)]
    plain = f"{word}{number:06d}"
    return f"{word}-{number:06d}-{_check_letter(plain)}"


def _check_letter(plain: str) -> str:
    """A letter that no code has once one sign of it is wrong or two neighbours have changed places."""
    total = sum(place * (_SIGNS.index(sign) + 1) for place, sign in enumerate(reversed(plain), 2))
    return _CHECK[total % len(_CHECK)]


def is_possible(personal_code: str) -> bool:
    """Whether anybody can have a normalised code; one that was mistyped is no guess."""
    word, *rest = personal_code.split("-")
    if word not in _KNOWN_WORDS or not rest[0].isdigit():
        return False
    return len(rest) == 1 or rest[1] == _check_letter(word + rest[0])


def is_short(personal_code: str) -> bool:
    """Whether a normalised code is of an earlier kit: any word and four digits could be one."""
    return personal_code.count("-") == 1


def new_note_number() -> str:
    """Eight digits and a check letter, such as `4821-9307-K`: it names a sheet of paper and nobody."""
    digits = f"{secrets.randbelow(10**8):08d}"
    return f"{digits[:4]}-{digits[4:]}-{_check_letter(digits)}"


def read_note_number(typed: str) -> str:
    """The number of a note as it was printed, `48219307k` becomes `4821-9307-K`; empty for none of ours."""
    packed = re.sub(r"[^0-9A-Z]", "", typed.upper())
    digits, letter = packed[:-1].translate(_LOOK_ALIKE), packed[-1:]
    if not re.fullmatch(r"[0-9]{8}", digits) or letter != _check_letter(digits):
        return ""
    return f"{digits[:4]}-{digits[4:]}-{letter}"


def hash_personal_code(key: bytes, session_id: str, personal_code: str) -> str:
    """What the store keeps of a personal code; the key lies outside of it."""
    digest = hmac.new(key, f"{session_id}:{personal_code}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode()[:HASH_LENGTH]


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
    """`rusa 482193 k` becomes `RUSA-482193-K`; letters O and I among the digits become 0 and 1.

    Codes of earlier kits, a word and four digits, stay what they are: `rusa 4821` becomes `RUSA-4821`.
    """
    packed = re.sub(r"[^0-9A-Z]", "", typed.upper())
    digits, letter = packed[-7:-1].translate(_LOOK_ALIKE), packed[-1:]
    if letter in _CHECK and re.fullmatch(r"\d{6}", digits):
        return f"{packed[:-7]}-{digits}-{letter}"
    return f"{packed[:-4]}-{packed[-4:].translate(_LOOK_ALIKE)}"


def arm_of(seed: str, audience: str, position: int) -> str:
    """The arm of the n-th person (from 0) of an audience: random blocks of four, two of each.

    The block is drawn from the session's secret seed, so that a restart continues the same sequence.
    """
    block, place = divmod(position, 4)
    arms = ["AB", "AB", "BA", "BA"]
    random.Random(f"{seed}:{audience}:{block}").shuffle(arms)
    return arms[place]

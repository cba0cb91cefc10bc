"""Rules about words: can a tired reader with primary school follow, and is both languages' text there?

Readability of Indonesian, as documented for authors:
- a sentence has at most 24 words, 18 in a quiz for residents;
- a text of ten words or more has at most a tenth of long words (13 letters or more);
- officialese on the list `plain_words.yaml` is written in its plain form, or explained in brackets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

from kit.quiz.lint.hit import Hit, scored_items
from kit.quiz.model import PHRASE, Item, Quiz, Text
from kit.text import plain_yaml

STEM_WORDS: Final = 40
SCENARIO_WORDS: Final = 80
SENTENCE_WORDS: Final = 24
SENTENCE_WORDS_RESIDENTS: Final = 18
LONG_WORD: Final = 13
LONG_SHARE: Final = 0.1
SHORT_TEXT: Final = 10

_WORD = re.compile(r"[^\W\d_][\w'-]*")
# The point in "Rp2.500" ends no sentence: an end is followed by space, a new line or nothing.
_SENTENCE_END = re.compile(r"[.!?;:”]+\s+|[.!?]$|\n+")
_CATCH_ALL = re.compile(
    r"semua(nya)? (benar|salah|di atas|jawaban|pilihan)|tidak ada (satu pun )?yang (benar|salah)"
    r"|(all|none|both) of (the above|these|them)",
    re.IGNORECASE,
)
_NEGATIVE = {
    "id": re.compile(
        r"\b([Kk]ecuali|TIDAK|BUKAN)\b|\b(?i:mana|manakah|apa|siapa)\b[^.?!]*\byang (?:tidak|bukan|salah)\b"
    ),
    "en": re.compile(r"\b(except|NOT)\b|\b(?i:which|what|who)\b[^.?!]*\b(?:is|are|does|do|should) not\b"),
}
_ABSOLUTE = {
    "id": re.compile(r"\b(hanya|selalu|asal|cuma|pasti|tidak pernah)\b", re.IGNORECASE),
    "en": re.compile(r"\b(only|always|never)\b", re.IGNORECASE),
}
_KIND = re.compile(
    r"\b(dengarkan|mendengarkan|temani|menemani|hibur|menghibur|tenangkan|menenangkan|semangati|peluk|sabar|peduli"
    r"|menyalahkan|menghakimi)\b",
    re.IGNORECASE,
)
_OPINION = {
    "id": re.compile(r"\b(penilaian|pendapat|menurut) ?(mu|kamu|Anda)\W*$", re.IGNORECASE),
    "en": re.compile(r"what do you (think|make of)[^.?!]*\W*$", re.IGNORECASE),
}
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"")
_FORMAL = re.compile(r"\b[Aa]nda\b")
_FAMILIAR = re.compile(r"\b([Kk]amu|[Kk]alian)\b")
_PHONE = re.compile(r"(?<!\d)(?:\+62|62|0)[\s-]?8\d(?:[\s-]?\d){6,}(?!\d)")


def catch_all(quiz: Quiz) -> Iterator[Hit]:
    """An option such as "all of the above" rewards knowing half."""
    for item in quiz.items:
        for option in item.own_options:
            if _CATCH_ALL.search(option.text.id) or _CATCH_ALL.search(option.text.en):
                yield Hit("catch_all", f"items.{item.item_id}.options.{option.option_id}")


def stem_negative(quiz: Quiz) -> Iterator[Hit]:
    """A question asked in the negative measures attention, not knowledge."""
    for item in quiz.items:
        for language, pattern in _NEGATIVE.items():
            asked = _sentences(item.stem.in_(language))[-1:]
            if item.scored and any(pattern.search(sentence) for sentence in asked):
                yield Hit("stem_negative", f"items.{item.item_id}.stem", {"language": language})


def stem_long(quiz: Quiz) -> Iterator[Hit]:
    """A stem is read at a glance."""
    for item in quiz.items:
        for language in ("id", "en"):
            count = len(item.stem.in_(language).split())
            if count > STEM_WORDS:
                values = {"count": count, "most": STEM_WORDS, "language": language}
                yield Hit("stem_long", f"items.{item.item_id}.stem", values)


def scenario_long(quiz: Quiz) -> Iterator[Hit]:
    """A scenario fits on a phone (an offer with its question has a limit of its own)."""
    for item in quiz.items:
        count = len(PHRASE.sub(r"\2", item.scenario.text.id).split()) if item.scenario else 0
        if item.kind != "offer" and count > SCENARIO_WORDS:
            values = {"count": count, "most": SCENARIO_WORDS}
            yield Hit("scenario_long", f"items.{item.item_id}.scenario", values)


def sentence_long(quiz: Quiz) -> Iterator[Hit]:
    """Sentences are short; shorter for residents."""
    most = SENTENCE_WORDS_RESIDENTS if "resident" in quiz.audience else SENTENCE_WORDS
    for place, text in _texts(quiz):
        for sentence in _sentences(text.id):
            count = len(sentence.split())
            if count > most:
                yield Hit("sentence_long", place, {"count": count, "most": most, "begin": sentence[:40]})


def words_long(quiz: Quiz) -> Iterator[Hit]:
    """Long words are rare enough not to stop a slow reader."""
    for place, text in _texts(quiz):
        words = _WORD.findall(text.id)
        long = [word for word in words if len(word) >= LONG_WORD]
        if len(words) >= SHORT_TEXT and len(long) > max(1, LONG_SHARE * len(words)):
            yield Hit("words_long", place, {"words": ", ".join(long)})


def word_rare(quiz: Quiz) -> Iterator[Hit]:
    """Officialese has a plain word, or its meaning in brackets after it."""
    for place, text in _texts(quiz):
        for found in _WORD.finditer(text.id):
            plain = _plain_words().get(found.group().lower())
            if plain and not text.id[found.end() :].lstrip().startswith("("):
                yield Hit("word_rare", place, {"word": found.group(), "plain": plain})


def untranslated(quiz: Quiz) -> Iterator[Hit]:
    """The English is a translation, not a copy of the Indonesian or half of it."""
    for place, text in [("title", quiz.title), *_texts(quiz)]:
        indonesian, english = len(text.id.split()), len(text.en.split())
        copied = indonesian > 3 and text.id == text.en
        halved = indonesian >= SHORT_TEXT and not indonesian / 2 <= english <= 2.5 * indonesian
        if copied or halved:
            yield Hit("untranslated", place)


def number_unmasked(quiz: Quiz) -> Iterator[Hit]:
    """No phone number in a made-up message: it may belong to somebody."""
    for place, text in _texts(quiz):
        if _PHONE.search(text.id) or _PHONE.search(text.en):
            yield Hit("number_unmasked", place)


def absolute_words(quiz: Quiz) -> Iterator[Hit]:
    """Words such as "always" stand not only in wrong options: a test-wise reader strikes those out."""
    for item in quiz.items:
        key = [option for option in item.own_options if option.option_id in item.key]
        others = [option for option in item.own_options if option.option_id not in item.key]
        for language, pattern in _ABSOLUTE.items() if item.scored else ():
            kept = {word.lower() for option in key for word in pattern.findall(option.text.in_(language))}
            for option in others:
                found = {word.lower() for word in pattern.findall(option.text.in_(language))}
                for word in sorted(found - kept):
                    place = f"items.{item.item_id}.options.{option.option_id}"
                    yield Hit("absolute_words", place, {"word": word})


def stem_opinion(quiz: Quiz) -> Iterator[Hit]:
    """An offer ends in a decision to take, not in a request for an opinion."""
    for item in quiz.items:
        for language, pattern in _OPINION.items():
            if item.kind == "offer" and pattern.search(item.stem.in_(language)):
                yield Hit("stem_opinion", f"items.{item.item_id}.stem", {"language": language})


def voice_mixed(quiz: Quiz) -> Iterator[Hit]:
    """Students are "kamu" throughout, everybody else "Anda"; messages speak as their senders do."""
    wrong = _FORMAL if quiz.audience == ("student",) else _FAMILIAR
    for place, text in _texts(quiz):
        # What is quoted is said to somebody else, such as a teacher's words to a pupil.
        found = None if ".scenario." in place else wrong.search(_QUOTED.sub("", text.id))
        if found:
            yield Hit("voice_mixed", place, {"word": found.group()})


def _texts(quiz: Quiz) -> Iterator[tuple[str, Text]]:
    """Every text of the items with its place, phrase marks taken off."""
    for item in quiz.items:
        for name, text in _item_texts(item):
            bare = Text(PHRASE.sub(r"\2", text.id), PHRASE.sub(r"\2", text.en))
            yield f"items.{item.item_id}.{name}", bare


def _item_texts(item: Item) -> Iterator[tuple[str, Text]]:
    yield "stem", item.stem
    if item.scenario:
        yield "scenario.text", item.scenario.text
    for option in item.own_options:
        yield f"options.{option.option_id}", option.text
    if item.rationale:
        yield "rationale", item.rationale


def _sentences(text: str) -> list[str]:
    return [part for part in (piece.strip() for piece in _SENTENCE_END.split(text)) if part]


@cache
def _plain_words() -> dict[str, str]:
    path = Path(__file__).with_name("plain_words.yaml")
    listed: dict[str, str] = plain_yaml(path)
    return listed


def key_kind(quiz: Quiz) -> Iterator[Hit]:
    """What is right is not merely kind: a word of care stands in a distractor too, or nowhere."""
    for item in scored_items(quiz):
        said = {option.option_id: _KIND.search(option.text.id) for option in item.own_options}
        keyed = [found for option_id, found in said.items() if found and option_id in item.key]
        elsewhere = [found for option_id, found in said.items() if found and option_id not in item.key]
        if keyed and not elsewhere:
            yield Hit("key_kind", f"items.{item.item_id}.options", {"word": keyed[0].group().lower()})


RULES: Final[tuple[Callable[[Quiz], Iterator[Hit]], ...]] = (
    catch_all,
    stem_negative,
    stem_long,
    scenario_long,
    sentence_long,
    words_long,
    word_rare,
    untranslated,
    number_unmasked,
    absolute_words,
    stem_opinion,
    voice_mixed,
    key_kind,
)

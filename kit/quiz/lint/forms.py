"""Rules about forms and keys: could a form be answered, or a gain be faked, without knowing anything?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from kit.quiz.lint.hit import Hit, scored_items
from kit.quiz.model import Item, Option, Quiz
from kit.study.choice import AGREEMENT, UNSURE

MIN_OFFERS: Final = 4
LONGEST_RUN: Final = 3
# A key this much longer than every distractor is seen by somebody who cannot read the question.
LONGER_BY: Final = 1.2
KEY_SHARE: Final = 0.5
FEW_CHOICES: Final = 3
TELLING: Final = frozenset(
    "answer aman asli bad benar betul correct danger fake false fraud genuine good jawaban key kunci legit "
    "palsu real resmi right safe salah scam tipu trick true wrong".split()
)


def offers_few(quiz: Quiz) -> Iterator[Hit]:
    """Every form needs enough offers of both signals to tell discernment from suspicion."""
    for form in quiz.forms:
        fraud, genuine = _signals(quiz, form)
        if (fraud or genuine) and min(fraud, genuine) < MIN_OFFERS:
            values = {"fraud": fraud, "genuine": genuine, "least": MIN_OFFERS}
            yield Hit("offers_few", f"forms.{form}", values)


def offers_unbalanced(quiz: Quiz) -> Iterator[Hit]:
    """With more frauds than genuine offers, mere suspicion raises the total score."""
    for form in quiz.forms:
        fraud, genuine = _signals(quiz, form)
        if fraud != genuine:
            yield Hit("offers_unbalanced", f"forms.{form}", {"fraud": fraud, "genuine": genuine})


def offers_in_pattern(quiz: Quiz) -> Iterator[Hit]:
    """Long runs or strict alternation of signals can be guessed."""
    for form in quiz.forms:
        signals = "".join((i.signal or "")[:1] for i in quiz.form_items(form) if i.kind == "offer")
        run = max((len(found.group()) for found in re.finditer(r"(.)\1*", signals)), default=0)
        if run > LONGEST_RUN or (len(signals) > LONGEST_RUN and run == 1):
            yield Hit("offers_in_pattern", f"forms.{form}", {"run": LONGEST_RUN})


def forms_not_parallel(quiz: Quiz) -> Iterator[Hit]:
    """All forms hold the same numbers of kinds, signals and topics."""
    first, *others = quiz.forms
    for form in others:
        for trait in ("kind", "signal", "topic"):
            left, right = _traits(quiz, first, trait), _traits(quiz, form, trait)
            for value in sorted(left.keys() | right.keys()):
                if left[value] != right[value]:
                    values = {"value": value, "first": first, "left": left[value], "right": right[value]}
                    yield Hit("forms_not_parallel", f"forms.{form}", values)


def twin_mismatch(quiz: Quiz) -> Iterator[Hit]:
    """Twins name each other, stand in different forms and share kind, signal and topic."""
    form_of = {item_id: form for form, ids in quiz.forms.items() for item_id in ids}
    for item in quiz.items:
        if item.twin is None:
            continue
        twin = quiz.item(item.twin)
        alike = (item.kind, item.signal, item.topic) == (twin.kind, twin.signal, twin.topic)
        apart = form_of.get(item.item_id) != form_of.get(twin.item_id)
        if twin.twin != item.item_id or not alike or not apart:
            yield Hit("twin_mismatch", f"items.{item.item_id}.twin", {"twin": item.twin})


def item_unused(quiz: Quiz) -> Iterator[Hit]:
    """An item in no list is never shown."""
    used = {item_id for ids in quiz.lists.values() for item_id in ids}
    for item in quiz.items:
        # An offer in no list is the bank, from which other forms are assembled.
        if item.item_id not in used and item.kind != "offer":
            yield Hit("item_unused", f"items.{item.item_id}")


def keys_unbalanced(quiz: Quiz) -> Iterator[Hit]:
    """The right option of choice items moves about, over the whole quiz."""
    choices = [item for item in scored_items(quiz) if item.kind == "choice"]
    places = Counter(_position(item) for item in choices)
    if len(choices) < FEW_CHOICES or not places:
        return
    place, count = places.most_common(1)[0]
    if count / len(choices) > KEY_SHARE:
        yield Hit("keys_unbalanced", "items", {"place": place, "count": count, "all": len(choices)})


def key_longest(quiz: Quiz) -> Iterator[Hit]:
    """The key does not stand out by length, in either language."""
    for item in quiz.items:
        key, others = _own(item)
        for language in ("id", "en"):
            if key and others and _shortest(key, language) > LONGER_BY * _longest(others, language):
                yield Hit("key_longest", f"items.{item.item_id}.key", {"language": language})


def keys_often_longest(quiz: Quiz) -> Iterator[Hit]:
    """Choosing the longest option does not pay over the choice items of the quiz."""
    choices = [item for item in scored_items(quiz) if item.kind == "choice"]
    for language in ("id", "en"):
        hits = sum(_shortest(_own(item)[0], language) > _longest(_own(item)[1], language) for item in choices)
        if len(choices) >= FEW_CHOICES and hits / len(choices) > KEY_SHARE:
            values = {"count": hits, "all": len(choices), "language": language}
            yield Hit("keys_often_longest", "items", values)


def key_everything(quiz: Quiz) -> Iterator[Hit]:
    """An item whose options are all right rewards tapping everything."""
    for item in quiz.items:
        key, others = _own(item)
        if key and not others:
            yield Hit("key_everything", f"items.{item.item_id}.key")


def id_hints_key(quiz: Quiz) -> Iterator[Hit]:
    """Ids travel to the phone, so they must not tell the answer."""
    for item in quiz.items:
        names = [item.item_id, *(option.option_id for option in (*_own(item)[0], *_own(item)[1]))]
        for name in names:
            if TELLING.intersection(name.split("-")):
                yield Hit("id_hints_key", f"items.{item.item_id}", {"name": name})


def _signals(quiz: Quiz, form: str) -> tuple[int, int]:
    signals = Counter(item.signal for item in quiz.form_items(form) if item.kind == "offer")
    return signals["fraud"], signals["genuine"]


def _traits(quiz: Quiz, form: str, trait: str) -> Counter[str]:
    return Counter(value for item in quiz.form_items(form) if (value := getattr(item, trait)))


def _own(item: Item) -> tuple[list[Option], list[Option]]:
    """The author's own options, right ones and others; none where options are built in."""
    if item.kind == "offer" or not item.scored:
        return [], []
    own = [option for option in item.options if option.option_id not in (UNSURE, *AGREEMENT)]
    return [o for o in own if o.option_id in item.key], [o for o in own if o.option_id not in item.key]


def _position(item: Item) -> str:
    ids = [option.option_id for option in item.options]
    return chr(ord("A") + min(ids.index(option_id) for option_id in item.key))


def _shortest(options: list[Option], language: str) -> int:
    return min((len(option.text.in_(language)) for option in options), default=0)


def _longest(options: list[Option], language: str) -> int:
    return max((len(option.text.in_(language)) for option in options), default=0)


RULES: Final[tuple[Callable[[Quiz], Iterator[Hit]], ...]] = (
    offers_few,
    offers_unbalanced,
    offers_in_pattern,
    forms_not_parallel,
    twin_mismatch,
    item_unused,
    keys_unbalanced,
    key_longest,
    keys_often_longest,
    key_everything,
    id_hints_key,
)

"""What only several values together can tell: ids that name each other, and fields that fit their kind.

These rules read the plain dictionary, so that they speak even where single values are faulty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from kit.quiz.fault import Fault
from kit.quiz.fields import IDENTIFIER
from kit.quiz.model import LISTS, PHRASE
from kit.quiz.read.authored import Authored, Steps, text_of
from kit.study.choice import MAX_LENGTH, MAX_OPTIONS, UNSURE, write_choice
from kit.study.kinds import KINDS

FORMS: Final = ("A", "B")
OFFERS_ONLY: Final = ("practice", "boosters")
OWN_KIND: Final = ("likert", "plan", "behaviour")
"""Lists that take the items of the kind they are named after, and no others take those."""


def faults(authored: Authored) -> Iterator[Fault]:
    """Everything wrong between values."""
    yield from _form_faults(authored)
    yield from _list_faults(authored)
    yield from _id_faults(authored)
    for steps, item in authored.items():
        yield from _kind_faults(authored, steps, item)
        yield from _option_faults(authored, steps)
        yield from _scenario_faults(authored, (*steps, "scenario"))
        yield from _key_faults(authored, steps, item)


def _lists(authored: Authored) -> dict[Steps, list[str]]:
    found: dict[Steps, list[str]] = {
        ("forms", name): authored.ids(("forms", name)) for name in authored.under(("forms",))
    }
    found |= {(name,): authored.ids((name,)) for name in LISTS}
    plan = authored.at(("plan",))
    return found | {("plan",): [plan.strip()] if isinstance(plan, str) and plan.strip() else []}


def _form_faults(authored: Authored) -> Iterator[Fault]:
    forms = authored.at(("forms",))
    if not isinstance(forms, dict):
        return
    for name in forms:
        if name not in FORMS:
            yield authored.fault(("forms", name), "key_unknown", name=name, known=", ".join(FORMS))
        elif forms[name] == []:
            yield authored.fault(("forms", name), "form_empty")
    if "A" not in forms:
        yield authored.fault(("forms",), "key_missing", name="A")
    if "B" not in forms and authored.at(("design",)) == "counterbalanced":
        yield authored.fault(("forms",), "form_b_missing")
    lengths = {name: len(authored.ids(("forms", name))) for name in forms}
    if len(set(lengths.values())) > 1:
        written = ", ".join(f"{name}: {length}" for name, length in lengths.items())
        yield authored.fault(("forms",), "forms_unequal", lengths=written)


def _list_faults(authored: Authored) -> Iterator[Fault]:
    kinds = {text_of(item, "item_id"): text_of(item, "kind") for _, item in authored.items()}
    lists = _lists(authored)
    for steps, ids in lists.items():
        for item_id in ids:
            if item_id not in kinds:
                yield authored.fault(steps, "item_unknown", item_id=item_id)
            elif not _fits(str(steps[0]), kinds[item_id]):
                yield authored.fault(steps, "kind_misplaced", item_id=item_id, kind=kinds[item_id])
    used = Counter(item_id for ids in lists.values() for item_id in ids)
    for item_id, times in used.items():
        if times > 1:
            yield authored.fault(("forms",), "item_used_twice", item_id=item_id)


def _fits(name: str, kind: str) -> bool:
    if name in OFFERS_ONLY:
        return kind == "offer"
    if name in OWN_KIND or kind in OWN_KIND:
        return kind == name
    return True


def _id_faults(authored: Authored) -> Iterator[Fault]:
    seen: set[str] = set()
    for steps, item in authored.items():
        item_id = text_of(item, "item_id")
        if item_id and item_id in seen:
            yield authored.fault(steps, "item_twice", item_id=item_id)
        seen.add(item_id)
    for steps, item in authored.items():
        twin = text_of(item, "twin")
        if twin and twin not in seen:
            yield authored.fault((*steps, "twin"), "item_unknown", item_id=twin)


def _kind_faults(authored: Authored, steps: Steps, item: dict[str, Any]) -> Iterator[Fault]:
    kind = KINDS.get(text_of(item, "kind"))
    if kind is None:
        return
    for name in kind.needs:
        if name not in item:
            yield authored.fault(steps, "needed_by_kind", name=name, kind=kind.name)
    for name in kind.refuses:
        if name in item:
            yield authored.fault((*steps, name), "refused_by_kind", name=name, kind=kind.name)


def _option_faults(authored: Authored, steps: Steps) -> Iterator[Fault]:
    known = {UNSURE}
    options = authored.under(steps).get("options")
    for number, option in enumerate(options if isinstance(options, list) else []):
        option_id = text_of(option, "option_id") if isinstance(option, dict) else ""
        if option_id in known:
            yield authored.fault((*steps, "options", number), "option_twice", option_id=option_id)
        if option_id:
            known.add(option_id)


def _scenario_faults(authored: Authored, steps: Steps) -> Iterator[Fault]:
    scenario = authored.under(steps)
    image = text_of(scenario, "image")
    if image and not _image_exists(authored.path, image):
        yield authored.fault((*steps, "image"), "image_missing", image=image)
    if image and "alt" not in scenario:
        yield authored.fault(steps, "key_missing", name="alt")
    marked, english = (_phrase_ids(authored, steps, language) for language in ("id", "en"))
    if sorted(marked) != sorted(english):
        yield authored.fault((*steps, "text"), "phrases_differ")
    if len(set(marked)) != len(marked):
        yield authored.fault((*steps, "text"), "phrase_twice")
    for name in dict.fromkeys(marked):
        if not IDENTIFIER.fullmatch(name) or name == UNSURE:
            yield authored.fault((*steps, "text"), "not_identifier", value=name)


def _phrase_ids(authored: Authored, steps: Steps, language: str) -> list[str]:
    text = text_of(authored.under((*steps, "text")), language)
    return [name for name, _ in PHRASE.findall(text)]


def _image_exists(quiz_file: Path, image: str) -> bool:
    """Images lie beside the quiz file, in `images/`: one plain file name, no path out of it."""
    return Path(image).name == image and (quiz_file.parent / "images" / image).is_file()


def _key_faults(authored: Authored, steps: Steps, item: dict[str, Any]) -> Iterator[Fault]:
    kind = KINDS.get(text_of(item, "kind"))
    if kind is None or not (kind.own_options or kind.phrases):
        return
    offered = _offered(authored, steps, kind.phrases)
    if kind.scored and "key" in item:
        place, key = (*steps, "key"), list(dict.fromkeys(authored.ids((*steps, "key"))))
        for option_id in key:
            if option_id not in offered:
                yield authored.fault(place, "key_not_offered", option_id=option_id)
        if not key or (not kind.several and len(key) != 1):
            yield authored.fault(place, "key_count", kind=kind.name)
    field = (*steps, "key" if kind.scored else "options")
    if field[-1] not in item:
        return
    if len(offered) < 2:
        yield authored.fault(field, "options_few")
    if len(offered) > MAX_OPTIONS or len(write_choice(offered)) > MAX_LENGTH:
        yield authored.fault(field, "options_many", limit=MAX_OPTIONS)


def _offered(authored: Authored, steps: Steps, phrases: bool) -> list[str]:
    if phrases:
        found = _phrase_ids(authored, (*steps, "scenario"), "id")
    else:
        options = authored.under(steps).get("options")
        listed = options if isinstance(options, list) else []
        found = [text_of(option, "option_id") for option in listed if isinstance(option, dict)]
    return [name for name in dict.fromkeys(found) if name and name != UNSURE]

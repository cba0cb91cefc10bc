"""Flaws to plant into sound quizzes: each names the rule that must find it, and where."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from kit.quiz.lint.facts import Facts
from kit.quiz.lint.hall import Hall, Slide
from kit.quiz.model import Item, Option, Quiz, Scenario, Text
from kit.quiz.vocabulary import CUES, DECISIVE, LETTERS, SETTLING

FILLER = " ".join(["lalu kami tunggu kabar baik darimu di sini"] * 8)


@dataclass(frozen=True)
class Ground:
    """What the rules read: one quiz, the hall it belongs to, and the register of facts."""

    quiz: Quiz
    hall: Hall
    facts: Facts

    def with_quiz(self, quiz: Quiz) -> Ground:
        others = tuple(quiz if other.quiz_id == quiz.quiz_id else other for other in self.hall.quizzes)
        return Ground(quiz, replace(self.hall, quizzes=others), self.facts)

    def with_items(self, *items: Item) -> Ground:
        changed = {item.item_id: item for item in items}
        kept = tuple(changed.get(item.item_id, item) for item in self.quiz.items)
        return self.with_quiz(replace(self.quiz, items=kept))

    def with_slides(self, slides: Iterable[Slide]) -> Ground:
        deck = replace(self.hall.decks[self.quiz.quiz_id], slides=tuple(slides))
        hall = replace(self.hall, decks={**self.hall.decks, self.quiz.quiz_id: deck})
        return Ground(self.quiz, hall, self.facts)


@dataclass(frozen=True)
class Planted:
    """One flaw in the ground: the rule that must speak, and the begin of its place."""

    rule: str
    place: str
    ground: Ground


Planter = Callable[[Ground], Iterator[Planted]]


def every(
    rule: str, change: Callable[[Item], Item | None], of: Callable[[Ground], Iterable[Item]]
) -> Planter:
    """Plant into one item after another; None where the flaw makes no sense."""

    def plant(ground: Ground) -> Iterator[Planted]:
        for item in of(ground):
            changed = change(item)
            yield Planted(rule, f"items.{item.item_id}", ground.with_items(changed))

    return plant


def offers(ground: Ground) -> list[Item]:
    return [item for form in ground.quiz.forms for item in ground.quiz.offers(f"forms.{form}")]


def genuine(ground: Ground) -> list[Item]:
    return [item for item in offers(ground) if item.signal == "genuine"]


def scored(ground: Ground) -> list[Item]:
    return [item for form in ground.quiz.forms for item in ground.quiz.form_items(form)]


def knowledge(ground: Ground) -> list[Item]:
    return [item for item in scored(ground) if item.own_options]


def both(text: Text, indonesian: str, english: str) -> Text:
    return Text(text.id + indonesian, text.en + english)


def says(item: Item, indonesian: str, english: str = " More.") -> Item:
    assert item.scenario is not None
    scenario = replace(item.scenario, text=both(item.scenario.text, indonesian, english))
    return replace(item, scenario=scenario)


def asks(item: Item, indonesian: str, english: str = " More?") -> Item:
    return replace(item, stem=both(item.stem, indonesian, english))


def cued(item: Item, **cues: object) -> Item:
    assert item.cues is not None
    return replace(item, cues=replace(item.cues, **cues))  # type: ignore[arg-type]


def other_side(item: Item) -> Item:
    wrong = ("visa-does-not-fit",) if item.signal == "genuine" else ("official-next-step",)
    return cued(item, decisive=wrong)


def unbalanced(ground: Ground) -> Iterator[Planted]:
    for form in ground.quiz.forms:
        for cue, values in CUES.items():
            plain = [value for value in values if value not in SETTLING.get(cue, ())]
            held = {"fraud": plain[0], "genuine": plain[1]}
            changed = [cued(i, **{cue: held[i.signal or ""]}) for i in ground.quiz.offers(f"forms.{form}")]
            yield Planted("cues_unbalanced", f"forms.{form}", ground.with_items(*changed))


def contradicting(ground: Ground) -> Iterator[Planted]:
    for item in genuine(ground):
        for cue, values in SETTLING.items():
            for value in values:
                changed = ground.with_items(cued(item, **{cue: value}))
                yield Planted("cue_contradicts", f"items.{item.item_id}", changed)


def untaught(ground: Ground) -> Iterator[Planted]:
    deck = ground.hall.decks[ground.quiz.quiz_id]
    for letter in LETTERS:
        holders = [
            item
            for item in ground.quiz.items
            if item.cues and letter in map(DECISIVE.get, item.cues.decisive)
        ]
        silent = [
            replace(s, text=s.text.replace(f"**{letter}**", "").replace(f"# {letter}", "# "))
            for s in deck.slides
        ]
        for item in holders[:1]:
            yield Planted("decisive_untaught", f"items.{item.item_id}", ground.with_slides(silent))


def mislabelled(ground: Ground) -> Iterator[Planted]:
    for form in ground.quiz.forms:
        found = sorted(ground.quiz.offers(f"forms.{form}"), key=lambda item: len(item.stem.id))
        longest = says(found[-1], " " + FILLER)
        changed = ground.with_items(cued(longest, length="short"))
        yield Planted("length_mislabelled", f"items.{longest.item_id}", changed)


def heavy(ground: Ground) -> Iterator[Planted]:
    for form, ids in ground.quiz.forms.items():
        changed = asks(ground.quiz.item(ids[0]), " " + " ".join([FILLER] * 8))
        yield Planted("wave_heavy", f"forms.{form}", ground.with_items(changed))


def harder(ground: Ground) -> Iterator[Planted]:
    for ids in ground.quiz.forms.values():
        changed = [replace(ground.quiz.item(i), difficulty=(5, 5)) for i in ids]
        yield Planted("forms_difficulty", "forms.", ground.with_items(*changed))


def longer_stems(ground: Ground) -> Iterator[Planted]:
    for ids in ground.quiz.forms.values():
        changed = [asks(ground.quiz.item(i), " Ia masih ragu dan bertanya lagi.") for i in ids]
        yield Planted("forms_stem_length", "forms.", ground.with_items(*changed))


def harder_words(ground: Ground) -> Iterator[Planted]:
    for ids in ground.quiz.forms.values():
        changed = [
            asks(ground.quiz.item(i), " Ketidakseimbangan kebertanggungjawaban mempertanggungjawabkan.")
            for i in ids
        ]
        yield Planted("forms_reading", "forms.", ground.with_items(*changed))


def unlike_twins(ground: Ground) -> Iterator[Planted]:
    for item in offers(ground):
        twin = ground.quiz.item(item.twin) if item.twin else None
        if twin is None or item.cues is None or twin.cues is None:
            continue
        side = item.cues.decisive + twin.cues.decisive + ("wage-below-law",)
        more = tuple(dict.fromkeys(side))[: len(twin.cues.decisive) + 1]
        changed = ground.with_items(cued(item, decisive=more))
        yield Planted("twins_differ", f"items.{item.item_id}", changed)


def mirrored(ground: Ground) -> Iterator[Planted]:
    """Each offer of one form tells the story of an offer with the other key in another, a word changed."""
    first, last = ground.quiz.forms
    for item in ground.quiz.offers(f"forms.{last}"):
        other = next(o for o in ground.quiz.offers(f"forms.{first}") if o.signal != item.signal)
        assert item.scenario is not None
        assert other.scenario is not None
        words = other.scenario.text.id.split(" ")
        words[len(words) // 2] = "begitu"
        text = Text(" ".join(words), item.scenario.text.en)
        copy = replace(item, scenario=replace(item.scenario, text=text))
        yield Planted("forms_mirror", f"items.{item.item_id}", ground.with_items(copy))


def lopsided_practice(ground: Ground) -> Iterator[Planted]:
    for item in ground.quiz.offers("practice"):
        flipped = replace(item, signal="fraud" if item.signal == "genuine" else "genuine")
        yield Planted("practice_lopsided", "practice", ground.with_items(flipped))
    one = ground.quiz.offers("practice")[0]
    assert one.scenario is not None
    same = [
        replace(i, scenario=replace(i.scenario, channel=one.scenario.channel))
        for i in ground.quiz.offers("practice")
        if i.scenario
    ]
    yield Planted("practice_lopsided", "practice", ground.with_items(*same))


def checked_practice(ground: Ground) -> Iterator[Planted]:
    for signal in ("fraud", "genuine"):
        changed = [
            cued(item, check="passes" if item.signal == signal else "none")
            for item in ground.quiz.offers("practice")
        ]
        yield Planted("practice_check_pays", "practice", ground.with_items(*changed))


def few_beside(ground: Ground) -> Iterator[Planted]:
    quiz = ground.quiz
    yield Planted("boosters_count", "boosters", ground.with_quiz(replace(quiz, boosters=quiz.boosters[:2])))
    plan = quiz.item(quiz.plan or "")
    fewer = replace(plan, own_options=plan.own_options[:4])
    yield Planted("plans_count", f"items.{plan.item_id}", ground.with_items(fewer))
    spare = {item.item_id for item in quiz.bank[7:]}
    kept = tuple(item for item in quiz.items if item.item_id not in spare)
    yield Planted("offers_spare", "practice", ground.with_quiz(replace(quiz, items=kept)))


def absolute(ground: Ground) -> Iterator[Planted]:
    for item in knowledge(ground):
        for option in item.own_options:
            if option.option_id in item.key:
                continue
            for word, english in (("hanya", "only"), ("selalu", "always")):
                text = Text(f"{word} {option.text.id}", f"{english} {option.text.en}")
                options = tuple(Option(o.option_id, text) if o is option else o for o in item.own_options)
                bare = [o.text.id.lower() for o in item.own_options if o.option_id in item.key]
                if not any(word in key for key in bare):
                    changed = ground.with_items(replace(item, own_options=options))
                    place = f"items.{item.item_id}.options.{option.option_id}"
                    yield Planted("absolute_words", place, changed)


def nothing_new(ground: Ground) -> Iterator[Planted]:
    """All offers of a form are of the setting that practice shows."""
    shown = next(
        item.cues.setting for item in ground.quiz.offers("practice") if item.cues and item.cues.setting
    )
    for form in ground.quiz.forms:
        same = [cued(item, setting=shown) for item in ground.quiz.offers(f"forms.{form}")]
        yield Planted("transfer_few", f"forms.{form}", ground.with_items(*same))


def merely_kind(ground: Ground) -> Iterator[Planted]:
    for item in knowledge(ground):
        for word in ("Temani ia", "Dengarkan tanpa menyalahkan"):
            options = tuple(
                Option(o.option_id, Text(f"{word}, {o.text.id}", o.text.en)) if o.option_id in item.key else o
                for o in item.own_options
            )
            changed = ground.with_items(replace(item, own_options=options))
            yield Planted("key_kind", f"items.{item.item_id}.options", changed)


def untaught_in_short(ground: Ground) -> Iterator[Planted]:
    """A letter that only the longer decks show is not taught to a room with the shortest."""
    deck = ground.hall.decks[ground.quiz.quiz_id]
    letter = DECISIVE[next(item.cues.decisive[0] for item in offers(ground) if item.cues)]
    late = [
        replace(s, first=60) if f"**{letter}**" in s.text or f"# {letter}" in s.text else s
        for s in deck.slides
    ]
    item = next(i for i in ground.quiz.items if i.cues and DECISIVE[i.cues.decisive[0]] == letter)
    yield Planted("decisive_untaught", f"items.{item.item_id}", ground.with_slides(late))


def wrong_voice(ground: Ground) -> Iterator[Planted]:
    word = " Anda siap?" if ground.quiz.audience == ("student",) else " Kamu siap?"
    for item in ground.quiz.items:
        yield Planted("voice_mixed", f"items.{item.item_id}", ground.with_items(asks(item, word)))


def shared_names(ground: Ground) -> Iterator[Planted]:
    shown = [item for owner, item in ground.hall.shown() if owner is ground.quiz]
    for item in scored(ground):
        for other in shown[:1]:
            named = [asks(i, " Kata Zubaidi.", " Says Zubaidi.") for i in (item, other)]
            yield Planted("name_repeated", f"items.{item.item_id}", ground.with_items(*named))
    slides = ground.hall.decks[ground.quiz.quiz_id].slides
    telling = replace(slides[0], text=f"{slides[0].text} Cerita Zubaidi.")
    for item in scored(ground):
        told = ground.with_items(asks(item, " Kata Zubaidi.", " Says Zubaidi."))
        place = f"items.{item.item_id}"
        yield Planted("name_repeated", place, told.with_slides([telling, *slides[1:]]))


def reworded(ground: Ground) -> Iterator[Planted]:
    shown = [item for owner, item in ground.hall.shown() if owner is ground.quiz and item.scenario]
    for number, item in enumerate(offers(ground)):
        target = shown[number % len(shown)]
        assert item.scenario is not None
        words = item.scenario.text.id.split(" ")
        words[len(words) // 2] = "begitu"
        scenario = Scenario("email", item.scenario.sender, Text(" ".join(words), item.scenario.text.en))
        copy = replace(target, scenario=scenario, stem=item.stem)
        yield Planted("shown_repeats", f"items.{target.item_id}", ground.with_items(copy))


def stated(ground: Ground) -> Iterator[Planted]:
    deck = ground.hall.decks[ground.quiz.quiz_id]
    for item in knowledge(ground):
        for option in item.own_options:
            if option.option_id in item.key and len(option.text.id.split()) >= 4:
                slide = Slide(99, 1, f"## Ingat\n\n- {option.text.id}", "", 1)
                place = f"items.{item.item_id}.options.{option.option_id}"
                yield Planted("slide_states_key", place, ground.with_slides([*deck.slides, slide]))


def bad_minutes(ground: Ground) -> Iterator[Planted]:
    slides = ground.hall.decks[ground.quiz.quiz_id].slides
    for minutes in (-9, 9):
        longer = replace(slides[0], minutes=slides[0].minutes + minutes)
        yield Planted("timings_off", "metadata", ground.with_slides([longer, *slides[1:]]))


def hurried(ground: Ground) -> Iterator[Planted]:
    slides = ground.hall.decks[ground.quiz.quiz_id].slides
    for number, slide in enumerate(slides):
        if slide.text:
            longer = replace(
                slide, notes=f"{slide.notes.partition('Dasar:')[0]} {FILLER * 2 * slide.minutes}"
            )
        elif slide.runs:
            longer = replace(slide, minutes=1 if slide.runs != "practice" else 3)
        else:
            continue
        changed = ground.with_slides([*slides[:number], longer, *slides[number + 1 :]])
        yield Planted("slide_hurried", f"cell {slide.number}", changed)


def bad_citations(ground: Ground) -> Iterator[Planted]:
    slides = ground.hall.decks[ground.quiz.quiz_id].slides
    for number, slide in enumerate(slides):
        cited = replace(slide, notes=f"{slide.notes} Dasar: Z99.")
        changed = ground.with_slides([*slides[:number], cited, *slides[number + 1 :]])
        yield Planted("deck_source_unknown", f"cell {slide.number}", changed)


def superseded(ground: Ground) -> Iterator[Planted]:
    for item in scored(ground):
        fact = item.sources[0]
        entries = dict(ground.facts.entries or {})
        entries[fact] = {**entries.get(fact, {}), "superseded_by": ["L99"]}
        facts = dataclasses.replace(ground.facts, entries=entries)
        yield Planted("source_superseded", f"items.{item.item_id}", Ground(ground.quiz, ground.hall, facts))


PLANTERS: dict[str, Planter] = {
    "cues left out": every("cues_missing", lambda item: replace(item, cues=None), offers),
    "difficulty left out": every("difficulty_missing", lambda item: replace(item, difficulty=None), scored),
    "a cue that goes with the key": unbalanced,
    "a genuine offer with a cue of fraud": contradicting,
    "decisive facts of the other side": every("decisive_contradicts", other_side, offers),
    "a letter the deck does not teach": untaught,
    "a letter the shortest deck does not teach": untaught_in_short,
    "an offer that says not what it is about": every(
        "setting_missing", lambda i: cued(i, setting=None), offers
    ),
    "a form of offers that were all shown": nothing_new,
    "a key that is merely kind": merely_kind,
    "a long offer called short": mislabelled,
    "an offer too long": every("offer_long", lambda item: says(item, " " + FILLER), offers),
    "a wave too long": heavy,
    "a form too hard": harder,
    "a form with longer stems": longer_stems,
    "a form in harder words": harder_words,
    "twins with unlike facts": unlike_twins,
    "a mirror in the other form": mirrored,
    "practice out of balance": lopsided_practice,
    "practice that teaches to trust a check": checked_practice,
    "too little beside the forms": few_beside,
    "cash in a genuine offer": every("genuine_cash", lambda i: says(i, " Uangnya dibayar tunai."), genuine),
    "a code from somebody": every(
        "genuine_code",
        lambda i: cued(says(i, " Bayar dengan kode bayar dari kami."), decisive=("family-informed",)),
        genuine,
    ),
    "direct hire unchecked": every(
        "genuine_direct_hire",
        lambda i: cued(replace(i, sources=(*i.sources, "L38")), decisive=("family-informed",)),
        genuine,
    ),
    "a nurse to Japan by herself": every(
        "genuine_japan_nurse",
        lambda i: replace(says(i, " Perawat dicari di Jepang."), sources=("L31",)),
        genuine,
    ),
    "an absolute word in a distractor": absolute,
    "an opinion asked for": every("stem_opinion", lambda i: asks(i, " Bagaimana penilaian Anda?"), offers),
    "the wrong voice": wrong_voice,
    "a name in two places": shared_names,
    "a poll that repeats a scored offer": reworded,
    "a slide that states a key": stated,
    "minutes that do not add up": bad_minutes,
    "a slide too full for its minutes": hurried,
    "a note on a fact nobody knows": bad_citations,
    "a superseded fact": superseded,
}


def load_ground(root: Path, name: str) -> Ground:
    hall = Hall.beside(root / "quizzes")
    quiz = next(quiz for quiz in hall.quizzes if quiz.quiz_id == name)
    return Ground(quiz, hall, Facts.beside(root / "quizzes" / f"{name}.yaml"))

"""Booklets and packets as PDF, and where the bubbles of each sheet are."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import segno

from kit.paper import geometry
from kit.paper.geometry import BOOKLET_SCHEME, Row, rows_of, sheet_text
from kit.paper.noted import note_text, shown_lists
from kit.quiz.model import PHRASE
from kit.session.acts.codes import new_note_number
from kit.study.choice import AGREEMENT, MARKS, UNSURE
from kit.study.help import HELP_NUMBERS
from kit.text import message

_TEMPLATES: Final = Path(__file__).parent
_PRINTED: Final = ("booklet", "wave_pre", "wave_post", "packet", "code", "how", "several", "consent")
_PRINTED_MORE: Final = ("slip", "slip_use", "cut", "only_after", "help", "unsure")
_PRINTED_NOTE: Final = ("help", "note", "note_how", "note_number", "note_anonymous")
_LIKERT_SIGNS: Final = tuple(AGREEMENT)


def write_paper(
    reserved: Mapping[str, Any], out: Path, *, large: bool = False, language: str = "id"
) -> list[Path]:
    """Write `booklet-<form>.pdf`, `packets.pdf`, `sightings.pdf` and `layout.json` of packets; the files."""
    out.mkdir(parents=True, exist_ok=True)
    forms = {(form["wave"], form["form"]): form for form in reserved["forms"]}
    sheets = list(_sheets(reserved, forms))
    written = [_write(out / "layout.json", _layout(sheets))]
    named = {form["form"]: form for form in reserved["forms"] if form["wave"] == "post"}
    for name, form in named.items():
        asked = _booklet(reserved["code"], form, forms[("pre", name)], language, large=large)
        written.append(_typeset("booklet.typ", asked, out / f"booklet-{name}.pdf"))
    packets = {**_words(language), "sheets": sheets, "language": language, **_frame()}
    packets["slips"] = [
        {"number": packet["number"], "personal_code": packet["personal_code"]}
        for packet in reserved["packets"]
    ]
    packets["session"] = reserved["code"]
    written.append(_typeset("packets.typ", packets, out / "packets.pdf"))
    written.append(_typeset("sightings.typ", _notes(reserved, language), out / "sightings.pdf"))
    return written


def _notes(reserved: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Sheets for offers people have heard of, as many as packets, each with a number that is kept nowhere."""
    numbers: set[str] = set()
    while len(numbers) < len(reserved["packets"]):
        numbers.add(new_note_number())
    return {
        **{f"w_{name}": message(f"paper.{name}", language, **HELP_NUMBERS) for name in _PRINTED_NOTE},
        "w_signs": message("page.later.sight.signs", language),
        "language": language,
        **_frame(),
        "lists": shown_lists(lambda key: message(key, language)),
        "sheets": [
            {"number": number, "qr": _qr(note_text(reserved["code"], number))} for number in sorted(numbers)
        ],
    }


def _sheets(reserved: Mapping[str, Any], forms: Mapping[tuple[str, str], Mapping[str, Any]]) -> Any:
    page = 0
    for packet in reserved["packets"]:
        for sheet in packet["sheets"]:
            page += 1
            form = forms[(sheet["wave"], sheet["form"])]
            text = sheet_text(
                reserved["code"], packet["personal_code"], sheet["wave"], sheet["form"], form["quiz"]
            )
            yield {
                "page": page,
                "number": packet["number"],
                "personal_code": packet["personal_code"],
                "wave": sheet["wave"],
                "form": sheet["form"],
                "qr": _qr(text),
                "rows": [_marked(row) for row in rows_of(form["items"], sheet["form"])],
            }


def _layout(sheets: Sequence[Mapping[str, Any]]) -> str:
    """`layout.json`: where the markers and bubbles of each page of `packets.pdf` are, in millimetres."""
    markers = [list(centre) for centre in geometry.MARKERS]
    told = [
        {
            **{name: sheet[name] for name in ("page", "personal_code", "wave", "form")},
            "markers": markers,
            "bubbles": [
                {name: bubble[name] for name in ("item_id", "option_id", "x", "y", "r")}
                for row in sheet["rows"]
                for bubble in row["bubbles"]
            ],
        }
        for sheet in sheets
    ]
    return json.dumps({"page_mm": list(map(int, geometry.PAGE)), "sheets": told}, indent=1)


def _marked(row: Row) -> dict[str, Any]:
    """A row with the letter and shape that the phone shows at each option."""
    told = asdict(row)
    for place, bubble in enumerate(told["bubbles"]):
        bubble["mark"] = mark_of(bubble["option_id"], place)
    return told


def mark_of(option_id: str, place: int) -> str:
    """What stands at an option: letter and shape, `?` for "don't know", the number of an agreement."""
    if option_id == UNSURE:
        return "?"
    if option_id in _LIKERT_SIGNS:
        return option_id
    return " ".join(MARKS[place]) if place < len(MARKS) else chr(ord("A") + place)


def _booklet(
    code: str, form: Mapping[str, Any], before: Mapping[str, Any], language: str, *, large: bool
) -> dict[str, Any]:
    asked_before = {item["item_id"] for item in before["items"]}
    items = [
        {
            "number": number,
            "after_only": item["item_id"] not in asked_before,
            "several": item["several"],
            **_said(item["shown"][language], language),
        }
        for number, item in enumerate(form["items"], 1)
    ]
    return {
        **_words(language),
        "language": language,
        "large": large,
        "form": form["form"],
        "quiz_title": form["title"][language],
        "session": code,
        "items": items,
        "qr": _qr(f"{BOOKLET_SCHEME}/{code}/{form['form']}/{form['quiz']}"),
    }


def _said(shown: Mapping[str, Any], language: str) -> dict[str, Any]:
    scenario = shown["scenario"]
    options = [
        {"mark": mark_of(option["option_id"], place), "text": option["text"]}
        for place, option in enumerate(shown["options"])
    ]
    told: dict[str, Any] = {
        "stem": shown["stem"],
        "options": options,
        "sender": "",
        "channel": "",
        "text": "",
    }
    if scenario is not None:
        signs = {name: _sign(place) for place, (name, _) in enumerate(PHRASE.findall(scenario["text"]))}
        text = PHRASE.sub(lambda found: f"[{signs[found[1]]}: {found[2]}]", scenario["text"])
        told |= {"sender": scenario["from"], "text": text}
        told["channel"] = message(f"item.channels.{scenario['channel']}", language)
    return told


def _sign(place: int) -> str:
    return MARKS[place][0] if place < len(MARKS) else chr(ord("A") + place)


def _words(language: str) -> dict[str, str]:
    return {
        f"w_{name}": message(f"paper.{name}", language, **HELP_NUMBERS)
        for name in (*_PRINTED, *_PRINTED_MORE)
    }


def _frame() -> dict[str, Any]:
    return {
        "markers": [
            {"x": x, "y": y, "bits": [[bits >> n & 1 for n in (3, 2, 1, 0)] for bits in rows]}
            for (x, y), rows in zip(geometry.MARKERS, geometry.MARKER_BITS, strict=True)
        ],
        "marker_side": geometry.MARKER_SIDE,
        "qr_place": list(geometry.QR),
        "guides": list(geometry.GUIDES),
        "guide_side": geometry.GUIDE_SIDE,
    }


def _qr(text: str) -> str:
    picture = io.BytesIO()
    segno.make(text, error="q", micro=False, boost_error=False).save(
        picture, kind="svg", border=0, xmldecl=False, svgclass=None, lineclass=None, scale=4
    )
    return picture.getvalue().decode()


def _typeset(template: str, told: Mapping[str, Any], path: Path) -> Path:
    # Loaded here: every other command does without a typesetter.
    import typst

    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for name, source in (("main.typ", template), ("frame.typ", "frame.typ")):
            (work / name).write_bytes((_TEMPLATES / source).read_bytes())
        (work / "told.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        typst.compile(str(work / "main.typ"), output=str(path), root=folder)
    return path


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path

"""Text that attacks, brought in by every file a report is made from, stays text in every format."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any, TypeAlias

import openpyxl
import pandas as pd
import pytest
from playwright.sync_api import Browser, sync_playwright

from kit.bundle.faults import SourceFault
from kit.report import Report, find_bundles, load
from kit.text import plain_text

MARKUP = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "<svg/onload=alert(3)>",
    '<math><a xlink:href="javascript:alert(4)">x</a></math>',
    "</title></style></text></svg><iframe srcdoc=x>",
    '"><b onclick="alert(5)" role="x" class="y">',
    "' onmouseover='alert(6)",
    '5 role="',
    "&lt;script&gt;&amp;#60;",
    "]]> <!-- --> <![CDATA[",
    "javascript:alert(7)",
    "[x](javascript:alert(8)) ![y](http://evil.example/z.png)",
    "https://evil.example/?q=1",
)
TEMPLATES = (
    "{{ 7*7 }} {% raw %} {0} {site} %s %n",
    '#eval("1+1") #read("/etc/passwd") #link("http://evil.example")',
    "$x^2$ @rujukan <label> *b* _i_ `r` // komentar /* dan",
    "\\1 \\g<1> \\",
    'url(#a) id="q" 1.23456',
    "datum.x') || alert(9) || ('",
)
FORMULAS = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "=cmd|' /C calc'!A0",
    "\t=2+2",
    "\r=3+3",
    "\n=4+4",
    "  =5+5",
    "＝1+1",
    '=HYPERLINK("http://evil.example","y")',
)
LETTERS = (
    "\u202egnp.exe\u202c",
    "\u2066x\u2069y\u200f",
    "a\u200bb\ufeffc",
    "a\x00b",
    "a\x07b\x1b[31mc",
    "a\x85b\u2028c\u2029d",
    "W" * 3_000,
    "😀👩\u200d👩\u200d👧 nama",
    "NaN",
)
Shape: TypeAlias = Callable[[tuple[str, ...]], pd.DataFrame]
KINDS = {"markup": MARKUP, "templates": TEMPLATES, "formulas": FORMULAS, "letters": LETTERS}
FORBIDDEN_IN_PDF = re.compile(rb"/(?:JavaScript|JS|Launch|URI|OpenAction|AA|GoToR|SubmitForm|EmbeddedFile)\b")


def nested_string(depth: int) -> bytes:
    """The pattern of what stands in the round brackets of a PDF string, which may hold some itself."""
    inner = rb"\(" + nested_string(depth - 1) + rb"\)|" if depth else b""
    return rb"(?:" + inner + rb"\\.|[^\\()])*"


# A font that is taken up, a string that describes a picture, or a string of glyphs.
_STRING = nested_string(8)
_SHOWN = re.compile(rb"(?s)/(\w+) [\d.]+ Tf|/(?:Alt|ActualText)\(" + _STRING + rb"\)|\((" + _STRING + rb")\)")


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


# Reading the formats back


def seen_in_browser(browser: Browser, html: str, folder: Path) -> tuple[Counter[str], str]:
    """Every element with the names of its attributes, and all text; nothing may run, ask or stand out."""
    file = folder / "report.html"
    file.write_text(html, encoding="utf-8")
    page = browser.new_page(viewport={"width": 360, "height": 640})
    alarms: list[str] = []
    page.on("dialog", lambda dialog: (alarms.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: alarms.append(str(error)))
    page.on("console", lambda line: alarms.append(line.text))
    page.on("request", lambda request: alarms.append(request.url) if request.url != file.as_uri() else None)
    page.goto(file.as_uri())
    elements = page.evaluate(
        "[...document.querySelectorAll('*')]"
        ".map(one => [one.tagName, ...one.getAttributeNames().sort()].join(' '))"
    )
    text = page.evaluate("document.documentElement.textContent")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()
    assert alarms == []
    return Counter(elements), text


def pdf_text(pdf: bytes) -> str:
    """All text of a PDF without blanks, by the tables that say what each glyph means."""
    objects = {int(number): body for number, body in re.findall(rb"(?s)\n(\d+) 0 obj\n(.*?)\nendobj", pdf)}

    def stream(number: bytes) -> bytes:
        body = re.search(rb"(?s)stream\r?\n(.*)\r?\nendstream", objects[int(number)])
        assert body is not None
        return zlib.decompress(body[1])

    def letters(font: bytes) -> dict[int, str]:
        found = re.search(rb"/ToUnicode (\d+) 0 R", objects[int(font)])
        pairs = re.findall(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>", stream(found[1]) if found else b"")
        return {int(glyph, 16): bytes.fromhex(word.decode()).decode("utf-16-be") for glyph, word in pairs}

    text = []
    for page in objects.values():
        if not re.search(rb"/Type/Page\b", page):
            continue
        parts = re.search(rb"/Resources (\d+) 0 R.*/Contents (\d+) 0 R", page)
        assert parts is not None
        fonts = re.search(rb"/Font<<(.*?)>>", objects[int(parts[1])])
        named = {
            name: letters(font) for name, font in re.findall(rb"/(\w+) (\d+) 0 R", fonts[1] if fonts else b"")
        }
        font: dict[int, str] = {}
        for name, shown in _SHOWN.findall(stream(parts[2])):
            if name:
                font = named[name]
            else:
                codes = _unescaped(shown)
                text += [font.get(a << 8 | b, "") for a, b in zip(codes[::2], codes[1::2], strict=True)]
    return "".join("".join(text).split())


def _unescaped(shown: bytes) -> bytes:
    short = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}

    def one(found: re.Match[bytes]) -> bytes:
        said = found[1]
        return bytes([int(said, 8)]) if said.isdigit() else short.get(said, said)

    return re.sub(rb"(?s)\\([0-7]{1,3}|.)", one, shown)


def check_pdf(pdf: bytes) -> str:
    """No action and no attachment, packed or not; answers the text."""
    parts = [pdf]
    for packed in re.findall(rb"(?s)stream\r?\n(.*?)\r?\nendstream", pdf):
        try:
            parts.append(zlib.decompress(packed))
        except zlib.error:
            parts.append(packed)
    assert b"ObjStm" not in pdf
    assert [found for part in parts[:1] for found in FORBIDDEN_IN_PDF.findall(part)] == []
    assert not any(b"/JavaScript" in part or b"root:x:0:0" in part for part in parts)
    return pdf_text(pdf)


def check_workbook(workbook: bytes) -> None:
    """Nothing in it calculates, links or runs, and no cell begins as a formula would."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as packed:
        names = packed.namelist()
        sheets = b"".join(packed.read(name) for name in names if "worksheets/" in name)
    assert [
        name for name in names if re.search("external|vba|macro|query|connection|embed", name, re.I)
    ] == []
    assert b"<f>" not in sheets
    assert b"hyperlink" not in sheets
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    assert [text for text in texts if re.match(r"\s*[=+\-−@＝＋－＠]|\s", text)] == []


def refuse_constant(name: str) -> None:
    raise AssertionError(name)


def squeezed(text: str) -> str:
    return "".join(plain_text(text).split())


def check_report(report: Report, browser: Browser, folder: Path) -> tuple[Counter[str], str, str]:
    """Every format, read back; the elements of the HTML, its text, and the text of the PDF."""
    json.loads(report.json(), parse_constant=refuse_constant)
    check_workbook(report.xlsx())
    elements, text = seen_in_browser(browser, report.html(), folder)
    return elements, "".join(text.split()), check_pdf(report.pdf())


# Tables


def long_rows(texts: tuple[str, ...]) -> pd.DataFrame:
    """A dozen people for each text, which stands in every column that takes one."""
    rows = []
    for number, text in enumerate(texts):
        same = dict.fromkeys(
            ("session", "event", "site", "audience", "arm", "quiz_id", "kind", "choice"), text
        )
        for person in range(12):
            for wave, gain in (("pre", 0), ("post", 1)):
                for item in range(2):
                    right = int(item < (person + number) % 2 + gain)
                    told = {"participant": f"{text}-{person}", "wave": wave, "item": f"{text}·{item}"}
                    rows.append({**same, **told, "correct": right, "signal": ("fraud", "genuine")[item]})
    return pd.DataFrame(rows)


def wide_rows(texts: tuple[str, ...]) -> pd.DataFrame:
    rows = []
    for number, text in enumerate(texts):
        same = dict.fromkeys(("session", "event", "site", "audience"), text)
        for person in range(12):
            score = (person + number) % 4
            told = {"participant": f"{text}-{person}", "pre": score, "post": score + 1 + person % 2}
            rows.append({**same, **told, "followup": score + 1})
    return pd.DataFrame(rows)


def write(frame: pd.DataFrame, path: Path) -> Path:
    if path.suffix == ".csv":
        frame.to_csv(path, index=False, quoting=csv.QUOTE_ALL)
    elif path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    else:
        inert = {"options": {"strings_to_formulas": False, "strings_to_urls": False}}
        frame.to_excel(path, index=False, engine="xlsxwriter", engine_kwargs=inert)
    return path


@pytest.fixture(scope="module")
def harmless_elements(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Shape, tuple[int, ...]], Counter[str]]:
    """The elements of a report on places with ordinary names of so many words: page one keeps to a number."""

    @cache
    def elements(shape: Shape, words: tuple[int, ...]) -> Counter[str]:
        folder = tmp_path_factory.mktemp("harmless")
        names = tuple(" ".join([f"Nama{number:02d}"] * most) for number, most in enumerate(words))
        report = report_on(write(shape(names), folder / "data.csv"))
        return seen_in_browser(browser, report.html(), folder)[0]

    return elements


def words_of(text: str) -> int:
    """How many words page one counts in a name; a name of none would be nobody's."""
    return max(1, sum(any(letter.isalnum() for letter in word) for word in text.split()))


def report_on(table: Path) -> Report:
    return load(table, max_score=10).report(by=["site", "audience"])


ALL = sum(KINDS.values(), ())
TABLES = [
    *((f"{kind}-csv", long_rows, texts, "csv") for kind, texts in KINDS.items()),
    ("letters-parquet", long_rows, LETTERS, "parquet"),
    *((f"totals-{suffix}", wide_rows, ALL, suffix) for suffix in ("csv", "xlsx", "parquet")),
]


@pytest.mark.browser
@pytest.mark.parametrize(
    ("shape", "texts", "suffix"), [case for _, *case in TABLES], ids=[name for name, *_ in TABLES]
)
def test_names_in_tables_stay_text(
    shape: Shape,
    texts: tuple[str, ...],
    suffix: str,
    browser: Browser,
    harmless_elements: Any,
    tmp_path: Path,
) -> None:
    report = report_on(write(shape(texts), tmp_path / f"data.{suffix}"))
    elements, text, pdf = check_report(report, browser, tmp_path)
    harmless = harmless_elements(shape, tuple(words_of(text) for text in texts))
    # Page one leaves out lines when names are long: plain paragraphs and list entries.
    assert {name for name in elements | harmless if elements[name] != harmless[name]} <= {"P", "LI"}
    for hostile in texts:
        # A workbook keeps control characters as their numbers.
        if suffix != "xlsx" or hostile.isprintable():
            assert squeezed(hostile) in text
        if hostile.isascii() and hostile.isprintable():
            assert squeezed(hostile) in pdf


def test_a_cell_too_long_for_any_table_is_refused_in_words(tmp_path: Path) -> None:
    path = write(wide_rows(("x" * 200_000,)), tmp_path / "data.csv")
    with pytest.raises(SourceFault) as caught:
        load(path, max_score=10)
    assert "cannot be read as a table" in caught.value.render("en")
    assert "tidak terbaca sebagai tabel" in caught.value.render("id")


def test_a_complaint_about_a_file_moves_no_terminal(tmp_path: Path) -> None:
    frame = long_rows(("Desa",))
    frame.assign(wave="\x1b[2Jpre").to_parquet(tmp_path / "data.parquet")
    with pytest.raises(SourceFault) as caught:
        report_on(tmp_path / "data.parquet")
    assert "\x1b" not in caught.value.render("en")


# Bundles


def hostile_twin(value: Any, texts: Iterator[str]) -> Any:
    """The same values with another hostile text for each sentence in two languages."""
    if isinstance(value, dict) and set(value) == {"id", "en"}:
        return {language: next(texts) for language in value}
    if isinstance(value, dict):
        return {name: hostile_twin(part, texts) for name, part in value.items()}
    return [hostile_twin(part, texts) for part in value] if isinstance(value, list) else value


@pytest.mark.browser
@pytest.mark.parametrize("language", ["id", "en"])
def test_texts_of_a_bundle_stay_text(
    language: str, browser: Browser, bundle_of: Callable[..., Path], crowd_of: Any, tmp_path: Path
) -> None:
    folder = bundle_of(crowd_of(n=24, followup=0.5), manifest=False)
    harmless, _ = seen_in_browser(browser, load(folder).report().html(language), tmp_path)
    session = json.loads((folder / "session.json").read_text(encoding="utf-8"))
    texts = cycle(text for text in ALL if len(text) < 1_000)
    broken = '\ud800 \x00 <script>alert(10)</script> =1+1 #eval("1")'
    session["quizzes"][0]["quiz"] = hostile_twin(session["quizzes"][0]["quiz"], texts)
    session |= {"title": {"id": broken, "en": broken}, "event": broken, "notes": "RAHASIA " + broken}
    session["site"]["name"] = broken
    (folder / "session.json").write_text(json.dumps(session), encoding="utf-8")
    report = load(folder).report(language=language)
    elements, text, pdf = check_report(report, browser, tmp_path)
    assert elements.keys() <= harmless.keys() | {"UL", "LI"}
    assert squeezed(broken) in text
    assert squeezed(broken) in pdf
    # The officer's notes are for colleagues: hostile or not, they are text, and the public never sees them.
    assert squeezed("RAHASIA " + broken) in text
    assert squeezed("RAHASIA " + broken) in pdf
    public = load(folder).report(language=language, audience="public")
    assert "RAHASIA" not in public.shown(language).words() + json.dumps(public.to_dict())
    assert find_bundles(folder.parent)[0].site == plain_text(broken)

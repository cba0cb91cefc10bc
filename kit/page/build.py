"""Everything that the participant page is served as: modules joined, words and rules of the kit put in.

A phone needs six requests to its first item: page, style, script, stream, join, wave. What comes after that
item (`more.js`, `more.css`) is fetched while it is read.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, Final

from kit.page.join import constant, join, text
from kit.study.choice import MARKS, UNSURE
from kit.study.help import HELP_LINES, HELP_NUMBERS
from kit.study.kinds import KINDS
from kit.study.sighting import LISTS, SIGN, SIGNS
from kit.study.stage import KEY_STAGES, STAGES
from kit.study.wave import WAVES
from kit.text import Language, plain_yaml, sentences

PAGE: Final = Path(__file__).resolve().parent
ALONE: Final = {"latihan": "practise.js", "daftar": "register.js", "coba": "trial.js"}
"""Pages beside a session by the word in their address: the same frame around another script."""
_SUFFIXES: Final = (".html", ".css", ".svg", ".png", ".jpg")
_EMPTY: Final = re.compile(r'(<[^<>]* (data-t|data-en)="([\w.]+)"[^<>]*>)(?=</)')


def page_files(code_alphabet: str) -> dict[str, bytes]:
    """The files under `/static/` and `index.html`; `code_alphabet` are the symbols of a join code."""
    found = (path for path in sorted(PAGE.rglob("*")) if path.suffix in _SUFFIXES)
    files = {path.relative_to(PAGE).as_posix(): path.read_bytes() for path in found}
    for name in ("remote", "over"):
        page = files[f"remote/{name}.html"].decode()
        files[f"remote/{name}.html"] = said_in(page, remote_words()).encode()
    files["index.html"] = index_page().encode()
    for name, script in ALONE.items():
        files[f"{name}.html"] = files["index.html"].replace(b"/static/app.js", f"/static/{script}".encode())
    # One sheet for the page: every request less is a phone sooner at its first item.
    files["style.css"] = files["theme.css"] + files["page.css"]
    scripts = page_scripts(code_alphabet)
    return files | {name: script.encode() for name, script in scripts.items()}


def page_scripts(code_alphabet: str) -> dict[str, str]:
    """The page's two scripts, an item by itself, and the pages beside a session."""
    made = made_modules() | {PAGE / "code.js": constant("CODE_ALPHABET", code_alphabet)}
    app, more, quiz = (PAGE / f"{name}.js" for name in ("app", "more", "quiz"))
    first = join(app, made)
    second = join(more, made, outside=dict.fromkeys(first.parts, "./app.js"))
    first = join(app, made, exports=frozenset().union(*second.wanted.values()))
    return {
        "app.js": text(first, app),
        "more.js": text(second, more),
        "quiz.js": text(join(quiz, made), quiz),
        "remote.js": text(join(PAGE / "remote" / "remote.js", made), PAGE / "remote.js"),
    } | {name: text(join(PAGE / "alone" / name, made), PAGE / name) for name in ALONE.values()}


@cache
def made_modules() -> dict[Path, str]:
    """The modules that are made from the kit's own rules and words; `*.d.ts` beside them say their shape."""
    said = page_words()
    parts = _page_sentences()
    sighting = sentences("sighting")
    later = {name: words["later"] | {"sighting": sighting[name]} for name, words in parts.items()}
    alone = {name: words["alone"] | {"cekal": words["later"]["cekal"]} for name, words in parts.items()}
    register = plain_yaml(PAGE / "alone" / "register.yaml")
    return {
        PAGE / "study.js": constant("STUDY", study_facts()),
        PAGE / "words.js": constant("WORDS", said),
        PAGE / "later" / "words.js": constant("LATER_WORDS", later),
        PAGE / "alone" / "words.js": constant("ALONE_WORDS", alone),
        PAGE / "alone" / "companies.js": constant("REGISTER", register),
        PAGE / "remote" / "words.js": constant("REMOTE_WORDS", remote_words()),
        PAGE / "item" / "words.js": constant("ITEM_WORDS", sentences("item")),
    }


def study_facts() -> dict[str, Any]:
    """What the page needs of kit/study, as JSON: its JavaScript types none of it again."""
    return {
        "stages": STAGES,
        "waves": WAVES,
        "key_stages": KEY_STAGES,
        "unsure": UNSURE,
        "marks": MARKS,
        "sighting": {**LISTS, SIGN: SIGNS},
        "kinds": {
            kind.name: {"several": kind.several, "scored": kind.scored, "phrases": kind.phrases}
            for kind in KINDS.values()
        },
    }


def page_words() -> dict[Language, dict[str, Any]]:
    """What the page says up to the last item, by language."""
    study = sentences("study")
    return {
        language: {**words["first"], "audiences": study[language]["audiences"]}
        for language, words in _page_sentences().items()
    }


def index_page() -> str:
    """The page as it is sent: its words in Indonesian, since it must be read before any script has come."""
    source = (PAGE / "index.html").read_text(encoding="utf-8")
    return said_in(source.replace("<!-- help lines -->", _help_lines()), page_words())


def remote_words() -> dict[Language, dict[str, Any]]:
    """What the officer's remote says, by language."""
    said, study = sentences("remote"), sentences("study")
    shared = ("audiences", "stages")
    return {
        language: words | {name: study[language][name] for name in shared} for language, words in said.items()
    }


def said_in(source: str, words: dict[Language, dict[str, Any]]) -> str:
    """A page with its words put in, Indonesian where `data-t` names one and English where `data-en` does."""

    def say(found: re.Match[str]) -> str:
        node: Any = words["id" if found[2] == "data-t" else "en"]
        for part in found[3].split("."):
            node = node[part]
        return found[1] + escape(node, quote=False)

    return _EMPTY.sub(say, source)


def _help_lines() -> str:
    rows = []
    for line in HELP_LINES:
        look = ' class="urgent"' if line.urgent else ""
        words = f'<b>{line.number}</b> <span data-t="help.{line.name}"></span>'
        rows.append(f'<li{look}><a href="tel:{line.dialled}">{words}</a></li>')
    return "\n    ".join(rows)


def _page_sentences() -> dict[Language, Any]:
    study = sentences("study")
    said = sentences("page", **HELP_NUMBERS)
    for language, words in said.items():
        words["first"]["help"] |= study[language]["help"]
    return said

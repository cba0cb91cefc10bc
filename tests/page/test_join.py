"""Plain modules become one script, and a name that two of them use is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kit.page.build import PAGE, index_page, page_scripts
from kit.page.join import JoinFault, constant, join, text
from kit.session.acts.codes import ALPHABET


def write(folder: Path, **modules: str) -> Path:
    """Modules by name; the path of the one called `entry`."""
    for name, source in modules.items():
        (folder / f"{name}.js").write_text(source)
    return folder / "entry.js"


def test_what_is_imported_stands_first_and_once(tmp_path: Path) -> None:
    entry = write(
        tmp_path,
        base="export const base = 1;\n",
        left='import { base } from "./base.js";\n\nexport const left = base;\n',
        entry='import { base } from "./base.js";\nimport { left } from "./left.js";\n\nleft + base;\n',
    )
    assert text(join(entry, {}), entry) == "const base = 1;\nconst left = base;\nleft + base;\n"


def test_two_modules_may_not_use_one_name(tmp_path: Path) -> None:
    entry = write(
        tmp_path,
        other="const shown = 1;\n\nexport function draw() {}\n",
        entry='import { draw } from "./other.js";\n\nlet shown = draw;\n',
    )
    with pytest.raises(JoinFault, match=r"shown is declared in other\.js and in entry\.js"):
        join(entry, {})


def test_comments_and_types_go_and_code_beside_them_stays(tmp_path: Path) -> None:
    entry = write(
        tmp_path,
        entry="/** Why.\n * @param {string} x */\nfunction f(x) {\n"
        "  // Why.\n  /** @type {any} */ (x).go();\n  const url = `http://${x}`;\n}\n",
    )
    assert text(join(entry, {}), entry) == "function f(x) {\n(x).go();\nconst url = `http://${x}`;\n}\n"


def test_a_second_script_imports_from_the_first_what_is_there_already(tmp_path: Path) -> None:
    shared = tmp_path / "shared.js"
    entry = write(
        tmp_path,
        shared="export const shared = 1;\n",
        entry='import { shared } from "./shared.js";\n\nexport { late };\nconst late = shared;\n',
    )
    script = join(entry, {}, outside={shared: "./app.js"})
    assert text(script, entry) == (
        'import { shared } from "./app.js";\nconst late = shared;\nexport { late };\n'
    )
    with pytest.raises(JoinFault, match="has no absent"):
        join(entry, {}, exports=frozenset({"absent"}))


def test_modules_may_be_made_from_data(tmp_path: Path) -> None:
    entry = write(tmp_path, entry='import { WORDS } from "./words.js";\n\nWORDS;\n')
    made = {tmp_path / "words.js": constant("WORDS", {"id": "é"})}
    assert text(join(entry, made), entry) == 'const WORDS = {"id":"é"};\nWORDS;\n'


def test_the_page_is_two_scripts_without_comments() -> None:
    """Beside them stand pages of their own: quiz, practice, register, remote, phone test."""
    scripts = page_scripts(ALPHABET)
    alone = {"quiz.js", "practise.js", "register.js", "remote.js", "trial.js"}
    assert set(scripts) == {"app.js", "more.js"} | alone
    assert re.findall(r'from "([^"]+)"', scripts["more.js"]) == ["./app.js"]
    for script in scripts.values():
        assert not re.search(r"(?m)^\s*(/\*|\*|//)", script)


def test_the_page_can_be_read_before_its_scripts_have_come() -> None:
    page = index_page()
    assert 'data-t="help.open">Bantuan</span>' in page
    assert '<a href="tel:08001000"><b>0800-1000</b>' in page
    assert "Bantuan: 110 · 129." in page
    assert not re.search(r'data-(?:t|en)="[\w.]+"[^>]*></', page)
    assert "<!--" not in page
    assert (PAGE / "index.html").read_text(encoding="utf-8").count("0800") == 0

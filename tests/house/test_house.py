"""What keeps the house simple: who may import whom, who may speak what, and that words match the code."""

from __future__ import annotations

import ast
import json
import re
import string
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from kit.config import VARIABLES

ROOT = Path(__file__).resolve().parents[2]
KIT = ROOT / "kit"
MODULES = sorted(KIT.rglob("*.py"))
README = ROOT / "README.md"

# Who may import whom: study ← quiz ← session, bundle, report ← notebook, cli, serve.
BASE = {"errors", "text", "config", "paths", "schemas", "study"}
MAY_IMPORT = {
    "study": set(),
    "page": {"study", "text"},
    "quiz": BASE | {"quiz"},
    "bundle": BASE | {"quiz", "bundle"},
    "session": BASE | {"quiz", "bundle", "page", "session", "process", "addresses", "office"},
    "report": BASE | {"quiz", "bundle", "report"},
    "notebook": BASE
    | {"quiz", "page", "session", "bundle", "report", "paper", "doctor", "notebook", "process", "addresses"}
    | {"office"},
    "doctor": BASE | {"session", "process", "addresses"},
    "errors": {"text"},
    "config": {"text", "errors"},
    "workspace": BASE | {"workspace"},
    "paths": set(),
    "schemas": set(),
    "text": set(),
    "addresses": set(),
    "office": {"config", "errors", "text"},
    "process": {"errors", "addresses"},
    "serve": BASE | {"session", "notebook", "process", "addresses"},
    "booster": BASE | {"quiz", "session", "bundle", "booster"},
    "paper": BASE | {"quiz", "session", "paper"},
    "pack": BASE | {"pack"},
    "cli": BASE
    | {"quiz", "session", "bundle", "report", "booster", "paper", "doctor", "serve", "workspace", "pack"},
    # Where session and report meet: the bundle of a closed session.
    "closing": BASE | {"session", "bundle", "report"},
    "sample": BASE | {"quiz", "bundle", "report"},
    "testing": BASE,
    "__init__": {"session"},
}


@cache
def imports_of(path: Path) -> set[str]:
    """Every imported module of a file, as dotted names."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def part_of(path: Path) -> str:
    return path.relative_to(KIT).parts[0].removesuffix(".py")


def parts_reached(path: Path) -> set[str]:
    named = {name.split(".")[1] for name in imports_of(path) if name.startswith("kit.") and name.count(".")}
    return {name for name in named if (KIT / name).is_dir() or (KIT / f"{name}.py").is_file()}


def test_imports_follow_the_arrows() -> None:
    # One test for all files: a test each takes longer to begin than to look.
    strange = {
        path.relative_to(ROOT).as_posix(): parts_reached(path) - MAY_IMPORT[part_of(path)] - {part_of(path)}
        for path in MODULES
    }
    assert {name: parts for name, parts in strange.items() if parts} == {}


def test_only_the_store_speaks_sql() -> None:
    speakers = {
        path.relative_to(KIT).as_posix()
        for path in MODULES
        if any(name.split(".")[0] in ("sqlalchemy", "sqlite3", "psycopg") for name in imports_of(path))
    }
    # The report reads a store as a source.
    assert all(name.startswith(("session/store/", "report/")) for name in speakers)


def test_only_http_knows_http() -> None:
    knowing = {
        path.relative_to(KIT).as_posix()
        for path in MODULES
        if any(
            name.split(".")[0] in ("fastapi", "starlette", "uvicorn") and "concurrency" not in name
            for name in imports_of(path) - {"starlette"}
        )
    }
    assert all(name.startswith("session/http/") for name in knowing - {"session/server.py"})


ROOM = {"store": 0, "acts": 1, "run": 2, "http": 3}


def test_a_session_is_built_from_below() -> None:
    """Stores know no acts, acts know nobody who runs them, and nobody but HTTP knows HTTP."""
    for path in sorted((KIT / "session").rglob("*.py")):
        height = ROOM.get(path.parent.name, max(ROOM.values()) + 1)
        reached = {name.split(".")[2] for name in imports_of(path) if name.startswith("kit.session.")}
        assert all(ROOM.get(room, 0) <= height for room in reached), path.relative_to(ROOT)


def test_only_config_reads_the_environment() -> None:
    readers = [
        path.relative_to(KIT).as_posix()
        for path in MODULES
        if re.search(r"os\.(environ|getenv)", path.read_text(encoding="utf-8"))
    ]
    assert readers == ["config.py"]


def test_only_acts_write_responses() -> None:
    writers = [path.name for path in MODULES if "upsert_responses(" in path.read_text(encoding="utf-8")]
    assert sorted(writers) == ["answer.py", "responses.py", "sheets.py"]


def test_files_stay_small() -> None:
    lines = {path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {str(path): number for path, number in lines.items() if number > 400} == {}


def test_importing_the_kit_is_light() -> None:
    heavy = "('pandas', 'tornado', 'numpy', 'sqlalchemy')"
    script = f"import sys, kit; print([m for m in {heavy} if m in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


def test_the_service_stays_free_of_heavy_libraries() -> None:
    script = (
        "import sys, kit.session.server; "
        "print([m for m in ('pandas', 'scipy', 'duckdb', 'altair', 'tornado') if m in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


@pytest.mark.parametrize("module", ["kit.serve", "kit.notebook.deck_server, kit.notebook.start"])
def test_only_the_service_loads_what_a_service_needs(module: str) -> None:
    heavy = "('sqlalchemy', 'uvicorn', 'fastapi')"
    script = f"import sys, {module}; print([m for m in {heavy} if m in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "program",
    [
        "import kit.notebook.deck_server",
        "import kit.notebook.slides",
        "from kit.report.charts.altair_import import alt; alt.Chart",
    ],
)
def test_nobody_waits_for_a_grammar_of_addresses(program: str) -> None:
    script = (
        f"import sys; {program}; print([m for m in ('jsonschema', 'rfc3987_syntax') if m in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "['jsonschema']"


def test_a_report_loads_no_more_of_scipy_than_it_needs() -> None:
    """All of `scipy.stats` takes longer to load than pandas, at every closing and in every notebook."""
    assert [path.name for path in MODULES if "scipy.stats" in imports_of(path)] == []


def test_the_top_level_holds_only_what_it_should() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    top = {name.split("/")[0] for name in tracked.splitlines()}
    assert top <= {
        "notebooks", "quizzes", "kit", "results", "tests", "pyproject.toml", "README.md",
        "uv.lock", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "docs", ".gitignore", ".ci",
    }  # fmt: skip


# Words


def keys_of(tree: Any, prefix: str = "") -> dict[str, str]:
    if isinstance(tree, dict):
        return {k: v for name, value in tree.items() for k, v in keys_of(value, f"{prefix}.{name}").items()}
    if isinstance(tree, list):
        return {k: v for n, value in enumerate(tree) for k, v in keys_of(value, f"{prefix}[{n}]").items()}
    return {prefix: str(tree)}


@pytest.mark.parametrize("path", sorted((KIT / "locale" / "id").glob("*.yaml")), ids=lambda path: path.name)
def test_both_languages_say_the_same_things(path: Path) -> None:
    indonesian = keys_of(yaml.safe_load(path.read_text(encoding="utf-8")))
    english = keys_of(yaml.safe_load((KIT / "locale" / "en" / path.name).read_text(encoding="utf-8")))
    assert set(indonesian) == set(english)
    for key, words in indonesian.items():
        places = {name for _, name, _, _ in string.Formatter().parse(words) if name}
        assert places == {n for _, n, _, _ in string.Formatter().parse(english[key]) if n}, key


def test_every_error_the_code_raises_has_words() -> None:
    known = yaml.safe_load((KIT / "locale" / "id" / "errors.yaml").read_text(encoding="utf-8"))
    raised: set[str] = set()
    classes = "KitError|BadQuiz|BadRequest|BadSource|NotAllowed|Forbidden|NotFound|Conflict|TooMany|TooLarge"
    classes += "|TooSlow|Unavailable"
    for path in MODULES:
        raised |= set(re.findall(rf"\b(?:{classes})\(\s*\"([a-z_]+)\"", path.read_text(encoding="utf-8")))
    assert raised <= set(known)
    assert all({"title", "remedy"} == set(entry) for entry in known.values())


def test_every_command_is_in_the_readme_and_has_help_with_an_example() -> None:
    from typer.main import get_command

    from kit.cli import app

    readme = README.read_text(encoding="utf-8")
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        assert f"kit {name}" in readme
        assert "Example: `kit" in command.help
        assert all(parameter.help for parameter in command.params if parameter.param_type_name == "option")


def test_every_setting_is_documented() -> None:
    readme = README.read_text(encoding="utf-8")
    used = set(re.findall(r"\bKIT_[A-Z_]+\b", "".join(p.read_text(encoding="utf-8") for p in MODULES)))
    assert used <= set(VARIABLES)
    for name in VARIABLES:
        assert f"`{name}`" in readme


# Notebooks


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.name)
def test_notebooks_are_clean_and_define_nothing(path: Path) -> None:
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        source = "".join(cell["source"])
        assert not cell["outputs"]
        assert cell["execution_count"] is None
        assert len(source.splitlines()) <= 15
        assert not re.search(r"^\s*(def|class) ", source, re.MULTILINE)


# Routes


def test_every_route_has_an_auth_decision() -> None:
    """A snapshot: who adds or changes a route decides here who may ask."""
    from kit.session.http.routes import ROUTES

    assert {f"{route.method} {route.path}": route.guard.name for route in ROUTES} == {
        "GET /": "public",
        "GET /latihan": "public",
        "GET /daftar": "public",
        "GET /api/practice": "public",
        "GET /coba": "public",
        "POST /api/trial": "public",
        "GET /api/control/office": "facilitator",
        "PUT /api/control/office": "facilitator",
        "GET /api/control/trial": "facilitator",
        "PUT /api/control/trial": "facilitator",
        "GET /static/{path:path}": "public",
        "GET /images/{name}": "public",
        "GET /api/health": "public",
        "GET /api/sessions/{code}": "public",
        "GET /api/sessions/{code}/stream": "public",
        "POST /api/sessions/{code}/participants": "public",
        "POST /api/sessions/{code}/participants/resume": "public",
        "DELETE /api/sessions/{code}/participants/me": "participant",
        "POST /api/sessions/{code}/participants/stay": "participant",
        "GET /api/sessions/{code}/waves/{wave}": "participant",
        "PUT /api/sessions/{code}/waves/{wave}/responses/{item_id}": "participant",
        "POST /api/sessions/{code}/waves/{wave}/submit": "participant",
        "GET /api/sessions/{code}/feedback": "participant",
        "POST /api/control/sessions": "facilitator",
        "GET /api/control/sessions": "facilitator",
        "GET /api/control/sessions/{code}": "facilitator",
        "PATCH /api/control/sessions/{code}": "facilitator",
        "GET /api/control/sites": "facilitator",
        "POST /api/control/sites/{site_id}/merge": "facilitator",
        "PUT /api/control/sessions/{code}/stage": "facilitator",
        "POST /api/control/sessions/{code}/close": "facilitator",
        "PUT /api/control/sessions/{code}/notes": "facilitator",
        "PUT /api/control/sessions/{code}/door": "facilitator",
        "PUT /api/control/sessions/{code}/hands/{item_id}": "facilitator",
        "PUT /api/control/sessions/{code}/bursts/{burst_id}": "facilitator",
        "GET /api/control/sessions/{code}/qr.svg": "facilitator",
        "POST /api/control/sessions/{code}/packets": "facilitator",
        "GET /api/control/sessions/{code}/packets": "facilitator",
        "POST /api/control/sessions/{code}/sheets": "facilitator",
        "POST /api/control/sessions/{code}/sightings": "facilitator",
        "GET /api/control/sessions/{code}/sheets": "facilitator",
        "GET /api/control/sessions/{code}/sheets/{sheet_id}/picture": "facilitator",
        "PUT /api/control/sessions/{code}/sheets/{sheet_id}": "facilitator",
        "GET /api/control/addresses": "facilitator",
        "PUT /api/control/address": "facilitator",
        "DELETE /api/control/sessions/{code}": "facilitator",
        "GET /api/control/deletions": "facilitator",
        "POST /api/sessions/{code}/questions": "participant",
        "POST /api/sessions/{code}/sightings": "participant",
        "GET /api/control/sessions/{code}/questions": "facilitator",
        "PUT /api/control/sessions/{code}/questions": "facilitator",
        "PUT /api/control/sessions/{code}/questions/{question_id}": "facilitator",
        "POST /api/control/sessions/{code}/remote": "facilitator",
        "GET /api/control/sessions/{code}/remote": "facilitator",
        "DELETE /api/control/sessions/{code}/remote": "facilitator",
        "GET /api/control/sessions/{code}/remote/turns": "facilitator",
        "PUT /api/control/sessions/{code}/remote/slide": "facilitator",
        "GET /remote/{key}": "public",
        "POST /api/remote": "public",
        "GET /api/remote": "remote",
        "DELETE /api/remote": "remote",
        "POST /api/remote/turn": "remote",
        "PUT /api/remote/stage": "remote",
        "GET /api/remote/questions": "remote",
        "PUT /api/remote/questions": "remote",
        "PUT /api/remote/questions/{question_id}": "remote",
        "GET /{code}": "public",
        "GET /{code}/": "public",
    }

"""`uv run kit-test`: install what the tests need (Chromium, npm, Spark), and run all of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from kit.config import child_environment, project_root, settings
from kit.errors import KitError, Unavailable

# Files stay whole on one worker: their browser and their service start once. The tests' own order puts what
# takes long first, so that no worker is left with it at the end.
PYTEST = ["pytest", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
SPARK = "pyspark==4.2.0"
"""The server of Spark Connect that the tests count on: the version of the client in the lock."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def main() -> int:
    """Run everything, or what is named on the command line, as pytest takes it."""
    os.chdir(project_root())
    try:
        run = [*_uv(), "run", "--frozen", "--group", "dev"]
        _call([*_uv(), "sync", "--frozen", "--group", "dev", "--quiet"])
        ensure_chromium(run)
        ensure_npm()
        ensure_spark()
    except KitError as error:
        print(error.render(settings().language), file=sys.stderr)
        return 1
    if wanted := sys.argv[1:]:
        return _run(run, *PYTEST, *wanted)
    return (
        _run(run, "ruff", "check", ".")
        or _run(run, "ruff", "format", "--check", ".")
        or _test_beside_types(run)
    )


def _run(run: list[str], *command: str) -> int:
    print("$", *command, flush=True)
    return subprocess.run([*run, *command], check=False).returncode


def _test_beside_types(run: list[str]) -> int:
    """Run all tests, and meanwhile mypy: alone it would leave a processor idle for more than a minute."""
    typed = subprocess.Popen([*run, "mypy"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    tested = _run(run, *PYTEST)
    said, _ = typed.communicate()
    print("$ mypy", said, sep="\n", flush=True)
    return tested or typed.returncode


def ensure_chromium(run: list[str]) -> None:
    """Install a browser where there is none: Debian's package as root, Playwright's own elsewhere."""
    if _has_browser(run):
        return
    if _may_install():
        _install("chromium", "fonts-noto-color-emoji")
    else:
        subprocess.run([*run, "playwright", "install", "chromium"], check=False)
    if not _has_browser(run):
        raise Unavailable("no_chromium")


def ensure_npm() -> None:
    """Install npm where there is none: the check of the scripts' types fetches TypeScript with it."""
    if not shutil.which("npm") and _may_install():
        _install("nodejs", "npm")
    if not shutil.which("npm"):
        raise Unavailable("no_npm")


def ensure_spark() -> None:
    """Install a Java where there is none, and fetch Apache Spark."""
    if not shutil.which("java") and _may_install():
        _install("default-jre-headless")
    if not shutil.which("java"):
        raise Unavailable("no_java")
    spark_home()


def spark_home() -> Path:
    """Where Apache Spark lies: a folder of its own, for its modules have the names of its client's.

    456 MB come down the first time. Raises Unavailable.
    """
    home = Path.home() / ".cache" / "desa-binaan-kit" / SPARK
    if not home.exists():
        half = home.with_name(f"{SPARK}.{os.getpid()}")
        _call([*_uv(), "pip", "install", "--quiet", "--no-deps", "--target", str(half), SPARK])
        half.rename(home)
    return home / "pyspark"


def _may_install() -> bool:
    return bool(shutil.which("apt-get")) and hasattr(os, "geteuid") and os.geteuid() == 0


def _install(*packages: str) -> None:
    _call(["apt-get", "update", "-qq"])
    _call(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages])


def _has_browser(run: list[str]) -> bool:
    return any(shutil.which(name) for name in BROWSERS) or _playwright_has_one(run)


def _playwright_has_one(run: list[str]) -> bool:
    script = (
        "from playwright.sync_api import sync_playwright as s\n"
        "with s() as p: print(p.chromium.executable_path)"
    )
    found = subprocess.run([*run, "python", "-c", script], capture_output=True, text=True, check=False)
    return bool(found.stdout.strip()) and Path(found.stdout.strip()).exists()


def _uv() -> list[str]:
    found = shutil.which("uv")
    return [found] if found else [sys.executable, "-m", "uv"]


def _call(command: list[str]) -> None:
    environment = child_environment(DEBIAN_FRONTEND="noninteractive")
    if subprocess.run(command, check=False, env=environment).returncode:
        raise Unavailable("install_failed", command=" ".join(command))


if __name__ == "__main__":
    sys.exit(main())

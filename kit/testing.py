"""`uv run kit-test`: install what the tests need, Chromium included, and run all of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from kit.config import child_environment, project_root, settings
from kit.errors import KitError, Unavailable

# Files stay whole on one worker: their browser and their service start once.
PYTEST = ["pytest", "-n", "2", "--dist", "loadfile"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def main() -> int:
    """Run everything, or what is named on the command line, as pytest takes it."""
    os.chdir(project_root())
    try:
        run = [*_uv(), "run", "--frozen", "--group", "dev"]
        _call([*_uv(), "sync", "--frozen", "--group", "dev", "--quiet"])
        ensure_chromium(run)
    except KitError as error:
        print(error.render(settings().language), file=sys.stderr)
        return 1
    checks = [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]]
    wanted = sys.argv[1:]
    for command in [*([] if wanted else checks), [*PYTEST, *wanted]]:
        print("$", *command, flush=True)
        status = subprocess.run([*run, *command], check=False).returncode
        if status:
            return status
    return 0


def ensure_chromium(run: list[str]) -> None:
    """Install a browser where there is none: Debian's package as root, Playwright's own elsewhere."""
    if any(shutil.which(name) for name in BROWSERS) or _playwright_has_one(run):
        return
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        _call(["apt-get", "update", "-qq"])
        _call(
            [
                "apt-get",
                "install",
                "-y",
                "-qq",
                "--no-install-recommends",
                "chromium",
                "fonts-noto-color-emoji",
            ]
        )
    else:
        subprocess.run([*run, "playwright", "install", "chromium"], check=False)
    if not (any(shutil.which(name) for name in BROWSERS) or _playwright_has_one(run)):
        raise Unavailable("no_chromium")


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

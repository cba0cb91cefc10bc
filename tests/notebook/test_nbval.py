"""nbval runs every notebook against a running service: it proves that they run, not what they say."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

from tests.conftest import ROOT


def test_every_notebook_runs_under_nbval(service: Any) -> None:
    environment = {
        **service.environment,
        "KIT_URL": service.url,
        "IPYTHONDIR": str(service.results / "ipython"),
    }
    (service.results / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "--no-header", "-q", "-p", "no:cacheprovider"]
    # A configuration of its own: warnings of nbval itself are not ours.
    ran = subprocess.run(
        [
            *command,
            "-c",
            str(service.results / "pytest.ini"),
            "--rootdir",
            str(ROOT),
            str(ROOT / "notebooks"),
        ],
        env=environment,
        cwd=service.results,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
    passed = re.search(r"(\d+) passed", ran.stdout)
    assert passed is not None
    books = [json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "notebooks").glob("*.ipynb")]
    assert int(passed[1]) == sum(cell["cell_type"] == "code" for book in books for cell in book["cells"])

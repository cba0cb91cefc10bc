"""Forty people from a cold start to HTML, PDF and XLSX; PDF bytes identical on repeat.

Run: `uv run --group dev python -m tests.bench cold`.
"""

from __future__ import annotations

import hashlib
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# It lets every process load compiled files, as on a laptop where the kit ran before.
import tests.conftest  # noqa: F401


def write_table(path: Path) -> None:
    """Forty people, fourteen items, before and after, as a long CSV."""
    import random

    draw = random.Random(1)
    lines = ["session,site,audience,participant,wave,item,correct,signal"]
    for person in range(40):
        for wave, right in (("pre", 0.5), ("post", 0.7)):
            for k in range(14):
                signal = "fraud" if k < 5 else "genuine" if k < 10 else ""
                lines.append(f"S1,Desa,student,P{person},{wave},i{k},{int(draw.random() < right)},{signal}")
    path.write_text("\n".join(lines))


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> dict[str, object]:
    """Print seconds and whether the PDF is the same again; returns them. The first run compiles files."""
    with tempfile.TemporaryDirectory(prefix="kit-bench-") as name:
        table = Path(name) / "forty.csv"
        write_table(table)
        seconds, cpu_seconds, sums = [], [], []
        for run in ("first", "second", "third"):
            out = Path(name) / run
            made = f"write_report(['{table}'], '{out}', formats='html,pdf,xlsx,json')"
            script = f"from kit.report import write_report; {made}"
            start, used = time.perf_counter(), _cpu_of_children()
            subprocess.run([sys.executable, "-c", script], check=True)
            seconds.append(round(time.perf_counter() - start, 2))
            cpu_seconds.append(round(_cpu_of_children() - used, 2))
            sums.append(hashlib.sha256(next(out.glob("*.pdf")).read_bytes()).hexdigest())
    found: dict[str, object] = {
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "pdf_identical": len(set(sums)) == 1,
    }
    print("forty people, cold start to HTML + PDF + XLSX + JSON:", found)
    return found


if __name__ == "__main__":
    main()

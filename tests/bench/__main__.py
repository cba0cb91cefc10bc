"""All benchmarks, or those named: `uv run --group dev python -m tests.bench [page serve hall deck …]`.

`long` runs for half an hour, and only when it is named.
"""

from __future__ import annotations

import importlib
import sys

NAMES = {
    "page": "tests.bench.page_weight",
    "serve": "tests.bench.serve",
    "hall": "tests.bench.hall",
    "deck": "tests.bench.deck",
    "replicas": "tests.bench.replicas",
    "report": "tests.bench.report_million",
    "cold": "tests.bench.report_cold",
    "paper": "tests.bench.paper",
    "honesty": "tests.bench.report_honesty",
    "doors": "tests.bench.doors",
    "engines": "tests.bench.engines",
    "evaluation": "tests.bench.evaluation",
    "long": "tests.bench.long_run",
}


def main() -> None:
    """Run the named benchmarks, or all of them."""
    chosen = [name for name in sys.argv[1:] if name in NAMES] or [name for name in NAMES if name != "long"]
    sys.argv = [sys.argv[0], *[word for word in sys.argv[1:] if word not in NAMES]]
    for name in chosen:
        print(f"\n== {name}", flush=True)
        importlib.import_module(NAMES[name]).main()


if __name__ == "__main__":
    main()

"""All benchmarks, or those named: `uv run --group dev python -m tests.bench [page serve hall replicas …]`."""

from __future__ import annotations

import importlib
import sys

NAMES = {
    "page": "tests.bench.page_weight",
    "serve": "tests.bench.serve",
    "hall": "tests.bench.hall",
    "replicas": "tests.bench.replicas",
    "report": "tests.bench.report_million",
    "cold": "tests.bench.report_cold",
    "honesty": "tests.bench.report_honesty",
}


def main() -> None:
    """Run the named benchmarks, or all of them."""
    chosen = [name for name in sys.argv[1:] if name in NAMES] or list(NAMES)
    sys.argv = [sys.argv[0], *[word for word in sys.argv[1:] if word not in NAMES]]
    for name in chosen:
        print(f"\n== {name}", flush=True)
        importlib.import_module(NAMES[name]).main()


if __name__ == "__main__":
    main()

"""A million people in 2,000 sites, 28 items, three waves: time and peak memory of the report.

Run: `uv run python tests/bench/report_million.py [people]`. Beside it, on a tenth: the same figures by
pandas row operations, and a bootstrap interval by scipy against one from the cube.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ITEMS = 28
PANDAS_COLUMNS = ["session", "participant", "wave", "item", "signal", "choice", "correct"]
LIMITS = {"seconds": 20.0, "megabytes": 2_000.0, "times_bare": 6.0}
"""`times_bare`: the report against a bare GROUP BY participant by DuckDB over the same file."""


def write_people(path: Path, people: int, sites: int) -> None:
    """Synthetic answers: ability per person, easier after, some don't know; straight to Parquet by DuckDB."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("SELECT setseed(0.5)")
    connection.execute("SET threads = 1")
    connection.execute(f"""COPY (
        WITH person AS (
            SELECT i, i % {sites} AS s, (hash(i) % 2000) / 1000.0 - 1.0 AS ability FROM range({people}) t(i)),
        wave AS (SELECT * FROM (VALUES ('pre', 0.0), ('post', 0.5), ('followup', 0.35)) v(wave, gain)),
        drawn AS (
            SELECT i, s, wave, k, (hash(i, wave, k) % 1000000) / 1000000.0 AS u,
                1 / (1 + exp(-(ability + gain))) AS p
            FROM person, wave, range({ITEMS}) t(k)
            WHERE (hash(i, wave) % 100) < (CASE wave WHEN 'pre' THEN 100 WHEN 'post' THEN 85 ELSE 50 END)
        )
        SELECT 'S' || s AS session, 'E1' AS event, 'Desa ' || s AS site, 'student' AS audience,
            'P' || i AS participant, 'AA' AS arm, 'students' AS quiz_id, wave, 'A' AS form,
            'item-' || lpad(k::VARCHAR, 2, '0') AS item,
            CASE WHEN k < 20 THEN 'offer' ELSE 'choice' END AS kind,
            CASE WHEN k < 10 THEN 'fraud' WHEN k < 20 THEN 'genuine' END AS signal,
            CASE WHEN u >= p AND u < p + 0.1 THEN 'unsure'
                WHEN k < 20 THEN (CASE WHEN (u < p) = (k < 10) THEN 'fraud' ELSE 'genuine' END)
                WHEN u < p THEN 'a' WHEN u < p + 0.3 THEN 'b' ELSE 'c' END AS choice,
            CASE WHEN u < p THEN 1 WHEN u < p + 0.1 THEN NULL ELSE 0 END::TINYINT AS correct,
            true AS submitted, '2026-11-23' AS held_on
        FROM drawn) TO '{path}' (FORMAT parquet)""")


def measure_report(path: Path) -> dict[str, float]:
    """The report in a process of its own: seconds from start to written JSON, peak memory."""
    script = f"""
import resource, sys, time
start = time.perf_counter()
from kit.report import write_report
outcome = write_report(["{path}"], "{path.parent / "out"}", formats="json")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
figures = outcome.report.figures
used = resource.getrusage(resource.RUSAGE_SELF)
cpu = used.ru_utime + used.ru_stime
print(time.perf_counter() - start, cpu, peak, figures.flow.n_pairs, figures.score.mean_change)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    seconds, cpu, peak, pairs, change = map(float, done.stdout.split())
    found = {"seconds": seconds, "cpu_seconds": cpu, "megabytes": peak}
    return {**found, "pairs": pairs, "mean_change": change}


def bare_group_by(path: Path) -> float:
    """Seconds of `GROUP BY participant` alone, in a process of its own."""
    script = f"""
import duckdb, time
start = time.perf_counter()
grouped = "SELECT participant, count(*) FROM read_parquet('{path}') GROUP BY participant"
duckdb.sql(f"SELECT count(*) FROM ({{grouped}})").fetchall()
print(time.perf_counter() - start)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return float(done.stdout)


def measure_pandas(path: Path) -> dict[str, float]:
    """Mean change, d', item tables and item-rest r by row operations, in a process of its own."""
    command = [sys.executable, __file__, "--pandas", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def by_pandas(path: Path) -> dict[str, float]:
    """The row path."""
    import pandas as pd

    start = time.perf_counter()
    rows = pd.read_parquet(
        path, columns=["session", "participant", "wave", "item", "signal", "choice", "correct"]
    )
    rows["right"] = (rows["correct"] == 1).astype("int8")
    rows["false"] = ((rows["correct"] == 0) & (rows["signal"] == "genuine")).astype("int8")
    rows["hit"] = ((rows["right"] == 1) & (rows["signal"] == "fraud")).astype("int8")
    wide = rows.pivot_table(
        index=["session", "participant"], columns="wave", values=["right", "hit", "false"], aggfunc="sum"
    )
    both = wide.dropna(subset=[("right", "pre"), ("right", "post")])
    change = (both["right", "post"] - both["right", "pre"]).mean()
    items = rows.pivot_table(
        index=["session", "participant"], columns=["item", "wave"], values="right", aggfunc="first"
    )
    for item in items.columns.levels[0]:
        pd.crosstab(items[item, "pre"], items[item, "post"])
    total = items.xs("pre", axis=1, level=1)
    for item in total:
        total[item].corr(total.drop(columns=item).sum(axis=1))
    rows.groupby(["item", "wave", "choice"], observed=True).size()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    return {"seconds": time.perf_counter() - start, "megabytes": peak, "mean_change": float(change)}


def bootstrap_ratio(people: int = 1_000_000, resamples: int = 40) -> dict[str, float]:
    """Seconds for 10,000 bootstrap resamples of a mean: scipy on rows (extrapolated), and on the cube."""
    import numpy as np
    from scipy.stats import bootstrap

    rng = np.random.default_rng(1)
    changes = rng.integers(-4, 9, people)
    start = time.perf_counter()
    bootstrap((changes,), np.mean, n_resamples=resamples, batch=1, method="percentile", random_state=rng)
    rows = (time.perf_counter() - start) * 10_000 / resamples
    start = time.perf_counter()
    values, counts = np.unique(changes, return_counts=True)
    means = rng.multinomial(people, counts / people, 10_000) @ values / people
    np.quantile(means, [0.025, 0.975])
    return {"rows_seconds": rows, "cube_seconds": time.perf_counter() - start}


def main(people: int = 1_000_000) -> dict[str, Any]:
    """Print the figures; returns them."""
    with tempfile.TemporaryDirectory(prefix="kit-bench-") as name:
        found: dict[str, Any] = {}
        for label, n in (("tenth", people // 10), ("half", people // 2), ("whole", people)):
            path = Path(name) / f"{label}.parquet"
            write_people(path, n, max(1, n // 500))
            found[label] = {"people": n, **measure_report(path), "bare_seconds": bare_group_by(path)}
            found[label]["times_bare"] = found[label]["seconds"] / found[label]["bare_seconds"]
            print(label, found[label], flush=True)
            if label == "half":
                path.unlink()
        found["pandas_tenth"] = measure_pandas(Path(name) / "tenth.parquet")
        print("pandas, a tenth of the people", found["pandas_tenth"], flush=True)
    found["bootstrap"] = bootstrap_ratio(people)
    print("bootstrap of the mean", found["bootstrap"])
    tenth, rows = found["tenth"], found["pandas_tenth"]
    print(f"pandas / kit on a tenth: {rows['seconds'] / tenth['seconds']:.1f} x time, "
          f"{rows['megabytes'] / tenth['megabytes']:.1f} x memory")  # fmt: skip
    boot = found["bootstrap"]
    print(f"scipy bootstrap / cube bootstrap: {boot['rows_seconds'] / boot['cube_seconds']:.0f} x time")
    for unit, limit in LIMITS.items():
        print(f"{unit}: {found['whole'][unit]:.1f} (limit {limit:.0f})")
    return found


if __name__ == "__main__":
    if "--pandas" in sys.argv:
        print(json.dumps(by_pandas(Path(sys.argv[-1]))))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)

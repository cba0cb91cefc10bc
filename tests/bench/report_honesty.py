"""Honesty by simulation: how often does a report claim what is not there, and do intervals cover?

Run: `uv run python tests/bench/report_honesty.py [events]`. Seeded; about a minute for 2,000 events per line.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from kit.report.stats import items, paired, pooling
from kit.report.stats.discernment import SignalCounts, discernment
from kit.report.stats.items import FourFold
from kit.report.stats.paired import Pairs

K = 14
CAREFUL = ("sharper", "sharper_and_warier", "sharper_and_calmer")


def chance(z: Any) -> Any:
    """Normal cumulative distribution."""
    from scipy.special import ndtr

    return ndtr(z)


def scores(rng: np.random.Generator, n: int, gain: float) -> Pairs:
    """Two attempts of the same people: ability differs, items differ in difficulty."""
    ability, hard = rng.normal(0.2, 0.6, (n, 1)), np.linspace(-0.8, 0.8, K)
    pre = (rng.random((n, K)) < chance(ability - hard)).sum(1)
    post = (rng.random((n, K)) < chance(ability - hard + gain)).sum(1)
    return Pairs(pre, post, np.ones(n, dtype=int))


def true_change(gain: float) -> float:
    """Expected change of `scores`, by a very large sample."""
    found = scores(np.random.default_rng(99), 400_000, gain)
    return float(found.change.mean())


def share(events: int, event: Callable[[np.random.Generator], bool], seed: int) -> float:
    """Share of events in which something happens."""
    rng = np.random.default_rng(seed)
    return float(np.mean([event(rng) for _ in range(events)]))


def claims_gain(n: int) -> Callable[[np.random.Generator], bool]:
    """An interval wholly above 0 where nothing changed."""

    def event(rng: np.random.Generator) -> bool:
        ci = paired.mean_change(scores(rng, n, 0.0)).ci
        return ci is not None and ci[0] > 0

    return event


def claims_item(n: int) -> Callable[[np.random.Generator], bool]:
    """At least one of fourteen items "proven" to rise or fall where nothing changed."""

    def event(rng: np.random.Generator) -> bool:
        hard = np.linspace(-0.8, 0.8, K)
        ability = rng.normal(0.2, 0.6, (n, 1))
        a, b = (rng.random((n, K)) < chance(ability - hard) for _ in range(2))
        tables = [
            FourFold(int((x & y).sum()), int((~x & y).sum()), int((x & ~y).sum()), int((~x & ~y).sum()))
            for x, y in zip(a.T, b.T, strict=True)
        ]
        return min(items.holm([items.mcnemar_p(t) for t in tables])) < 0.05

    return event


def offers(
    rng: np.random.Generator, n: int, fraud: int, genuine: int, criterion_shift: float, d_shift: float = 0.0
) -> str | None:
    """The verdict of one event; people differ in discernment and in readiness to suspect."""
    d, c = rng.normal(1.0, 0.4, n), rng.normal(0.0, 0.4, n)
    waves = []
    for moved, better in ((0.0, 0.0), (criterion_shift, d_shift)):
        hits = rng.binomial(fraud, chance((d + better) / 2 - c - moved))
        false = rng.binomial(genuine, chance(-(d + better) / 2 - c - moved))
        whole = (np.full(n, float(fraud)), np.full(n, float(genuine)))
        waves.append(SignalCounts(hits.astype(float), whole[0], false.astype(float), whole[1]))
    return discernment(waves[0], waves[1], np.ones(n)).verdict


def says_careful(n: int, fraud: int, genuine: int, shift: float) -> Callable[[np.random.Generator], bool]:
    """ "Lebih cermat" in any form."""
    return lambda rng: offers(rng, n, fraud, genuine, shift) in CAREFUL


def claims_over_sites(sizes: tuple[int, ...]) -> Callable[[np.random.Generator], bool]:
    """A changed d' where nothing changed, with sites as units."""
    site, n = np.repeat(np.arange(len(sizes)), sizes), sum(sizes)

    def event(rng: np.random.Generator) -> bool:
        waves = [
            SignalCounts(
                rng.binomial(5, 0.6, n) * 1.0, np.full(n, 5.0), rng.binomial(5, 0.4, n) * 1.0, np.full(n, 5.0)
            )
            for _ in range(2)
        ]
        ci = discernment(waves[0], waves[1], np.ones(n), site).d_prime_change_ci
        return ci is not None and not ci[0] <= 0 <= ci[1]

    return event


def covers(n: int, gain: float, truth: float) -> Callable[[np.random.Generator], bool]:
    """The headline interval holds the true change."""

    def event(rng: np.random.Generator) -> bool:
        ci = paired.mean_change(scores(rng, n, gain)).ci
        return ci is not None and ci[0] <= truth <= ci[1]

    return event


def pooled_covers(sites: int, icc: float) -> Callable[[np.random.Generator], bool]:
    """The interval over unequal sites holds the true mean of sites."""
    sd = 2.5
    between = sd * np.sqrt(icc / (1 - icc))

    def event(rng: np.random.Generator) -> bool:
        sizes = rng.integers(8, 61, sites)
        site = np.repeat(np.arange(sites), sizes)
        change = np.round(1.5 + rng.normal(0, between, sites)[site] + rng.normal(0, sd, len(site)))
        found = pooling.pool_sites(pooling.site_moments(site, change, np.ones(len(site))))
        return found is not None and found.ci is not None and found.ci[0] <= 1.5 <= found.ci[1]

    return event


def main(events: int = 2_000) -> dict[str, float]:
    """Print the table; returns it."""
    truth = true_change(0.4)
    lines: list[tuple[str, str, Callable[[np.random.Generator], bool]]] = []
    lines += [(f"null: claims a gain, n = {n}", "<= .05", claims_gain(n)) for n in (8, 15, 30, 100)]
    lines += [(f"null: any item proven, n = {n}", "<= .05", claims_item(n)) for n in (15, 40)]
    lines += [
        (f"null: lebih cermat, n = {n}, {f}+{g}", "<= .05", says_careful(n, f, g, 0.0))
        for n in (30, 100)
        for f, g in ((5, 5), (8, 2))
    ]
    lines += [
        (f"suspicion only: lebih cermat, n = {n}, {f}+{g}", "<= .05", says_careful(n, f, g, -0.5))
        for n in (10, 30, 100)
        for f, g in ((5, 5), (8, 2))
    ]
    lines += [
        (f"null: d' changed, sites of {'/'.join(map(str, sizes))}", "<= .05", claims_over_sites(sizes))
        for sizes in ((30, 30, 30), (100, 6, 6), (120, 15, 12, 10, 8), (200, 10, 10, 10))
    ]
    lines += [
        (f"coverage of the change, n = {n}", ".93-.97", covers(n, 0.4, truth)) for n in (8, 15, 30, 100)
    ]
    lines += [
        (f"coverage over {g} sites, ICC {icc}", ".93-1.00", pooled_covers(g, icc))
        for g in (5, 10, 30)
        for icc in (0.0, 0.05, 0.15)
    ]
    found = {}
    print(
        f"{events} events per line; simulation error of a share near .05: {np.sqrt(0.05 * 0.95 / events):.4f}"
    )
    for seed, (name, goal, event) in enumerate(lines):
        found[name] = share(events, event, seed)
        print(f"{name:<48} {found[name]:.4f}   goal {goal}", flush=True)
    return found


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)

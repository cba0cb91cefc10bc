"""Honesty by simulation: how often does a report claim what is not there, and do intervals cover?

Run: `uv run python -m tests.bench honesty [events [first-last]]`, 2,000 events a line unless said. Each line
has its number as seed, so lines run piece by piece (`2000 0-9`) are those of the whole. Lines marked * are
whole reports, of which a fiftieth as many are made. The table is printed, and kept where `KIT_BENCH_TABLE`
names a file; that of the last full run is `report_honesty.txt`, beside this file.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kit.report import Report, load
from kit.report.sections.sites import headline
from kit.report.stats import effect, items, paired, planning, pooling
from kit.report.stats.balanced import Arm as BalancedArm
from kit.report.stats.balanced import balanced_change
from kit.report.stats.discernment import discernment_verdict
from kit.report.stats.items import FourFold
from kit.report.stats.ordinal import Arm, ordinal_discernment
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


@dataclass(frozen=True)
class World:
    """How people answer offers: thresholds, criteria and discernment in each wave (before, after)."""

    discernment: tuple[float, float] = (1.2, 1.2)
    midpoint: tuple[float, float] = (0.0, 0.0)
    distance: tuple[float, float] = (0.5, 0.5)
    spread: tuple[float, float] = (0.6, 0.6)
    suspicious: float = 0.0
    """Share of people who become readier to refuse by one standard deviation of noise."""
    easier: float = 0.0
    """How much more discernible form B is."""
    first_arm: float = 0.5
    """Share of people who get A before and B after."""
    site_spread: float = 0.0
    """SD over sites of the change of discernment."""
    sites: int = 1


def offers(rng: np.random.Generator, n: int, world: World, asked: int = 5) -> str | None:
    """The verdict of one event by the model of the report."""
    base, also = rng.normal(size=n), rng.normal(size=n)
    readier = (rng.random(n) < world.suspicious) * 1.0
    site = np.arange(n) % world.sites
    drift = rng.normal(0, world.site_spread, world.sites)[site]
    first = np.arange(n) < round(world.first_arm * n)
    waves = []
    for wave in (0, 1):
        felt = (base if wave == 0 else 0.7 * base + 0.714 * also) * world.spread[wave] + wave * readier
        form_b = first if wave == 1 else ~first
        d = world.discernment[wave] + world.easier * form_b + wave * drift
        waves.append(_answers(rng, felt, d, world.midpoint[wave], world.distance[wave], asked))
    arms = [
        Arm(waves[0][at], waves[1][at], np.ones(int(at.sum())), site[at])
        for at in (first, ~first)
        if at.any()
    ]
    found = ordinal_discernment(arms, by_site=world.sites >= 3)
    if found.discernment is None or found.criterion is None or found.distance is None:
        return None
    joint = (found.discernment.joint_ci, found.criterion.joint_ci, found.distance.joint_ci)
    return discernment_verdict(*joint)


def _answers(
    rng: np.random.Generator, felt: Any, d: Any, midpoint: float, distance: float, asked: int
) -> Any:
    counts = np.zeros((len(felt), 6))
    rows = np.arange(len(felt))
    for signal, start in ((0.5, 0), (-0.5, 3)):
        for _ in range(asked):
            x = rng.normal(size=len(felt)) + felt + signal * d
            answer = (x > midpoint - distance / 2).astype(int) + (x > midpoint + distance / 2).astype(int)
            counts[rows, start + answer] += 1
    return counts


def says(words: tuple[str, ...], n: int, world: World) -> Callable[[np.random.Generator], bool]:
    """One of some verdicts."""
    return lambda rng: offers(rng, n, world) in words


def claims_balanced(n: int, first_arm: float) -> Callable[[np.random.Generator], bool]:
    """A gain by the balanced headline where only form B is easier."""
    ahead = round(first_arm * n)

    def event(rng: np.random.Generator) -> bool:
        sides = []
        for size, shift in ((ahead, 1.5), (n - ahead, -1.5)):
            pre = rng.binomial(K, 0.5, size)
            change = np.round(shift + rng.normal(0, 2, size)).astype(int)
            sides.append(BalancedArm(Pairs(pre, pre + change, np.ones(size, dtype=int)), 0.5))
        ci = balanced_change(sides).ci
        return ci is not None and not ci[0] <= 0 <= ci[1]

    return event


def claims_item_over_sites(icc: float) -> Callable[[np.random.Generator], bool]:
    """At least one of fourteen items proven where items only drift from site to site."""
    sites, people = 6, 30
    sd = 0.5 * np.sqrt(icc / (1 - icc))

    def event(rng: np.random.Generator) -> bool:
        n, ps = np.full(sites, people), []
        for _ in range(K):
            before = rng.binomial(n, 0.5)
            after = rng.binomial(n, np.clip(0.5 + rng.normal(0, sd, sites), 0.02, 0.98))
            raw = items.fisher_p((int(before.sum()), int(after.sum())), (sites * people, sites * people))
            found = items.clustered_difference(items.SiteCounts((before, after), (n, n)))
            ps.append(raw if found is None else items.clustered_p(*found, raw))
        return min(items.holm(ps)) < 0.05

    return event


def offer_lines(n: int) -> list[tuple[str, str, Callable[[np.random.Generator], bool]]]:
    """False claims about discernment, and the power to find a true one."""
    half = np.sqrt(0.5)
    moved = (*CAREFUL, "duller")
    worlds = {
        "null: any verdict": (World(), (*moved, "warier_only", "more_trusting", "more_decided")),
        "suspicion of all: discernment moved": (World(midpoint=(0.0, -0.8)), moved),
        "suspicion of 35 %: discernment moved": (World(suspicious=0.35), moved),
        "criteria converge: discernment moved": (World(spread=(1.0, 0.4)), moved),
        "criteria spread: discernment moved": (World(spread=(0.4, 1.0)), moved),
        "shrinking tidak tahu: discernment moved": (World(distance=(1.2, 0.2)), moved),
        "constant tidak tahu: discernment moved": (World(distance=(1.2, 1.2)), moved),
        "form B easier, 70 % AB: discernment moved": (World(easier=0.6, first_arm=0.7), moved),
        "discernment drifts over 5 sites: moved": (World(site_spread=0.4 * half, sites=5), moved),
    }
    lines = [(f"{name}, n = {n}", "<= .05", says(words, n, world)) for name, (world, words) in worlds.items()]
    return [*lines, (f"power: d' up by .4, n = {n}", "printed", says(CAREFUL, n, World((1.2, 1.6))))]


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


def uneven_sites_cover(sites: int, kind: str) -> Callable[[np.random.Generator], bool]:
    """The interval over sites of 1 to 60 people holds their mean: half at the ceiling, or one dominating.

    Sites at the ceiling change as much on average, but hardly differ within.
    """

    def event(rng: np.random.Generator) -> bool:
        sizes = rng.integers(1, 61, sites)
        if kind == "dominating":
            sizes[0] = 2_000
        spread = np.where((np.arange(sites) % 2 == 0) & (kind == "ceiling"), 0.6, 2.5)
        site = np.repeat(np.arange(sites), sizes)
        mean = 1.5 + rng.normal(0, 0.6, sites)
        change = np.round(mean[site] + rng.normal(0, 1, len(site)) * spread[site])
        found = pooling.pool_sites(pooling.site_moments(site, change, np.ones(len(site))))
        return found is not None and found.ci is not None and found.ci[0] <= 1.5 <= found.ci[1]

    return event


def three_waves(rng: np.random.Generator, n: int) -> tuple[Any, Any, Any]:
    """Before, after and weeks later of people who keep 60 % of a gain of 3 on average."""
    pre, gain = rng.binomial(K, 0.45, n), rng.normal(3.0, 2.5, n)
    later = pre + 0.6 * gain + rng.normal(0, 1.5, n)
    return pre, np.clip(np.round(pre + gain), 0, K), np.clip(np.round(later), 0, K)


def retained_misses(n: int, share_back: float) -> Callable[[np.random.Generator], bool]:
    """The interval of the ratio misses what such people keep, where they return at random."""
    first, second, third = (float(wave.mean()) for wave in three_waves(np.random.default_rng(99), 400_000))
    truth = (third - first) / (second - first)

    def event(rng: np.random.Generator) -> bool:
        pre, post, later = three_waves(rng, n)
        back = rng.random(n) < share_back
        ones = np.ones(int(back.sum()), dtype=int)
        found = effect.retained(pre[back], post[back], later[back], ones)
        return found.ci is not None and not found.ci[0] <= truth <= found.ci[1]

    return event


def retained_of_a_minority(n: int, returning: int) -> Callable[[np.random.Generator], bool]:
    """A ratio is printed where only those who gained most came back."""

    def event(rng: np.random.Generator) -> bool:
        pre, post, later = three_waves(rng, n)
        back = set(np.argsort(pre - post + rng.normal(0, 1.5, n))[:returning])
        waves = enumerate(zip(pre, post, later, strict=True))
        rows = [f"Desa,P{i},{a},{int(b)},{int(c) if i in back else ''}" for i, (a, b, c) in waves]
        return report_of(rows, K, "internal", "followup").figures.followup.retained is not None

    return event


def report_of(rows: list[str], most: int, audience: str, *more: str) -> Report:
    """A whole report on some totals; `more` names further columns."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        path.write_text(
            "\n".join([",".join(("site", "participant", "pre", "post", *more)), *rows]), encoding="utf-8"
        )
        return load(path, max_score=most).report(audience=audience)


def hides_second_try(n: int, *, low_scorers: bool) -> Callable[[np.random.Generator], bool]:
    """Practice alone, or low scorers chosen: a gain is claimed without the words that say what it is."""

    def event(rng: np.random.Generator) -> bool:
        found = scores(rng, 3 * n, 0.0 if low_scorers else 0.15)
        chosen = np.argsort(found.pre, kind="stable")[:n] if low_scorers else np.arange(n)
        rows = [f"Desa,P{i},{found.pre[i]},{found.post[i]}" for i in chosen]
        report = report_of(rows, K, "internal")
        _, ci = headline(report.figures)
        words = report.shown("id").words()
        honest = (
            "Tanpa pembanding" in words and "Mengisi dua kali saja biasanya memberi beberapa poin" in words
        )
        return ci is not None and ci[0] > 0 and not honest

    return event


def claims_with_a_hidden_site(sites: int) -> Callable[[np.random.Generator], bool]:
    """A report for the public claims a change although sites of which one is hidden only differ."""

    def event(rng: np.random.Generator) -> bool:
        rows = []
        for site in range(sites):
            n, lean = (8 if site == 0 else 25), rng.normal(0, 1.2)
            pre = rng.binomial(K, 0.5, n)
            post = np.clip(pre + np.round(lean + rng.normal(0, 2, n)), 0, K).astype(int)
            rows += [
                f"Desa {site},S{site}P{i},{a},{b}" for i, (a, b) in enumerate(zip(pre, post, strict=True))
            ]
        _, ci = headline(report_of(rows, K, "public").figures)
        return ci is not None and not ci[0] <= 0 <= ci[1]

    return event


def whole_report_lines() -> list[tuple[str, str, Callable[[np.random.Generator], bool]]]:
    """Lines that need a report each."""
    return [
        ("* second try alone: gain without its words, n = 60", "0", hides_second_try(60, low_scorers=False)),
        ("* low scorers chosen: gain without its words, n = 40", "0", hides_second_try(40, low_scorers=True)),
        ("* public, one of 5 sites hidden: claims a change", "<= .05", claims_with_a_hidden_site(5)),
    ]


def planning_table() -> str:
    """How many people answer twice so that a change is proven in 80 of 100 events, by its spread."""
    changes, spreads = (5, 10, 15, 20), (12, 15, 18, 22)
    head = "spread of changes (points of 100) | " + " | ".join(f"+{change}" for change in changes)
    lines = [
        f"{sd} | " + " | ".join(str(planning.people_needed(float(change), float(sd))) for change in changes)
        for sd in spreads
    ]
    return "\n".join([head, *lines])


def all_lines() -> list[tuple[str, str, Callable[[np.random.Generator], bool]]]:
    """Every line of the table: name, goal, event. Its place is its seed."""
    truth = true_change(0.4)
    lines: list[tuple[str, str, Callable[[np.random.Generator], bool]]] = []
    lines += [(f"null: claims a gain, n = {n}", "<= .05", claims_gain(n)) for n in (8, 15, 30, 100)]
    lines += [(f"null: any item proven, n = {n}", "<= .05", claims_item(n)) for n in (15, 40)]
    for n in (30, 100):
        lines += offer_lines(n)
    power = World((1.2, 1.6))
    lines += [(f"power: d' up by .4, n = {n}", "printed", says(CAREFUL, n, power)) for n in (60, 200)]
    lines += [
        (f"form B easier, {part:.0%} AB: claims a change, n = 60", "<= .05", claims_balanced(60, part))
        for part in (0.5, 0.7, 0.9)
    ]
    lines += [
        (f"items drift over 6 sites, ICC {icc}: any proven", "<= .05", claims_item_over_sites(icc))
        for icc in (0.05, 0.10)
    ]
    lines += [
        (f"coverage of the change, n = {n}", ".93-.97", covers(n, 0.4, truth)) for n in (8, 15, 30, 100)
    ]
    lines += [
        (f"coverage over {g} sites, ICC {icc}", ".93-1.00", pooled_covers(g, icc))
        for g in (5, 10, 30)
        for icc in (0.0, 0.05, 0.15)
    ]
    lines += [
        (f"coverage over {g} sites of 1-60, {kind}", ".93-1.00", uneven_sites_cover(g, kind))
        for g in (6, 20)
        for kind in ("ceiling", "dominating")
    ]
    lines += [
        (
            "retained ratio misses, 90 % return at random, n = 60",
            ".03-.07",
            retained_misses(60, 0.9),
        ),
        ("* retained ratio printed, 18 of 60 return, the better", "0", retained_of_a_minority(60, 18)),
    ]
    return lines + whole_report_lines()


def main(events: int = 0) -> dict[str, float]:
    """Print the table, or some lines of it; returns what was found."""
    words = sys.argv[1:]
    events = events or int(next(iter(words), 2_000))
    lines = all_lines()
    first, last = (int(end) for end in words[1].split("-")) if len(words) > 1 else (0, len(lines) - 1)
    found = {}
    error = np.sqrt(0.05 * 0.95 / events)
    table = [f"{events} events a line, seed = number of the line; error of a share near .05: {error:.4f}"]
    print(table[0])
    for seed, (name, goal, event) in enumerate(lines):
        if first <= seed <= last:
            found[name] = share(max(1, events // 50) if name.startswith("*") else events, event, seed)
            table.append(f"{seed:>2} {name:<56} {found[name]:.4f}   goal {goal}")
            print(table[-1], flush=True)
    table += ["", planning_table()]
    print(f"\n{table[-1]}")
    if kept := os.environ.get("KIT_BENCH_TABLE"):
        Path(kept).write_text("\n".join(table) + "\n", encoding="utf-8")
    return found


if __name__ == "__main__":
    main()

"""Discernment within people: an ordinal probit model of offers answered safe < don't know < refuse.

    P(response <= k | person i, signal s) = Phi(tau_k - c_i - s d),  k = 1, 2,  s = +1/2 fraud, -1/2 genuine,
    c_i ~ Normal(0, spread^2)

`d` is discernment, the midpoint of the two thresholds the criterion (falling = readier to refuse), their
distance the room that "don't know" takes, `spread` how much people differ in readiness to refuse. A pooled d'
moves when people's criteria spread or converge; this d does not (DeCarlo 1998, Psychol. Methods 3:186;
Hedeker & Gibbons 1994, Biometrics 50:933).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from scipy import optimize, special

from kit.report.stats.balanced import freedom
from kit.report.stats.distributions import Interval, t_quantile
from kit.report.stats.paired import Numbers

REACH: Final = 6.5
NODES: Final = 105
"""Trapezoid over +-6.5 SD of the criterion in steps of 1/8: exact to 1e-6 up to a spread of 2. On this
smooth, peaked integrand 61 nodes of Gauss-Hermite are off by 2e-4 a person at a spread of 1.5."""

PRIOR_CENTRE: Final = float(np.log(0.5))
PRIOR_SD: Final = 1.5
"""Weak prior on log spread and log distance. Without it a small room in which nobody says "don't know", or in
which people differ less than chance, runs off to a distance or spread of zero."""

SMALLEST_ARM: Final = 8
FEWEST_PEOPLE: Final = 10
JOINT_SIDES: Final = (0.9875, 0.99, 0.995)
"""Upper probability of the intervals a verdict is read from: discernment, criterion, distance.

Bonferroni: without any change .025 + .02 + .005 of events say something, .05 together. A verdict reads both
sides of the first two and one of the third ("more decided" is said, "less decided" never is), whose share is
the smallest because that claim is the least. With 97.5 % each, decidedness came on top: .0625.
"""

_TINY: Final = 1e-300
_HALF: Final = np.array([0.5, -0.5])
_MIDPOINT, _LOG_DISTANCE, _DISCERNMENT, _LOG_SPREAD = range(4)

Reason = Literal["few", "extreme", "not_converged", "one_order", "arms_small", "no_offers", "no_spread"]


@dataclass(frozen=True)
class Parameters:
    """The four parameters of one wave, in units of the standard normal."""

    discernment: float
    criterion: float
    distance: float
    spread: float


@dataclass(frozen=True)
class Change:
    """A change between two waves with its 95 % interval, and the wider one for joint statements."""

    change: float
    standard_error: float
    ci: Interval
    joint_ci: Interval


@dataclass(frozen=True)
class Arm:
    """People of one arm: equal people are one cell.

    `pre` and `post`: counts, shape (cells, 6): fraud offers answered safe, don't know, refuse, then genuine
    ones. `n`: people of each cell. `site`: number of each cell's site.
    """

    pre: Numbers
    post: Numbers
    n: Numbers
    site: Numbers

    @property
    def people(self) -> int:
        """How many people the arm has."""
        return int(self.n.sum())


@dataclass(frozen=True)
class OrdinalDiscernment:
    """Both waves (mean of the arms) and the changes; `reason` says why there is nothing to judge."""

    n: int
    pre: Parameters | None = None
    post: Parameters | None = None
    discernment: Change | None = None
    criterion: Change | None = None
    distance: Change | None = None
    reason: Reason | None = None


@dataclass(frozen=True)
class _Fit:
    """Maximum of one wave of one arm: parameters, their scale-free form, and each cell's pull on them."""

    theta: Numbers
    pulls: Numbers


def _probabilities(theta: Numbers, nodes: Numbers) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Log probability of the six answers at each node, and densities at the lower and upper thresholds.

    Shapes: (6, nodes) for the log probabilities, (2, nodes) for each density, (6, nodes) for probabilities.
    """
    distance, spread = np.exp(theta[_LOG_DISTANCE]), np.exp(theta[_LOG_SPREAD])
    centre = theta[_MIDPOINT] - spread * nodes[None, :] - _HALF[:, None] * theta[_DISCERNMENT]
    low, high = centre - distance / 2.0, centre + distance / 2.0
    # Each difference is taken on the side where both tails are small, so that nothing cancels.
    upper_side = low > 0
    between = np.where(
        upper_side, special.ndtr(-low) - special.ndtr(-high), special.ndtr(high) - special.ndtr(low)
    )
    parts = np.stack([special.ndtr(low), between, special.ndtr(-high)], axis=1)
    parts = np.maximum(parts.reshape(6, -1), _TINY)
    return np.log(parts), _density(low), _density(high), parts


def _density(x: Numbers) -> Numbers:
    return np.asarray(np.exp(-0.5 * x * x) / np.sqrt(2.0 * np.pi))


def _slopes(theta: Numbers, nodes: Numbers) -> tuple[Numbers, Numbers]:
    """Log probabilities (6, nodes) and their derivatives by the four parameters (6, nodes, 4)."""
    log_p, at_low, at_high, p = _probabilities(theta, nodes)
    half_distance, spread = np.exp(theta[_LOG_DISTANCE]) / 2.0, np.exp(theta[_LOG_SPREAD])
    # How each probability moves when both thresholds rise by one, and when they move apart.
    rise = np.stack([at_low, at_high - at_low, -at_high], axis=1).reshape(6, -1)
    widen = np.stack([-at_low, at_high + at_low, -at_high], axis=1).reshape(6, -1) * half_distance
    signal = np.repeat(_HALF, 3)[:, None]
    slopes = np.stack([rise, widen, -signal * rise, -spread * nodes[None, :] * rise], axis=2)
    return log_p, slopes / p[:, :, None]


def cell_scores(theta: Numbers, counts: Numbers) -> tuple[Numbers, Numbers]:
    """Log likelihood (cells,) and its gradient (cells, 4) for the counts (cells, 6) of one wave.

    theta = (midpoint, log distance, discernment, log spread). Multinomial constants are left out.
    """
    nodes = np.linspace(-REACH, REACH, NODES)
    log_p, slopes = _slopes(theta, nodes)
    joint = counts @ log_p + _log_weights(nodes)[None, :]
    # As log-sum-exp, with each exponential taken once; the sums over nodes are one matrix product.
    peak = joint.max(axis=1, keepdims=True)
    posterior = np.exp(joint - peak)
    mass = posterior.sum(axis=1, keepdims=True)
    weighted = (posterior / mass) @ slopes.transpose(1, 0, 2).reshape(len(nodes), -1)
    gradient = np.einsum("cj,cjp->cp", counts, weighted.reshape(len(counts), *slopes.shape[::2]))
    return (peak + np.log(mass))[:, 0], gradient


def _log_weights(nodes: Numbers) -> Numbers:
    """Log of the standard normal's share of each node."""
    weights = _density(nodes)
    return np.asarray(np.log(weights / weights.sum()))


def fit_wave(counts: Numbers, n: Numbers) -> Numbers | None:
    """Maximise the marginal likelihood of one wave with the weak prior; None where it does not converge.

    counts (cells, 6), n (cells,): people per cell. Returns theta as in `cell_scores`.
    """

    def objective(theta: Numbers) -> tuple[float, Numbers]:
        value, gradient = cell_scores(theta, counts)
        away, pull = _prior(theta)
        return away - float(value @ n), pull - gradient.T @ n

    found = optimize.minimize(objective, _start(counts, n), jac=True, method="L-BFGS-B", tol=1e-12)
    theta = np.asarray(found.x)
    for _ in range(20):
        _, gradient = objective(theta)
        step = np.linalg.lstsq(information(theta, counts, n), gradient, rcond=None)[0]
        if not np.all(np.isfinite(step)) or np.abs(step).max() > 5:
            return None
        theta = theta - step
        if np.abs(step).max() < 1e-9:
            return theta
    return None


def _prior(theta: Numbers) -> tuple[float, Numbers]:
    """Minus log prior and its gradient: normal on log distance and log spread."""
    pull = np.zeros(4)
    scaled = {place: (theta[place] - PRIOR_CENTRE) / PRIOR_SD for place in (_LOG_DISTANCE, _LOG_SPREAD)}
    for place, value in scaled.items():
        pull[place] = value / PRIOR_SD
    return float(sum(0.5 * value**2 for value in scaled.values())), pull


def _start(counts: Numbers, n: Numbers) -> Numbers:
    """Pooled probits as if everybody had one criterion; half an answer added, so that none is infinite."""
    fraud, genuine = (counts[:, part].T @ n + 0.5 for part in (slice(0, 3), slice(3, 6)))
    low = [special.ndtri(side[0] / side.sum()) for side in (fraud, genuine)]
    high = [special.ndtri((side[0] + side[1]) / side.sum()) for side in (fraud, genuine)]
    middle = [(a + b) / 2.0 for a, b in zip(low, high, strict=True)]
    distance = float(np.mean(high) - np.mean(low))
    return np.array([np.mean(middle), np.log(max(distance, 0.05)), middle[1] - middle[0], PRIOR_CENTRE])


def information(theta: Numbers, counts: Numbers, n: Numbers) -> Numbers:
    """Second derivative of minus the log posterior (4, 4), by central differences of the gradient."""
    step = 1e-5
    columns = []
    for place in range(4):
        ends = []
        for sign in (1.0, -1.0):
            moved = theta.copy()
            moved[place] += sign * step
            ends.append(_prior(moved)[1] - cell_scores(moved, counts)[1].T @ n)
        columns.append((ends[0] - ends[1]) / (2.0 * step))
    found = np.stack(columns)
    return np.asarray((found + found.T) / 2.0)


def _fitted(counts: Numbers, n: Numbers) -> _Fit | None:
    """Fit a wave; each cell's pull on discernment, criterion and distance is inverse information x score."""
    distinct, where = _equal_cells(counts)
    people = np.bincount(where, weights=n, minlength=len(distinct))
    theta = fit_wave(distinct, people)
    if theta is None:
        return None
    bread = information(theta, distinct, people)
    if np.linalg.eigvalsh(bread).min() <= 1e-8:
        return None
    scores = cell_scores(theta, distinct)[1]
    pulls = np.linalg.solve(bread, scores.T).T
    distance = np.exp(theta[_LOG_DISTANCE])
    named = np.stack(
        [pulls[:, _DISCERNMENT], pulls[:, _MIDPOINT], distance * pulls[:, _LOG_DISTANCE]], axis=1
    )
    return _Fit(theta, named[where])


def _equal_cells(counts: Numbers) -> tuple[Numbers, Numbers]:
    """The distinct rows of counts and where each row is; by one number a row, which sorts in a blink."""
    base = int(counts.max(initial=0)) + 1
    places = counts.astype(np.int64) @ base ** np.arange(counts.shape[1])
    _, first, where = np.unique(places, return_index=True, return_inverse=True)
    return counts[first], where.reshape(-1)


def _named(thetas: Sequence[Numbers]) -> Parameters:
    """The mean of the arms in the words of the report."""
    rows = [(t[_DISCERNMENT], t[_MIDPOINT], np.exp(t[_LOG_DISTANCE]), np.exp(t[_LOG_SPREAD])) for t in thetas]
    return Parameters(*(float(x) for x in np.mean(rows, axis=0)))


def _is_extreme(counts: Numbers, n: Numbers) -> bool:
    """Whether all or none of the fraud (or genuine) offers were refused: no probit exists for that."""
    totals = counts.T @ n
    return any(part[2] in (0.0, part.sum()) or part.sum() == 0 for part in (totals[:3], totals[3:]))


def ordinal_discernment(arms: Sequence[Arm], *, by_site: bool) -> OrdinalDiscernment:
    """Fit each arm and wave on its own and average the changes over arms with equal weights.

    Items differ in difficulty, so a common fit of unequal arms turns the forms' difference into a change.
    Arms below eight people are fitted together, which is sound only if they differ by at most one person.
    Errors are those of people (HC1 sandwich of the stacked scores, Welch-Satterthwaite over the arms);
    `by_site`: never less than the
    linearised jackknife over sites (CR3) with t(G-1). Returns parameters, changes, or the reason for none.
    """
    n = sum(arm.people for arm in arms)
    reason = _cannot(arms, n)
    if reason is not None:
        return OrdinalDiscernment(n, reason=reason)
    fitted_arms = arms
    if min(arm.people for arm in arms) < SMALLEST_ARM and len(arms) > 1:
        fitted_arms = [_together(arms)]
    fits = [(_fitted(arm.pre, arm.n), _fitted(arm.post, arm.n)) for arm in fitted_arms]
    if any(fit is None for pair in fits for fit in pair):
        return OrdinalDiscernment(n, reason="not_converged")
    pairs = [(pre, post) for pre, post in fits if pre is not None and post is not None]
    before, after = _named([pre.theta for pre, _ in pairs]), _named([post.theta for _, post in pairs])
    weight = 1.0 / len(pairs)
    pulls = [weight * (post.pulls - pre.pulls) for pre, post in pairs]
    errors = _errors(fitted_arms, pulls, by_site=by_site)
    if errors is None:
        return OrdinalDiscernment(n, before, after, reason="no_spread")
    se, df = errors
    changes = (
        after.discernment - before.discernment,
        after.criterion - before.criterion,
        after.distance - before.distance,
    )
    found = [
        _change(change, float(error), free, side)
        for change, error, free, side in zip(changes, se, df, JOINT_SIDES, strict=True)
    ]
    return OrdinalDiscernment(n, before, after, found[0], found[1], found[2])


def _cannot(arms: Sequence[Arm], n: int) -> Reason | None:
    if n < FEWEST_PEOPLE:
        return "few"
    sizes = [arm.people for arm in arms]
    if len(arms) > 1 and min(sizes) < SMALLEST_ARM and max(sizes) - min(sizes) > 1:
        return "arms_small"
    whole = _together(arms)
    if _is_extreme(whole.pre, whole.n) or _is_extreme(whole.post, whole.n):
        return "extreme"
    return None


def _together(arms: Sequence[Arm]) -> Arm:
    return Arm(
        np.concatenate([arm.pre for arm in arms]),
        np.concatenate([arm.post for arm in arms]),
        np.concatenate([arm.n for arm in arms]),
        np.concatenate([arm.site for arm in arms]),
    )


def _errors(
    arms: Sequence[Arm], pulls: Sequence[Numbers], *, by_site: bool
) -> tuple[Numbers, list[float]] | None:
    """Standard errors of the three changes, and the degrees of freedom of each; None without any spread."""
    n = sum(arm.people for arm in arms)
    parts = np.array(
        [arm.people / (arm.people - 1.0) * (arm.n @ pull**2) for arm, pull in zip(arms, pulls, strict=True)]
    )
    variance = parts.sum(axis=0)
    sizes_of_arms = [arm.people for arm in arms]
    alike = [(1.0 / size, size) for size in sizes_of_arms]
    df = [
        freedom(list(zip(column, sizes_of_arms, strict=True)), alike) if total > 0 else n - 1.0
        for column, total in zip(parts.T, variance, strict=True)
    ]
    if by_site:
        whole = _together(arms)
        _, site = np.unique(whole.site, return_inverse=True)
        sizes = np.bincount(site, weights=whole.n)
        weighted = np.concatenate(pulls) * whole.n[:, None]
        sums = np.stack([np.bincount(site, weights=weighted[:, k]) for k in range(3)], axis=1)
        g = len(sizes)
        if g < 2:
            return None
        jackknife = sums / (1.0 - sizes / n)[:, None]
        variance = np.maximum(variance, (g - 1.0) / g * (jackknife**2).sum(axis=0))
        df = [min(own, g - 1.0) for own in df]
    if not np.all(variance > 0):
        return None
    return np.sqrt(variance), df


def _change(change: float, error: float, df: float, joint_side: float) -> Change:
    near, far = (t_quantile(df, side) * error for side in (0.975, joint_side))
    return Change(change, error, (change - near, change + near), (change - far, change + far))


def arm_of_cells(cells: dict[str, Any]) -> Arm:
    """An arm from columns: refused, unsure and asked offers, `fraud_refused_pre` … `genuine_asked_post`."""
    waves = []
    for wave in ("pre", "post"):
        columns = []
        for signal in ("fraud", "genuine"):
            refused, unsure, asked = (
                np.asarray(cells[f"{signal}_{name}_{wave}"], dtype=float)
                for name in ("refused", "unsure", "asked")
            )
            columns += [asked - refused - unsure, unsure, refused]
        waves.append(np.stack(columns, axis=1))
    return Arm(waves[0], waves[1], np.asarray(cells["n"], dtype=float), np.asarray(cells["site"]))

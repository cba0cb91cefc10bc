"""The figures of a report: what `report.json` holds, section by section. None means: see the notes."""

from __future__ import annotations

from dataclasses import dataclass, field

from kit.report.stats.distributions import Interval


@dataclass(frozen=True)
class Note:
    """A sentence about the figures, by code; `about` names the places (`items.*.rest_r_pre`) it explains."""

    code: str
    values: tuple[tuple[str, object], ...] = ()
    about: tuple[str, ...] = ()


@dataclass(frozen=True)
class Flow:
    """Who was measured and who was lost. Leavers answered before and not after."""

    n_joined: int | None = None
    n_pre: int | None = None
    n_post: int | None = None
    n_pairs: int | None = None
    n_followup: int | None = None
    pairs_share: float | None = None
    stayers_mean_pre: float | None = None
    leavers_mean_pre: float | None = None
    leavers_difference: float | None = None
    leavers_ci: Interval | None = None
    gain_times_share: float | None = None
    n_partial: int | None = None
    n_short: int | None = None


@dataclass(frozen=True)
class WilcoxonFigures:
    """Signed ranks."""

    w_plus: float | None = None
    p: float | None = None
    rank_biserial: float | None = None


@dataclass(frozen=True)
class Score:
    """The change of the matched people, in points out of `max`."""

    max: int | None = None
    mean_pre: float | None = None
    sd_pre: float | None = None
    mean_post: float | None = None
    sd_post: float | None = None
    mean_change: float | None = None
    ci: Interval | None = None
    sd_change: float | None = None
    r: float | None = None
    t: float | None = None
    df: int | None = None
    p_t: float | None = None
    p_signflip: float | None = None
    wilcoxon: WilcoxonFigures = field(default_factory=WilcoxonFigures)
    n_up: int | None = None
    n_same: int | None = None
    n_down: int | None = None
    d_av: float | None = None
    d_av_ci: Interval | None = None
    d_z: float | None = None
    d_z_ci: Interval | None = None
    hedges_g_z: float | None = None
    hedges_g_av: float | None = None
    normalised_gain: float | None = None
    normalised_gain_ci: Interval | None = None
    normalised_change: float | None = None
    normalised_change_dropped: int | None = None
    ceiling_pre: float | None = None
    floor_pre: float | None = None
    changes: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Persisting:
    """A wrong answer that is still given after: its option and its shares before and after."""

    choice: str
    share_pre: float | None
    share_post: float


@dataclass(frozen=True)
class ItemFigures:
    """One item: the same people twice (n11 …), or with parallel forms one arm before and the other after.

    `bound_pre` and `bound_post` stand for a share that is withheld since all or none of few were right.
    """

    item: str
    quiz_id: str
    form: str
    signal: str | None
    n: int
    n_pre: int
    n_post: int
    n11: int | None = None
    n01: int | None = None
    n10: int | None = None
    n00: int | None = None
    p_pre: float | None = None
    p_post: float | None = None
    bound_pre: str = ""
    bound_post: str = ""
    change: float | None = None
    ci: Interval | None = None
    p_mcnemar: float | None = None
    p_fisher: float | None = None
    p_holm: float | None = None
    verdict: str | None = None
    verdict_code: str | None = None
    rest_r_pre: float | None = None
    rest_r_post: float | None = None
    options_pre: dict[str, int | None] = field(default_factory=dict)
    options_post: dict[str, int | None] = field(default_factory=dict)
    shift: tuple[tuple[str, str, int], ...] = ()
    persisting: Persisting | None = None


@dataclass(frozen=True)
class TwinFigures:
    """An item and its counterpart in the other form: what the same people knew before and after."""

    item: str
    twin: str
    quiz_id: str
    n: int
    n11: int | None
    n01: int | None
    n10: int | None
    n00: int | None
    change: float | None
    ci: Interval | None


@dataclass(frozen=True)
class AlphaFigures:
    """Internal consistency of one wave."""

    alpha: float | None = None
    ci: Interval | None = None
    n: int | None = None


@dataclass(frozen=True)
class Reliability:
    """Alpha before and after, pooled within forms."""

    pre: AlphaFigures = field(default_factory=AlphaFigures)
    post: AlphaFigures = field(default_factory=AlphaFigures)


@dataclass(frozen=True)
class DiscernmentFigures:
    """Fraud called fraud, genuine called fraud, d' and criterion of the matched people."""

    n: int | None = None
    n_fraud: int | None = None
    n_genuine: int | None = None
    hit_rate_pre: float | None = None
    hit_rate_post: float | None = None
    false_alarm_rate_pre: float | None = None
    false_alarm_rate_post: float | None = None
    d_prime_pre: float | None = None
    d_prime_post: float | None = None
    d_prime_change: float | None = None
    d_prime_change_ci: Interval | None = None
    criterion_pre: float | None = None
    criterion_post: float | None = None
    criterion_change: float | None = None
    criterion_change_ci: Interval | None = None
    hit_rate_pre_ci: Interval | None = None
    hit_rate_post_ci: Interval | None = None
    false_alarm_rate_pre_ci: Interval | None = None
    false_alarm_rate_post_ci: Interval | None = None
    verdict: str | None = None
    verdict_code: str | None = None


@dataclass(frozen=True)
class Followup:
    """People of all three waves, in points; `retained` is the share of the gain still there."""

    n: int | None = None
    mean_pre: float | None = None
    mean_post: float | None = None
    mean_followup: float | None = None
    retained: float | None = None
    retained_ci: Interval | None = None
    sd_pre: float | None = None
    sd_post: float | None = None
    sd_followup: float | None = None


@dataclass(frozen=True)
class Group:
    """One site, audience, session or event."""

    by: str
    name: str
    suppressed: bool
    flow: Flow
    score: Score


@dataclass(frozen=True)
class SiteEstimate:
    """One line of the forest plot."""

    name: str
    n: int
    mean_change: float
    ci: Interval | None


@dataclass(frozen=True)
class PooledFigures:
    """The mean over sites by random effects, and how much sites differ; points."""

    k: int | None = None
    unit: str | None = None
    estimate: float | None = None
    ci: Interval | None = None
    tau2: float | None = None
    i2: float | None = None
    prediction_interval: Interval | None = None
    icc: float | None = None
    design_effect: float | None = None
    cluster_robust_ci: Interval | None = None
    reml_estimate: float | None = None
    reml_ci: Interval | None = None
    sites: tuple[SiteEstimate, ...] = ()


@dataclass(frozen=True)
class Forms:
    """Are the parallel forms equally hard? Change per arm, their difference, and the mean of the two arms."""

    arms: tuple[str, ...] = ()
    n: tuple[int, ...] = ()
    change: tuple[float, ...] = ()
    difference: float | None = None
    difference_ci: Interval | None = None
    balanced_change: float | None = None
    balanced_ci: Interval | None = None


@dataclass(frozen=True)
class Comparison:
    """Change here minus change at the comparison sites, sites as units; points."""

    sites: tuple[str, ...] = ()
    n_sites: int | None = None
    n_pairs: int | None = None
    mean_change: float | None = None
    difference: float | None = None
    ci: Interval | None = None
    p: float | None = None


@dataclass(frozen=True)
class Target:
    """A gain declared beforehand, in points out of 100, and whether it was reached."""

    points: float | None = None
    verdict: str | None = None
    verdict_code: str | None = None


@dataclass(frozen=True)
class LikertItem:
    """Answers to one attitude statement in one wave: counts of 1 to 5; never scored."""

    item: str
    quiz_id: str
    wave: str
    counts: tuple[int, int, int, int, int]


@dataclass(frozen=True)
class SessionLine:
    """One session as the report names it."""

    code: str
    title: dict[str, str]
    event: str
    site: str
    held_on: str
    quizzes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Unsure:
    """Share of scored answers that were `don't know`."""

    pre: float | None = None
    post: float | None = None


@dataclass(frozen=True)
class RescoredItem:
    """An item whose key was corrected: the keys it was scored by, the key now, the marks that changed."""

    item: str
    keys_before: tuple[str, ...]
    key_after: str
    n_changed: int | None = None


@dataclass(frozen=True)
class Rescored:
    """A quiz that was scored anew: the hashes it was answered with, the hash of the correction."""

    quiz_id: str
    sha256_before: tuple[str, ...]
    sha256_after: str
    items: tuple[RescoredItem, ...]
    n_changed: int | None = None


@dataclass(frozen=True)
class Options:
    """How the report was asked for."""

    by: tuple[str, ...] = ()
    target: float | None = None
    audience: str = "internal"
    compare: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figures:
    """Everything a report says, before words."""

    options: Options
    sources: tuple[str, ...]
    sessions: tuple[SessionLine, ...]
    flow: Flow
    score: Score
    unsure: Unsure
    items: tuple[ItemFigures, ...]
    twins: tuple[TwinFigures, ...]
    reliability: Reliability
    discernment: DiscernmentFigures
    followup: Followup
    groups: tuple[Group, ...]
    pooled: PooledFigures
    forms: Forms
    comparison: Comparison
    target: Target
    likert: tuple[LikertItem, ...]
    cells: tuple[tuple[float | None, float | None, float | None, int], ...]
    notes: tuple[Note, ...]
    rescored: tuple[Rescored, ...] = ()

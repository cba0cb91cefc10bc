"""A sentence for everything that is missing, doubtful or withheld."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from kit.report.counting import FormPlan
from kit.report.cube import Cube
from kit.report.disclosure import NO_EXTREMES_BELOW, SMALLEST
from kit.report.figures import Figures, Note, Score
from kit.report.item_figures import ALPHA_FROM
from kit.report.loaded import Loaded
from kit.report.measure import (
    COUNTS_ONLY_BELOW,
    EVERYTHING_FROM,
    FULL_STATISTICS_FOR_GROUPS,
    quiz_maxima,
)
from kit.report.stats.distributions import SMALLEST_P

WARN_SHARE: Final = 0.15
ARMS_BIAS: Final = 0.25

_ALL_SCORE: Final = ("score.*", "groups.*.score.*")
_WITHHELD: Final = (
    "flow.*", "score.*", "unsure.*", "items.*", "twins.*", "discernment.*", "followup.*", "groups.*",
    "pooled.*", "forms.*", "target.*",
)  # fmt: skip


def note(code: str, *about: str, **values: object) -> Note:
    """Make a note; `about` are places in report.json, `*` for any part."""
    return Note(code, tuple(values.items()), about)


def collect_notes(figures: Figures, loaded: Loaded, cube: Cube, plan: FormPlan) -> Iterator[Note]:
    """All notes of a report, in the order of its contents."""
    yield from _sources(figures, loaded, cube, plan)
    if figures.flow.n_pairs is None:
        yield note("withheld_all", "*", k=SMALLEST["public"])
        return
    yield from _flow(figures)
    if scores_withheld(figures):
        yield note("withheld_alike", "*", k=NO_EXTREMES_BELOW)
        return
    if cube.answer.empty:
        yield note("totals_only", "unsure.*", "items.*", "twins.*", "reliability.*", "discernment.*")
    yield from _size(figures)
    yield from _score(figures.score, figures.flow.n_pairs)
    yield from _comparison(figures, cube)
    yield from _discernment(figures)
    yield from _items(figures)
    yield from _sites(figures)
    yield from _followup(figures)
    yield from _disclosure(figures)
    if figures.options.audience == "public":
        yield from _hidden_parts(figures, cube, plan)


def scores_withheld(figures: Figures) -> bool:
    """Whether a report for the public keeps back every score: its few people answered too much alike."""
    enough = (figures.flow.n_pairs or 0) >= SMALLEST["public"]
    return figures.options.audience == "public" and enough and figures.score.mean_change is None


def followup_hidden(figures: Figures) -> bool:
    """Whether there was a follow-up that a report for the public keeps back: too few came back."""
    return figures.options.audience == "public" and None in (figures.flow.n_followup, figures.followup.n)


def _sources(figures: Figures, loaded: Loaded, cube: Cube, plan: FormPlan) -> Iterator[Note]:
    quizzes = sorted(str(q) for q in cube.score["quiz_id"].dropna().unique() if q)
    maxima = set(quiz_maxima(plan, quizzes).values())
    if any(record.rehearsal for record in loaded.records):
        yield note("rehearsal")
    if loaded.versions:
        yield note("quiz_versions", versions=", ".join(loaded.versions))
    yield from _rescored(figures)
    if len(quizzes) > 1:
        yield note("several_quizzes", quizzes=", ".join(quizzes))
    if len(maxima) > 1:
        yield note("mixed_max", maxima=", ".join(str(m) for m in sorted(maxima)), max=figures.score.max)
    if plan.open_forms:
        yield note("forms_unknown", "items.*", "discernment.*", "reliability.*")


def _rescored(figures: Figures) -> Iterator[Note]:
    k = SMALLEST[figures.options.audience]
    for line in figures.rescored:
        items = ", ".join(row.item for row in line.items)
        hashes = {
            "old": ", ".join(sha[:12] for sha in line.sha256_before) or "–",
            "new": line.sha256_after[:12],
        }
        named = {"quiz": line.quiz_id, "n_items": len(line.items), "items": items, **hashes}
        if not line.items:
            yield note("rescored_same", quiz=line.quiz_id, **hashes)
        elif line.n_changed is None:
            yield note("rescored_few", "rescored.*", k=k, **named)
        else:
            yield note("rescored", "rescored.*", n=line.n_changed, **named)


def _flow(figures: Figures) -> Iterator[Note]:
    flow = figures.flow
    if flow.n_partial:
        yield note("partial_attempts", n=flow.n_partial)
    if flow.n_short:
        yield note("short_attempts", n=flow.n_short)
    if flow.leavers_ci is None:
        lost, public = (flow.n_pre or 0) - (flow.n_pairs or 0), figures.options.audience == "public"
        hidden = public and lost < SMALLEST["public"]
        code = "nobody_left" if lost == 0 else "few_left_hidden" if hidden else "few_left"
        yield note(
            code,
            "flow.stayers_mean_pre",
            "flow.leavers_*",
            "groups.*.flow.*",
            n=SMALLEST["public"] if hidden else lost,
        )
    if not flow.n_pre:
        yield note("no_pre", "flow.pairs_share", "flow.gain_times_share")
    elif flow.pairs_share is not None and flow.pairs_share < 0.7:
        yield note("many_left", share=round(100 * (1 - flow.pairs_share)))


def _size(figures: Figures) -> Iterator[Note]:
    n = figures.flow.n_pairs or 0
    if n == 0:
        yield note("nobody_matched", "score.*", "unsure.*", "flow.*", "discernment.*", "target.*", "pooled.*")
    elif n < COUNTS_ONLY_BELOW:
        about = ("score.*", "flow.*", "discernment.*", "target.*", "pooled.*")
        yield note("counts_only", *about, n=n, k=COUNTS_ONLY_BELOW)
    elif n < EVERYTHING_FROM:
        yield note("small_group", "items.*", n=n, k=EVERYTHING_FROM)


def _score(score: Score, n_pairs: int) -> Iterator[Note]:
    if score.mean_change is None:
        return
    if score.sd_change == 0:
        about = ("ci", "t", "p_t", "d_z", "d_z_ci", "hedges_g_z", "normalised_gain_ci", "d_av_ci")
        code = "nobody_changed" if score.mean_change == 0 else "all_changed_alike"
        yield note(
            code, *(f"score.{name}" for name in about), "score.wilcoxon.*", "pooled.*", "groups.*.score.*"
        )
    elif score.wilcoxon.p is None and None not in (score.n_up, score.n_same, score.n_down):
        yield note("nobody_changed", "score.wilcoxon.*")
    if score.r is None or score.d_av is None:
        yield note(
            "no_spread", "score.r", "score.d_av", "score.d_av_ci", "score.hedges_g_av", "groups.*.score.*"
        )
    if score.normalised_gain is None:
        yield note(
            "full_marks_before", "score.normalised_gain", "score.normalised_gain_ci", "groups.*.score.*"
        )
    elif score.normalised_gain_ci is None and score.sd_change != 0:
        yield note("gain_unbounded", "score.normalised_gain_ci", "groups.*.score.*")
    if score.normalised_change is None and score.normalised_change_dropped is not None:
        yield note("all_dropped", "score.normalised_change", "groups.*.score.*")
    if score.ceiling_pre is not None and score.ceiling_pre >= WARN_SHARE:
        yield note("ceiling", n=round(score.ceiling_pre * n_pairs))
    if score.floor_pre is not None and score.floor_pre >= WARN_SHARE:
        yield note("floor", n=round(score.floor_pre * n_pairs))
    if score.n_up is not None and score.n_down is not None and 0 < score.n_up + score.n_down < 6:
        changed = score.n_up + score.n_down
        yield note("smallest_p", n=changed, p=2.0 ** (1 - changed))
    if SMALLEST_P in (score.p_t, score.p_signflip, score.wilcoxon.p):
        yield note("tiny_p", p=f"{SMALLEST_P:g}")


def _comparison(figures: Figures, cube: Cube) -> Iterator[Note]:
    comparison = figures.comparison
    if not comparison.sites:
        yield note("no_comparison", "comparison.*")
    elif comparison.difference is None:
        yield note("comparison_small", "comparison.*", k=EVERYTHING_FROM)
    elif comparison.ci is None:
        yield note("comparison_one_site", "comparison.ci", "comparison.p")
    if figures.target.points is None:
        yield note("no_target", "target.*", "options.target")
    if not figures.forms.arms:
        orders = {arm for arm in cube.score["arm"].dropna() if arm}
        hidden = figures.options.audience == "public" and len(orders) > 1
        yield note("forms_hidden" if hidden else "one_form", "forms.*")
    elif figures.forms.difference is None:
        yield note("arms_small", "forms.*")
    elif figures.forms.balanced_change is not None and arms_pull(figures):
        yield note("arms_unequal", n=" / ".join(str(n) for n in figures.forms.n))


def arms_pull(figures: Figures) -> bool:
    """Whether unequal arms with unequal forms move the mean change by more than a quarter of its error."""
    ci, balanced, mean = figures.score.ci, figures.forms.balanced_change, figures.score.mean_change
    if ci is None or balanced is None or mean is None:
        return False
    return abs(mean - balanced) > ARMS_BIAS * (ci[1] - ci[0]) / 4


def _discernment(figures: Figures) -> Iterator[Note]:
    found = figures.discernment
    rates = (found.hit_rate_pre_ci, found.hit_rate_post_ci, found.false_alarm_rate_pre_ci)
    if found.hit_rate_pre is not None and None in (*rates, found.false_alarm_rate_post_ci):
        yield note("rate_no_spread", "discernment.*_rate_*_ci")
    if figures.flow.n_pairs is None or found.verdict_code is not None:
        if found.verdict_code is not None and found.n is not None and found.n < (figures.flow.n_pairs or 0):
            yield note("discernment_part", n=found.n)
        return
    if not found.n_fraud and not found.n_genuine:
        yield note("no_offers", "discernment.*")
    elif not found.n_genuine:
        yield note("no_genuine_offers", "discernment.*")
    elif not found.n_fraud:
        yield note("no_fraud_offers", "discernment.*")
    elif figures.options.audience == "public" and found.d_prime_change is None:
        return
    elif found.d_prime_change is None:
        yield note("discernment_few", "discernment.*", k=COUNTS_ONLY_BELOW)
    else:
        yield note("discernment_no_spread", "discernment.*")


def _items(figures: Figures) -> Iterator[Note]:
    if not figures.items:
        return
    if any(row.ci is None for row in figures.items):
        yield note("items_few", "items.*", k=EVERYTHING_FROM)
    if any(row.p_fisher is not None for row in figures.items):
        about = [f"items.*.{x}" for x in ("n11", "n01", "n10", "n00", "p_mcnemar", "shift")]
        yield note("items_by_arm", *about)
    if any(row.p_mcnemar is not None for row in figures.items):
        yield note("items_paired", "items.*.p_fisher")
    if any(row.rest_r_pre is None or row.rest_r_post is None for row in figures.items):
        yield note("item_constant", "items.*.rest_r_pre", "items.*.rest_r_post", k=EVERYTHING_FROM)
    yield note("items_no_signal", "items.*.signal", "items.*.persisting*")
    if figures.reliability.pre.alpha is None or figures.reliability.post.alpha is None:
        yield note("alpha_few", "reliability.*", k=ALPHA_FROM)
    if any(twin.change is None for twin in figures.twins):
        yield note("twins_few", "twins.*", k=EVERYTHING_FROM)


def _sites(figures: Figures) -> Iterator[Note]:
    pooled = figures.pooled
    several = (pooled.k or 0) > 2 and (figures.flow.n_pairs or 0) >= COUNTS_ONLY_BELOW
    if pooled.k == 1:
        yield note("one_site", "pooled.*")
    elif pooled.k == 2:
        yield note("two_sites" if pooled.unit == "site" else "two_sessions", "pooled.*")
    elif several and pooled.estimate is None:
        hidden = figures.options.audience == "public" and not pooled.sites
        yield note("sites_hidden" if hidden else "sites_no_spread", "pooled.*")
    elif several and (pooled.k or 0) < 5:
        yield note("few_sites", "pooled.prediction_interval")
    if any(site.ci is None for site in pooled.sites):
        yield note("site_alone", "pooled.sites.*.ci")
    if pooled.design_effect is not None and pooled.design_effect > 1.5 and (pooled.k or 0) >= 3:
        yield note("sites_differ", effect=round(pooled.design_effect, 1))
    sizes = Counter(group.by for group in figures.groups)
    measured = [group.by for group in figures.groups if group.score.mean_change is not None]
    if any(sizes[by] > FULL_STATISTICS_FOR_GROUPS for by in measured):
        yield note("groups_brief", "groups.*")


def _followup(figures: Figures) -> Iterator[Note]:
    followup, n = figures.followup, figures.flow.n_followup
    if followup_hidden(figures):
        yield note("followup_hidden", "followup.*", "flow.n_followup", k=SMALLEST["public"])
    elif not n:
        yield note("no_followup", "followup.*", "flow.n_followup")
    elif followup.mean_followup is None:
        yield note("followup_few", "followup.*", k=COUNTS_ONLY_BELOW)
    elif followup.retained is None:
        yield note("no_gain_to_keep", "followup.retained*")
    elif followup.retained_ci is None:
        yield note("retained_no_spread", "followup.retained_ci")


def _disclosure(figures: Figures) -> Iterator[Note]:
    k = SMALLEST[figures.options.audience]
    if any(group.suppressed for group in figures.groups):
        n = sum(group.suppressed for group in figures.groups)
        yield note("suppressed", "groups.*", n=n, k=k)
    if any(not g.suppressed and g.score.mean_change is None for g in figures.groups):
        yield note("group_small", "groups.*.score.*", k=EVERYTHING_FROM)
    if figures.groups:
        yield note("group_details", "groups.*")
    if figures.options.audience == "public":
        yield note("public", *_WITHHELD, k=k)
        yield note("no_extremes", *_WITHHELD, k=NO_EXTREMES_BELOW)


def _hidden_parts(figures: Figures, cube: Cube, plan: FormPlan) -> Iterator[Note]:
    """What a report for the public leaves out of its sections, where there was something to leave out."""
    k, found = SMALLEST["public"], figures.discernment
    yield note("changes_hidden", "score.*")
    offers = bool(found.n_fraud and found.n_genuine and not cube.signal.empty)
    if offers and found.hit_rate_pre is None:
        yield note("discernment_hidden", "discernment.*")
    if not cube.answer.empty and not plan.open_forms and not figures.items:
        yield note("items_hidden", "items.*", "twins.*", "reliability.*", k=k)
    elif figures.items:
        yield note("options_hidden", "items.*", k=k)
        twins = cube.shift["item"] != cube.shift["item_post"]
        folds = [twin.n11 for twin in figures.twins] if twins.any() else []
        folds += [row.n11 for row in figures.items] if not twins.all() else []
        if None in folds or (twins.any() and not figures.twins):
            yield note("folds_hidden", "items.*", "twins.*", k=k)
    statements = cube.likert[["quiz_id", "item", "wave"]].drop_duplicates()
    if len(figures.likert) < len(statements):
        yield note("likert_hidden", k=k)

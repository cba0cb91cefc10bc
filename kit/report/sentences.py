"""Sentences under the headings of the later pages."""

from __future__ import annotations

from kit.report.disclosure import SMALLEST
from kit.report.figures import Figures
from kit.report.notes import arms_pull
from kit.report.numbers import number, points, share, whole
from kit.report.report import Report, note_text
from kit.report.wording import (
    change_sentence,
    compared_sentence,
    offer_sentences,
    per_hundred,
    say,
    verdict_key,
)

SECTIONS = ("flow", "change", "discernment", "items", "groups", "followup", "quality", "limits")

NOTES_OF = {
    "flow": (
        "partial_attempts", "short_attempts", "nobody_left", "few_left", "few_left_hidden", "no_pre",
        "many_left",
    ),
    "change": (
        "nobody_matched", "counts_only", "small_group", "nobody_changed", "all_changed_alike", "no_spread",
        "full_marks_before", "gain_unbounded", "all_dropped", "floor", "smallest_p", "tiny_p", "mixed_max",
        "changes_hidden",
    ),
    "discernment": (
        "no_offers", "no_genuine_offers", "no_fraud_offers", "discernment_few", "discernment_no_spread",
        "discernment_part", "rate_no_spread", "totals_only", "discernment_hidden",
    ),
    "items": (
        "items_few", "items_by_arm", "items_paired", "forms_unknown", "several_quizzes", "items_no_signal",
        "items_hidden", "folds_hidden",
    ),
    "groups": (
        "one_site", "two_sites", "two_sessions", "sites_no_spread", "sites_hidden", "few_sites",
        "site_alone", "sites_differ", "groups_brief", "group_details",
        "suppressed", "group_small", "comparison_small", "comparison_one_site",
    ),
    "followup": ("no_followup", "followup_few", "no_gain_to_keep", "retained_no_spread", "followup_hidden"),
    "quality": (
        "item_constant", "alpha_few", "arms_small", "arms_unequal", "one_form", "twins_few", "options_hidden",
        "likert_hidden", "forms_hidden",
    ),
    "limits": (
        "withheld_all", "rehearsal", "rescored", "rescored_few", "rescored_same", "quiz_versions",
        "no_comparison", "no_target", "public", "no_extremes", "withheld_alike", "releases_unknown",
    ),
}  # fmt: skip


def section_lines(report: Report, section: str, language: str) -> list[str]:
    """What a section says in sentences, its notes last."""
    lines = {
        "flow": _flow,
        "change": _change,
        "discernment": _discernment,
        "items": _nothing,
        "groups": _groups,
        "followup": _followup,
        "quality": _quality,
        "limits": _limits,
    }[section](report.figures, language)
    notes = [note for code in NOTES_OF[section] for note in report.figures.notes if note.code == code]
    return lines + [note_text(note, language) for note in notes]


def _nothing(figures: Figures, language: str) -> list[str]:
    return []


def _flow(figures: Figures, language: str) -> list[str]:
    flow, most, lines = figures.flow, figures.score.max, []
    if flow.leavers_ci is not None and flow.leavers_difference is not None:
        low, high = (points(per_hundred(x, most), language) for x in flow.leavers_ci)
        difference = points(per_hundred(flow.leavers_difference, most), language, signed=True)
        lines.append(say("sentences.leavers", language, difference=difference, low=low, high=high))
    if flow.gain_times_share is not None and flow.pairs_share is not None and flow.pairs_share < 1:
        value = points(per_hundred(flow.gain_times_share, most), language, signed=True)
        lines.append(say("sentences.times_share", language, points=value))
    return lines


def _change(figures: Figures, language: str) -> list[str]:
    score, lines = figures.score, [change_sentence(figures, language)]
    if score.mean_change is None:
        return lines
    counts = {name: getattr(score, f"n_{name}") for name in ("up", "same", "down")}
    if None not in counts.values():
        shown = {name: whole(n, language) for name, n in counts.items()}
        lines.append(say("sentences.up_same_down", language, **shown))
    lines += _p_sentences(figures, language)
    # With several sites the headline is a mean of sites; this is a share of the mean of people.
    if score.normalised_gain is not None and score.mean_change > 0 and (figures.pooled.k or 0) < 2:
        gain = share(score.normalised_gain, language)
        if score.normalised_gain_ci is None:
            lines.append(say("sentences.gain_open", language, gain=gain))
        else:
            low, high = (share(x, language) for x in score.normalised_gain_ci)
            lines.append(say("sentences.gain", language, gain=gain, low=low, high=high))
    n = round((score.ceiling_pre or 0.0) * (figures.flow.n_pairs or 0))
    if n >= _fewest(figures):
        lines.append(say("sentences.ceiling", language, n=whole(n, language)))
    if figures.unsure.pre is not None and figures.unsure.post is not None:
        pre, post = (number(100 * x, language, 0) for x in (figures.unsure.pre, figures.unsure.post))
        lines.append(say("sentences.unsure", language, pre=pre, post=post))
    return lines


def _fewest(figures: Figures) -> int:
    """The fewest people a sentence may count: one inside, ten in a report for the public."""
    return SMALLEST["public"] if figures.options.audience == "public" else 1


def _p_sentences(figures: Figures, language: str) -> list[str]:
    """How rare the change would be; not for several sites, whose people may resemble each other."""
    p = figures.score.p_signflip
    if p is None:
        return []
    if (figures.pooled.k or 0) >= 2:
        return [say("sentences.p_people", language)]
    if p < 0.001:
        return [say("sentences.p_small", language)]
    return [say("sentences.p_some", language, n=whole(1000 * p, language))]


def _discernment(figures: Figures, language: str) -> list[str]:
    code = verdict_key(figures)
    return [say(f"verdicts.{code}.text", language), *offer_sentences(figures, language)]


def _groups(figures: Figures, language: str) -> list[str]:
    pooled, most, lines = figures.pooled, figures.score.max, []
    unit = say(f"by.{pooled.unit or 'site'}", language)
    if pooled.estimate is not None and pooled.ci is not None:
        low, high = (points(per_hundred(x, most), language) for x in pooled.ci)
        mean = points(per_hundred(pooled.estimate, most), language, signed=True)
        lines.append(say("sentences.pooled", language, unit=unit, mean=mean, low=low, high=high, k=pooled.k))
    if pooled.prediction_interval is not None:
        low, high = (points(per_hundred(x, most), language) for x in pooled.prediction_interval)
        lines.append(say("sentences.prediction", language, unit=unit, low=low, high=high))
    compared = compared_sentence(figures, language)
    return [*lines, compared] if compared else lines


def _followup(figures: Figures, language: str) -> list[str]:
    found, most = figures.followup, figures.score.max
    if found.n is None or found.mean_pre is None or found.mean_post is None or found.mean_followup is None:
        return []
    n = whole(found.n, language)
    pre, post, later = (
        points(per_hundred(x, most), language) for x in (found.mean_pre, found.mean_post, found.mean_followup)
    )
    lines = [say("sentences.retained_open", language, n=n, pre=pre, post=post, followup=later)]
    if found.retained is not None and found.retained_ci is not None:
        low, high = (share(x, language) for x in found.retained_ci)
        kept = share(found.retained, language)
        key = "retained" if found.retained <= 1 else "retained_all"
        lines.append(say(f"sentences.{key}", language, share=kept, low=low, high=high))
    return lines


def _quality(figures: Figures, language: str) -> list[str]:
    lines = []
    pre, post = figures.reliability.pre, figures.reliability.post
    if pre.alpha is not None and post.alpha is not None:
        shown = []
        for found in (pre, post):
            low, high = (number(x, language, 2) for x in found.ci or (0.0, 0.0))
            interval = say("to", language, low=low, high=high)
            shown.append(f"{number(found.alpha or 0.0, language, 2)} ({interval})")
        lines.append(say("sentences.alpha", language, pre=shown[0], post=shown[1]))
    forms, most = figures.forms, figures.score.max
    if forms.difference is not None and forms.difference_ci is not None:
        low, high = (points(per_hundred(x, most), language) for x in forms.difference_ci)
        a, b, difference = (
            points(per_hundred(x, most), language, signed=True) for x in (*forms.change, forms.difference)
        )
        names = {"first": forms.arms[0], "second": forms.arms[1]}
        lines.append(
            say("sentences.forms", language, a=a, b=b, difference=difference, low=low, high=high, **names)
        )
    if forms.balanced_change is not None and arms_pull(figures):
        mean = points(per_hundred(forms.balanced_change, most), language, signed=True)
        lines.append(say("sentences.balanced", language, mean=mean))
    return lines


def _limits(figures: Figures, language: str) -> list[str]:
    audience = figures.options.audience
    return [say(f"sentences.{audience}", language, k=SMALLEST[audience])]

"""Groups: several people who answer together on one phone; counted apart, and never paired with persons."""

from __future__ import annotations

from typing import Any, Final

from kit.quiz.scoring import score_attempt
from kit.session.acts.view import SessionView
from kit.session.store.attempts import submitted_waves
from kit.session.store.participants import session_groups
from kit.session.store.responses import responses_of
from kit.session.store.transaction import Reading
from kit.study.choice import read_choice
from kit.study.sighting import SHOWN_FROM
from kit.study.wave import POLL, WAVES, form_of

MOST_TOGETHER: Final = 60


def group_counts(tx: Reading, view: SessionView) -> dict[str, Any]:
    """`{phones, people, finished: {wave: phones}, splits: {item_id: {option_id: phones}}}` of a session."""
    groups = session_groups(tx, view.session_id)
    ids = [group["participant_id"] for group in groups]
    submitted = submitted_waves(tx, ids) if ids else {}
    splits: dict[str, dict[str, int]] = {}
    for rows in (responses_of(tx, ids, [POLL]) if ids else {}).values():
        for row in rows:
            split = splits.setdefault(row["item_id"], {})
            for option_id in read_choice(row["choice"]):
                split[option_id] = split.get(option_id, 0) + 1
    return {
        "phones": len(groups),
        "people": sum(group["people"] for group in groups),
        "finished": {wave: sum(wave in done for done in submitted.values()) for wave in WAVES},
        "splits": splits,
    }


def group_shares(tx: Reading, view: SessionView) -> dict[str, Any]:
    """What a bundle tells of groups: how many, and for each wave the mean share right of those that count.

    A share is told from five groups on: fewer could be recognised in it.
    """
    groups = session_groups(tx, view.session_id)
    if not groups:
        return {}
    found = responses_of(tx, [group["participant_id"] for group in groups], WAVES)
    told: dict[str, Any] = {"phones": len(groups), "people": sum(group["people"] for group in groups)}
    for wave in WAVES:
        shares, people = [], 0
        for group in groups:
            rows = [row for row in found[group["participant_id"]] if row["wave"] == wave]
            answers = {row["item_id"]: frozenset(read_choice(row["choice"])) for row in rows}
            score = score_attempt(view.quiz(group["quiz_id"]), form_of(group["arm"], wave), answers)
            if score.counts:
                shares.append(score.score / score.max)
                people += group["people"]
        told[wave] = {"phones": len(shares), "people": people}
        if len(shares) >= SHOWN_FROM:
            told[wave]["share"] = sum(shares) / len(shares)
    return told

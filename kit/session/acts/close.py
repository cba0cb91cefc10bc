"""What a closed session leaves: the values its bundle is written from."""

from __future__ import annotations

from typing import Final

from kit.bundle import layout
from kit.bundle.write import ClosedSession
from kit.session.acts.groups import group_shares
from kit.session.acts.hands import hands_beside_phones
from kit.session.acts.returning import returned_people
from kit.session.acts.sight import sighting_counts
from kit.session.acts.view import SessionView
from kit.session.store.attempts import finished_by_wave, session_attempts
from kit.session.store.participants import joined_by_audience, session_participants, set_aside_of
from kit.session.store.responses import session_responses
from kit.session.store.transaction import Reading
from kit.study.place import PLACE_FIELDS, Site

_COPIED: Final = ("code", "event", "held_on", "target", "opened_at", "closed_at", "notes", "followup_days")
_CONSENT: Final = ("minors_consent_by", "minors_consent_on", "minors_consent_document")


def bundle_name(view: SessionView) -> str:
    """What the bundle of a session is called."""
    return layout.bundle_name(view.row["held_on"], view.row["site_name"], view.row["code"])


def site_of(view: SessionView) -> Site:
    """The place of a session."""
    return Site(view.row["site_id"], *(view.row[f"site_{name}"] for name in PLACE_FIELDS))


def closed_session(tx: Reading, view: SessionView) -> ClosedSession:
    """All that a bundle says of a session and its people."""
    row, session_id = view.row, view.session_id
    attempts = session_attempts(tx, session_id)
    return ClosedSession(
        details={
            **{name: row[name] for name in _COPIED},
            "rehearsal": bool(row["rehearsal"]),
            "minors_consent": bool(row["minors_consent"]),
            **{name: row[name] for name in _CONSENT if row["minors_consent"]},
        },
        title=view.title.to_dict(),
        site=site_of(view),
        quizzes=view.quizzes,
        people=session_participants(tx, session_id),
        responses=session_responses(tx, session_id),
        submitted=frozenset((attempt["participant_id"], attempt["wave"]) for attempt in attempts),
        joined=joined_by_audience(tx, [session_id])[session_id],
        finished=finished_by_wave(tx, [session_id])[session_id],
        set_aside=set_aside_of(tx, [session_id]).get(session_id, 0),
        sightings=sighting_counts(tx, session_id),
        returning=returned_people(tx, view),
        hands=hands_beside_phones(tx, view),
        groups=group_shares(tx, view),
    )

"""The tables of the store. Times are UTC ISO 8601 text, choices are option ids joined by `+`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

site = Table(
    "site",
    metadata,
    Column("site_id", String(32), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("district", String(200), nullable=False, server_default=""),
    Column("city", String(200), nullable=False, server_default=""),
    Column("province", String(200), nullable=False, server_default=""),
    UniqueConstraint("name", "district", "city", "province"),
)

session = Table(
    "session",
    metadata,
    Column("session_id", String(32), primary_key=True),
    Column("code", String(12), nullable=False, unique=True),
    Column("event", String(200), nullable=False, server_default=""),
    Column("site_id", ForeignKey("site.site_id"), nullable=False),
    Column("held_on", String(10), nullable=False),
    Column("minors_consent", Boolean, nullable=False),
    # Who consented for minors, when, by which document.
    Column("minors_consent_by", String(200), nullable=False, server_default=""),
    Column("minors_consent_on", String(10), nullable=False, server_default=""),
    Column("minors_consent_document", String(200), nullable=False, server_default=""),
    Column("rehearsal", Boolean, nullable=False),
    Column("target", Float),
    Column("followup_days", Integer, nullable=False),
    Column("stage", String(60), nullable=False),
    Column("version", Integer, nullable=False),
    # Secret of this session: the blocks of the randomisation are drawn from it.
    Column("seed", String(64), nullable=False),
    # Nobody new comes in any more; how many the officer counted in the hall.
    Column("door_closed", Boolean, nullable=False, server_default=false()),
    Column("expected", Integer),
    Column("notes", Text, nullable=False, server_default=""),
    Column("opened_at", String(32), nullable=False),
    Column("closed_at", String(32)),
    # Windows are counted from here: opening once more and closing again prolongs nothing.
    Column("first_closed_at", String(32)),
    Column("bundle", String(300)),
    # The notebook it was opened from: a mixed hall goes on in that one.
    Column("notebook", String(200), nullable=False, server_default=""),
    # Retention: people are deleted at the second look that finds them due, at least a day after the first.
    Column("due_noted_at", String(32)),
    Column("purged_at", String(32)),
    Column("questions_open", Boolean, nullable=False, server_default=false()),
    # Whether the site had a session before: then people may know a code of an earlier one.
    Column("visited_before", Boolean, nullable=False, server_default=false()),
    # Whether its people may hold codes of an earlier kit, a word and four digits without a check letter.
    Column("short_codes", Boolean, nullable=False, server_default=false()),
)

# One row: what the clock said at the last look, and when and why it was last doubted.
sight = Table(
    "sight",
    metadata,
    Column("sight_id", Integer, primary_key=True, autoincrement=False),
    Column("seen_at", String(32), nullable=False),
    Column("doubted_at", String(32)),
    Column("doubt", String(10)),
)

# Deletions whose rows are gone and whose files may still be there; `told` is for the receipt.
deletion = Table(
    "deletion",
    metadata,
    Column("deletion_id", String(80), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("code", String(12), nullable=False),
    Column("begun_at", String(32), nullable=False),
    Column("told", Text, nullable=False, server_default=""),
)

# Requests of facilitators that carried a key, for a day: sent once more they are the same act.
request = Table(
    "request",
    metadata,
    Column("request_id", String(64), primary_key=True),
    Column("act", String(20), nullable=False),
    Column("code", String(12), nullable=False),
    Column("done_at", String(32), nullable=False),
)

session_quiz = Table(
    "session_quiz",
    metadata,
    Column("session_id", ForeignKey("session.session_id", ondelete="CASCADE"), primary_key=True),
    Column("quiz_id", String(40), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("quiz", Text, nullable=False),
)

participant = Table(
    "participant",
    metadata,
    Column("participant_id", String(32), primary_key=True),
    Column("session_id", ForeignKey("session.session_id", ondelete="CASCADE"), nullable=False),
    Column("quiz_id", String(40), nullable=False),
    Column("audience", String(20), nullable=False),
    Column("arm", String(2), nullable=False),
    Column("language", String(2), nullable=False),
    # Keyed, and the key lies outside of the store.
    Column("code_hash", String(20), nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    # Of the phone that was here before somebody came back with the code: it is told, and may stay.
    Column("earlier_token_hash", String(64)),
    # Who this was at an earlier session of the site; empty for a code from there that nobody has any more.
    Column("returning_of", String(32)),
    Column("joined_stage", String(60), nullable=False),
    Column("joined_at", String(32), nullable=False),
    # The number of the burst, within the session, that this person came in; the address is not kept.
    Column("burst", Integer),
    # Out of every figure, by the officer's decision.
    Column("set_aside", Boolean, nullable=False, server_default=false()),
    # The version of the text that was consented to.
    Column("consent_text", String(20), nullable=False, server_default=""),
    # How this person came in: by phone, by a sheet of paper that was read, or as a group with one phone.
    Column("origin", String(10), nullable=False, server_default="phone"),
    # How many answer together on one phone: more than one are a group, and in no count of persons.
    Column("people", Integer, nullable=False, server_default="1"),
    UniqueConstraint("session_id", "code_hash", name="uq_participant_session_id_personal_code"),
    Index(None, "session_id", "audience"),
    Index(None, "earlier_token_hash"),
)

attempt = Table(
    "attempt",
    metadata,
    Column("participant_id", ForeignKey("participant.participant_id", ondelete="CASCADE"), primary_key=True),
    Column("wave", String(10), primary_key=True),
    Column("form", String(2), nullable=False),
    Column("submitted_at", String(32), nullable=False),
)

response = Table(
    "response",
    metadata,
    Column("participant_id", ForeignKey("participant.participant_id", ondelete="CASCADE"), primary_key=True),
    Column("wave", String(10), primary_key=True),
    Column("item_id", String(40), primary_key=True),
    Column("choice", String(400), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("answered_at", String(32), nullable=False),
)

# A question belongs to a person for two reasons only: its limit, and to go when that person's rows go.
question = Table(
    "question",
    metadata,
    Column("question_id", String(32), primary_key=True),
    Column("participant_id", ForeignKey("participant.participant_id", ondelete="CASCADE"), nullable=False),
    Column("text", String(600), nullable=False),
    Column("state", String(10), nullable=False),
    Column("asked_at", String(32), nullable=False),
    Index(None, "participant_id"),
)


def _heard_of() -> tuple[Column[Any], ...]:
    """An offer that somebody has heard of, in words of closed lists; `signs` are joined by `+`."""
    lists = (
        Column(name, String(20), nullable=False)
        for name in ("kind", "channel", "country", "promise", "heard")
    )
    return *lists, Column("signs", String(200), nullable=False)


sighting = Table(
    "sighting",
    metadata,
    Column("sighting_id", String(32), primary_key=True),
    Column("participant_id", ForeignKey("participant.participant_id", ondelete="CASCADE"), nullable=False),
    *_heard_of(),
    Index(None, "participant_id"),
)

# The same on a sheet of paper, which belongs to nobody: its id is the hash of the number printed on it. What
# was left blank is empty.
sighting_sheet = Table(
    "sighting_sheet",
    metadata,
    Column("sighting_id", String(32), primary_key=True),
    Column("session_id", ForeignKey("session.session_id", ondelete="CASCADE"), nullable=False),
    *_heard_of(),
    Index(None, "session_id"),
)

# People for whom sheets were printed; one of them becomes a participant when a sheet is read.
packet = Table(
    "packet",
    metadata,
    Column("participant_id", String(32), primary_key=True),
    Column("session_id", ForeignKey("session.session_id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("quiz_id", String(40), nullable=False),
    Column("audience", String(20), nullable=False),
    Column("arm", String(2), nullable=False),
    Column("code_hash", String(20), nullable=False),
    UniqueConstraint("session_id", "code_hash"),
)

# One row for each person and wave that came on paper; `reading` is what the sheet first said, as JSON.
sheet = Table(
    "sheet",
    metadata,
    Column("sheet_id", String(32), primary_key=True),
    Column("session_id", ForeignKey("session.session_id", ondelete="CASCADE"), nullable=False),
    Column("participant_id", ForeignKey("participant.participant_id", ondelete="CASCADE"), nullable=False),
    Column("wave", String(10), nullable=False),
    Column("status", String(10), nullable=False),
    Column("reason", String(40), nullable=False, server_default=""),
    Column("reading", Text, nullable=False),
    Column("decided", Boolean, nullable=False),
    Column("read_at", String(32), nullable=False),
    Index(None, "session_id"),
    Index(None, "participant_id"),
)

# Hands that were raised for an option of a poll, as the officer counted them.
hand = Table(
    "hand",
    metadata,
    Column("session_id", ForeignKey("session.session_id", ondelete="CASCADE"), primary_key=True),
    Column("item_id", String(40), primary_key=True),
    Column("option_id", String(40), primary_key=True),
    Column("people", Integer, nullable=False),
)

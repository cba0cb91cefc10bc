"""Taking part: joining a session, coming back to it, and being known by a token."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kit.errors import BadRequest, Conflict, KitError, NotAllowed, NotFound
from kit.session.acts import codes
from kit.session.acts.door import check_door
from kit.session.acts.each import answer_each
from kit.session.acts.returning import returning_of
from kit.session.acts.view import SessionView, view_session, view_sessions
from kit.session.store import clock
from kit.session.store.participants import (
    GROUP,
    PAPER,
    PHONE,
    add_participant,
    count_participants,
    earlier_holders,
    lock_joining,
    participant_with_code,
    plain_codes,
    replace_code,
    replace_token,
    token_hashes,
    token_holders,
)
from kit.session.store.sessions import find_sessions, note_short_codes
from kit.session.store.sheets import packet_with_code
from kit.session.store.transaction import Reading, StoredRow, Writing
from kit.study.stage import LOBBY, shows_key
from kit.text import LANGUAGES

# A code that is taken is drawn anew; of a hundred million, hardly ever twice.
MOST_DRAWN: Final = 10


@dataclass(frozen=True, slots=True)
class Join:
    """A person who wants to take part."""

    code: str
    audience: str
    consent: bool
    language: str
    # Made by the phone: asking again with the same number gives the same participant.
    request_id: str = ""
    # The version of the text that the consent was given to.
    consent_text: str = ""
    # The personal code of an earlier session at the same site, as it was typed.
    earlier_code: str = ""
    # How many answer together on this phone.
    people: int = 1


@dataclass(frozen=True, slots=True)
class Joined:
    """What a person gets at joining: the token is given once and kept only as a hash.

    `returning` says of a person who gave an earlier code whether it is `known` or `lost`.
    """

    participant_id: str
    token: str
    personal_code: str
    returning: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """A participant known by a token."""

    participant_id: str
    session_id: str
    code: str
    quiz_id: str
    audience: str
    arm: str
    language: str
    token_hash: str


def join(tx: Writing, request: Join) -> Joined:
    """Admit a person to a session. Raises NotFound, BadRequest or Conflict."""
    return _admit(tx, view_session(tx, request.code), request)


def join_all(tx: Writing, requests: Sequence[Join]) -> list[Joined | KitError]:
    """Admit each of many, or say why not."""
    views = view_sessions(tx, {request.code for request in requests})
    return answer_each(lambda request: _admit(tx, views[request.code], request), requests)


def _admit(tx: Writing, view: SessionView, request: Join) -> Joined:
    quiz = view.quiz_for(request.audience)
    if not request.consent:
        raise BadRequest("consent_needed")
    if request.language not in LANGUAGES:
        raise BadRequest("language_unknown", language=request.language)
    if shows_key(view.stage):
        raise Conflict("session_over", code=request.code)
    lock_joining(tx, view.session_id)
    token = codes.token_for(request.request_id, view.row["seed"])
    token_hash = codes.hash_token(token)
    again = token_holders(tx, [token_hash]).get(token_hash)
    if again is not None:
        # The phone asks once more: the first answer was lost on its way.
        code = _code_again(tx, view, request, again["code_hash"])
        return Joined(again["participant_id"], token, code, _returning(again["returning_of"]))
    check_door(view)
    position = count_participants(tx, view.session_id, request.audience)
    arm = codes.arm_of(view.row["seed"], request.audience, position)
    alone = request.people == 1
    known_as = returning_of(tx, view, request.earlier_code) if request.earlier_code and alone else None
    code = _free_personal_code(tx, view, request)
    joined = Joined(codes.new_id(), token, code, _returning(known_as))
    add_participant(
        tx,
        {
            "participant_id": joined.participant_id,
            "session_id": view.session_id,
            "quiz_id": quiz.quiz_id,
            "audience": request.audience,
            "arm": arm if quiz.design == "counterbalanced" else "AA",
            "language": request.language,
            "code_hash": _hashed(tx, view, joined.personal_code),
            "token_hash": token_hash,
            "returning_of": known_as,
            "joined_stage": view.stage,
            "joined_at": clock.now(),
            "consent_text": request.consent_text,
            "people": request.people,
            "origin": PHONE if alone else GROUP,
        },
    )
    return joined


def _hashed(tx: Reading, view: SessionView, personal_code: str) -> str:
    return codes.hash_personal_code(tx.code_key, view.session_id, personal_code)


def _returning(known_as: str | None) -> str:
    if known_as is None:
        return ""
    return "known" if known_as else "lost"


def _personal_codes(view: SessionView, request: Join) -> Iterator[str]:
    for attempt in itertools.count():
        yield codes.personal_code_for(request.request_id, view.row["seed"], attempt)


def _free_personal_code(tx: Writing, view: SessionView, request: Join) -> str:
    drawn = _personal_codes(view, request)
    return next(one for one in drawn if code_is_free(tx, view.session_id, _hashed(tx, view, one)))


def code_is_free(tx: Reading, session_id: str, code_hash: str) -> bool:
    """Whether nobody has a personal code, neither on a phone nor on a printed sheet."""
    taken = participant_with_code(tx, session_id, code_hash) or packet_with_code(tx, session_id, code_hash)
    return taken is None


def _code_again(tx: Writing, view: SessionView, request: Join, code_hash: str) -> str:
    """The code that a phone was given before; one of an earlier kit cannot be told any more."""
    drawn = itertools.islice(_personal_codes(view, request), MOST_DRAWN)
    return next((one for one in drawn if _hashed(tx, view, one) == code_hash), "")


def hash_plain_codes(tx: Writing, _request: object) -> int:
    """Keep only the hashes of codes that an earlier kit has stored in plain; how many there were."""
    found = plain_codes(tx)
    for row in found:
        hashed = codes.hash_personal_code(tx.code_key, row["session_id"], row["code_hash"])
        replace_code(tx, row["participant_id"], hashed)
    note_short_codes(tx, {row["session_id"] for row in found})
    return len(found)


def resume(tx: Writing, request: tuple[str, str]) -> Joined:
    """Give the person with a personal code `(code, personal_code)` a new token. Raises NotFound."""
    code, typed = request
    view = view_session(tx, code)
    personal_code = codes.normalise_personal_code(typed)
    row = person_with_code(tx, view, personal_code)
    if row is None:
        raise NotFound("unknown_personal_code")
    joined = Joined(row["participant_id"], codes.new_token(), personal_code)
    # The first phone stays the one that may object, also when somebody comes in twice.
    earlier = row["earlier_token_hash"] or row["token_hash"]
    replace_token(tx, joined.participant_id, codes.hash_token(joined.token), earlier)
    return joined


def person_with_code(tx: Writing, view: SessionView, personal_code: str) -> StoredRow | None:
    """The participant with a normalised code; whom a packet was printed for joins by this."""
    code_hash = _hashed(tx, view, personal_code)
    row = participant_with_code(tx, view.session_id, code_hash)
    if row is not None:
        return row
    reserved = packet_with_code(tx, view.session_id, code_hash)
    if reserved is None:
        return None
    same = ("participant_id", "session_id", "quiz_id", "audience", "arm", "code_hash")
    add_participant(
        tx,
        {
            **{name: reserved[name] for name in same},
            "language": LANGUAGES[0],
            "token_hash": codes.hash_token(codes.new_token()),
            # The packet was there from the start: whether a wave was missed, its sheets say.
            "joined_stage": LOBBY,
            "joined_at": clock.now(),
            "origin": PAPER,
        },
    )
    return participant_with_code(tx, view.session_id, code_hash)


def stay(tx: Writing, request: tuple[str, str]) -> str:
    """Let the phone with the earlier `(code, token)` go on; the newer one is told. Raises NotAllowed."""
    code, token = request
    token_hash = codes.hash_token(token)
    row = earlier_holders(tx, [token_hash]).get(token_hash)
    if row is None:
        return identify(tx, code, token).participant_id
    if row["session_id"] != view_session(tx, code).session_id:
        raise NotAllowed("stale_token")
    replace_token(tx, row["participant_id"], token_hash, row["token_hash"])
    return str(row["participant_id"])


def identify(tx: Reading, code: str, token: str) -> Identity:
    """The participant of a session who holds a token. Raises NotAllowed."""
    (who,) = identify_all(tx, [(code, token)])
    if isinstance(who, KitError):
        raise who
    return who


def identify_all(tx: Reading, requests: Sequence[tuple[str, str]]) -> list[Identity | KitError]:
    """The participant that each `(code, token)` belongs to, or why it belongs to nobody."""
    hashes = [codes.hash_token(token) for _, token in requests]
    holders = token_holders(tx, hashes)
    sessions = find_sessions(tx, {code for code, _ in requests})
    strangers = [token_hash for token_hash in hashes if token_hash not in holders]
    earlier = earlier_holders(tx, strangers) if strangers else {}

    def known(asked: tuple[tuple[str, str], str]) -> Identity:
        (code, _), token_hash = asked
        if token_hash in earlier:
            raise NotAllowed("code_elsewhere")
        return _identity(code, sessions.get(code), holders.get(token_hash))

    return answer_each(known, zip(requests, hashes, strict=True))


def _identity(code: str, session: StoredRow | None, holder: StoredRow | None) -> Identity:
    if holder is None or session is None or holder["session_id"] != session["session_id"]:
        raise NotAllowed("stale_token")
    same = {name: holder[name] for name in Identity.__slots__ if name in holder}
    return Identity(code=code, **same)


def valid_tokens(tx: Reading, people: Sequence[Identity]) -> dict[str, tuple[str, str | None]]:
    """The token hash that is valid now of each of some people, and an earlier phone's, for `check_token`."""
    return token_hashes(tx, list({who.participant_id for who in people}))


def check_token(valid: Mapping[str, tuple[str, str | None]], who: Identity) -> None:
    """Refuse a token that another phone has replaced since. Raises NotAllowed."""
    now, earlier = valid.get(who.participant_id, ("", None))
    if now != who.token_hash:
        raise NotAllowed("code_elsewhere" if earlier == who.token_hash else "stale_token")

"""Deletions from their first row to their last byte.

The rows go in the transaction that notes the deletion; the note goes when files, backups and the store's own
bytes are clean. A held file, a full disk or a killed service in between leaves the note, and the deletion is
taken up at the next start, at the next look, and by asking again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from kit.session.acts.attend import Identity, check_token, valid_tokens
from kit.session.acts.view import view_session
from kit.session.store import clock
from kit.session.store.deletions import add_deletion, all_deletions, find_deletion, remove_deletions
from kit.session.store.participants import remove_person
from kit.session.store.sessions import remove_session
from kit.session.store.transaction import Reading, StoredRow, Writing

SESSION: Final = "session"
PEOPLE: Final = "people"
PERSON: Final = "person"


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A deletion whose rows are gone. `told` is what its receipt will say of them."""

    deletion_id: str
    kind: str
    code: str
    begun_at: str
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def participant_id(self) -> str:
        """Whose rows a bundle must lose; only of a deletion of one person."""
        return self.deletion_id.partition(":")[2]


def begin_session(tx: Writing, code: str) -> Unfinished:
    """Remove a session's rows and note it; one that was begun before is taken up. Raises NotFound."""
    begun = find_deletion(tx, code)
    if begun is not None:
        return _read(begun)
    view = view_session(tx, code)
    told = {"site": view.row["site_name"], "held_on": view.row["held_on"]}
    told["rows"] = remove_session(tx, view.session_id)
    return note_deletion(tx, SESSION, code, told)


def begin_person(tx: Writing, who: Identity) -> None:
    """Remove one person's rows and note it. Raises NotAllowed."""
    check_token(valid_tokens(tx, [who]), who)
    remove_person(tx, who.participant_id)
    note_deletion(tx, PERSON, who.code, participant_id=who.participant_id)


def note_deletion(
    tx: Writing, kind: str, code: str, told: dict[str, Any] | None = None, participant_id: str = ""
) -> Unfinished:
    """Note a deletion in the transaction that removes its rows."""
    names = {SESSION: code, PEOPLE: f"{code}:", PERSON: f"{code}:{participant_id}"}
    begun = Unfinished(names[kind], kind, code, clock.now(), told or {})
    put_back(tx, begun)
    return begun


def put_back(tx: Writing, begun: Unfinished) -> None:
    """Note a deletion; noted already, it stays as it is."""
    row = {name: getattr(begun, name) for name in ("deletion_id", "kind", "code", "begun_at")}
    add_deletion(tx, {**row, "told": json.dumps(begun.told)})


def unfinished(tx: Reading) -> list[Unfinished]:
    """All deletions that are not finished, oldest first."""
    return [_read(row) for row in all_deletions(tx)]


def finish(tx: Writing, deletion_ids: Sequence[str]) -> None:
    """Note that nothing is left of what these deleted."""
    remove_deletions(tx, deletion_ids)


def _read(row: StoredRow) -> Unfinished:
    return Unfinished(
        row["deletion_id"], row["kind"], row["code"], row["begun_at"], json.loads(row["told"] or "{}")
    )

"""What the kit refuses, and how it says so.

KitError
├─ BadQuiz            a quiz file has faults (all of them listed)
├─ BadRequest         422  the input is malformed or names something that does not exist in it
├─ NotAllowed         401  no, a wrong or an outdated token
├─ Forbidden          403  known, but not from here
├─ NotFound           404  no such session, participant or source
├─ Conflict           409  right request, wrong moment (closed wave, impossible move)
├─ TooLarge           413  the body is larger than 64 KiB
├─ TooSlow            408  the body did not arrive in time
├─ TooMany            429  guessing is slowed down
├─ Unavailable        503  the store cannot take it now; nothing was kept, try again
└─ BadSource               a file to report on cannot be read as what it should be
"""

from __future__ import annotations

from kit.text import message


class KitError(Exception):
    """Say what is wrong and what to do, in the reader's language.

    `key` names an entry `{title, remedy}` in `kit/locale/<language>/errors.yaml`; `values` fill its places.
    """

    status = 500

    def __init__(self, key: str, /, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(key)

    def title(self, language: str = "id") -> str:
        """One sentence: what is wrong."""
        return message(f"errors.{self.key}.title", language, **self.values)

    def remedy(self, language: str = "id") -> str:
        """One sentence: what to do now."""
        return message(f"errors.{self.key}.remedy", language, **self.values)

    def render(self, language: str = "id") -> str:
        """Both sentences."""
        return f"{self.title(language)} {self.remedy(language)}".strip()

    def __str__(self) -> str:
        return self.render("en")


class BadQuiz(KitError):
    """A quiz file has faults."""

    status = 422


class BadRequest(KitError):
    """The input is malformed."""

    status = 422


class NotAllowed(KitError):
    """No right to do this."""

    status = 401


class Forbidden(KitError):
    """Not from here."""

    status = 403


class NotFound(KitError):
    """No such thing."""

    status = 404


class Conflict(KitError):
    """Right request, wrong moment."""

    status = 409


class TooLarge(KitError):
    """More was sent than is taken."""

    status = 413


class TooSlow(KitError):
    """What was sent did not arrive in time."""

    status = 408


class TooMany(KitError):
    """Guessing is slowed down."""

    status = 429


class Unavailable(KitError):
    """The store cannot take it now."""

    status = 503


class BadSource(KitError):
    """A source of a report cannot be read."""

    status = 422

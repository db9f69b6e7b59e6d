"""PURE. What a use-case may refuse. The status tells them apart: 404 not yours, 403 not your role, 409 not now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from helpdesk.common.messages import Message, gettext_noop


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field of an input; `field` is a path such as `invoices.2.number`."""

    field: str
    code: str
    message: Message


class DomainError(Exception):
    """A refusal with a stable code and a text for people."""

    status = 409
    code = "conflict"
    retry_after = 0  # seconds; 0: asking again later is not what helps
    url = ""  # of the page where what is missing can be made good
    text = gettext_noop("This can't be done now.")

    def __init__(self, message: Message | None = None, *, code: str = "", errors: Iterable[FieldError] = ()) -> None:
        self.message = message or Message(self.text)
        self.code = code or type(self).code
        self.errors = tuple(errors)
        super().__init__(str(self.message))


class Invalid(DomainError):
    """The input is wrong; `errors` names the fields."""

    status = 400
    code = "invalid"
    text = gettext_noop("Some fields need a correction.")


class Forbidden(DomainError):
    """A colleague without the permission; `permission` is the one that is missing."""

    status = 403
    code = "forbidden"
    text = gettext_noop("Your role doesn't allow this.")

    def __init__(self, message: Message | None = None, *, permission: str = "", code: str = "") -> None:
        super().__init__(message, code=code)
        self.permission = permission


class Missing(DomainError):
    """Not there, or not yours: a stranger can't tell which."""

    status = 404
    code = "not_found"
    text = gettext_noop("There is nothing here, or you may not see it.")


class NotNow(DomainError):
    """The right person at the wrong moment."""

    code = "wrong_state"


class LostRace(DomainError):
    """Somebody else changed the row between reading and writing."""

    code = "lost_race"
    text = gettext_noop("Somebody else changed this at the same moment. Please look again.")


class Stale(DomainError):
    """The caller's version is older than the row's."""

    status = 412
    code = "stale"
    text = gettext_noop("This has changed since you opened it. Please compare and save again.")


class VersionRequired(DomainError):
    """An update without If-Match."""

    status = 428
    code = "version_required"
    text = gettext_noop("Send the ETag you read as If-Match.")


class TooLarge(DomainError):
    """A body or a file past its limit."""

    status = 413
    code = "too_large"
    text = gettext_noop("This is larger than we accept.")


class Unavailable(DomainError):
    """A part we depend on is down; try again later."""

    status = 503
    code = "unavailable"
    retry_after = 5  # seconds
    text = gettext_noop(
        "This part of the service is down for the moment. Nothing was saved; please send it again soon."
    )

"""What the frame of a page asks."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import User
from tickets.models import Ticket
from tickets.notifications.models import Notification


def unread_count(user: User) -> int:
    """Unread notifications in the service, counted once per instance: the frame asks after the page has."""
    known: int | None = getattr(user, "_unread", None)
    return count_unread(user) if known is None else known


def count_unread(user: User) -> int:
    """The same, counted now."""
    user._unread = int(Notification.objects.visible_to(user).unread().count())  # type: ignore[attr-defined]
    return user._unread  # type: ignore[attr-defined,no-any-return]


def unread_tickets(user: User, tickets: Iterable[Ticket]) -> set[int]:
    """Ids of those `tickets` about which the person has something unread; no query when nothing is unread at all."""
    if not unread_count(user):
        return set()
    rows = Notification.objects.visible_to(user).unread().filter(event__ticket__in=[t.pk for t in tickets])
    return set(rows.values_list("event__ticket", flat=True))

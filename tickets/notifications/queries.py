"""What the frame of a page asks."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.cache import cache

from accounts.models import User
from tickets.models import Ticket
from tickets.notifications.models import Notification

KEEP = 10  # seconds


def unread_count(user: User) -> int:
    """Unread notifications in the service: on every page, so it is kept for seconds, as long as nothing new comes."""
    known: int | None = getattr(user, "_unread", None)
    if known is None:
        known = cache.get(_key(user.pk))
    if known is None:
        known = int(Notification.objects.visible_to(user).unread().count())
        cache.set(_key(user.pk), known, KEEP)
    user._unread = known  # type: ignore[attr-defined]
    return known


def renew_unread(user_id: int) -> None:
    """What was counted before is no longer true."""
    cache.delete(_key(user_id))


def _key(user_id: int) -> str:
    return f"unread:{user_id}"


def unread_tickets(user: User, tickets: Iterable[Ticket]) -> set[int]:
    """Ids of those `tickets` about which the person has something unread; no query when nothing is unread at all."""
    if not unread_count(user):
        return set()
    rows = Notification.objects.visible_to(user).unread().filter(event__ticket__in=[t.pk for t in tickets])
    return set(rows.values_list("event__ticket", flat=True))

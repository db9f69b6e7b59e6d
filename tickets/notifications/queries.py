"""What the frame of a page asks."""

from __future__ import annotations

from accounts.models import User
from tickets.notifications.models import Notification


def unread_count(user: User) -> int:
    """Unread notifications in the service."""
    return int(Notification.objects.visible_to(user).unread().count())
